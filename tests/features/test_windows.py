import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features.history import History
from nbo.features.window import ALL
from nbo.features.windows import days_before, rows_after, rows_as_of, rows_before, still_open
from nbo.tables import TableColumns
from nbo.tables.plain_values import microseconds

WINDOWS = {"12h": 0.5, "7D": 7, "30D": 30, ALL: 10_000}
DAY = pd.Timedelta("1D")


def _spine(*moments: str) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": "ann", "as_of": pd.to_datetime(moments, format="ISO8601")})


def _seen(history: History, row: int, window: str = ALL) -> list[int]:
    low, high = history.bounds(window)
    return sorted(history.rows[low[row] : high[row]].tolist())


def _before(frame: pd.DataFrame, spine: pd.DataFrame, table: str, **more: str) -> History:
    return rows_before(TableColumns.of(frame, table), spine, **more)


def _by_loop(frame: pd.DataFrame, customer: str, as_of: pd.Timestamp, days: float) -> list[int]:
    found = []
    for row, event in enumerate(frame.itertuples()):
        known = event.event_time if event.known_at is pd.NaT else event.known_at
        in_window = as_of - pd.Timedelta(days=days) <= event.event_time < as_of
        if event.customer_id == customer and known < as_of and in_window:
            found.append(row)
    return found


@pytest.mark.parametrize("seed", range(5))
def test_slices_are_what_a_plain_loop_finds(seed, tables_of, spine_of):
    frame, spine = tables_of(seed).transactions, spine_of(seed).frame
    history = _before(frame, spine, "transactions")
    for row, question in enumerate(spine.itertuples()):
        for window, days in WINDOWS.items():
            assert _seen(history, row, window) == _by_loop(frame, question.customer_id, question.as_of, days)


@pytest.mark.parametrize("seed", range(5))
def test_filtered_slices_are_what_a_plain_loop_finds(seed, tables_of, spine_of):
    frame, spine = tables_of(seed).transactions, spine_of(seed).frame
    keep = (frame["category"] == "books").to_numpy(dtype=bool)
    history = _before(frame, spine, "transactions")
    history = history.where(keep[history.rows])
    for row, question in enumerate(spine.itertuples()):
        for window, days in WINDOWS.items():
            expected = _by_loop(frame, question.customer_id, question.as_of, days)
            assert _seen(history, row, window) == [position for position in expected if keep[position]]


@pytest.mark.parametrize("seed", range(5))
def test_open_rows_are_what_a_plain_loop_finds(seed, tables_of, spine_of):
    frame, spine = tables_of(seed).cases, spine_of(seed).frame
    history = still_open(_before(frame, spine, "cases"), microseconds(frame["closed_at"]))
    as_events = frame.rename(columns={"opened_at": "event_time"})
    for row, question in enumerate(spine.itertuples()):
        expected = _by_loop(as_events, question.customer_id, question.as_of, 10_000)
        open_ones = [position for position in expected if not frame["closed_at"][position] < question.as_of]
        assert _seen(history, row) == open_ones


@pytest.mark.parametrize("seed", range(5))
def test_another_clock_counts_rows_from_that_time_on(seed, tables_of, spine_of):
    frame, spine = tables_of(seed).cases, spine_of(seed).frame
    history = _before(frame, spine, "cases", time="closed_at")
    known = frame["known_at"].fillna(frame["opened_at"])
    as_events = frame.assign(event_time=frame["closed_at"], known_at=known)
    for row, question in enumerate(spine.itertuples()):
        for window, days in WINDOWS.items():
            assert _seen(history, row, window) == _by_loop(as_events, question.customer_id, question.as_of, days)


@pytest.mark.parametrize("seed", range(5))
def test_slices_ahead_are_what_a_plain_loop_finds(seed, tables_of, spine_of):
    frame, spine = tables_of(seed).transactions, spine_of(seed).frame
    history = rows_after(TableColumns.of(frame, "transactions"), spine, 5 * DAY, 20 * DAY)
    for row, question in enumerate(spine.itertuples()):
        begin, end = question.as_of + 5 * DAY, question.as_of + 25 * DAY
        mine = frame["customer_id"] == question.customer_id
        ahead = mine & (frame["event_time"] >= begin) & (frame["event_time"] < end)
        assert _seen(history, row) == np.flatnonzero(ahead).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_rows_as_of_are_what_a_plain_loop_finds(seed, tables_of, spine_of):
    frame, spine = tables_of(seed).customers, spine_of(seed).frame
    frame = frame.drop_duplicates(["customer_id", "valid_from", "known_at"]).reset_index(drop=True)
    rows = rows_as_of(frame, spine, "customers")
    ever = pd.Timestamp("1700-01-01")
    for row, question in enumerate(spine.itertuples()):
        best, best_key = -1, None
        for position, held in enumerate(frame.itertuples()):
            start = ever if held.valid_from is pd.NaT else held.valid_from
            known = start if held.known_at is pd.NaT else held.known_at
            if held.customer_id == question.customer_id and start < question.as_of and known < question.as_of:
                key = (start, max(known, start))
                if best_key is None or key > best_key:
                    best, best_key = position, key
        assert rows[row] == best


