"""The action most likely to end well, of each department, for a customer or a segment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import nbo
from nbo.errors import InputError
from nbo.reports import best_actions, departments
from nbo.simulate import World
from nbo.tables import Catalog, Offer

# Four actions each of three departments.
ACTIONS = [f"{department}_{place}" for department in ("ads", "sales", "help") for place in range(4)]
WHOSE = np.repeat(["marketing", "sales", "support"], 4)


def _planted(n_groups, per_group, seed):
    """Chances of each group and action, and answers to actions drawn at random."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(-2.0, 0.5, 12) + rng.normal(0, 0.4, (n_groups, 1)) + rng.normal(0, 0.5, (n_groups, 12))
    chance = 1 / (1 + np.exp(-logit))
    group, action = np.repeat(np.arange(n_groups), per_group), rng.integers(0, 12, n_groups * per_group)
    feedback = pd.DataFrame({"segment": group, "offer_id": np.array(ACTIONS)[action]})
    feedback["department"] = WHOSE[action]
    feedback["reward"] = (rng.random(len(group)) < chance[group, action]).astype(float)
    return chance, feedback


def _regret(chance, table):
    """Chance lost to the best action of each group and department, and by the action that is best on the mean."""
    lost, lost_by_one = [], []
    for department in ("marketing", "sales", "support"):
        own = department == WHOSE
        chosen = table[(table["department"] == department) & (table["rank"] == 1)].set_index("segment")["offer_id"]
        place = [ACTIONS.index(chosen[group]) for group in range(len(chance))]
        best = chance[:, own].max(axis=1)
        lost.append((best - chance[np.arange(len(chance)), place]).mean())
        lost_by_one.append((best - chance[:, own][:, chance[:, own].mean(axis=0).argmax()]).mean())
    return np.mean(lost), np.mean(lost_by_one)


def test_sums_of_outcomes_are_a_group_by_and_the_likeliest_goes_first():
    rows = pd.DataFrame(
        {
            "segment": ["new"] * 6 + ["old"] * 2,
            "offer_id": ["card", "card", "mag", "visit", "no_offer", "card", "visit", "card"],
            "reward": [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0],
        }
    )
    catalog = Catalog([Offer("card", kind="discount"), Offer("mag", kind="content"), Offer("visit", kind="service")])
    table = best_actions(rows, k=None, catalog=catalog)
    counted = table.set_index(["segment", "offer_id"])[["n", "accepted"]]
    assert counted.loc[("new", "card")].tolist() == [3, 2]
    assert counted.loc[("new", "visit")].tolist() == [1, 1]
    assert counted.loc[("old", "mag")].tolist() == [0, 0]
    assert "no_offer" not in set(table["offer_id"])
    assert table[["segment", "department", "rank"]].values.tolist() == [
        [segment, department, rank]
        for segment in ("new", "old")
        for department, rank in (("marketing", 1), ("marketing", 2), ("support", 1))
    ]
    assert table.loc[0, "offer_id"] == "card"
    assert ((table["low"] < table["probability"]) & (table["probability"] < table["high"])).all()
    assert len(best_actions(rows, catalog=catalog)) == 4


def test_the_departments_actions_of_planted_segments_are_found():
    chance, feedback = _planted(12, 3000, seed=0)
    lost, lost_by_one = _regret(chance, best_actions(feedback))
    assert lost < 0.15 * lost_by_one
    # Regret falls with answers.
    assert lost < _regret(chance, best_actions(feedback.groupby("segment").head(150)))[0]


def test_sums_of_single_customers_are_calibrated_by_decile():
    chance, feedback = _planted(2000, 15, seed=1)
    feedback = feedback.rename(columns={"segment": "customer_id"})
    table = best_actions(feedback, by="customer_id", k=None)
    truth = chance[table["customer_id"].to_numpy(), [ACTIONS.index(name) for name in table["offer_id"]]]
    assert len(table) == 2000 * 12
    decile = pd.qcut(table["probability"], 10, labels=False)
    means = pd.DataFrame({"decile": decile, "p": table["probability"], "truth": truth}).groupby("decile").mean()
    assert means["p"].to_numpy() == pytest.approx(means["truth"].to_numpy(), rel=0.1, abs=0.01)
    # Few answers of a customer say little, and do not say less than what holds for all.
    lost, lost_by_one = _regret(chance, table.rename(columns={"customer_id": "segment"}))
    assert lost < 1.02 * lost_by_one


