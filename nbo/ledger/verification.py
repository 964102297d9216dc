"""What a check of the chain found."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Verification"]


@dataclass(frozen=True)
class Verification:
    """Whether a ledger is as it was recorded.

    Parameters
    ----------
    ok : bool
        True if nothing was found.
    decisions, outcomes, erasures : int
        Rows checked.
    head : str
        Where the chain stands: three counts and a hash. Keep it elsewhere and give it to a
        later check: whoever can write to the database can make a new chain, but none in which
        an old head is found again.
    table : str or None
        Where the first fault is.
    row : int or None
        Its number, counted from 1 in the order of recording.
    problem : str or None
        What is wrong there.

    Examples
    --------
    >>> print(Verification(False, 2, 1, 0, "", "nbo_decisions", 2, "its content is not what was recorded"))
    broken: nbo_decisions, row 2: its content is not what was recorded
    """

    ok: bool
    decisions: int
    outcomes: int
    erasures: int
    head: str
    table: str | None = None
    row: int | None = None
    problem: str | None = None

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        if self.ok:
            counts = f"{self.decisions} decisions, {self.outcomes} outcomes, {self.erasures} erasures"
            return f"whole: {counts}; head {self.head}"
        place = [text for text in (self.table, None if self.row is None else f"row {self.row}") if text]
        return f"broken: {', '.join(place)}{': ' if place else ''}{self.problem}"
