"""What all models that are fitted by maximum likelihood share."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from nbo.checks import check_frame
from nbo.errors import ConvergenceError, InputError
from nbo.models.btyd.collapsed import Collapsed
from nbo.models.btyd.covariance import natural_covariance
from nbo.models.btyd.levels import check_level
from nbo.models.btyd.objective import Effect, PenalizedLikelihood, natural_values
from nbo.models.btyd.optimum import Optimum, minimum
from nbo.models.btyd.standardized import Standardized
from nbo.models.storage import read_bundle, write_bundle
from nbo.numbers import check_number

__all__ = ["LikelihoodModel"]

logger = logging.getLogger(__name__)

_SHAPE_RANGE = np.log(1e5)
_SCALE_RANGE = np.log(1e7)


class LikelihoodModel(BaseEstimator, ABC):
    """What all models that are fitted by maximum likelihood share. It is not a model by itself.

    A subclass says which rows it reads (`_rows`), their log-likelihood with its derivatives
    (`_terms`), and where to start (`_starts`).
    """

    _names: ClassVar[tuple[str, ...]]
    _effects: ClassVar[Mapping[str, tuple[str, int]]] = {}
    _scales: ClassVar[tuple[str, ...]] = ()

    params_: dict[str, float]
    log_likelihood_: float
    standard_errors_: dict[str, float]
    converged_: bool
    flags_: tuple[str, ...]
    gradient_norm_: float
    n_customers_: float

    @property
    def covariance_(self) -> pd.DataFrame:
        """Covariance of the parameters; NaN where the data do not tell."""
        check_is_fitted(self)
        return pd.DataFrame(self._covariance, index=list(self.params_), columns=list(self.params_))

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Find the parameters of the highest likelihood.

        Parameters
        ----------
        X : DataFrame of shape (n, ...)
            One row per customer, or per group of equal customers; the columns that the model
            names. Others are ignored.
        y : None
            Ignored; the history is in `X`.
        sample_weight : array-like of shape (n,), optional
            How many customers each row stands for, 0 or more.

        Returns
        -------
        estimator
            Itself.

        Raises
        ------
        InputError
            If a column is missing, a value is not allowed, or the rows can't carry the model.
        ConvergenceError
            If no start leads to a maximum of the likelihood.
        """
        check_number(self._penalty(), "penalty", "a number, 0 or more", lambda value: 0 <= value < np.inf)
        rows = self._rows(check_frame(X, "X"), sample_weight)
        self._check_informative(rows)
        names = self._covariates()
        standard = Standardized.of(rows.matrix(names), rows.weight, names)
        center = np.log(self._scale(rows))
        likelihood = PenalizedLikelihood(
            partial(self._terms, rows=rows), rows.weight, standard.values, self._effect_list(), self._penalty(), center
        )
        extra = np.zeros(len(names) * len(self._effects))
        reach = np.where(np.isin(self._names, self._scales), _SCALE_RANGE, _SHAPE_RANGE)
        low, high = np.append(center - reach, extra - 20), np.append(center + reach, extra + 20)
        starts = [np.clip(np.append(np.log(start), extra), low, high) for start in self._starts(rows)]
        optimum = minimum(likelihood, starts, low, high, self._doubtful)
        if not optimum.converged:
            raise ConvergenceError(
                f"{type(self).__name__} finds no maximum of the likelihood on {len(rows)} different rows; the gradient "
                f"is still {np.abs(optimum.gradient).max():.3g}. Set `penalty` (such as 1), or look for rows "
                f"that are in another unit of time."
            )
        self._keep(optimum, standard, rows, likelihood)
        return self

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Show the parameters with their uncertainty.

        Parameters
        ----------
        level : float, default=0.95
            Of the intervals, in (0, 1).

        Returns
        -------
        DataFrame
            One row per parameter: ``parameter``, ``estimate``, ``standard_error``, ``low``, ``high``. The intervals
            are symmetric in the log of a parameter, and in a coefficient as it is. NaN where the data
            don't tell.

        Raises
        ------
        InputError
            If `level` is not in (0, 1).
        """
        check_is_fitted(self)
        check_level(level)
        z = norm.ppf(0.5 + level / 2)
        rows = []
        for name, value in self.params_.items():
            error = self.standard_errors_[name]
            with np.errstate(over="ignore"):
                factor = np.exp(np.float64(z * error / value)) if name in self._names else 1.0
            low, high = (
                (value / factor, value * factor) if name in self._names else (value - z * error, value + z * error)
            )
            rows.append((name, value, error, low, high))
        return pd.DataFrame(rows, columns=["parameter", "estimate", "standard_error", "low", "high"])

    def to_dir(self, path: str | Path) -> None:
        """Write the model into a folder as JSON: arguments and parameters, no customer.

        Parameters
        ----------
        path : str or Path
            The folder; it is made if it is not there.

        Raises
        ------
        InputError
            If the path is a file, or an argument is no plain value.
        """
        check_is_fitted(self)
        state = {
            "arguments": {name: _plain(value) for name, value in self.get_params(deep=False).items()},
            "params": self.params_,
            "covariance": [
                [value if np.isfinite(value) else None for value in row] for row in self._covariance.tolist()
            ],
            "names": list(self.params_),
            "log_likelihood": self.log_likelihood_,
            "n_customers": self.n_customers_,
            "gradient_norm": self.gradient_norm_,
            "flags": list(self.flags_),
            "own": self._state(),
        }
        write_bundle(path, type(self).__name__, state, {})

    @classmethod
    def from_dir(cls, path: str | Path) -> Self:
        """Read a model that :meth:`to_dir` wrote; it predicts the same bits.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        estimator

        Raises
        ------
        BundleError
            If a file is missing or altered, or it is another kind of model.
        """
        state, _ = read_bundle(path, cls.__name__)
        model = cls(**state["arguments"])
        rows = [[np.nan if value is None else value for value in row] for row in state["covariance"]]
        model._learnt(state["params"], np.array(rows, dtype=float))
        model.log_likelihood_ = state["log_likelihood"]
        model.n_customers_, model.gradient_norm_ = state["n_customers"], state["gradient_norm"]
        model.converged_, model.flags_ = True, tuple(state["flags"])
        model._restore(state["own"])
        return model

    @abstractmethod
    def _rows(self, frame: pd.DataFrame, sample_weight: Any) -> Collapsed:
        """Check the rows of a frame, and merge equal ones."""

    @abstractmethod
    def _terms(self, values: list[Any], rows: Collapsed) -> tuple[np.ndarray, list[np.ndarray]]:
        """Give the log-likelihood of each row, and its derivatives by the log of each parameter."""

    @abstractmethod
    def _starts(self, rows: Collapsed) -> list[np.ndarray]:
        """Give starting values of the parameters; the first should do."""

    def _check_informative(self, rows: Collapsed) -> None:
        """Refuse rows that can't carry the model."""

    def _doubtful(self, theta: np.ndarray) -> bool:
        """Tell whether there may be a second maximum, near the second or the third start."""
        return False

    def _scale(self, rows: Collapsed) -> np.ndarray:
        """Give the size that each parameter is measured by."""
        return np.ones(len(self._names))

    def _penalty(self) -> Any:
        return getattr(self, "penalty", 0.0)

    def _covariates(self) -> list[str]:
        given = getattr(self, "covariates", None)
        if isinstance(given, str):
            raise InputError(f"covariates must be a sequence of columns; got the text {given!r}.")
        return [] if given is None else list(given)

    def _effect_list(self) -> list[Effect]:
        return [Effect(process, self._names.index(name), sign) for process, (name, sign) in self._effects.items()]

    def _values(self, rows: Collapsed, params: Mapping[str, float] | None = None) -> list[Any]:
        """Give the natural parameters: numbers, or one value for each row where covariates have a say."""
        params = self.params_ if params is None else params
        numbers = np.array(list(params.values()))
        k = len(self._names)
        theta = np.append(np.log(numbers[:k]), numbers[k:])
        return natural_values(theta, k, rows.matrix(self._covariates()), self._effect_list())

    def _keep(self, optimum: Optimum, standard: Standardized, rows: Collapsed, likelihood: PenalizedLikelihood) -> None:
        k = len(self._names)
        back = standard.to_raw(k, self._effect_list())
        theta = back @ optimum.theta
        names = [*self._names, *(f"{process}__{name}" for process in self._effects for name in self._covariates())]
        numbers = np.append(np.exp(theta[:k]), theta[k:])
        covariance = natural_covariance(optimum, back, np.append(numbers[:k], np.ones(len(theta) - k)))
        self._learnt(dict(zip(names, map(float, numbers), strict=True)), covariance)
        self.log_likelihood_ = likelihood.penalty_at(optimum.theta) - optimum.value
        self.n_customers_ = float(rows.weight.sum())
        self.gradient_norm_ = float(np.abs(optimum.gradient[optimum.free]).max(initial=0.0))
        self.converged_, self.flags_ = optimum.converged, (*optimum.flags, *self._own_flags())
        for flag in self.flags_:
            logger.warning("%s: %s", type(self).__name__, _MEANINGS[flag])

    def _own_flags(self) -> tuple[str, ...]:
        return ()

    def _state(self) -> dict[str, Any]:
        """Give what else was learnt, as JSON values."""
        return {}

    def _restore(self, state: dict[str, Any]) -> None:
        """Take back what `_state` gave."""

    def _learnt(self, params: Mapping[str, float], covariance: np.ndarray) -> None:
        self.params_ = dict(params)
        self._covariance = covariance
        errors = np.sqrt(np.diag(covariance))
        self.standard_errors_ = dict(zip(self.params_, map(float, errors), strict=True))


_MEANINGS = {
    "ridge": "the likelihood is flat in a combination of the parameters, which the data don't tell; "
    "predictions within the observed time are sound, single parameters are not. A penalty picks one.",
    "boundary": "a parameter lies at the edge of what is allowed: customers differ so little, or so much, in one way "
    "that the model has no need of it, or another model suits them better.",
    "no_mean": "q is at most 1, so the mean spend of all customers is infinite; customers with few purchases "
    "have no expected spend. Cap the largest amounts, or set a penalty.",
}


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    return list(value) if isinstance(value, tuple | np.ndarray) else value
