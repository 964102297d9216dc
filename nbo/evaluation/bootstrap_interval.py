"""Percentile intervals by resampling customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nbo.evaluation.customer_bootstrap import customer_weights, interval
from nbo.evaluation.customer_error import clustered_error
from nbo.evaluation.intervals import interval_kind
from nbo.evaluation.log import Log
from nbo.evaluation.terms import Terms

if TYPE_CHECKING:
    from nbo.evaluation.asked import Asked

__all__ = ["bootstrap_interval", "replicates"]

_REPLICATES = 1000


def replicates(terms: Terms, rng: int) -> np.ndarray:
    """Compute the value again and again with customers drawn with replacement.

    Parameters
    ----------
    terms : Terms
    rng : int
        Two values of the same log and with the same number are drawn alike.

    Returns
    -------
    ndarray of shape (1001,)
        The value itself, then 1,000 replicates.
    """
    numerators, denominators = terms.sums()
    values = []
    # A model and a parameter that were fitted stay as they are.
    for counts in customer_weights(np.arange(len(numerators)), _REPLICATES, np.random.default_rng(rng)):
        above, below = counts.T @ numerators, counts.T @ denominators
        ratios = np.divide(above, below, out=np.full(above.shape, np.nan), where=below != 0)
        values.append(ratios.sum(axis=1))
    return np.concatenate(values)


@interval_kind("bootstrap")
def bootstrap_interval(log: Log, terms: Terms, asked: Asked) -> tuple[float, float]:
    """Take percentiles of 1,000 replicates, in which customers are drawn with replacement.

    A shrunk estimator's interval is wider by as much as its estimated bias adds to its error.

    Parameters
    ----------
    log : Log
    terms : Terms
    asked : Asked

    Returns
    -------
    tuple of (float, float)
        The lower and the upper bound; NaN for fewer than two customers.

    Examples
    --------
    >>> from nbo.evaluation.asked import Asked
    >>> from nbo.evaluation.ips import ips
    >>> log = Log(np.tile([1.0, 0.0], 500), np.full(1000, 0.5), np.full(1000, 0.5), np.zeros(1000))
    >>> [round(bound, 2) for bound in bootstrap_interval(log, ips(log), Asked())]
    [0.47, 0.53]
    """
    spread = clustered_error(terms.influence(), terms.counts, terms.customer)
    if np.isnan(spread):
        return np.nan, np.nan
    widening = terms.error / spread if spread > 0 else 1.0
    _, low, high = interval(replicates(terms, asked.rng), asked.level, widening)
    return low, high
