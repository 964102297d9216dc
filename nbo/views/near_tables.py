"""What was known of some customers, as the tables that a model reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any, cast

import pandas as pd

from nbo.tables import CONTRACTS, CustomerTables, TableColumns
from nbo.tables.typed import is_settled, typed_frame
from nbo.views.cut import Cut

__all__ = ["NearTables"]


class NearTables(CustomerTables):
    """What was known of some customers, as the tables that a model reads.

    They are cut out of tables that have their types already, and each column is taken only when it is asked for.

    Parameters
    ----------
    cuts : mapping of str to Cut
        See :func:`nbo.views.known_rows.known_tables`.

    Examples
    --------
    >>> sales = pd.DataFrame({"customer_id": ["ann", "bob"], "amount": [1.0, 2.0]})
    >>> near = NearTables({"transactions": Cut(sales, "transactions").where(sales["amount"].to_numpy() > 1)})
    >>> near.columns("transactions").numbers("amount").tolist(), near.transactions["customer_id"].tolist()
    ([2.0], ['bob'])
    """

    def __init__(self, cuts: Mapping[str, Cut]) -> None:
        super().__init__()
        # In the order of the contracts, as tables are everywhere.
        self._cuts = {name: cuts[name] for name in CONTRACTS if name in cuts}
        # All that is computed for one card reads the same columns.
        self._columns: dict[str, TableColumns] = {}
        self._frames = cast("dict[str, pd.DataFrame]", _Frames(self._cuts))

    def columns(self, name: str) -> TableColumns:  # noqa: D102 -- as its parent
        if name not in self._cuts:
            return super().columns(name)
        if name not in self._columns:
            cut = self._cuts[name]
            self._columns[name] = TableColumns(name, cut.names, len(cut), cache(partial(_typed, cut)))
        return self._columns[name]


def _typed(cut: Cut, column: str) -> pd.Series:
    values, contract = cut.series(column), CONTRACTS[cut.name]
    known = contract.column(column)
    if known is None or is_settled(values.dtype, known):
        return values
    # Categories are read from their numbers as well.
    if known.kind in ("category", "key") and isinstance(values.dtype, pd.CategoricalDtype):
        return values
    return typed_frame(values.to_frame(column), contract)[0][column]


class _Frames(Mapping[str, pd.DataFrame]):
    """The same as frames, each made when it is first asked for."""

    def __init__(self, cuts: Mapping[str, Cut]) -> None:
        self._cuts = cuts
        self._made: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._made:
            self._made[name], _ = typed_frame(self._cuts[name].frame(), CONTRACTS[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._cuts)

    def __len__(self) -> int:
        return len(self._cuts)

    def __contains__(self, name: Any) -> bool:
        return name in self._cuts
