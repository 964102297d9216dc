"""Inverse gap weighting: by hand, growth with answers, and planted effects."""

import json

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.policies import SquareCB
from nbo.policies.inverse_gap import inverse_gap_weights
from nbo.testing import check_policy

OFFERS = ["x", "y", "no_offer"]
A = pd.DataFrame({"segment": ["a"]})


def _log(*cells):
    """Rows for cells of (offer, n, accepted), all of one segment."""
    rows = [(offer, float(i < accepted)) for offer, n, accepted in cells for i in range(n)]
    frame = pd.DataFrame(rows, columns=["offer_id", "reward"])
    return frame.assign(decision_id=range(len(frame)), segment="a")


def test_weights_by_hand():
    payoffs = np.array([[0.5, 0.3, 0.1, 0.9], [0.5, 0.5, 0.1, 0.9], [0.2, 0.2, 0.2, 0.2]])
    eligible = np.array([[True, True, True, False], [True, True, True, False], [True] * 4])
    found = inverse_gap_weights(payoffs, eligible, 10.0)
    # 1/(3 + 10 * 0.2) = 1/5 and 1/(3 + 10 * 0.4) = 1/7; equal best ones share the rest.
    expected = [
        [1 - 1 / 5 - 1 / 7, 1 / 5, 1 / 7, 0],
        [(1 - 1 / 7) / 2, (1 - 1 / 7) / 2, 1 / 7, 0],
        [1 / 4] * 4,
    ]
    np.testing.assert_allclose(found, expected)
    np.testing.assert_allclose(inverse_gap_weights(payoffs, eligible, 0.0)[0], [1 / 3, 1 / 3, 1 / 3, 0])


def test_owes_what_every_policy_owes_with_features_missing(make_world):
    world = make_world(0)
    context = world.customers(np.random.default_rng(0), 60)
    context.loc[::7, "age"] = np.nan
    context.loc[::5, "city"] = None
    feedback = world.customers(np.random.default_rng(1), 300).assign(
        offer_id=np.array(OFFERS)[np.arange(300) % 3], reward=(np.arange(300) % 4 == 0).astype(float)
    )
    policy = SquareCB(OFFERS, world.features, values=[1, 2, 0], costs=[0.1, 0.1, 0])
    check_policy(policy, context.drop(columns="decision_id"), feedback=feedback)


def test_it_is_uniform_at_first_and_explores_less_with_every_answer():
    np.testing.assert_allclose(SquareCB(["x", "y"]).probabilities(A), 0.5)
    rest = []
    for times in (1, 10, 100):
        policy = SquareCB(["x", "y"]).learn(_log(("x", 10 * times, times), ("y", 10 * times, 3 * times)))
        rest.append(policy.probabilities(A)[0, 0])
    assert rest[0] > 2 * rest[1] > 4 * rest[2] > 0


def test_values_and_costs_by_hand():
    # No answers: rates 0.04 pay 50 * 0.04 - 1 = 1 and 100 * 0.04 - 1 = 3 of 100; no offer pays 0.
    policy = SquareCB(OFFERS, values=[50, 100, 0], costs=[1, 1, 0], gamma_scale=200.0, gamma_exponent=0.0)
    expected = [1 / (3 + 200 * 0.02), 0, 1 / (3 + 200 * 0.03)]
    expected[1] = 1 - sum(expected)
    # The mode of the rates lies on a grid of 2**-14 on the log-odds.
    np.testing.assert_allclose(policy.probabilities(A), [expected], rtol=1e-4)


def test_state_keeps_the_growth():
    policy = SquareCB(OFFERS, gamma_scale=5.0, min_probability=0.01).learn(_log(("x", 50, 5), ("y", 50, 1)))
    again = SquareCB.from_state(json.loads(json.dumps(policy.to_state())))
    np.testing.assert_array_equal(again.probabilities(A), policy.probabilities(A))
    assert again.to_state() == policy.to_state()


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"gamma_scale": 0}, "gamma_scale must be above 0; got 0"),
        ({"gamma_exponent": 2}, r"gamma_exponent must be in \[0, 1\]; got 2"),
    ],
)
def test_what_is_not_allowed_is_refused(parameters, says):
    with pytest.raises(InputError, match=says):
        SquareCB(OFFERS, **parameters).probabilities(A)
