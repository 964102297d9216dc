"""Whom to win as a customer: CLV against the cost of winning by hand, and lift in a simulated world."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.prospects import LeadModel, prospect_targets
from tests.prospects.worlds import leads

FOUR = pd.DataFrame(
    {
        "customer_id": ["ann", "bob", "cem", "dan"],
        "segment": ["law", "law", "retail", "retail"],
        "propensity": [0.20, 0.10, 0.30, 0.01],
        "clv": [1000.0, 800.0, 100.0, 900.0],
        "acquisition_cost": [50.0, 40.0, 20.0, 10.0],
        "lookalike": [0.9, 0.2, 0.8, 0.9],
        "converted": [1, 0, 1, 0],
    }
)


def test_clv_against_the_cost_of_winning_by_hand():
    found = prospect_targets(FOUR, by="segment", converted="converted")
    # 0.2 x 1000 - 50 = 150, 0.1 x 800 - 40 = 40, 0.3 x 100 - 20 = 10, 0.01 x 900 - 10 = -1.
    assert found.targets["customer_id"].tolist() == ["ann", "bob", "cem"]
    assert found.targets["profit"].tolist() == pytest.approx([150, 40, 10])
    line = found.summary.set_index("segment").loc["all"]
    assert (line["prospects"], line["targets"], line["customers"]) == (4, 3, pytest.approx(0.6))
    assert line["cac"] == pytest.approx((50 + 40 + 20) / (0.2 + 0.1 + 0.3))
    assert line["clv"] == pytest.approx((0.2 * 1000 + 0.1 * 800 + 0.3 * 100) / 0.6)
    assert line["clv_to_cac"] == pytest.approx((200 + 80 + 30) / (50 + 40 + 20))
    assert line["profit"] == pytest.approx(200)
    assert line["lift"] == pytest.approx((0.6 / 3) / (0.61 / 4))
    assert (line["customers_won"], line["lift_realized"]) == (2, pytest.approx((2 / 3) / (2 / 4)))
    law = found.summary.set_index("segment").loc["law"]
    assert (law["cac"], law["spend"]) == (pytest.approx(90 / 0.3), 90)
    parts = found.summary[found.summary["segment"] != "all"]
    assert round(parts["spend"].sum() * 100) == round(line["spend"] * 100)


def test_who_is_unlike_the_best_customers_is_left_out():
    found = prospect_targets(FOUR, lookalike="lookalike", least_alike=0.5)
    assert found.targets["customer_id"].tolist() == ["ann", "cem"]
    assert found.unlike == 1
    with pytest.raises(InputError, match="least_alike needs lookalike"):
        prospect_targets(FOUR, least_alike=0.5)
    with pytest.raises(InputError, match="prospects.lookalike must be there in every row"):
        prospect_targets(FOUR.assign(lookalike=None), lookalike="lookalike")


def test_a_budget_goes_to_the_best_prospects():
    found = prospect_targets(FOUR, budget=60.0)
    assert found.targets["customer_id"].tolist() == ["ann"]
    assert found.investment.chosen("wait")["customer_id"].tolist() == ["bob", "cem"]


def test_nobody_to_target():
    found = prospect_targets(FOUR, acquisition_cost=1e6)
    assert found.targets.empty
    assert found.summary["customers"].tolist() == [0]
    assert found.summary[["cac", "clv", "lift"]].isna().all(axis=None)
    assert prospect_targets(FOUR.iloc[:0]).summary["prospects"].tolist() == [0]
    assert "<table" in found._repr_html_()


def test_targets_convert_more_often_than_random_ones_and_the_cost_of_winning_comes_true():
    """In a simulated world: lift over a random list of the same length, and CAC, on prospects not learnt from."""
    rows = leads(9000, seed=4)
    early, late = rows.iloc[:5000], rows.iloc[5000:].reset_index(drop=True)
    model = LeadModel(n_estimators=40).fit(early.drop(columns=["chance", "as_of"]))
    rng = np.random.default_rng(0)
    prospects = late.assign(
        propensity=model.predict_proba(late)[:, 1], clv=rng.lognormal(6.5, 0.5, len(late)), acquisition_cost=120.0
    )
    found = prospect_targets(prospects, converted="converted")
    line, chosen = found.summary.iloc[0], found.targets
    p = chosen["chance"]
    # What is planted, and within 4 standard errors of it what came out.
    assert line["lift_realized"] > 1.7
    assert abs(line["customers_won"] - p.sum()) < 4 * np.sqrt((p * (1 - p)).sum())
    assert line["cac"] == pytest.approx(120 * len(chosen) / p.sum(), rel=0.1)
    random = rng.permutation(len(late))[: len(chosen)]
    worth = late["chance"] * prospects["clv"] - 120
    assert (chosen["chance"] * chosen["clv"] - 120).sum() > worth.to_numpy()[random].sum() + 10_000
