"""Campaigns that do not pay are stopped, those that pay are scaled, and seldom the other way round."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.experiments import always_valid, campaign_verdict

COST = 0.5


def simulated(rng, n, gain):
    """Customers that buy for money, a little more if a campaign reaches them; simulated."""
    sent = rng.random(n) < 0.5
    bought = rng.random(n) < 0.10 + gain / 20 * sent
    value = np.where(bought, rng.gamma(4.0, 5.0, n), 0.0)  # 20 on average
    return pd.DataFrame({"arm": np.where(sent, "campaign", "holdout"), "value": value, "cost": np.where(sent, COST, 0)})


@pytest.mark.parametrize(
    ("gain", "wrong", "right"), [(0.0, "scale", "stop: does not pay"), (1.5, "stop: does not pay", "scale")]
)
def test_verdicts_are_right(gain, wrong, right):
    rng, runs, n = np.random.default_rng(0), 80, 20_000
    found = [campaign_verdict(simulated(rng, n, gain), every=100, planned=5000) for _ in range(runs)]
    assert sum(one.verdict == wrong for one in found) / runs <= 0.05
    assert sum(one.verdict == right for one in found) / runs > 0.95
    # The interval is as wide as the cost, 3.04 sqrt(4 * 50 / n) = 0.5, at n = 7,400 customers, half of them contacted.
    assert np.median([one.decided_after for one in found if one.verdict == right]) < 6000
    held = [one.looks["low"].iloc[-1] <= gain - COST <= one.looks["high"].iloc[-1] for one in found]
    assert np.mean(held) >= 0.95


@pytest.mark.slow
def test_a_campaign_without_effect_is_stopped_within_a_number_of_sends():
    rng = np.random.default_rng(1)
    found = [campaign_verdict(simulated(rng, 30_000, 0.0), every=50, planned=5000) for _ in range(500)]
    assert all(one.verdict != "continue" and one.decided_after <= 15_500 for one in found)
    assert sum(one.verdict == "scale" for one in found) <= 25


def test_numbers_by_hand():
    frame = pd.DataFrame({"arm": ["holdout", "campaign"] * 200, "value": [1.0, 4.0, 2.0, 5.0] * 100})
    verdict = campaign_verdict(frame, cost=2.0, planned=400)
    assert verdict.verdict == "scale"
    assert (verdict.sends, verdict.net_gain, verdict.cost) == (200, 3 - 2, 2.0)
    assert (verdict.roi, verdict.roi_low) == (0.5, verdict.low / 2)
    looks = always_valid(
        frame.assign(net=frame["value"] - 2.0 * (frame["arm"] == "campaign")), "net", "holdout", planned=400
    )
    first = looks[(looks["low"] > 0) | (looks["high"] < 0)].iloc[0]
    assert verdict.decided_after == first["n"]
    assert (verdict.low, verdict.high) == (looks["low"].iloc[-1], looks["high"].iloc[-1])
    assert str(verdict).startswith("scale: The net gain is above the margin after ")
    assert "return 50% [" in str(verdict)
    assert verdict._repr_html_().startswith("<p><strong>scale</strong></p>")


def test_margins_ends_and_no_cost():
    frame = pd.DataFrame({"arm": ["holdout", "campaign"] * 200, "value": [1.0, 4.0, 2.0, 5.0] * 100})
    assert campaign_verdict(frame, cost=2.0, margin=1.5, planned=400).verdict == "stop: does not pay"
    noise = frame.assign(value=np.random.default_rng(0).normal(size=400))
    going = campaign_verdict(noise, cost=0.0)
    assert (going.verdict, going.decided_after) == ("continue", None)
    assert np.isnan(going.roi)
    assert "return" not in str(going)
    ended = campaign_verdict(noise, cost=0.0, within=100)
    assert (ended.verdict, ended.decided_after) == ("stop: does not pay", 100)
    assert ended.reason == "it is not shown to pay within 100 customers"


def test_a_verdict_stays_when_more_customers_come():
    frame = simulated(np.random.default_rng(2), 20_000, 1.5)
    early = campaign_verdict(frame.head(12_000), planned=5000)
    late = campaign_verdict(frame, planned=5000)
    assert early.verdict == late.verdict == "scale"
    assert early.decided_after == late.decided_after


def test_costs_of_a_column_and_several_arms():
    frame = simulated(np.random.default_rng(3), 2000, 1.0)
    frame.loc[frame["arm"] == "holdout", "cost"] = np.nan
    more = pd.concat([frame, frame.head(50).assign(arm="other")])
    found = campaign_verdict(more, campaign="campaign")
    expected = campaign_verdict(frame, cost=COST)
    assert found == expected
    pd.testing.assert_frame_equal(found.looks, expected.looks)


GOOD = pd.DataFrame({"arm": ["campaign", "holdout"] * 3, "value": [0.0, 1, 1, 0, 0, 2], "cost": 1.0})


@pytest.mark.parametrize(
    ("frame", "arguments", "says"),
    [
        (GOOD, {"baseline": "control"}, "baseline must be one of 'campaign', 'holdout'; got 'control'"),
        (GOOD, {"campaign": "spring"}, "campaign must be one of 'campaign'; got 'spring'"),
        (pd.concat([GOOD, GOOD.assign(arm="third")]), {}, "campaign must be named .*: 'campaign', 'third'"),
        (GOOD.assign(cost=-1.0), {}, "frame.cost must be 0 or more; 6 of 6"),
        (GOOD, {"cost": -1.0}, "cost must be 0 or more; got -1.0"),
        (GOOD, {"margin": np.inf}, "margin must be a finite number"),
        (GOOD, {"within": 0}, "within must be 1 or more; got 0"),
        (GOOD.drop(columns="value"), {}, "frame lacks the column 'value'"),
    ],
)
def test_what_is_not_allowed_is_refused(frame, arguments, says):
    with pytest.raises(InputError, match=says):
        campaign_verdict(frame, **arguments)
