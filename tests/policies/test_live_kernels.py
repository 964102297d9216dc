"""Single decisions by compiled loops and by NumPy: the same but for rounding."""

import sys

import numpy as np
import pytest

from nbo.policies import SegmentThompson, live_loops
from nbo.policies.live_best import LiveBest
from nbo.policies.live_loops import LiveLoops
from nbo.policies.live_shares import LiveShares

SAME = {"rtol": 0.0, "atol": 1e-9}


@pytest.fixture
def compiled(monkeypatch):
    """Give a switch that turns the compiled loops on or off."""
    kernels = pytest.importorskip("nbo.policies.live_kernels")

    def switch(on):
        loops = LiveLoops()
        loops.kernels = kernels if on else None
        monkeypatch.setattr(loops, "ask", lambda: loops.kernels)
        monkeypatch.setattr("nbo.policies.live_shares.LOOPS", loops)

    return switch


def _counts(rng, k):
    n, mean = 10 ** rng.uniform(1.0, 4.0, k), rng.beta(4, 96, k)
    return mean * n + 1.0, (1 - mean) * n + 2.0


def test_sums_of_probabilities_changes_of_them_and_rows(compiled):
    rng = np.random.default_rng(0)
    for case in range(40):
        k = int(rng.integers(2, 30))
        alpha, beta = _counts(rng, k)
        # Alike, or each with a value of its own.
        values = np.ones(k) if case % 2 else rng.uniform(1, 9, k)
        row, floors = int(rng.integers(k)), np.linspace(0.0, 0.01, k)
        seen = []
        for on in (False, True):
            compiled(on)
            shares = LiveShares(alpha, beta, values, np.zeros(k), np.ones(k, dtype=bool))
            steps = shares.steps(floors, 0.99)
            changes, known = shares.change(row, alpha[row], beta[row] * 1.01, steps, floors, 0.99)
            adopted = shares.adopt(known)
            shares.move({row: (alpha[row], beta[row] * 1.02)})
            moved = shares.steps(floors, 0.99)
            shares.move_many(np.arange(k), alpha, beta * 1.01)
            seen.append((steps, changes, np.exp(known.logs), moved, shares.steps(floors, 0.99), adopted))
        for by_numpy, by_loops in zip(*seen, strict=True):
            np.testing.assert_allclose(by_loops, by_numpy, **SAME)


@pytest.mark.parametrize("alpha", [0.4, 1.0, 3.0])
def test_densities_without_a_bound_are_left_to_numpy(alpha, compiled):
    rates = np.array([alpha, 20.0]), np.array([3.0, 400.0])
    stated = []
    for on in (False, True):
        compiled(on)
        best = LiveBest(*rates, np.ones(2), np.zeros(2), np.ones(2, dtype=bool), 0.0)
        best.move(0, alpha, 3.5)
        best.move_all(rates[0], rates[1] * 1.2)
        stated.append(best.probabilities())
    np.testing.assert_allclose(*stated, **SAME)


def test_the_same_decisions_answer_by_answer(compiled):
    rng = np.random.default_rng(1)
    segments, uniforms, rates = rng.integers(0, 3, 3_000), rng.random(3_000), rng.beta(4, 96, (3, 8))
    accepted = rng.random(3_000)
    seen = []
    for on in (False, True):
        compiled(on)
        policy = SegmentThompson([f"o{offer}" for offer in range(8)], values=[1, 1, 1, 1, 2, 2, 2, 2])
        drawn = []
        for number, (segment, uniform) in enumerate(zip(segments.tolist(), uniforms.tolist(), strict=True)):
            eligible = [True] * 8 if number % 3 else [True, False] * 4
            offer, probability = policy.draw_one({"segment": f"s{segment}"}, uniform, eligible)
            reward = float(accepted[number] < rates[segment, int(offer[1])])
            policy.learn_one({"decision_id": number, "segment": f"s{segment}", "offer_id": offer, "reward": reward})
            drawn.append((int(offer[1]), probability))
        seen.append(np.array(drawn))
    np.testing.assert_array_equal(seen[0][:, 0], seen[1][:, 0])
    np.testing.assert_allclose(seen[1][:, 1], seen[0][:, 1], **SAME)


def test_loops_are_asked_for_often_before_they_are_compiled_and_numba_may_be_missing(monkeypatch):
    monkeypatch.setattr(live_loops, "_PAYS", 3)
    pytest.importorskip("numba")
    loops = LiveLoops()
    assert [loops.ask() is None for _ in range(4)] == [True, True, False, False]
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.delitem(sys.modules, "nbo.policies.live_kernels", raising=False)
    loops = LiveLoops()
    assert [loops.ask() for _ in range(5)] == [None] * 5
