"""Thompson sampling by features: what it must not depend on, bad input, and planted effects."""

import json

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.policies import LogisticThompson
from nbo.testing import check_policy

OFFERS = ["card", "fund", "loan", "no_offer"]
FEATURES = ["age", "city"]


def _rates(age, city):
    """Planted: the young take the card, the old the fund, city B the loan."""
    standard = (age - 49) / 18
    odds = [-3 - 1.0 * standard, -3 + 1.0 * standard, -3.2 + 1.6 * (city == "B")]
    return np.column_stack([*(1 / (1 + np.exp(-np.asarray(o, dtype=float))) for o in odds), np.zeros(len(age))])


def _customers(rng, n):
    return pd.DataFrame(
        {
            "customer_id": range(n),
            "age": rng.integers(18, 81, n).astype(float),
            "city": rng.choice(["A", "B"], n),
        }
    )


def _log(n, seed=0):
    rng = np.random.default_rng(seed)
    frame = _customers(rng, n)
    offer = rng.integers(4, size=n)
    reward = rng.random(n) < _rates(frame["age"], frame["city"])[np.arange(n), offer]
    frame["segment"] = np.where(frame["age"] < 40, "young", "old")
    return frame.assign(decision_id=range(n), offer_id=np.array(OFFERS)[offer], reward=reward.astype(float))


LOG = _log(1500)
CONTEXT = pd.DataFrame({"age": [20.0, 80.0, 49.0, np.nan, 30.0], "city": ["A", "A", "B", "B", "never seen"]})


def test_owes_what_every_policy_owes():
    rng = np.random.default_rng(0)
    context = _customers(rng, 60).assign(segment="a")
    context.loc[::7, "age"] = np.nan
    context.loc[::5, "city"] = None
    feedback = LOG[:300].assign(age=LOG["age"].where(LOG["age"] < 75))
    policy = LogisticThompson(OFFERS, FEATURES, values=[1, 2, 3, 0], costs=[0.1, 0.1, 0.1, 0])
    check_policy(policy, context, feedback=feedback)


def test_finds_the_planted_effects():
    policy = LogisticThompson(OFFERS, FEATURES).learn(_log(12_000))
    stated = policy.probabilities(CONTEXT)
    assert [OFFERS[best] for best in stated.argmax(axis=1)[:3]] == ["card", "fund", "loan"]
    assert (stated.max(axis=1)[:3] > 0.9).all()
    assert (stated >= 0.01 - 1e-12).all()


def test_rows_equal_rows_one_by_one():
    rng = np.random.default_rng(0)
    policy, context = LogisticThompson(OFFERS, FEATURES).learn(LOG), _customers(rng, 25)
    eligible = rng.random((25, 4)) < 0.6
    eligible[:, 1] = True
    whole = policy.probabilities(context, eligible)
    for row in range(25):
        one = policy.probabilities(context.iloc[[row]], eligible[[row]])
        np.testing.assert_array_equal(one[0], whole[row])


def test_order_batches_and_repeats_do_not_change_a_bit():
    whole, parts = (LogisticThompson(OFFERS, FEATURES) for _ in range(2))
    whole.learn(LOG)
    shuffled = LOG.sample(frac=1, random_state=1)
    for start in range(0, len(LOG), 300):
        parts.learn(shuffled[start : start + 300]).probabilities(CONTEXT)
        parts.learn(shuffled[: start // 2])
    np.testing.assert_array_equal(parts.probabilities(CONTEXT), whole.probabilities(CONTEXT))
    assert json.dumps(parts.to_state()) == json.dumps(whole.to_state())


def test_a_corrected_answer_replaces_the_old_one():
    first = LOG.assign(reward=0.0, outcome="no_answer")
    policy = LogisticThompson(OFFERS, FEATURES).learn(first).learn(LOG.assign(outcome="reject"))
    plain = LogisticThompson(OFFERS, FEATURES).learn(LOG)
    np.testing.assert_array_equal(policy.probabilities(CONTEXT), plain.probabilities(CONTEXT))
    pd.testing.assert_frame_equal(policy.acceptance_rates(), plain.acceptance_rates())


def test_state_goes_through_json():
    policy = LogisticThompson(OFFERS, FEATURES, values=np.array([1, 2, 3, 0])).learn(LOG)
    state = json.loads(json.dumps(policy.to_state(), allow_nan=False))
    again = LogisticThompson.from_state(state)
    np.testing.assert_array_equal(again.probabilities(CONTEXT), policy.probabilities(CONTEXT))
    assert again.to_state() == policy.to_state()
    state["answers"]["segment"][0] = "young"
    with pytest.raises(InputError, match="contexts must be JSON lists of 3 values; the state is altered"):
        LogisticThompson.from_state(state)


def test_rates_are_those_of_the_answers_by_segment():
    rates = LogisticThompson(OFFERS, FEATURES).learn(LOG).acceptance_rates()
    by_hand = LOG[LOG["offer_id"] != "no_offer"].groupby(["segment", "offer_id"])["reward"].agg(["mean", "size"])
    found = rates.set_index(["segment", "offer_id"]).sort_index()
    np.testing.assert_allclose(found["rate"], by_hand["mean"])
    assert found["n"].tolist() == by_hand["size"].tolist()
    one = LogisticThompson(OFFERS, FEATURES).learn(LOG.drop(columns="segment")).acceptance_rates()
    assert one["segment"].tolist() == ["all"] * 3


def test_without_answers_all_offers_are_alike():
    stated = LogisticThompson(["x", "y", "z"], ["age"], min_probability=0.0).probabilities(CONTEXT)
    np.testing.assert_allclose(stated, 1 / 3, atol=0.01)
    nothing = LogisticThompson(["no_offer"], ["age"]).learn(LOG[:0]).probabilities(CONTEXT)
    np.testing.assert_array_equal(nothing, np.ones((5, 1)))


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"features": []}, "features must be a list of names of columns, each once; got"),
        ({"features": "age"}, "features must be a list of names of columns, each once; got 'age'"),
        ({"features": ["age", "age"]}, "features must be a list of names of columns, each once"),
        ({"features": ["income"]}, "income"),
        ({"effect_sd": 0}, "effect_sd must be above 0; got 0"),
        ({"sharpen": 0}, "sharpen must be above 0; got 0"),
        ({"prior_rate": 1.0}, r"prior_rate must be in \(0, 1\); got 1.0"),
        ({"min_probability": -0.1}, r"min_probability must be in \[0, 1\); got -0.1"),
        ({"values": [1, 2]}, "values must hold one number for each of the 4 offers"),
        ({"values": [1, 2, -1, 0]}, "values must be 0 or more; 1 of 4 rows"),
    ],
)
def test_what_is_not_allowed_is_refused(parameters, says):
    with pytest.raises(InputError, match=says):
        LogisticThompson(OFFERS, **{"features": FEATURES, **parameters}).probabilities(CONTEXT)


