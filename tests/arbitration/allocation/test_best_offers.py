"""The best offers at prices, beside a plain loop."""

from __future__ import annotations

import numpy as np
import pytest

from nbo.arbitration.allocation.best_offers import best_offers, near_offers


def plain(worth: np.ndarray, slots: int) -> tuple[list[int], float, float]:
    """Offers taken, their sum, and the smallest change of prices that changes what is taken."""
    order = sorted(range(len(worth)), key=lambda j: (-worth[j], j))
    taken = [j for j in order[:slots] if worth[j] > 0]
    rest = [worth[j] for j in order if j not in taken]
    best_left = max(rest, default=-np.inf)
    if len(taken) == slots:
        margin = worth[taken[-1]] - max(best_left, 0)
    else:
        margin = min(worth[taken[-1]] if taken else np.inf, -best_left)
    return taken + [-1] * (slots - len(taken)), float(worth[taken].sum()), float(margin)


@pytest.mark.parametrize("slots", [1, 2, 4])
def test_best_offers_are_those_of_a_plain_loop(slots):
    rng = np.random.default_rng(slots)
    worth = rng.normal(0, 1, (4, 500))
    worth[rng.random((4, 500)) < 0.3] = -np.inf
    found = best_offers(worth.copy(), slots)
    for i in range(500):
        taken, total, margin = plain(worth[:, i], slots)
        assert found.top[:, i].tolist() == taken
        assert found.surplus[i] == pytest.approx(total)
        assert found.margin[i] == pytest.approx(margin)


@pytest.mark.parametrize("slots", [1, 2, 3])
def test_who_is_not_near_keeps_all_offers_whatever_prices_do(slots):
    rng = np.random.default_rng(slots)
    worth, spread = rng.normal(0, 1, (5, 400)), rng.uniform(0, 0.2, (5, 400))
    top, near = near_offers(worth.copy(), spread, slots)
    assert 0 < near.sum() < 400
    for _ in range(200):
        moved = best_offers(worth + spread * rng.choice([-1.0, 1.0], worth.shape), slots).top
        assert (np.sort(moved[:, ~near], axis=0) == np.sort(top[:, ~near], axis=0)).all()
