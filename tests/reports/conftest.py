"""A made-up log of decisions, with all columns that reports read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

AS_OF = pd.Timestamp("2026-06-30")
OFFERS = {"card": "discount", "loan": "upgrade", "visit": "service"}


def made_up_log(n: int = 1200, seed: int = 0) -> pd.DataFrame:
    """Make decisions of two months, one in six for no offer, the last ones still without an answer."""
    rng = np.random.default_rng(seed)
    customer = rng.integers(0, n // 3, n)
    offer = rng.choice([*OFFERS, "no_offer"], n, p=[0.3, 0.3, 0.23, 0.17])
    none = offer == "no_offer"
    decided = AS_OF - pd.to_timedelta((rng.permutation(n) + 1) * 60 / n, unit="D")
    rate = np.where(none, 0.0, 0.15 + 0.2 * ((customer % 3 == 0) & (offer == "card")))
    reward = pd.Series((rng.random(n) < rate).astype(float))
    open_ = decided > AS_OF - pd.Timedelta("2D")
    return pd.DataFrame(
        {
            "decision_id": [f"d{place:05d}" for place in range(n)],
            "customer_id": customer,
            "segment": np.array(["new", "old", "vip"])[customer % 3],
            "arm": np.array(["agent", "holdout"])[customer % 2],
            "decided_at": decided,
            "offer_id": offer,
            "channel": np.where(none, None, rng.choice(["app", "mail"], n)),
            "creative": np.where(none, None, rng.choice(["price", "story"], n)),
            "value": np.where(none, 0.0, rng.integers(100, 9999, n) / 100),
            "cost": np.where(none, 0.0, 0.07),
            "reason": np.where(none, "nothing may be offered: no consent", "drawn"),
            "dropped": rng.choice(["{}", '{"card": "adults only"}', '{"card": "capacity"}'], n),
            "reward": reward.mask(open_),
            "outcome_at": pd.Series(decided + pd.Timedelta("1D")).mask(open_),
        }
    )


@pytest.fixture(scope="session")
def log() -> pd.DataFrame:
    return made_up_log()


@pytest.fixture(scope="session")
def as_of() -> pd.Timestamp:
    return AS_OF
