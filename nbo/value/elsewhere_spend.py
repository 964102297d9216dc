"""What customers spend elsewhere, where that is known of some of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["ElsewhereSpend"]

_BINS = 20
_LIKE_ALL = 5.0


@dataclass(frozen=True)
class ElsewhereSpend:
    """What customers of each segment spend elsewhere, learnt from those of whom it is known.

    A record that belongs to its customer with the probability p is else one of anybody. So its mean is p times
    that of the segment plus 1 - p times that of all, from which the segment's mean follows by least squares. Means of
    segments with few records are drawn to the mean of all by empirical Bayes [1]_. Likewise follows the share of a
    segment's amounts in each of twenty bins, and by Bayes' rule how probable a record is the customer's own, given its
    amount: a bill of a firm's size under a student's name is more likely another's.

    Parameters
    ----------
    mean : ndarray of shape (k,)
        Of each segment, money.
    mean_error : ndarray of shape (k,)
        Standard error of that.
    variance : ndarray of shape (k,)
        Of customers around the mean of their segment.
    values, steps : list of k ndarrays
        Amounts of each segment in order, and the share of customers up to each.
    edges : ndarray of shape (b - 1,)
        Between the bins of amounts.
    odds : ndarray of shape (k, b)
        How much more frequent a bin is in a segment than among all.

    References
    ----------
    .. [1] Efron, B. and Morris, C. (1975). Data analysis using Stein's estimator and its generalizations. Journal of
       the American Statistical Association 70.

    Examples
    --------
    >>> spend = ElsewhereSpend.of(np.array([10.0, 30.0]), np.ones(2), np.zeros(2, dtype=int), 1)
    >>> spend.mean.tolist(), spend.quantile(np.array([0.5]), np.array([0])).tolist()
    ([20.0], [10.0])
    """

    mean: np.ndarray
    mean_error: np.ndarray
    variance: np.ndarray
    values: list[np.ndarray]
    steps: list[np.ndarray]
    edges: np.ndarray
    odds: np.ndarray

    @classmethod
    def of(cls, given: np.ndarray, p: np.ndarray, codes: np.ndarray, k: int) -> ElsewhereSpend:
        """Learn from the records there are.

        Parameters
        ----------
        given : ndarray of shape (n,)
            Amounts, money; two or more.
        p : ndarray of shape (n,)
            Probability that each belongs to its customer, above 0.
        codes : ndarray of int, shape (n,)
            Segment of each customer.
        k : int
            Number of segments.

        Returns
        -------
        ElsewhereSpend
        """
        overall, spread = given.mean(), given.var(ddof=1)
        weight = np.bincount(codes, p**2, k)
        raw = np.bincount(codes, p * (given - (1 - p) * overall), k) / np.where(weight > 0, weight, np.nan)
        error = _errors(given - p * raw[codes] - (1 - p) * overall, p, codes, k, weight, spread)
        mean, variance_of_mean = _shrunken(np.maximum(raw, 0.0), error**2, overall, spread / len(given))
        edges, odds = _odds(given, p, codes, k)
        own_record = _posterior(p, odds[codes, np.searchsorted(edges, given, side="right")])
        values, steps, variance = [], [], np.empty(k)
        for segment, rows in enumerate(_rows_of(codes, k)):
            # A segment without records is taken to be like all.
            own = rows if len(rows) else np.arange(len(given))
            own = own[np.argsort(given[own], kind="stable")]
            share = own_record[own] / own_record[own].sum()
            # What strangers' amounts among them still add is scaled away with the mean.
            amounts = given[own] * (mean[segment] / (share @ given[own] or 1.0))
            values.append(amounts)
            steps.append(np.cumsum(share))
            variance[segment] = share @ (amounts - mean[segment]) ** 2 if len(rows) > 1 else spread
        return cls(mean, np.sqrt(variance_of_mean), variance, values, steps, edges, odds)

    def belongs(self, given: np.ndarray, p: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """Give the probability that a record is the customer's own, given its amount too.

        Parameters
        ----------
        given : ndarray of shape (n,)
        p : ndarray of shape (n,)
            The probability before the amount is looked at.
        codes : ndarray of int, shape (n,)

        Returns
        -------
        ndarray of shape (n,)
            In [0, 1]; 0 and 1 stay.
        """
        return _posterior(p, self.odds[codes, np.searchsorted(self.edges, given, side="right")])

    def quantile(self, q: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """Give a quantile of the amounts of each customer's segment.

        Parameters
        ----------
        q : ndarray of shape (n,)
            In [0, 1]; above it, the highest amount.
        codes : ndarray of int, shape (n,)

        Returns
        -------
        ndarray of shape (n,)
        """
        found = np.empty(len(q))
        for own, amounts, steps in zip(_rows_of(codes, len(self.values)), self.values, self.steps, strict=True):
            place = np.searchsorted(steps, np.round(q[own], 12), side="left")
            found[own] = amounts[np.clip(place, 0, len(amounts) - 1)]
        return found

    def below(self, amounts: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give the shares of each customer's segment that spend less, and at most, an amount.

        Parameters
        ----------
        amounts : ndarray of shape (n,)
        codes : ndarray of int, shape (n,)

        Returns
        -------
        less, at_most : ndarray of shape (n,)
        """
        found = np.empty((2, len(amounts)))
        for own, values, steps in zip(_rows_of(codes, len(self.values)), self.values, self.steps, strict=True):
            reached = np.append(0.0, steps)
            found[0, own] = reached[np.searchsorted(values, amounts[own], side="left")]
            found[1, own] = reached[np.searchsorted(values, amounts[own], side="right")]
        return found[0], found[1]


