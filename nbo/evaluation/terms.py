"""What an estimator adds up: its value, and how much each logged decision counts in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbo.evaluation.customer_error import clustered_error, customer_sums

__all__ = ["Terms"]


@dataclass(frozen=True)
class Terms:
    r"""A value that is a sum of ratios of sums over logged decisions.

    .. math:: \hat V = \sum_j \frac{\sum_i N_{ij}}{\sum_i D_{ij}}

    is a mean where all denominators are 1. Errors, intervals, resampling and differences of two
    values need nothing else of an estimator.

    Parameters
    ----------
    numerators, denominators : ndarray of shape (n, j)
        N and D.
    weights : ndarray of shape (n,)
        What each decision counts, for the effective sample size.
    customer : ndarray of int, shape (n,), optional
        Code of the customer; None where each decision is of its own.
    pull : ndarray of shape (n,), optional
        What each reward adds to the first ratio, a mean, through a model fitted to other decisions.
    bias : float, default=0.0
        Estimated bias of a shrunk estimator.
    parameter : float, optional
        Of an estimator that has one, as given or chosen.
    cap : float, optional
        Of a mean of rewards times weights: the largest weight used, stated before the log was
        seen; infinity for none. None for other estimators.
    warnings : tuple of str
        What came up on the way.
    """

    numerators: np.ndarray
    denominators: np.ndarray
    weights: np.ndarray
    customer: np.ndarray | None = None
    pull: np.ndarray | None = None
    bias: float = 0.0
    parameter: float | None = None
    cap: float | None = None
    warnings: tuple[str, ...] = ()

    @property
    def value(self) -> float:
        """The estimate, NaN where nothing counts."""
        return float(_ratios(self.numerators.sum(axis=0), self.denominators.sum(axis=0)).sum())

    @property
    def error(self) -> float:
        """Standard error clustered by customer, with the bias if there is one."""
        return float(np.hypot(clustered_error(self.influence(), self.counts, self.customer), self.bias))

    @property
    def counts(self) -> np.ndarray:
        """Whether a decision counts at all, ndarray of bool, shape (n,)."""
        return (self.denominators != 0).any(axis=1)

    def influence(self) -> np.ndarray:
        """State what each decision adds to the value's deviation, by the delta method.

        Returns
        -------
        ndarray of shape (n,)
            Of mean 0; the value's error is that of its mean.
        """
        total = self.denominators.sum(axis=0)
        ratios = _ratios(self.numerators.sum(axis=0), total)
        rows = _ratios(self.numerators - ratios * self.denominators, total / len(self.weights)).sum(axis=1)
        return rows if self.pull is None else rows + self.pull - self.pull.mean()

    def sums(self) -> tuple[np.ndarray, np.ndarray]:
        """Add up numerators and denominators by customer, for resampling.

        Returns
        -------
        numerators, denominators : ndarray of shape (m, j)
            The first numerators hold the pull of the model, too.
        """
        numerators = self.numerators
        if self.pull is not None:
            numerators = numerators.copy()
            numerators[:, 0] += self.pull - self.pull.mean()
        return _by_customer(numerators, self.customer), _by_customer(self.denominators, self.customer)


def _ratios(numerators: np.ndarray, denominators: np.ndarray) -> np.ndarray:
    whole = np.where(denominators == 0, np.nan, denominators)
    return numerators / whole


def _by_customer(columns: np.ndarray, customer: np.ndarray | None) -> np.ndarray:
    return np.column_stack([customer_sums(column, customer) for column in columns.T])
