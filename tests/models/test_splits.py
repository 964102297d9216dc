from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import cross_validate

from nbo.errors import InputError
from nbo.models import ChurnModel, TimeSplit

DAYS = pd.Series(pd.date_range("2026-01-01", periods=10, freq="D"))


def test_latest_slice_by_hand():
    ((train, test),) = TimeSplit(test_share=0.3).split(DAYS)
    assert (train.tolist(), test.tolist()) == ([0, 1, 2, 3, 4, 5, 6], [7, 8, 9])


def test_label_windows_end_before_the_test_slice():
    ((train, test),) = TimeSplit(test_share=0.3, horizon="2D", gap="1D").split(DAYS)
    # The slice begins on day 7: a row of day 4 knows its label on day 4 + 1 + 2 = 7.
    assert (train.tolist(), test.tolist()) == ([0, 1, 2, 3, 4], [7, 8, 9])


def test_slices_follow_each_other_and_rows_may_be_in_any_order():
    times = DAYS.sample(frac=1, random_state=0).reset_index(drop=True)
    splits = list(TimeSplit(n_splits=3, test_share=0.2).split(times))
    days = [sorted(times[test].dt.day) for _, test in splits]
    assert days == [[5, 6], [7, 8], [9, 10]]
    assert all(times[train].max() < times[test].min() for train, test in splits)


def test_rows_of_one_time_stay_together():
    times = pd.Series(np.repeat(pd.date_range("2026-01-01", periods=4, freq="D"), 5))
    ((train, test),) = TimeSplit(test_share=0.1).split(times)
    assert (len(train), len(test)) == (15, 5)


def test_one_time_leaves_nothing_to_train_on():
    with pytest.raises(InputError, match="1 different times in 5 rows"):
        list(TimeSplit().split(pd.Series(["2026-01-01"] * 5)))


@pytest.mark.parametrize(("n_splits", "share"), [(0, 0.2), (5, 0.2), (1, 0.0), (1, 1.0)])
def test_impossible_shares_are_refused(n_splits, share):
    with pytest.raises(InputError, match="n_splits x test_share below 1"):
        list(TimeSplit(n_splits, share).split(DAYS))


def test_scikit_learn_takes_the_splits():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=200)})
    times = pd.Series(pd.date_range("2026-01-01", periods=200, freq="h"))
    result = cross_validate(
        ChurnModel(n_estimators=5), X, rng.random(200) < 0.5, cv=list(TimeSplit(2).split(times)), scoring="roc_auc"
    )
    assert result["test_score"].shape == (2,)


def test_times_with_a_zone_are_compared_in_utc():
    times = pd.Series(pd.to_datetime(["2026-01-01 00:00+09:00", "2026-01-01 00:00+00:00"], utc=True))
    for given in (times, pd.DatetimeIndex(times), ["2026-01-01 00:00+09:00", "2026-01-01 00:00"]):
        ((train, test),) = TimeSplit(test_share=0.5).split(given)
        assert (train.tolist(), test.tolist()) == ([0], [1])
