from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.models.holdout import choose_parts

TARGET = np.tile([0.0, 1.0], 500)
TIMES = np.datetime64("2026-01-01", "us") + np.arange(1000) * np.timedelta64(1, "D")


def test_later_rows_are_the_latest_in_any_order():
    order = np.random.default_rng(0).permutation(1000)
    parts = choose_parts(TARGET, 0.2, 0, TIMES[order])
    assert parts.later.sum() == 200
    assert TIMES[order][parts.later].min() > TIMES[order][parts.train | parts.stop].max()


def test_rows_that_stop_are_earlier_ones():
    parts = choose_parts(TARGET, 0.2, 0, TIMES)
    assert parts.stop.sum() == 160
    assert not (parts.stop & (parts.train | parts.later)).any()


def test_rows_whose_label_window_reaches_into_the_later_rows_are_left_out():
    parts = choose_parts(TARGET, 0.2, 0, TIMES, horizon=pd.Timedelta("100D"))
    # The later rows begin on day 800; the label of day 700 is known then.
    assert np.flatnonzero(parts.train | parts.stop).max() == 700


def test_horizon_that_would_drop_half_of_the_rows_drops_none():
    parts = choose_parts(TARGET, 0.2, 0, TIMES, horizon=pd.Timedelta("500D"))
    assert (parts.train | parts.stop).sum() == 800


def test_random_part_keeps_groups_together():
    groups = np.repeat(np.arange(100), 10)
    parts = choose_parts(TARGET, 0.2, 0, groups=groups)
    assert parts.later.sum() == 200
    assert not set(groups[parts.later]) & set(groups[parts.train])
    np.testing.assert_array_equal(parts.stop, parts.later)


def test_one_time_for_all_falls_back_to_random_rows(caplog):
    with caplog.at_level(logging.INFO):
        parts = choose_parts(TARGET, 0.2, 0, np.full(1000, TIMES[0]))
    assert parts.later.sum() == 200
    assert "drawn at random" in caplog.text


def test_too_few_ones_hold_nothing_out(caplog):
    target = np.zeros(1000)
    target[:12] = 1
    with caplog.at_level(logging.WARNING):
        parts = choose_parts(target, 0.2, 0, TIMES)
    assert parts.train.all()
    assert not parts.later.any()
    assert "1000 rows with 12 ones are too few" in caplog.text


def test_share_outside_its_range_is_refused():
    with pytest.raises(InputError, match=r"calibration_share must be in \[0, 1\); got 1"):
        choose_parts(TARGET, 1, 0)


def test_too_few_rows_for_three_parts_are_parted_in_two_at_random():
    # Nobody accepts among the latest fifth.
    target = np.where(TARGET.cumsum() <= 100, TARGET, 0.0)
    parts = choose_parts(target, 0.2, 0, TIMES)
    assert (parts.stop == parts.later).all()
    assert min(target[parts.train].sum(), target[parts.later].sum()) >= 10
    assert not parts.few
