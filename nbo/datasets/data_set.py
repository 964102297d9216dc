"""A published data set, as tables."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd

from nbo.datasets.publication import Publication
from nbo.tables import Catalog, CustomerTables

__all__ = ["DataSet"]


@dataclass(frozen=True, eq=False, repr=False)
class DataSet:
    """A published data set, as tables with what is to be known about it.

    Parameters
    ----------
    name : str
        Name of the set.
    tables : CustomerTables
        Its rows. A set with a history of offers has `decisions` and `outcomes`.
    catalog : Catalog or None
        Its offers, None if it has none.
    source : str
        Publisher and page.
    terms : str
        What the publisher allows, as far as it is stated.
    citation : str
        What to cite.
    notes : tuple of str
        What the loader assumed or left out, and the traps of the set.
    labels : DataFrame, optional
        What came of the customers: `customer_id`, `churned` (bool) and everything else that was
        known only afterwards. Never a feature.

    Examples
    --------
    >>> tables = CustomerTables(customers=pd.DataFrame({"customer_id": ["ann", "bob"]}))
    >>> DataSet("toy", tables, None, "Nobody, example.org", "Free.", "Nobody (2020).", ())
    DataSet('toy': customers 2)
    """

    name: str
    tables: CustomerTables
    catalog: Catalog | None
    source: str
    terms: str
    citation: str
    notes: tuple[str, ...]
    labels: pd.DataFrame | None = None

    @classmethod
    def published(
        cls,
        publication: Publication,
        tables: CustomerTables,
        catalog: Catalog | None,
        notes: tuple[str, ...],
        labels: pd.DataFrame | None = None,
    ) -> DataSet:
        """Join tables to what is known of their publication.

        Parameters
        ----------
        publication : Publication
        tables : CustomerTables
        catalog : Catalog or None
        notes : tuple of str
        labels : DataFrame, optional

        Returns
        -------
        DataSet
        """
        p = publication
        return cls(p.name, tables, catalog, p.source, p.terms, p.citation, notes, labels)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} {rows:,}" for name, rows in self._sizes().items())
        return f"DataSet({self.name!r}: {sizes})"

    def _sizes(self) -> dict[str, int]:
        sizes = {name: len(self.tables.get(name)) for name in self.tables.names}
        return sizes if self.labels is None else {**sizes, "labels": len(self.labels)}

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td>{escape(name)}</td><td>{n:,}</td></tr>" for name, n in self._sizes().items())
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        return (
            f"<b>{escape(self.name)}</b> ({escape(self.source)}). {escape(self.terms)}"
            f"<table><tr><th>table</th><th>rows</th></tr>{rows}</table><ul>{notes}</ul>"
        )
