"""One alert for each episode: effects that waver, actions not allowed for days, budgets, and rows known late."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.alerting import alerts
from nbo.tables import CustomerTables

NOW = pd.Timestamp("2026-06-30")
DAY = pd.Timedelta("1D")
CALL = pd.DataFrame({"action": ["call"], "cost": [20.0], "relative_reduction": [0.5]})


def scores(**risks):
    return pd.DataFrame({"customer_id": list(risks), "churn_probability": list(risks.values()), "clv": 1000.0})


def complaints(*rows):
    columns = ["customer_id", "opened_at", "closed_at", "known_at"]
    return CustomerTables(cases=pd.DataFrame(rows, columns=columns).assign(kind="complaint"))


def each_day(path, actions_of, **settings):
    """Days on which an alert is raised, and the last run."""
    past, rings = None, []
    for day, risk in enumerate(path):
        past = alerts(
            scores(ann=risk), CustomerTables(), NOW + day * DAY, actions=actions_of(day), past=past, **settings
        )
        rings += [day] * len(past)
    return rings, past


def test_an_effect_that_wavers_around_its_cost_rings_once():
    # At a cost of 20 and 1,000 at stake an effect of 0.02 is even; the episode ends below 0.8 times as much, 0.016.
    effects = [0.021, 0.019, 0.0205, 0.017, 0.022, 0.015, 0.022]
    gift = pd.DataFrame({"action": ["gift"], "cost": [20.0]})
    rings, last = each_day([0.5] * 7, lambda day: gift.assign(churn_reduction=effects[day]))
    assert rings == [0, 6]
    assert last.episodes["state"].tolist() == ["risk fell", "open"]


def test_an_action_that_may_not_be_taken_for_days_ends_no_episode():
    single = pd.DataFrame({"customer_id": ["ann"], "action": ["gift"], "cost": [20.0], "churn_reduction": [0.1]})
    others = single.assign(customer_id="bob")
    rings, last = each_day([0.5] * 6, lambda day: others if day in (2, 3) else single)
    assert rings == [0]
    assert last.episodes["state"].tolist() == ["open"]
    # That the risk is gone is seen without an action, too.
    rings, last = each_day([0.5, 0.1, 0.5], lambda day: others if day == 1 else single, threshold=0.3)
    assert rings == [0, 2]


def test_a_closing_that_is_known_late_ends_the_episode_and_no_earlier_than_it_began():
    first = alerts(scores(ann=0.3), complaints(("ann", "2026-06-20", None, None)), NOW, actions=CALL, causes=None)
    told_late = complaints(("ann", "2026-06-20", "2026-06-29", None))
    second = alerts(scores(ann=0.3), told_late, NOW + DAY, actions=CALL, causes=None, past=first)
    assert len(second) == 0
    assert second.episodes["state"].tolist() == ["case closed"]
    assert second.episodes["episode_ended_at"].tolist() == [NOW]


def test_a_complaint_of_before_that_is_known_after_the_closing_rings_once():
    old, late = ("ann", "2026-06-20", "2026-07-02", None), ("ann", "2026-06-25", None, "2026-07-05")
    past, rings = None, []
    for day in range(12):
        past = alerts(scores(ann=0.3), complaints(old, late), NOW + day * DAY, actions=CALL, causes=None, past=past)
        rings += [day] * len(past)
    # It is known on July 5th, so a run of July 6th is the first to see it.
    assert rings == [0, 6]
    # One that is closed by then is no news.
    shut = complaints(old, ("ann", "2026-06-25", "2026-07-04", "2026-07-05"))
    first = alerts(scores(ann=0.3), shut, NOW, actions=CALL, causes=None)
    closed = alerts(scores(ann=0.3), shut, NOW + 4 * DAY, actions=CALL, causes=None, past=first)
    assert closed.episodes["state"].tolist() == ["case closed"]
    assert len(alerts(scores(ann=0.3), shut, NOW + 7 * DAY, actions=CALL, causes=None, past=closed)) == 0


def nights(seed, days, budget):
    """Give what one night's run is, on risks that wander and complaints that come, some of them known late."""
    rng, ids = np.random.default_rng(seed), [f"c{number}" for number in range(15)]
    risks = np.clip(0.3 + np.cumsum(rng.normal(0, 0.07, (days, len(ids))), axis=0), 0.01, 1).round(3)
    opened = NOW + pd.to_timedelta(rng.uniform(-10, days, 12).round(2), unit="D")
    cases = pd.DataFrame({"customer_id": rng.choice(ids, 12), "opened_at": opened, "kind": "complaint"})
    cases["closed_at"] = opened + pd.to_timedelta(rng.uniform(1, 12, 12).round(2), unit="D")
    cases["known_at"] = opened + pd.to_timedelta(rng.choice([0, 0, 4], 12), unit="D")
    owners = pd.DataFrame({"customer_id": ids, "owner": ["mia", "leo", "zoe"] * 5})
    asked = {"owners": owners, "budget": budget, "period": "4D", "threshold": 0.3, "horizon": "12D", "causes": None}

    def run(day, past):
        risk = scores(**dict(zip(ids, risks[day], strict=True)))
        return alerts(risk, CustomerTables(cases=cases), NOW + day * DAY, actions=CALL, past=past, **asked)

    return run


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("budget", [None, 1])
def test_daily_runs_raise_one_alert_for_each_episode(seed, budget):
    run, found = nights(seed, 30, budget), []
    for day in range(30):
        found.append(run(day, found[-1:]))
    raised = pd.concat([night.frame for night in found], ignore_index=True)
    episodes = found[-1].episodes.sort_values(["customer_id", "episode_started_at"], ignore_index=True)
    assert len(raised) > 10
    # Each alert is raised once, and is that of its episode.
    assert raised["alert_id"].is_unique
    assert episodes["alert_id"].is_unique
    own = episodes.dropna(subset="raised_at").set_index("alert_id")["raised_at"].sort_index()
    pd.testing.assert_series_equal(raised.set_index("alert_id")["raised_at"].sort_index(), own)
    # Episodes of one customer never overlap, nor end before they begin.
    assert not (episodes["episode_ended_at"] < episodes["episode_started_at"]).any()
    for _, rows in episodes.groupby("customer_id"):
        assert (rows["episode_started_at"].to_numpy()[1:] >= rows["episode_ended_at"].to_numpy()[:-1]).all()
    # All nights as past, in any order, say the same as the last one.
    pd.testing.assert_frame_equal(run(29, found[-2::-1]).frame, found[-1].frame)
    pd.testing.assert_frame_equal(run(29, found[-2::-1]).episodes, found[-1].episodes)
    if budget is None:
        return
    # No owner gets more in a period, and none that waits is lost: it is raised, or still waits, or its risk is over.
    for _, times in raised.groupby("owner")["raised_at"]:
        assert (times.sort_values().diff().dropna() >= pd.Timedelta("4D")).all()
    waited = {name for night in found for name in night.held_back["alert_id"]}
    assert waited
    missed = episodes[episodes["alert_id"].isin(waited - set(raised["alert_id"]))]
    assert missed["state"].isin(["held back", "horizon", "risk fell"]).all()
