"""The tier migration matrix: its rows sum to 1."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.experiments import tier_migration
from nbo.segments import migration_matrix
from nbo.wilson import wilson_interval

BEFORE = pd.Series(["low", "low", "low", "high", "high", None], index=list("abcdef"))
AFTER = pd.Series(["high", "low", "low", "high", "low"], index=list("bcazf"))


def test_counts_shares_and_intervals_by_hand():
    found = migration_matrix(BEFORE, AFTER, ["low", "high"])
    # a, c stay low, b rises; d and e have left; z has entered high, f low.
    assert found.counts.loc["low"].tolist() == [2, 1, 0]
    assert found.counts.loc["high"].tolist() == [0, 0, 2]
    assert found.counts.loc["entered"].tolist() == [1, 1, 0]
    assert found.shares.loc["low"].tolist() == [2 / 3, 1 / 3, 0.0]
    low, high = wilson_interval(np.array([2]), np.array([3]))
    assert (found.low.loc["low", "low"], found.high.loc["low", "low"]) == (low[0], high[0])


def test_rows_sum_to_one_and_counts_to_the_customers():
    rng = np.random.default_rng(0)
    ids = rng.permutation(5000)
    before = pd.Series(rng.choice(["a", "b", "c"], 3000), index=ids[:3000])
    after = pd.Series(rng.choice(["a", "b", "d"], 3500), index=ids[1500:])
    found = migration_matrix(before, after)
    assert found.shares.loc[["a", "b", "c", "entered"]].sum(axis=1).tolist() == pytest.approx([1] * 4)
    assert found.shares.loc["d"].isna().all()
    assert found.counts.to_numpy().sum() == 5000
    by_loop = {(name, end): 0 for name in "abcd" for end in "abcd"}
    for one in set(before.index) & set(after.index):
        by_loop[before[one], after[one]] += 1
    assert all(found.counts.loc[start, end] == n for (start, end), n in by_loop.items())
    frame = found.to_frame()
    assert frame["n"].sum() == 5000
    assert frame.loc[(frame["before"] == "a") & (frame["after"] == "left"), "n"].item() == found.counts.loc["a", "left"]


def test_intervals_hold_the_true_share_as_often_as_stated():
    rng, held = np.random.default_rng(1), 0
    for _ in range(400):
        after = pd.Series(np.where(rng.random(200) < 0.1, "up", "same"))
        found = migration_matrix(pd.Series(["same"] * 200), after, level=0.9)
        held += found.low.loc["same", "up"] <= 0.1 <= found.high.loc["same", "up"]
    assert abs(held / 400 - 0.9) <= 4 * np.sqrt(0.09 / 400)


def test_it_agrees_with_the_tested_migration_of_an_experiment():
    rng = np.random.default_rng(2)
    before = rng.choice(["low", "high"], 300)
    after, arm = rng.choice(["low", "high"], 300), rng.choice(["program", "holdout"], 300)
    frame = pd.DataFrame({"arm": arm, "tier_before": before, "tier_after": after})
    tested = tier_migration(frame, ["low", "high"])
    own = arm == "program"
    shares = migration_matrix(before[own], after[own], ["low", "high"]).shares.loc[["low", "high"], ["low", "high"]]
    assert shares.to_numpy() == pytest.approx(tested.matrix("program").to_numpy())
    assert {"low", "high", "p_adjusted"} <= set(tested.effects)


def test_steady_state_of_two_tiers_by_hand():
    before = ["a"] * 10 + ["b"] * 10
    after = ["b"] * 1 + ["a"] * 9 + ["a"] * 3 + ["b"] * 7
    # .1 of a go, .3 of b come: a is three times as large.
    assert migration_matrix(before, after).steady_state().tolist() == pytest.approx([15, 5])


def test_steady_state_with_those_who_come_and_go_is_where_many_periods_lead():
    before = pd.Series(["a"] * 10 + ["b"] * 10)
    after = pd.Series(["a"] * 6 + ["b"] * 2 + [None] * 2 + ["b"] * 8 + ["a"] + [None] + ["a"] * 4)
    found = migration_matrix(before, after, ["a", "b"])
    n, shares = np.array([10.0, 10.0]), found.shares.to_numpy()[:2, :2]
    for _ in range(500):
        n = n @ shares + [4, 0]
    assert found.steady_state().tolist() == pytest.approx(n.tolist())


def test_there_is_no_steady_state_where_numbers_grow_or_tiers_never_mix():
    with pytest.raises(InputError, match="nobody ever leaves"):
        migration_matrix(pd.Series(["a"]), pd.Series(["a", "a"])).steady_state()
    with pytest.raises(InputError, match="never mix"):
        migration_matrix(["a", "b"], ["a", "b"]).steady_state()
    with pytest.raises(InputError, match="no single steady state"):
        migration_matrix([], []).steady_state()


def test_nobody_and_shown_tables():
    assert migration_matrix([], []).counts.shape == (1, 1)
    html = migration_matrix(BEFORE, AFTER)._repr_html_()
    assert "66.7% (" in html
    assert "entered" in repr(migration_matrix(BEFORE, AFTER))


def test_what_is_wrong_is_told():
    with pytest.raises(InputError, match="after must be one of 'a'; 1 of 1 rows is not"):
        migration_matrix(["a"], ["b"], ["a"])
    with pytest.raises(InputError, match="the index of before must be of customers, each once; 1 of 2"):
        migration_matrix(pd.Series(["a", "b"], index=["x", "x"]), AFTER)
    with pytest.raises(InputError, match="of the same customers; got 1 and 2 rows"):
        migration_matrix(["a"], ["a", "b"])
    with pytest.raises(InputError, match="none may be 'entered' or 'left'"):
        migration_matrix(["left"], ["left"])
    with pytest.raises(InputError, match=r"level must be in \(0, 1\)"):
        migration_matrix(["a"], ["a"], level=2)


def test_numbers_as_labels_are_the_same_with_and_without_gaps():
    before = pd.Series([1.0, 2.0, np.nan], index=["ann", "bob", "cy"])
    after = pd.Series([1, 1, 2], index=["ann", "bob", "cy"])
    assert migration_matrix(before, after).counts.to_numpy().tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 0]]


def test_ids_of_two_kinds_and_a_series_beside_an_array_are_refused():
    tiers = pd.Series(["a", "b"], index=[1, 2])
    with pytest.raises(InputError, match="must name customers in the same way; got 1 and '1'"):
        migration_matrix(tiers, tiers.set_axis(["1", "2"]))
    with pytest.raises(InputError, match="must both be series, whose index names the customers, or neither"):
        migration_matrix(tiers, ["a", "b"])
