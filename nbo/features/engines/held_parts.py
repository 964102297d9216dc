"""Tables in memory, cut by partition."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo.features.engines.part_tables import PartTables
from nbo.features.engines.routes import Routes
from nbo.features.needs import Needs
from nbo.features.order import counting_order
from nbo.tables import CustomerTables

__all__ = ["HeldParts"]


class HeldParts:
    """Tables in memory, cut by partition: only which rows each partition needs is kept besides.

    Parameters
    ----------
    tables : CustomerTables
    needs : dict of str to list of str, or None
        What is read of each table.
    routes : Routes
    """

    def __init__(self, tables: CustomerTables, needs: Needs, routes: Routes) -> None:
        self._tables = tables
        self._columns = {name: set(map(str, tables.get(name).columns)) for name in needs if tables.has(name)}
        self._rows: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for name in self._columns:
            rows, places = routes.places(tables.columns(name))
            _, rows, bounds = counting_order(places, routes.n, rows)
            self._rows[name] = rows, bounds

    def part(self, number: int) -> PartTables:
        """Give the tables of one partition; rows are in the order of the whole tables."""
        rows = {name: rows[bounds[number] : bounds[number + 1]] for name, (rows, bounds) in self._rows.items()}

        def read(name: str, column: str) -> pd.Series:
            return pd.Series(self._tables.get(name)[column].array.take(rows[name]))

        return PartTables(self._tables, {name: len(some) for name, some in rows.items()}, self._columns, read)
