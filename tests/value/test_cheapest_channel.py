"""The cheapest channel with the same outcome, only where there is overlap."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError, OverlapError
from nbo.simulate import World
from nbo.tables import CustomerTables
from nbo.value import cheapest_channel

SPAN = ("2026-01-01", "2026-06-01")
CHANNELS = ["email", "phone", "sms"]
COSTS = {"email": 0.1, "phone": 5.0, "sms": 0.3}
# What a channel would bring: among the young, among the old. E-mail does as well as the phone, sms does worse.
RATES = np.array([[0.30, 0.30, 0.10], [0.10, 0.10, 0.05]])
# The phone mostly went to the young, who accept more.
DRAWN = np.array([[0.2, 0.6, 0.2], [0.6, 0.1, 0.3]])


def planted(n: int, seed: int, drawn: np.ndarray = DRAWN) -> CustomerTables:
    rng = np.random.default_rng(seed)
    old = rng.integers(0, 2, n)
    channel = (rng.random((n, 1)) > np.cumsum(drawn, axis=1)[old][:, :2]).sum(axis=1)
    accepted = rng.random(n) < RATES[old, channel]
    decided = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 86400 * 100, n), unit="s")
    decisions = pd.DataFrame(
        {
            "decision_id": [f"d{i}" for i in range(n)],
            "customer_id": [f"c{i // 2}" for i in range(n)],
            "decided_at": decided,
            "offer_id": "card",
            "channel": np.array(CHANNELS)[channel],
            "channel_probability": drawn[old, channel],
        }
    )
    yes = decisions[accepted]
    outcomes = pd.DataFrame(
        {"decision_id": yes["decision_id"], "outcome": "accept", "outcome_at": yes["decided_at"] + pd.Timedelta("1D")}
    )
    catalog = pd.DataFrame({"offer_id": ["card"], "cost": [0.2]})
    return CustomerTables(decisions=decisions, outcomes=outcomes, catalog=catalog)


def test_the_planted_rates_are_recovered_and_plain_rates_mislead():
    tables = planted(20_000, 1)
    found = cheapest_channel(tables, *SPAN, channel_costs=COSTS, tolerance=0.03)
    rows = found.frame.set_index("channel")
    for channel, truth in zip(CHANNELS, RATES.mean(axis=0), strict=True):
        assert rows.loc[channel, "low"] < truth < rows.loc[channel, "high"]
    assert rows["mean_weight"].to_numpy() == pytest.approx(1, abs=0.05)
    assert found.channel == "email"
    assert rows["same"].to_dict() == {"email": True, "phone": True, "sms": False}
    assert rows.loc["email", "cost"] == pytest.approx(0.2 + 0.1)
    accepted = tables.decisions["decision_id"].isin(tables.outcomes["decision_id"])
    plain = accepted.groupby(tables.decisions["channel"]).mean()
    assert plain["phone"] - plain["email"] > 0.1
    assert abs(rows.loc["phone", "rate"] - rows.loc["email", "rate"]) < 0.03


def test_a_rate_is_weighted_by_hand():
    tables = planted(4000, 2)
    found = cheapest_channel(tables, *SPAN, tolerance=0.05).frame.set_index("channel")
    rows = tables.decisions.assign(y=tables.decisions["decision_id"].isin(tables.outcomes["decision_id"]))
    mine = rows[rows["channel"] == "sms"]
    weight = 1 / mine["channel_probability"]
    assert found.loc["sms", "rate"] == pytest.approx((weight * mine["y"]).sum() / weight.sum())
    assert found.loc["sms", "effective_n"] == pytest.approx(weight.sum() ** 2 / (weight**2).sum())
    assert found.loc["sms", "n"] == len(mine)


def test_without_overlap_there_is_no_answer():
    world = World(customers=1500, days=120, seed=2)
    with pytest.raises(OverlapError, match="no overlap: the decisions have no column 'channel_probability'"):
        cheapest_channel(world.tables, world.start, world.end)
    # The channel follows from the customer: no probability helps.
    fixed = planted(4000, 3, np.array([[0, 1.0, 0], [1.0, 0, 0]]))
    with pytest.raises(OverlapError, match=r"no overlap: .*email: the mean weight is 0.[45]., not 1"):
        cheapest_channel(fixed, *SPAN)
    few = planted(60, 4)
    with pytest.raises(OverlapError, match="its decisions count only like"):
        cheapest_channel(few, *SPAN)
    with pytest.raises(OverlapError, match="there is one channel"):
        cheapest_channel(planted(500, 5, np.array([[1.0, 0, 0]] * 2)), *SPAN)
    with pytest.raises(OverlapError, match="0 decisions"):
        cheapest_channel(CustomerTables(decisions=few.decisions.head(0), outcomes=few.outcomes), *SPAN)


def test_a_channel_that_some_could_not_get_is_left_out():
    # Sms never goes to the old.
    tables = planted(6000, 6, np.array([[0.3, 0.3, 0.4], [0.5, 0.5, 0.0]]))
    found = cheapest_channel(tables, *SPAN, tolerance=0.05).frame.set_index("channel")
    assert found["overlap"].to_dict() == {"email": True, "phone": True, "sms": False}
    assert "not possible for everybody" in found.loc["sms", "why"]
    assert np.isnan(found.loc["sms", "rate"])


def test_a_randomized_test_needs_no_column_and_windows_must_be_over():
    even = np.full((2, 3), 1 / 3)
    tables = planted(6000, 7, even)
    tables = tables.replace(decisions=tables.decisions.drop(columns="channel_probability"))
    found = cheapest_channel(tables, *SPAN, probability=dict.fromkeys(CHANNELS, 1 / 3), tolerance=0.04)
    assert found.n == 6000
    early = cheapest_channel(
        tables, "2026-01-01", "2026-03-01", probability=dict.fromkeys(CHANNELS, 1 / 3), tolerance=0.04
    )
    assert early.n == (tables.decisions["decided_at"] <= pd.Timestamp("2026-03-01") - pd.Timedelta("14D")).sum()
    later = tables.decisions.assign(decision_id="x" + tables.decisions["decision_id"], decided_at="2026-07-01")
    grown = tables.replace(decisions=pd.concat([tables.decisions, later]))
    again = cheapest_channel(grown, *SPAN, probability=dict.fromkeys(CHANNELS, 1 / 3), tolerance=0.04)
    pd.testing.assert_frame_equal(again.frame, found.frame)


def test_bad_input_and_page():
    tables = planted(3000, 8)
    with pytest.raises(InputError, match="decisions.channel must be one of channel_costs"):
        cheapest_channel(tables, *SPAN, channel_costs={"email": 1.0})
    with pytest.raises(InputError, match=r"probability must be in \(0, 1\]"):
        cheapest_channel(tables.replace(decisions=tables.decisions.assign(channel_probability=0.0)), *SPAN)
    with pytest.raises(InputError, match="tolerance must be 0 or more, below 1"):
        cheapest_channel(tables, *SPAN, tolerance=-1)
    found = cheapest_channel(tables, *SPAN, channel_costs=COSTS, tolerance=0.06)
    assert "is the cheapest channel whose acceptance is within 6.0%" in found._repr_html_()
    best = found.frame["channel"].iloc[0]
    assert found.saved == pytest.approx(COSTS[best] - COSTS[found.channel])


def test_where_nothing_was_accepted_no_channel_is_named():
    tables = planted(600, 0)
    words = tables.get("outcomes").assign(outcome="accepted")
    with pytest.raises(InputError, match="none of the 600 decisions was accepted"):
        cheapest_channel(CustomerTables(decisions=tables.get("decisions"), outcomes=words), *SPAN, channel_costs=COSTS)
