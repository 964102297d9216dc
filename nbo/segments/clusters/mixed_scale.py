"""Features of mixed types on one scale, so that distances between customers mean something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.segments.design import Design
from nbo.states import check_parts

__all__ = ["MixedScale"]

_POWERS: Final = np.linspace(-2.0, 4.0, 25)
# Where a value stands more often than this, such as 0 of a count, a strong power would tear it from its neighbors.
_OFTEN: Final = 0.05
_MILD: Final = np.linspace(0.0, 2.0, 9)
# A number counts as no farther from the middle than so many standard deviations.
_FARTHEST: Final = 3.0
# Variance of a feature of categories where a number has 1.
_CATEGORIES: Final = 0.5


@dataclass(frozen=True, eq=False)
class MixedScale:
    """Numbers and categories as columns whose squared distances add up.

    A number is taken relative to its median and interquartile range, made symmetrical by the power of Yeo and
    Johnson [1]_ that fits best, scaled to variance 1 and cut at 3 standard deviations. Each category is a column of
    0 and 1; those of one feature have the variance 1/2 together, for gaps between categories would else
    outweigh all numbers [2]_. A missing number counts as the mean; a missing, rare or new category is in none.

    Parameters
    ----------
    design : Design
        Encoding of the features.
    steps : DataFrame of shape (p, 6)
        What is done to each column in turn: subtract `middle` (median; 0 for a category) and divide by `width`
        (interquartile range; 1), raise to `power` (1 leaves it), subtract `center`, divide by `spread`, cut, and
        multiply with `weight` (0 takes a constant column out).

    References
    ----------
    .. [1] Yeo, I.-K. and Johnson, R. A. (2000). A new family of power transformations to improve normality or
       symmetry. Biometrika 87, 954-959.
    .. [2] Hennig, C. and Liao, T. F. (2013). How to find an appropriate clustering for mixed-type variables with
       application to socio-economic stratification. Journal of the Royal Statistical Society C 62, 309-369.
    """

    design: Design
    steps: pd.DataFrame

    @classmethod
    def of(
        cls, X: pd.DataFrame, weights: Mapping[str, float] | None = None, needs: Sequence[str] = (), share: float = 0.5
    ) -> MixedScale:
        """Learn the scale.

        Parameters
        ----------
        X : DataFrame of shape (n, any)
        weights : mapping of str to float, optional
            By which squared distances count, of a feature or of all whose names begin with the key and two
            underscores. 1 by default.
        needs : sequence of str, default=()
            Features of what customers need.
        share : float, default=0.5
            Share of the variance that needs shall have, in (0, 1), where they and others vary.

        Returns
        -------
        MixedScale

        Raises
        ------
        InputError
            If a weight is of no feature.
        """
        design = Design.of(X)
        raw = cls(design, pd.DataFrame()).raw(X)
        shapes = [
            _shape(raw[:, i]) if category is None else (0.0, 1.0, 1.0) for i, (_, category) in enumerate(design.columns)
        ]
        steps = pd.DataFrame(shapes, columns=["middle", "width", "power"], dtype=float)
        steps = _standard(steps, _powered(raw, steps), design)
        steps["weight"] *= np.sqrt(_weights(design, weights or {}))
        unbalanced = cls(design, steps)
        return cls(design, steps.assign(weight=steps["weight"] * unbalanced._balance(raw, needs, share)))

    @property
    def groups(self) -> np.ndarray:
        """Feature of categories, by number, that each column is of; -1 for a number. Shape (p,)."""
        names = list(dict.fromkeys(name for name, category in self.design.columns if category is not None))
        return np.array(
            [-1 if category is None else names.index(name) for name, category in self.design.columns], dtype=int
        )

    def matrix(self, X: pd.DataFrame) -> np.ndarray:
        """Scale features.

        Parameters
        ----------
        X : DataFrame of shape (n, any)

        Returns
        -------
        ndarray of shape (n, p)
        """
        return self._scaled(self.raw(X))

    def raw(self, X: pd.DataFrame) -> np.ndarray:
        """Give the columns before they are scaled.

        Parameters
        ----------
        X : DataFrame of shape (n, any)

        Returns
        -------
        ndarray of shape (n, p)
            NaN where a number is missing.
        """
        return self.design.matrix(X)[:, : len(self.design.columns)].astype(float)

    def _scaled(self, raw: np.ndarray) -> np.ndarray:
        steps = self.steps
        away = np.nan_to_num((_powered(raw, steps) - steps["center"].to_numpy()) / steps["spread"].to_numpy())
        reach = np.where(_numeric(self.design), _FARTHEST, np.inf)
        return np.clip(away, -reach, reach) * steps["weight"].to_numpy()

    def _balance(self, raw: np.ndarray, needs: Sequence[str], share: float) -> np.ndarray:
        """Find the factors that give needs their share of the variance."""
        need = np.array([name in needs for name, _ in self.design.columns], dtype=bool)
        variance = self._scaled(raw).var(axis=0) if len(raw) else np.zeros(len(need))
        own, others = variance[need].sum(), variance[~need].sum()
        if own == 0 or others == 0:
            return np.ones(len(need))
        return np.sqrt(np.where(need, share / own, (1 - share) / others) * (own + others))

    def to_dict(self) -> dict[str, Any]:
        """Give JSON values.

        Returns
        -------
        dict
        """
        return {"design": self.design.to_dict(), "steps": self.steps.to_dict("list")}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> MixedScale:
        """Rebuild from :meth:`to_dict`.

        Parameters
        ----------
        state : dict

        Returns
        -------
        MixedScale
        """
        check_parts(state, "MixedScale", {"design": dict, "steps": dict})
        return cls(Design.from_dict(state["design"]), pd.DataFrame(state["steps"], dtype=float))


def _numeric(design: Design) -> np.ndarray:
    return np.array([category is None for _, category in design.columns], dtype=bool)


def _shape(values: np.ndarray) -> tuple[float, float, float]:
    """Find median, interquartile range and the power that makes a column most normal."""
    from scipy import stats

    known = values[~np.isnan(values)]
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
    # Where most are equal, the range of the others is taken.
    width = high - low if high > low else float(np.abs(known - middle).mean())
    if width == 0:
        return float(middle), 1.0, 1.0
    relative = (known - middle) / width
    often = np.unique(known, return_counts=True)[1].max() > _OFTEN * len(known)
    powers = _MILD if often else _POWERS
    fits = [stats.yeojohnson_llf(power, relative) for power in powers]
    return float(middle), float(width), float(powers[int(np.argmax(fits))])


def _powered(raw: np.ndarray, steps: pd.DataFrame) -> np.ndarray:
    from scipy import stats

    columns = (raw - steps["middle"].to_numpy()) / steps["width"].to_numpy()
    for i, power in enumerate(steps["power"]):
        if power != 1:
            columns[:, i] = stats.yeojohnson(columns[:, i], power)
    return columns


def _standard(steps: pd.DataFrame, columns: np.ndarray, design: Design) -> pd.DataFrame:
    """Add center, spread and weight: variance 1 of a number, and 1/2 of all columns of a feature of categories."""
    numeric = _numeric(design)
    center, variance = np.nanmean(columns, axis=0), np.nanvar(columns, axis=0)
    names = pd.Series([name for name, _ in design.columns], dtype=object)
    together = pd.Series(variance).groupby(names).transform("sum").to_numpy()
    spread = np.sqrt(np.where(numeric, variance, together / _CATEGORIES))
    flat = ~(spread > 0)
    return steps.assign(center=center, spread=np.where(flat, 1.0, spread), weight=np.where(flat, 0.0, 1.0))


def _weights(design: Design, weights: Mapping[str, float]) -> np.ndarray:
    found = np.ones(len(design.columns))
    for key, weight in weights.items():
        check_number(weight, f"weight of {key!r}", "0 or more", lambda number: 0 <= number < np.inf)
        own = np.array([name == key or name.startswith(f"{key}__") for name, _ in design.columns], dtype=bool)
        if not own.any():
            raise InputError(f"weights must be of features or of the beginning of their names; {key!r} is of none.")
        found[own] *= weight
    return found
