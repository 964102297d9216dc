"""Replay of a policy that learns."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.evaluation import replay_run
from nbo.policies import SegmentThompson, Uniform

OFFERS = ["x", "y", "z"]


def _log(n=3000, seed=0):
    """A uniform log over three offers with planted rates, simulated; rows are not in time order."""
    rng = np.random.default_rng(seed)
    action = rng.integers(3, size=n)
    return pd.DataFrame(
        {
            "decision_id": [f"d{i}" for i in range(n)],
            "decided_at": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.permutation(n), unit="min"),
            "segment": "all",
            "offer_id": np.array(OFFERS)[action],
            "action_probability": 1 / 3,
            "reward": (rng.random(n) < np.array([0.1, 0.2, 0.5])[action]).astype(float),
        }
    )


def test_a_policy_with_one_offer_is_worth_the_mean_of_its_log():
    log = _log(12).assign(offer_id="x", action_probability=1.0)
    run = replay_run(Uniform(["x"]), log, batch=5)
    assert run.estimate.value == pytest.approx(log["reward"].mean())
    assert run.curve["decisions"].tolist() == [5, 10, 12]
    assert run.curve["matched"].tolist() == [5, 10, 12]
    in_time = log.sort_values("decided_at")["reward"].to_numpy()
    np.testing.assert_allclose(run.curve["reward"], [in_time[:5].sum(), in_time[:10].sum(), in_time.sum()])


def test_equals_a_plain_loop():
    log, policy = _log(600), SegmentThompson(OFFERS)
    run = replay_run(policy, log, batch=50, rng=3)
    learner, rng, kept = SegmentThompson(OFFERS), np.random.default_rng(3), []
    ordered = log.sort_values("decided_at")
    for start in range(0, 600, 50):
        part = ordered.iloc[start : start + 50]
        drawn = learner.draw(part, rng=rng)
        same = part[drawn["offer_id"].to_numpy() == part["offer_id"].to_numpy()]
        learner.learn(same)
        kept += same["reward"].tolist()
    assert run.estimate.value == pytest.approx(np.mean(kept))
    assert run.estimate.matched == len(kept)
    assert run.policy.to_state() == learner.to_state()


def test_the_policy_given_is_not_changed_and_the_learner_is_given_back():
    policy = SegmentThompson(OFFERS)
    before = policy.to_state()
    run = replay_run(policy, _log())
    assert policy.to_state() == before
    assert run.policy.acceptance_rates()["n"].sum() == run.estimate.matched


def test_a_learner_beats_uniform_and_nears_the_best_offer():
    run = replay_run(SegmentThompson(OFFERS), _log(9000), batch=200)
    assert abs(replay_run(Uniform(OFFERS), _log(9000)).estimate.value - 0.8 / 3) < 0.04
    assert run.estimate.value > 0.42


def test_candidates_say_what_was_eligible():
    log = _log(300).assign(candidates='{"x": 0.5, "y": 0.5}', action_probability=0.5)
    log = log[log["offer_id"] != "z"]
    run = replay_run(Uniform(OFFERS), log)
    assert abs(run.estimate.matched / len(log) - 0.5) < 4 * np.sqrt(0.25 / len(log))


def test_a_log_that_is_not_uniform_is_refused():
    log = _log(10)
    log.loc[4, "action_probability"] = 0.9
    with pytest.raises(InputError, match="1 / number of the policy's eligible offers; 1 of 10 rows is not"):
        replay_run(Uniform(OFFERS), log)
    with pytest.raises(InputError, match="3000 of 3000 rows are not"):
        replay_run(Uniform(["x", "y"]), _log())


def test_bad_calls_are_refused():
    with pytest.raises(InputError, match="batch must be 1 or more; got 0"):
        replay_run(Uniform(OFFERS), _log(5), batch=0)
    with pytest.raises(InputError, match="feedback must have at least one row"):
        replay_run(Uniform(OFFERS), _log(5)[:0])
    with pytest.raises(InputError, match="feedback lacks the column 'decision_id'"):
        replay_run(Uniform(OFFERS), _log(5).drop(columns="decision_id"))


def test_starbucks_replay_nears_the_best_fixed_offer(public_data):
    file = public_data / "starbucks_rewards" / "derived" / "offer_instances.parquet"
    if not file.exists():
        pytest.skip(f"{file} is absent")
    sent = pd.read_parquet(file, columns=["offer_id", "received_at", "accepted"])
    log = pd.DataFrame(
        {
            "decision_id": np.arange(len(sent)),
            "decided_at": pd.Timestamp("2018-01-01") + pd.to_timedelta(sent["received_at"], unit="h"),
            "segment": "all",
            "offer_id": sent["offer_id"].astype("str"),
            "action_probability": 0.1,
            "reward": sent["accepted"].astype(float),
        }
    )
    run = replay_run(SegmentThompson(sorted(log["offer_id"].unique()), min_probability=0.0), log, batch=500)
    # Beta-Bernoulli Thompson sampling without segments: .591 to .594 over about 7,560; the best fixed offer: .602.
    assert 0.58 < run.estimate.value < 0.602 + 4 * run.estimate.standard_error
    assert abs(run.estimate.matched / len(log) - 0.1) < 0.005
    uniform = replay_run(Uniform(sorted(log["offer_id"].unique())), log).estimate
    assert abs(uniform.value - 0.305) < 4 * uniform.standard_error
