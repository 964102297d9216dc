import math
import statistics
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features.aggregates import AGGREGATES, of_nothing
from nbo.features.window import ALL
from nbo.features.windows import rows_before
from nbo.tables import TableColumns
from nbo.tables.plain_values import finite_numbers

# These have their own loops in test_groups.py.
OF_GROUPS = ("mean_rows", "single_share", "mean_seconds", "max_seconds")
CATEGORIES = ("distinct", "entropy", "top_share", "top", "latest", "earliest")
EXACT = ("count", "any", "max", "min", "first", "last", "distinct", "recency_days", "tenure_days")
SPINE = pd.DataFrame({"customer_id": ["ann", "bob"], "as_of": pd.to_datetime(["2026-01-31"] * 2)})


def _of(aggregate: str, values: list[float], times: list[str] | None = None, window: str = ALL) -> list[float]:
    times = times or [f"2026-01-{day:02d}" for day in range(1, len(values) + 1)]
    frame = pd.DataFrame({"customer_id": "ann", "event_time": pd.to_datetime(times), "x": values})
    history = rows_before(TableColumns.of(frame, "transactions"), SPINE)
    return AGGREGATES[aggregate](history, "x", [window])[0].tolist()


def _loop_sum(values: list[float]) -> float:
    """Cents exactly, and the rest one by one from the smallest up."""
    cents, rest = Fraction(0), []
    for value in values:
        if round(value * 100) / 100 == value:
            cents += round(value * 100)
        else:
            rest.append(value)
    return float(cents) / 100 + math.fsum(rest)


def _ages(rows: pd.DataFrame, as_of: pd.Timestamp) -> list[float]:
    return [(as_of - time) / pd.Timedelta("1D") for time in rows["event_time"]]


def _by_loop(past: pd.DataFrame, as_of: pd.Timestamp, window: str, half_life: str) -> dict[str, float]:
    """All aggregates of one customer's rows before as_of."""
    length = pd.Timedelta("10000D") if window == ALL else pd.Timedelta(window)
    rows = past[past["event_time"] >= as_of - length]
    money, ages = rows["amount"].dropna().tolist(), _ages(rows, as_of)
    gaps = [older - newer for older, newer in zip(ages, ages[1:], strict=False)]
    latest = rows.dropna(subset="amount")
    earliest = rows.dropna(subset="amount")
    days = pd.Timedelta(half_life) / pd.Timedelta("1D")
    weights = [0.5 ** (age / days) for age in _ages(past, as_of)]
    products = rows["product_id"].value_counts()
    shares = [n / sum(products) for n in products]
    newest = rows.dropna(subset="product_id")
    return {
        "count": len(rows),
        "any": int(len(rows) > 0),
        "sum": _loop_sum(money),
        "mean": _loop_sum(money) / len(money) if money else math.nan,
        "max": max(money, default=math.nan),
        "min": min(money, default=math.nan),
        "std": statistics.stdev(money) if len(money) > 1 else math.nan,
        "first": earliest[earliest["event_time"] == earliest["event_time"].min()]["amount"].min(),
        "last": latest[latest["event_time"] == latest["event_time"].max()]["amount"].max(),
        "distinct": rows["product_id"].nunique(),
        "recency_days": min(ages, default=math.nan),
        "tenure_days": max(ages, default=math.nan),
        "mean_gap_days": sum(gaps) / len(gaps) if gaps else math.nan,
        "std_gap_days": statistics.stdev(gaps) if len(gaps) > 1 else math.nan,
        "decayed_count": sum(weights),
        "decayed_sum": sum(w * x for w, x in zip(weights, past["amount"], strict=True) if x == x),
        "decayed_mean": _weighed_mean(weights, past["amount"].tolist()),
        "entropy": -sum(share * math.log(share) for share in shares) if shares else math.nan,
        "top_share": max(shares, default=math.nan),
        "top": min((str(k) for k, n in products.items() if n == max(products)), default=None),
        "latest": newest[newest["event_time"] == newest["event_time"].max()]["product_id"].max()
        if len(newest)
        else None,
        "earliest": newest[newest["event_time"] == newest["event_time"].min()]["product_id"].min()
        if len(newest)
        else None,
    }


