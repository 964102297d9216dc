"""Differences of several parts: by hand, and where shares differ what customers of all parts together would show."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nbo.errors import InputError
from nbo.experiments import analyze_experiment, pool_effects


def test_by_hand():
    effects = pd.DataFrame(
        {
            "metric": ["spent"] * 4 + ["visits"],
            "arm": "agent",
            "segment": ["all", "a", "b", "c", "a"],
            "difference": [9.0, 1.0, 2.0, 5.0, 3.0],
            "standard_error": [1.0, 1.0, 0.5, np.nan, 2.0],
        }
    )
    found = pool_effects(effects, level=0.9)
    assert found["parts"].tolist() == [2, 1]
    # Weights 1 and 4: (1 + 8) / 5, and sqrt(1 / 5).
    assert found["difference"].tolist() == [pytest.approx(1.8), 3.0]
    assert found["standard_error"].tolist() == [pytest.approx(np.sqrt(0.2)), 2.0]
    assert found["high"].iloc[0] == pytest.approx(1.8 + stats.norm.ppf(0.95) * np.sqrt(0.2))
    assert found["p_value"].iloc[0] == pytest.approx(2 * stats.norm.sf(1.8 / np.sqrt(0.2)))
    # Q = 0.8^2 + 4 * 0.2^2.
    assert found["p_alike"].iloc[0] == pytest.approx(stats.chi2.sf(0.64 + 0.16, 1))
    assert np.isnan(found["p_alike"].iloc[1])


def test_stages_with_other_shares_show_no_effect_of_time():
    """Customers spend more in the second stage, when more of them are treated: simulated."""
    rng, runs, held, together = np.random.default_rng(0), 150, 0, 0
    for _ in range(runs):
        stage = np.repeat([1, 2], 500)
        arm = np.where(rng.random(1000) < np.where(stage == 1, 0.1, 0.6), "agent", "control")
        frame = pd.DataFrame({"arm": arm, "stage": stage, "spent": rng.normal(10.0 * stage, 5.0)})
        effects = analyze_experiment(frame, ["spent"], by="stage")
        pooled = pool_effects(effects).iloc[0]
        held += pooled["low"] <= 0 <= pooled["high"]
        together += effects["low"].iloc[0] <= 0
    assert abs(held / runs - 0.95) < 4 * np.sqrt(0.05 * 0.95 / runs)
    assert together == 0


def test_nothing_that_tells_and_what_is_not_allowed():
    effects = pd.DataFrame({"metric": ["a"], "arm": ["b"], "difference": [1.0], "standard_error": [0.0]})
    assert len(pool_effects(effects)) == 0
    with pytest.raises(InputError, match="standard_error must be 0 or more; 1 of 1"):
        pool_effects(effects.assign(standard_error=-1.0))
    with pytest.raises(InputError, match="effects lacks the column 'experiment'"):
        pool_effects(effects, keys=["experiment"])
    with pytest.raises(InputError, match=r"level must be in \(0, 1\)"):
        pool_effects(effects, level=95)
