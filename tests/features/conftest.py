"""Small random worlds with all that is awkward: ties, late rows, gaps, odd fractions, strangers."""

import functools
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from nbo.tables import CustomerTables, Spine

IDS = ["ann", "bob", "cy", "dee", "eve", "fay"]
START = pd.Timestamp("2026-01-01")


def _times(rng: np.random.Generator, n: int, days: int = 120) -> pd.Series:
    """Whole half days, so that many rows are tied with each other and with as_of."""
    return pd.Series(START + pd.to_timedelta(rng.integers(0, 2 * days, n) * 12, unit="h")).astype("datetime64[us]")


def _late(rng: np.random.Generator, times: pd.Series) -> pd.Series:
    """Known at once, at once but not stated, or up to 20 days later."""
    delay = pd.to_timedelta(rng.integers(0, 40, len(times)) * 12, unit="h")
    known = times + delay.where(rng.random(len(times)) < 0.5, pd.Timedelta(0))
    return known.mask(rng.random(len(times)) < 0.3)


def _some(rng: np.random.Generator, values: list, n: int) -> pd.Series:
    """Values with a tenth missing."""
    return pd.Series(rng.choice(values, n)).mask(rng.random(n) < 0.1)


def _money(rng: np.random.Generator, n: int) -> pd.Series:
    """Cents, thirds of a cent, and missing amounts."""
    cents = np.round(rng.gamma(2, 20, n), 2)
    return pd.Series(np.where(rng.random(n) < 0.2, cents / 3, cents)).mask(rng.random(n) < 0.1)


def _events(rng: np.random.Generator, n: int, time: str = "event_time") -> dict[str, pd.Series]:
    times = _times(rng, n)
    return {"customer_id": pd.Series(rng.choice(IDS, n)), time: times, "known_at": _late(rng, times)}


def _customers(rng: np.random.Generator, n: int) -> pd.DataFrame:
    attributes = _times(rng, n)
    return pd.DataFrame(
        {
            "customer_id": rng.choice(IDS, n),
            "valid_from": attributes.mask(rng.random(n) < 0.2),
            "known_at": _late(rng, attributes),
            "birth_date": _times(rng, n) - pd.Timedelta("9000D"),
            "gender": _some(rng, ["f", "m"], n),
            "signed_up_at": _times(rng, n),
            "household_id": _some(rng, ["h1", "h2"], n),
            "postcode": _some(rng, ["p1", "p2"], n),
            "consent_email": rng.random(n) < 0.5,
            "shoe_size": rng.integers(36, 48, n),
            "account_id": _some(rng, ["a1", "a2"], n),
            "age": rng.choice([15.0, 30.0, 50.0, 70.0, np.nan], n),
            "marital_status": _some(rng, ["married", "single"], n),
            "children": rng.choice([0.0, 2.0, np.nan], n),
            "job": _some(rng, ["cook", "student"], n),
            "city": _some(rng, ["Bern", "Oslo", "Rome"], n),
            "region": _some(rng, ["north", "south"], n),
            "technologies": _some(rng, ["crm|erp", "erp", ""], n),
            "buying_role": _some(rng, ["decision maker", "user"], n),
            "company_size": rng.choice([0.0, 9.0, 10.0, 300.0, np.nan], n),
            "revenue": _money(rng, n),
        }
    )


def _transactions(rng: np.random.Generator, n: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            **_events(rng, n),
            "amount": _money(rng, n),
            "margin": _money(rng, n) - 30,
            "discount": _money(rng, n),
            "kind": _some(rng, ["sale", "sale", "return"], n),
            "status": _some(rng, ["completed", "completed", "pending"], n),
            "category": _some(rng, ["books", "pets", "toys"], n),
            "product_id": _some(rng, list("abcdef"), n),
            "channel": _some(rng, ["web", "shop"], n),
            "quantity": rng.choice([0.0, 1.0, 2.0, 2.5, np.nan], n),
        }
    )


def _cases(rng: np.random.Generator, n: int) -> pd.DataFrame:
    opened = _events(rng, n, "opened_at")
    closed = opened["opened_at"] + pd.to_timedelta(rng.integers(0, 60, n), unit="D")
    return pd.DataFrame(
        {
            **opened,
            "closed_at": closed.mask(rng.random(n) < 0.3),
            "kind": _some(rng, ["complaint", "inquiry", "request"], n),
            "severity": _some(rng, [1.0, 3.0, 5.0], n),
            "satisfaction": _some(rng, [1.0, 2.0, 5.0], n),
            "cost_to_serve": _money(rng, n),
            "topic": _some(rng, ["delivery", "price"], n),
        }
    )


def _referrals(rng: np.random.Generator, n: int) -> pd.DataFrame:
    made = _events(rng, n)
    converted = (made["event_time"] + pd.Timedelta("9D")).mask(rng.random(n) < 0.5)
    return pd.DataFrame({**made, "referred_id": "x", "converted_at": converted, "converted_value": _money(rng, n)})


def _environment(rng: np.random.Generator, n: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": _some(rng, IDS, n).where(rng.random(n) < 0.3),
            "household_id": _some(rng, ["h1", "h2"], n).where(rng.random(n) < 0.5),
            "postcode": _some(rng, ["p1", "p2"], n),
            "valid_from": _times(rng, n),
            "match_confidence": rng.random(n),
            "occupation": _some(rng, ["cook", "nurse"], n),
            "income": _money(rng, n),
        }
    )


