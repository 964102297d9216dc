"""The probability that a customer lapses within a horizon."""

from __future__ import annotations

from typing import Any

from nbo.models.boosted_classifier import BoostedClassifier
from nbo.models.calibration import CalibrationMethod
from nbo.times import check_duration

__all__ = ["ChurnModel"]


class ChurnModel(BoostedClassifier):
    """Predict the probability that a customer lapses within the horizon.

    Boosted trees on the features at `as_of`, calibrated on the latest rows and then grown anew
    on all, so that of the customers with a churn probability of 0.3 three in ten lapse. The label says what lapsing
    is: no purchase within the horizon, a contract not renewed, an account closed.

    Where all labels are the same, the model is a constant by Laplace's rule,
    (ones + 1) / (rows + 2), and logs a warning. Where the rows are too few to hold some out, it
    is neither stopped early nor calibrated.

    Parameters
    ----------
    horizon : str or timedelta, default="90D"
        Length of the label window. With `time`, rows whose window reaches into the latest ones
        have no say in the number of trees and the calibration.
    n_estimators : int, default=300
        Most trees.
    learning_rate : float, default=0.05
        Share of each tree that is taken, in (0, 1].
    num_leaves : int, default=31
        Most leaves of a tree.
    min_child_samples : int, default=20
        Fewest rows in a leaf.
    calibration : {"beta", "sigmoid", "shift", "none"}, default="beta"
        How raw scores become probabilities. Beta needs 2,000 later rows, else it is sigmoid.
    calibration_share : float, default=0.2
        Share of the rows held out for early stopping and calibration, in [0, 1).
    early_stopping_rounds : int, default=30
        Stop after so many trees without improvement on rows held out; 0 never stops.
    n_jobs : int, default=1
        Threads.
    random_state : int, RandomState or None, default=0
        Seed of a random holdout.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels; the second one is lapsing.
    calibration_ : Calibration
        From raw scores to probabilities.
    encoder_ : FrameEncoder
        The columns and their categories.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"days_since": rng.integers(0, 200, 6000), "plan": rng.choice(["a", "b"], 6000)})
    >>> y = rng.random(6000) < np.where(X["days_since"] > 100, 0.6, 0.1)
    >>> model = ChurnModel(horizon="60D", n_estimators=80, min_child_samples=200).fit(X, y)
    >>> model.predict_proba(pd.DataFrame({"plan": ["a", "a"], "days_since": [20, 180]}))[:, 1].round(1)
    array([0.1, 0.6])
    """

    def __init__(
        self,
        horizon: Any = "90D",
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

    def fit(self, X: Any, y: Any, sample_weight: Any = None, time: Any = None, groups: Any = None) -> ChurnModel:
        """Learn who lapses.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            Features at `as_of`: numbers, texts, categories, flags, missing values.
        y : array-like of shape (n,)
            1 (or the second of two labels) where the customer lapsed within the horizon.
        sample_weight : array-like of shape (n,), optional
            Weight of each row, 0 or more.
        time : array-like of shape (n,), optional
            The `as_of` of each row, UTC. The latest rows are held out for calibration.
        groups : array-like of shape (n,), optional
            Such as customer ids; without `time`, rows of one group stay together.

        Returns
        -------
        ChurnModel
            Itself.

        Raises
        ------
        InputError
            If there are no rows, `X` holds times or infinity, or `y` is not of two classes.
        """
        self._fit(X, y, sample_weight, time, groups, check_duration(self.horizon, "horizon"))
        return self
