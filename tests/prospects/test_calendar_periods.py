"""Weeks, months and quarters have numbers in a row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.prospects.calendar_periods import CalendarPeriods


@pytest.mark.parametrize("freq", ["W", "M", "Q"])
def test_numbers_and_starts_equal_those_of_pandas(freq):
    days = pd.date_range("1968-01-01", "2031-01-01", freq="17h")
    periods = CalendarPeriods(freq)
    starts = days.to_period({"W": "W-SUN", "M": "M", "Q": "Q"}[freq]).start_time
    number = periods.number(days)
    assert (periods.start(number) == starts).all()
    assert set(np.diff(np.unique(number))) == {1}


def test_a_moment_within_a_period_is_refused_and_the_starts_beside_it_named():
    assert CalendarPeriods("Q").start([CalendarPeriods("Q").first_of("2026-04-01")])[0] == pd.Timestamp("2026-04-01")
    with pytest.raises(InputError, match="Take 2026-04-01 or 2026-07-01"):
        CalendarPeriods("Q").first_of("2026-05-01")
    with pytest.raises(InputError, match="2026-06-01 00:00:01 is within one"):
        CalendarPeriods("W").first_of("2026-06-01 00:00:01")
