"""Rows grouped by segment and eligible offers."""

import numpy as np
import pytest

from nbo.policies.groups import group_rows


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
