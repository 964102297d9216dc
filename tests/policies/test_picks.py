"""A stated probability becomes a choice."""

import numpy as np

from nbo.policies.picks import picked_columns


def test_by_hand():
    stated = np.array([[0.2, 0.0, 0.8]] * 4)
    assert picked_columns(stated, np.array([0.0, 0.1999, 0.2, 0.9999])).tolist() == [0, 0, 2, 2]


def test_never_what_has_no_probability():
    stated = np.array([[0.0, 1 - 1e-12, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    for uniform in (0.0, 0.5, np.nextafter(1.0, 0.0)):
        assert picked_columns(stated, np.full(3, uniform)).tolist() == [1, 2, 0]


def test_as_often_as_stated():
    stated = np.random.default_rng(0).dirichlet(np.ones(5))
    n = 50_000
    chosen = picked_columns(np.tile(stated, (n, 1)), np.random.default_rng(1).random(n))
    far = np.abs(np.bincount(chosen, minlength=5) / n - stated)
    assert (far < 4 * np.sqrt(stated * (1 - stated) / n)).all()
