"""The ledger: what was decided and what came of it, kept for good."""

from __future__ import annotations

from html import escape
from types import TracebackType
from typing import Any

import pandas as pd

from nbo.ledger.answers import part, raise_rejects, why_refused
from nbo.ledger.append import append_decisions, append_outcomes
from nbo.ledger.database import Database
from nbo.ledger.feedback import resolve, still_pending
from nbo.ledger.reading import count_rows, read_decisions, read_outcomes
from nbo.ledger.rows import decision_rows, outcome_frame, outcome_rows
from nbo.times import check_duration, check_time

__all__ = ["Ledger"]


class Ledger:
    """What was decided and what came of it, in a database that only grows.

    A call of :meth:`record` or :meth:`record_outcomes` writes all its rows or none. When it
    returns they are on the disk: no crash takes them back. Rows are recognized by content, so
    that a call can be repeated after a failure. Several processes may write at the same time;
    they wait for each other. Open one with :meth:`open`, and close it.

    Parameters
    ----------
    database : Database
        Opened by :meth:`open`.

    Examples
    --------
    >>> decisions = pd.DataFrame({
    ...     "decision_id": ["d1", "d2"], "customer_id": [7, 8], "decided_at": ["2026-01-01", "2026-01-01"],
    ...     "offer_id": ["bonus", "bonus"], "action_probability": [0.5, 0.5]})
    >>> outcomes = pd.DataFrame({"decision_id": ["d1"], "outcome": ["accept"], "outcome_at": ["2026-01-03"]})
    >>> with Ledger.open("sqlite://") as ledger:
    ...     new = ledger.record(decisions), ledger.record(decisions), ledger.record_outcomes(outcomes)
    ...     feedback = ledger.feedback("2026-01-15", window="14D")
    >>> new
    (2, 0, 1)
    >>> feedback[["customer_id", "outcome", "reward"]].values.tolist()
    [[7, 'accept', 1.0], [8, 'no_answer', 0.0]]
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, url: str) -> Ledger:
        """Open a ledger, and make it where there is none.

        Parameters
        ----------
        url : str
            ``sqlite:///nbo.db`` for a file, ``sqlite://`` for one in memory that is gone when
            closed, ``postgresql://user@host/database`` for a server (extra ``postgres``).

        Returns
        -------
        Ledger

        Raises
        ------
        InputError
            If `url` is not such a text.
        LedgerError
            If what is there is not a ledger, is damaged or of a newer format, or cannot be
            reached.
        MissingPackageError
            If the driver for PostgreSQL is not installed.
        """
        return cls(Database(url))

    def record(self, decisions: pd.DataFrame) -> int:
        """Record decisions.

        Parameters
        ----------
        decisions : DataFrame of shape (n, any)
            Required: `decision_id` and `customer_id` (text or integers, the same in all
            calls), `decided_at` (UTC where it has no zone), `offer_id` (text, "no_offer" for
            none), `action_probability` in (0, 1]. Known: `run_id`, `channel`, `segment`,
            `propensity`, `value`, `priority`, `policy`, `model_version`, `reason`,
            `candidates`. All others are kept as well.

        Returns
        -------
        int
            How many were new. A row that is recorded already counts as none.

        Raises
        ------
        InputError
            If a column is missing, or has values or a type that are not allowed.
        LedgerError
            If a `decision_id` is recorded with other content; `rejects` has the rows.
        TypeError
            If it is not a frame.
        """
        batch = decision_rows(decisions)
        if not batch.rows:
            return 0
        with self._database.writing() as connection:
            return append_decisions(connection, batch)

    def record_outcomes(self, outcomes: pd.DataFrame, now: Any = None) -> int:
        """Record what came of decisions.

        A second answer to a decision is a correction: both are kept, and the later one holds.

        Parameters
        ----------
        outcomes : DataFrame of shape (n, any)
            Required: `decision_id`; `outcome`: accept, reject or no_answer; `outcome_at`, at
            or after `decided_at` (UTC where it has no zone). Known: `known_at`, when we came to
            know it; `outcome_at` if missing. All others are kept as well.
        now : str or Timestamp, optional
            No answer may be later. By default the clock of this machine.

        Returns
        -------
        int
            How many were new. A row that is recorded already counts as none.

        Raises
        ------
        InputError
            If a column is missing or of a wrong type.
        LedgerError
            If a row is no answer to a recorded decision; `rejects` has these rows with a
            column `reason`. Nothing was written.
        TypeError
            If it is not a frame.
        """
        frame, now = outcome_frame(outcomes), _moment(now, "now")
        if frame.empty:
            return 0
        with self._database.writing() as connection:
            raise_rejects(frame, why_refused(connection, frame, now))
            return append_outcomes(connection, outcome_rows(frame))

    def check_outcomes(self, outcomes: pd.DataFrame, now: Any = None) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Part the outcomes that :meth:`record_outcomes` takes from those that it refuses.

        Parameters
        ----------
        outcomes : DataFrame of shape (n, any)
        now : str or Timestamp, optional
            As in :meth:`record_outcomes`.

        Returns
        -------
        good : DataFrame
            Rows that can be recorded, as they were given.
        rejects : DataFrame
            The others, with a column `reason`.

        Raises
        ------
        InputError
            If a column is missing or of a wrong type.
        TypeError
            If it is not a frame.
        """
        frame, now = outcome_frame(outcomes), _moment(now, "now")
        with self._database.reading() as connection:
            reasons = why_refused(connection, frame, now)
        return part(frame, reasons)

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

    def feedback(self, as_of: Any = None, window: str | pd.Timedelta = "14D") -> pd.DataFrame:
        """Read what came of each decision, as it was known at a moment.

        Parameters
        ----------
        as_of : str or Timestamp, optional
            Only what happened and was known before it counts, in UTC. By default now.
        window : str or Timedelta, default="14D"
            How long to wait for an answer. A decision without one is a `no_answer` from
            ``decided_at + window`` on. A later accept or reject still takes its place.

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
        return resolve(*self._known(as_of), check_duration(window, "window"))

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

    def close(self) -> None:
        """Close the ledger. A second time does nothing."""
        self._database.close()

    def __enter__(self) -> Ledger:
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
        moment = _moment(as_of, "as_of")
        with self._database.reading() as connection:
            return read_decisions(connection, None, moment), read_outcomes(connection), moment


def _moment(value: Any, what: str) -> pd.Timestamp:
    return pd.Timestamp.now("UTC").tz_localize(None) if value is None else check_time(value, what)
