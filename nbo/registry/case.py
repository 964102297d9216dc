"""What is asked when a challenger is to be promoted, and the decisions that speak for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.next_best_offer import NextBestOffer
from nbo.registry.bar import Bar
from nbo.registry.comparison import MONEY, with_money
from nbo.registry.judgement import beginning
from nbo.registry.live_state import catch_up, own_watermark
from nbo.registry.logged import LoggedVersion
from nbo.tables import CustomerTables
from nbo.times import check_duration, check_times

if TYPE_CHECKING:
    from nbo.ledger import Ledger

__all__ = ["Case"]


@dataclass(frozen=True)
class Case:
    """Two versions, what speaks for them, and what must be cleared.

    Parameters
    ----------
    rival : LoggedVersion
        The challenger.
    holder : LoggedVersion or None
        The champion, if there is one.
    alias : str
        What is at stake.
    bar : Bar
    ledger : Ledger or None
    feedback : DataFrame or None
        In place of the ledger.
    tables : CustomerTables or None
    reward : str or None
        Column to compare; None for money where it is known.
    health : bool or mapping
        Limits of health checks; False for none.
    since : Timestamp, str or None
        Only decisions made from then on count.
    window : str
        How long an answer may take.
    as_of : Timestamp or None
        Only answers known before it count.
    """

    rival: LoggedVersion
    holder: LoggedVersion | None
    alias: str
    bar: Bar
    ledger: Ledger | None
    feedback: pd.DataFrame | None
    tables: CustomerTables | None
    reward: str | None
    health: bool | Mapping[str, tuple[float, float]]
    since: Any
    window: str
    as_of: pd.Timestamp | None

    def tables_with_history(self) -> CustomerTables | None:
        """Add what the ledger knows: features of past offers must see what they saw at each decision."""
        if self.tables is None or self.ledger is None:
            return self.tables
        return self.tables.added(decisions=self.ledger.decisions(), outcomes=self.ledger.outcomes())

    def priced_rows(self) -> tuple[pd.DataFrame, str]:
        """Read the answered decisions, and choose what is compared: money where it is known.

        Returns
        -------
        feedback : DataFrame
        reward : str
            Its column.

        Raises
        ------
        InputError
            If neither or both of ledger and feedback are given, or they lack what is needed.
        """
        rows = self._feedback()
        if self.reward is None and c.VALUE in rows and rows[c.VALUE].notna().any():
            return with_money(rows), MONEY
        return rows, self.reward or c.REWARD

    def brought_to_start(self, challenger: NextBestOffer, champion: NextBestOffer) -> pd.Timestamp:
        """Let both models learn what was answered before the decisions that count, and say from when on they do.

        Parameters
        ----------
        challenger, champion : NextBestOffer
            Changed in place.

        Returns
        -------
        Timestamp
        """
        start = beginning(challenger, champion, self.since)
        if self.ledger is not None:
            for model in (challenger, champion):
                watermark = own_watermark(model)
                if watermark <= start:
                    catch_up(model, self.rival.name, self.ledger, start, watermark)
        return start

    def _feedback(self) -> pd.DataFrame:
        if (self.ledger is None) == (self.feedback is None):
            raise InputError("give promote either a ledger or feedback: there is a champion to compare with.")
        if self.ledger is not None:
            if self.as_of is None:
                raise InputError("as_of must be given with a ledger: only answers known before it count.")
            rows = self.ledger.feedback(self.as_of, window=self.window)
            # Of younger decisions mostly acceptances are known: a refusal by silence takes the whole window.
            over = rows[c.DECIDED_AT] + check_duration(self.window, "window") <= self.as_of
            return rows[over].reset_index(drop=True)
        frame = check_frame(self.feedback, "feedback")
        check_columns(frame, [c.DECISION_ID, c.DECIDED_AT], "feedback")
        frame = frame.assign(**{c.DECIDED_AT: check_times(frame[c.DECIDED_AT], "feedback.decided_at")})
        if self.as_of is not None and c.OUTCOME_AT in frame:
            frame = frame[check_times(frame[c.OUTCOME_AT], "feedback.outcome_at") < self.as_of]
        return frame.reset_index(drop=True)
