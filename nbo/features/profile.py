"""What features held when a model was trained, to compare later ones with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.features.column_drift import column_drift
from nbo.features.column_profile import ColumnProfile
from nbo.numbers import check_number

__all__ = ["FeatureProfile"]

_FORMAT = 1
_SHOWN = 3
_DRIFT = [
    "feature",
    "psi",
    "ks",
    "p_value",
    "missing_before",
    "missing_now",
    "ks_p_value",
    "beyond",
    "new",
    "cells",
    "kind_before",
    "kind_now",
    "n_before",
    "n_now",
]


@dataclass(frozen=True)
class FeatureProfile:
    """What features held when a model was trained, column by column.

    It holds no rows: shares, quantiles and the names of frequent categories, less than 1 kB a column.

    Parameters
    ----------
    columns : tuple of ColumnProfile
        In the order of the features.

    Examples
    --------
    >>> before = FeatureProfile.of(pd.DataFrame({"age": range(1000)}))
    >>> drift = before.drift(pd.DataFrame({"age": range(200, 1000)}))
    >>> drift[["feature", "ks"]].round(3).values.tolist()
    [['age', 0.2]]
    """

    columns: tuple[ColumnProfile, ...]

    @classmethod
    def of(cls, X: pd.DataFrame, bins: int = 10) -> FeatureProfile:
        """Describe features.

        Parameters
        ----------
        X : DataFrame of shape (n, p)
            Numbers, flags or words.
        bins : int, default=10
            Cells of each number, 2 to 50: each has the same share, as far as equal values allow.

        Returns
        -------
        FeatureProfile

        Raises
        ------
        TypeError
            If `X` is no frame.
        InputError
            If a column comes twice, or `bins` is out of its range.
        """
        X = check_frame(X, "X")
        check_columns(X, X.columns, "X")
        check_number(bins, "bins", "2 to 50", lambda cells: 2 <= cells <= 50, whole=True)
        return cls(tuple(ColumnProfile.of(X[name], bins) for name in X.columns))

    def __len__(self) -> int:
        return len(self.columns)

    def __repr__(self) -> str:
        n = self.columns[0].n if self.columns else 0
        return f"FeatureProfile({len(self)} features of {n} rows)"

    @property
    def feature_names(self) -> list[str]:
        """The features in their order."""
        return [column.feature for column in self.columns]

    def drift(self, X: pd.DataFrame) -> pd.DataFrame:
        """Compare other features with these.

        Parameters
        ----------
        X : DataFrame of shape (m, any)
            Columns that are not there are left out, and so are those that were not there before.

        Returns
        -------
        DataFrame
            A row for each feature that both have: `feature`; `psi`, the population stability index over the cells
            of the profile, and its `p_value` by chi-square [1]_; `ks`, the largest distance of the distribution
            functions at the ends of the cells, and `ks_p_value`, a bound that holds for few rows, too;
            `missing_before` and `missing_now`, shares of the rows; `beyond`, the share of the values now below the
            least or above the largest before; `new`, the share in categories that were not there before (NaN
            where not all of them are in the profile); `cells`, the number compared; `kind_before`, `kind_now`,
            `n_before` and `n_now`. NaN where the kind does not allow it, or there are no values.

        Raises
        ------
        TypeError
            If `X` is no frame.
        InputError
            If a column comes twice.

        References
        ----------
        .. [1] Yurdakul, B. and Naranjo, J. (2020). Statistical properties of the population stability index.
           Journal of Risk Model Validation 14(4), 89-100.
        """
        X = check_frame(X, "X")
        check_columns(X, X.columns, "X")
        both = [column for column in self.columns if column.feature in X.columns]
        rows = [{"feature": column.feature, **column_drift(column, X[column.feature])} for column in both]
        return pd.DataFrame(rows, columns=_DRIFT)

    def to_frame(self) -> pd.DataFrame:
        """Give one row for each feature: kind, rows, share missing, mean, spread, range and top categories."""
        names = ["feature", "kind", "n", "missing", "distinct", "mean", "std", "low", "median", "high"]
        rows = [{**{name: getattr(column, name) for name in names}, "top": _top(column)} for column in self.columns]
        frame = pd.DataFrame(rows, columns=[*names, "top"])
        return frame.astype(dict.fromkeys(names[5:], float))

    def to_dict(self) -> dict[str, Any]:
        """Give all parts as JSON values; :meth:`from_dict` takes them back."""
        return {"format": _FORMAT, "columns": [column.to_dict() for column in self.columns]}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> FeatureProfile:
        """Make the profile of :meth:`to_dict` again.

        Parameters
        ----------
        state : dict

        Returns
        -------
        FeatureProfile

        Raises
        ------
        InputError
            If it is of another format.
        """
        if state.get("format") != _FORMAT:
            raise InputError(f"a profile must have format {_FORMAT}; got {state.get('format')!r}. Update nbo.")
        return cls(tuple(ColumnProfile.from_dict(column) for column in state["columns"]))


def _top(column: ColumnProfile) -> str:
    shown = zip(column.categories[:_SHOWN], column.shares, strict=False)
    return ", ".join(f"{name} {share:.0%}" for name, share in shown)
