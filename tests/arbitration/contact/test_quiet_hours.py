from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbo.arbitration import Candidates
from nbo.arbitration.contact import QuietHours
from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Offer, Spine, Treatment

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", None]
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
SLOTS = ["", "09:00-12:00", "19:00-21:00", "22:30-01:00", "lunch"]
CATALOG = Catalog([Offer("card", treatments=tuple(Treatment("email", slot=slot) for slot in SLOTS))])
CLOCKS = st.sampled_from(["00:00", "01:30", "02:00", "02:30", "03:00", "08:00", "12:15", "20:00", "22:00", "23:59"])
HOURS = st.fixed_dictionaries(
    {
        "start": CLOCKS,
        "end": CLOCKS,
        "weekdays": st.none() | st.lists(st.sampled_from(DAYS), min_size=1, max_size=4, unique=True),
        "time_zone": st.just("zone"),
    }
)
# Days on which clocks change, and others.
MOMENTS = st.builds(
    lambda day, minutes, us: pd.Timestamp(day) + pd.Timedelta(minutes=minutes, microseconds=us),
    st.sampled_from(["2026-03-28 20:00", "2026-10-24 20:00", "2026-10-31 23:00", "2026-03-07 23:00", "2026-06-30"]),
    st.integers(0, 1000),
    st.sampled_from([0, 1, 59_999_999]),
)


def run(rules, as_of, zones):
    ids = [f"c{i}" for i in range(len(zones))]
    people = pd.DataFrame({"customer_id": ids, "zone": pd.Series(zones, dtype="str")})
    moments = as_of if isinstance(as_of, np.ndarray) else [as_of] * len(zones)
    spine = Spine.of(pd.DataFrame({"customer_id": ids, "as_of": moments}))
    return Candidates.of(CustomerTables(customers=people), spine, CATALOG, tuple(rules))


def clock(moment, zone):
    return moment.to_pydatetime().replace(tzinfo=UTC).astimezone(ZoneInfo(zone or "UTC")).replace(tzinfo=None)


def minutes(text):
    return int(text[:2]) * 60 + int(text[3:])


def quiet_spans(hours, day):
    """Quiet hours that start on the days around a day, on the clock."""
    for shift in range(-2, 4):
        date = datetime(day.year, day.month, day.day) + timedelta(days=shift)
        if hours["weekdays"] is None or DAYS[date.weekday()] in hours["weekdays"]:
            start, end = minutes(hours["start"]), minutes(hours["end"])
            end += 1440 * (end <= start)
            yield date + timedelta(minutes=start), date + timedelta(minutes=end)


def is_quiet(hours, slot, shown):
    if slot in ("", "lunch"):
        return any(low <= shown < high for low, high in quiet_spans(hours, shown))
    start, end = (minutes(part) for part in slot.split("-"))
    end += 1440 * (end <= start)
    today = datetime(shown.year, shown.month, shown.day)
    slots = [today + timedelta(days=shift, minutes=start) for shift in range(-1, 3)]
    begin = next(at for at in slots if at + timedelta(minutes=end - start) > shown)
    stop = begin + timedelta(minutes=end - start)
    return any(low < stop and begin < high for low, high in quiet_spans(hours, begin))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(hours=HOURS, as_of=MOMENTS)
def test_quiet_is_what_a_plain_loop_finds_and_ends_at_the_very_microsecond(hours, as_of):
    rule = QuietHours(**hours)
    candidates = run([rule], as_of, ZONES)
    (mask,), (ends,) = rule.refused(candidates).values(), rule.resumes(candidates).values()
    for i, zone in enumerate(ZONES):
        for m, way in enumerate(candidates.ways):
            assert mask[i, 0, m] == is_quiet(hours, way.slot, clock(as_of, zone))
            if np.isnat(ends[i, 0, m]):
                continue
            assert mask[i, 0, m]
            end = pd.Timestamp(ends[i, 0, m])
            assert not is_quiet(hours, way.slot, clock(end, zone))
            # At no minute before, and not one microsecond before.
            span = int((end - as_of) / pd.Timedelta("1min"))
            for before in [*range(0, span, 7), span]:
                assert is_quiet(hours, way.slot, clock(as_of + pd.Timedelta(minutes=before), zone)) or before == span
            assert is_quiet(hours, way.slot, clock(end - pd.Timedelta(microseconds=1), zone))


def test_quiet_hours_that_are_asked_again_are_over():
    hours = QuietHours("22:00", "06:30", time_zone="zone")
    candidates = run([hours], pd.Timestamp("2026-10-24 23:30"), ZONES)
    ends = np.broadcast_to(next(iter(hours.resumes(candidates).values())), candidates.shape)[:, 0, 0]
    # Berlin's clock shows 01:30 and is put back by an hour at 03:00, so 06:30 is six hours away.
    assert ends[1].astype(str) == "2026-10-25T05:30:00.000000"
    late = ~np.isnat(ends)
    assert late.any()
    zones = [zone for zone, known in zip(ZONES, late, strict=True) if known]
    for shift, expected in ((1, False), (0, True)):
        again = run([hours], ends[late] - np.timedelta64(shift, "us"), zones)
        assert ((again.codes[:, 0, 0] == 0) == expected).all()


def test_a_slot_is_judged_by_its_hours_and_a_week_that_is_all_quiet_never_ends():
    candidates = run([QuietHours()], pd.Timestamp("2026-06-30 12:00"), ["UTC"])
    allowed = {way.slot: bool(code == 0) for way, code in zip(candidates.ways, candidates.codes[0, 0], strict=True)}
    assert allowed == {"": True, "09:00-12:00": True, "19:00-21:00": False, "22:30-01:00": False, "lunch": True}
    always = QuietHours("00:00", "00:00")
    assert np.isnat(next(iter(always.resumes(candidates).values()))).all()
    assert not run([always], pd.Timestamp("2026-06-30 12:00"), ["UTC"]).eligible.any()
    # The evening slot may come on any day but Tuesday; today is Tuesday, and its slot is over at 21:00.
    tuesday = QuietHours(weekdays=["Tue"])
    column = [way.slot for way in candidates.ways].index("19:00-21:00")
    assert next(iter(tuesday.resumes(candidates).values()))[0, 0, column].astype(str) == "2026-06-30T21:00:00.000000"


def test_other_channels_are_not_quiet():
    rule = QuietHours(channels=["phone"])
    assert run([rule], pd.Timestamp("2026-06-30 23:00"), ["UTC"]).eligible.all()
    assert list(rule.refused(run([], pd.Timestamp("2026-06-30"), ["UTC"]))) == [
        "contact policy: quiet 20:00-08:00 by phone"
    ]


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        ({"start": "8pm"}, "start must be a time of day such as '20:00'; got '8pm'"),
        ({"weekdays": ["Sonntag"]}, "a day of weekdays must be one of"),
        ({"time_zone": "clock"}, "a column of the customers must be one of"),
        ({"time_zone": "customer_id"}, "time zones must be IANA names such as 'Europe/Berlin'; got 'c0'"),
    ],
)
def test_hours_that_are_none_are_refused(hours, says):
    with pytest.raises(InputError, match=says):
        QuietHours(**hours).refused(run([], pd.Timestamp("2026-06-30"), ["UTC"]))
