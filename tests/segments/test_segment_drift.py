"""Segments follow change: the drift table, and chance alone gives no alarm beyond the stated level."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features.column_drift import population_stability
from nbo.segments import migration_matrix, segment_drift

NAMES = np.array(["a", "b", "c", "d"])
SHARES = [0.5, 0.3, 0.15, 0.05]


def moved(rng, labels, rate):
    """Let some customers draw a segment anew, from shares that do not change."""
    return np.where(rng.random(len(labels)) < rate, rng.choice(NAMES, len(labels), p=SHARES), labels)


def test_the_table_by_hand():
    before = pd.Series(list("aaaabbbb"), index=range(8))
    after = pd.Series(list("aabbbb") + list("bc"), index=[*range(6), 8, 9])
    table = segment_drift(before, after).table.set_index("segment")
    assert table[["n_before", "n_after"]].values.tolist() == [[4, 2], [4, 5], [0, 1]]
    assert table["change"].tolist() == [2 / 8 - 4 / 8, 5 / 8 - 4 / 8, 1 / 8]
    assert table["stayed"].tolist()[:2] == [2 / 4, 2 / 2]
    assert table["left_to"].tolist()[:2] == ["b", "left"]
    assert table["came_from"].tolist()[1:] == ["a", "entered"]
    assert table["came_from"].isna().tolist()[0]


def test_the_standard_error_is_that_of_a_plain_loop():
    rng = np.random.default_rng(2)
    before = pd.Series(rng.choice(NAMES, 400, p=SHARES), index=range(400))
    after = pd.Series(moved(rng, before.to_numpy(), 0.3), index=range(400)).iloc[100:]
    after = pd.concat([after, pd.Series(rng.choice(NAMES, 50), index=range(400, 450))])
    drift = segment_drift(before, after, level=0.9)
    row = drift.table.set_index("segment").loc["b"]
    p0, p1, n0, n1 = (before == "b").mean(), (after == "b").mean(), len(before), len(after)
    terms = []
    for one in range(450):
        term = ((after[one] == "b") - p1) / n1 if one in after.index else 0.0
        terms.append(term - (((before[one] == "b") - p0) / n0 if one in before.index else 0.0))
    # One move each way, and one customer each in and out among those who went and those who came.
    terms += [-p1 / n1 - (1 - p0) / n0, (1 - p1) / n1 + p0 / n0]
    terms += [(1 - p0) / n0, p0 / n0, (1 - p1) / n1, p1 / n1]
    expected = np.sqrt(np.sum(np.square(terms)))
    assert (row["high"] - row["low"]) / 2 == pytest.approx(1.6448536 * expected, rel=1e-6)
    assert row["change"] == pytest.approx(p1 - p0)


@pytest.mark.parametrize(("same", "rate"), [(300, 0.02), (300, 0.5), (150, 0.5), (0, 0.5)])
def test_chance_alone_gives_no_alarm_beyond_the_level(same, rate):
    rng, alarms, runs = np.random.default_rng(11), 0, 150
    for _ in range(runs):
        before = pd.Series(rng.choice(NAMES, 300, p=SHARES), index=range(300))
        stay = pd.Series(moved(rng, before.to_numpy(), rate), index=range(300)).iloc[300 - same :]
        come = pd.Series(rng.choice(NAMES, 300 - same, p=SHARES), index=range(300, 600 - same))
        alarms += bool(segment_drift(before, pd.concat([stay, come])).alarms)
    # At most 5 % of the runs, within 3 standard errors.
    assert alarms / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


def test_a_planted_change_is_told():
    rng = np.random.default_rng(1)
    before = pd.Series(rng.choice(NAMES, 2000, p=SHARES))
    after = before.mask((before == "a") & (rng.random(2000) < 0.1), "b")
    drift = segment_drift(before, after)
    assert drift.alarms == ["a", "b"]
    row = drift.table.set_index("segment").loc["b"]
    assert row["low"] < 0.05 < row["high"]
    assert row["came_from"] == "a"
    n = drift.moves.counts.to_numpy()
    assert drift.psi == pytest.approx(population_stability(n[:-1].sum(axis=1), n[:, :-1].sum(axis=0)))
    assert "more than chance: a, b" in drift._repr_html_()


def test_without_change_nothing_is_told():
    labels = pd.Series(list("aabbc") * 20)
    drift = segment_drift(labels, labels)
    assert (drift.alarms, drift.psi) == ([], 0.0)
    assert drift.table["stayed"].tolist() == [1.0, 1.0, 1.0]
    assert drift.table["left_to"].isna().all()
    pd.testing.assert_frame_equal(drift.moves.counts, migration_matrix(labels, labels).counts)


def test_other_names_are_matched_on_demand():
    labels = pd.Series(list("aabbc") * 20)
    other = labels.map({"a": "b", "b": "c", "c": "a"})
    assert segment_drift(labels, other).alarms == ["a", "c"]
    drift = segment_drift(labels, other, match=True)
    assert drift.alarms == []
    assert drift.names.names == {"b": "a", "c": "b", "a": "c"}


def test_features_that_drift_within_a_segment_are_told():
    rng = np.random.default_rng(5)
    labels = pd.Series(rng.choice(["a", "b"], 2000))
    X = pd.DataFrame({"x": rng.normal(size=2000), "y": rng.normal(size=2000)})
    later = pd.DataFrame({"x": rng.normal(size=2000) + (labels == "b"), "y": rng.normal(size=2000)})
    found = segment_drift(labels, labels, X, later).features.set_index(["segment", "feature"])
    assert found["psi"].idxmax() == ("b", "x")
    assert (found["p_adjusted"] < 0.05).sum() == 1
    with pytest.raises(InputError, match="X_after must have one row for each of the 2000 rows of after; got 9"):
        segment_drift(labels, labels, X, later[:9])


def test_nobody_at_one_of_the_moments():
    drift = segment_drift(pd.Series(dtype="str"), pd.Series(["a"]))
    assert drift.table["change"].isna().all()
    assert drift.alarms == []
    assert len(segment_drift([], []).table) == 0


def test_names_of_segments_are_no_markup():
    drift = segment_drift(["<script>"] * 50, ["other"] * 50)
    assert "<script>" in drift.alarms
    assert "<script>" not in drift._repr_html_()


def test_features_in_another_order_than_labels_are_refused():
    labels = pd.Series(["a", "b"] * 20, index=[f"c{i}" for i in range(40)])
    X = pd.DataFrame({"visits": range(40)}, index=labels.index)
    assert segment_drift(labels, labels, X, X).features["psi"].tolist() == [0, 0]
    with pytest.raises(InputError, match="X_after must be in the order of the rows of after"):
        segment_drift(labels, labels, X, X[::-1])