def test_windows_include_their_start_and_exclude_as_of():
    times = pd.to_datetime(
        ["2026-01-01", "2026-01-01 00:00:00.000001", "2026-01-30 23:59:59.999999", "2026-01-31"], format="ISO8601"
    )
    frame = pd.DataFrame({"customer_id": "ann", "event_time": times})
    history = _before(frame, _spine("2026-01-31", "2026-01-31 00:00:00.000001"), "transactions")
    assert _seen(history, 0, "30D") == [0, 1, 2]
    assert _seen(history, 1, "30D") == [1, 2, 3]
    assert _seen(history, 0, ALL) == [0, 1, 2]


def test_a_late_row_counts_in_the_window_of_its_event_once_it_is_known():
    frame = pd.DataFrame(
        {
            "customer_id": "ann",
            "event_time": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03"]),
            "known_at": pd.to_datetime([None, "2026-01-20", None]),
        }
    )
    history = _before(frame, _spine("2026-01-10", "2026-01-20", "2026-01-21", "2026-02-10"), "transactions")
    assert [_seen(history, row) for row in range(4)] == [[0, 2], [0, 2], [0, 1, 2], [0, 1, 2]]
    assert _seen(history, 2, "19D") == [1, 2]
    assert _seen(history, 3, "30D") == []


def test_a_row_known_before_it_happens_counts_from_when_it_happens():
    frame = pd.DataFrame(
        {
            "customer_id": ["ann"],
            "event_time": pd.to_datetime(["2026-01-05"]),
            "known_at": pd.to_datetime(["2026-01-01"]),
        }
    )
    history = _before(frame, _spine("2026-01-05", "2026-01-06"), "transactions")
    assert [_seen(history, row) for row in range(2)] == [[], [0]]


def test_a_correction_of_an_attribute_holds_from_when_it_is_known():
    frame = pd.DataFrame(
        {
            "customer_id": "ann",
            "valid_from": pd.to_datetime(["2026-01-01", "2026-01-01", None]),
            "known_at": pd.to_datetime([None, "2026-02-01", None]),
        }
    )
    moments = ["2025-01-01", "2026-01-01", "2026-01-02", "2026-02-01", "2026-02-02"]
    assert rows_as_of(frame, _spine(*moments), "customers").tolist() == [2, 2, 0, 0, 1]


def test_events_without_a_time_are_refused():
    frame = pd.DataFrame({"customer_id": "ann", "event_time": pd.to_datetime(["2026-01-01", None, None])})
    with pytest.raises(InputError, match=r"transactions.event_time must be .*2 of 3 rows.*row 1.*tables.validate\(\)"):
        _before(frame, _spine("2026-01-31"), "transactions")


def test_events_with_a_time_that_is_none_are_refused():
    frame = pd.DataFrame({"customer_id": "ann", "event_time": ["soon"]})
    with pytest.raises(InputError, match="transactions.event_time must be times"):
        _before(frame, _spine("2026-01-31"), "transactions")


def test_ids_of_another_kind_are_refused():
    frame = pd.DataFrame({"customer_id": [7], "event_time": pd.to_datetime(["2026-01-01"])})
    with pytest.raises(InputError, match="customer_id .* holds numbers such as .*7.*, theirs are text such as 'ann'"):
        _before(frame, _spine("2026-01-31"), "transactions")


def test_a_table_without_customers_is_refused():
    with pytest.raises(InputError, match="transactions lacks the column 'customer_id'"):
        _before(pd.DataFrame({"event_time": []}), _spine("2026-01-31"), "transactions")


def test_a_window_that_is_no_length_of_time_is_refused():
    frame = pd.DataFrame({"customer_id": ["ann"], "event_time": pd.to_datetime(["2026-01-01"])})
    with pytest.raises(InputError, match="a window must be a length of time"):
        _before(frame, _spine("2026-01-31"), "transactions").bounds("soon")


def test_integer_and_categorical_ids_match():
    spine = pd.DataFrame({"customer_id": [8, 7], "as_of": pd.to_datetime(["2026-01-31"] * 2)})
    frame = pd.DataFrame({"customer_id": [7, 9], "event_time": pd.to_datetime(["2026-01-01"] * 2)})
    assert (lambda h: h.end - h.first)(_before(frame, spine, "transactions")).tolist() == [0, 1]
    frame = pd.DataFrame({"customer_id": pd.Categorical(["bob", "ann"]), "event_time": frame["event_time"]})
    assert _seen(_before(frame, _spine("2026-01-31"), "transactions"), 0) == [1]
    in_categories = _spine("2026-01-31").astype({"customer_id": "category"})
    assert _seen(_before(frame, in_categories, "transactions"), 0) == [1]
    assert _seen(_before(frame.astype({"customer_id": "str"}), in_categories, "transactions"), 0) == [1]


def test_days_before_leaves_out_what_is_not_yet():
    as_of = microseconds(pd.Series(["2026-01-02"] * 4))
    times = microseconds(pd.Series(["2026-01-01 12:00", "2026-01-02", "2026-01-03", None]))
    np.testing.assert_array_equal(days_before(times, as_of), [0.5, np.nan, np.nan, np.nan])


def test_rows_that_contradict_each_other_are_taken_in_no_order_of_the_file():
    frame = pd.DataFrame({"customer_id": "ann", "city": list("abcdefgh"), "technologies": [["x"]] * 8})
    turned = frame.iloc[::-1].reset_index(drop=True)
    spine = _spine("2026-01-31")
    taken = [side["city"][rows_as_of(side, spine, "customers")[0]] for side in (frame, turned)]
    assert taken[0] == taken[1]
