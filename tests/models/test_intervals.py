from __future__ import annotations

import numpy as np
import pytest

from nbo.errors import InputError
from nbo.models.intervals import DecileIntervals


def test_order_statistic_by_hand():
    intervals = DecileIntervals(bins=1).fit(np.full(9, 1.0), np.arange(1.0, 10.0))
    # Ranks floor(0.25 x 10) = 2 and ceil(0.75 x 10) = 8 of the outcomes 1 ... 9.
    assert intervals.quantile(np.array([1.0]), 0.25)[0] == pytest.approx(2.0)
    assert intervals.quantile(np.array([1.0]), 0.75)[0] == pytest.approx(8.0)


def test_few_rows_give_zero_below_and_the_largest_above():
    intervals = DecileIntervals().fit(np.full(3, 1.0), np.array([1.0, 2.0, 3.0]))
    assert intervals.quantile(np.array([1.0]), 0.01)[0] == 0.0
    assert intervals.quantile(np.array([1.0]), 0.99)[0] == pytest.approx(3.0)


def test_coverage_holds_in_every_decile():
    rng = np.random.default_rng(0)
    prediction = rng.lognormal(2, 1, 40_000)
    # The spread grows faster than the mean, so one width for all would fail at the top.
    actual = prediction * rng.lognormal(-0.5, 0.3 + 0.2 * np.log1p(prediction))
    intervals = DecileIntervals().fit(prediction[:20_000], actual[:20_000])
    p, a = prediction[20_000:], actual[20_000:]
    decile = np.searchsorted(np.quantile(p, np.arange(1, 10) / 10), p)
    for q in (0.1, 0.5, 0.9):
        covered = [(a <= intervals.quantile(p, q))[decile == i].mean() for i in range(10)]
        # Two thousand rows on either side: four standard errors of their difference.
        assert np.abs(np.array(covered) - q).max() < 4 * np.sqrt(2 * q * (1 - q) / 2000)


def test_long_lists_of_outcomes_are_thinned():
    rng = np.random.default_rng(0)
    actual = rng.random(50_000)
    intervals = DecileIntervals(bins=1).fit(np.ones(50_000), actual)
    assert len(intervals.ratios_[0]) == 999
    assert intervals.quantile(np.array([1.0]), 0.9)[0] == pytest.approx(np.quantile(actual, 0.9), abs=0.002)


def test_same_predictions_share_one_group():
    intervals = DecileIntervals().fit(np.zeros(1000), np.zeros(1000))
    assert intervals.quantile(np.zeros(2), 0.9).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("q", [0, 1, -0.1, np.nan])
def test_quantiles_outside_their_range_are_refused(q):
    with pytest.raises(InputError, match=r"quantiles must be in \(0, 1\)"):
        DecileIntervals().fit(np.ones(3), np.ones(3)).quantile(np.ones(1), q)
