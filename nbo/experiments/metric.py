"""A metric of an experiment: a column, or a ratio of two, and what was known before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from nbo.checks import check_numbers, check_rows
from nbo.errors import InputError
from nbo.experiments.cuped import cuped
from nbo.experiments.experiment_rows import metric_values
from nbo.experiments.ratio_values import ratio_values

__all__ = ["Metric", "ReadMetric"]


@dataclass(frozen=True)
class Metric:
    """What an experiment is to change.

    Parameters
    ----------
    name : str
        In reports.
    numerator : str
        Column of numbers.
    denominator : str, optional
        Column of numbers, 0 or more, for a ratio of sums.
    covariates : tuple of str
        Columns known before the experiment.
    """

    name: str
    numerator: str
    denominator: str | None = None
    covariates: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, given: Any, covariates: Sequence[str] = ()) -> Self:
        """Take a metric as a user names it.

        Parameters
        ----------
        name : str
        given : str or (str, str)
            A column, or a numerator and a denominator.
        covariates : sequence of str

        Returns
        -------
        Metric

        Raises
        ------
        InputError
            If it is neither.
        """
        if isinstance(given, str):
            return cls(name, given, None, tuple(covariates))
        if not isinstance(given, tuple | list) or len(given) != 2:
            raise InputError(f"metrics[{name!r}] must be a column, or a numerator and a denominator; got {given!r}.")
        return cls(name, given[0], given[1], tuple(covariates))

    @property
    def columns(self) -> list[str]:
        """Columns that it needs."""
        return [self.numerator, *([] if self.denominator is None else [self.denominator]), *self.covariates]

    def read(self, rows: pd.DataFrame) -> ReadMetric:
        """Take its numbers.

        Parameters
        ----------
        rows : DataFrame

        Returns
        -------
        ReadMetric

        Raises
        ------
        InputError
            If a number is missing, or a denominator is negative.
        """
        numerator = metric_values(rows, self.numerator)
        denominator = None if self.denominator is None else metric_values(rows, self.denominator)
        if denominator is not None:
            check_rows(denominator < 0, denominator, f"frame.{self.denominator}", "0 or more")
            # One case for each customer: no ratio, but a mean.
            denominator = None if (denominator == 1).all() else denominator
        known = [check_numbers(rows[name], f"frame.{name}") for name in self.covariates]
        return ReadMetric(numerator, denominator, np.column_stack(known) if known else None)


@dataclass(frozen=True)
class ReadMetric:
    """The numbers of a metric.

    Parameters
    ----------
    numerator : ndarray of shape (n,)
    denominator : ndarray of shape (n,), optional
    covariates : ndarray of shape (n, k), optional
    """

    numerator: np.ndarray
    denominator: np.ndarray | None
    covariates: np.ndarray | None

    @property
    def plain(self) -> bool:
        """Whether it is a rate: 0 or 1 for each customer, and nothing is taken out."""
        single = self.denominator is None and self.covariates is None
        return single and bool(np.isin(self.numerator, (0, 1)).all())

    @property
    def method(self) -> str:
        """How it is compared: "newcombe", "welch", or "welch" after "delta" and "cuped"."""
        if self.plain:
            return "newcombe"
        before = {"delta": self.denominator is not None, "cuped": self.covariates is not None}
        return ", ".join([*(name for name, done in before.items() if done), "welch"])

    def values(self, part: np.ndarray, arms: np.ndarray) -> tuple[np.ndarray, float]:
        """Give one number for each customer whose mean is what is to be compared.

        Parameters
        ----------
        part : ndarray of int, shape (m,)
            Rows of the customers.
        arms : ndarray of int, shape (m,)
            Codes of their arms.

        Returns
        -------
        values : ndarray of shape (m,)
        removed : float
            Share of the variance that the covariates explained, beyond what as many useless ones would; NaN
            without covariates.
        """
        values = self.numerator[part].astype(float)
        if self.denominator is not None:
            for arm in np.unique(arms):
                own = arms == arm
                values[own] = ratio_values(values[own], self.denominator[part][own])
        if self.covariates is None:
            return values, np.nan
        # An arm without a denominator has no ratio, and nothing to be taken out.
        told = np.isfinite(values)
        own, before = arms[told], values[told]
        after = _widened(cuped(before, self.covariates[part][told], own), self.covariates[part][told], own)
        if after is None:
            return values, 0.0
        values[told] = after
        removed = 1 - _left(after, own) / _left(before, own) if _left(before, own) else np.nan
        return values, removed


def _widened(values: np.ndarray, covariates: np.ndarray, code: np.ndarray) -> np.ndarray | None:
    """Widen what slopes fitted to the same units have narrowed by chance; None where nothing would be left."""
    free = len(values) - len(np.unique(code))
    fitted = covariates.shape[1] + int(np.isnan(covariates).any(axis=0).sum())
    if free <= fitted:
        return None
    n = np.maximum(np.bincount(code), 1)
    mean = (np.bincount(code, values) / n)[code]
    return mean + np.sqrt(free / (free - fitted)) * (values - mean)


def _left(values: np.ndarray, code: np.ndarray) -> float:
    """Sum of squares within arms."""
    n = np.maximum(np.bincount(code), 1)
    return float(((values - (np.bincount(code, values) / n)[code]) ** 2).sum()) if len(values) else 0.0
