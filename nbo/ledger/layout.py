"""What of each table is chained by hashes, and what of it identifies a person."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from operator import itemgetter
from typing import Any, Final

from nbo import columns as c
from nbo.ledger.schema import DECISION_KINDS, OUTCOME_KINDS

__all__ = ["DECISION_LAYOUT", "ERASURE_LAYOUT", "OUTCOME_LAYOUT", "Layout"]


class Layout:
    """Which columns of a table are chained, and which of them identify a person.

    Parameters
    ----------
    name : str
        Of the table.
    columns : sequence of str
        All but `row`, `seal` and `chain`; the last one may be missing in a row.
    personal : sequence of str
        The columns that identify a person.
    """

    def __init__(self, name: str, columns: Sequence[str], personal: Sequence[str]) -> None:
        self.name = name
        self.columns = tuple(columns)
        self.personal = tuple(self.columns.index(one) for one in personal)
        #: The columns of the table in the order in which rows are written and read.
        self.stored = ("row", *self.columns, *(("seal",) if personal else ()), "chain")
        names, marks = ", ".join(self.stored), ", ".join("?" * len(self.stored))
        #: The statement that writes such a row.
        self.insert = f"INSERT INTO {name} ({names}) VALUES ({marks})"
        self._identity = itemgetter(*self.personal) if personal else None
        content = [i for i in range(len(self.columns)) if i not in self.personal]
        self._content = itemgetter(*content)
        # A tuple's literal in ASCII is made at once, in every version of Python alike, and no other tuple has the same.
        self._link = f"%b(%d, %a, ({', '.join(['%a'] * len(content))}))".encode()

    def are_personal(self, rows: Sequence[Sequence[Any]]) -> list[bool]:
        """Tell which rows have something that identifies a person.

        Parameters
        ----------
        rows : sequence of sequence
            Values of `columns`.

        Returns
        -------
        list of bool
        """
        if len(self.personal) == 1:
            return [row[-1] is not None for row in rows]
        return [bool(self.personal)] * len(rows)

    def digest(self, row: Sequence[Any], salt: bytes) -> bytes:
        """Hash what identifies a person.

        Parameters
        ----------
        row : sequence
            Values of `columns`.
        salt : bytes

        Returns
        -------
        bytes
            32 of them.
        """
        identity = () if self._identity is None else self._identity(row)
        return sha256(salt + ascii(identity).encode()).digest()

    def link(self, before: bytes, number: int, row: Sequence[Any], digest: bytes | None) -> bytes:
        """Hash a row and all that is before it.

        Parameters
        ----------
        before : bytes
            `chain` of the row before.
        number : int
            The row's number.
        row : sequence
            Values of `columns`.
        digest : bytes or None
            Of what identifies a person; None where nothing does.

        Returns
        -------
        bytes
            `chain` of the row.
        """
        return sha256(self._link % (before, number, digest, *self._content(row))).digest()


DECISION_LAYOUT: Final = Layout("nbo_decisions", (*DECISION_KINDS, "extra"), (c.CUSTOMER_ID, "extra"))
OUTCOME_LAYOUT: Final = Layout("nbo_outcomes", (*OUTCOME_KINDS, "extra"), ("extra",))
ERASURE_LAYOUT: Final = Layout(
    "nbo_erasures", ("erased_at", "pseudonym", "decisions", "outcomes", "reason", "remains"), ()
)
