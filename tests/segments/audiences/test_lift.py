"""Lifts: by hand, and how often their intervals hold the truth."""

import numpy as np
import pytest

from nbo.segments.audiences.lift import measure_lift


def test_by_hand():
    inside = np.repeat([True, False], [20, 60])
    reward = np.r_[np.ones(6), np.zeros(14), np.ones(4), np.zeros(56)]
    lift = measure_lift(inside, reward, np.ones(80))
    assert (lift.rate, lift.rate_outside) == (6 / 20, 4 / 60)
    assert lift.lift == pytest.approx((6 / 10) / (20 / 80))
    assert lift.n == 20
    # The error of log(share / size) to first order, summed by kinds of answers.
    share, size = 6 / 10, 20 / 80
    kinds = [(6, 1, 1), (14, 1, 0), (4, 0, 1), (56, 0, 0)]
    variance = sum(n * (y * (g - share) / (share * 10) - (g - size) / (size * 80)) ** 2 for n, g, y in kinds)
    n = (1 - share) / (share * variance)
    z = 1.959963984540054
    spread = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    bounds = [(share + z**2 / (2 * n) + sign * spread) / (1 + z**2 / n) / size for sign in (-1, 1)]
    assert [lift.low, lift.high] == pytest.approx(bounds)


def test_weights_count_as_copies():
    rng = np.random.default_rng(0)
    inside, reward, copies = rng.random(400) < 0.3, (rng.random(400) < 0.2).astype(float), rng.integers(1, 4, 400)
    weighted = measure_lift(inside, reward, copies)
    repeated = measure_lift(np.repeat(inside, copies), np.repeat(reward, copies), np.ones(copies.sum()))
    assert (weighted.rate, weighted.lift) == pytest.approx((repeated.rate, repeated.lift))
    assert weighted.high - weighted.low > repeated.high - repeated.low  # copies are no new evidence


@pytest.mark.parametrize(
    ("inside", "reward"), [([], []), ([False, False], [1.0, 0.0]), ([True, False], [0.0, 0.0]), ([True], [1.0])]
)
def test_thin_answers_give_no_errors(inside, reward):
    lift = measure_lift(np.array(inside, dtype=bool), np.array(reward), np.ones(len(reward)))
    assert lift.low <= 1 <= lift.high
    assert np.isnan(lift.lift) == (not any(inside) or not any(reward))


@pytest.mark.parametrize(
    ("rate", "rate_outside", "probability"), [(0.10, 0.04, None), (0.3, 0.3, None), (0.12, 0.05, "uneven")]
)
def test_intervals_hold_the_truth_95_percent(rate, rate_outside, probability):
    rng = np.random.default_rng(7)
    runs, n, held = 1500, 1200, 0
    truth = rate / (0.25 * rate + 0.75 * rate_outside)
    for _ in range(runs):
        inside = rng.random(n) < 0.25
        made = np.where(rng.random(n) < 0.5, 0.8, 0.25) if probability else np.ones(n)
        kept = rng.random(n) < made
        reward = (rng.random(n) < np.where(inside, rate, rate_outside)).astype(float)
        lift = measure_lift(inside[kept], reward[kept], 1 / made[kept])
        held += lift.low <= truth <= lift.high
    assert abs(held / runs - 0.95) < 4 * np.sqrt(0.95 * 0.05 / runs)
