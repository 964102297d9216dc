"""Thompson sampling by segment: by hand, against draws, and on planted rates."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from nbo.errors import InputError
from nbo.policies import SegmentThompson, Uniform

ALONE = {"pooling": False, "sharpen": 1.0, "min_probability": 0.0}


def _feedback(*cells, start=0):
    """Rows for cells of (segment, offer, n, accepted)."""
    rows = [(segment, offer, float(i < accepted)) for segment, offer, n, accepted in cells for i in range(n)]
    frame = pd.DataFrame(rows, columns=["segment", "offer_id", "reward"])
    return frame.assign(decision_id=[f"d{start + i}" for i in range(len(frame))])


def _context(*segments):
    return pd.DataFrame({"segment": list(segments)})


def test_posterior_by_hand():
    policy = SegmentThompson(["x", "y"], **ALONE).learn(_feedback(("a", "x", 75, 3)))
    rates = policy.acceptance_rates()
    # Beta(25 * 0.04 + 3, 25 * 0.96 + 72) and the informed prior Beta(1, 24).
    np.testing.assert_allclose(rates["rate"], [4 / 100, 1 / 25])
    np.testing.assert_allclose(rates["low"], stats.beta.ppf(0.025, [4, 1], [96, 24]))
    np.testing.assert_allclose(rates["high"], stats.beta.ppf(0.975, [4, 1], [96, 24]))
    assert rates["n"].tolist() == [75, 0]
    assert rates["accepted"].tolist() == [3.0, 0.0]


def test_what_is_sharpened_counts_twice_in_probabilities_but_not_in_rates():
    once, twice = _feedback(("a", "x", 50, 5), ("a", "y", 50, 2)), _feedback(("a", "x", 100, 10), ("a", "y", 100, 4))
    plain = SegmentThompson(["x", "y"], prior_strength=50.0, **ALONE).learn(twice)
    sharp = SegmentThompson(["x", "y"], **{**ALONE, "sharpen": 2.0}).learn(once)
    np.testing.assert_array_equal(sharp.probabilities(_context("a")), plain.probabilities(_context("a")))
    np.testing.assert_allclose(sharp.acceptance_rates()["rate"], [6 / 75, 3 / 75])


def test_probabilities_are_those_of_sampling_the_posterior():
    feedback = _feedback(("a", "x", 60, 5), ("a", "y", 40, 2), ("a", "z", 10, 0))
    policy = SegmentThompson(["x", "y", "z", "no_offer"], values=[10, 20, 30, 0], costs=[0.1, 1, 0.5, 0], **ALONE)
    stated = policy.learn(feedback).probabilities(_context("a"))[0]
    draws = 400_000
    rng = np.random.default_rng(0)
    rates = rng.beta([6, 3, 1], [24 + 55, 24 + 38, 24 + 10], (draws, 3))
    payoff = np.column_stack([rates * [10, 20, 30] - [0.1, 1, 0.5], np.zeros(draws)])
    frequency = np.bincount(payoff.argmax(axis=1), minlength=4) / draws
    assert (np.abs(stated - frequency) <= 4 * np.sqrt(stated * (1 - stated) / draws) + 1e-3).all()


def test_floor_by_hand():
    feedback = _feedback(("a", "x", 2000, 400), ("a", "y", 2000, 20), ("a", "z", 2000, 20))
    policy = SegmentThompson(["x", "y", "z"], min_probability=0.05).learn(feedback)
    eligible = np.array([[True, True, True], [True, True, False], [False, True, False]])
    stated = policy.probabilities(_context("a", "a", "a"), eligible)
    np.testing.assert_allclose(stated, [[0.9, 0.05, 0.05], [0.95, 0.05, 0], [0, 1, 0]], atol=1e-9)
    assert (stated[~eligible] == 0).all()


def test_floor_above_one_share_each_is_uniform():
    stated = SegmentThompson(["x", "y", "z"], min_probability=0.9).probabilities(_context("a"))
    np.testing.assert_allclose(stated, 1 / 3)


def test_a_costly_offer_loses_to_no_offer():
    policy = SegmentThompson(["x", "no_offer"], values=[10, 0], costs=[5, 0], min_probability=0.01)
    policy.learn(_feedback(("a", "x", 500, 20)))
    np.testing.assert_allclose(policy.probabilities(_context("a")), [[0.01, 0.99]], atol=1e-6)


def test_rows_equal_rows_one_by_one():
    rng = np.random.default_rng(0)
    policy = SegmentThompson(list("vwxyz")).learn(_feedback(("a", "v", 50, 9), ("b", "w", 50, 3)))
    segments = rng.choice(["a", "b", "new"], 60)
    eligible = rng.random((60, 5)) < 0.5
    eligible[:, 0] = True
    whole = policy.probabilities(_context(*segments), eligible)
    fresh = SegmentThompson.from_state(policy.to_state())
    for row in range(60):
        one = fresh.probabilities(_context(segments[row]), eligible[[row]])
        np.testing.assert_array_equal(one[0], whole[row])
    np.testing.assert_allclose(whole.sum(axis=1), 1.0, rtol=1e-12)


def test_asking_changes_nothing():
    policy = SegmentThompson(["x", "y"]).learn(_feedback(("a", "x", 50, 9)))
    before = json.dumps(policy.to_state())
    policy.probabilities(_context("a", "never seen"))
    policy.acceptance_rates()
    assert json.dumps(policy.to_state()) == before


def test_order_batches_and_repeats_do_not_change_a_bit():
    rng = np.random.default_rng(1)
    feedback = _feedback(*((f"s{s}", f"o{o}", 30, int(rng.integers(6))) for s in range(5) for o in range(4)))
    offers = [f"o{o}" for o in range(4)]
    whole = SegmentThompson(offers).learn(feedback)
    parts = SegmentThompson(offers)
    shuffled = feedback.sample(frac=1, random_state=1)
    for start in range(0, len(feedback), 37):
        parts.learn(shuffled[start : start + 37]).probabilities(_context("s1"))
        parts.learn(shuffled[: start // 2])
    context = _context(*(f"s{s}" for s in range(6)))
    np.testing.assert_array_equal(parts.probabilities(context), whole.probabilities(context))
    assert json.dumps(parts.to_state()) == json.dumps(whole.to_state())


def test_a_changed_parameter_is_used_at_once():
    policy = SegmentThompson(["x", "y"]).learn(_feedback(("a", "x", 300, 30), ("a", "y", 300, 15)))
    before = policy.probabilities(_context("a"))[0]
    policy.set_params(costs=[0.5, 0.0])
    after = policy.probabilities(_context("a"))[0]
    assert before[0] > 0.9
    assert after[0] < 0.1


def test_what_works_in_one_segment_reaches_a_new_one():
    cells = [(f"s{s}", offer, 400, accepted) for s in range(8) for offer, accepted in (("x", 12), ("y", 40))]
    policy = SegmentThompson(["x", "y"]).learn(_feedback(*cells))
    assert policy.probabilities(_context("new"))[0, 1] > 0.8


def test_new_offers_are_tried_and_their_early_rows_count():
    policy = SegmentThompson(["x", "y"], values=[1, 1])
    policy.learn(_feedback(("a", "x", 300, 12), ("a", "y", 300, 12), ("a", "z", 300, 90)))
    assert policy.acceptance_rates()["n"].sum() == 600
    policy.add_offers(["z", "new"], values=[1, 1])
    assert policy.offers == ["x", "y", "z", "new"]
    assert policy.values == [1, 1, 1, 1]
    assert policy.acceptance_rates()["n"].tolist() == [300, 300, 300, 0]
    assert policy.probabilities(_context("a"))[0, 2] > 0.4
    two = SegmentThompson(["x", "y"]).learn(_feedback(("a", "x", 300, 12), ("a", "y", 300, 12)))
    assert two.add_offers(["new"]).probabilities(_context("a"))[0, 2] > 0.2
    with pytest.raises(InputError, match="offers must be new; 1 of 2 are there already, first: 'x'"):
        two.add_offers(["more", "x"])


def test_warm_start_states_the_models_order_before_any_answer():
    warm = pd.DataFrame({"segment": "a", "offer_id": ["x", "y"], "rate": [0.02, 0.2], "strength": 500})
    policy = SegmentThompson(["x", "y"]).warm_start(warm)
    assert policy.probabilities(_context("a"))[0, 1] > 0.9
    np.testing.assert_allclose(policy.acceptance_rates()["rate"], [0.02, 0.2])
    again = SegmentThompson.from_state(json.loads(json.dumps(policy.to_state())))
    np.testing.assert_array_equal(again.probabilities(_context("a")), policy.probabilities(_context("a")))


def test_warm_start_without_pooling_by_hand():
    warm = pd.DataFrame({"segment": "a", "offer_id": ["x", "y"], "rate": [0.1, 0.2], "strength": [40, np.nan]})
    policy = (
        SegmentThompson(["x", "y"], **ALONE).warm_start(warm).learn(_feedback(("a", "x", 60, 6), ("a", "y", 75, 5)))
    )
    np.testing.assert_allclose(policy.acceptance_rates()["rate"], [(4 + 6) / 100, (5 + 5) / 100])


def test_answers_correct_a_wrong_warm_start():
    warm = pd.DataFrame({"segment": "a", "offer_id": ["x", "y"], "rate": [0.02, 0.2]})
    policy = SegmentThompson(["x", "y"]).warm_start(warm)
    policy.learn(_feedback(("a", "x", 1000, 150), ("a", "y", 1000, 30)))
    assert policy.probabilities(_context("a"))[0, 0] > 0.95


def test_recovers_planted_rates():
    rng = np.random.default_rng(0)
    rates = special.expit(-2.5 + rng.normal(0, 0.4, (6, 1)) + rng.normal(0, 0.5, 4) + rng.normal(0, 0.1, (6, 4)))
    cells = [(f"s{s}", f"o{o}", 1500, rng.binomial(1500, rates[s, o])) for s in range(6) for o in range(4)]
    table = SegmentThompson([f"o{o}" for o in range(4)]).learn(_feedback(*cells)).acceptance_rates()
    inside = (table["low"] <= rates.ravel()) & (rates.ravel() <= table["high"])
    assert inside.sum() >= 20
    error = np.sqrt(np.square(table["rate"] - rates.ravel()).mean())
    raw = np.sqrt(np.square(table["accepted"] / table["n"] - rates.ravel()).mean())
    assert error < raw


def _regret(policy, rates, sizes, decisions, batch, seed):
    """Regret of a policy as a share of the uniform policy's, on planted rates."""
    rng = np.random.default_rng(seed)
    n_segments, n_offers = rates.shape
    names = np.array([f"s{s:02}" for s in range(n_segments)], dtype=object)
    lost = uniform = 0.0
    for start in range(0, decisions, batch):
        segment = rng.choice(n_segments, batch, p=sizes)
        context = pd.DataFrame({"segment": names[segment]})
        drawn = policy.draw(context, rng=rng)
        offer = drawn["offer_id"].str[1:].astype(int).to_numpy()
        accepted = rng.random(batch) < rates[segment, offer]
        policy.learn(
            context.assign(
                decision_id=np.arange(start, start + batch), offer_id=drawn["offer_id"], reward=accepted.astype(float)
            )
        )
        lost += (rates[segment].max(axis=1) - rates[segment, offer]).sum()
        uniform += (rates[segment].max(axis=1) - rates[segment].mean(axis=1)).sum()
    return lost / uniform


