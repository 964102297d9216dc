"""The probability that somebody who is no customer yet becomes one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.models.boosted_classifier import BoostedClassifier
from nbo.models.calibration import CalibrationMethod
from nbo.models.encoding import is_frame
from nbo.models.training_progress import RoundCallback, take_callbacks
from nbo.prospects.feature_columns import features_of
from nbo.times import check_duration

__all__ = ["LeadModel"]


class LeadModel(BoostedClassifier):
    """Predict the probability that a lead or prospect converts within a horizon.

    Boosted trees that start from a logistic regression, calibrated on the latest rows and then grown
    anew on all: of the leads with a probability of 0.1 one in ten converts. What :func:`lead_rows` gives can be
    taken as it is: the columns that say who, when and what came of it are no features.

    Where all labels are the same, the model is a constant by Laplace's rule, (ones + 1) / (rows + 2), and logs a
    warning. Where the rows are too few to hold some out, it is neither stopped early nor calibrated.

    Parameters
    ----------
    horizon : str or timedelta, default="90D"
        Length of the label window. Rows whose window reaches into the latest ones have no say in the
        number of trees and the calibration.
    n_estimators : int, default=300
        Most trees.
    learning_rate : float, default=0.05
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
    monotone : mapping of str to {-1, 1}, optional
        By name of a column of numbers: 1 where the score may only rise with it, -1 where it may
        only fall.
    linear_share : float, default=0.7
        Share of a logistic regression that the trees start from, in [0, 1]; 0 is trees alone.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels; the second one is converting.
    calibration_ : Calibration
        From raw scores to probabilities.
    encoder_ : FrameEncoder
        The columns and their categories.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> rows = pd.DataFrame({"industry": rng.choice(["retail", "law"], 6000), "visits": rng.poisson(2, 6000)})
    >>> rows["converted"] = rng.random(6000) < np.where(rows["visits"] > 3, 0.4, 0.05)
    >>> model = LeadModel(n_estimators=60, min_child_samples=200).fit(rows)
    >>> model.predict_proba(pd.DataFrame({"industry": ["law", "law"], "visits": [0, 5]}))[:, 1].round(1)
    array([0. , 0.4])
    """

    def __init__(
        self,
        horizon: Any = "90D",
        n_estimators: int = 300,
        learning_rate: float = 0.05,
        num_leaves: int = 8,
        min_child_samples: int = 20,
        calibration: CalibrationMethod = "beta",
        calibration_share: float = 0.2,
        early_stopping_rounds: int = 30,
        n_jobs: int = 1,
        random_state: Any = 0,
        monotone: Mapping[str, int] | None = None,
        linear_share: float = 0.7,
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
        self.monotone = monotone
        self.linear_share = linear_share

    def fit(
        self,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        time: Any = None,
        groups: Any = None,
        callbacks: Sequence[RoundCallback] | None = None,
        progress: bool = False,
    ) -> LeadModel:
        """Learn who converts.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            Features at `as_of`: numbers, texts, categories, flags, missing values.
        y : array-like of shape (n,), optional
            1 where the lead converted within the horizon. By default the column `converted` of `X`, without the
            rows that have no label yet.
        sample_weight : array-like of shape (n,), optional
            Weight of each row, 0 or more. Needs `y`.
        time : array-like of shape (n,), optional
            The `as_of` of each row, UTC; by default the column `as_of` of `X`, if it is there. The latest rows are
            held out for calibration.
        groups : array-like of shape (n,), optional
            Such as customer ids, by default the column of `X`; without `time`, rows of one group stay together.
        callbacks : sequence of callable, optional
            Each is called after each tree with its number, the most trees, and the loss on the rows
            that stop the training (None without).
        progress : bool, default=False
            Whether to show a bar.

        Returns
        -------
        LeadModel
            Itself.

        Raises
        ------
        InputError
            If there are no rows, `X` holds times or infinity, or `y` is not of two classes.
        """
        heard = take_callbacks(callbacks, progress)
        if y is None:
            X = _labeled(X)
            y = X[c.CONVERTED].astype(float).astype(int)
            if sample_weight is not None:
                raise InputError("sample_weight needs y; without it rows that have no label are left out.")
        if is_frame(X):
            frame = check_frame(X, "X")
            time = frame.get(c.AS_OF) if time is None else time
            groups = frame.get(c.CUSTOMER_ID) if groups is None else groups
        self._fit(features_of(X), y, sample_weight, time, groups, check_duration(self.horizon, "horizon"), heard)
        return self


def _labeled(X: Any) -> pd.DataFrame:
    frame = check_frame(X, "X")
    check_columns(frame, [c.CONVERTED], "X, where y is not given,")
    return frame[frame[c.CONVERTED].notna().to_numpy()]
