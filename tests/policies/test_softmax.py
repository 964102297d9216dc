"""Probabilities by payoffs: by hand, and both ends of the temperature."""

import json

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.policies import Greedy, Softmax, Uniform

OFFERS = ["x", "y", "no_offer"]


def _feedback(*cells):
    """Rows for cells of (segment, offer, n, accepted)."""
    rows = [(segment, offer, float(i < accepted)) for segment, offer, n, accepted in cells for i in range(n)]
    frame = pd.DataFrame(rows, columns=["segment", "offer_id", "reward"])
    return frame.assign(decision_id=[f"d{i}" for i in range(len(frame))])


FEEDBACK = _feedback(("a", "x", 75, 10), ("a", "y", 75, 4))
A = pd.DataFrame({"segment": ["a"]})


def test_by_hand():
    # Rates (1 + 10)/(25 + 75) = 0.11 and 0.05; payoffs 10 * 0.11 - 0.3 = 0.8, 30 * 0.05 - 0.6 = 0.9 and 0.
    policy = Softmax(OFFERS, temperature=0.02, values=[10, 30, 0], costs=[0.3, 0.6, 0], pooling=False)
    weights = np.exp(np.array([0.8, 0.9, 0.0]) / (0.02 * 30))
    np.testing.assert_allclose(policy.learn(FEEDBACK).probabilities(A), [weights / weights.sum()])
    two = np.array([[True, False, True]])
    np.testing.assert_allclose(policy.probabilities(A, two), [[weights[0], 0, weights[2]] / (weights[0] + weights[2])])


def test_the_ends_are_greedy_and_uniform():
    cold, hot = (Softmax(OFFERS, temperature=t).learn(FEEDBACK).probabilities(A) for t in (1e-9, 1e9))
    np.testing.assert_allclose(cold, Greedy(OFFERS).learn(FEEDBACK).probabilities(A))
    np.testing.assert_allclose(hot, Uniform(OFFERS).probabilities(A))


def test_the_unit_of_money_does_not_matter():
    euros, cents = (
        Softmax(OFFERS, values=[10 * unit, 30 * unit, 0], costs=[0.3 * unit, 0.6 * unit, 0]).learn(FEEDBACK)
        for unit in (1, 100)
    )
    np.testing.assert_allclose(euros.probabilities(A), cents.probabilities(A))


def test_offers_worth_nothing_are_made_alike():
    np.testing.assert_allclose(Softmax(["x", "no_offer"], values=[0, 0]).probabilities(A), 0.5)


def test_floor_and_state():
    policy = Softmax(OFFERS, temperature=1e-6, min_probability=0.05).learn(FEEDBACK)
    np.testing.assert_allclose(policy.probabilities(A), [[0.9, 0.05, 0.05]])
    again = Softmax.from_state(json.loads(json.dumps(policy.to_state())))
    np.testing.assert_array_equal(again.probabilities(A), policy.probabilities(A))
    assert again.temperature == 1e-6


@pytest.mark.parametrize("temperature", [0, -1, np.inf, "hot"])
def test_a_temperature_that_is_not_allowed_is_refused(temperature):
    with pytest.raises(InputError, match="temperature must be above 0; got"):
        Softmax(OFFERS, temperature=temperature).probabilities(A)
