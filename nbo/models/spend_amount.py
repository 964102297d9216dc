"""What those who spend anything spend: boosted trees of amounts above zero."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from nbo.models.boosting import Boosting, BoostingSettings, train_twice
from nbo.models.boosting_settings import Objective
from nbo.models.holdout import Parts
from nbo.models.training_data import TrainingData

__all__ = ["SpendAmount", "fit_spend_amount"]

# exp(-800) is exactly 0: the spend of a base where nobody ever bought.
_NO_SPEND = -800.0
# Fewer amounts say too little of their level.
_FEWEST = 30


@dataclass(frozen=True)
class SpendAmount:
    """Trees that give the log of an amount.

    Parameters
    ----------
    boosting : Boosting
        Gives logs of money.
    shift : float, default=0
        Added to them, so that amounts add up.
    """

    boosting: Boosting
    shift: float = 0.0

    def mean(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """Give the expected amount.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
        n_jobs : int, default=1
            Threads.

        Returns
        -------
        ndarray of shape (n,)
            Money, 0 or more.
        """
        return np.exp(self.boosting.score(matrix, n_jobs) + self.shift)


def fit_spend_amount(
    data: TrainingData, parts: Parts, settings: BoostingSettings, kind: Literal["gamma", "lognormal"]
) -> tuple[SpendAmount, SpendAmount]:
    """Learn the amounts of those who spend.

    Neither loss makes the amounts add up: squared errors of logs aim at the median, a gamma loss at ratios,
    and trees that stop early expect too little of the best. So the level is that of rows which
    the trees have not seen, as in smearing [1]_.

    Parameters
    ----------
    data : TrainingData
        Amounts; only those above zero are read.
    parts : Parts
        Which rows are for what.
    settings : BoostingSettings
    kind : {"gamma", "lognormal"}
        A gamma loss, or squared errors of the log.

    Returns
    -------
    final, first : SpendAmount
        Trained on all rows, and the one that has not seen the later rows.

    References
    ----------
    .. [1] Duan, N. (1983). Smearing estimate: a nonparametric retransformation method. Journal of the American
       Statistical Association 78(383).
    """
    spenders = np.flatnonzero(data.target > 0)
    spent = data.part(spenders)
    among = Parts(parts.train[spenders], parts.stop[spenders], parts.later[spenders], parts.few)
    if among.train.sum() < 2 * settings.min_child_samples:
        level = float(np.log(np.average(spent.target, weights=spent.weight))) if len(spenders) else _NO_SPEND
        return SpendAmount(Boosting(constant=level)), SpendAmount(Boosting(constant=level))
    objective: Objective = "gamma" if kind == "gamma" else "regression"
    learnt = spent if kind == "gamma" else replace(spent, target=np.log(spent.target))
    final, first = train_twice(learnt, among, settings, objective)
    unseen = among.stop if among.stop.sum() >= _FEWEST else np.ones(len(spenders), dtype=bool)
    rows = spent.part(unseen)
    expected = np.average(np.exp(first.score(rows.matrix, settings.n_jobs)), weights=rows.weight)
    shift = float(np.log(np.average(rows.target, weights=rows.weight) / expected))
    return SpendAmount(final, shift), SpendAmount(first, shift)
