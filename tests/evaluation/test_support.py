"""Where a log does not support a verdict, there is none."""

import math

import numpy as np
import pandas as pd
import pytest

from nbo.datasets import load_open_bandit
from nbo.errors import InputError, OverlapError
from nbo.evaluation import Support, evaluate
from nbo.evaluation.log import Log
from nbo.evaluation.overlap import Overlap

EASY = Support(min_effective=0, max_uncovered=1, max_weight_gap=math.inf, max_unusable=1)


def log_of(weights, **given):
    n = len(weights)
    return Log(np.zeros(n), np.full(n, 0.01), 0.01 * np.asarray(weights), np.zeros(n), **given)


def simulated(n, **columns):
    rng = np.random.default_rng(0)
    made = rng.random(n) < 0.5
    return pd.DataFrame(
        {
            "offer_id": np.where(made, "x", "y"),
            "action_probability": 0.5,
            "reward": (rng.random(n) < 0.3).astype(float),
            **columns,
        }
    )


def test_overlap_by_hand():
    overlap = Overlap.of(log_of([0.0, 1.0, 4.0, 1.0]), np.array([0.0, 1.0, 4.0, 1.0]))
    assert (overlap.n, overlap.matched, overlap.max_weight) == (4, 3, pytest.approx(4))
    assert overlap.effective_sample_size == pytest.approx(6**2 / (1 + 16 + 1))
    assert (overlap.mean_weight, overlap.largest_share) == pytest.approx((6 / 4, 4 / 6))
    # Gap 2 in sum; squares about 1, and the gap times the largest weight.
    assert overlap.mean_weight_z == pytest.approx(2 / np.sqrt(1 + 0 + 9 + 0 + 4 * 2))


def test_decisions_of_one_customer_go_together_in_the_mean_weight():
    log = log_of([3.0, 3.0, 0.0, 0.0], customer=np.array([0, 0, 1, 1]))
    assert Overlap.of(log, log.weights).mean_weight_z == pytest.approx(2 / np.sqrt(4**2 + 2**2 + 3 * 2))


@pytest.mark.parametrize("estimator", ["ips", "snips", "clipped", "replay", "dm", "dr", "sndr", "switch", "dros"])
def test_the_women_campaign_in_reverse_ends_in_a_refusal(public_data, estimator):
    feedback, target, offers = reverse(public_data, "women")
    estimate = evaluate(target, feedback, estimator, offers=offers)
    assert not estimate.supported
    assert np.isnan([estimate.value, estimate.standard_error, estimate.low, estimate.high]).all()
    assert str(estimate).startswith("No verdict: 10000 decisions count only like ")
    assert estimate._repr_html_().startswith("<p><strong>No verdict: ")
    assert "nan" not in str(estimate) + estimate._repr_html_()
    with pytest.raises(OverlapError, match=f"no verdict by {estimator}: 10000 decisions count only like"):
        evaluate(target, feedback, estimator, offers=offers, on_no_support="raise")
    with_number = evaluate(target, feedback, estimator, offers=offers, on_no_support="report")
    assert not with_number.supported
    assert str(with_number).startswith("No verdict: ")


def test_the_women_campaign_in_reverse_can_be_asked_for(public_data):
    feedback, target, offers = reverse(public_data, "women")
    refused = evaluate(target, feedback, offers=offers)
    assert refused.effective_sample_size == pytest.approx(2.1, abs=0.05)
    assert refused.max_weight == pytest.approx(21739, abs=1)
    assert refused.mean_weight == pytest.approx(0.00744 / 0.00237, rel=0.003)
    for lenient in ({"on_no_support": "report"}, {"support": EASY}):
        assert evaluate(target, feedback, offers=offers, **lenient).value == pytest.approx(0.00744, abs=5e-6)
        assert evaluate(target, feedback, "snips", offers=offers, **lenient).value == pytest.approx(0.00237, abs=5e-6)


def test_the_men_campaign_in_reverse_gives_the_published_numbers(public_data):
    # Computed with other code on the small Open Bandit data: log by Thompson sampling, target uniform.
    feedback, target, offers = reverse(public_data, "men")
    estimate = evaluate(target, feedback, offers=offers)
    assert estimate.supported
    assert estimate.value == pytest.approx(0.00301, abs=5e-6)
    assert evaluate(target, feedback, "snips", offers=offers).value == pytest.approx(0.00319, abs=5e-6)
    assert estimate.effective_sample_size == pytest.approx(656, abs=1)
    assert estimate.max_weight == pytest.approx(178, abs=0.5)