def test_refused_feedback_leaves_nothing_behind():
    policy = LogisticThompson(OFFERS, FEATURES).learn(LOG[:100])
    before = policy.to_state()
    for wrong in (LOG.drop(columns="age"), LOG.assign(age=np.inf), LOG.assign(reward=2.0), LOG.assign(segment=None)):
        with pytest.raises(InputError):
            policy.learn(wrong)
    assert policy.to_state() == before


@pytest.mark.parametrize("seed", [0, 1])
def test_regret_on_planted_effects_is_below_that_of_uniform(seed):
    policy, rng = LogisticThompson(OFFERS, FEATURES), np.random.default_rng(seed)
    lost = uniform = 0.0
    for batch in range(12):
        frame = _customers(rng, 500)
        frame["decision_id"] = batch * 500 + frame["customer_id"]
        frame["offer_id"] = policy.draw(frame, rng=rng)["offer_id"]
        rates = _rates(frame["age"], frame["city"])
        rate = rates[np.arange(500), [OFFERS.index(offer) for offer in frame["offer_id"]]]
        policy.learn(frame.assign(reward=(rng.random(500) < rate).astype(float)))
        lost += (rates.max(axis=1) - rate).sum()
        uniform += (rates.max(axis=1) - rates.mean(axis=1)).sum()
    assert lost / uniform < 0.45


def test_answers_that_are_pending_count_when_they_are_there():
    pending = LOG.assign(outcome="pending", reward=np.nan)
    policy = LogisticThompson(OFFERS, FEATURES).learn(pending)
    assert policy.to_state() == LogisticThompson(OFFERS, FEATURES).learn(LOG[:0]).to_state()
    policy.learn(LOG.assign(outcome="reject"))
    plain = LogisticThompson(OFFERS, FEATURES).learn(LOG)
    np.testing.assert_array_equal(policy.probabilities(CONTEXT), plain.probabilities(CONTEXT))


def test_a_warm_start_is_the_belief_before_answers_and_gives_way_to_them():
    prior = pd.DataFrame({"offer_id": ["card", "fund", "loan"], "rate": [0.02, 0.3, 0.05]})
    policy = LogisticThompson(OFFERS, FEATURES).warm_start(prior)
    again = LogisticThompson.from_state(json.loads(json.dumps(policy.to_state())))
    for one in (policy, again):
        assert (one.probabilities(CONTEXT).argmax(axis=1) == OFFERS.index("fund")).all()
    stated = policy.learn(_log(12_000)).probabilities(CONTEXT)
    assert [OFFERS[best] for best in stated.argmax(axis=1)[:3]] == ["card", "fund", "loan"]
    with pytest.raises(InputError, match="prior_rates lacks the column 'offer_id'"):
        policy.warm_start(prior.drop(columns="offer_id"))


def test_an_offer_added_at_run_time_has_what_offers_have_in_common():
    policy = LogisticThompson(["card", "no_offer"], FEATURES, values=[40, 0]).learn(LOG)
    before = policy.probabilities(CONTEXT)
    policy.add_offers(["loan", "gift"], values=[60, 30])
    assert policy.offers == ["card", "no_offer", "loan", "gift"]
    assert policy.costs is None
    assert (policy.probabilities(CONTEXT)[:, 3] > 0.01).any()
    whole = LogisticThompson(["card", "no_offer", "loan", "gift"], FEATURES, values=[40, 0, 60, 30]).learn(LOG)
    np.testing.assert_array_equal(policy.probabilities(CONTEXT), whole.probabilities(CONTEXT))
    assert before.shape == (5, 2)
    with pytest.raises(InputError, match="offers must be new; 1 of 1 are there already, first: 'gift'"):
        policy.add_offers(["gift"])


def test_features_stay_what_they_were_when_answers_came():
    policy = LogisticThompson(OFFERS, FEATURES).learn(LOG[:50]).set_params(features=["age"])
    with pytest.raises(InputError, match=r"features must stay those of the answers learnt, .*; got \['age'\]"):
        policy.probabilities(CONTEXT)


def test_it_names_the_columns_that_it_reads():
    assert LogisticThompson(OFFERS, FEATURES).context_columns == FEATURES
    assert LogisticThompson(OFFERS).context_columns == ["segment"]
