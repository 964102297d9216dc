"""The probability that an opportunity is won, and by when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_numbers, check_rows
from nbo.errors import InputError
from nbo.models import ChurnModel, PropensityModel
from nbo.models.periods import Periods
from nbo.models.storage import read_bundle, write_bundle
from nbo.prospects.feature_columns import features_of
from nbo.times import check_duration

__all__ = ["OpportunityModel"]

# The period in which an opportunity closes, as a column of the model of wins.
_CLOSES_IN = "closes_in_period"
_KIND = "OpportunityModel"


class OpportunityModel(BaseEstimator):
    """Predict whether an opportunity is won, lost or still open, by any of many horizons.

    Winning and losing compete: what is lost can't be won any more. The model has two parts, both boosted and
    calibrated: the hazard of closing in each period ahead [1]_, and the probability that what closes in that period
    is won. The probability of a win by a horizon is the sum, over the periods up to it, of the probability to
    be open until then, to close then, and to close as a win. What is still open at the end of the data is
    censored: it counts as far as it was watched, not as lost. That the data end must tell nothing of how an
    opportunity goes on beyond what `X` says (independent censoring).

    Parameters
    ----------
    horizon : str or timedelta, default="180D"
        How far :meth:`predict_proba` looks, and the longest horizon that the model knows.
    period : str or timedelta, default="30D"
        Length of a period.
    n_estimators : int, default=200
        Most trees of each part.
    learning_rate : float, default=0.05
        Share of each tree that is taken, in (0, 1].
    num_leaves : int, default=8
        Most leaves of a tree.
    min_child_samples : int, default=20
        Fewest rows in a leaf.
    linear_share : float, default=0.5
        Share of a logistic regression that the trees start from, in [0, 1].
    calibration_share : float, default=0.2
        Share of the latest rows held out for early stopping and calibration, in [0, 1).
    n_jobs : int, default=1
        Threads.
    random_state : int, RandomState or None, default=0
        Seed of a random holdout.

    Attributes
    ----------
    closing_ : ChurnModel
        When it closes: the same hazard model as of customers who leave.
    winning_ : PropensityModel
        Whether it is won, if it closes in a period; the number of periods stands for all later ones.

    References
    ----------
    .. [1] Tutz, G. and Schmid, M. (2016). Modeling discrete time-to-event data. Springer. Chapter 8 on
       competing risks.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> stage = rng.choice(["lead", "offer"], 4000)
    >>> won = (rng.random(4000) < np.where(stage == "offer", 0.6, 0.2)).astype(float)
    >>> days = rng.exponential(40, 4000)
    >>> won[days > 120], days[days > 120] = np.nan, 120        # the data end, and these are open
    >>> X = pd.DataFrame({"stage": stage, "won": won, "duration": pd.to_timedelta(days, unit="D")})
    >>> model = OpportunityModel(horizon="90D", n_estimators=40, min_child_samples=200).fit(X)
    >>> model.predict_horizons(pd.DataFrame({"stage": ["lead", "offer"]}), ["30D", "90D"]).round(1)
    array([[0.1, 0.2],
           [0.3, 0.5]])
    """

    def __init__(
        self,
        horizon: Any = "180D",
        period: Any = "30D",
        n_estimators: int = 200,
        learning_rate: float = 0.05,
        num_leaves: int = 8,
        min_child_samples: int = 20,
        linear_share: float = 0.5,
        calibration_share: float = 0.2,
        n_jobs: int = 1,
        random_state: Any = 0,
    ) -> None:
        self.horizon = horizon
        self.period = period
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.min_child_samples = min_child_samples
        self.linear_share = linear_share
        self.calibration_share = calibration_share
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: Any, won: Any = None, duration: Any = None, time: Any = None, groups: Any = None) -> Self:
        """Learn what is won, and when.

        Parameters
        ----------
        X : DataFrame of shape (n, p)
            Opportunities as they stood at `as_of`, such as :func:`opportunity_rows` gives them. An opportunity may
            be in many rows. Columns that say who, when and what came of it are no features.
        won : array-like of shape (n,), optional
            1, 0, or missing where it was still open. By default the column of `X`, as all that follow.
        duration : array-like of timedelta, shape (n,), optional
            From `as_of` to the closing, or to the end of the data.
        time : array-like of shape (n,), optional
            The `as_of` of each row, UTC. The latest periods are held out for calibration.
        groups : array-like of shape (n,), optional
            Such as opportunity ids; without `time`, rows of one group stay together.

        Returns
        -------
        OpportunityModel
            Itself.

        Raises
        ------
        InputError
            If there are no rows, none is closed, `won` is neither 1, 0 nor missing, or a duration is no length of time.
        """
        frame = check_frame(X, "X")
        if won is None or duration is None:
            check_columns(frame, [c.WON, c.DURATION], "X, where won and duration are not given,")
            won, duration = frame[c.WON], frame[c.DURATION]
        time = frame.get(c.AS_OF) if time is None else time
        groups = frame.get(c.OPPORTUNITY_ID) if groups is None else groups
        outcome = check_numbers(won, "won")
        check_rows(~np.isin(outcome, [0, 1]) & ~np.isnan(outcome), outcome, "won", "1, 0 or missing")
        closed = ~np.isnan(outcome)
        if not closed.any():
            raise InputError(f"won must be 1 or 0 in some row; all {len(outcome)} rows are missing.")
        features = features_of(frame)
        self.closing_ = ChurnModel(**self._shared(), horizon=self.horizon, period=self.period, column_share=1.0)
        self.closing_.fit(features, duration=duration, event=closed, time=time, groups=groups)
        given = (None if each is None else np.asarray(each)[closed] for each in (duration, time, groups))
        self._fit_winning(features[closed], outcome[closed], *given)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Give the probability that it is won within the horizon.

        Parameters
        ----------
        X : DataFrame of shape (n, p)
            The features of `fit`, in any order; others are ignored.

        Returns
        -------
        ndarray of shape (n, 2)
            Not won, and won, by the end of the horizon.

        Raises
        ------
        InputError
            If `X` is not as fitted.
        """
        won = self.predict_horizons(X, [self.horizon])[:, 0]
        return np.column_stack([1 - won, won])

    def predict_horizons(self, X: Any, horizons: Sequence[Any]) -> np.ndarray:
        """Give the probability that it is won within each of some horizons.

        Parameters
        ----------
        X : DataFrame of shape (n, p)
            As for :meth:`predict_proba`.
        horizons : sequence of str or timedelta, of length k
            None beyond the end of the last period.

        Returns
        -------
        ndarray of shape (n, k)
            In [0, 1]; never lower for a longer horizon.

        Raises
        ------
        InputError
            If a horizon is longer than the model knows, or `X` is not as fitted.
        """
        return self._outcomes(X, list(horizons))[0]

    def predict_outcomes(self, X: Any, horizon: Any = None) -> pd.DataFrame:
        """Give the probabilities of all that it may be at the end of a horizon.

        Parameters
        ----------
        X : DataFrame of shape (n, p)
            As for :meth:`predict_proba`.
        horizon : str or timedelta, optional
            By default that of the model.

        Returns
        -------
        DataFrame of shape (n, 4)
            ``won``, ``lost`` and ``open``, which sum to 1, and ``won_in_the_end``: however long it takes.

        Raises
        ------
        InputError
            If the horizon is longer than the model knows, or `X` is not as fitted.
        """
        won, closed, at_last = self._outcomes(X, [self.horizon if horizon is None else horizon])
        parts = {"won": won[:, 0], "lost": closed[:, 0] - won[:, 0], "open": 1 - closed[:, 0]}
        return pd.DataFrame({**parts, "won_in_the_end": at_last})

    def to_dir(self, path: str | Path) -> None:
        """Write the model into a folder as JSON and LightGBM text, each part in a folder of its own.

        Parameters
        ----------
        path : str or Path
            The folder; it is made if it is not there.

        Raises
        ------
        InputError
            If a parameter is not a plain value, such as a `random_state` that is a generator.
        """
        check_is_fitted(self)
        self.closing_.to_dir(Path(path) / "closing")
        self.winning_.to_dir(Path(path) / "winning")
        params = {k: str(pd.Timedelta(v)) if isinstance(v, dt.timedelta) else v for k, v in self.get_params().items()}
        write_bundle(path, _KIND, {"params": params}, {})

    @classmethod
    def from_dir(cls, path: str | Path) -> Self:
        """Read a model that :meth:`to_dir` wrote; it predicts the same bits.

        Parameters
        ----------
        path : str or Path
            The folder.

        Returns
        -------
        OpportunityModel
            Fitted.

        Raises
        ------
        BundleError
            If a file is missing or altered, the format is newer, or it is another kind of model.
        """
        state, _ = read_bundle(path, _KIND)
        model = cls(**state["params"])
        model.closing_ = ChurnModel.from_dir(Path(path) / "closing")
        model.winning_ = PropensityModel.from_dir(Path(path) / "winning")
        return model

    @property
    def _periods(self) -> Periods:
        return Periods.of(self.period, None, check_duration(self.horizon, "horizon"))

    def _shared(self) -> dict[str, Any]:
        own = ("horizon", "period")
        return {name: value for name, value in self.get_params().items() if name not in own}

    def _fit_winning(self, features: pd.DataFrame, won: np.ndarray, duration: Any, time: Any, groups: Any) -> None:
        periods = self._periods
        lasted = pd.Series(pd.to_timedelta(np.asarray(duration)))
        length = pd.Timedelta(periods.length, unit="us")
        closes_in = np.minimum((lasted // length).to_numpy(), periods.n)
        # What closes is a row of the time at which it does, and is known only then.
        when = None if time is None else pd.Series(np.asarray(time)).astype("datetime64[us]") + lasted
        self.winning_ = PropensityModel(**self._shared())
        self.winning_.fit(features.assign(**{_CLOSES_IN: closes_in.astype(float)}), won, time=when, groups=groups)

    def _outcomes(self, X: Any, horizons: list[Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give P(won) and P(closed) by each horizon, shape (n, k), and P(won) in the end, shape (n,)."""
        check_is_fitted(self)
        frame, periods = check_frame(X, "X"), self._periods
        closed = self.closing_.predict_horizons(frame, [*periods.ends, *horizons])
        ends, asked = closed[:, : periods.n], closed[:, periods.n :]
        each = (frame.assign(**{_CLOSES_IN: float(period)}) for period in range(periods.n + 1))
        wins = np.column_stack([self.winning_.predict_proba(rows)[:, 1] for rows in each])
        before = np.column_stack([np.zeros(len(frame)), ends])
        won_by = np.column_stack([np.zeros(len(frame)), np.cumsum(np.diff(before, axis=1) * wins[:, :-1], axis=1)])
        whole = [min(int(periods.position(each, "horizons")), periods.n - 1) for each in horizons]
        won = won_by[:, whole] + (asked - before[:, whole]) * wins[:, whole]
        return won, asked, won_by[:, -1] + (1 - ends[:, -1]) * wins[:, -1]
