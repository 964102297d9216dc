"""What is drawn from random posteriors comes as often as stated, by all at once and one at a time."""

import numpy as np
import pandas as pd
import pytest

from nbo import NO_OFFER
from nbo.policies import SegmentThompson

_POSTERIORS, _DRAWS, _FAR = 200, 100_000, 4.0


@pytest.fixture(scope="module")
def policy():
    """Learn random answers of 200 segments, so that each has a posterior of its own."""
    rng = np.random.default_rng(11)
    n = 40_000
    offers = [f"o{number}" for number in range(7)]
    segment, offer = rng.integers(0, _POSTERIORS, n) ** 2 // _POSTERIORS, rng.integers(0, 7, n)
    rate = rng.beta(1.5, 30, (_POSTERIORS, 7))
    log = pd.DataFrame({"decision_id": range(n), "segment": segment, "offer_id": np.array(offers)[offer]})
    log["reward"] = (rng.random(n) < rate[segment, offer]).astype(float)
    values, costs = [*rng.uniform(1, 3, 7), 0.0], [*rng.uniform(0, 0.05, 7), 0.0]
    return SegmentThompson([*offers, NO_OFFER], values, costs).learn(log)


@pytest.mark.slow
def test_a_hundred_thousand_draws_from_each_of_two_hundred_posteriors(policy):
    rng, furthest = np.random.default_rng(0), []
    for segment in range(_POSTERIORS):
        eligible = rng.random(8) < 0.8
        eligible[rng.integers(0, 8)] = True
        context = pd.DataFrame({"segment": np.repeat([segment], _DRAWS)})
        stated = policy.probabilities(context[:1], eligible[np.newaxis])[0]
        drawn = policy.draw(context, np.broadcast_to(eligible, (_DRAWS, 8)), rng=rng)
        count = drawn["offer_id"].value_counts().reindex(policy.offers).fillna(0).to_numpy()
        assert (count[~eligible] == 0).all()
        error = np.abs(count / _DRAWS - stated)
        furthest.append((error - _FAR * np.sqrt(stated * (1 - stated) / _DRAWS)).max())
    assert max(furthest) <= 1e-12


def test_draws_one_by_one_come_as_often_as_they_say(policy):
    rng, n = np.random.default_rng(1), 5000
    for segment in range(0, _POSTERIORS, 20):
        drawn = [policy.draw_one({"segment": segment}, uniform) for uniform in rng.random(n)]
        for offer in policy.offers:
            said = {probability for name, probability in drawn if name == offer}
            assert len(said) <= 1
            stated, count = next(iter(said), 0.0), sum(name == offer for name, _ in drawn)
            assert abs(count / n - stated) <= _FAR * np.sqrt(stated * (1 - stated) / n)
