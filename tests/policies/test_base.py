"""What every policy owes: probabilities, the shared draw, learning, state."""

import json
import logging

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.policies import Control, LogisticThompson, Policy, SegmentThompson, Uniform

OFFERS = ["card", "loan", "fund", "no_offer"]


class Lopsided(Policy):
    """States fixed probabilities, to test what the base does."""

    def __init__(self, offers, random_state=0):
        super().__init__()
        self.offers = offers
        self.random_state = random_state

    def _probabilities(self, context, eligible):
        stated = np.arange(1, len(self.offers) + 1) * eligible
        return stated / stated.sum(axis=1, keepdims=True)


def _context(n):
    return pd.DataFrame({"customer_id": [f"c{i}" for i in range(n)], "segment": "a"}, index=range(5, n + 5))


def _feedback(n=40, offers=OFFERS):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "decision_id": [f"d{i}" for i in range(n)],
            "segment": rng.choice(["a", "b"], n),
            "offer_id": rng.choice(offers, n),
            "reward": rng.integers(0, 2, n).astype(float),
        }
    )


@pytest.mark.parametrize("policy", [Uniform(OFFERS), SegmentThompson(OFFERS), Lopsided(OFFERS)])
def test_drawn_frequencies_are_the_stated_probabilities(policy):
    n = 40_000
    context = _context(n)
    eligible = np.ones((n, 4), bool)
    eligible[:, 1] = False
    stated = policy.probabilities(context, eligible)[0]
    for rng in (7, "run 1", np.random.default_rng(7)):
        drawn = policy.draw(context, eligible, rng=rng)
        frequency = drawn["offer_id"].value_counts().reindex(OFFERS, fill_value=0).to_numpy() / n
        assert (np.abs(frequency - stated) <= 4 * np.sqrt(stated * (1 - stated) / n)).all()
        chosen = [OFFERS.index(offer) for offer in drawn["offer_id"].head(100)]
        np.testing.assert_array_equal(drawn["action_probability"].head(100), stated[chosen])
    assert drawn.index.equals(context.index)


def test_keyed_draws_do_not_depend_on_partition_or_order():
    policy, context = Lopsided(OFFERS), _context(500)
    whole = policy.draw(context, rng="run 1")
    parts = pd.concat([policy.draw(part, rng="run 1") for part in (context[300:], context[:300])])
    pd.testing.assert_frame_equal(parts.loc[context.index], whole)
    shuffled = context.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(policy.draw(shuffled, rng="run 1").loc[context.index], whole)
    assert not policy.draw(context, rng="run 2").equals(whole)


def test_a_customer_twice_in_one_call_gets_two_independent_draws():
    policy, context = Uniform(OFFERS), _context(20_000)
    once = policy.draw(context, rng=1)["offer_id"].to_numpy()
    twice = policy.draw(pd.concat([context, context], ignore_index=True), rng=1)["offer_id"].to_numpy()
    np.testing.assert_array_equal(twice[:20_000], once)
    same = (twice[20_000:] == once).mean()
    assert abs(same - 1 / 4) < 4 * np.sqrt(1 / 4 * 3 / 4 / 20_000)


def test_default_draw_uses_random_state_and_does_not_move():
    context = _context(200)
    first = Uniform(OFFERS, random_state=3).draw(context)
    pd.testing.assert_frame_equal(first, Uniform(OFFERS).draw(context, rng=3))
    pd.testing.assert_frame_equal(
        Uniform(OFFERS).draw(context[["segment"]], rng=3), Uniform(OFFERS).draw(context[["segment"]], rng=3)
    )


def test_a_generator_moves_on():
    rng = np.random.default_rng(0)
    assert not Uniform(OFFERS).draw(_context(200), rng=rng).equals(Uniform(OFFERS).draw(_context(200), rng=rng))


def test_text_as_rng_needs_customers():
    with pytest.raises(InputError, match="a text as rng needs the column 'customer_id'"):
        Uniform(OFFERS).draw(pd.DataFrame({"segment": ["a"]}), rng="run 1")


@pytest.mark.parametrize("kind", [Uniform, SegmentThompson])
def test_nothing_eligible_is_refused_with_count_and_first_row(kind):
    eligible = np.ones((4, 4), bool)
    eligible[[1, 3]] = False
    with pytest.raises(InputError, match="True for at least one offer; 2 of 4 rows are not, first at row 1"):
        kind(OFFERS).probabilities(_context(4), eligible)


@pytest.mark.parametrize("kind", [Uniform, SegmentThompson])
def test_zero_rows_are_fine(kind):
    policy = kind(OFFERS)
    assert policy.probabilities(_context(0)).shape == (0, 4)
    assert policy.draw(_context(0), rng=1).columns.tolist() == ["offer_id", "action_probability"]
    assert len(policy.learn(_feedback(0)).acceptance_rates()) == 0


