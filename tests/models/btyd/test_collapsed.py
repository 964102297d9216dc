"""Equal rows merged, by each of the ways that large and small tables take."""

from __future__ import annotations

import numpy as np
import pytest

from nbo.models.btyd.collapsed import collapse


@pytest.mark.parametrize("n", [7, 30_000])
@pytest.mark.parametrize("far", [1.0, 1e15])
def test_merged_rows_are_all_rows(n, far):
    rng = np.random.default_rng(0)
    columns = {
        "whole": rng.integers(-3, 5, n).astype(float),
        "grid": rng.integers(0, 50, n) / 7,
        "any": rng.random(n).round(2) * far,
    }
    weight = rng.random(n)
    merged = collapse(columns, weight)
    rows = np.column_stack(list(columns.values()))
    expected, inverse = np.unique(rows, axis=0, return_inverse=True)
    np.testing.assert_array_equal(merged.matrix(list(columns)), expected)
    np.testing.assert_array_equal(merged.inverse, inverse)
    np.testing.assert_allclose(merged.weight, np.bincount(inverse, weights=weight))
    for name in columns:
        np.testing.assert_array_equal(merged.levels[name][merged.codes[name]], merged[name])
        np.testing.assert_array_equal(merged[name][merged.inverse], columns[name])


def test_many_levels_do_not_overflow():
    n = 25_000
    rng = np.random.default_rng(1)
    columns = {name: rng.random(n) for name in "abcdef"}
    merged = collapse({name: np.append(values, values) for name, values in columns.items()})
    assert len(merged) == n
    assert merged.weight.tolist() == [2.0] * n
