"""Winners by segment: planted ones are found, and none is named where there is none."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.experiments import always_valid, analyze_experiment, best_variants

VARIANTS = ["price", "story", "trust"]


def simulated(rng, n, rates):
    """Answers to three variants by segment, simulated; the rates are planted."""
    frame = pd.DataFrame({"arm": rng.choice(VARIANTS, n), "segment": rng.choice(list(rates), n)})
    rate = [rates[segment][VARIANTS.index(arm)] for arm, segment in frame.itertuples(index=False)]
    return frame.assign(reward=(rng.random(n) < rate).astype(float))


@pytest.mark.parametrize("any_time", [False, True])
def test_planted_winners_are_found(any_time):
    rates = {"new": (0.05, 0.15, 0.05), "old": (0.10, 0.10, 0.10), "vip": (0.20, 0.10, 0.05)}
    found = best_variants(simulated(np.random.default_rng(0), 12_000, rates), any_time=any_time, planned=3000)
    assert found["segment"].tolist() == ["new", "old", "vip"]
    assert found["winner"].fillna("none").tolist() == ["story", "none", "price"]
    assert (found["difference"] > 0).all()


def test_a_row_is_made_of_its_comparisons():
    frame = simulated(np.random.default_rng(1), 900, {"new": (0.2, 0.3, 0.25), "old": (0.2, 0.2, 0.2)})
    row = best_variants(frame).set_index("segment").loc["new"]
    own = frame[frame["segment"] == "new"]
    each = analyze_experiment(own, baseline=row["best"]).set_index("arm")
    assert row["mean"] == own.groupby("arm")["reward"].mean().max()
    assert row["runner_up"] == each["p_value"].idxmax()
    assert row["p_value"] == min(2 * each["p_value"].max(), 1)
    assert (row["low"], row["high"]) == tuple(-each.loc[row["runner_up"], ["high", "low"]])
    now = best_variants(frame, by=None, any_time=True, planned=300).iloc[0]
    looks = always_valid(frame, baseline=now["best"], planned=300)
    assert now["p_value"] == min(2 * looks.groupby("arm")["p_value"].last().max(), 1)


def test_no_winner_among_equal_ones():
    rng, runs = np.random.default_rng(2), 100
    wrong = [
        best_variants(simulated(rng, 900, {"a": [0.1] * 3, "b": [0.1] * 3}))["winner"].notna().any()
        for _ in range(runs)
    ]
    assert np.mean(wrong) <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / runs)


def test_of_two_equal_best_ones_none_wins():
    rng, runs = np.random.default_rng(3), 100
    frames = [simulated(rng, 1500, {"a": [0.02, 0.2, 0.2]}) for _ in range(runs)]
    wrong = [best_variants(frame)["winner"].notna().any() for frame in frames]
    assert np.mean(wrong) <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / runs)


def test_small_segments_one_variant_and_equal_means():
    frame = simulated(np.random.default_rng(4), 300, {"a": [0.1] * 3})
    small = pd.concat([frame, pd.DataFrame({"arm": ["price"], "segment": "tiny", "reward": 1.0})])
    row = best_variants(small).set_index("segment").loc["tiny"]
    assert row.isna().all()
    only = best_variants(frame.assign(arm="price"))
    assert only["best"].tolist() == ["price"]
    assert only["winner"].isna().all()
    equal = best_variants(frame.assign(reward=1.0), by=None).iloc[0]
    assert (equal["segment"], equal["best"], equal["p_value"]) == ("all", "price", 1)
    assert best_variants(frame.assign(reward=7.5), by=None)["p_value"].tolist() == [1]


def test_what_is_not_allowed_is_refused():
    frame = simulated(np.random.default_rng(5), 30, {"a": [0.1] * 3}).assign(customer_id=range(30))
    with pytest.raises(InputError, match="frame lacks the column 'region'"):
        best_variants(frame, by="region")
    with pytest.raises(InputError, match="are in several, first 7: "):
        best_variants(frame.assign(customer_id=7))
    with pytest.raises(InputError, match="frame.segment must be there in every row"):
        best_variants(frame.assign(segment=None))
