"""Random logs, and what they say by a slow plain loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from nbo.arbitration import Candidates
from nbo.tables import Catalog, CustomerTables, Offer, Spine, Treatment

HOUR, DAY = pd.Timedelta("1h"), pd.Timedelta("1D")
NOW = pd.Timestamp("2026-06-30 12:00")
CATALOG = Catalog(
    [
        Offer("card", category="money", kind="discount", channels=("email", "phone"), products=("p-card",)),
        Offer("loan", category="money", kind="bundle", treatments=(Treatment("email"), Treatment("app"))),
        Offer("case", category="goods", kind="discount"),
        Offer("plan", kind="retention", channels=("phone",), products=("p-plan",)),
    ]
)


@dataclass
class Log:
    """A random world: customers who move between households, and what was offered and answered."""

    customers: pd.DataFrame
    decisions: pd.DataFrame
    outcomes: pd.DataFrame
    spine: pd.DataFrame

    @classmethod
    def random(cls, seed: int, n_rows: int = 40, same_moment: bool = False) -> Log:
        rng = np.random.default_rng(seed)
        ids = [f"c{i}" for i in range(7)]
        # Few different moments, so that rows stand exactly at the edges of windows.
        moments = NOW - np.arange(60) * 6 * HOUR
        homes = pd.DataFrame(
            {
                "customer_id": rng.choice(ids, 12),
                "valid_from": rng.choice(moments, 12),
                "household_id": rng.choice(np.array(["h", "i", None], dtype=object), 12),
                "account_id": rng.choice(np.array(["a", None], dtype=object), 12),
            }
        ).drop_duplicates(["customer_id", "valid_from"])
        decisions = pd.DataFrame(
            {
                "decision_id": [f"d{i}" for i in range(n_rows)],
                "customer_id": rng.choice(ids, n_rows),
                "decided_at": rng.choice(moments, n_rows),
                "offer_id": rng.choice(["card", "loan", "case", "plan", "gone", "no_offer"], n_rows),
                "channel": rng.choice(np.array(["email", "phone", "app", None], dtype=object), n_rows),
            }
        )
        answered = decisions.iloc[rng.integers(0, n_rows, n_rows)]
        outcomes = pd.DataFrame(
            {
                "decision_id": answered["decision_id"].to_numpy(),
                "outcome": rng.choice(["accept", "reject", "no_answer"], n_rows),
                "outcome_at": answered["decided_at"].to_numpy() + rng.integers(0, 12, n_rows) * 6 * HOUR,
            }
        ).drop_duplicates()
        as_of = pd.Series([NOW] * 7) if same_moment else pd.Series(rng.choice(moments[:20], 7))
        return cls(homes, decisions, outcomes, pd.DataFrame({"customer_id": rng.permutation(ids), "as_of": as_of}))

    @property
    def tables(self) -> CustomerTables:
        return CustomerTables(customers=self.customers, decisions=self.decisions, outcomes=self.outcomes)

    def candidates(self, rules=(), catalog: Catalog = CATALOG) -> Candidates:
        return Candidates.of(self.tables, Spine.of(self.spine), catalog, tuple(rules))

    def home(self, customer: str, as_of: pd.Timestamp, column: str):
        rows = [row for row in self.customers.itertuples() if row.customer_id == customer and row.valid_from < as_of]
        found = getattr(max(rows, key=lambda row: row.valid_from), column) if rows else None
        return found if isinstance(found, str) else None

    def members(self, customer: str, as_of: pd.Timestamp, by: str) -> list[str]:
        home = None if by == "customer" else self.home(customer, as_of, f"{by}_id")
        if home is None:
            return [customer]
        ids = [f"c{i}" for i in range(7)]
        return [one for one in ids if self.home(one, as_of, f"{by}_id") == home]

    def answer(self, decision: str, as_of: pd.Timestamp):
        """The answer that holds, and when it came."""
        strength = [
            (row.outcome != "no_answer", row.outcome_at, row.outcome)
            for row in self.outcomes.itertuples()
            if row.decision_id == decision and row.outcome_at < as_of
        ]
        return max(strength)[:0:-1] if strength else (None, None)

    def contacts(self, customer, as_of, by="customer", outcome=None, within=14 * DAY) -> list[tuple]:
        """(time, offer, channel) of each contact with the answer, in the order of time."""
        members, found = self.members(customer, as_of, by), []
        for row in self.decisions.itertuples():
            if row.customer_id not in members or row.decided_at >= as_of or row.offer_id == "no_offer":
                continue
            said, when = self.answer(row.decision_id, as_of)
            answers = [one for one in self.outcomes.itertuples() if one.decision_id == row.decision_id]
            recorded = [one.outcome_at for one in answers if one.outcome == "no_answer"]
            silent = min([row.decided_at + within, *recorded])
            if outcome is None:
                time = row.decided_at
            elif outcome in ("accept", "reject"):
                time = when if said == outcome else None
            elif said in ("accept", "reject"):
                time = None
            elif outcome == "no_answer":
                time = silent if silent < as_of else None
            else:
                time = row.decided_at if silent >= as_of else None
            if time is not None:
                found.append((time, row.offer_id, row.channel))
        return sorted(found, key=lambda contact: contact[0])


@pytest.fixture(scope="session")
def random_log():
    return Log.random


def refusals_end_exactly(rule, log: Log) -> int:
    """Ask again one microsecond before, and at, the moment at which each refusal of a run is said to end.

    Nothing happens after the run: what was later is taken out of the log.
    """
    now = log.spine["as_of"].max()
    log.customers = log.customers[log.customers["valid_from"] < now]
    log.decisions = log.decisions[log.decisions["decided_at"] < now]
    log.outcomes = log.outcomes[log.outcomes["outcome_at"] < now]
    asked = log.candidates()
    asked_again = 0
    for reason, moments in rule.resumes(asked).items():
        moments = np.broadcast_to(moments, asked.shape)
        refused = np.broadcast_to(rule.refused(asked)[reason], asked.shape)
        assert (np.isnat(moments) | refused).all(), "a moment without a refusal"
        row, offer, way = np.nonzero(~np.isnat(moments))
        for before, still in ((1, True), (0, False)):
            when = moments[row, offer, way] - np.timedelta64(before, "us")
            who = log.spine["customer_id"].to_numpy()[row]
            again = Candidates.of(log.tables, Spine.of(pd.DataFrame({"customer_id": who, "as_of": when})), CATALOG)
            mask = np.broadcast_to(rule.refused(again)[reason], again.shape)
            assert (mask[np.arange(len(row)), offer, way] == still).all()
        asked_again += len(row)
    return asked_again


@pytest.fixture(scope="session")
def ends_exactly():
    return refusals_end_exactly
