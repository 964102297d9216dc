"""A change is found, and where there is none there is silence."""

import numpy as np
import pytest

from nbo.policies.change_detector import ChangeDetector


def _stream(rng, rates, n, start=0):
    segments = rng.integers(0, len(rates), n)
    return np.arange(start, start + n), segments, (rng.random(n) < rates[segments]).astype(float)


def test_no_alarm_where_nothing_changes():
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(30):
        detector = ChangeDetector(12.0)
        detector.fold(*_stream(rng, rng.beta(4, 96, 20), 20_000))
        alarms += len(detector.changes)
    assert alarms == 0


@pytest.mark.parametrize(("factor", "up"), [(2.5, True), (0.3, False)])
def test_finds_a_change_and_when_it_began(factor, up):
    rng = np.random.default_rng(1)
    rates = rng.beta(4, 96, 20)
    detector = ChangeDetector(12.0)
    detector.fold(*_stream(rng, rates, 15_000))
    detector.fold(*_stream(rng, factor * rates, 15_000, start=15_000))
    change = detector.changes[0]
    assert change.up == up
    assert 14_000 <= change.since <= 16_500
    assert 15_000 < change.noticed < 22_000
    assert len(detector.changes) == 1


def test_batches_and_the_order_within_a_moment_change_nothing():
    rng = np.random.default_rng(2)
    times, segments, rewards = _stream(rng, np.array([0.05, 0.2]), 9_000)
    times = times // 40
    rewards[times > 120] = 0.0
    whole = ChangeDetector(8.0)
    whole.fold(times, segments, rewards)
    parts = ChangeDetector(8.0)
    order = np.lexsort([rng.random(len(times)), times])
    for start in range(0, len(times), 701):
        rows = order[start : start + 701]
        parts.fold(times[rows], segments[rows], rewards[rows])
    assert len(whole.changes) >= 1
    assert parts.changes == whole.changes


def test_the_residual_of_a_block_by_hand():
    # After no decision 4 % are expected, worth 50: blocks of 131, of which the 132nd closes the first.
    detector = ChangeDetector(0.5)
    detector.fold(np.arange(140), np.zeros(140, dtype=int), np.r_[np.ones(20), np.zeros(120)])
    n, rate = 131, 0.04
    variance = n * rate * 0.96 + n**2 * rate * 0.96 / 51 + n**2 * rate * 0.96 / 50
    statistic = (20 - n * rate) / np.sqrt(variance) - 0.5
    np.testing.assert_allclose(detector.changes[0].statistic, statistic)
    assert (detector.changes[0].since, detector.changes[0].noticed) == (0, 130)


def test_nothing_in_nothing_out():
    detector = ChangeDetector(12.0)
    detector.fold(np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros(0))
    assert detector.changes == []
