"""The least probability of an offer, by hand."""

import numpy as np

from nbo.policies.floors import with_floor


def test_by_hand():
    best = np.array([[0.7, 0.3, 0.0], [0.0, 1.0, 0.0]])
    eligible = np.array([[True, True, True], [False, True, True]])
    # 1 - 3 * 0.1 is shared as stated on top of 0.1 each; then 1 - 2 * 0.1.
    expected = [[0.7 * 0.7 + 0.1, 0.7 * 0.3 + 0.1, 0.1], [0, 0.8 + 0.1, 0.1]]
    np.testing.assert_allclose(with_floor(best, eligible, 0.1), expected, rtol=1e-12)


def test_a_floor_above_an_even_share_is_an_even_share():
    stated = with_floor(np.array([[1.0, 0.0, 0.0]]), np.array([[True, True, False]]), 0.9)
    np.testing.assert_array_equal(stated, [[0.5, 0.5, 0]])


def test_a_floor_for_each_row():
    stated = with_floor(np.array([[1.0, 0.0]] * 2), np.ones((2, 2), dtype=bool), np.array([[0.0], [0.2]]))
    np.testing.assert_allclose(stated, [[1, 0], [0.8, 0.2]], rtol=1e-12)
