"""Which leads and opportunities deserve more: arithmetic by hand, the best use of a budget, planted truth."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.prospects import LeadModel, invest_or_stop, probability_interval
from nbo.wilson import wilson_interval
from tests.prospects.worlds import leads

FIVE = pd.DataFrame(
    {
        "opportunity_id": ["a", "b", "c", "d", "e"],
        "propensity": [0.50, 0.20, 0.30, 0.05, 0.10],
        "alone": [0.40, 0.05, 0.30, 0.00, 0.00],
        "low": [0.45, 0.06, 0.25, 0.01, 0.05],
        "high": [0.55, 0.30, 0.35, 0.06, 0.40],
        "value": [1000.0, 1000.0, 1000.0, 1000.0, 1000.0],
        "cost": [40.0, 100.0, 50.0, 80.0, 200.0],
        "won": [1, 0, 0, 0, 1],
    }
)


def test_invest_wait_and_stop_by_hand():
    """Expected value minus cost, and what further spending adds, for each opportunity."""
    found = invest_or_stop(FIVE, without="alone", won="won")
    rows = found.rows.set_index("opportunity_id")
    # (P with - P without) x value - cost
    expected = {"a": 0.1 * 1000 - 40, "b": 0.15 * 1000 - 100, "c": 0 - 50, "d": 0.05 * 1000 - 80, "e": 0.1 * 1000 - 200}
    assert rows["profit"].to_dict() == pytest.approx(expected)
    assert rows["low"].to_dict() == pytest.approx({"a": 10.0, "b": -90.0, "c": -100.0, "d": -70.0, "e": -150.0})
    assert rows["p_gain_per_cost"].to_dict() == pytest.approx(
        {"a": 0.1 / 40, "b": 0.15 / 100, "c": 0, "d": 0.05 / 80, "e": 0.1 / 200}, abs=1e-15
    )
    assert rows["decision"].to_dict() == {"a": "invest", "b": "invest", "c": "stop", "d": "stop", "e": "wait"}
    assert rows.loc["a", "reason"] == "pays, at the low end of the interval too"
    assert rows.loc["b", "reason"] == "pays as expected, not at the low end of the interval"
    assert rows.loc["e", "reason"] == "does not pay as expected, but may"
    assert (found.spent, found.profit) == pytest.approx((140.0, 110.0))


def test_the_profit_curve_by_hand():
    found = invest_or_stop(FIVE, without="alone", won="won")
    # By gain per cost: a 2.5, b 1.5, d 0.625, e 0.5, c 0.
    assert found.rows.sort_values("rank")["opportunity_id"].tolist() == ["a", "b", "d", "e", "c"]
    assert found.curve["profit"].tolist() == pytest.approx([0, 60, 110, 80, -20, -70])
    assert found.curve["cost"].tolist() == [0, 40, 140, 220, 420, 470]
    assert found.curve["realized"].tolist() == [0, 960, 860, 780, 1580, 1530]
    assert found.peak == 2
    assert "expected profit 110.00" in found._repr_html_()


def test_money_of_all_decisions_adds_up_to_the_cent():
    rng = np.random.default_rng(0)
    scores = pd.DataFrame({"propensity": rng.random(5000), "value": np.round(rng.lognormal(6, 1, 5000), 2)})
    scores["cost"] = np.round(rng.lognormal(5, 1, 5000), 2)
    found = invest_or_stop(scores, budget=50_000.0)
    cents = round(scores["cost"] * 100).astype("int64").sum()
    assert round(found.summary["cost"].sum() * 100) == cents == round(found.curve["cost"].iloc[-1] * 100)
    assert found.summary["n"].sum() == 5000
    invested = found.rows[found.rows["decision"] == "invest"]
    assert round(invested["cost"] * 100).astype("int64").sum() == round(found.spent * 100) <= 5_000_000


@pytest.mark.parametrize("seed", range(5))
def test_a_budget_is_spent_almost_as_well_as_the_best_of_all_choices(seed):
    """Against all 1,024 choices: what is lost is less than what one row costs."""
    rng = np.random.default_rng(seed)
    scores = pd.DataFrame({"propensity": rng.random(10), "value": 100.0, "cost": rng.uniform(5, 40, 10)})
    found = invest_or_stop(scores, budget=80.0)
    profit = (scores["propensity"] * scores["value"] - scores["cost"]).to_numpy()
    choices = (np.flatnonzero(mask) for mask in itertools.product([0, 1], repeat=10))
    best = max(profit[rows].sum() for rows in choices if scores["cost"].to_numpy()[rows].sum() <= 80)
    assert found.spent <= 80
    assert best - found.profit < profit.max()
    assert found.profit > 0.85 * best


def test_what_no_longer_fits_the_budget_is_passed_over_for_what_does():
    scores = pd.DataFrame({"propensity": 1.0, "value": [100.0, 90.0, 80.0, 30.0], "cost": [10.0, 50.0, 60.0, 20.0]})
    found = invest_or_stop(scores, budget=31.0).rows
    assert found["decision"].tolist() == ["invest", "wait", "wait", "invest"]
    assert found["reason"].tolist()[1] == "pays, but the budget goes to better ones"
    assert invest_or_stop(scores, budget=0.0).spent == 0
    assert (invest_or_stop(scores, cost=0.0, budget=0.0).rows["decision"] == "invest").all()


def test_the_order_of_rows_tells_nothing():
    twins = pd.concat([FIVE, FIVE.assign(opportunity_id=list("fghij"))])
    moved = twins.sample(frac=1.0, random_state=1)
    one, other = (invest_or_stop(rows, without="alone", budget=60.0).rows for rows in (twins, moved))
    columns = ["opportunity_id", "rank", "decision"]
    pd.testing.assert_frame_equal(
        one.sort_values("rank", ignore_index=True)[columns], other.sort_values("rank", ignore_index=True)[columns]
    )
    assert "rank" not in twins


def test_no_rows_and_one_row():
    none = invest_or_stop(FIVE.iloc[:0])
    assert (none.peak, none.spent, len(none.summary), len(none.curve)) == (0, 0, 0, 1)
    assert invest_or_stop(FIVE.iloc[:1]).chosen()["opportunity_id"].tolist() == ["a"]


def test_planted_truth_the_expected_curve_is_what_comes_out():
    """Leads with known chances: expected profit down the rank is realized, and beats a random order."""
    rows = leads(9000, seed=2)
    early, late = rows.iloc[:5000], rows.iloc[5000:].reset_index(drop=True)
    model = LeadModel(n_estimators=40).fit(early.drop(columns=["chance", "as_of"]))
    scores = late.assign(propensity=model.predict_proba(late)[:, 1], value=200.0, cost=25.0)
    found = invest_or_stop(scores, won="converted")
    at, p = found.peak, scores["propensity"].to_numpy()
    spread = 200 * np.sqrt((p * (1 - p)).sum())
    assert abs(found.curve["profit"].iloc[-1] - found.curve["realized"].iloc[-1]) < 4 * spread
    top = found.curve.iloc[at]
    # Another 5 % for what learning missed.
    assert abs(top["profit"] - top["realized"]) < 4 * spread + 0.05 * top["gain"]
    oracle = (late["chance"] * 200 - 25).clip(lower=0).sum()
    random = (late["chance"] * 200 - 25).sum() * at / len(late)
    truth = (late["chance"][(found.rows["decision"] == "invest").to_numpy()] * 200 - 25).sum()
    assert truth > 0.95 * oracle
    assert truth > 1.5 * max(random, 0)


def test_an_interval_is_that_of_its_group_by_hand():
    y, p = [0, 0, 0, 1, 1, 1, 1, 0], [0.2] * 4 + [0.8] * 4
    low, high = probability_interval(y, p, [0.2, 0.8, 0.0, 1.0], level=0.9, groups=2)
    by_hand = wilson_interval(np.array([1, 3]), np.array([4, 4]), 0.9)
    np.testing.assert_allclose(low[:2], by_hand[0], rtol=1e-12)
    np.testing.assert_allclose(high[:2], by_hand[1], rtol=1e-12)
    assert (low[2] < 1e-6, high[3] > 1 - 1e-6) == (True, True)
    # Half way on the scale of log-odds: the group's bounds, as far along.
    moved, _ = probability_interval(y, p, [0.5], groups=2)
    odds = by_hand[0][1] / (1 - by_hand[0][1]) / 4
    assert moved[0] == pytest.approx(odds / (1 + odds))


def test_intervals_hold_the_planted_chance_as_often_as_stated():
    held = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        p = rng.uniform(0.05, 0.6, 2000)
        new = rng.uniform(0.05, 0.6, 50)
        low, high = probability_interval(rng.random(2000) < p, p, new, level=0.9)
        held.append(((low <= new) & (new <= high)).mean())
    # The ten groups of a seed are draws of their own; rows of one group go together.
    assert abs(np.mean(held) - 0.9) < 4 * np.sqrt(0.9 * 0.1 / 600) + 0.01


def test_later_rows_that_came_out_worse_stop_what_looked_good():
    later = pd.DataFrame({"propensity": [0.3] * 400, "won": [1] * 20 + [0] * 380})
    scores = pd.DataFrame({"propensity": [0.3], "value": [100.0], "cost": [20.0]})
    assert invest_or_stop(scores).rows["reason"].tolist() == ["pays as expected; how sure that is is not known"]
    found = invest_or_stop(scores, later=later).rows
    assert found["reason"].tolist() == ["pays as expected, not at the low end of the interval"]
    assert found["high"].iloc[0] < 0


def test_without_an_interval_no_reason_speaks_of_one():
    found = invest_or_stop(pd.DataFrame({"propensity": [0.9, 0.8, 0.1]}), value=100.0, cost=50.0, budget=50.0)
    assert found.rows["decision"].tolist() == ["invest", "wait", "stop"]
    assert not found.rows["reason"].str.contains("end of the interval").any()
    assert found.summary["decision"].tolist() == ["invest", "wait", "stop"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"value": "worth"}, "scores lacks the column 'worth'"),
        ({"without": "nothing"}, "scores lacks the column 'nothing'"),
        ({"cost": -1.0}, "cost must be 0 or more"),
        (
            {"scores": FIVE.assign(cost=[1.0, None, 2.0, 3.0, 4.0])},
            "scores.cost must be money, 0 or more, in every row",
        ),
        ({"scores": FIVE.assign(propensity=2.0)}, r"scores.propensity must be in \[0, 1\]; 5 of 5"),
        ({"scores": FIVE.assign(low=0.9)}, "scores.low must be at most scores.high"),
        ({"budget": -1}, "budget must be 0 or more"),
        ({"level": 1}, r"level must be in \(0, 1\)"),
        ({"later": FIVE.drop(columns="won")}, "later lacks the column 'won'"),
        ({"later": FIVE.iloc[:0]}, "p must have at least one later row"),
    ],
)
def test_what_cannot_be_decided_is_refused(asked, message):
    with pytest.raises(InputError, match=message):
        invest_or_stop(**{"scores": FIVE, **asked})
