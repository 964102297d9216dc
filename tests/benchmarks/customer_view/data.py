"""Simulated tables of a company as Parquet: customers, sales and returns, cases, referrals, offers made; seeded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

START = np.datetime64("2024-07-01", "s")
DAYS = 730
AS_OF = "2026-07-01"
CATEGORIES = ["audio", "books", "garden", "home", "shoes", "sports", "toys", "travel"]
CHANNELS = ["app", "shop", "web"]
OFFERS = pd.DataFrame(
    {
        "offer_id": ["card", "voucher", "upgrade", "stay"],
        "kind": ["cross-sell", "discount", "up-sell", "retention"],
        "value": [30.0, 8.0, 45.0, 60.0],
        "cost": [0.4, 0.1, 0.6, 2.0],
    }
)


def make(cache: Path, customers: int, seed: int = 11) -> Path:
    """Write the tables, unless they are there from an earlier run, and give their folder."""
    folder = cache / f"{customers}_customers_seed_{seed}"
    if (folder / "catalog.parquet").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    # The catalog comes last: it tells that all are there.
    for name, frame in {
        "customers": people(rng, customers),
        "transactions": sales(rng, customers, 10 * customers),
        "cases": cases(rng, customers, 3 * customers // 10),
        "referrals": referrals(rng, customers, customers // 20),
        "decisions": decisions(rng, customers, 2 * customers),
        "catalog": OFFERS,
    }.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    return folder


def people(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """One row each, known since the sign-up."""
    signed_up = START - rng.integers(0, 5 * 365, n) * np.timedelta64(1, "D")
    late = rng.random(n) < 0.2
    signed_up[late] = START + rng.integers(0, DAYS - 30, late.sum()) * np.timedelta64(1, "D")
    return pd.DataFrame(
        {
            "customer_id": np.arange(n),
            "valid_from": signed_up,
            "signed_up_at": signed_up,
            "age": rng.integers(18, 90, n).astype(float),
            "children": rng.poisson(0.8, n).astype(float),
            "marital_status": words(rng, ["single", "married", "widowed"], n, [0.4, 0.5, 0.1]),
            "region": words(rng, ["north", "south", "east", "west"], n),
            "acquisition_channel": words(rng, ["search", "friend", "fair"], n),
            "acquisition_cost": cents(rng.gamma(4.0, 5.0, n)),
        }
    )


def sales(rng: np.random.Generator, customers: int, n: int) -> pd.DataFrame:
    """Few customers buy much; one row in twelve is a return."""
    activity = np.cumsum(rng.gamma(0.6, 1.0, customers))
    returned = rng.random(n) < 0.08
    amount = cents(np.exp(rng.normal(3.2, 1.0, n)))
    margin = cents(amount * rng.uniform(0.05, 0.55, n))
    rows = {
        "customer_id": drawn(rng, activity, n),
        "event_time": moments(rng, n),
        "kind": pd.Categorical.from_codes(returned.astype(int), ["sale", "return"]),
        "amount": amount,
        "margin": np.where(returned, -margin, margin),
        "category": words(rng, CATEGORIES, n),
        "channel": words(rng, CHANNELS, n, [0.3, 0.3, 0.4]),
    }
    return pd.DataFrame(rows)


def cases(rng: np.random.Generator, customers: int, n: int) -> pd.DataFrame:
    """Some customers cost much to serve."""
    opened = moments(rng, n)
    return pd.DataFrame(
        {
            "customer_id": drawn(rng, np.cumsum(rng.gamma(0.3, 1.0, customers)), n),
            "opened_at": opened,
            "closed_at": opened + rng.integers(1, 20 * 86_400, n) * np.timedelta64(1, "s"),
            "kind": words(rng, ["complaint", "inquiry", "request"], n),
            "topic": words(rng, ["bill", "delivery", "quality"], n),
            "channel": words(rng, ["phone", "chat"], n),
            "cost_to_serve": cents(rng.gamma(2.0, 9.0, n)),
        }
    )


def referrals(rng: np.random.Generator, customers: int, n: int) -> pd.DataFrame:
    """Two in five are converted."""
    when = moments(rng, n)
    bought = rng.random(n) < 0.4
    later = (when + rng.integers(1, 60 * 86_400, n) * np.timedelta64(1, "s")).astype("datetime64[us]")
    return pd.DataFrame(
        {
            "customer_id": drawn(rng, np.cumsum(rng.pareto(1.5, customers)), n),
            "event_time": when,
            "referred_id": rng.permutation(customers)[:n],
            "converted_at": np.where(bought, later, np.datetime64("NaT", "us")),
            "converted_value": np.where(bought, cents(rng.gamma(2.0, 40.0, n)), np.nan),
        }
    )


def decisions(rng: np.random.Generator, customers: int, n: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "decision_id": np.arange(n),
            "customer_id": rng.integers(0, customers, n),
            "decided_at": moments(rng, n),
            "offer_id": words(rng, [*OFFERS["offer_id"], "no_offer"], n),
            "channel": words(rng, ["email", "app"], n),
        }
    )


def words(rng: np.random.Generator, among: list[str], n: int, chances: list[float] | None = None) -> pd.Categorical:
    return pd.Categorical.from_codes(rng.choice(len(among), n, p=chances), among)


def moments(rng: np.random.Generator, n: int) -> np.ndarray:
    return START + rng.integers(0, DAYS * 86_400, n) * np.timedelta64(1, "s")


def cents(money: np.ndarray) -> np.ndarray:
    return np.rint(money * 100) / 100


def drawn(rng: np.random.Generator, cumulated: np.ndarray, n: int) -> np.ndarray:
    """Draw `n` positions by their cumulated weights."""
    return np.minimum(np.searchsorted(cumulated, rng.random(n) * cumulated[-1], side="right"), len(cumulated) - 1)
