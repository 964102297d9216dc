"""Upper bounds by a linear model: by hand, floors, planted effects, and a world without any."""

import json

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.policies import LinearUCB
from nbo.policies.linear_posterior import fit_linear_posterior
from nbo.testing import check_policy

OFFERS = ["x", "y", "no_offer"]


def _log(*cells):
    """Rows for cells of (offer, n, accepted), all of one segment."""
    rows = [(offer, float(i < accepted)) for offer, n, accepted in cells for i in range(n)]
    frame = pd.DataFrame(rows, columns=["offer_id", "reward"])
    return frame.assign(decision_id=range(len(frame)), segment="a")


A = pd.DataFrame({"segment": ["a"]})


def test_owes_what_every_policy_owes_with_features_missing(make_world):
    world = make_world(0)
    context = world.customers(np.random.default_rng(0), 60)
    context.loc[::7, "age"] = np.nan
    context.loc[::5, "city"] = None
    feedback = world.customers(np.random.default_rng(1), 300).assign(
        offer_id=np.array(OFFERS)[np.arange(300) % 3], reward=(np.arange(300) % 4 == 0).astype(float)
    )
    policy = LinearUCB(OFFERS, world.features, values=[1, 2, 0], costs=[0.1, 0.1, 0])
    check_policy(policy, context.drop(columns="decision_id"), feedback=feedback)


@pytest.mark.parametrize("alpha", [0.0, 1.0, 3.0])
def test_the_highest_bound_is_made(alpha):
    log = _log(("x", 400, 40), ("y", 20, 1), ("no_offer", 10, 0))
    policy = LinearUCB(OFFERS, alpha=alpha, values=[10, 10, 0], costs=[0.2, 0.2, 0]).learn(log)
    n, accepted = np.array([[400.0, 20.0]]), np.array([[40.0, 1.0]])
    # The text "a" has a column of its own beside the level.
    matrix = np.ones((1, 2))
    mean, sd = fit_linear_posterior(matrix, n, accepted, prior_rate=0.04, effect_sd=1.0).rates(matrix)
    pays = np.append(10 * (mean + alpha * sd)[0] - 0.2, 0.0)
    best = int(pays.argmax())
    assert best == (0 if alpha < 3 else 1)
    np.testing.assert_allclose(policy.probabilities(A)[0], np.where(np.arange(3) == best, 0.98, 0.01))


def test_equal_bounds_share_and_the_floor_holds():
    np.testing.assert_allclose(LinearUCB(["x", "y"]).probabilities(A), [[0.5, 0.5]])
    policy = LinearUCB(OFFERS, min_probability=0.2).learn(_log(("x", 100, 0), ("y", 100, 50)))
    eligible = np.array([[True, True, True], [True, True, False], [True, False, False]])
    stated = policy.probabilities(pd.concat([A] * 3), eligible)
    np.testing.assert_allclose(stated, [[0.2, 0.6, 0.2], [0.2, 0.8, 0], [1, 0, 0]])


def test_a_bound_is_no_more_than_certainty():
    # Both bounds are 1: the cheaper offer is made.
    policy = LinearUCB(["x", "y"], alpha=1e6, costs=[0.1, 0.2], min_probability=0)
    np.testing.assert_array_equal(policy.probabilities(A), [[1, 0]])


def test_state_and_answers_in_any_order(make_world):
    world = make_world(1)
    frame = world.customers(np.random.default_rng(0), 400)
    log = frame.assign(offer_id=np.array(world.offers)[np.arange(400) % 5], reward=(np.arange(400) % 7 == 0) * 1.0)
    whole, parts = (LinearUCB(world.offers, world.features, alpha=0.5) for _ in range(2))
    whole.learn(log)
    for start in range(0, 400, 90):
        parts.learn(log.sample(frac=1, random_state=1)[start : start + 90]).probabilities(frame)
    again = LinearUCB.from_state(json.loads(json.dumps(parts.to_state())))
    for one in (parts, again):
        np.testing.assert_array_equal(one.probabilities(frame), whole.probabilities(frame))
    assert again.to_state() == whole.to_state()


@pytest.mark.parametrize("alpha", [-1, np.inf])
def test_an_alpha_that_is_not_allowed_is_refused(alpha):
    with pytest.raises(InputError, match="alpha must be 0 or more; got"):
        LinearUCB(OFFERS, alpha=alpha).probabilities(A)
