"""The offer that has paid most: by hand, against a plain loop, and what it must not depend on."""

import json

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.policies import Greedy, SegmentThompson

OFFERS = ["x", "y", "z"]
# Each rate is shrunk to 4 % with the weight of 25 decisions, and nothing else.
ALONE = {"pooling": False}


def _feedback(*cells):
    """Rows for cells of (segment, offer, n, accepted)."""
    rows = [(segment, offer, float(i < accepted)) for segment, offer, n, accepted in cells for i in range(n)]
    frame = pd.DataFrame(rows, columns=["segment", "offer_id", "reward"])
    return frame.assign(decision_id=[f"d{i}" for i in range(len(frame))])


def _context(*segments):
    return pd.DataFrame({"segment": list(segments)})


def test_three_answers_do_not_make_an_offer_the_best():
    # Raw rates: 1/3 against 10/75. Shrunk: (1 + 1)/(25 + 3) = 0.071 against (1 + 10)/(25 + 75) = 0.11.
    policy = Greedy(OFFERS, **ALONE).learn(_feedback(("a", "x", 3, 1), ("a", "y", 75, 10)))
    np.testing.assert_array_equal(policy.probabilities(_context("a")), [[0, 1, 0]])
    np.testing.assert_allclose(policy.acceptance_rates()["rate"], [2 / 28, 11 / 100, 1 / 25])


def test_values_and_costs_by_hand():
    # Rates 0.11, 0.05 and 0.04 pay 10 * 0.11 - 0.3 = 0.8, 30 * 0.05 - 0.6 = 0.9 and 20 * 0.04 - 0.1 = 0.7.
    policy = Greedy(OFFERS, values=[10, 30, 20], costs=[0.3, 0.6, 0.1], **ALONE)
    policy.learn(_feedback(("a", "x", 75, 10), ("a", "y", 75, 4)))
    eligible = np.array([[True, True, True], [True, False, True], [False, False, True]])
    stated = policy.probabilities(_context("a", "a", "a"), eligible)
    np.testing.assert_array_equal(stated, [[0, 1, 0], [1, 0, 0], [0, 0, 1]])


def test_a_costly_offer_loses_to_no_offer_and_gains_with_its_value():
    policy = Greedy(["x", "no_offer"], values=[10, 0], costs=[5, 0]).learn(_feedback(("a", "x", 500, 20)))
    np.testing.assert_array_equal(policy.probabilities(_context("a")), [[0, 1]])
    np.testing.assert_array_equal(policy.set_params(values=[1000, 0]).probabilities(_context("a")), [[1, 0]])


def test_equal_offers_share_evenly():
    np.testing.assert_allclose(Greedy(OFFERS).probabilities(_context("a")), 1 / 3)
    policy = Greedy([*OFFERS, "no_offer"], values=[5, 5, 5, 0])
    policy.learn(_feedback(("a", "x", 100, 12), ("a", "z", 100, 12), ("a", "y", 100, 2)))
    np.testing.assert_array_equal(policy.probabilities(_context("a")), [[0.5, 0, 0.5, 0]])


def test_offers_worth_nothing_and_no_offer_share_evenly():
    np.testing.assert_array_equal(Greedy(["x", "no_offer"], values=[0, 0]).probabilities(_context("a")), [[0.5, 0.5]])


def test_floor_by_hand():
    policy = Greedy(OFFERS, min_probability=0.05).learn(_feedback(("a", "x", 300, 90), ("a", "y", 300, 3)))
    eligible = np.array([[True, True, True], [True, True, False], [False, True, False]])
    stated = policy.probabilities(_context("a", "a", "a"), eligible)
    np.testing.assert_allclose(stated, [[0.9, 0.05, 0.05], [0.95, 0.05, 0], [0, 1, 0]], atol=1e-12)
    assert (stated[~eligible] == 0).all()
    np.testing.assert_allclose(policy.set_params(min_probability=0.9).probabilities(_context("a")), 1 / 3)


