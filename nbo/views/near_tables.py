"""What was known of some customers, as the tables that a model reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, cast

import pandas as pd

from nbo.tables import CONTRACTS, CustomerTables, TableColumns
from nbo.tables.typed import empty_frame, typed_frame
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
        self._frames = cast("dict[str, pd.DataFrame]", _Frames(self._cuts))

    def columns(self, name: str) -> TableColumns:  # noqa: D102 -- as its parent
        if name not in self._cuts:
            return super().columns(name)
        cut, contract, types = self._cuts[name], CONTRACTS[name], _types(name)
        made: dict[str, pd.Series] = {}

        def typed(column: str) -> pd.Series:
            values = cut.series(column)
            if contract.column(column) is None or values.dtype == types.get(column):
                return values
            if column not in made:
                made[column] = typed_frame(values.to_frame(column), contract)[0][column]
            return made[column]

        return TableColumns(name, cut.names, len(cut), typed)


@cache
def _types(name: str) -> dict[str, Any]:
    return {str(column): dtype for column, dtype in empty_frame(CONTRACTS[name]).dtypes.items()}


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
