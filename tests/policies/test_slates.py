"""Slates: by hand, drawn as often as stated, and what they must not depend on."""

import json
from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.evaluation import evaluate_slates
from nbo.policies import Greedy, Policy, SegmentThompson, Uniform
from nbo.policies.slate_probabilities import slate_probabilities
from nbo.policies.slates import draw_slates

OFFERS = ["w", "x", "y", "z"]


class Fixed(Policy):
    """State given probabilities, scaled to what is eligible."""

    def __init__(self, offers, weights, random_state=0):
        super().__init__()
        self.offers = offers
        self.weights = weights
        self.random_state = random_state

    def _probabilities(self, context, eligible):
        weight = np.where(eligible, self.weights, 0.0)
        return weight / weight.sum(axis=1, keepdims=True)


def _customers(n):
    return pd.DataFrame({"customer_id": [f"c{i}" for i in range(n)], "segment": "a"})


def _slates(frame):
    """The offers of each slate, in order."""
    return frame.groupby(level=0, sort=False)["offer_id"].agg(tuple)


def _plackett_luce(weights, slate):
    """The plain loop: each item by its weight among those left."""
    left, chance = dict(weights), 1.0
    for item in slate:
        chance *= left[item] / sum(left.values())
        del left[item]
    return chance


def test_probabilities_by_hand():
    policy = Fixed(OFFERS[:3], [0.5, 0.3, 0.2])
    found = slate_probabilities(policy, _customers(1), slots=2)
    assert found["w", "x"] == pytest.approx(0.5 * 0.3 / 0.5)
    assert found["z" if "z" in policy.offers else "y", "w"] == pytest.approx(0.2 * 0.5 / 0.8)
    assert len(found) == 6
    slates = draw_slates(policy, _customers(200), slots=2)
    for _, slate in slates.groupby(level=0):
        first, second = slate["offer_id"]
        weights = dict(zip(policy.offers, policy.weights, strict=True))
        assert slate["action_probability"].tolist() == pytest.approx(
            [weights[first], weights[second] / (1 - weights[first])]
        )
        assert slate["slate_probability"].tolist() == pytest.approx([found[first, second]] * 2)
        assert slate["position"].tolist() == [1, 2]


@pytest.mark.parametrize("slots", [1, 2, 3, 4, 7])
def test_all_slates_equal_the_plain_loop(slots):
    weights = dict(zip(OFFERS, [0.4, 0.3, 0.2, 0.1], strict=True))
    found = slate_probabilities(Fixed(OFFERS, list(weights.values())), _customers(1), slots)
    expected = {slate: _plackett_luce(weights, slate) for slate in permutations(OFFERS, min(slots, 4))}
    assert found == pytest.approx(expected)
    assert sum(found.values()) == pytest.approx(1)


@pytest.mark.parametrize("rng", [np.random.default_rng(1), "run 1", 5])
def test_slates_are_drawn_as_often_as_stated(rng):
    policy = Fixed([*OFFERS, "no_offer"], [0.35, 0.25, 0.15, 0.05, 0.2])
    eligible = np.array([True, True, False, True, True])
    n = 40_000
    drawn = draw_slates(policy, _customers(n), 3, np.tile(eligible, (n, 1)), rng)
    counts = _slates(drawn).value_counts()
    found = slate_probabilities(policy, _customers(1), 3, eligible[None])
    assert set(counts.index) <= set(found)
    assert ("no_offer",) in found
    assert ("w", "no_offer") in found
    assert not any("y" in slate or "no_offer" in slate[:-1] for slate in found)
    for slate, chance in found.items():
        frequency = counts.get(slate, 0) / n
        assert abs(frequency - chance) < 4 * np.sqrt(chance * (1 - chance) / n) + 1e-9, slate
    joint = drawn.groupby(level=0)["slate_probability"].first()
    np.testing.assert_allclose(joint, _slates(drawn).map(found))
    np.testing.assert_allclose(drawn.groupby(level=0)["action_probability"].prod(), joint)


def test_the_first_item_is_the_offer_that_is_drawn_alone():
    context, policy = _customers(300), Fixed(OFFERS, [0.4, 0.3, 0.2, 0.1])
    for rng in ("run 1", 3):
        first = draw_slates(policy, context, 3, rng=rng).query("position == 1")
        alone = policy.draw(context, rng=rng)
        pd.testing.assert_frame_equal(first[list(alone)], alone)
    plain = context.drop(columns="customer_id")
    first = draw_slates(policy, plain, 2, rng=3).query("position == 1")
    pd.testing.assert_frame_equal(first[["offer_id", "action_probability"]], policy.draw(plain, rng=3))


