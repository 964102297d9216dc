"""The ledger: what was decided and what came of it, kept for good."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from numbers import Integral
from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.errors import InputError
from nbo.ledger.answers import part, read_decided, read_outcome_frame, why_refused
from nbo.ledger.append import append_answer, append_answers, append_decisions
from nbo.ledger.cursor import Cursor
from nbo.ledger.database import Database
from nbo.ledger.erase import erase
from nbo.ledger.kinds import to_microseconds
from nbo.ledger.one_row import decision_row, framed_outcome, outcome_row
from nbo.ledger.reader import LedgerReader, moment_or_now
from nbo.ledger.rows import decision_rows

__all__ = ["Ledger"]


class Ledger(LedgerReader):
    """What was decided and what came of it, in a database that only grows.

    A call writes all its rows or none. When it returns they are durable: no crash of the process
    takes them back, and by default no power cut. Rows are recognized by content, so
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

    @classmethod
    def open(cls, url: str, durable: str = "power", create: bool = True) -> Ledger:
        """Open a ledger, and make it where there is none.

        Parameters
        ----------
        url : str
            ``sqlite:///nbo.db`` for a file, ``sqlite://`` for one in memory that is gone when
            closed, ``postgresql://user@host/database`` for a server (extra ``postgres``).
        durable : {"power", "process"}, default="power"
            What rows survive once a call has returned: "power", a power cut; "process", that
            this process is killed at any moment, several times faster for single rows: a
            power cut may take the last seconds. A server has settings of its own.
        create : bool, default=True
            False: refuse to make a new one.

        Returns
        -------
        Ledger

        Raises
        ------
        InputError
            If `url` is not such a text, or `durable` is another.
        LedgerError
            If what is there is no ledger, damaged, of a newer format, or out of reach; or
            there is none and `create` is False.
        MissingPackageError
            If the driver for PostgreSQL is not installed.
        """
        return cls(Database(url, durable, create))

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
        return self._database.write(lambda cursor: append_decisions(cursor, batch))

    def record_decision(self, decision: Mapping[str, Any]) -> bool:
        """Record one decision, faster than by a frame.

        Parameters
        ----------
        decision : mapping
            Values by column, as in a row of :meth:`record`.

        Returns
        -------
        bool
            Whether it was new.

        Raises
        ------
        InputError
            If a column is missing, or has a value that is not allowed.
        LedgerError
            If the `decision_id` is recorded with other content.
        TypeError
            If it is not a mapping.
        """
        if not isinstance(decision, Mapping):
            raise TypeError(f"decision must be a mapping of values by column; got {type(decision).__name__}.")
        batch = decision_row(decision) or decision_rows(pd.DataFrame([dict(decision)]))
        return self._database.write(lambda cursor: append_decisions(cursor, batch)) == 1

    def record_outcomes(self, outcomes: pd.DataFrame, now: Any = None) -> int:
        """Record what came of decisions.

        A second answer to a decision is a correction: both are kept. An accept or a reject holds
        before a no_answer, then the latest `outcome_at`, then the one that was recorded last.

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
        answers, moment = read_outcome_frame(outcomes), moment_or_now(now, "now")
        if answers.frame.empty:
            return 0
        return self._database.write(lambda cursor: append_answers(cursor, answers, moment))

    def record_outcome(
        self,
        decision_id: str | int,
        outcome: str,
        outcome_at: Any,
        known_at: Any = None,
        extra: Mapping[str, Any] | None = None,
        now: Any = None,
    ) -> bool:
        """Record what came of one decision, faster than by a frame.

        Parameters
        ----------
        decision_id : str or int
        outcome : {"accept", "reject", "no_answer"}
        outcome_at : str, datetime or Timestamp
            UTC where it has no zone.
        known_at : str, datetime or Timestamp, optional
            When we came to know it; by default `outcome_at`.
        extra : mapping, optional
            Values of other columns.
        now : str or Timestamp, optional
            As in :meth:`record_outcomes`.

        Returns
        -------
        bool
            Whether it was new.

        Raises
        ------
        InputError
            If a value is of a wrong type, or `extra` has a column that is an argument here.
        LedgerError
            If it is no answer to a recorded decision.

        Examples
        --------
        >>> with Ledger.open("sqlite://") as ledger:
        ...     decision = {"decision_id": "d1", "customer_id": 7, "decided_at": "2026-01-01",
        ...                 "offer_id": "bonus", "action_probability": 0.5}
        ...     ledger.record_decision(decision), ledger.record_outcome("d1", "accept", "2026-01-03")
        (True, True)
        """
        latest = time.time_ns() // 1_000 if now is None else to_microseconds(moment_or_now(now, "now"))
        batch = outcome_row(decision_id, outcome, outcome_at, known_at, extra or {})
        new = None if batch is None else self._database.write(lambda cursor: append_answer(cursor, batch, latest))
        if new is not None:
            return new == 1
        # Not plain, or refused: as a frame it is converted, or refused with the reason.
        given = {c.DECISION_ID: decision_id, c.OUTCOME: outcome, c.OUTCOME_AT: outcome_at, c.KNOWN_AT: known_at}
        return self.record_outcomes(framed_outcome(given, extra or {}), now) == 1

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
        answers, moment = read_outcome_frame(outcomes), moment_or_now(now, "now")
        with self._database.reading() as connection:
            decided = read_decided(Cursor.of(connection), answers.ids)
        return part(answers.frame, why_refused(answers, decided, moment))

    def erase(
        self,
        customer_id: str | int,
        keep: Collection[str] = (c.SEGMENT_SCHEME, c.UPLIFT),
        reason: str | None = None,
        now: Any = None,
    ) -> int:
        """Erase who a customer is, and leave what was decided and what came of it.

        A random pseudonym takes the place of the customer's id, and the extra columns are
        removed. All else stays, so that counts, sums and feedback do too. That it was done is
        a row of its own, see :meth:`erasures`. A second time does nothing.

        Parameters
        ----------
        customer_id : str or int
        keep : collection of str, default=("segment_scheme", "uplift")
            Extra columns that stay, because they do not tell who it is.
        reason : str, optional
            Kept with the erasure.
        now : str or Timestamp, optional
            When it is done, UTC. By default the clock of this machine.

        Returns
        -------
        int
            How many decisions were the customer's.

        Raises
        ------
        InputError
            If `customer_id` is neither text nor an integer.
        """
        if isinstance(customer_id, bool) or not isinstance(customer_id, str | Integral):
            raise InputError(f"customer_id must be text or an integer; got {customer_id!r}.")
        moment = to_microseconds(moment_or_now(now, "now"))
        done = self._database.write(lambda cursor: erase(cursor, str(customer_id), frozenset(keep), reason, moment))
        if done:
            self._database.settle()
        return done
