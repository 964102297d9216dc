import numpy as np
import pandas as pd

from nbo.simulate.clock import NEVER, Clock, KeyedMoments


def test_counts_are_those_of_a_plain_loop():
    rng = np.random.default_rng(2)
    clock = Clock(pd.Timestamp("2025-01-01"), 3)
    keys, seconds = rng.integers(0, 5, 300), rng.integers(0, clock.end, 300)
    asked, low = rng.integers(0, 6, 200), rng.integers(-clock.end, clock.end, 200)
    high = low + rng.integers(0, clock.end, 200)
    slow = [sum(low[i] <= s < high[i] for k, s in zip(keys, seconds, strict=True) if k == asked[i]) for i in range(200)]
    assert KeyedMoments(keys, seconds, clock).count(asked, low, high).tolist() == slow


def test_seconds_round_up_and_times_come_back():
    clock = Clock(pd.Timestamp("2025-01-01"), 3)
    given = ["2025-01-01", "2025-01-01 00:00:00.000001", "2025-01-02 00:00:01", "2025-01-04"]
    assert clock.seconds(given, 4).tolist() == [0, 1, 86_401, 259_200]
    times = clock.times(np.array([0, NEVER, -60]))
    assert times[0] == np.datetime64("2025-01-01")
    assert np.isnat(times[1])
    assert times[2] == np.datetime64("2024-12-31T23:59:00")
