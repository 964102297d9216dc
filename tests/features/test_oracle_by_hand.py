"""The slow loops are right, by visible arithmetic."""

import math
from datetime import datetime

import pytest

from tests.features import oracle
from tests.features.oracle import bounds
from tests.features.oracle_aggregates import ON_CATEGORIES, About

AS_OF = datetime(2026, 3, 31)


def _day(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour)


def _row(moment: datetime, amount: float | None = None, category: str | None = None, **more: object) -> dict:
    return {"customer_id": "ann", "event_time": moment, "amount": amount, "category": category, **more}


def _by_hand(rows: list[dict], *aggregates: str, **asked: object) -> list:
    """Values of one spine row, without their room for rounding."""
    columns = oracle.features(rows, [("ann", AS_OF)], aggregates=aggregates, **asked)
    return [value.value if isinstance(value, About) else value for (value,) in columns.values()]


@pytest.mark.parametrize(
    ("window", "as_of", "start", "end"),
    [
        ("30D", "2026-03-31", "2026-03-01", "2026-03-31"),
        ("12h", "2026-03-31", "2026-03-30T12:00", "2026-03-31"),
        ("2W", "2026-03-31", "2026-03-17", "2026-03-31"),
        ("1mo", "2026-03-31T06:00", "2026-02-28T06:00", "2026-03-31T06:00"),
        ("1mo", "2024-03-30", "2024-02-29", "2024-03-30"),
        ("12mo", "2024-02-29", "2023-02-28", "2024-02-29"),
        ("13mo", "2026-01-31", "2024-12-31", "2026-01-31"),
        ("1fullmo", "2026-03-01", "2026-02-01", "2026-03-01"),
        ("3fullmo", "2026-03-31T23:59", "2025-12-01", "2026-03-01"),
        ("30D_before_30D", "2026-03-31", "2026-01-30", "2026-03-01"),
        ("1fullmo_before_1fullmo", "2026-03-31", "2026-01-01", "2026-02-01"),
        ("1mo_before_1mo", "2026-03-31", "2026-01-28", "2026-02-28"),
        ("1fullmo_before_31D", "2026-03-31", "2026-01-01", "2026-02-01"),
        ("1D_before_1fullmo", "2026-03-31", "2026-01-31", "2026-02-01"),
        ("all_before_30D", "2026-03-31", "0001-01-01", "2026-03-01"),
        ("all", "2026-03-31", "0001-01-01", "2026-03-31"),
    ],
)
def test_windows_by_hand(window, as_of, start, end):
    assert bounds(window, datetime.fromisoformat(as_of)) == tuple(map(datetime.fromisoformat, (start, end)))


def test_windows_contain_their_start_and_not_their_end():
    rows = [_row(_day(3, 1)), _row(_day(2, 28, 23)), _row(AS_OF), _row(_day(3, 30, 23))]
    assert _by_hand(rows, "count", "any", windows=["30D", "1D_before_30D", "1D_before_31D"]) == [2, 1, 0, 1, 1, 0]


def test_rows_count_when_they_are_known_strictly_before_as_of():
    known = [None, _day(3, 30), AS_OF, _day(4, 9), _day(1, 1)]
    rows = [_row(_day(2, 10 + i), 2.0**i, known_at=moment) for i, moment in enumerate(known)]
    assert _by_hand(rows, "sum(amount)", windows=["all"]) == [1.0 + 2.0 + 16.0]
    assert _by_hand(rows, "sum(amount)", windows=["30D_before_30D"]) == [1.0 + 2.0 + 16.0]


def test_numbers_by_hand():
    rows = [_row(_day(3, 2 + i), amount) for i, amount in enumerate([0.1, 0.2, None, -0.9])]
    aggregates = [f"{name}(amount)" for name in ("sum", "mean", "max", "min", "first", "last", "std")]
    total = (10 + 20 - 90) / 100
    deviations = [0.1 + 0.2, 0.2 + 0.2, -0.9 + 0.2]
    std = math.sqrt(sum(deviation**2 for deviation in deviations) / 2)
    assert _by_hand(rows, *aggregates) == [total, total / 3, 0.2, -0.9, 0.1, -0.9, pytest.approx(std)]
    assert _by_hand(rows[:1], *aggregates)[-1] is None
    assert _by_hand([], *aggregates) == [0.0, *[None] * 6]


def test_ties_give_the_smallest_first_and_the_largest_last():
    rows = [_row(_day(3, 2), amount, name) for amount, name in [(5.0, "b"), (7.0, "c"), (6.0, "a"), (None, None)]]
    assert _by_hand(rows, "first(amount)", "last(amount)", "latest(category)", "earliest(category)") == [
        5.0,
        7.0,
        "c",
        "a",
    ]


def test_categories_by_hand():
    rows = [_row(_day(3, 2 + i), None, name) for i, name in enumerate(["b", "a", "b", "a", "c", None])]
    aggregates = [f"{name}(category)" for name in ON_CATEGORIES]
    entropy = -(2 * 2 / 5 * math.log(2 / 5) + 1 / 5 * math.log(1 / 5))
    assert _by_hand(rows, *aggregates) == [3, pytest.approx(entropy), 2 / 5, "a", "c", "b"]
    assert _by_hand(rows[:1], *aggregates) == [1, 0.0, 1.0, "b", "b", "b"]
    assert _by_hand([], *aggregates) == [0, *[None] * 5]