def _planted(n_segments, n_offers, seed):
    rng = np.random.default_rng(seed)
    mean = special.expit(-3.38 + rng.normal(0, 0.5, n_offers) + rng.normal(0, 0.4, (n_segments, 1)))
    return rng.beta(100 * mean, 100 * (1 - mean)), rng.dirichlet(np.ones(n_segments))


def test_regret_is_below_plain_thompson_sampling_per_segment_and_below_uniform():
    # 20 segments, 10 offers, rates about 4 %, simulated.
    rates, sizes = _planted(20, 10, seed=1)
    offers = [f"o{o}" for o in range(10)]
    beta_1_1 = {"prior_rate": 0.5, "prior_strength": 2.0, **ALONE}
    pooled = _regret(SegmentThompson(offers), rates, sizes, 20_000, 500, seed=1)
    plain = _regret(SegmentThompson(offers, **beta_1_1), rates, sizes, 20_000, 500, seed=1)
    uniform = _regret(Uniform(offers), rates, sizes, 20_000, 500, seed=1)
    assert pooled < 0.8 * plain
    assert pooled < 0.6 * uniform
    assert abs(uniform - 1) < 0.05


def test_few_segments_lose_nothing():
    offers = [f"o{o}" for o in range(5)]
    informed = {"prior_rate": 0.04, "prior_strength": 25.0, **ALONE}
    pooled, alone = [], []
    for seed in range(4):
        rates, sizes = _planted(2, 5, seed=seed)
        pooled.append(_regret(SegmentThompson(offers, min_probability=0.0), rates, sizes, 6000, 300, seed=seed))
        alone.append(_regret(SegmentThompson(offers, **informed), rates, sizes, 6000, 300, seed=seed))
    assert np.mean(pooled) < np.mean(alone) * 1.05


