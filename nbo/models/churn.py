"""The probability that a customer lapses within a horizon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nbo.errors import InputError
from nbo.models.boosting_settings import BoostingSettings
from nbo.models.calibration import CalibrationMethod
from nbo.models.column_sampling import ColumnSampling
from nbo.models.hazard_classifier import HazardClassifier
from nbo.models.training_progress import RoundCallback, take_callbacks
from nbo.numbers import check_number
from nbo.times import check_duration

__all__ = ["ChurnModel"]


class ChurnModel(HazardClassifier):
    """Predict the probability that a customer lapses, within one horizon or several.

    Boosted trees on the features at `as_of`, calibrated on the latest rows and then grown anew
    on all, so that of the customers with a churn probability of 0.3 three in ten lapse. What lapsing
    is, the caller says: no purchase within the horizon, a contract not renewed, an account closed.

    ``fit(X, y)`` takes one label for each row and learns one horizon.
    ``fit(X, duration=..., event=...)`` takes when each customer lapsed, or how long it was watched
    without that, and learns the hazard: the probability of lapsing in a period, if not before.
    All horizons come from that one hazard, so they never contradict each other. Customers whose
    window is not over are used as far as they were watched. That they stopped being
    watched must tell nothing of when they lapse beyond what `X` says (independent censoring): the end of
    the data is such a reason, a move to another brand of the house is not.

    Where all labels are the same, the model is a constant by Laplace's rule,
    (ones + 1) / (rows + 2), and logs a warning. Where the rows are too few to hold some out, it
    is neither stopped early nor calibrated.

    Parameters
    ----------
    horizon : str or timedelta, default="90D"
        Length of the label window, and how far :meth:`predict_proba` looks. With `time`, rows whose
        window reaches into the latest ones have no say in the number of trees and the calibration.
    n_estimators : int, default=600
        Most trees.
    learning_rate : float, default=0.04
        Share of each tree that is taken, in (0, 1].
    num_leaves : int, default=8
        Most leaves of a tree.
    min_child_samples : int, default=20
        Fewest rows in a leaf.
    calibration : {"beta", "sigmoid", "isotonic", "venn_abers", "shift", "none"}, default="beta"
        How raw scores become probabilities. Beta needs 2,000 later rows, else it is sigmoid.
        Isotonic and Venn-Abers calibration tie scores; the latter gives :meth:`predict_interval`.
    calibration_share : float, default=0.2
        Share of the rows held out for early stopping and calibration, in [0, 1).
    early_stopping_rounds : int, default=30
        Stop after so many trees without improvement on rows held out; 0 never stops.
    n_jobs : int, default=1
        Threads.
    random_state : int, RandomState or None, default=0
        Seed of a random holdout.
    period : str or timedelta, default="30D"
        Of times to churn: length of a period.
    n_periods : int, optional
        Of times to churn: how many periods; by default as many as reach the horizon.
    monotone : mapping of str to {-1, 1}, optional
        By name of a column of numbers: 1 where the score may only rise with it, -1 where it may
        only fall.
    linear_share : float, default=0
        Share of a logistic regression that the trees start from, in [0, 1]; 0 is trees alone. Trees
        know nothing beyond the values they were trained on; a line goes on.
    column_share : float, default=0.4
        Share of the columns that each tree may look at, in (0, 1]; at least eight columns.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels; the second one is lapsing. Of times to churn, 0 and 1.
    periods_ : Periods or None
        Of times to churn, the periods.
    calibration_ : Calibration
        From raw scores to probabilities.
    encoder_ : FrameEncoder
        The columns and their categories; of times to churn also the number of the ``period``.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"days_since": rng.integers(0, 200, 6000), "plan": rng.choice(["a", "b"], 6000)})
    >>> y = rng.random(6000) < np.where(X["days_since"] > 100, 0.6, 0.1)
    >>> model = ChurnModel(horizon="60D", n_estimators=80, min_child_samples=200).fit(X, y)
    >>> model.predict_proba(pd.DataFrame({"plan": ["a", "a"], "days_since": [20, 180]}))[:, 1].round(1)
    array([0.1, 0.6])

    When they lapse, where watching ends after 100 days:

    >>> days = rng.exponential(np.where(X["days_since"] > 100, 60, 600))
    >>> duration = pd.to_timedelta(np.minimum(days, 100), unit="D")
    >>> model = ChurnModel(n_estimators=80, min_child_samples=200).fit(X, duration=duration, event=days < 100)
    >>> model.predict_horizons(pd.DataFrame({"plan": ["a", "a"], "days_since": [20, 180]}), ["30D", "90D"]).round(1)
    array([[0. , 0.1],
           [0.4, 0.7]])
    """

    def __init__(
        self,
        horizon: Any = "90D",
        n_estimators: int = 600,
        learning_rate: float = 0.04,
        num_leaves: int = 8,
        min_child_samples: int = 20,
        calibration: CalibrationMethod = "beta",
        calibration_share: float = 0.2,
        early_stopping_rounds: int = 30,
        n_jobs: int = 1,
        random_state: Any = 0,
        period: Any = "30D",
        n_periods: int | None = None,
        monotone: Mapping[str, int] | None = None,
        linear_share: float = 0.0,
        column_share: float = 0.4,
    ) -> None:
        self.horizon = horizon
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.min_child_samples = min_child_samples
        self.calibration = calibration
        self.calibration_share = calibration_share
        self.early_stopping_rounds = early_stopping_rounds
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.period = period
        self.n_periods = n_periods
        self.monotone = monotone
        self.linear_share = linear_share
        self.column_share = column_share

    def fit(
        self,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        time: Any = None,
        groups: Any = None,
        callbacks: Sequence[RoundCallback] | None = None,
        progress: bool = False,
        duration: Any = None,
        event: Any = None,
    ) -> ChurnModel:
        """Learn who lapses, or when.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            Features at `as_of`: numbers, texts, categories, flags, missing values.
        y : array-like of shape (n,), optional
            1 (or the second of two labels) where the customer lapsed within the horizon. Give either
            `y`, or `duration` and `event`.
        sample_weight : array-like of shape (n,), optional
            Weight of each row, 0 or more.
        time : array-like of shape (n,), optional
            The `as_of` of each row, UTC. The latest rows are held out for calibration; of times to
            churn, the latest periods.
        groups : array-like of shape (n,), optional
            Such as customer ids; without `time`, rows of one group stay together.
        callbacks : sequence of callable, optional
            Each is called after each tree with its number, the most trees, and the loss on the rows
            that stop the training (None without).
        progress : bool, default=False
            Whether to show a bar.
        duration : array-like of timedelta, shape (n,), optional
            From `as_of` to churn, or to the end of watching; 0 or more.
        event : array-like of shape (n,), optional
            1 where the duration ended with churn, 0 where it is censored.

        Returns
        -------
        ChurnModel
            Itself.

        Raises
        ------
        InputError
            If there are no rows, `X` holds times or infinity, `y` is not of two classes, a duration
            is no length of time, nobody was watched in the last period, or both `y` and durations are given.
        """
        heard = take_callbacks(callbacks, progress)
        if duration is None and event is None:
            self.periods_ = None
            self._fit(X, y, sample_weight, time, groups, check_duration(self.horizon, "horizon"), heard)
            return self
        if y is not None:
            raise InputError("give either y, or duration and event; both are given.")
        self._fit_times(X, duration, event, sample_weight, time, groups, heard)
        return self

    def _settings(self, seed: int, callbacks: tuple[RoundCallback, ...] = ()) -> BoostingSettings:
        check_number(self.column_share, "column_share", "in (0, 1]", lambda share: 0 < share <= 1)
        settings = super()._settings(seed, callbacks)
        return ColumnSampling(**vars(settings), column_share=self.column_share, n_columns=len(self.encoder_.names_))