def reverse(public_data, campaign):
    """Feedback of Thompson sampling, and the uniform target."""
    folder = public_data / "open_bandit"
    if not folder.is_dir():
        pytest.skip(f"open_bandit is not in {public_data}")
    tables = load_open_bandit(folder, policy="bts", campaign=campaign).tables
    feedback = tables.get("decisions").merge(tables.get("outcomes"), on="decision_id")
    offers = tables.get("catalog")["offer_id"].tolist()
    feedback["reward"] = (feedback["outcome"] == "accept").astype(float)
    return feedback.drop(columns="segment"), np.full((len(feedback), len(offers)), 1 / len(offers)), offers


def test_nothing_follows_from_no_verdict():
    estimate = evaluate(np.zeros(50), simulated(50))
    assert "the log says nothing about it" in estimate.reasons[0]
    assert not estimate.low > 0
    assert not estimate.high < 1
    assert not estimate.value >= 0


def test_actions_that_the_log_could_not_take_are_counted():
    feedback = simulated(1000, candidates='{"x": 0.5, "y": 0.5, "z": 0.0}')
    shares = {0.2: False, 0.004: True}
    for share, supported in shares.items():
        target = np.tile([(1 - share) / 2, (1 - share) / 2, share], (1000, 1))
        estimate = evaluate(target, feedback, offers=["x", "y", "z"])
        assert estimate.uncovered == pytest.approx(share)
        assert estimate.supported == supported
        assert any("that the log could not have taken" in one for one in (*estimate.reasons, *estimate.warnings))
    assert (
        "20.0% of the target policy's probability"
        in evaluate(np.tile([0.4, 0.4, 0.2], (1000, 1)), feedback, offers=["x", "y", "z"]).reasons[0]
    )


def test_actions_that_never_came_are_found_by_the_mean_weight():
    target = np.tile([0.2, 0.4, 0.4], (1000, 1))
    estimate = evaluate(target, simulated(1000), offers=["x", "y", "z"])
    assert not estimate.supported
    assert "the mean weight is 0.6" in estimate.reasons[0]


def test_wrong_probabilities_are_found_by_the_mean_weight():
    feedback = simulated(1000, action_probability=0.25)
    target = np.tile([0.5, 0.5], (1000, 1))
    assert "standard errors from 1" in evaluate(target, feedback, offers=["x", "y"]).reasons[0]
    lenient = Support(max_weight_z=100)
    assert evaluate(target, feedback, offers=["x", "y"], support=lenient).supported


def test_decisions_without_a_probability_are_left_out_and_counted():
    feedback = simulated(1000)
    target = np.tile([0.3, 0.7], (1000, 1))
    some = feedback.assign(action_probability=np.where(np.arange(1000) < 30, np.nan, 0.5))
    estimate = evaluate(target, some, "dr", offers=["x", "y"], predicted_rewards=np.full((1000, 2), 0.3))
    rest = feedback.iloc[30:]
    kept = evaluate(target[30:], rest, "dr", offers=["x", "y"], predicted_rewards=np.full((970, 2), 0.3))
    assert (estimate.value, estimate.n) == (pytest.approx(kept.value), 970)
    assert estimate.unusable == pytest.approx(0.03)
    assert "3.00% of the decisions have no action probability and are left out" in estimate.warnings
    many = feedback.assign(action_probability=np.where(np.arange(1000) < 60, np.nan, 0.5))
    refused = evaluate(target, many, offers=["x", "y"])
    assert refused.reasons == ("6.0% of the decisions have no action probability, above 5.0%",)
    assert evaluate(target, many, offers=["x", "y"], support=Support(max_unusable=0.1)).supported


def test_a_small_log_is_not_refused_for_being_small():
    estimate = evaluate(np.full(4, 0.5), simulated(4))
    assert estimate.supported
    assert "4 decisions count only like 4.0" in estimate.warnings[0]


def test_a_sound_log_is_hardly_ever_refused():
    # The heavy action comes with 2 %, and the target takes it half of the time.
    rng, refused = np.random.default_rng(1), 0
    for _ in range(300):
        heavy = rng.random(3000) < 0.02
        weights = np.where(heavy, 0.5 / 0.02, 0.5 / 0.98)
        refused += bool(Support().lacks(Overlap.of(log_of(weights), weights)))
    assert refused == 0


@pytest.mark.parametrize("name", ["min_effective", "min_share", "max_uncovered", "max_weight_z", "max_unusable"])
def test_bad_thresholds_are_refused(name):
    with pytest.raises(InputError, match=f"{name} must be 0 or more; got -1"):
        Support(**{name: -1})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"on_no_support": "ignore"}, "on_no_support must be one of 'withhold', 'raise', 'report'; got 'ignore'"),
        ({"support": 30}, "support must be a nbo.evaluation.Support; got 30"),
        ({"interval": "wide"}, "interval must be one of 'bernstein', 'bootstrap', 'normal'; got 'wide'"),
    ],
)
def test_bad_calls_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        evaluate(np.full(4, 0.5), simulated(4), **arguments)