def test_draws_are_keyed_by_customer():
    context, policy = _customers(200), Fixed(OFFERS, [0.4, 0.3, 0.2, 0.1])
    whole = draw_slates(policy, context, 3, rng="run 1")
    part = draw_slates(policy, context.iloc[::-3], 3, rng="run 1")
    pd.testing.assert_frame_equal(part.sort_index(kind="stable"), whole.loc[part.index.unique().sort_values()])
    assert (draw_slates(policy, context, 3, rng="run 2")["offer_id"] != whole["offer_id"]).any()
    # Of two slots, one does not tell the other.
    both = whole.pivot(columns="position", values="offer_id")
    table = pd.crosstab(both[1] == "w", both[2] == "x", normalize="index")[True]
    assert table.min() > 0.05


def test_after_the_best_offer_a_greedy_policy_is_asked_again():
    rows = [(o, float(i < accepted)) for o, accepted in (("w", 5), ("x", 40), ("y", 20), ("z", 1)) for i in range(100)]
    feedback = pd.DataFrame(rows, columns=["offer_id", "reward"]).assign(decision_id=range(400), segment="a")
    slates = draw_slates(Greedy(OFFERS).learn(feedback), _customers(2), 4)
    assert _slates(slates).tolist() == [("x", "y", "w", "z")] * 2
    assert (slates["slate_probability"] == 1).all()


def test_fewer_offers_than_slots_and_no_customers():
    eligible = np.array([[True, False, False, False], [True, True, False, False]])
    slates = draw_slates(Uniform(OFFERS), _customers(2), 3, eligible)
    assert slates.groupby("customer_id").size().tolist() == [1, 2]
    assert slates["action_probability"].tolist() == [1, 0.5, 1]
    nobody = draw_slates(SegmentThompson(OFFERS), _customers(2).head(0), 3)
    assert len(nobody) == 0
    assert list(nobody) == [
        "customer_id",
        "position",
        "offer_id",
        "action_probability",
        "slate_probability",
        "candidates",
    ]


def test_slates_can_be_evaluated_from_what_is_written_down():
    """The policy that drew them gives each item the probability that was logged."""
    policy = Fixed(OFFERS, [0.4, 0.3, 0.2, 0.1])
    eligible = np.random.default_rng(0).random((200, 4)) < 0.7
    eligible[:, 0] = True
    slates = draw_slates(policy, _customers(200).assign(decision_id=range(200)), 3, eligible)
    listed = [set(json.loads(text)) for text in slates["candidates"]]
    assert listed == [{OFFERS[i] for i in np.flatnonzero(eligible[row])} for row in slates.index]
    log = slates.assign(reward=(slates["offer_id"] == "x").astype(float), segment="a")
    assert evaluate_slates(policy, log).value == pytest.approx(log.groupby("decision_id")["reward"].sum().mean())


def test_decision_ids_are_handed_on():
    slates = draw_slates(Uniform(OFFERS), _customers(3).assign(decision_id=["d1", "d2", "d3"]), 2)
    assert slates["decision_id"].tolist() == ["d1", "d1", "d2", "d2", "d3", "d3"]


def test_what_is_not_allowed_is_refused():
    for slots in (0, 1.5, "many"):
        with pytest.raises(InputError, match="slots must be a whole number above 0; got"):
            draw_slates(Uniform(OFFERS), _customers(1), slots)
    with pytest.raises(InputError, match="a text as rng needs the column 'customer_id'"):
        draw_slates(Uniform(OFFERS), pd.DataFrame(index=[0, 1]), 2, rng="run 1")
    with pytest.raises(InputError, match="one customer and at most 100000 slates; got 2 customers"):
        slate_probabilities(Uniform(OFFERS), _customers(2))


def test_pairs_that_exclude_each_other_share_no_slate():
    policy = Uniform(["a", "b", "c", "d"])
    context = pd.DataFrame({"customer_id": range(400)})
    slates = draw_slates(policy, context, slots=4, rng="r", never_together=[("a", "b"), ("c", "unknown")])
    sets = slates.groupby("customer_id")["offer_id"].agg(set)
    assert not any({"a", "b"} <= found for found in sets)
    assert sets.str.len().eq(3).all()
    # After a, two are left, and each has a half.
    after = slates["offer_id"].shift().eq("a") & slates["position"].eq(2)
    assert slates.loc[after, "action_probability"].tolist() == [0.5] * after.sum()
