"""What a hazard depends on besides causes, as columns of numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo.features import FeatureSet
from nbo.tables import CustomerTables, Spine

__all__ = ["Context"]


class Context:
    """Features as standardized numbers: 0 is the mean when fitted, and where a value is missing.

    Parameters
    ----------
    features : FeatureSet or None
        Its numbers and flags are taken; without it there is no column.

    Attributes
    ----------
    means_, spreads_ : dict of str to float
        Of each column when fitted; columns that did not vary are left out.
    """

    def __init__(self, features: FeatureSet | None) -> None:
        self.features = features
        self.means_: dict[str, float] = {}
        self.spreads_: dict[str, float] = {}

    def fit(self, tables: CustomerTables, spine: Spine) -> Context:
        """Learn means and spreads.

        Parameters
        ----------
        tables : CustomerTables
        spine : Spine

        Returns
        -------
        Context
            Itself.
        """
        if self.features is not None:
            X = self.features.fit(tables, spine).build(tables, spine)
            for name in X.columns[[pd.api.types.is_numeric_dtype(kind) for kind in X.dtypes]]:
                values = X[name].to_numpy(dtype=float, na_value=np.nan)
                there = values[~np.isnan(values)]
                if len(there) and there.std() > 0:
                    self.means_[name], self.spreads_[name] = float(there.mean()), float(there.std())
        return self

    def columns(self, tables: CustomerTables, spine: Spine) -> np.ndarray:
        """Give the columns of a spine.

        Parameters
        ----------
        tables : CustomerTables
        spine : Spine of n rows

        Returns
        -------
        ndarray of shape (n, p)
        """
        if self.features is None or not self.means_:
            return np.empty((len(spine), 0))
        X = self.features.build(tables, spine)
        found = [
            (X[name].to_numpy(dtype=float, na_value=np.nan) - mean) / self.spreads_[name]
            for name, mean in self.means_.items()
        ]
        return np.nan_to_num(np.column_stack(found))
