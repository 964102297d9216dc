"""A holdout and a random control: who is in them, what they get, and that nothing changes it."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from nbo.errors import InputError
from nbo.policies import Control, Greedy, LogisticThompson, SegmentThompson

OFFERS = ["card", "loan"]


def _context(n=4000, when="2026-03-05"):
    return pd.DataFrame({"customer_id": [f"c{i}" for i in range(n)], "segment": "a", "as_of": pd.Timestamp(when)})


def _feedback(offer="card", n=200):
    frame = pd.DataFrame({"decision_id": range(n), "segment": "a", "offer_id": np.array(OFFERS)[np.arange(n) % 2]})
    return frame.assign(reward=((frame["offer_id"] == offer) & (np.arange(n) % 4 < 2)).astype(float))


def _arms(policy, context):
    return policy.decision_columns(context)["arm"].to_numpy()


def test_what_each_arm_gets():
    policy = Control(Greedy(OFFERS), holdout=0.2, control=0.3).learn(_feedback())
    context = _context()
    stated, arms = policy.probabilities(context), _arms(policy, context)
    assert policy.offers == ["card", "loan", "no_offer"]
    np.testing.assert_array_equal(stated[arms == "holdout"], np.tile([0.0, 0, 1], ((arms == "holdout").sum(), 1)))
    np.testing.assert_array_equal(stated[arms == "control"], np.tile([0.5, 0.5, 0], ((arms == "control").sum(), 1)))
    np.testing.assert_array_equal(stated[arms == "policy"], np.tile([1.0, 0, 0], ((arms == "policy").sum(), 1)))
    for arm, share in {"holdout": 0.2, "control": 0.3, "policy": 0.5}.items():
        assert abs((arms == arm).mean() - share) < 4 * np.sqrt(share * (1 - share) / 4000)


def test_no_offer_is_random_too_where_the_policy_knows_it():
    policy = Control(Greedy([*OFFERS, "no_offer"]), holdout=0.0, control=1.0)
    assert policy.offers == [*OFFERS, "no_offer"]
    eligible = np.array([[True, False, True], [False, False, True]])
    np.testing.assert_array_equal(policy.probabilities(_context(2), eligible), [[0.5, 0, 0.5], [0, 0, 1]])


def test_who_may_get_nothing_gets_no_offer_in_every_arm():
    policy = Control(Greedy(OFFERS), holdout=0.2, control=0.3)
    eligible = np.tile([False, False, True], (500, 1))
    np.testing.assert_array_equal(policy.probabilities(_context(500), eligible), eligible)


def test_a_holdout_that_must_get_something_is_refused():
    policy = Control(Greedy(OFFERS), holdout=1.0, control=0.0)
    with pytest.raises(InputError, match="eligible for no_offer in the holdout must be True; 1 of 2 rows is not"):
        policy.probabilities(_context(2), np.array([[True, True, True], [True, True, False]]))


def test_an_arm_lasts_for_its_period_and_depends_on_nothing_else():
    context, policy = _context(), Control(SegmentThompson(OFFERS), holdout=0.2, control=0.3)
    first = _arms(policy, context)
    assert (_arms(policy, _context(when="2026-03-31 23:59")) == first).all()
    april = _arms(policy, _context(when="2026-04-01"))
    # Independent of March: two customers of four stay, 0.2^2 + 0.3^2 + 0.5^2 = 0.38.
    assert abs((april == first).mean() - 0.38) < 4 * np.sqrt(0.38 * 0.62 / 4000)
    order = np.random.default_rng(0).permutation(4000)
    assert (_arms(policy.learn(_feedback()), context.iloc[order]) == first[order]).all()
    mixed = pd.concat([context.head(10), _context(10, when="2026-04-01")])
    assert _arms(policy, mixed).tolist() == [*first[:10], *april[:10]]
    decided = context.rename(columns={"as_of": "decided_at"})
    assert (_arms(policy, decided) == first).all()
    assert (_arms(policy.set_params(salt="another"), context) != first).any()
    forever = policy.set_params(period=None)
    assert (_arms(forever, _context(when="2031-01-01")) == _arms(forever, context.drop(columns="as_of"))).all()


@pytest.mark.parametrize(
    ("period", "same", "other"),
    [
        ("week", "2026-03-08", "2026-03-09"),
        ("quarter", "2026-01-01", "2026-04-01"),
        ("year", "2026-12-31", "2027-01-01"),
    ],
)
def test_periods_by_the_calendar(period, same, other):
    policy = Control(Greedy(OFFERS), 0.3, 0.3, period=period)
    now = _arms(policy, _context(200))
    assert (_arms(policy, _context(200, same)) == now).all()
    assert (_arms(policy, _context(200, other)) != now).any()


def test_the_arm_and_the_draw_are_independent():
    policy, context = Control(Greedy(OFFERS, min_probability=0.5), 0.0, 0.5), _context(20_000)
    offers, arms = policy.draw(context, rng="run 1")["offer_id"] == "card", _arms(policy, context)
    shares = [offers[arms == arm].mean() for arm in ("control", "policy")]
    assert abs(shares[0] - shares[1]) < 4 * np.sqrt(0.25 / 10_000 * 2)


def test_answers_of_all_arms_teach_the_policy():
    policy, alone = Control(SegmentThompson(OFFERS), 0.2, 0.3), SegmentThompson(OFFERS)
    feedback = _feedback().assign(arm=np.array(["control", "policy"])[np.arange(200) % 2])
    nothing = pd.DataFrame(
        {"decision_id": ["h"], "segment": "a", "offer_id": "no_offer", "reward": 0.0, "arm": "holdout"}
    )
    feedback = pd.concat([feedback, nothing])
    assert policy.learn(feedback) is policy
    pd.testing.assert_frame_equal(policy.acceptance_rates(), alone.learn(feedback).acceptance_rates())
    assert policy.policy.to_state() == alone.to_state()


@pytest.mark.parametrize("wrapped", [SegmentThompson(OFFERS), LogisticThompson(OFFERS, ["age"])])
def test_one_at_a_time_is_as_all_at_once(wrapped):
    context = _context(30).assign(age=np.arange(30.0))
    whole = Control(clone(wrapped), 0.2, 0.3).learn(_feedback(n=40).assign(age=np.arange(40.0)))
    single = Control(clone(wrapped), 0.2, 0.3)
    for row in _feedback(n=40).assign(age=np.arange(40.0)).to_dict("records"):
        single.learn_one(row)
    stated = whole.probabilities(context)
    np.testing.assert_allclose(single.probabilities(context), stated, atol=1e-9)
    for row, one in enumerate(context.to_dict("records")):
        offer, probability = whole.draw_one(one, 0.6)
        column = int((stated[row].cumsum() <= 0.6).sum())
        assert (offer, probability) == (whole.offers[column], pytest.approx(stated[row, column]))


@pytest.mark.parametrize("wrapped", [SegmentThompson(OFFERS), LogisticThompson(OFFERS, ["age"], values=[1, 2])])
def test_state_goes_through_json(wrapped):
    context = _context(300).assign(age=np.arange(300.0))
    policy = Control(wrapped, 0.2, 0.3, salt="s").learn(_feedback().assign(age=np.arange(200.0)))
    state = json.loads(json.dumps(policy.to_state(), allow_nan=False))
    again = Control.from_state(state)
    np.testing.assert_array_equal(again.probabilities(context), policy.probabilities(context))
    assert again.to_state() == policy.to_state()
    assert len(state["answers"]["decision_id"]) == 200
    assert type(again.policy) is type(wrapped)


def test_a_state_makes_nothing_but_policies():
    state = Control(Greedy(OFFERS)).to_state()
    for name in ("Ledger", "draw_slates", None):
        state["wrapped"]["policy"] = name
        with pytest.raises(InputError, match="which nbo.policies does not have"):
            Control.from_state(state)
    with pytest.raises(InputError, match="state of Control is incomplete or altered: 'wrapped'"):
        Control.from_state({key: value for key, value in state.items() if key != "wrapped"})


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"holdout": -0.1}, r"holdout must be in \[0, 1\]; got -0.1"),
        ({"control": "some"}, r"control must be in \[0, 1\]; got 'some'"),
        ({"holdout": 0.6, "control": 0.6}, "holdout . control must be at most 1; got 1.2"),
        ({"period": "day"}, "period must be one of None, 'week', 'month', 'quarter', 'year'; got 'day'"),
    ],
)
def test_what_is_not_allowed_is_refused(parameters, says):
    with pytest.raises(InputError, match=says):
        Control(Greedy(OFFERS), **parameters).probabilities(_context(2))


def test_a_context_without_customer_or_time_is_refused():
    policy = Control(Greedy(OFFERS))
    with pytest.raises(InputError, match="context lacks the column 'customer_id'"):
        policy.probabilities(_context(2).drop(columns="customer_id"))
    with pytest.raises(InputError, match="one must tell the month of a decision. Give one, or period=None"):
        policy.probabilities(_context(2).drop(columns="as_of"))
    with pytest.raises(TypeError, match="policy must be a Policy; got str"):
        Control("greedy").decision_columns(_context(2))


def test_nobody_at_all_is_served():
    assert Control(Greedy(OFFERS)).probabilities(_context(0)).shape == (0, 3)
    assert len(Control(Greedy(OFFERS)).decision_columns(_context(0))) == 0
