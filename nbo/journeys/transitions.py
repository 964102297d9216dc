"""How likely each step is, and how sure that is, from counts of steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import special

__all__ = ["transition_table"]


def transition_table(counts: np.ndarray, names: Sequence[str], level: float = 0.95) -> pd.DataFrame:
    r"""Give the probability of each step, with its interval, from how often it was taken.

    The probabilities of a row have a Dirichlet prior with the parameter 1/k for each of k stages,
    together worth one step [1]_. So the probability from stage i to stage j is

    .. math:: \\frac{n_{ij} + 1/k}{n_i + 1}

    and its interval is that of its Beta marginal. A stage that was never left is open to all.

    Parameters
    ----------
    counts : ndarray of int, shape (k, k)
        Steps from row to column.
    names : sequence of k str
        Of the stages.
    level : float, default=0.95
        How often the interval shall hold the true probability, in (0, 1).

    Returns
    -------
    DataFrame
        One row for each pair: stage, next_stage, n, probability, low, high.

    References
    ----------
    .. [1] Perks, W. (1947). Some observations on inverse probability including a new indifference rule.
       Journal of the Institute of Actuaries 73.

    Examples
    --------
    >>> found = transition_table(np.array([[6, 3], [0, 0]]), ["new", "old"])
    >>> found["probability"].tolist()
    [0.65, 0.35, 0.5, 0.5]
    """
    k = len(names)
    own = counts + 1 / k
    others = own.sum(axis=1, keepdims=True) - own
    low, high = (special.betaincinv(own, others, tail) for tail in ((1 - level) / 2, (1 + level) / 2))
    if k == 1:
        low = high = np.ones((1, 1))
    return pd.DataFrame(
        {
            "stage": np.repeat(np.array(names, dtype=object), k),
            "next_stage": np.tile(np.array(names, dtype=object), k),
            "n": counts.ravel(),
            "probability": (own / own.sum(axis=1, keepdims=True)).ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
        }
    ).astype({"stage": "str", "next_stage": "str"})
