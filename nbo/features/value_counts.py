"""How often values stand in a piece of a table: what builders learn from is added up from such counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbo.features.conditions import Condition, rows_where
from nbo.tables import TableColumns

__all__ = ["MissingCounts", "ValueCounts"]


@dataclass(frozen=True)
class ValueCounts:
    """Count the values of a column, as texts.

    Parameters
    ----------
    column : str
    where : tuple of conditions, default=()
        Rows that do not meet all are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> table = TableColumns.of(pd.DataFrame({"channel": ["web", None, "shop", "web"]}), "transactions")
    >>> ValueCounts("channel")(table, np.array([True, True, True, False]))
    {'shop': 1, 'web': 1}
    """

    column: str
    where: tuple[Condition, ...] = ()

    @property
    def columns(self) -> list[str]:
        """The columns that are read."""
        return [self.column, *(condition[0] for condition in self.where)]

    def __call__(self, piece: TableColumns, known: np.ndarray) -> dict[str, int]:
        """Count in the rows of a piece that were known."""
        codes = piece.codes(self.column)
        texts, ranks = codes.alphabet
        seen = codes.codes[known & rows_where(piece, self.where) if self.where else known]
        counts = np.bincount(ranks[seen[seen >= 0]], minlength=len(texts)).tolist()
        return {text: n for text, n in zip(texts, counts, strict=True) if n}


@dataclass(frozen=True)
class MissingCounts:
    """Count the rows in which a column is missing; nothing where it never is.

    Parameters
    ----------
    column : str

    Examples
    --------
    >>> import pandas as pd
    >>> table = TableColumns.of(pd.DataFrame({"channel": ["web", None, "shop", None]}), "transactions")
    >>> MissingCounts("channel")(table, np.array([True, True, True, False]))
    {'missing': 1}
    """

    column: str

    @property
    def columns(self) -> list[str]:
        """The column that is read."""
        return [self.column]

    def __call__(self, piece: TableColumns, known: np.ndarray) -> dict[str, int]:
        """Count in the rows of a piece that were known."""
        n = int(piece[self.column].isna().to_numpy()[known].sum())
        return {"missing": n} if n else {}