def test_a_model_of_the_customers_loses_less_than_the_action_that_is_best_for_most():
    world = World(customers=3000, days=300, seed=6, live_days=30)
    spine = nbo.Spine.at(world.live_from, world.tables.customers)
    model = nbo.NextBestOffer(propensity=nbo.PropensityModel(n_estimators=60)).fit(world.tables, spine)
    scores, catalog = model.score(world.tables, spine), world.tables.catalog
    reward = nbo.labels.accepted(world.tables, window="14D").astype(float)
    answers = world.tables.decisions.loc[reward.index].assign(reward=reward)
    table = best_actions(answers, by="customer_id", catalog=catalog, scores=scores)
    ids = scores["customer_id"].unique()
    chance = pd.DataFrame(world.truth.acceptance(ids, world.live_from), ids, world.truth.offer_ids)
    allowed = scores.pivot(index="customer_id", columns="offer_id", values="eligible").loc[ids, chance.columns]
    whose = departments(pd.DataFrame({"offer_id": chance.columns}), catalog).to_numpy()
    lost = {"ranked": 0.0, "one for all": 0.0}
    for department, rows in table.groupby("department"):
        own = chance.loc[rows["customer_id"], whose == department].where(allowed)
        chosen = own.to_numpy()[np.arange(len(rows)), own.columns.get_indexer(rows["offer_id"])]
        lost["ranked"] += (own.max(axis=1) - chosen).mean()
        lost["one for all"] += (own.max(axis=1) - own[own.mean().idxmax()].fillna(0.0)).mean()
    assert sorted(table["department"].unique()) == ["marketing", "sales", "support"]
    assert lost["ranked"] < 0.8 * lost["one for all"]


def test_scores_leave_out_what_is_not_eligible_and_keep_the_sums():
    feedback = pd.DataFrame({"customer_id": [7, 7, 8], "offer_id": ["card", "card", "loan"], "reward": [1, 0, 1]})
    scores = pd.DataFrame(
        {
            "customer_id": [7, 7, 8, 8],
            "offer_id": ["card", "loan", "card", "loan"],
            "propensity": [0.2, 0.9, 0.4, 0.3],
            "eligible": [True, False, True, True],
        }
    )
    catalog = pd.DataFrame({"offer_id": ["card", "loan"], "department": "sales"})
    before = scores.copy()
    table = best_actions(feedback, by="customer_id", catalog=catalog, scores=scores)
    assert table[["customer_id", "department", "offer_id", "probability", "n", "accepted"]].values.tolist() == [
        [7, "sales", "card", 0.2, 2, 1],
        [8, "sales", "card", 0.4, 0, 0],
    ]
    assert table[["low", "high"]].isna().all(axis=None)
    pd.testing.assert_frame_equal(scores, before)


def test_no_answers_rank_nothing_and_missing_groups_are_not_known():
    rows = pd.DataFrame({"segment": ["new", None], "offer_id": "card", "reward": [1.0, 0.0]})
    assert best_actions(rows)["segment"].tolist() == ["new", "not known"]
    assert best_actions(rows)["department"].tolist() == ["not known", "not known"]
    assert len(best_actions(rows[:0])) == 0


def test_what_the_decision_says_comes_first_then_the_catalog_then_the_action_type():
    catalog = pd.DataFrame({"offer_id": ["a", "b"], "kind": "service", "department": ["sales", None]})
    rows = pd.DataFrame({"offer_id": ["a", "a", "b", "c"], "department": ["field", None, None, None]})
    assert departments(rows, catalog).tolist() == ["field", "sales", "support", "not known"]
    own = departments(rows[["offer_id"]], catalog, words={"service response": "care"})
    assert own.tolist() == ["sales", "sales", "care", "not known"]


@pytest.mark.parametrize(
    ("changed", "asked", "message"),
    [
        ({"reward": [2.0]}, {}, r"feedback.reward must be 0 or 1; 1 of 1 rows is not, first at row 0: 2.0"),
        ({}, {"by": "tier"}, "feedback lacks the column 'tier'"),
        ({}, {"by": "offer_id"}, "by must name whom to rank for"),
        ({}, {"k": 0}, "k must be a whole number, at least 1"),
        ({}, {"scores": pd.DataFrame({"segment": ["new"], "offer_id": ["card"], "propensity": [1.5]})}, r"in \[0, 1\]"),
    ],
)
def test_bad_input_is_one_clear_error(changed, asked, message):
    rows = pd.DataFrame({"segment": ["new"], "offer_id": ["card"], "reward": [1.0]}).assign(**changed)
    with pytest.raises(InputError, match=message):
        best_actions(rows, **asked)
