"""Rows grouped by segment and eligible offers."""

import numpy as np
import pytest

from nbo.policies.groups import equal_rows, group_rows


@pytest.mark.parametrize("k", [1, 8, 57, 130])
def test_groups_are_those_of_a_plain_loop(k):
    rng = np.random.default_rng(k)
    patterns = rng.random((5, k)) < 0.5
    eligible = patterns[rng.integers(5, size=200)]
    segments = np.array(["a", "b", "c"], dtype=object)[rng.integers(3, size=200)]
    group, first = group_rows(segments, eligible)
    seen: dict[tuple, int] = {}
    expected = [seen.setdefault((s, e.tobytes()), len(seen)) for s, e in zip(segments, eligible, strict=True)]
    assert group.tolist() == expected
    assert [expected.index(number) for number in range(len(seen))] == first.tolist()


def test_no_rows_make_no_groups():
    group, first = group_rows(np.array([], dtype=object), np.zeros((0, 3), bool))
    assert (len(group), len(first)) == (0, 0)


@pytest.mark.parametrize("p", [0, 1, 3, 40])
def test_equal_rows_are_those_of_a_plain_loop(p):
    rng = np.random.default_rng(p)
    matrix = rng.choice([0.0, -0.0, 0.1, 1 / 3, 1e300], size=(200, p))
    group, first = equal_rows(matrix)
    seen: dict = {}
    by_hand = [seen.setdefault(tuple(row + 0.0), len(seen)) for row in matrix]
    assert group.tolist() == by_hand
    assert first.tolist() == [by_hand.index(number) for number in range(len(seen))]


def test_rows_that_meet_in_one_code_are_kept_apart(monkeypatch):
    # Whatever is multiplied by 0 and shifted is 0: all rows meet.
    monkeypatch.setattr("nbo.policies.groups._ODD", np.uint64(0))
    group, first = equal_rows(np.array([[2.0], [1.0], [2.0]]))
    assert group[0] == group[2] != group[1]
    assert sorted(first.tolist()) == [0, 1]


def test_no_rows_have_no_groups():
    group, first = equal_rows(np.empty((0, 4)))
    assert group.tolist() == first.tolist() == []
