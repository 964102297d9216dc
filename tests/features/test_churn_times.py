from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import labels
from nbo.tables import CustomerTables, Spine

DAY = pd.Timedelta("1D")


def spine_of(*rows) -> Spine:
    return Spine.of(pd.DataFrame(rows, columns=["customer_id", "as_of"]))


def sales_of(*rows, **columns) -> CustomerTables:
    return CustomerTables(transactions=pd.DataFrame(rows, columns=["customer_id", "event_time"]).assign(**columns))


def days(times: pd.DataFrame) -> list:
    return [(duration / DAY, event) for duration, event in zip(times["duration"], times["event"], strict=True)]


def test_churn_is_the_last_sale_before_a_silence():
    tables = sales_of(
        ("ann", "2026-01-11"),  # 10 days after as_of, then 31 days of silence
        ("ann", "2026-02-11"),
        ("bob", "2026-01-30"),  # 29 days after as_of, then again within 30
        ("bob", "2026-02-28"),  # 58 days after as_of, then nothing
        ("cy", "2025-12-31"),  # silent from the start
        ("cy", "2026-01-31"),
    )
    spine = Spine.at("2026-01-01", ["ann", "bob", "cy", "dee"])
    times = labels.churn_times(tables, spine, horizon="30D", until="2026-06-01")
    assert days(times) == [(10, True), (58, True), (0, True), (0, True)]
    assert str(times["duration"].dtype) == "timedelta64[us]"
    assert times["event"].dtype == bool


def test_a_silence_that_may_still_end_is_censored_one_horizon_before_the_end():
    tables = sales_of(("ann", "2026-01-21"), ("bob", "2026-01-10"), ("bob", "2026-02-20"))
    spine = spine_of(("ann", "2026-01-01"), ("bob", "2026-01-31"), ("ann", "2026-02-10"))
    times = labels.churn_times(tables, spine, horizon="30D", until="2026-02-19")
    # Watched until 2026-01-20: ann's sale of the 21st is later, bob's window starts later.
    assert days(times) == [(19, False), (0, False), (0, False)]
    # One day more, and ann's silence is over.
    assert days(labels.churn_times(tables, spine, horizon="30D", until="2026-02-20"))[0] == (20, True)


def test_the_gap_moves_the_start():
    tables = sales_of(("ann", "2026-01-03"), ("ann", "2026-01-20"))
    spine = spine_of(("ann", "2026-01-01"))
    assert days(labels.churn_times(tables, spine, "30D", gap="5D", until="2026-06-01")) == [(14, True)]
    assert days(labels.churn_times(tables, spine, "30D", gap="20D", until="2026-06-01")) == [(0, True)]


def test_only_completed_sales_that_were_known_count():
    tables = sales_of(
        ("ann", "2026-01-05"),
        ("ann", "2026-01-15"),
        ("ann", "2026-01-25"),
        kind=["sale", "return", "sale"],
        known_at=["2026-01-05", "2026-01-15", "2026-04-01"],
    )
    spine = spine_of(("ann", "2026-01-01"))
    assert days(labels.churn_times(tables, spine, "15D", until="2026-03-01")) == [(4, True)]
    assert days(labels.churn_times(tables, spine, "21D", until="2026-05-01")) == [(24, True)]


def slow_times(sales: pd.DataFrame, spine: pd.DataFrame, silence, gap, end) -> list:
    found = []
    for who, as_of in zip(spine["customer_id"], spine["as_of"], strict=True):
        start = as_of + gap
        own = sorted(t for c, t in zip(sales["customer_id"], sales["event_time"], strict=True) if c == who)
        ahead = [t for t in own if t >= start]
        moment = start
        if ahead and ahead[0] - start < silence:
            ends = [*ahead[1:], pd.Timestamp.max]
            moment = next(t for t, following in zip(ahead, ends, strict=True) if following - t >= silence)
        churned = moment + silence <= end
        found.append((max(((moment if churned else end - silence) - start) / DAY, 0), churned))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_a_slow_plain_loop_says_the_same_and_so_do_the_labels(seed):
    rng = np.random.default_rng(seed)
    first = pd.Timestamp("2026-01-01")
    sales = pd.DataFrame({"customer_id": rng.integers(0, 12, 80), "event_time": first + rng.integers(0, 200, 80) * DAY})
    asked = pd.DataFrame({"customer_id": rng.integers(0, 14, 60), "as_of": first + rng.integers(0, 200, 60) * DAY})
    asked["as_of"] += pd.Timedelta("1h")  # so that no sale falls on a start
    tables, spine, end = CustomerTables(transactions=sales), Spine.of(asked), first + 190 * DAY
    seen = sales[sales["event_time"] < end]
    times = labels.churn_times(tables, spine, "20D", gap="3D", until=end)
    assert days(times) == slow_times(seen, spine.frame, 20 * DAY, 3 * DAY, end)
    y = labels.churned(tables, spine, "20D", gap="3D", until=end)
    at_once = (times["duration"] == pd.Timedelta(0)) & times["event"]
    assert at_once[y.index].astype(int).tolist() == y.tolist()


CONTRACTS = CustomerTables(
    customers=pd.DataFrame(
        {
            "customer_id": ["ann", "bob", "bob", "cy", "dee", "eve"],
            "valid_from": ["2025-01-01", "2025-01-01", "2026-02-01", "2025-01-01", "2025-01-01", "2026-03-15"],
            "contract_ended_at": [None, "2026-04-01", "2026-02-11", "2026-01-10", "2026-03-02", "2026-02-20"],
        }
    )
)


def test_churn_is_the_end_of_the_contract():
    spine = Spine.at("2026-01-10", ["ann", "bob", "cy", "dee", "eve", "nobody"])
    times = labels.churn_times(CONTRACTS, spine, ended="contract_ended_at", until="2026-03-01")
    # The last row of bob counts. Cy had left at the start; of eve and nobody there is no row by the end.
    assert times.index.tolist() == [0, 1, 3]
    assert days(times) == [(50, False), (32, True), (50, False)]
    late = labels.churn_times(CONTRACTS, spine, gap="40D", ended="contract_ended_at", until="2026-03-31")
    assert dict(zip(late.index, days(late), strict=True)) == {0: (40, False), 3: (11, True), 4: (1, True)}


def test_what_is_not_there_is_refused():
    spine = Spine.at("2026-01-10", ["ann"])
    with pytest.raises(InputError, match="churn needs the table transactions; there are: customers"):
        labels.churn_times(CONTRACTS, spine, until="2026-03-01")
    with pytest.raises(InputError, match="customers lacks the column 'ended_at'"):
        labels.churn_times(CONTRACTS, spine, ended="ended_at", until="2026-03-01")
    with pytest.raises(InputError, match="needs the table customers; there are: transactions"):
        labels.churn_times(sales_of(("ann", "2026-01-01")), spine, ended="ended_at")
    with pytest.raises(InputError, match="the end of the data is not known"):
        labels.churn_times(CONTRACTS, spine, ended="contract_ended_at")
    with pytest.raises(InputError, match="horizon must be a length of time"):
        labels.churn_times(sales_of(("ann", "2026-01-01")), spine, horizon="0D")


def test_nobody_asked_is_nobody_answered():
    times = labels.churn_times(sales_of(("ann", "2026-01-01")), Spine.at("2026-01-10", []), until="2026-03-01")
    assert len(times) == 0
    assert list(times.columns) == ["duration", "event"]