def test_equals_a_plain_loop():
    rng = np.random.default_rng(0)
    segments, offers, values = ["a", "b", "c"], ["v", "w", "x", "y", "no_offer"], [3.0, 1.0, 2.0, 4.0, 0.0]
    sizes = [(s, o, int(rng.integers(1, 40))) for s in segments for o in offers[:4]]
    cells = [(s, o, n, int(rng.integers(n + 1)) // 4) for s, o, n in sizes]
    policy = Greedy(offers, values=values, costs=[0.3, 0.1, 0.2, 0.4, 0.0], min_probability=0.01, **ALONE)
    policy.learn(_feedback(*cells))
    customers = rng.choice([*segments, "new"], 80)
    eligible = rng.random((80, 5)) < 0.5
    eligible[:, 4] = True
    stated = policy.probabilities(_context(*customers), eligible)
    counts = {(s, o): (n, accepted) for s, o, n, accepted in cells}
    for row, segment in enumerate(customers):
        pays = {4: 0.0}
        for o in np.flatnonzero(eligible[row, :4]):
            n, accepted = counts.get((segment, offers[o]), (0, 0))
            pays[int(o)] = values[o] * (1 + accepted) / (25 + n) - 0.1 * values[o]
        most = max(pays.values())
        best = [o for o, pay in pays.items() if abs(pay - most) < 1e-9]
        for o in range(5):
            share = (1 - 0.01 * len(pays)) / len(best) if o in best else 0.0
            assert stated[row, o] == pytest.approx(share + 0.01 if o in pays else 0.0, abs=1e-12)


def test_rates_are_those_of_segment_thompson():
    feedback = _feedback(("a", "x", 80, 9), ("b", "x", 60, 2), ("b", "y", 90, 30), ("c", "z", 5, 1))
    greedy, thompson = (policy(OFFERS).learn(feedback) for policy in (Greedy, SegmentThompson))
    pd.testing.assert_frame_equal(greedy.acceptance_rates(), thompson.acceptance_rates())


def test_what_works_in_one_segment_is_made_in_a_new_one():
    cells = [(f"s{s}", offer, 400, accepted) for s in range(8) for offer, accepted in (("x", 12), ("y", 40))]
    policy = Greedy(["x", "y"]).learn(_feedback(*cells))
    np.testing.assert_array_equal(policy.probabilities(_context("new")), [[0, 1]])


def test_order_batches_and_repeats_do_not_change_a_bit():
    rng = np.random.default_rng(1)
    feedback = _feedback(*((f"s{s}", o, 30, int(rng.integers(6))) for s in range(5) for o in OFFERS))
    whole, parts = Greedy(OFFERS).learn(feedback), Greedy(OFFERS)
    shuffled = feedback.sample(frac=1, random_state=1)
    for start in range(0, len(feedback), 37):
        parts.learn(shuffled[start : start + 37]).probabilities(_context("s1"))
        parts.learn(shuffled[: start // 2])
    context = _context(*(f"s{s}" for s in range(6)))
    np.testing.assert_array_equal(parts.probabilities(context), whole.probabilities(context))
    assert json.dumps(parts.to_state()) == json.dumps(whole.to_state())


def test_warm_start_is_kept_through_json():
    warm = pd.DataFrame({"segment": "a", "offer_id": OFFERS, "rate": [0.02, 0.2, 0.1]})
    policy = Greedy(OFFERS).warm_start(warm)
    again = Greedy.from_state(json.loads(json.dumps(policy.to_state())))
    np.testing.assert_array_equal(again.probabilities(_context("a")), [[0, 1, 0]])


def test_a_state_of_another_policy_is_refused():
    with pytest.raises(InputError, match="state must be of Greedy, format 2; got 'SegmentThompson', format 2"):
        Greedy.from_state(SegmentThompson(OFFERS).to_state())


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"min_probability": 1.0}, r"min_probability must be in \[0, 1\); got 1.0"),
        ({"values": [1, 2]}, "values must hold one number for each of the 3 offers"),
        ({"values": [1, -2, 3]}, "values must be 0 or more; 1 of 3 rows"),
        ({"prior_strength": 0}, "prior_strength must be above 0; got 0"),
    ],
)
def test_parameters_that_are_not_allowed_are_refused(parameters, says):
    with pytest.raises(InputError, match=says):
        Greedy(OFFERS, **parameters).probabilities(_context("a"))


def test_a_context_without_segment_is_refused():
    with pytest.raises(InputError, match="segment"):
        Greedy(OFFERS).probabilities(pd.DataFrame({"customer_id": [1]}))
