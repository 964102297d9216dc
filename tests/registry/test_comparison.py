from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.policies import SegmentThompson, Uniform
from nbo.registry.bar import Bar
from nbo.registry.comparison import compare, with_money
from nbo.tables import Spine

ONE_LOOK = Bar(interval="normal")


class Model:
    """Policy and segments of a model, without the rest."""

    segmenter = SimpleNamespace(scheme="mine")

    def __init__(self, policy):
        self.policy = policy


def answers(segment, offer, accepted, refused):
    n = accepted + refused
    return pd.DataFrame(
        {
            "decision_id": [f"{segment}{offer}{i}" for i in range(n)],
            "segment": segment,
            "offer_id": offer,
            "reward": [1.0] * accepted + [0.0] * refused,
        }
    )


def feedback(**columns):
    n = len(columns["offer_id"])
    base = {
        "decision_id": [f"d{i}" for i in range(n)],
        "customer_id": [f"c{i}" for i in range(n)],
        "decided_at": pd.Timestamp("2026-01-01"),
        "segment": "a",
        "action_probability": 0.5,
        "candidates": json.dumps({"x": 0.5, "y": 0.5}),
        "reward": 0.0,
    }
    return pd.DataFrame({**base, **columns})


@pytest.fixture(scope="module")
def learnt():
    rows = [
        answers("a", "x", 90, 110),
        answers("a", "y", 10, 190),
        answers("b", "x", 10, 190),
        answers("b", "y", 90, 110),
    ]
    return Model(SegmentThompson(["x", "y", "z"]).learn(pd.concat(rows)))


class Certain(Uniform):
    """Makes always the first offer."""

    def _probabilities(self, context, eligible):
        return np.tile(np.eye(len(self.offers))[0], (len(context), 1))


def test_values_and_interval_are_those_of_the_rows():
    rows = feedback(offer_id=["x", "y", "x", "y"], reward=[1.0, 1.0, 0.0, 1.0])
    found = compare(Model(Certain(["x", "y"])), Model(Uniform(["x", "y"])), rows, bar=ONE_LOOK)
    assert found.challenger.value == (2 + 0 + 0 + 0) / 4
    assert found.champion.value == (1 + 1 + 0 + 1) / 4
    parts = np.array([2 - 1, 0 - 1, 0, 0 - 1])
    half = 1.959963984540054 * parts.std(ddof=1) / np.sqrt(4)
    assert found.difference == parts.mean()
    assert (found.low, found.high) == pytest.approx((parts.mean() - half, parts.mean() + half))
    assert (found.challenger.effective_sample_size, found.no_verdict) == (4**2 / (2**2 + 2**2), "")


def test_an_interval_for_all_times_is_wider_by_the_published_factor():
    # Robbins' normal mixture: at the planned number 3.04 standard errors, where one look takes 1.96.
    rows = feedback(offer_id=["x", "y"] * 500, reward=[1.0, 0.0, 1.0, 1.0] * 250)
    models = Model(Certain(["x", "y"])), Model(Uniform(["x", "y"]))
    once, always = (compare(*models, rows, bar=bar) for bar in (ONE_LOOK, Bar(planned=1000)))
    assert always.difference == once.difference
    assert (always.high - always.low) / (once.high - once.low) == pytest.approx(3.04 / 1.96, abs=0.003)


def test_an_offer_that_nobody_has_accepted_yet_counts_by_the_rule_of_three():
    # Of ten y none is accepted; the champion makes them and the challenger does not: each would take 1 of its 50 parts.
    rows = feedback(offer_id=["x"] * 40 + ["y"] * 10, reward=[1.0, 0.0] * 20 + [0.0] * 10)
    models = Model(Certain(["x", "y"])), Model(Uniform(["x", "y"]))
    found = compare(*models, rows, bar=ONE_LOOK)
    assert found.reserve == pytest.approx(3 * 1.0 / 50, rel=0.002)
    assert found.low == pytest.approx(found.difference - (found.high - found.difference) - found.reserve)
    # The other way round it speaks for the challenger, and nothing is taken off; nor once one is accepted.
    assert compare(*models[::-1], rows, bar=ONE_LOOK).reserve == 0.0
    assert compare(*models, rows.assign(reward=1.0), bar=ONE_LOOK).reserve == 0.0
    # In money each of them would bring its value.
    money = with_money(rows.assign(value=np.where(rows["offer_id"] == "y", 200.0, 1.0)))
    assert compare(*models, money, reward="money", bar=ONE_LOOK).reserve == pytest.approx(200 * found.reserve)


def test_decisions_without_a_probability_are_left_out_of_the_reserve_too():
    rows = feedback(offer_id=["x"] * 40 + ["y"] * 10, reward=[1.0, 0.0] * 20 + [0.0] * 10)
    unknown = pd.concat([rows, rows.iloc[-1:].assign(action_probability=np.nan, reward=1.0)], ignore_index=True)
    unknown["decision_id"] = range(len(unknown))
    models = Model(Certain(["x", "y"])), Model(Uniform(["x", "y"]))
    assert compare(*models, unknown).reserve == compare(*models, rows).reserve > 0


def test_decisions_of_one_customer_are_one():
    rows = feedback(offer_id=["x", "y", "x", "y"], reward=[1.0, 1.0, 0.0, 1.0])
    twice = pd.concat([rows, rows], ignore_index=True).assign(decision_id=range(8))
    models = Model(Certain(["x", "y"])), Model(Uniform(["x", "y"]))
    once, both = compare(*models, rows), compare(*models, twice)
    assert (both.difference, both.low, both.high) == pytest.approx((once.difference, once.low, once.high))


