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


@functools.cache
def make_tables(seed: int, n: int = 120) -> CustomerTables:
    """Make all tables that features read."""
    rng = np.random.default_rng(seed)
    cases = _events(rng, n // 3, "opened_at")
    closed = (cases["opened_at"] + pd.to_timedelta(rng.integers(0, 60, n // 3), unit="D")).mask(
        rng.random(n // 3) < 0.3
    )
    referrals = _events(rng, n // 3)
    converted = (referrals["event_time"] + pd.Timedelta("9D")).mask(rng.random(n // 3) < 0.5)
    attributes = _times(rng, 18)
    return CustomerTables(
        customers=pd.DataFrame(
            {
                "customer_id": rng.choice(IDS, 18),
                "valid_from": attributes.mask(rng.random(18) < 0.2),
                "known_at": _late(rng, attributes),
                "birth_date": _times(rng, 18) - pd.Timedelta("9000D"),
                "gender": _some(rng, ["f", "m"], 18),
                "signed_up_at": _times(rng, 18),
                "household_id": _some(rng, ["h1", "h2"], 18),
                "postcode": _some(rng, ["p1", "p2"], 18),
                "consent_email": rng.random(18) < 0.5,
                "shoe_size": rng.integers(36, 48, 18),
            }
        ),
        transactions=pd.DataFrame(
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
            }
        ),
        cases=pd.DataFrame(
            {
                **cases,
                "closed_at": closed,
                "kind": _some(rng, ["complaint", "inquiry", "request"], n // 3),
                "severity": _some(rng, [1.0, 3.0, 5.0], n // 3),
                "satisfaction": _some(rng, [1.0, 2.0, 5.0], n // 3),
                "cost_to_serve": _money(rng, n // 3),
            }
        ),
        referrals=pd.DataFrame(
            {**referrals, "referred_id": "x", "converted_at": converted, "converted_value": _money(rng, n // 3)}
        ),
        environment=pd.DataFrame(
            {
                "customer_id": _some(rng, IDS, 18).where(rng.random(18) < 0.3),
                "household_id": _some(rng, ["h1", "h2"], 18).where(rng.random(18) < 0.5),
                "postcode": _some(rng, ["p1", "p2"], 18),
                "valid_from": _times(rng, 18),
                "match_confidence": rng.random(18),
                "occupation": _some(rng, ["cook", "nurse"], 18),
                "income": _money(rng, 18),
            }
        ),
        events=pd.DataFrame(
            {
                **_events(rng, n),
                "customer_id": rng.choice([*IDS, "v1", "v2"], n),
                "event_type": _some(rng, ["page_view", "cart", "chat"], n),
                "session_id": _some(rng, list("stuv"), n),
                "product_id": _some(rng, list("abc"), n),
                "duration": _money(rng, n),
                "category": _some(rng, ["books", "pets"], n),
            }
        ),
        identities=pd.DataFrame(
            {"anonymous_id": ["v1", "v2"], "customer_id": ["ann", "bob"], "event_time": _times(rng, 2)}
        ),
        social=pd.DataFrame(
            {
                **_events(rng, n),
                "kind": _some(rng, ["like", "comment"], n),
                "topic": _some(rng, ["price", "service"], n),
                "sentiment": rng.uniform(-1, 1, n),
                "reach": rng.integers(0, 99, n),
            }
        ),
        surveys=pd.DataFrame(
            {
                **_events(rng, n // 2),
                "survey": _some(rng, ["csat", "nps"], n // 2),
                "score": rng.integers(0, 10, n // 2),
            }
        ),
        relationships=pd.DataFrame(
            {
                "customer_id": rng.choice(IDS, 20),
                "related_id": rng.choice(IDS, 20),
                "valid_from": _times(rng, 20).mask(rng.random(20) < 0.3),
            }
        ),
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
