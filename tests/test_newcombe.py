"""Newcombe's intervals against his table."""

import numpy as np
import pytest

from nbo.newcombe import newcombe_interval


@pytest.mark.parametrize(
    ("one", "two", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_published_intervals(one, two, low, high):
    found = newcombe_interval(*one, *two)
    assert [float(round(bound, 4)) for bound in map(float, found)] == [low, high]


def test_many_at_once_and_no_cases():
    low, high = newcombe_interval(np.array([56, 0]), np.array([70, 0]), np.array([48, 3]), np.array([80, 9]))
    np.testing.assert_allclose([low[0], high[0]], [0.0524, 0.3339], atol=5e-5)
    assert np.isnan([low[1], high[1]]).all()