def _macro(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Months, each published late and some of them more than once."""
    start = START + pd.to_timedelta(rng.integers(0, 8, n) * 15, unit="D")
    published = pd.Series(start + pd.to_timedelta(rng.integers(0, 60, n) * 12, unit="h"))
    return pd.DataFrame(
        {
            "series": rng.choice(["cpi", "jobs"], n),
            "valid_from": pd.Series(start).mask(rng.random(n) < 0.1),
            "known_at": published.mask(rng.random(n) < 0.1),
            "value": rng.normal(size=n).round(1),
            "region": _some(rng, ["north", "south"], n).where(rng.random(n) < 0.4),
        }
    )


def _behavior(rng: np.random.Generator, n: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            **_events(rng, n),
            "customer_id": rng.choice([*IDS, "v1", "v2"], n),
            "event_type": _some(rng, ["page_view", "cart", "chat", "email_sent", "email_open", "blog"], n),
            "channel": _some(rng, ["web", "app"], n),
            "device": _some(rng, ["phone", "tablet"], n),
            "session_id": _some(rng, list("stuv"), n),
            "product_id": _some(rng, list("abc"), n),
            "duration": _money(rng, n),
            "category": _some(rng, ["books", "pets"], n),
        }
    )


def _social(rng: np.random.Generator, n: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            **_events(rng, n),
            "kind": _some(rng, ["like", "comment"], n),
            "topic": _some(rng, ["price", "service"], n),
            "sentiment": rng.uniform(-1, 1, n),
            "reach": rng.integers(0, 99, n),
        }
    )


def _surveys(rng: np.random.Generator, n: int) -> pd.DataFrame:
    answers = {"survey": _some(rng, ["csat", "nps"], n), "score": rng.integers(0, 10, n)}
    return pd.DataFrame({**_events(rng, n), **answers, "weight": _some(rng, [0.5, 1.0, 1 / 3], n)})


def _relationships(rng: np.random.Generator, n: int) -> pd.DataFrame:
    ends = {"customer_id": rng.choice(IDS, n), "related_id": rng.choice(IDS, n)}
    kinds = {"kind": _some(rng, ["friend", "family"], n), "weight": _some(rng, [0.0, 0.5, 1.0], n)}
    return pd.DataFrame({**ends, **kinds, "valid_from": _times(rng, n).mask(rng.random(n) < 0.3)})


def _catalog() -> pd.DataFrame:
    return pd.DataFrame({"offer_id": ["card", "loan", "fund"], "category": ["pay", "pay", "save"], "value": 10.0})


def _decisions(rng: np.random.Generator, n: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "decision_id": [f"d{i}" for i in range(n)],
            "customer_id": rng.choice(IDS, n),
            "decided_at": _times(rng, n),
            "offer_id": rng.choice(["card", "loan", "fund", "no_offer"], n),
            "channel": _some(rng, ["email", "app"], n),
        }
    )


def _outcomes(rng: np.random.Generator, decisions: pd.DataFrame, n: int) -> pd.DataFrame:
    """Answers of which some come twice, differ, or become known late; some decisions have none."""
    made = decisions.iloc[rng.integers(0, len(decisions), n)].reset_index(drop=True)
    answered = made["decided_at"] + pd.to_timedelta(rng.integers(0, 30, n) * 12, unit="h")
    outcomes = {"outcome": rng.choice(["accept", "reject", "no_answer"], n), "outcome_at": answered}
    frame = pd.DataFrame({"decision_id": made["decision_id"], **outcomes, "known_at": _late(rng, answered)})
    return frame.drop_duplicates(["decision_id", "outcome", "outcome_at"])


@functools.cache
def make_tables(seed: int) -> CustomerTables:
    """Make all tables that features read."""
    rng = np.random.default_rng(seed)
    decisions = _decisions(rng, 80)
    links = {"anonymous_id": ["v1", "v2"], "customer_id": ["ann", "bob"], "event_time": _times(rng, 2)}
    return CustomerTables(
        customers=_customers(rng, 18),
        transactions=_transactions(rng, 120),
        cases=_cases(rng, 40),
        referrals=_referrals(rng, 40),
        environment=_environment(rng, 18),
        macro=_macro(np.random.default_rng(seed), 40),
        events=_behavior(rng, 120),
        identities=pd.DataFrame(links),
        social=_social(rng, 120),
        surveys=_surveys(rng, 60),
        relationships=_relationships(rng, 20),
        catalog=_catalog(),
        decisions=decisions,
        outcomes=_outcomes(rng, decisions, 80),
    )


@functools.cache
def make_spine(seed: int, n: int = 15) -> Spine:
    """Ask with different moments, the same twice, in no order, and for a customer without rows."""
    rng = np.random.default_rng(seed + 1)
    rows = pd.DataFrame({"customer_id": rng.choice([*IDS, "nobody"], n), "as_of": _times(rng, n, days=140)})
    return Spine.of(pd.concat([rows, rows.iloc[:3]]))


@pytest.fixture
def tables_of() -> Callable[..., CustomerTables]:
    return make_tables


@pytest.fixture
def spine_of() -> Callable[..., Spine]:
    return make_spine
