"""Features in files: what an out-of-core build wrote."""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from nbo import columns as c
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.features.engines.out_folder import read_manifest

if TYPE_CHECKING:
    from nbo.features.feature_set import FeatureSet

__all__ = ["SPINE_ROW", "FeatureFiles"]

SPINE_ROW = "spine_row"
_KEYS = (SPINE_ROW, c.CUSTOMER_ID, c.AS_OF)


class FeatureFiles:
    """Features in files: what ``FeatureSet.build(tables, spine, out=...)`` wrote.

    Each part holds the customers of one partition, with the columns `spine_row` (position in the
    spine, from 0), `customer_id`, `as_of`, and the features. Parts can be read one by one, by
    any tool that reads Parquet; missing values are null there.

    Parameters
    ----------
    out : str or Path
        The folder.

    Attributes
    ----------
    out : Path
    n_rows : int
        Rows of the spine.
    paths : list of Path
        The parts.
    feature_names : list of str

    Raises
    ------
    InputError
        If the folder holds no build that is done.

    Examples
    --------
    >>> import tempfile
    >>> from nbo.features import AggregateFeatures, FeatureSet
    >>> from nbo.tables import CustomerTables, Spine
    >>> sales = pd.DataFrame({"customer_id": ["ann", "bob"], "event_time": "2026-06-01", "amount": [9.5, 3.0]})
    >>> features = FeatureSet([AggregateFeatures("transactions", ["sum(amount)"], ["30D"])])
    >>> spine = Spine.at("2026-06-30", ["bob", "cy", "ann"])
    >>> with tempfile.TemporaryDirectory() as out:
    ...     files = features.build(CustomerTables(transactions=sales), spine, out=out, partitions=2)
    ...     files.read()["transactions__amount__sum__30D"].tolist()
    [3.0, 0.0, 9.5]
    """

    def __init__(self, out: str | Path) -> None:
        self.out = Path(out)
        manifest = read_manifest(self.out)
        self.n_rows: int = manifest["rows"]
        self.paths = [self.out / part["file"] for part in manifest["parts"]]
        self._names: list[str] = manifest["columns"]
        self._state: dict[str, Any] = manifest["features"]
        self._dictionary: list[dict[str, str]] = manifest["dictionary"]
        self.feature_names = [name for name in self._names if name not in _KEYS]

    def __len__(self) -> int:
        return self.n_rows

    def __repr__(self) -> str:
        rows, parts = f"{self.n_rows:,} row{'s' * (self.n_rows != 1)}", len(self.paths)
        return f"FeatureFiles({str(self.out)!r}: {rows}, {len(self.feature_names)} features, {parts} parts)"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self))}</p>{self.describe().to_html(index=False)}"

    @property
    def features(self) -> FeatureSet:
        """The fitted set that gave the columns."""
        from nbo.features.feature_set import FeatureSet

        return FeatureSet.from_dict(self._state)

    def describe(self) -> pd.DataFrame:
        """Give the feature dictionary, as :meth:`FeatureSet.describe` does."""
        return pd.DataFrame(self._dictionary)

    def read(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Read columns of all parts into one frame, in the order of the spine.

        Parameters
        ----------
        columns : sequence of str, optional
            Features, spine_row, customer_id or as_of; all features by default.

        Returns
        -------
        DataFrame of n rows
            Index 0 .. n-1; the same values and types, to the bit, as the build in memory.

        Raises
        ------
        InputError
            If a column is not there, or a part cannot be read.
        """
        names = self.feature_names if columns is None else list(columns)
        for name in names:
            check_one_of(name, self._names, "columns")
        rows, parts = [], []
        numbers = {name: np.empty(self.n_rows, dtype=kind) for name, kind in self._numbers.items() if name in names}
        for path in self.paths:
            part = self._part(path, [SPINE_ROW, *names])
            rows.append(part[SPINE_ROW].to_numpy())
            for name, values in numbers.items():
                values[rows[-1]] = part[name].to_numpy()
            parts.append(part[[name for name in names if name not in numbers]])
        # Parts hold all rows of the spine, each once.
        others = pd.concat(parts, ignore_index=True).iloc[np.argsort(np.concatenate(rows))]
        columns_found = {name: numbers[name] if name in numbers else others[name].array for name in names}
        return pd.DataFrame(columns_found, index=range(self.n_rows), copy=False)

    @cached_property
    def _numbers(self) -> dict[str, str]:
        """Types of the columns of numbers and times."""
        schema = pq.read_schema(self.paths[0])
        types = {pa.int64(): "int64", pa.float64(): "float64", pa.timestamp("us"): "datetime64[us]"}
        return {name: types[schema.field(name).type] for name in self._names if schema.field(name).type in types}

    def _part(self, path: Path, names: list[str]) -> pd.DataFrame:
        try:
            return pq.ParquetFile(path).read(list(dict.fromkeys(names)), use_threads=False).to_pandas()
        except (OSError, ValueError) as error:
            raise InputError(f"{path} cannot be read: {error}") from error
