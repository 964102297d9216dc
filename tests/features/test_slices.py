import numpy as np
import pytest

from nbo.features import slices
from nbo.features.slices import reduce_slices, slice_pairs
from nbo.features.windows import rows_before


def test_few_pairs_at_a_time_give_the_same_pairs(monkeypatch):
    low, high = np.array([0, 5, 5, 2]), np.array([4, 5, 9, 3])
    expected = [(owner, position) for owner in range(4) for position in range(low[owner], high[owner])]
    for pairs in (1, 3, 100):
        monkeypatch.setattr(slices, "_PAIRS", pairs)
        chunks = [list(zip(o.tolist(), p.tolist(), strict=True)) for o, p in slice_pairs(low, high)]
        assert sum(chunks, []) == expected


@pytest.mark.parametrize("seed", range(3))
def test_few_pairs_at_a_time_give_the_same_history(seed, monkeypatch, tables_of, spine_of):
    frame, spine = tables_of(seed).columns("transactions"), spine_of(seed).frame
    whole = rows_before(frame, spine)
    monkeypatch.setattr(slices, "_PAIRS", 5)
    pieces = rows_before(frame, spine)
    for name in ("rows", "times", "first", "end"):
        np.testing.assert_array_equal(getattr(pieces, name), getattr(whole, name))


def test_slices_may_overlap_and_come_in_any_order():
    values = np.array([1.0, 2.0, 4.0, 8.0])
    low, high = np.array([2, 0, 1, 3, 0]), np.array([4, 4, 2, 3, 1])
    assert reduce_slices(np.add, values, low, high, 0.0).tolist() == [4 + 8, 1 + 2 + 4 + 8, 2, 0, 1]
    assert reduce_slices(np.add, values[:0], low[:0], high[:0], 0.0).tolist() == []