def _weighed_mean(weights: list[float], values: list[float]) -> float:
    there = [(weight, value) for weight, value in zip(weights, values, strict=True) if value == value]
    return sum(w * x for w, x in there) / sum(w for w, _ in there) if there else math.nan


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("window", ["7D", "30D", ALL])
def test_aggregates_are_what_a_plain_loop_computes(seed, window, tables_of, spine_of):
    frame, spine = tables_of(seed).transactions, spine_of(seed).frame
    history = rows_before(TableColumns.of(frame, "transactions"), spine)
    half_life = "7D" if window == ALL else window
    known = frame["known_at"].fillna(frame["event_time"])
    for name in sorted(set(AGGREGATES) - set(OF_GROUPS)):
        aggregate = AGGREGATES[name]
        column = "product_id" if name in CATEGORIES else "amount"
        found = aggregate(history, column, [half_life if name.startswith("decayed") else window])[0]
        for row, question in enumerate(spine.itertuples()):
            seen = (frame["customer_id"] == question.customer_id) & (known < question.as_of)
            past = frame[seen & (frame["event_time"] < question.as_of)].sort_values("event_time")
            expected = _by_loop(past, question.as_of, window, half_life)[name]
            if name in ("top", "latest", "earliest"):
                assert found[row] == expected or (expected is None and found[row] is np.nan), name
            else:
                np.testing.assert_allclose(found[row], expected, rtol=0 if name in EXACT else 1e-11, err_msg=name)


def test_sums_of_cents_are_exact():
    assert _of("sum", [0.1, 0.2]) == [0.3, 0.0]
    assert _of("sum", [1e10, 0.01, 0.02]) == [10_000_000_000.03, 0.0]
    assert _of("sum", [0.01] * 30) == [0.3, 0.0]


def test_a_sum_over_nothing_is_exactly_zero():
    assert _of("sum", [1 / 3, 0.1, 1e-9], window="12h") == [0.0, 0.0]


def test_sums_of_odd_fractions_take_ties_in_the_order_of_their_values():
    values = [1 / 3, 1e9 + 1 / 7, -1e9 - 1 / 11, 1e-9]
    same_time = ["2026-01-01"] * 4
    assert _of("sum", values, same_time) == _of("sum", values[::-1], same_time)


def test_large_values_are_summed_as_floats():
    assert _of("sum", [1e300, 1e11, 0.25]) == [1e300 + 1e11 + 0.25, 0.0]


def test_missing_values_are_left_out():
    assert _of("mean", [1.0, np.nan, 4.0]) == [pytest.approx(5 / 2), pytest.approx(np.nan, nan_ok=True)]
    assert _of("last", [1.0, 2.0, np.nan])[0] == 2.0
    assert math.isnan(_of("max", [np.nan])[0])


def test_last_of_ties_is_the_largest():
    assert _of("last", [9.0, 2.0, 3.0], ["2026-01-01", "2026-01-02", "2026-01-02"])[0] == 3.0
    assert _of("last", [9.0, 3.0, 2.0], ["2026-01-01", "2026-01-02", "2026-01-02"])[0] == 3.0


def test_infinite_amounts_are_refused():
    with pytest.raises(InputError, match=r"amount must be finite numbers; 1 of 2 rows is not, first at row 1: inf"):
        finite_numbers(pd.Series([1.0, np.inf]), "amount")


def test_texts_that_are_no_numbers_are_refused():
    with pytest.raises(InputError, match="amount must be finite numbers; 1 of 2 rows is not, first at row 0: 'much'"):
        finite_numbers(pd.Series(["much", "2.5"]), "amount")
    assert finite_numbers(pd.Series(["1", None]), "amount")[0] == 1.0


@pytest.mark.parametrize("aggregate", AGGREGATES)
@pytest.mark.parametrize("values", [[1.5, 2.0], ["a", "b"]], ids=["numbers", "texts"])
def test_who_sees_nothing_alone_has_what_he_has_among_others(aggregate, values):
    if values[0] == "a" and aggregate not in (*CATEGORIES, *OF_GROUPS, "count", "any", "recency_days"):
        values = [3.0, 4.0]
    window = "30D" if aggregate.startswith("decayed") else ALL
    frame = pd.DataFrame(
        {"customer_id": "ann", "event_time": pd.to_datetime(["2026-01-01", "2026-01-02"]), "x": values}
    )
    of_both = AGGREGATES[aggregate](rows_before(TableColumns.of(frame, "transactions"), SPINE), "x", [window])[0]
    pd.testing.assert_series_equal(pd.Series(of_nothing(aggregate)), pd.Series(of_both[1:]), check_exact=True)


def test_what_nothing_gives_is_not_shared():
    first = of_nothing("count")
    first[0] = 7
    assert of_nothing("count").tolist() == [0]
