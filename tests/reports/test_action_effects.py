"""Actions and inactions: counted, and compared with no action where chance chose."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.experiments import analyze_experiment
from nbo.reports import action_effects


def experiment(rng: np.random.Generator, effect: float, n: int = 4000) -> pd.DataFrame:
    arm = rng.choice(["agent", "holdout"], n)
    rows = pd.DataFrame({"customer_id": np.arange(n), "segment": rng.choice(["new", "old"], n), "arm": arm})
    offer = np.where((arm == "holdout") | (rng.random(n) < 0.1), "no_offer", "card")
    spent = rng.gamma(2.0, 5.0, n) + effect * (arm == "agent") * (rows["segment"] == "new")
    return rows.assign(offer_id=offer, spent=spent)


def test_a_test_of_nothing_shows_about_no_effect_as_often_as_stated():
    rng, n_reports = np.random.default_rng(1), 60
    reports = [action_effects(experiment(rng, 0.0, 600), "spent") for _ in range(n_reports)]
    held = np.mean([((found["low"] < 0) & (found["high"] > 0)).mean() for found in reports])
    whole = np.array([found["difference"].iloc[0] for found in reports])
    assert held == pytest.approx(0.95, abs=4 * np.sqrt(0.05 * 0.95 / n_reports))
    assert abs(whole.mean()) < 4 * whole.std() / np.sqrt(n_reports)


def test_a_planted_effect_is_found_in_its_segment_and_decisions_for_no_offer_are_counted():
    rows = experiment(np.random.default_rng(2), 3.0)
    found = action_effects(rows, "spent").set_index("segment")
    assert found.loc["new", "low"] < 3.0 < found.loc["new", "high"]
    assert found.loc["new", "p_adjusted"] < 1e-6
    assert found.loc["old", "low"] < 0 < found.loc["old", "high"]
    assert set(found["told_by"]) == {"holdout arm"}
    own = rows[rows["arm"] == "agent"]
    for segment in ("new", "old"):
        none = ((own["segment"] == segment) & (own["offer_id"] == "no_offer")).sum()
        assert found.loc[segment, "no_actions"] == none
        assert found.loc[segment, "actions"] == (own["segment"] == segment).sum() - none
    assert found.loc["all", "no_actions"] == (own["offer_id"] == "no_offer").sum()


def test_it_is_the_experiment_analyzed_by_customer():
    rows = experiment(np.random.default_rng(3), 1.0, 600)
    twice = pd.concat([rows, rows.assign(spent=1.0)])
    found = action_effects(twice, "spent")
    totals = rows.assign(spent=rows["spent"] + 1.0)
    expected = analyze_experiment(totals, ["spent"], "holdout", by="segment")
    np.testing.assert_allclose(found["difference"], expected["difference"])
    np.testing.assert_allclose(found["p_adjusted"], expected["p_adjusted"])


def drawn_decisions(rng: np.random.Generator, n: int = 6000) -> pd.DataFrame:
    """Let a policy leave those who spend much alone more often; an offer adds 2 to what is spent."""
    rich = rng.random(n) < 0.5
    p_none = np.where(rich, 0.7, 0.2)
    none = rng.random(n) < p_none
    return pd.DataFrame(
        {
            "customer_id": np.arange(n),
            "segment": "a",
            "offer_id": np.where(none, "no_offer", "card"),
            "action_probability": np.where(none, p_none, 1 - p_none),
            "candidates": [json.dumps({"card": 1 - p, "no_offer": p}) for p in p_none],
            "spent": rng.gamma(2.0, 2.0, n) + 10 * rich + 2 * ~none,
        }
    )


def test_probabilities_of_the_draw_take_the_confounding_out():
    rows = drawn_decisions(np.random.default_rng(4))
    found = action_effects(rows, "spent").iloc[0]
    naive = rows.groupby(rows["offer_id"] == "card")["spent"].mean().diff().iloc[-1]
    assert naive < 0
    assert found["told_by"] == "action probabilities"
    assert found["low"] < 2.0 < found["high"]
    assert (found["n"], found["base_n"]) == tuple((rows["offer_id"] == name).sum() for name in ("card", "no_offer"))


def test_without_chance_nothing_can_be_told_but_the_counts():
    rows = drawn_decisions(np.random.default_rng(5), 100).drop(columns="candidates")
    found = action_effects(rows, "spent")
    assert found["difference"].isna().all()
    assert set(found["told_by"]) == {"cannot tell: who got no action was not chosen by chance"}
    assert found["no_actions"].tolist() == [(rows["offer_id"] == "no_offer").sum()] * 2
    assert len(action_effects(rows.head(0), "spent")) == 1


def test_a_forced_decision_is_no_draw():
    rows = drawn_decisions(np.random.default_rng(6), 400)
    forced = rows.assign(offer_id="no_offer", action_probability=1.0, candidates='{"no_offer": 1.0}', spent=1e6)
    both = pd.concat([rows, forced.assign(customer_id=forced["customer_id"] + 1000)], ignore_index=True)
    found, alone = (action_effects(part, "spent").iloc[0] for part in (both, rows))
    assert found["difference"] == pytest.approx(alone["difference"])
    assert found["no_actions"] == alone["no_actions"] + 400


def test_bad_input_is_refused():
    rows = experiment(np.random.default_rng(7), 0.0, 40)
    with pytest.raises(InputError, match="lacks the column 'sold'"):
        action_effects(rows, "sold")
    twice = pd.concat([rows, rows.assign(arm="agent")])
    with pytest.raises(InputError, match="each customer must be in one arm|in another arm"):
        action_effects(twice, "spent")