def test_without_overlap_there_is_no_verdict():
    rows = feedback(offer_id=["x", "y"] * 50, reward=[1.0, 0.0] * 50, candidates=json.dumps({"x": 0.5, "y": 0.5}))
    rows["action_probability"] = [1e-5] + [0.9] * 99
    found = compare(Model(Certain(["x", "y"])), Model(Uniform(["x", "y"])), rows)
    assert np.isnan([found.difference, found.low, found.high, found.challenger.value]).all()
    assert found.no_verdict.startswith("challenger: 100 decisions count only like 1.0 of equal weight")
    assert "champion: " in found.no_verdict


def test_what_both_do_alike_has_no_error(learnt):
    found = compare(learnt, learnt, feedback(offer_id=["x", "y"] * 50, reward=[1.0, 0.0] * 50))
    assert (found.difference, found.low, found.high) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("n", [0, 1])
def test_without_two_rows_the_interval_is_everything(n, learnt):
    found = compare(learnt, Model(Uniform(["x", "y"])), feedback(offer_id=["x"] * n))
    assert (found.low, found.high, found.n) == (-np.inf, np.inf, n)


def test_values_equal_a_plain_loop_over_the_decisions(learnt):
    rng = np.random.default_rng(1)
    sets = [["x", "y"], ["x", "z"], ["y"], ["x", "y", "z"]]
    chosen = [sets[i] for i in rng.integers(4, size=60)]
    rows = feedback(
        offer_id=[str(rng.choice(names)) for names in chosen],
        action_probability=[1 / len(names) for names in chosen],
        candidates=[json.dumps(dict.fromkeys(names, 1 / len(names))) for names in chosen],
        segment=rng.choice(["a", "b"], 60),
        reward=rng.integers(2, size=60).astype(float),
    )
    total = {"learnt": 0.0, "even": 0.0}
    for names, row in zip(chosen, rows.itertuples(), strict=True):
        eligible = np.array([[offer in names for offer in ("x", "y", "z")]])
        stated = learnt.policy.probabilities(pd.DataFrame({"segment": [row.segment]}), eligible)[0]
        total["learnt"] += stated[["x", "y", "z"].index(row.offer_id)] / row.action_probability * row.reward / 60
        total["even"] += 1 / len(names) / row.action_probability * row.reward / 60
    found = compare(learnt, Model(Uniform(["x", "y", "z"])), rows)
    assert found.challenger.value == pytest.approx(total["learnt"])
    assert found.champion.value == pytest.approx(total["even"])
    assert found.difference == pytest.approx(total["learnt"] - total["even"])


def test_the_planted_values_lie_in_the_interval(learnt):
    # In segment a, x is accepted by 45 % and y by 5 %; in b the other way round. Drawn evenly from both.
    rng, n = np.random.default_rng(4), 20_000
    segment, offer = rng.choice(["a", "b"], n), rng.choice(["x", "y"], n)
    rate = np.where((segment == "a") == (offer == "x"), 0.45, 0.05)
    rows = feedback(offer_id=offer, segment=segment, reward=(rng.random(n) < rate).astype(float))
    eligible = np.array([[True, True, False]])
    best = {s: learnt.policy.probabilities(pd.DataFrame({"segment": [s]}), eligible)[0] for s in ("a", "b")}
    truth = (best["a"][0] * 0.45 + best["a"][1] * 0.05 + best["b"][0] * 0.05 + best["b"][1] * 0.45) / 2 - 0.25
    found = compare(learnt, Model(Uniform(["x", "y"])), rows)
    assert abs(found.difference - truth) < 4 * found.standard_error
    assert found.low > 0


def test_the_value_of_an_offer_made_must_be_there():
    rows = feedback(offer_id=["x", "no_offer", "y"], value=[1.0, None, None])
    with pytest.raises(InputError, match="feedback.value must be a number where an offer was made; 1 of 3 rows"):
        with_money(rows)
    assert with_money(rows.iloc[:2].assign(reward=1.0))["money"].tolist() == [1.0, 0.0]


def test_segments_of_another_scheme_are_refused(learnt):
    rows = feedback(offer_id=["x", "y"], segment_scheme=["mine", "theirs"])
    with pytest.raises(InputError, match=r"1 of 2 decisions were made with other segments.*tables=tables"):
        compare(learnt, learnt, rows)


def test_with_tables_the_segments_are_made_as_of_each_decision(world, model):
    customers = world.tables.customers["customer_id"].unique()[:3].tolist()
    rows = feedback(offer_id=["x"] * 3, customer_id=customers, decided_at=world.end, segment_scheme="theirs")
    seen = []

    class Watching(Uniform):
        def _probabilities(self, context, eligible):
            seen.append(context["segment"].tolist())
            return super()._probabilities(context, eligible)

    watching = Model(Watching(["x", "y"]))
    watching.features, watching.segmenter = model.features, model.segmenter
    compare(watching, watching, rows, world.tables)
    expected = model.segmenter.predict(model.features.build(world.tables, Spine.at(world.end, customers)))
    assert seen == [expected.tolist()] * 2


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"action_probability": [0.5, 0.0]}, "feedback.action_probability must be in"),
        ({"reward": [0.0, np.nan]}, "feedback.reward must be finite"),
        ({"candidates": ["?", "{}"]}, "feedback.candidates must be JSON"),
        ({"segment": ["a", None]}, "segment must be there in every row"),
    ],
)
def test_rows_that_cannot_be_compared_are_named(learnt, wrong, says):
    with pytest.raises(InputError, match=says):
        compare(learnt, learnt, feedback(offer_id=["x", "y"], **wrong))


def test_a_missing_column_is_named(learnt):
    with pytest.raises(InputError, match="feedback lacks the column 'customer_id'"):
        compare(learnt, learnt, feedback(offer_id=["x"]).drop(columns="customer_id"))
