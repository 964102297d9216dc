"""What a customer will spend within a horizon."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import RegressorMixin

from nbo.models.boosted_model import BoostedModel
from nbo.models.boosting import Boosting, BoostingSettings, train_twice
from nbo.models.calibration import Calibration, CalibrationMethod, sigmoid
from nbo.models.holdout import Parts, choose_parts
from nbo.models.intervals import DecileIntervals
from nbo.models.probability import BoostedProbability, fit_probability
from nbo.models.targets import take_amounts
from nbo.models.training_data import TrainingData
from nbo.times import check_duration

__all__ = ["CLVModel"]

logger = logging.getLogger(__name__)

# exp(-800) is exactly 0: the spend of a base where nobody ever bought.
_NO_SPEND = -800.0


class CLVModel(RegressorMixin, BoostedModel):
    """Predict what a customer will spend, or bring as margin, within the horizon.

    A hurdle model: the calibrated probability that anything is spent, times the amount if so,
    by boosted trees with a gamma loss. Most customers of a base spend nothing within a
    horizon, and a few spend much; one regression for both fits neither. The latest rows tell the
    calibration, the quantiles and the level; then the trees are grown anew on all rows.

    Amounts below zero, such as returns of earlier purchases, count as no spend. They count in
    `level_ratio_`. Where all are active, or none is, the probability is a constant by
    Laplace's rule and a warning is logged.

    Parameters
    ----------
    horizon : str or timedelta, default="180D"
        Length of the window whose spend is `y`. With `time`, rows whose window reaches into the
        latest ones have no say in the number of trees, the calibration and `level_ratio_`.
    n_estimators : int, default=300
        Most trees, of each part.
    learning_rate : float, default=0.05
        Share of each tree that is taken, in (0, 1].
    num_leaves : int, default=31
        Most leaves of a tree.
    min_child_samples : int, default=20
        Fewest rows in a leaf.
    calibration : {"beta", "sigmoid", "shift", "none"}, default="beta"
        How raw scores become probabilities. Beta needs 2,000 later rows, else it is sigmoid.
    calibration_share : float, default=0.2
        Share of the rows held out for early stopping, calibration and quantiles, in [0, 1).
    early_stopping_rounds : int, default=30
        Stop after so many trees without improvement on rows held out; 0 never stops.
    n_jobs : int, default=1
        Threads.
    random_state : int, RandomState or None, default=0
        Seed of a random holdout.

    Attributes
    ----------
    level_ratio_ : float
        Total predicted over total actual on the later rows; above 1 the model promises too
        much. It is reported, not corrected. NaN without later rows or without spend.
    calibration_ : Calibration
        Of the probability that anything is spent.
    encoder_ : FrameEncoder
        The columns and their categories.

    Examples
    --------
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"visits": rng.integers(1, 5, 3000)})
    >>> y = (rng.random(3000) < 0.5) * rng.gamma(2.0, 10.0 * X["visits"])   # the mean is 10 a visit
    >>> model = CLVModel(horizon="90D", n_estimators=80).fit(X, y)
    >>> model.predict(pd.DataFrame({"visits": [1, 4]})).round(-1)
    array([10., 40.])
    >>> low, high = model.predict_quantiles(pd.DataFrame({"visits": [4]}), [0.1, 0.9])[0]
    >>> low.item(), bool(high > 40)
    (0.0, True)
    """

    probability_: BoostedProbability
    spend_: Boosting
    intervals_: DecileIntervals
    level_ratio_: float

    def __init__(
        self,
        horizon: Any = "180D",
        n_estimators: int = 300,
        learning_rate: float = 0.05,
        num_leaves: int = 31,
        min_child_samples: int = 20,
        calibration: CalibrationMethod = "beta",
        calibration_share: float = 0.2,
        early_stopping_rounds: int = 30,
        n_jobs: int = 1,
        random_state: Any = 0,
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

    def fit(self, X: Any, y: Any, sample_weight: Any = None, time: Any = None, groups: Any = None) -> CLVModel:
        """Learn who spends, and how much.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            Features at `as_of`: numbers, texts, categories, flags, missing values.
        y : array-like of shape (n,)
            Spend or margin within the horizon, money.
        sample_weight : array-like of shape (n,), optional
            Weight of each row, 0 or more.
        time : array-like of shape (n,), optional
            The `as_of` of each row, UTC. The latest rows are held out.
        groups : array-like of shape (n,), optional
            Such as customer ids; without `time`, rows of one group stay together.

        Returns
        -------
        CLVModel
            Itself.

        Raises
        ------
        InputError
            If there are no rows, `X` holds times or infinity, or `y` is not finite.
        """
        horizon = check_duration(self.horizon, "horizon")
        seed = self._seed()
        frame = self._fit_encoder(X)
        settings = self._settings(seed)
        data = self._training_data(frame, take_amounts(y, len(frame)), sample_weight, time, groups)
        active = (data.target > 0).astype(float)
        parts = choose_parts(active, self.calibration_share, seed, data.time, data.groups, horizon)
        self.probability_, active_before = fit_probability(
            replace(data, target=active), parts, settings, self.calibration
        )
        self.spend_, spend_before = _fit_spend(data, parts, settings)
        rows = data.part(parts.later) if parts.later.any() else data
        prediction = _expected(rows.matrix, active_before, spend_before, self._threads())
        self.intervals_ = DecileIntervals().fit(prediction, rows.target)
        self.level_ratio_ = _level_ratio(prediction, rows) if parts.later.any() else float("nan")
        logger.info("predicted spend is %.3g times the actual one on the later rows", self.level_ratio_)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Give the expected spend within the horizon.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            The columns of `fit`, in any order; others are ignored.

        Returns
        -------
        ndarray of shape (n,)
            Money, 0 or more.

        Raises
        ------
        InputError
            If `X` is not as fitted.
        """
        threads = self._threads()
        return np.concatenate(
            [_expected(matrix, self.probability_, self.spend_, threads) for matrix in self._matrices(X)]
        )

    def predict_active(self, X: Any) -> np.ndarray:
        """Give the probability that anything is spent within the horizon.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            As for :meth:`predict`.

        Returns
        -------
        ndarray of shape (n,)
            In [0, 1].
        """
        return sigmoid(
            np.concatenate([self.probability_.logit(matrix, self._threads()) for matrix in self._matrices(X)])
        )

    def predict_quantiles(self, X: Any, quantiles: Sequence[float]) -> np.ndarray:
        """Give quantiles of the spend of each customer, not of its mean.

        Conformal, within deciles of the predicted spend: of later rows with like predictions,
        the stated share spent no more. The interval between 0.1 and 0.9 covers 80 % or more;
        more where the lower end is 0, since many spend nothing at all.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            As for :meth:`predict`.
        quantiles : sequence of float
            Each in (0, 1).

        Returns
        -------
        ndarray of shape (n, len(quantiles))
            Money, 0 or more, rising with the quantile.

        Raises
        ------
        InputError
            If a quantile is not in (0, 1), or `X` is not as fitted.
        """
        prediction = self.predict(X)
        columns = [self.intervals_.quantile(prediction, q) for q in quantiles]
        return np.column_stack(columns) if columns else np.empty((len(prediction), 0))

    @property
    def calibration_(self) -> Calibration:
        """The calibration of the probability that anything is spent."""
        return self.probability_.calibration

    def _trees(self) -> dict[str, Boosting]:
        return {"active": self.probability_.boosting, "spend": self.spend_}

    def _state(self) -> dict[str, Any]:
        return {
            "calibration": self.calibration_.to_dict(),
            "intervals": self.intervals_.to_dict(),
            "level_ratio": None if np.isnan(self.level_ratio_) else self.level_ratio_,
        }

    def _restore(self, state: dict[str, Any], trees: dict[str, Boosting]) -> None:
        self.probability_ = BoostedProbability(trees["active"], Calibration(**state["calibration"]))
        self.spend_ = trees["spend"]
        self.intervals_ = DecileIntervals.from_dict(state["intervals"])
        self.level_ratio_ = float("nan") if state["level_ratio"] is None else state["level_ratio"]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        # Amounts below zero count as no spend, so made-up targets around zero are not fitted.
        tags.regressor_tags.poor_score = True
        return tags


def _fit_spend(data: TrainingData, parts: Parts, settings: BoostingSettings) -> tuple[Boosting, Boosting]:
    spenders = np.flatnonzero(data.target > 0)
    spent = data.part(spenders)
    among = Parts(parts.train[spenders], parts.stop[spenders], parts.later[spenders], parts.few)
    if among.train.sum() >= 2 * settings.min_child_samples:
        return train_twice(spent, among, settings, "gamma")
    level = float(np.log(np.average(spent.target, weights=spent.weight))) if len(spenders) else _NO_SPEND
    return Boosting(constant=level), Boosting(constant=level)


def _expected(matrix: np.ndarray, probability: BoostedProbability, spend: Boosting, n_jobs: int) -> np.ndarray:
    return sigmoid(probability.logit(matrix, n_jobs)) * np.exp(spend.score(matrix, n_jobs))


def _level_ratio(prediction: np.ndarray, rows: TrainingData) -> float:
    weight = np.ones(len(prediction)) if rows.weight is None else rows.weight
    total = weight @ rows.target
    return float(weight @ prediction / total) if total > 0 else float("nan")