def test_bad_eligible_is_refused():
    with pytest.raises(InputError, match=r"eligible must have the shape \(2, 4\)"):
        Uniform(OFFERS).probabilities(_context(2), np.ones((2, 3), bool))
    with pytest.raises(InputError, match="True and False"):
        Uniform(OFFERS).probabilities(_context(1), np.full((1, 4), 0.5))


@pytest.mark.parametrize(("offers", "shown"), [([], "got none"), (["a", "a"], "2 of 2 .* first: 'a'"), ("ab", None)])
def test_offers_must_be_texts_that_differ(offers, shown):
    if shown is None:
        assert Uniform(offers).probabilities(_context(1)).tolist() == [[1.0]]
        return
    with pytest.raises(InputError, match=f"offers must be texts that differ, at least one; {shown}"):
        Uniform(offers).probabilities(_context(1))


def test_feedback_must_have_its_columns():
    with pytest.raises(InputError, match="feedback lacks the column 'reward'"):
        Uniform(OFFERS).learn(_feedback().drop(columns="reward"))
    with pytest.raises(InputError, match="feedback lacks the column 'segment'"):
        SegmentThompson(OFFERS).learn(_feedback().drop(columns="segment"))
    assert Uniform(OFFERS).learn(_feedback().drop(columns="segment")).acceptance_rates()["segment"].unique() == ["all"]


def test_rows_of_unknown_offers_are_set_aside_and_counted(caplog):
    feedback = _feedback(offers=["card", "withdrawn"])
    with caplog.at_level(logging.INFO, logger="nbo.policies.base"):
        policy = Uniform(["card"]).learn(feedback)
    expected = (feedback["offer_id"] == "withdrawn").sum()
    assert f"{expected} of 40 feedback rows set aside" in caplog.text
    assert policy.acceptance_rates()["n"].sum() == 40 - expected


def test_raw_rates_have_wilson_intervals():
    # Wilson (1927) for 3 of 10: center (3 + z2/2) / (10 + z2), half width by hand.
    z2 = 1.959963984540054**2
    rows = {"decision_id": range(10), "segment": "a", "offer_id": "card", "reward": [1.0] * 3 + [0.0] * 7}
    rates = Uniform(OFFERS).learn(pd.DataFrame(rows)).acceptance_rates()
    assert rates["offer_id"].tolist() == OFFERS[:3]
    half = np.sqrt(z2 * (10 * 0.3 * 0.7 + z2 / 4)) / (10 + z2)
    center = (3 + z2 / 2) / (10 + z2)
    np.testing.assert_allclose(rates.loc[0, ["rate", "low", "high"]].tolist(), [0.3, center - half, center + half])
    assert (rates.loc[0, "n"], rates.loc[0, "accepted"]) == (10, 3.0)
    assert np.isnan(rates.loc[1, "rate"])
    assert rates.loc[1, ["low", "high"]].tolist() == [0.0, 1.0]


@pytest.mark.parametrize("kind", [Uniform, SegmentThompson])
def test_state_survives_json_to_the_bit(kind):
    policy = kind(OFFERS, random_state=5).learn(_feedback())
    state = json.dumps(policy.to_state())
    again = kind.from_state(json.loads(state))
    np.testing.assert_array_equal(again.probabilities(_context(3)), policy.probabilities(_context(3)))
    pd.testing.assert_frame_equal(again.acceptance_rates(), policy.acceptance_rates())
    assert json.dumps(again.to_state()) == state
    assert again.random_state == 5


def test_state_of_another_policy_is_refused():
    with pytest.raises(InputError, match="state must be of Uniform, format 2; got 'SegmentThompson'"):
        Uniform.from_state(SegmentThompson(OFFERS).to_state())


@pytest.mark.parametrize("kind", [Uniform, SegmentThompson])
def test_caller_frames_are_not_changed(kind):
    context, feedback = _context(5), _feedback()
    before = context.copy(), feedback.copy()
    kind(OFFERS).learn(feedback).draw(context)
    pd.testing.assert_frame_equal(context, before[0])
    pd.testing.assert_frame_equal(feedback, before[1])


@pytest.mark.parametrize("kind", [Uniform, SegmentThompson, LogisticThompson, Control])
def test_rates_of_one_segment(kind):
    policy = kind(OFFERS) if kind is not Control else Control(Uniform(OFFERS), period=None)
    policy.learn(_feedback().replace({"segment": {"a": 1, "b": 2}}))
    rates = policy.acceptance_rates()
    assert list(dict.fromkeys(rates["segment"])) == ["1", "2"]
    for segment in ("2", 2):
        pd.testing.assert_frame_equal(policy.acceptance_rates(segment), rates[3:].reset_index(drop=True))
    assert policy.acceptance_rates("never seen").empty