def test_days_by_hand():
    rows = [_row(_day(3, 30, 12)), _row(_day(3, 1)), _row(_day(3, 5)), _row(_day(4, 1))]
    aggregates = ["recency_days", "tenure_days", "mean_gap_days", "std_gap_days"]
    mean = (4 + 25.5) / 2
    std = math.sqrt((4 - mean) ** 2 + (25.5 - mean) ** 2)
    assert _by_hand(rows, *aggregates) == [0.5, 30.0, mean, pytest.approx(std)]
    assert _by_hand(rows[1:3], *aggregates) == [26.0, 30.0, 4.0, None]
    assert _by_hand([], *aggregates) == [None] * 4


def test_decayed_by_hand():
    rows = [_row(_day(3, 1), 8.0), _row(_day(3, 16), -6.0), _row(_day(1, 30), None)]
    aggregates = ["decayed_count", "decayed_sum(amount)"]
    count, added = 2**-2 + 2**-1 + 2**-4, 8 * 2**-2 - 6 * 2**-1
    assert _by_hand(rows, *aggregates, half_lives=["15D"]) == [count, added]
    assert _by_hand(rows[2:], *aggregates, half_lives=["60D"]) == [2**-1, 0.0]
    assert _by_hand([], *aggregates) == [0.0, 0.0]


@pytest.mark.parametrize(
    ("condition", "n"),
    [
        (("category", "a"), 2),
        (("category", "in", ("a", "c")), 3),
        (("category", "not in", ("a",)), 2),
        (("category", "not in", ()), 4),
        (("amount", ">", 1), 2),
        (("amount", ">=", 1), 3),
        (("amount", "<", 1), 0),
        (("amount", "<=", 2.5), 2),
        (("amount", "1"), 1),
    ],
)
def test_conditions_by_hand(condition, n):
    values = [(1.0, "a"), (2.5, "b"), (3.0, "a"), (None, "c"), (None, None)]
    assert _by_hand([_row(_day(3, 2), *pair) for pair in values], "count", where=[condition]) == [n]


def test_pivots_and_names_by_hand():
    names = ["pets & food", "books", "pets & food", None, "toys", "toys"]
    rows = [_row(_day(3, 2 + i), 1.5, name) for i, name in enumerate(names)] + [_row(AS_OF, 9.0, "new")] * 9
    asked = {"aggregates": ["sum(amount)", "recency_days", "decayed_count"], "label": "x", "other": True}
    found = oracle.features(rows, [("ann", AS_OF)], pivots=["category"], top=2, **asked)
    names = ["transactions_x__amount__sum__30D", "transactions_x__recency_days", "transactions_x__decayed_count__30D"]
    values = ["category_pets_food", "category_toys", "category_other"]
    assert list(found) == [f"{name}__{value}" for value in values for name in names]
    assert [found[f"{names[0]}__{value}"] for value in values] == [[3.0], [3.0], [1.5]]
    fixed = oracle.features(rows, [("ann", AS_OF)], pivots={"category": ["zebra", "toys"]}, **asked)
    assert [found for name, found in fixed.items() if "sum" in name] == [[0.0], [3.0], [1.5 * 3]]


def test_attributes_by_hand():
    def _held(*rows: tuple, as_of: datetime = AS_OF) -> set:
        names = ("valid_from", "known_at", "city")
        return oracle.held(
            [{"customer_id": "ann", **dict(zip(names, row, strict=True))} for row in rows], "ann", as_of, "city"
        )

    old, new = (None, None, "Bern"), (_day(3, 1), None, "Rome")
    assert _held() == {None}
    assert _held(old) == _held(new, old, as_of=_day(3, 1)) == {"Bern"}
    assert _held(new, old) == {"Rome"}
    assert _held(old, new, (_day(3, 2), AS_OF, "Oslo")) == {"Rome"}
    assert _held(old, (_day(3, 1), _day(3, 9), "Oslo"), new) == {"Oslo"}
    assert _held(old, (_day(3, 1), _day(2, 9), "Oslo"), new) == {"Rome"}
    assert _held(old, (_day(3, 1), None, None)) == {None}
    assert _held(new, (_day(3, 1), None, "Oslo")) == {"Rome", "Oslo"}


@pytest.mark.parametrize(
    ("found", "expected", "agree"),
    [
        (0.0, 0.0, True),
        (-0.0, 0.0, False),
        (0.1 + 0.2, 0.3, False),
        (0.1 + 0.2, About(0.3, 0.3), True),
        (math.nan, None, True),
        (math.nan, 0.0, False),
        (0.0, None, False),
        (math.nan, About(1.0, 1.0), False),
        (1e-10, About(0.0, 1.0), False),
        (None, "a", False),
        ("a", "a", True),
    ],
)
def test_what_counts_as_the_same(found, expected, agree):
    assert oracle.same(found, expected) is agree
