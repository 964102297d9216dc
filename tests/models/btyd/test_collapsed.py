"""Equal rows merged, by each of the ways that large and small tables take."""

from __future__ import annotations

import numpy as np
import pytest

from nbo.models.btyd.collapsed import collapse


@pytest.mark.parametrize("n", [7, 30_000])
@pytest.mark.parametrize("far", [1.0, 1e15])
def test_merged_rows_are_all_rows(n, far):
    rng = np.random.default_rng(0)
    # A column may be on a grid, or fall off it in its last rows.
    columns = {
        "whole": rng.integers(-3, 5, n).astype(float),
        "weeks": rng.integers(0, 50, n) / 7,
        "months": rng.integers(0, 50, n) / 30.4375,
        "cents": rng.integers(-50, 900, n) / 100,
        "late": np.where(np.arange(n) < n - 2, 1.0, 1 / 3),
        "any": rng.random(n).round(1) * far,
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


@pytest.mark.parametrize("values", [[1e300, -1e300, 0.0], [2.0**53, 2.0**53 + 2, 1e308], [0.0, -0.0, 1.0], []])
def test_numbers_of_any_size_are_merged(values):
    merged = collapse({"x": np.array(values), "y": np.ones(len(values))})
    assert merged["x"].tolist() == sorted(set(values))
    assert merged["x"][merged.inverse].tolist() == values


def test_levels_of_some_rows_are_those_of_all():
    merged = collapse({"x": np.array([3.0, 1.0, 2.0, 1.0]), "y": np.array([0.25, 1 / 3, 0.5, 0.25])})
    assert merged["x"].tolist() == [1.0, 1.0, 2.0, 3.0]
    part = merged.part(np.array([False, True, False, True]))
    assert part.levels["x"].tolist() == [1.0, 2.0, 3.0]
    assert part.codes["x"].tolist() == [0, 2]
    assert merged.levels["y"][merged.codes["y"]].tolist() == merged["y"].tolist() == [0.25, 1 / 3, 0.5, 0.25]
