"""Feature builders together."""

from __future__ import annotations

import copy
import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from nbo.checks import check_one_of
from nbo.features.base import FeatureBuilder, Tables, check_spine
from nbo.features.default_builders import default_builders
from nbo.features.engines.out_of_core import build_files
from nbo.features.engines.spark import build_on_spark, fit_on_spark
from nbo.features.engines.spark_session import refuse_spark_frames
from nbo.features.feature import DICTIONARY_COLUMNS
from nbo.features.needs import needs
from nbo.features.past import Past
from nbo.features.together import build_together, check_builders, fit_together, refuse_twins
from nbo.tables.stored_tables import opened

__all__ = ["FeatureSet"]

_ENGINES = ("memory", "spark")


class FeatureSet:
    """Feature builders together: one frame of point-in-time columns for a spine.

    Parameters
    ----------
    builders : sequence of FeatureBuilder
        Their columns stand in this order.

    Examples
    --------
    >>> from nbo.features import BehavioralFeatures
    >>> from nbo.tables import CustomerTables, Spine
    >>> events = pd.DataFrame({"customer_id": ["ann"], "event_time": ["2026-06-29"]})
    >>> tables, spine = CustomerTables(events=events), Spine.at("2026-06-30", ["ann", "bob"])
    >>> features = FeatureSet([BehavioralFeatures(windows=["7D"])])
    >>> features.build(tables, spine)[["events__count__7D", "events__recency_days"]]
       events__count__7D  events__recency_days
    0                  1                   1.0
    1                  0                   NaN
    """

    def __init__(self, builders: Sequence[FeatureBuilder]) -> None:
        self.builders = check_builders(builders)

    @classmethod
    def default(cls, tables: Tables) -> FeatureSet:
        """Choose the builders that the tables allow, by which tables are there; no row is read.

        Parameters
        ----------
        tables : CustomerTables, StoredTables, str, Path, or mapping of table names to data frames of Spark

        Returns
        -------
        FeatureSet
            Not fitted.

        Raises
        ------
        InputError
            If no table is there that a builder reads.
        """
        return cls(default_builders(tables if isinstance(tables, Mapping) else opened(tables)))

    @property
    def is_fitted(self) -> bool:
        """Whether the columns are fixed."""
        return bool(self.builders) and all(hasattr(builder, "features_") for builder in self.builders)

    @property
    def feature_names(self) -> list[str]:
        """Names of the columns, in their order; refused before `fit`."""
        return self.describe()["feature"].tolist()

    def needs(self) -> dict[str, list[str] | None]:
        """Say which columns of which tables the fitted columns are computed from.

        Returns
        -------
        dict of str to list of str, or None
            By table; None stands for all columns. A column may be named that a table need not have.

        Raises
        ------
        InputError
            If the set is not fitted.
        """
        self.describe()
        return needs(self.builders)

    def fit(
        self, tables: Tables, spine: Any, *, engine: Literal["memory", "spark"] = "memory", session: Any = None
    ) -> FeatureSet:
        """Fix the columns of all builders.

        Parameters
        ----------
        tables : CustomerTables, StoredTables, str or Path
            With engine="spark" also a mapping of table names to data frames of Spark.
        spine : Spine
            Categories are learnt from rows known before its latest `as_of`. With engine="spark"
            also a data frame of Spark or the path of a Parquet file.
        engine : {"memory", "spark"}, default="memory"
        session : SparkSession, optional
            As for :meth:`build`.

        Returns
        -------
        FeatureSet
            Itself; an earlier fit is forgotten.

        Raises
        ------
        InputError
            If there are no builders, a builder has none of its tables, or two builders give
            columns of one name.
        """
        if check_one_of(engine, _ENGINES, "engine") == "spark":
            fit_on_spark(self, tables, spine, session)
            return self
        refuse_spark_frames(tables, spine)
        check_spine(spine)
        fit_together(self.builders, Past(tables, spine))
        return self

    def build(
        self,
        tables: Tables,
        spine: Any,
        out: str | Path | None = None,
        *,
        partitions: int | None = None,
        progress: bool | None = None,
        overwrite: bool = False,
        n_jobs: int = 1,
        engine: Literal["memory", "spark"] = "memory",
        session: Any = None,
    ) -> Any:
        """Compute the columns.

        A set that is not fitted is fitted on this very spine first. So build the training
        spine first, or call `fit`: later builds have the same columns in the same order.

        Parameters
        ----------
        tables : CustomerTables, StoredTables, str or Path
            A table that is missing counts as one without rows. With engine="spark" also a
            mapping of table names to data frames of Spark.
        spine : Spine of n rows
            With engine="spark" also a data frame of Spark with customer_id and as_of, or the path of
            a Parquet file.
        out : str or Path, optional
            Folder to write to, for tables or results larger than memory: the customers are cut
            into partitions, which are computed one by one. A build that was stopped goes on
            where it was; one that is done does nothing.
        partitions : int, optional
            How many; by default so many that one takes about half a gigabyte.
        progress : bool, optional
            Whether to show how far it is; by default on a terminal.
        overwrite : bool, default=False
            Whether to take away what another build wrote to `out`.
        n_jobs : int, default=1
            How many partitions to compute at once.
        engine : {"memory", "spark"}, default="memory"
            "spark" runs the same kernel in Spark's workers, with the same result to the bit.
        session : SparkSession, optional
            Of engine="spark"; by default that of the data frames given, or the active one.

        Returns
        -------
        DataFrame of shape (n, k), FeatureFiles if `out` is given, or DataFrame of Spark
            One row per spine row, in its order, index 0 .. n-1. Numbers are int64 or float64,
            categories str. Counts and sums without rows are 0; what needs a row is NaN. On Spark,
            in no order: the columns of the spine, numbered by `spine_row` if it is a
            Spine, then the features.

        Raises
        ------
        InputError
            If a table lacks a column that the features need, an event has no time, an
            amount is no finite number, ids are text in one table and numbers in another, or
            `out` holds something else.
        """
        if check_one_of(engine, _ENGINES, "engine") == "spark":
            return build_on_spark(self, tables, spine, session, out, partitions, overwrite)
        if not self.is_fitted:
            self.fit(tables, spine)
        refuse_twins(self.builders)
        refuse_spark_frames(tables, spine)
        check_spine(spine)
        if out is not None:
            given = opened(tables)
            return build_files(self, given, spine, Path(out), partitions, progress, overwrite, n_jobs)
        return build_together(self.builders, Past(tables, spine))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Give the names of the columns, as scikit-learn's transformers do.

        Parameters
        ----------
        input_features : None
            Only for scikit-learn's sake.

        Returns
        -------
        ndarray of object, shape (k,)

        Raises
        ------
        InputError
            If the set is not fitted.
        """
        return self.describe()["feature"].to_numpy(dtype=object)

    def describe(self) -> pd.DataFrame:
        """Give the feature dictionary.

        Returns
        -------
        DataFrame of shape (k, 9)
            One row per column of `build`, in its order: feature, data_type, table, column,
            aggregate, window, filter, unit, meaning.

        Raises
        ------
        InputError
            If the set is not fitted.
        """
        parts = [builder.describe() for builder in self.builders]
        return pd.concat([pd.DataFrame(columns=DICTIONARY_COLUMNS, dtype="str"), *parts], ignore_index=True)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Give the builders, so that scikit-learn's ``clone`` makes a set that is not fitted."""
        return {"builders": self.builders}

    def select(self, data_types: Sequence[str]) -> FeatureSet:
        """Make a set of the builders of some data types; it is fitted if this one is.

        Parameters
        ----------
        data_types : sequence of str
            Of demographic, transaction, environmental, behavioral, social.

        Returns
        -------
        FeatureSet

        Raises
        ------
        InputError
            If a data type is unknown, or the set has no builder of it.
        """
        here = [builder.data_type for builder in self.builders]
        chosen = [data_types] if isinstance(data_types, str) else list(data_types)
        for data_type in chosen:
            check_one_of(data_type, here, "data_types")
        return FeatureSet([copy.deepcopy(builder) for builder in self.builders if builder.data_type in chosen])

    def to_dict(self) -> dict[str, Any]:
        """Give the builders and their fixed columns as JSON values; :meth:`from_dict` takes them back."""
        return {"builders": [builder.to_dict() for builder in self.builders]}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> FeatureSet:
        """Make the set of :meth:`to_dict` again.

        Parameters
        ----------
        state : dict

        Returns
        -------
        FeatureSet

        Raises
        ------
        InputError
            If a builder is of a kind that is not imported.
        """
        return cls([FeatureBuilder.from_dict(builder) for builder in state["builders"]])

    def __repr__(self) -> str:
        return f"FeatureSet([{', '.join(map(repr, self.builders))}])"

    def _repr_html_(self) -> str:
        if self.is_fitted:
            return str(self.describe().to_html(index=False))
        return f"<p>{html.escape(repr(self))}, not fitted</p>"
