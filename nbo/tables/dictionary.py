"""Write the data dictionary from the contracts: ``python -m nbo.tables.dictionary docs/data_dictionary.md``."""

from __future__ import annotations

import sys
from pathlib import Path

from nbo.tables.contracts import CONTRACTS
from nbo.tables.schema import TableContract

__all__ = ["data_dictionary"]

_HEAD = """# Data dictionary

Generated from the contracts in `nbo/tables/contracts.py` by `make dictionary`. Each table may be missing; columns in
**bold** are needed in every row, the others are optional, and columns that are not named here are kept. Times are UTC
where no zone is given. An event counts for a moment `as_of` when `event_time < as_of` and `known_at < as_of`
(`known_at` is the row's own time where it is missing); a row of an attribute table holds from `valid_from` until the
next row of the same customer.
"""


def data_dictionary() -> str:
    """Describe all tables and columns in Markdown.

    Returns
    -------
    str

    Examples
    --------
    >>> data_dictionary().splitlines()[0]
    '# Data dictionary'
    """
    return "\n".join([_HEAD, *map(_table, CONTRACTS.values())])


def _table(contract: TableContract) -> str:
    notes = []
    if contract.unique:
        notes.append("A row is identified by " + ", ".join(f"`{name}`" for name in contract.unique) + ".")
    notes += [f"`{name}` is found in `{table}.{column}`." for name, table, column in contract.links]
    if contract.any_of:
        notes.append("At least one of " + ", ".join(f"`{name}`" for name in contract.any_of) + " is there.")
    lines = [f"## {contract.name}\n", f"{contract.meaning} Data type: {contract.data_type}. {' '.join(notes)}\n"]
    lines += ["| column | meaning | unit | allowed |", "| --- | --- | --- | --- |"]
    for column in contract.columns:
        name = f"**`{column.name}`**" if column.required else f"`{column.name}`"
        allowed = column.allowed.replace("|", "\\|")
        lines.append(f"| {name} | {column.meaning} | {column.unit} | {allowed} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(data_dictionary(), encoding="utf-8")
