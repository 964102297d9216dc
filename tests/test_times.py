import pandas as pd
import pytest

from nbo import times
from nbo.errors import InputError


def test_times_become_utc_without_zone():
    assert times.check_time("2026-06-30T02:00+02:00") == pd.Timestamp("2026-06-30")
    taken = times.check_times(pd.Series(["2026-06-30", "2026-06-30T01:00:00Z"]), "t")
    assert taken.tolist() == [pd.Timestamp("2026-06-30"), pd.Timestamp("2026-06-30 01:00")]
    assert taken.dtype == "datetime64[us]"
    zoned = pd.Series(pd.to_datetime(["2026-06-30"]).tz_localize("Europe/Berlin"))
    assert times.check_times(zoned, "t").iloc[0] == pd.Timestamp("2026-06-29 22:00")


@pytest.mark.parametrize("wrong", ["soon", None, 5, float("nan"), "NaT"])
def test_what_is_no_time_is_refused(wrong):
    with pytest.raises(InputError, match="as_of must be a time such as '2026-06-30'"):
        times.check_time(wrong)


def test_times_in_a_column_are_refused_with_the_first_row():
    with pytest.raises(InputError, match="t must be times .* 1 of 2 rows is not, first at row 1: 'soon'"):
        times.check_times(pd.Series(["2026-01-01", "soon"]), "t")
    with pytest.raises(InputError, match="t must be times, none missing; 1 of 1 rows is not"):
        times.check_times(pd.Series([pd.NaT]), "t")
    with pytest.raises(InputError, match="t must be times .* 2 of 2 rows are not, first at row 0"):
        times.check_times(pd.Series([1, 2]), "t")


@pytest.mark.parametrize("wrong", ["-1D", "0D", 5, "long", None])
def test_what_is_no_duration_is_refused(wrong):
    with pytest.raises(InputError, match="horizon must be a length of time above zero"):
        times.check_duration(wrong, "horizon")


def test_a_number_among_times_is_no_time():
    mixed = pd.Series([pd.Timestamp("2026-01-01"), 7], dtype=object)
    with pytest.raises(InputError, match="x must be times such as '2026-06-30'; 1 of 2 rows is not, first at row 1: 7"):
        times.check_times(mixed, "x")


def test_arrow_times_with_a_zone_become_utc():
    local = pd.Series(pd.to_datetime(["2026-06-30 02:00"]).tz_localize("Etc/GMT-2"))
    arrow = local.astype("timestamp[us, tz=Etc/GMT-2][pyarrow]")
    assert times.check_times(arrow, "x").tolist() == [pd.Timestamp("2026-06-30")]
