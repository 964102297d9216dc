"""A uniformly random log of a fashion site tells what its other policy earned."""

import numpy as np
import pandas as pd
import pytest

from nbo.datasets import load_open_bandit
from nbo.evaluation import evaluate


@pytest.mark.parametrize("campaign", ["men", "women"])
@pytest.mark.parametrize("name", ["ips", "snips", "dm", "dr", "switch", "dros"])
def test_the_random_log_values_thompson_sampling(public_data, campaign, name):
    folder = public_data / "open_bandit"
    if not folder.is_dir():
        pytest.skip(f"open_bandit is not in {public_data}")
    random, other = (_feedback(folder, policy, campaign) for policy in ("random", "bts"))
    # Thompson sampling does not see who looks, so its shares at each position are its policy on average.
    shares = pd.crosstab(other["segment"], other["offer_id"], normalize="index")
    offers = list(shares.columns)
    estimate = evaluate(shares.loc[random["segment"]].to_numpy(), random, name, offers=offers)
    earned, n = other["reward"].mean(), len(other)
    allowed = 4 * np.hypot(estimate.standard_error, np.sqrt(earned * (1 - earned) / n))
    assert abs(estimate.value - earned) < allowed
    assert 0.0005 < estimate.standard_error < 0.002
    assert estimate.effective_sample_size > 2500
    assert estimate.warnings == ()


def _feedback(folder, policy, campaign):
    tables = load_open_bandit(folder, policy=policy, campaign=campaign).tables
    feedback = tables.get("decisions").merge(tables.get("outcomes"), on="decision_id")
    reward = (feedback["outcome"] == "accept").astype(float)
    return feedback.assign(reward=reward, segment="position " + feedback["position"].astype(str))
