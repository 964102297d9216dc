"""Logs that our own policies draw and learn from while they go: what their probabilities are good for."""

import numpy as np
import pandas as pd
import pytest

from nbo.evaluation import evaluate
from nbo.policies import SegmentThompson

OFFERS = ["x", "y", "z"]
RATES = {"a": np.array([0.5, 0.2, 0.1]), "b": np.array([0.1, 0.3, 0.6])}
TARGET = np.array([0.2, 0.3, 0.5])
TRUTH = np.mean([TARGET @ rates for rates in RATES.values()])


def own_log(rng, batches=2, size=50):
    """Draw, answer, learn, and draw again; the answers are simulated."""
    policy, rows = SegmentThompson(OFFERS, min_probability=0.05), []
    for batch in range(batches):
        frame = pd.DataFrame({"segment": rng.choice(["a", "b"], size)})
        frame["decision_id"] = np.arange(size) + batch * size
        drawn = policy.draw(frame, rng=rng)
        frame = frame.assign(offer_id=drawn["offer_id"], action_probability=drawn["action_probability"])
        chance = [RATES[s][OFFERS.index(o)] for s, o in zip(frame["segment"], frame["offer_id"], strict=True)]
        frame["reward"] = (rng.random(size) < chance).astype(float)
        policy = policy.learn(frame)
        rows.append(frame)
    return pd.concat(rows, ignore_index=True)


@pytest.mark.slow
def test_ips_is_unbiased_over_a_thousand_logs_of_a_policy_that_learns():
    rng = np.random.default_rng(0)
    values = []
    for _ in range(1000):
        log = own_log(rng)
        values.append(evaluate(np.tile(TARGET, (len(log), 1)), log, offers=OFFERS, on_no_support="report").value)
    assert abs(np.mean(values) - TRUTH) < 4 * np.std(values, ddof=1) / np.sqrt(1000)


def test_the_mean_weight_is_one_over_logs_of_a_policy_that_learns():
    rng = np.random.default_rng(1)
    found = []
    for _ in range(30):
        log = own_log(rng)
        found.append(evaluate(np.tile(TARGET, (len(log), 1)), log, offers=OFFERS, on_no_support="report"))
    weights, values = (np.array([getattr(one, name) for one in found]) for name in ("mean_weight", "value"))
    assert abs(weights.mean() - 1) < 4 * weights.std(ddof=1) / np.sqrt(30)
    assert abs(values.mean() - TRUTH) < 4 * values.std(ddof=1) / np.sqrt(30)
    # What was shown to whom is told by no probability alone: a plain mean of the answers is far off.
    logs = pd.concat([own_log(rng) for _ in range(20)])
    assert logs["reward"].mean() > TRUTH + 0.03
