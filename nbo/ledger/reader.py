"""What a ledger tells: its rows, what came of each decision, and whether all is as it was recorded."""

from __future__ import annotations

from html import escape
from types import TracebackType
from typing import Any, Self

import pandas as pd

from nbo.ledger.cursor import Cursor
from nbo.ledger.database import Database
from nbo.ledger.feedback import holding, resolve, still_pending
from nbo.ledger.reading import count_rows, read_contradictions, read_decisions, read_erasures, read_outcomes
from nbo.ledger.verification import Verification
from nbo.ledger.verify import verify
from nbo.times import check_duration, check_time

__all__ = ["LedgerReader", "moment_or_now"]


class LedgerReader:
    """The reading half of :class:`nbo.Ledger`.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def decisions(self, since: Any = None, until: Any = None) -> pd.DataFrame:
        """Read the decisions.

        Parameters
        ----------
        since, until : str or Timestamp, optional
            Only decisions with ``since <= decided_at < until``, in UTC.

        Returns
        -------
        DataFrame
            In the order of recording: the known columns, then the others. Customer ids are
            text or integers as they were given.

        Raises
        ------
        InputError
            If `since` or `until` is not a time.
        """
        start = None if since is None else check_time(since, "since")
        end = None if until is None else check_time(until, "until")
        with self._database.reading() as connection:
            return read_decisions(connection, start, end)

    def outcomes(self) -> pd.DataFrame:
        """Read all outcomes, corrected ones too.

        Returns
        -------
        DataFrame
            In the order of recording: `decision_id`, `outcome`, `outcome_at`, `known_at`, then
            the others.
        """
        with self._database.reading() as connection:
            return read_outcomes(connection)

    def feedback(self, as_of: Any = None, window: str | pd.Timedelta = "14D", pending: bool = False) -> pd.DataFrame:
        """Read what came of each decision, as it was known at a moment.

        Parameters
        ----------
        as_of : str or Timestamp, optional
            Only what happened and was known before it counts, in UTC. By default now.
        window : str or Timedelta, default="14D"
            How long to wait for an answer. A decision without one is a `no_answer` from
            ``decided_at + window`` on. A later accept or reject still takes its place.
        pending : bool, default=False
            Give the decisions still open as well: `outcome` is "pending", `outcome_at` and
            `reward` are missing.

        Returns
        -------
        DataFrame
            One row per resolved decision, by `decided_at` and `decision_id`: its columns, then
            `outcome`, `outcome_at` and `reward` (1.0 for an accept, else 0.0). Decisions still
            open are left out, see :meth:`pending`. Decisions to make no offer are a `no_answer`
            at the end of the window.

        Raises
        ------
        InputError
            If `as_of` is not a time or `window` not a length of time.
        """
        return resolve(*self._known(as_of), check_duration(window, "window"), pending)

    def pending(self, as_of: Any = None, window: str | pd.Timedelta = "14D") -> pd.DataFrame:
        """Read the decisions whose answer may still come.

        Parameters
        ----------
        as_of, window
            As in :meth:`feedback`.

        Returns
        -------
        DataFrame
            Decisions made before `as_of` that have no answer and whose window is not over, by
            `decided_at` and `decision_id`.

        Raises
        ------
        InputError
            If `as_of` is not a time or `window` not a length of time.
        """
        return still_pending(*self._known(as_of), check_duration(window, "window"))

    def counts(self) -> dict[str, int]:
        """Count the rows.

        Returns
        -------
        dict
            `decisions`; `outcomes`, of which `accept`, `reject` and `no_answer`.
        """
        with self._database.reading() as connection:
            return count_rows(connection)

    def contradictions(self) -> pd.DataFrame:
        """Read the outcomes of decisions to which different ones were recorded.

        Returns
        -------
        DataFrame
            All outcomes of these decisions, in the order of recording: `decision_id`, `outcome`,
            `outcome_at`, `known_at`, the others, and `holds`: the one that counts, by the rule of
            :meth:`Ledger.record_outcomes`.
        """
        with self._database.reading() as connection:
            outcomes = read_contradictions(connection)
        return outcomes.assign(holds=holding(outcomes))

    def erasures(self) -> pd.DataFrame:
        """Read which pseudonyms stand for erased customers.

        Returns
        -------
        DataFrame
            In the order of recording: `erased_at`, `pseudonym`, `decisions` and `outcomes` (how
            many rows were stripped), `reason`.
        """
        with self._database.reading() as connection:
            return read_erasures(connection)

    def verify(self, head: str | None = None) -> Verification:
        """Check that every row is as it was recorded.

        Each row carries a hash of itself and of the row before. A row that was changed, removed
        or slipped in by other means than this class is found.

        Parameters
        ----------
        head : str, optional
            `head` of an earlier check, kept elsewhere. The rows of then must still be there.

        Returns
        -------
        Verification
            True if all is well; else it has the first broken row, and what is wrong with it.

        Raises
        ------
        InputError
            If `head` is not a head.
        LedgerError
            If the ledger is closed or cannot be read.
        """
        with self._database.reading() as connection:
            return verify(Cursor.of(connection), head)

    def close(self) -> None:
        """Close the ledger. A second time does nothing."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Ledger {self._database.name}: {self._state()}>"

    def _repr_html_(self) -> str:
        return f"<b>Ledger</b> <code>{escape(self._database.name)}</code>: {escape(self._state())}"

    def _state(self) -> str:
        if not self._database.is_open:
            return "closed"
        return ", ".join(f"{n:,} {name}" for name, n in self.counts().items())

    def _known(self, as_of: Any) -> tuple[pd.DataFrame, pd.DataFrame, pd.Timestamp]:
        moment = moment_or_now(as_of, "as_of")
        with self._database.reading() as connection:
            return read_decisions(connection, None, moment), read_outcomes(connection), moment


def moment_or_now(value: Any, what: str) -> pd.Timestamp:
    """Take a moment, or the clock's.

    Parameters
    ----------
    value : str, datetime, Timestamp or None
    what : str
        Name for messages.

    Returns
    -------
    Timestamp
        UTC without a zone.
    """
    return pd.Timestamp.now("UTC").tz_localize(None) if value is None else check_time(value, what)