def _posterior(p: np.ndarray, odds: np.ndarray) -> np.ndarray:
    return p * odds / (p * odds + (1 - p))


def _odds(given: np.ndarray, p: np.ndarray, codes: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Compare the amounts of each segment with those of all, bin by bin."""
    edges = np.unique(np.quantile(given, np.arange(1, _BINS) / _BINS))
    bins, b = np.searchsorted(edges, given, side="right"), len(edges) + 1
    whole = np.bincount(bins, minlength=b) / len(given)
    there = np.bincount(codes * b + bins, p, k * b).reshape(k, b)
    strangers = np.bincount(codes, p * (1 - p), k)[:, None] * whole
    # A few records like those of all stand in for what a small segment does not tell.
    share = np.maximum(there - strangers, 0.0) + _LIKE_ALL * whole
    share /= share.sum(axis=1, keepdims=True)
    return edges, share / np.where(whole > 0, whole, 1.0)


def _rows_of(codes: np.ndarray, k: int) -> list[np.ndarray]:
    """Give the rows of each segment."""
    ends = np.cumsum(np.bincount(codes, minlength=k))[:-1]
    return np.split(np.argsort(codes, kind="stable"), ends)


def _errors(
    rest: np.ndarray, p: np.ndarray, codes: np.ndarray, k: int, weight: np.ndarray, spread: float
) -> np.ndarray:
    """Give the standard error of each segment's mean; infinite without records."""
    n = np.bincount(codes, minlength=k)
    squares = np.bincount(codes, (p * rest) ** 2, k) * n / np.maximum(n - 1, 1)
    squares = np.where(n > 1, squares, spread * weight)
    return np.sqrt(np.divide(squares, weight**2, out=np.full(k, np.inf), where=weight > 0))


def _shrunken(
    raw: np.ndarray, error: np.ndarray, overall: float, overall_error: float
) -> tuple[np.ndarray, np.ndarray]:
    """Draw means to that of all; give them with their variances."""
    there = np.isfinite(error)
    if there.sum() < 2:
        return np.where(there, raw, overall), np.where(there, error, overall_error)
    between = max(float(raw[there].var(ddof=1) - error[there].mean()), 0.0)
    own = np.where(there, between / np.where(between + error > 0, between + error, 1.0), 0.0)
    mean = np.where(there, own * np.where(there, raw, 0.0), 0.0) + (1 - own) * overall
    kept = np.where(there, np.where(there, error, 0.0) * own, between)
    return mean, kept + (1 - own) ** 2 * overall_error
