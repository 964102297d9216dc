from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nbo import NO_OFFER
from nbo.arbitration import Beliefs, Candidates, Limit, Plan, Rule, decide, replay
from nbo.errors import InputError
from nbo.policies import SegmentThompson, Uniform
from nbo.tables import Catalog, CustomerTables, Offer, Spine

CATALOG = Catalog([Offer("card", value=40), Offer("loan", value=90), Offer("fund", value=10)])
N = 300
PEOPLE = pd.DataFrame({"customer_id": [f"c{i}" for i in range(N)], "house": np.arange(N) // 3})
CHANCE = np.random.default_rng(1).uniform(0.01, 0.3, (N, 3))


class OnePerHouse(Rule):
    """Of each house, the first customer."""

    def refused(self, candidates):
        return {"fund": candidates.column("house").to_numpy()[:, None, None] % 2 == np.array([[[5], [5], [0]]])}

    def surplus(self, candidates, priority):
        return {"another of the house": candidates.column("house").duplicated().to_numpy()[:, None, None]}


def candidates(rows=slice(None)):
    tables = CustomerTables(customers=PEOPLE)
    return Candidates.of(tables, Spine.at("2026-06-30", PEOPLE.iloc[rows]), CATALOG, (OnePerHouse(),))


@pytest.fixture(scope="module")
def policy():
    feedback = pd.DataFrame(
        {
            "decision_id": [f"d{i}" for i in range(300)],
            "segment": "s",
            "offer_id": np.tile(CATALOG.offer_ids, 100),
            "reward": np.random.default_rng(2).random(300) < 0.2,
            "action_probability": 1 / 3,
        }
    )
    made = SegmentThompson([*CATALOG.offer_ids, NO_OFFER], [*CATALOG.values, 0.0])
    return made.learn(feedback.assign(reward=feedback["reward"].astype(float)))


@pytest.fixture(scope="module")
def decisions(policy):
    limits = [Limit(offers=["loan"], at_most=10)]
    plan = Plan.make(candidates(), Beliefs(CHANCE), limits=limits)
    return decide(candidates(), Beliefs(CHANCE), np.array(["s"] * N), policy, 7, "run", plan=plan)


def test_every_draw_comes_again_from_its_row_alone(decisions):
    assert (decisions["offer_id"] != NO_OFFER).sum() > 50
    for at in range(N):
        again = replay(decisions.iloc[at])
        assert again.same, str(again)
        assert again.offer_id == decisions["offer_id"].iloc[at]


def test_all_of_a_decision_comes_again_with_its_customer_alone(decisions, policy):
    for at in range(0, N, 7):
        own = Beliefs(CHANCE[at : at + 1])
        again = replay(decisions.iloc[[at]], candidates([at]), own, policy)
        assert again.same, str(again)


def test_what_was_altered_shows(decisions, policy):
    at = int(np.flatnonzero(decisions["offer_id"] != NO_OFFER)[0])
    row = decisions.iloc[at]
    other = next(offer for offer in CATALOG.offer_ids if offer != row["offer_id"])
    forged = replay({**row, "offer_id": other})
    assert forged.differences.to_dict("records") == [{"column": "offer_id", "logged": other, "now": row["offer_id"]}]
    assert str(forged) == f"{row['decision_id']}: 1 values differ from the log: offer_id"
    assert "<table" in forged._repr_html_()
    cheap = replay({**row, "priority": 0.0}, candidates([at]), Beliefs(CHANCE[[at]]), policy)
    assert cheap.differences["column"].tolist() == ["priority"]
    # A policy of another state states other probabilities.
    young = SegmentThompson([*CATALOG.offer_ids, NO_OFFER], [*CATALOG.values, 0.0])
    changed = replay(row, candidates([at]), Beliefs(CHANCE[[at]]), young)
    assert "candidates" in changed.differences["column"].tolist()


def test_replaying_changes_nothing(decisions, policy):
    before = json.dumps(policy.to_state(), sort_keys=True)
    replay(decisions.iloc[0], candidates([0]), Beliefs(CHANCE[:1]), policy)
    assert json.dumps(policy.to_state(), sort_keys=True) == before


def test_what_is_no_decision_is_refused(decisions):
    with pytest.raises(InputError, match="one decision is needed; got 2 rows"):
        replay(decisions.iloc[:2])
    with pytest.raises(InputError, match="decision lacks the column 'rng'"):
        replay(decisions.drop(columns="rng").iloc[0])
    plain = Candidates.of(CustomerTables(customers=PEOPLE), Spine.at("2026-06-30", PEOPLE), CATALOG)
    slate = decide(plain, CHANCE, np.array(["s"] * N), Uniform(CATALOG.offer_ids), 7, "r", slots=2)
    with pytest.raises(InputError, match="is an offer of a slate, which cannot be replayed alone"):
        replay(slate.iloc[0])
