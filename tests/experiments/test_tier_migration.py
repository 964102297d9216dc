"""Moves between tiers: by hand, rows that sum to 1, and what customers do by themselves is no effect."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.experiments import rate_difference, tier_migration

TIERS = ["left", "silver", "gold"]


def simulated(rng, n=3000, lift=0.0):
    """Customers that rise and fall by themselves, and rise more in the program; simulated."""
    arm = rng.choice(["program", "holdout"], n)
    before = rng.integers(1, 3, n)
    step = np.where(rng.random(n) < 0.2, -1, 0)
    step = np.where(rng.random(n) < 0.15 + lift * (arm == "program"), 1, step)
    after = np.clip(before + step, 0, 2)
    return pd.DataFrame({"arm": arm, "tier_before": np.array(TIERS)[before], "tier_after": np.array(TIERS)[after]})


def test_by_hand():
    frame = pd.DataFrame(
        {
            "arm": ["program"] * 4 + ["holdout"] * 4,
            "tier_before": ["silver", "silver", "silver", "gold", "silver", "silver", "gold", "gold"],
            "tier_after": ["gold", "gold", "left", "gold", "silver", "gold", "silver", "left"],
        }
    )
    found = tier_migration(frame, TIERS)
    np.testing.assert_allclose(
        found.matrix("program"), [[np.nan] * 3, [1 / 3, 0, 2 / 3], [0, 0, 1]], err_msg="rows are tiers before"
    )
    np.testing.assert_allclose(found.matrix("holdout"), [[np.nan] * 3, [0, 0.5, 0.5], [0.5, 0.5, 0]])
    effects = found.effects.set_index(["metric", "segment"])
    assert effects.loc[("rose", "all"), "difference"] == 2 / 4 - 1 / 4
    assert effects.loc[("fell", "all"), "difference"] == 1 / 4 - 2 / 4
    # Steps: 1 + 1 - 1 + 0 and 0 + 1 - 1 - 2.
    assert effects.loc[("steps", "all"), "difference"] == 1 / 4 + 2 / 4
    expected = rate_difference(2, 3, 1, 2)
    assert effects.loc[("rose", "silver"), ["low", "high"]].tolist() == [expected.low, expected.high]
    assert "66.7%" in found._repr_html_()


def test_shares_sum_to_one():
    moves = tier_migration(simulated(np.random.default_rng(0)), TIERS).moves
    sums = moves.groupby(["arm", "before"])["share"].sum(min_count=1)
    assert sums.dropna().tolist() == pytest.approx([1.0] * 4)
    assert moves.groupby("arm")["n"].sum().sum() == 3000


def test_a_planted_effect_is_held_and_what_they_do_by_themselves_is_none():
    rng, runs = np.random.default_rng(1), 70
    held = np.zeros(2)
    for _ in range(runs):
        for i, lift in enumerate((0.0, 0.1)):
            effects = tier_migration(simulated(rng, 1000, lift), TIERS).effects.set_index(["metric", "segment"])
            row = effects.loc[("rose", "silver")]
            held[i] += row["low"] <= lift <= row["high"]
    assert (np.abs(held / runs - 0.95) < 4 * np.sqrt(0.95 * 0.05 / runs)).all()


def test_what_is_not_allowed_is_refused():
    frame = simulated(np.random.default_rng(2), 50)
    with pytest.raises(InputError, match="frame.tier_after must be one of 'silver', 'gold'; "):
        tier_migration(frame.assign(tier_before="gold"), TIERS[1:])
    with pytest.raises(InputError, match=r"tiers must be two or more that differ; got \['gold', 'gold'\]"):
        tier_migration(frame, ["gold", "gold"])
    with pytest.raises(InputError, match="baseline must be one of 'holdout', 'program'; got 'control'"):
        tier_migration(frame, TIERS, baseline="control")
    with pytest.raises(InputError, match="arm must be one of 'holdout', 'program'; got 'agent'"):
        tier_migration(frame, TIERS).matrix("agent")
