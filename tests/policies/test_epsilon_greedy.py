"""A share for all, the rest for the best: by hand, drawn as stated, and on planted rates."""

import json

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.policies import EpsilonGreedy, Greedy, Uniform

OFFERS = ["x", "y", "z", "no_offer"]


def _feedback(*cells):
    """Rows for cells of (offer, n, accepted), of one segment."""
    rows = [(offer, float(i < accepted)) for offer, n, accepted in cells for i in range(n)]
    frame = pd.DataFrame(rows, columns=["offer_id", "reward"])
    return frame.assign(decision_id=range(len(frame)), segment="a")


FEEDBACK = _feedback(("x", 200, 10), ("y", 200, 60), ("z", 200, 2))
CONTEXT = pd.DataFrame({"segment": ["a", "a", "a"]})
ELIGIBLE = np.array([[True, True, True, True], [True, False, False, True], [False, False, True, False]])


def test_probabilities_by_hand():
    stated = EpsilonGreedy(OFFERS, epsilon=0.2).learn(FEEDBACK).probabilities(CONTEXT, ELIGIBLE)
    by_hand = [[0.2 / 4, 0.8 + 0.2 / 4, 0.2 / 4, 0.2 / 4], [0.8 + 0.2 / 2, 0, 0, 0.2 / 2], [0, 0, 1, 0]]
    np.testing.assert_allclose(stated, by_hand, atol=1e-12)
    assert (stated[~ELIGIBLE] == 0).all()


def test_equal_offers_share_the_rest():
    policy = EpsilonGreedy(OFFERS, epsilon=0.2).learn(_feedback(("x", 100, 20), ("y", 100, 20)))
    np.testing.assert_allclose(policy.probabilities(CONTEXT[:1]), [[0.45, 0.45, 0.05, 0.05]], atol=1e-12)


def test_without_epsilon_it_is_greedy_and_with_all_of_it_uniform():
    none, everything = (EpsilonGreedy(OFFERS, epsilon=share).learn(FEEDBACK) for share in (0.0, 1.0))
    greedy = Greedy(OFFERS).learn(FEEDBACK)
    np.testing.assert_array_equal(none.probabilities(CONTEXT, ELIGIBLE), greedy.probabilities(CONTEXT, ELIGIBLE))
    uniform = Uniform(OFFERS).probabilities(CONTEXT, ELIGIBLE)
    np.testing.assert_allclose(everything.probabilities(CONTEXT, ELIGIBLE), uniform, atol=1e-12)


def test_values_and_costs_decide():
    policy = EpsilonGreedy(OFFERS, values=[40, 5, 90, 0], costs=[0.5, 0.5, 0.5, 0]).learn(FEEDBACK)
    # Rates of about 5, 30 and 1 % pay about 1.5, 1.0 and 0.4.
    np.testing.assert_allclose(policy.probabilities(CONTEXT[:1]), [[0.925, 0.025, 0.025, 0.025]], atol=1e-12)


def test_state_goes_through_json():
    policy = EpsilonGreedy(OFFERS, epsilon=0.3, values=np.array([1, 2, 3, 0])).learn(FEEDBACK)
    again = EpsilonGreedy.from_state(json.loads(json.dumps(policy.to_state())))
    assert again.epsilon == 0.3
    np.testing.assert_array_equal(again.probabilities(CONTEXT, ELIGIBLE), policy.probabilities(CONTEXT, ELIGIBLE))
    assert again.to_state() == policy.to_state()


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan"), "much", None])
def test_an_epsilon_that_is_no_share_is_refused(share):
    with pytest.raises(InputError, match=r"epsilon must be in \[0, 1\]; got "):
        EpsilonGreedy(OFFERS, epsilon=share).probabilities(CONTEXT)


def test_ips_on_its_own_log_is_unbiased():
    # The log's own weights: what the uniform policy would earn, from what epsilon-greedy drew.
    policy, rng = EpsilonGreedy(OFFERS, epsilon=0.3).learn(FEEDBACK), np.random.default_rng(2)
    rates, n = np.array([0.05, 0.3, 0.01, 0.0]), 40_000
    drawn = policy.draw(pd.DataFrame({"segment": ["a"] * n}), rng=rng)
    accepted = rng.random(n) < rates[[OFFERS.index(offer) for offer in drawn["offer_id"]]]
    weighted = accepted * 0.25 / drawn["action_probability"]
    assert abs(weighted.mean() - rates.mean()) < 4 * weighted.std() / np.sqrt(n)


def _shares(policy, seed, batches=40, size=250):
    """Play on simulated customers of three segments; give share of the best offer at the end, and regret."""
    rates = np.array([[0.15, 0.05, 0.03], [0.04, 0.16, 0.04], [0.03, 0.04, 0.14]])
    rng, lost, uniform = np.random.default_rng(seed), 0.0, 0.0
    for batch in range(batches):
        segment = rng.integers(3, size=size)
        frame = pd.DataFrame({"decision_id": batch * size + np.arange(size), "segment": np.array(list("abc"))[segment]})
        frame["offer_id"] = policy.draw(frame, rng=rng)["offer_id"]
        rate = rates[segment, [policy.offers.index(offer) for offer in frame["offer_id"]]]
        policy.learn(frame.assign(reward=(rng.random(size) < rate).astype(float)))
        lost += (rates.max(axis=1)[segment] - rate).sum()
        uniform += (rates.max(axis=1) - rates.mean(axis=1))[segment].sum()
    return np.diag(policy.probabilities(pd.DataFrame({"segment": list("abc")}))), lost / uniform


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_finds_the_best_offer_of_each_segment(seed):
    best, regret = _shares(EpsilonGreedy(["x", "y", "z"], epsilon=0.1), seed)
    np.testing.assert_allclose(best, 0.9 + 0.1 / 3, atol=1e-12)
    assert regret < 0.35


def test_greedy_with_a_floor_finds_the_best_offers_too():
    best, regret = _shares(Greedy(["x", "y", "z"], min_probability=0.03), 0)
    np.testing.assert_allclose(best, 0.94, atol=1e-12)
    assert regret < 0.35
