"""What a customer will spend within a horizon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from nbo.checks import check_one_of
from nbo.models.btyd.histories import check_unit
from nbo.models.calibration import CalibrationMethod
from nbo.models.encoding import FrameEncoder
from nbo.models.holdout import choose_parts
from nbo.models.purchase_value import HISTORY_COLUMNS
from nbo.models.spend_hurdle import fit_spend_hurdle
from nbo.models.targets import take_amounts, take_weights
from nbo.models.training_progress import RoundCallback, take_callbacks
from nbo.models.value_terms import ValueTerms, chosen_method
from nbo.models.valued_model import ValuedModel

__all__ = ["CLVModel"]


class CLVModel(RegressorMixin, ValuedModel):
    """Predict what a customer will spend, or bring as margin, within the horizon.

    Three ways, and one number that tells how far to trust each:

    - ``"btyd"``: purchases to come by MBG/NBD, times their spend by gamma-gamma, from the four numbers of
      :func:`~nbo.purchase_summary`. It needs no labels, knows that customers drop out, and
      looks as far ahead as one likes.
    - ``"gbm"``: a hurdle model on any features: the calibrated probability that anything is spent,
      times the amount if so, by boosted trees. Most customers of a base spend nothing within a
      horizon, and a few spend much; one regression for both fits neither.
    - ``"stacked"``: the hurdle model, with what "btyd" says of each customer as further columns.

    They rank customers much alike, and differ in level: trees repeat what an earlier, younger base
    spent, MBG/NBD expects it to fade. So `level_ratios_` is always there: look at it before a budget
    is made of the sum. The latest rows tell it, the calibration and the quantiles; then trees
    are grown anew on all rows.

    Amounts below zero, such as returns of earlier purchases, count as no spend. They count in
    the level ratio. Where all are active, or none is, the probability is a constant by
    Laplace's rule and a warning is logged.

    Parameters
    ----------
    horizon : str or timedelta, default="180D"
        Length of the window whose spend is `y`. With `time`, rows whose window reaches into the
        latest ones have no say in the number of trees, the calibration and the level ratio.
        "lifetime" looks ahead without an end; only "btyd" can.
    method : {"auto", "btyd", "gbm", "stacked"}, default="auto"
        "auto" is "btyd" where `X` holds the columns of a purchase summary and nothing else,
        "stacked" where it holds features beside them, and "gbm" without them.
    spend : {"gamma", "lognormal"}, default="gamma"
        How the amount of those who spend is learnt: by a gamma loss, or by squared errors of its log. Both are moved
        to the level of rows that the trees have not seen.
    unit : {"D", "W", "M", "Q", "Y"}, default="W"
        Unit of time of a purchase summary. One made in another unit is refused, where the frame still says it.
    margin : float, default=1.0
        Share of the money of a summary's purchases that is earned; in (0, 1] or more, where the
        summary holds less than all. `y` is taken as it is.
    discount_rate : float, default=0.0
        Per year. Predictions are present values at `as_of`; `y` is taken as spread evenly over the horizon.
    n_estimators : int, default=300
        Most trees, of each part.
    learning_rate : float, default=0.05
        Share of each tree that is taken, in (0, 1].
    num_leaves : int, default=31
        Most leaves of a tree.
    min_child_samples : int, default=20
        Fewest rows in a leaf.
    monotone : mapping of str to {-1, 1}, optional
        Columns with which both parts may only rise (1) or fall (-1).
    calibration : {"beta", "sigmoid", "isotonic", "shift", "none"}, default="beta"
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
    method_ : {"btyd", "gbm", "stacked"}
        The way that was taken.
    level_ratios_ : dict of str to float
        By way: total predicted over total actual on the later rows; above 1 it promises too
        much. Reported, not corrected. NaN without later rows or without spend.
    level_ratio_ : float
        That of `method_`.
    value_ : PurchaseValue or None
        The models ``purchases`` and ``spend`` of the histories; None for "gbm".
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

    def __init__(
        self,
        horizon: Any = "180D",
        method: Literal["auto", "btyd", "gbm", "stacked"] = "auto",
        spend: Literal["gamma", "lognormal"] = "gamma",
        unit: str = "W",
        margin: float = 1.0,
        discount_rate: float = 0.0,
        n_estimators: int = 300,
        learning_rate: float = 0.05,
        num_leaves: int = 31,
        min_child_samples: int = 20,
        monotone: Mapping[str, int] | None = None,
        calibration: CalibrationMethod = "beta",
        calibration_share: float = 0.2,
        early_stopping_rounds: int = 30,
        n_jobs: int = 1,
        random_state: Any = 0,
    ) -> None:
        self.horizon = horizon
        self.method = method
        self.spend = spend
        self.unit = unit
        self.margin = margin
        self.discount_rate = discount_rate
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.min_child_samples = min_child_samples
        self.monotone = monotone
        self.calibration = calibration
        self.calibration_share = calibration_share
        self.early_stopping_rounds = early_stopping_rounds
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(
        self,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        time: Any = None,
        groups: Any = None,
        callbacks: Sequence[RoundCallback] | None = None,
        progress: bool = False,
    ) -> CLVModel:
        """Learn who spends, and how much.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            Features at `as_of`: numbers, texts, categories, flags, missing values. Columns of
            :func:`~nbo.purchase_summary` among them, ``frequency``, ``recency``, ``T`` and ``monetary_all``, may
            be missing in rows of people who never bought.
        y : array-like of shape (n,)
            Spend or margin within the horizon, money. "btyd" can do without; then there are no
            level ratio and no quantiles.
        sample_weight : array-like of shape (n,), optional
            Weight of each row, 0 or more.
        time : array-like of shape (n,), optional
            The `as_of` of each row, UTC. The latest rows are held out.
        groups : array-like of shape (n,), optional
            Such as customer ids; without `time`, rows of one group stay together.
        callbacks : sequence of callable, optional
            Each is called after each tree with its number, the most trees, and the loss on the rows
            that stop the training (None without).
        progress : bool, default=False
            Whether to show a bar.

        Returns
        -------
        CLVModel
            Itself.

        Raises
        ------
        InputError
            If there are no rows, `X` holds times or infinity, `y` is not finite, a method lacks what it needs, or a
            purchase summary was made in another unit of time.
        ConvergenceError
            If the likelihood of the histories has no maximum.
        """
        heard = take_callbacks(callbacks, progress)
        terms = ValueTerms.of(self.horizon, self.margin, self.discount_rate)
        check_one_of(self.spend, ("gamma", "lognormal"), "spend")
        seed = self._seed()
        frame = FrameEncoder().take(X)
        weight = take_weights(sample_weight, len(frame))
        self.method_ = chosen_method(self.method, frame.columns, terms.length)
        self.value_ = self.hurdle_ = self.intervals_ = None
        self.level_ratios_ = {self.method_: float("nan")}
        if self.method_ != "gbm":
            check_unit(X, self.unit)
            self.value_ = terms.fit(frame, self.unit, weight)
        frame = self._fit_encoder(frame[list(HISTORY_COLUMNS)] if self.method_ == "btyd" else X)
        settings = self._settings(seed, heard)
        if y is None and self.method_ == "btyd":
            return self
        data = self._training_data(frame, take_amounts(y, len(frame)) * terms.factor, weight, time, groups)
        active = (data.target > 0).astype(float)
        parts = choose_parts(active, self.calibration_share, seed, data.time, data.groups, terms.length)
        found: dict[str, np.ndarray] = {}
        if self.value_ is not None:
            found["btyd"] = self.value_.value(frame if weight is None else frame[weight > 0])
        if self.method_ != "btyd":
            self.hurdle_, before = fit_spend_hurdle(data, parts, settings, self.calibration, self.spend)
            found[self.method_] = before.mean(data.matrix, self._threads())
        self._judge(found, data, parts)
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
            Money, 0 or more; its present value where there is a `discount_rate`.

        Raises
        ------
        InputError
            If `X` is not as fitted.
        """
        check_is_fitted(self)
        if self.value_ is not None and self.method_ == "btyd":
            return self.value_.value(self._histories(X))
        hurdle, threads = self._grown(), self._threads()
        return np.concatenate([hurdle.mean(matrix, threads) for matrix in self._matrices(X)])

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

        Raises
        ------
        InputError
            If `X` is not as fitted, or the method is "btyd".
        """
        hurdle, threads = self._grown(), self._threads()
        return np.concatenate([hurdle.active(matrix, threads) for matrix in self._matrices(X)])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        # Amounts below zero count as no spend, so made-up targets around zero are not fitted.
        tags.regressor_tags.poor_score = True
        return tags