def test_no_accepts_at_all():
    policy = SegmentThompson(["x", "y"]).learn(_feedback(("a", "x", 5000, 0), ("a", "y", 10, 0)))
    stated = policy.probabilities(_context("a"))[0]
    assert stated[1] > 0.7
    assert (policy.acceptance_rates()["rate"] > 0).all()


def test_one_segment_one_offer():
    policy = SegmentThompson(["x"]).learn(_feedback(("a", "x", 100, 60)))
    assert policy.probabilities(_context("a")).tolist() == [[1.0]]
    assert abs(policy.acceptance_rates()["rate"].item() - 0.6) < 0.05


def test_only_no_offer():
    policy = SegmentThompson(["no_offer"]).learn(_feedback(("a", "no_offer", 3, 0)))
    assert policy.probabilities(_context("a")).tolist() == [[1.0]]
    assert len(policy.acceptance_rates()) == 0


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"values": [1.0]}, r"values must hold one number for each of the 2 offers; got the shape \(1,\)"),
        ({"values": [1.0, -1.0]}, "values must be 0 or more; 1 of 2 rows is not, first at row 1: -1.0"),
        ({"costs": [1.0, np.nan]}, "costs must be finite"),
        ({"min_probability": 1.0}, r"min_probability must be in \[0, 1\); got 1.0"),
        ({"prior_rate": 0}, r"prior_rate must be in \(0, 1\); got 0"),
        ({"prior_strength": -1}, "prior_strength must be above 0; got -1"),
        ({"sharpen": 0}, "sharpen must be above 0; got 0"),
    ],
)
def test_bad_parameters_are_refused(parameters, message):
    with pytest.raises(InputError, match=message):
        SegmentThompson(["x", "y"], **parameters).probabilities(_context("a"))


def test_bad_context_is_refused():
    with pytest.raises(InputError, match="context lacks the column 'segment'"):
        SegmentThompson(["x"]).probabilities(pd.DataFrame({"customer_id": [1]}))
    with pytest.raises(InputError, match="context.segment must be there in every row; 1 of 2"):
        SegmentThompson(["x"]).probabilities(_context("a", None))


def test_what_offers_have_in_common_is_drawn_only_where_it_decides():
    log = _feedback(*((f"s{s}", f"o{o}", 200, 5 + s + o) for s in range(4) for o in range(3)))
    free, costly = (SegmentThompson(["o0", "o1", "o2"], costs=costs).learn(log) for costs in (None, [0.01, 0.01, 0.01]))
    assert free._fitted().prior.apart is not None
    assert costly._fitted().prior.apart is None
    assert SegmentThompson(["o0", "o1", "o2"], sharpen=1.0).learn(log)._fitted().prior.apart is None
