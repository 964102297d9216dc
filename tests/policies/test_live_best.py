"""Probabilities that follow single answers, against quadrature from nothing."""

import numpy as np
import pytest

from nbo.policies.best import probability_of_best
from nbo.policies.floors import with_floor
from nbo.policies.live_best import LiveBest


def _exact(alpha, beta, values, costs, eligible, least=0.0):
    best = probability_of_best(alpha[None], beta[None], values, costs, eligible[None])
    return with_floor(best, eligible[None], least)[0]


def _play(live, alpha, beta, rates, rng, steps):
    """Draw, answer, and move, as a policy does; count an answer twice, as it does by default."""
    for _ in range(steps):
        offer, probability = live.draw(rng.random())
        assert 0 < probability <= 1
        accepted = rng.random() < rates[offer]
        alpha[offer] += 2 * accepted
        beta[offer] += 2 * (1 - accepted)
        live.move(offer, alpha[offer], beta[offer])


@pytest.mark.parametrize("k", [2, 10, 50])
def test_stays_near_the_exact_probabilities(k):
    rng = np.random.default_rng(k)
    rates, errors = rng.beta(4, 96, k), []
    alpha, beta = rng.uniform(0.5, 3, k), rng.uniform(20, 80, k)
    one, eligible = np.ones(k), np.ones(k, dtype=bool)
    live = LiveBest(alpha, beta, one, 0 * one, eligible, 0.0)
    for _ in range(25):
        _play(live, alpha, beta, rates, rng, 97)
        errors.append(np.abs(live.probabilities() - _exact(alpha, beta, one, 0 * one, eligible)).max())
    assert np.mean(errors) < 2e-3
    assert np.max(errors) < 1e-2


def test_values_costs_what_is_certain_and_the_floor():
    rng = np.random.default_rng(0)
    values, costs = np.array([40.0, 0.0, 5.0, 90.0, 12.0]), np.array([0.4, 0.0, 0.1, 2.0, 0.3])
    eligible = np.array([True, True, True, True, False])
    rates = np.array([0.01, 0.0, 0.3, 0.03, 0.9])
    alpha, beta = np.full(5, 2.0), np.full(5, 60.0)
    live = LiveBest(alpha, beta, values, costs, eligible, 0.02)
    for _ in range(15):
        _play(live, alpha, beta, rates, rng, 61)
        exact = _exact(alpha, beta, values, costs, eligible, 0.02)
        np.testing.assert_allclose(live.probabilities(), exact, atol=1e-2)
        assert live.probabilities()[4] == 0
        assert live.probabilities()[:4].min() >= 0.02 * 0.5


def test_moving_all_is_as_good_as_starting_anew():
    rng = np.random.default_rng(1)
    one, eligible = np.ones(6), np.ones(6, dtype=bool)
    live = LiveBest(np.full(6, 2.0), np.full(6, 50.0), one, 0 * one, eligible, 0.0)
    for _ in range(5):
        alpha, beta = rng.uniform(1, 40, 6), rng.uniform(100, 900, 6)
        live.move_all(alpha, beta)
        np.testing.assert_allclose(live.probabilities(), _exact(alpha, beta, one, 0 * one, eligible), atol=2e-3)


def test_only_what_is_certain_is_eligible():
    values, costs = np.array([0.0, 0.0, 3.0]), np.array([0.0, 1.0, 0.0])
    live = LiveBest(np.ones(3), np.ones(3), values, costs, np.array([True, True, False]), 0.0)
    assert live.probabilities().tolist() == [1.0, 0.0, 0.0]
    live.move(2, 5.0, 1.0)
    assert live.draw(0.999) == (0, 1.0)


def test_frequencies_are_the_stated_probabilities():
    rng = np.random.default_rng(2)
    n, outside = 20_000, 0
    for _ in range(20):
        k = int(rng.integers(2, 8))
        live = LiveBest(rng.uniform(1, 9, k), rng.uniform(20, 90, k), np.ones(k), np.zeros(k), np.ones(k, bool), 0.01)
        drawn = np.array([live.draw(u)[0] for u in rng.random(n)])
        stated = live.probabilities()
        error = np.abs(np.bincount(drawn, minlength=k) / n - stated)
        outside += (error > 4 * np.sqrt(stated * (1 - stated) / n)).sum()
    assert outside == 0


class _Counts:
    """Rates from counts, each answer counted twice."""

    def __init__(self, k):
        self.alpha, self.beta = np.full(k, 3.0), np.full(k, 70.0)

    def after(self, offer, more):
        return float(self.alpha[offer]), float(self.beta[offer] + 2 * more)


@pytest.mark.parametrize("k", [2, 10, 50])
def test_refusals_on_a_line_stay_near_the_exact_probabilities(k):
    rng = np.random.default_rng(k)
    rates, errors, taken = rng.beta(4, 96, k), [], 0
    counts, one, eligible = _Counts(k), np.ones(k), np.ones(k, dtype=bool)
    live = LiveBest(counts.alpha, counts.beta, one, 0 * one, eligible, 0.01 / k)
    for step in range(3_000):
        offer, probability = live.draw(rng.random())
        assert probability >= 0.01 / k
        accepted = rng.random() < rates[offer]
        counts.alpha[offer] += 2 * accepted
        counts.beta[offer] += 2 * (1 - accepted)
        if accepted or not live.refuse(offer, counts.after):
            for moved in {offer, *live.refused}:
                live.move(moved, *counts.after(moved, 0))
        else:
            taken += 1
        if step % 40 == 0:
            exact = _exact(counts.alpha, counts.beta, one, 0 * one, eligible, 0.01 / k)
            errors.append(np.abs(live.probabilities() - exact).max())
    assert taken > 1_500
    assert np.mean(errors) < 2e-3
    assert np.max(errors) < 1e-2


def test_what_is_drawn_while_refusals_are_on_a_line_has_the_stated_probability():
    counts, one, eligible = _Counts(3), np.ones(3), np.array([True, False, True])
    counts.beta[:] = 400.0
    live = LiveBest(counts.alpha, counts.beta, one, 0 * one, eligible, 0.02)
    for _ in range(7):
        counts.beta[2] += 2
        live.draw(0.5)
        assert live.refuse(2, counts.after)
        assert live.refused == [2]
        stated = live.probabilities()
        drawn = [live.draw(u) for u in np.linspace(0, 0.9999, 2_000)]
        assert {offer for offer, _ in drawn} == {0, 2}
        assert all(probability == pytest.approx(stated[offer], abs=1e-15) for offer, probability in drawn)
        assert np.mean([offer == 0 for offer, _ in drawn]) == pytest.approx(stated[0], abs=1e-3)
    assert live.refuse(1, counts.after)
    assert stated[1] == 0.0
