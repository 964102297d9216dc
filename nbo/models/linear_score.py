"""A logistic regression that trees start from: it goes on where they have seen nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from nbo.models.logistic import logistic_regression, sigmoid
from nbo.models.offer_codes import OfferCodes
from nbo.models.training_data import TrainingData
from nbo.rng import generator

__all__ = ["LinearScore", "fit_linear_score"]

# More rows make the slopes no better.
_MOST_ROWS = 50_000
_ROWS_PER_SLOPE = 10
_RIDGE = 1.0
# A value this far off is an error sooner than news.
_MOST_DEVIATIONS = 5.0
_BLOCK_ROWS = 1024


@dataclass(frozen=True)
class LinearScore:
    """Log-odds that are a sum over columns.

    Parameters
    ----------
    intercept : float
        Log-odds of a row with the mean of every number.
    center, slope, reach, missing : list of float
        Of each column: the mean, the log-odds for one unit above it, how far from it a value
        counts at most, and the log-odds of a missing value.
    categories : dict of str to list of float
        Position of a category column to the log-odds of its codes.

    Examples
    --------
    >>> score = LinearScore(-1.0, [40.0], [0.1], [20.0], [0.3], {})
    >>> score.score(np.array([[50.0], [np.nan], [1000.0]]))
    array([ 0. , -0.7,  1. ])
    """

    intercept: float
    center: list[float]
    slope: list[float]
    reach: list[float]
    missing: list[float]
    categories: dict[str, list[float]]

    def score(self, matrix: np.ndarray) -> np.ndarray:
        """Give the log-odds.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)

        Returns
        -------
        ndarray of shape (n,)
        """
        score = np.zeros((len(matrix), 1))
        self.add_to(score, matrix, OfferCodes([], np.empty((1, 0))))
        return score[:, 0]

    def add_to(self, scores: np.ndarray, matrix: np.ndarray, offers: OfferCodes) -> None:
        """Add the log-odds of customers with each offer to other scores.

        Parameters
        ----------
        scores : ndarray of float, shape (n, k)
            They change in place.
        matrix : ndarray of float, shape (n, p)
            Customers; what stands in the columns of the offers is of no effect.
        offers : OfferCodes
        """
        offer_rows = offers.rows(matrix.shape[1])
        of_offers = self._away(offer_rows)[:, offers.positions]
        by_code = [
            self._of_codes(offer_rows, name) if int(name) in offers.positions else None for name in self.categories
        ]
        for rows in _blocks(len(matrix)):
            # In blocks that stay in the cache; from offer to offer only its own columns change.
            away, mine = self._away(matrix[rows]), offers.of(rows)
            shares = [self._of_codes(matrix[rows], name) for name in self.categories]
            for k in range(offers.n_offers):
                mine.put(away, k, of_offers)
                # Row by row: a product of matrices would round a row in another way for another number of rows.
                line = self.intercept + away.sum(axis=1)
                for share, of_offer in zip(shares, by_code, strict=True):
                    line += share if of_offer is None else mine.pick(of_offer, k)
                scores[rows, k] += line

    def _away(self, matrix: np.ndarray) -> np.ndarray:
        reach = np.array(self.reach)
        away = np.subtract(matrix, self.center, order="C")
        absent = np.isnan(away)
        np.clip(away, -reach, reach, out=away)
        away *= self.slope
        np.copyto(away, self.missing, where=absent)
        return away

    def contributions(self, matrix: np.ndarray) -> np.ndarray:
        """Give what each column adds.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)

        Returns
        -------
        ndarray of shape (n, p + 1)
            The last column is the base; a row sums to its score.
        """
        return np.column_stack([self._shares(matrix), np.full(len(matrix), self.intercept)])

    def to_dict(self) -> dict[str, Any]:
        """Give the state as JSON values; ``LinearScore(**state)`` is the same again.

        Returns
        -------
        dict
        """
        return asdict(self)

    def _shares(self, matrix: np.ndarray) -> np.ndarray:
        reach = np.array(self.reach)
        shares = np.clip(matrix - self.center, -reach, reach) * self.slope
        for position in self.categories:
            shares[:, int(position)] = self._of_codes(matrix, position)
        return np.where(np.isnan(matrix), self.missing, shares)

    def _of_codes(self, matrix: np.ndarray, position: str) -> np.ndarray:
        values = self.categories[position]
        codes = matrix[:, int(position)]
        # The last place is of missing codes, and of those that the chosen rows did not hold.
        return np.append(values, 0.0)[np.where(codes < len(values), codes, -1).astype(int)]


def fit_linear_score(data: TrainingData, share: float, monotone: tuple[int, ...], seed: int) -> LinearScore | None:
    """Fit a logistic regression with a ridge, and take a share of its slopes.

    Trees know nothing beyond the values they were trained on; a line goes on. A share of it
    keeps the ranking when a column leaves the range of the past, and costs the trees nothing.

    Parameters
    ----------
    data : TrainingData
        The target is 0 or 1.
    share : float
        Of the slopes, in [0, 1].
    monotone : tuple of {-1, 0, 1}
        By column; the slope has that sign or is 0.
    seed : int
        For the choice of rows, where there are more than 50,000.

    Returns
    -------
    LinearScore or None
        None where the share is 0, or the rarer label has fewer than ten rows for each slope [1]_.

    References
    ----------
    .. [1] Peduzzi, P. et al. (1996). A simulation study of the number of events per variable
       in logistic regression analysis. Journal of Clinical Epidemiology 49.
    """
    if not share:
        return None
    if len(data.target) > _MOST_ROWS:
        data = data.part(np.sort(generator(seed).choice(len(data.target), _MOST_ROWS, replace=False)))
    design = _Design(data)
    if min(data.target.sum(), (1 - data.target).sum()) < _ROWS_PER_SLOPE * design.n_slopes:
        return None
    slopes = share * _fit_slopes(design, data, monotone)
    (intercept,) = logistic_regression(
        np.empty((len(data.target), 0)), data.target, data.weight, offset=design.times(slopes)
    )
    return design.score(slopes, intercept)


class _Design:
    """Numbers in deviations from their mean, whether they are missing, and one flag for each category."""

    def __init__(self, data: TrainingData) -> None:
        weight = np.ones(len(data.target)) if data.weight is None else data.weight
        absent = np.isnan(data.matrix)
        total = np.maximum((weight[:, None] * ~absent).sum(axis=0), 1e-300)
        self.center = np.where(absent, 0.0, data.matrix * weight[:, None]).sum(axis=0) / total
        away = np.where(absent, 0.0, data.matrix - self.center)
        self.scale = np.sqrt((weight[:, None] * away**2).sum(axis=0) / total)
        self.scale[list(data.categories)] = 0.0
        self.numbers = np.flatnonzero(self.scale > 0)
        self.gaps = np.flatnonzero(absent.any(axis=0) & ~absent.all(axis=0))
        standard = np.clip(away[:, self.numbers] / self.scale[self.numbers], -_MOST_DEVIATIONS, _MOST_DEVIATIONS)
        self.dense = np.column_stack([standard, absent[:, self.gaps]])
        self.codes = {i: np.nan_to_num(data.matrix[:, i], nan=-1).astype(int) for i in data.categories}
        sizes = [int(codes.max()) + 1 for codes in self.codes.values()]
        self.starts = np.cumsum([self.dense.shape[1], *sizes])
        self.n_slopes = int(self.starts[-1])

    def times(self, slopes: np.ndarray) -> np.ndarray:
        result = self.dense @ slopes[: self.starts[0]]
        for (begin, end), codes in zip(self._spans(), self.codes.values(), strict=True):
            result += np.append(slopes[begin:end], 0.0)[codes]
        return result

    def transposed_times(self, rows: np.ndarray) -> np.ndarray:
        parts = [self.dense.T @ rows]
        for (begin, end), codes in zip(self._spans(), self.codes.values(), strict=True):
            # Code -1, of missing values, is counted first and left out.
            parts.append(np.bincount(codes + 1, rows, minlength=end - begin + 1)[1:])
        return np.concatenate(parts)

    def score(self, slopes: np.ndarray, intercept: float) -> LinearScore:
        slope, missing = np.zeros(len(self.center)), np.zeros(len(self.center))
        slope[self.numbers] = slopes[: len(self.numbers)] / self.scale[self.numbers]
        missing[self.gaps] = slopes[len(self.numbers) : self.starts[0]]
        values = {str(i): slopes[begin:end].tolist() for i, (begin, end) in zip(self.codes, self._spans(), strict=True)}
        reach = _MOST_DEVIATIONS * self.scale
        return LinearScore(intercept, self.center.tolist(), slope.tolist(), reach.tolist(), missing.tolist(), values)

    def _spans(self) -> Iterator[tuple[int, int]]:
        return zip(self.starts[:-1], self.starts[1:], strict=True)


def _fit_slopes(design: _Design, data: TrainingData, monotone: tuple[int, ...]) -> np.ndarray:
    target = data.target
    weight = np.ones(len(target)) if data.weight is None else data.weight / data.weight.mean()

    def loss(beta: np.ndarray) -> tuple[float, np.ndarray]:
        logit = beta[-1] + design.times(beta[:-1])
        pull = np.append(_RIDGE * beta[:-1], 0.0)
        off = weight * (sigmoid(logit) - target)
        value = weight @ (np.logaddexp(0.0, logit) - target * logit) + pull @ beta / 2
        return float(value), np.append(design.transposed_times(off), off.sum()) + pull

    sign = np.zeros(design.n_slopes + 1)
    if monotone:
        sign[: len(design.numbers)] = np.array(monotone)[design.numbers]
    bounds = [(0 if each > 0 else None, 0 if each < 0 else None) for each in sign]
    start, options = np.zeros(design.n_slopes + 1), {"ftol": 1e-11, "maxiter": 100}
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x[:-1]


def _blocks(n_rows: int) -> Iterator[slice]:
    for start in range(0, n_rows, _BLOCK_ROWS):
        yield slice(start, start + _BLOCK_ROWS)
