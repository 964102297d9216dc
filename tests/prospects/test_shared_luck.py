"""Good and bad times move all opportunities together: how much is learnt from what past pipelines promised."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.prospects import OpportunityModel, sales_forecast
from nbo.prospects.shared_luck import shared_luck


def past(luck, n, seed):
    """Simulated pipelines of 500 opportunities with a chance of 0.3 and amounts of 10, times a luck of their own."""
    rng = np.random.default_rng(seed)
    chance = np.clip(0.3 * (1 + luck * rng.normal(size=n)), 0, 1)
    won = 10.0 * rng.binomial(500, chance)
    return [np.array([[1500.0], [100 * 500 * 0.3 * 0.7], [each]]) for each in won]


@pytest.mark.parametrize("luck", [0.0, 0.1, 0.3])
def test_the_planted_share_is_found(luck):
    found = [shared_luck(past(luck, 18, seed), 1)[0] for seed in range(400)]
    squares = np.square(found)
    if luck == 0:
        # Independent wins vary by 0.068 of what is expected; what is found beyond is small, and mostly nothing.
        assert np.median(found) <= 0.03
    # Of a planted mean the divisor n - 1 is too small by 1 / 18.
    else:
        assert abs(squares.mean() * 17 / 18 - luck**2) < 4 * squares.std() / 20


def test_steps_with_few_pipelines_take_that_of_the_step_before():
    own = past(0.3, 6, 0)
    longer = [np.hstack([each, each]) if place < 2 else each for place, each in enumerate(own)]
    one, two = shared_luck(longer, 2)
    assert one == two > 0
    assert shared_luck(own[:2], 2).tolist() == [0.0, 0.0]
    assert shared_luck([np.zeros((3, 1))] * 5, 1).tolist() == [0.0]


def monthly(luck, months=44, each=400, seed=3):
    """Simulated: each month 400 opportunities come on the second, and are won or lost in the next month."""
    rng = np.random.default_rng(seed)
    starts = pd.date_range("2023-01-01", periods=months, freq="MS")
    chance = np.clip(0.4 * (1 + luck * rng.normal(size=months)), 0.02, 0.98)
    opened = np.repeat(np.arange(months), each)
    n = len(opened)
    closed = (starts + pd.DateOffset(months=1))[opened] + pd.to_timedelta(rng.uniform(0.1, 27.9, n).round(3), unit="D")
    entered = starts[opened] + pd.to_timedelta(rng.uniform(0.1, 27.9, n).round(3), unit="D")
    won = (rng.random(n) < chance[opened]).astype(float)
    frame = {"opportunity_id": np.arange(n), "stage": "offer", "entered_at": entered, "amount": 100.0}
    return pd.DataFrame({**frame, "closed_at": closed, "won": won})


@pytest.mark.parametrize("luck", [0.0, 0.3])
def test_intervals_hold_before_any_past_miss_has_stretched_them(luck):
    """With luck in common, independent wins alone make intervals ten times too narrow."""
    model = OpportunityModel("32D", "8D", n_estimators=5)
    found = sales_forecast(monthly(luck), "2026-08-01", horizon=1, model=model, origins=18, refit=6)
    errors = found.errors
    held = ((errors["actual"] - errors["forecast"]).abs() <= errors["half_width"]).mean()
    # 90 % of 18, with a standard error of 7 points.
    assert held > 0.9 - 3 * np.sqrt(0.9 * 0.1 / 18)
    wide = errors["half_width"] / errors["forecast"]
    plain = sales_forecast(monthly(luck), "2026-08-01", horizon=1, model=model, origins=0).periods.iloc[0]
    drawn = (plain["high"] - plain["low"]) / 2 / plain["expected"]
    if luck:
        # Nearly all opportunities are won or lost in the month ahead, so the whole width is that of luck.
        assert wide.between(0.5 * 1.645 * luck, 1.6 * 1.645 * luck).all()
        assert 0.5 * 1.645 * luck < drawn < 1.6 * 1.645 * luck
    else:
        # Independent wins: 1.645 times the root of 0.6 / (0.4 x 400) is 10 %.
        assert (wide < 0.25).all()
        assert drawn < 0.25
