"""The value of slates: by hand, as another library prints it, and planted in a world that looks from the top down."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.evaluation import evaluate_slates
from nbo.evaluation.slate_estimators import SLATE_ESTIMATORS
from nbo.policies import Uniform, draw_slates

OFFERS = ["a", "b", "c"]
# Two slates, the second of two positions only.
FIVE = pd.DataFrame(
    {
        "decision_id": ["s", "s", "s", "t", "t"],
        "position": [1, 2, 3, 1, 2],
        "action_probability": [0.5, 0.5, 1.0, 0.25, 0.5],
        "reward": [1.0, 0.0, 1.0, 0.0, 1.0],
    }
)
STATED = np.array([0.25, 1.0, 1.0, 0.5, 0.25])


@pytest.mark.parametrize(
    ("estimator", "parts"),
    [
        ("standard", [0.5 * 2 * 1 * (1 + 0 + 1), 2 * 0.5 * (0 + 1)]),
        ("independent", [0.5 * 1 + 2 * 0 + 1 * 1, 2 * 0 + 0.5 * 1]),
        ("cascade", [0.5 * 1 + 0.5 * 2 * 0 + 0.5 * 2 * 1 * 1, 2 * 0 + 2 * 0.5 * 1]),
    ],
)
def test_by_hand(estimator, parts):
    estimate = evaluate_slates(STATED, FIVE, estimator)
    assert estimate.value == pytest.approx(np.mean(parts))
    assert estimate.standard_error == pytest.approx(np.std(parts, ddof=1) / np.sqrt(2))
    assert (estimate.n, estimate.estimator) == (2, estimator)
    shuffled = FIVE.sample(frac=1, random_state=1)
    assert evaluate_slates(STATED[shuffled.index], shuffled, estimator).value == pytest.approx(np.mean(parts))


def test_cascade_dr_by_hand():
    feedback = FIVE.iloc[:2].assign(offer_id=["a", "b"])
    target = np.array([[0.25, 0.75, 0.0], [0.0, 1.0, 0.0]])
    predicted = np.array([[0.8, 0.4, np.nan], [np.nan, 0.3, np.nan]])
    estimate = evaluate_slates(target, feedback, "cascade_dr", offers=OFFERS, predicted_rewards=predicted)
    first = 0.5 * (1 - 0.8) + (0.25 * 0.8 + 0.75 * 0.4)
    second = 0.5 * 2 * (0 - 0.3) + 0.5 * 0.3
    assert estimate.value == pytest.approx(first + second)


# Four slates of three positions, and what Open Bandit Pipeline 0.5.7 prints for them.
SHOWN = np.array([0, 1, 2, 1, 0, 2, 0, 2, 1, 2, 1, 0])
GIVEN_ABOVE = np.array([0.5, 0.6, 1.0, 0.3, 0.5, 1.0, 0.5, 0.4, 1.0, 0.2, 0.7, 1.0])
TARGET = np.array(
    [
        [0.2, 0.4, 0.4],
        [0.0, 0.9, 0.1],
        [0.0, 0.0, 1.0],
        [0.2, 0.6, 0.2],
        [0.5, 0.0, 0.5],
        [0.0, 0.0, 1.0],
        [0.2, 0.4, 0.4],
        [0.0, 0.9, 0.1],
        [0.0, 1.0, 0.0],
        [0.4, 0.4, 0.2],
        [0.7, 0.3, 0.0],
        [1.0, 0.0, 0.0],
    ]
)


@pytest.mark.parametrize(
    ("estimator", "printed"),
    [
        ("cascade", 1.1321428571428571),
        ("standard", 1.0392857142857144),
        ("independent", 1.2071428571428573),
        ("cascade_dr", 1.2441785714285716),
    ],
)
def test_what_another_library_prints(estimator, printed):
    slate, place = np.repeat(np.arange(4), 3), np.tile(np.arange(3), 4)
    feedback = pd.DataFrame(
        {
            "decision_id": slate,
            "position": place + 1,
            "offer_id": np.array(OFFERS)[SHOWN],
            "action_probability": GIVEN_ABOVE,
            "reward": [1.0, 0, 1, 0, 1, 0, 0, 0, 1, 1, 1, 0],
        }
    )
    predicted = 0.2 + 0.1 * np.arange(3) + 0.05 * place[:, np.newaxis] + 0.01 * slate[:, np.newaxis]
    given = {"predicted_rewards": predicted} if estimator == "cascade_dr" else {}
    found = evaluate_slates(TARGET, feedback, estimator, offers=OFFERS, on_no_support="report", **given)
    assert found.value == pytest.approx(printed, rel=1e-14)


RATES = np.array([0.5, 0.3, 0.2])
SCORES = {"logging": np.array([0.0, 0.3, 0.6]), "target": np.array([0.8, 0.0, -0.3])}


def given_above(scores, above):
    """Plackett-Luce: probabilities of what is left."""
    left = np.exp(scores) * ~above
    return left / left.sum(axis=1, keepdims=True)


def drawn(n, rng, scores):
    """Slates of all three offers; whoever accepts one looks on with half the chance. Simulated."""
    above, looks = np.zeros((n, 3), dtype=bool), np.ones(n)
    rows = []
    for _place in range(3):
        chances = given_above(SCORES[scores], above)
        shown = (rng.random((n, 1)) > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)
        # Offer c puts people off whatever comes below.
        accepted = rng.random(n) < RATES[shown] * looks
        rows.append((shown, chances[np.arange(n), shown], given_above(SCORES["target"], above), accepted))
        looks = looks * np.where(accepted, 0.5, 1.0) * np.where(shown == 2, 0.1, 1.0)
        above[np.arange(n), shown] = True
    shown, stated, target, accepted = (np.stack(part, axis=1) for part in zip(*rows, strict=True))
    feedback = pd.DataFrame(
        {
            "decision_id": np.repeat(np.arange(n), 3),
            "position": np.tile([1, 2, 3], n),
            "offer_id": np.array(OFFERS)[shown.ravel()],
            "action_probability": stated.ravel(),
            "reward": accepted.ravel().astype(float),
        }
    )
    return target.reshape(-1, 3), feedback


@pytest.fixture(scope="module")
def truth():
    return drawn(400_000, np.random.default_rng(0), "target")[1]["reward"].sum() / 400_000


def test_planted_values_are_found_by_what_is_true_of_the_world(truth):
    rng, runs = np.random.default_rng(1), 100
    names = ["standard", "cascade", "cascade_dr", "independent"]
    off, held = {name: [] for name in names}, dict.fromkeys(names, 0)
    # Own rate, and a round guess of what follows.
    model = np.tile(RATES, (900, 1)) * np.tile([[1.0], [0.8], [0.6]], (300, 1)) + np.tile(
        [[0.5], [0.2], [0.0]], (300, 1)
    )
    for _ in range(runs):
        target, feedback = drawn(300, rng, "logging")
        for name in names:
            given = {"predicted_rewards": model} if name == "cascade_dr" else {}
            found = evaluate_slates(target, feedback, name, offers=OFFERS, **given)
            off[name].append(found.value - truth)
            held[name] += found.low <= truth <= found.high
    spread = {name: np.std(values, ddof=1) for name, values in off.items()}
    for name in ("standard", "cascade", "cascade_dr"):
        assert abs(np.mean(off[name])) < 4 * spread[name] / np.sqrt(runs)
        assert abs(held[name] / runs - 0.95) < 4 * np.sqrt(0.95 * 0.05 / runs)
    # It takes no notice of what is above, which matters here.
    assert abs(np.mean(off["independent"])) > 4 * spread["independent"] / np.sqrt(runs)
    assert spread["cascade_dr"] < spread["cascade"] < spread["standard"]


def test_slates_of_one_customer_are_one():
    target, feedback = drawn(200, np.random.default_rng(2), "logging")
    once = feedback.assign(customer_id=feedback["decision_id"])
    again = once.assign(decision_id=once["decision_id"] + 200)
    both = evaluate_slates(
        np.tile(target, (2, 1)), pd.concat([once, again], ignore_index=True), offers=OFFERS, interval="bootstrap"
    )
    alone = evaluate_slates(target, feedback, offers=OFFERS, interval="bootstrap")
    assert (both.value, both.standard_error) == pytest.approx((alone.value, alone.standard_error))
    assert (both.low, both.high) == pytest.approx((alone.low, alone.high))


def test_a_slate_of_one_position_is_a_decision():
    target, feedback = drawn(500, np.random.default_rng(3), "logging")
    tops = (feedback["position"] == 1).to_numpy()
    values = [
        evaluate_slates(target[tops], feedback[tops], name, offers=OFFERS).value
        for name in SLATE_ESTIMATORS
        if name != "cascade_dr"
    ]
    assert values == pytest.approx([values[0]] * 3)


def test_slates_far_from_the_target_have_no_verdict():
    target, feedback = drawn(500, np.random.default_rng(4), "logging")
    feedback.loc[0, "action_probability"] = 1e-5
    estimate = evaluate_slates(target, feedback, offers=OFFERS)
    assert np.isnan(estimate.value)
    assert estimate.reasons[0].startswith("500 decisions count only like 1.")


class Given(Uniform):
    """Shows a, b and c with the same probabilities to all."""

    def _probabilities(self, context, eligible):
        stated = np.where(eligible, [0.5, 0.3, 0.2], 0.0)
        return stated / stated.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("estimator", ["cascade", "cascade_dr", "standard"])
def test_a_policy_is_asked_for_what_is_left(estimator):
    feedback = pd.DataFrame(
        {
            "decision_id": ["t", "s", "s", "s", "t"],
            "position": [2, 1, 2, 3, 1],
            "offer_id": ["c", "b", "a", "c", "a"],
            "action_probability": [0.5, 0.3, 0.5, 1.0, 0.4],
            "reward": [1.0, 0.0, 1.0, 0.0, 0.0],
        }
    )
    # In order of the rows: after a; first; after b; after b and a; first.
    matrix = np.array([[0, 0.6, 0.4], [0.5, 0.3, 0.2], [5 / 7, 0, 2 / 7], [0, 0, 1], [0.5, 0.3, 0.2]])
    given = {"predicted_rewards": np.full((5, 3), 0.4)} if estimator == "cascade_dr" else {}
    asked = evaluate_slates(Given(OFFERS), feedback, estimator, **given)
    stated = evaluate_slates(matrix, feedback, estimator, offers=OFFERS, **given)
    assert asked.value == pytest.approx(stated.value)
    told = feedback.assign(candidates='["a", "c"]').iloc[[0, 4]]
    only = evaluate_slates(Given(OFFERS), told)
    assert only.value == pytest.approx((1.0 / 0.5) * ((0.5 / 0.7) / 0.4) * 1)


def test_own_slates_are_worth_what_they_earned():
    policy, rng = Given(OFFERS), np.random.default_rng(5)
    shown = draw_slates(policy, pd.DataFrame({"decision_id": np.arange(400)}), slots=2, rng=1)
    shown["reward"] = (rng.random(len(shown)) < 0.3).astype(float)
    for estimator in ("cascade", "independent", "standard"):
        found = evaluate_slates(policy, shown, estimator)
        assert found.value == pytest.approx(shown["reward"].sum() / 400)
        assert found.effective_sample_size == pytest.approx(400)


def test_an_offer_twice_in_a_slate_is_refused():
    twice = FIVE.assign(offer_id=["a", "b", "a", "a", "b"])
    with pytest.raises(InputError, match="offer_id must be eligible, and once in a slate; 1 of 5 .* at row 2: 'a'"):
        evaluate_slates(Given(OFFERS), twice)


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ({"position": [1, 2, 4, 1, 2]}, {}, "feedback.position must be 1, 2, 3 .* in each slate; 1 of 5 .* row 2: 4"),
        ({"position": [1, 2, 3, 2, 3]}, {}, "position must be 1, 2, 3 .* 2 of 5 rows are not, first at row 3: 2"),
        ({"position": [1, 1, 2, 1, 2]}, {}, "position must be 1, 2, 3 .* in each slate"),
        ({"action_probability": 0.0}, {}, r"action_probability must be in \(0, 1\]"),
        ({"reward": np.nan}, {}, "feedback.reward must be finite numbers"),
        ({}, {"estimator": "magic"}, "estimator must be one of 'cascade', 'cascade_dr', 'independent', 'standard'"),
        ({}, {"estimator": "cascade_dr"}, "needs the target's probabilities of all offers and predicted_rewards"),
        ({}, {"predicted_rewards": np.zeros((5, 3))}, "predicted_rewards is for the estimator 'cascade_dr'"),
        ({}, {"estimator": "cascade_dr", "predicted_rewards": np.zeros((5, 3))}, "predicted_rewards need the target's"),
        ({}, {"interval": "bernstein"}, "interval must be one of 'normal', 'bootstrap'"),
        ({}, {"policy_or_probabilities": np.ones(4)}, "probabilities must be one for each of the 5 rows; got 4"),
        ({}, {"policy_or_probabilities": np.ones((5, 2))}, "a matrix of probabilities needs the names of its columns"),
    ],
)
def test_bad_calls_are_refused(change, arguments, message):
    given = {"policy_or_probabilities": STATED, "feedback": FIVE.assign(**change), **arguments}
    with pytest.raises(InputError, match=message):
        evaluate_slates(**given)
