"""All peers of the benchmark of features compute the same, on moments at which something happens too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.benchmarks.features import data, plan, spines
from tests.benchmarks.features.peers import builder, keyed
from tests.benchmarks.features.race import difference

EVENTS, CUSTOMERS = 20_000, 300
FAST = ["nbo", "pandas", "polars", "polars-streaming", "polars-asof", "duckdb"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return data.make(tmp_path_factory.mktemp("transactions"), EVENTS, CUSTOMERS)


def moments_of_events(folder: Path) -> pd.DataFrame:
    """Questions as of the very moment of an event, and of customers of whom nothing is known."""
    events = pd.read_parquet(folder / "transactions.parquet").sample(30, random_state=1)
    strangers = pd.DataFrame({"customer_id": [CUSTOMERS, CUSTOMERS + 1], "event_time": events["event_time"].iloc[0]})
    rows = pd.concat([events[["customer_id", "event_time"]], strangers], ignore_index=True)
    return rows.rename(columns={"event_time": "as_of"}).drop_duplicates(ignore_index=True)


@pytest.fixture(scope="module", params=["two", "moments of events"])
def question(request, folder) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A spine, and what a plain statement of SQL says of it."""
    spine = spines.spine("two", CUSTOMERS) if request.param == "two" else moments_of_events(folder)
    return spine, keyed(builder("duckdb-as-written")(folder, spine), spine)


@pytest.mark.parametrize("peer", FAST)
def test_a_peer_agrees_with_the_plain_statement(peer, folder, question):
    spine, wanted = question
    assert difference(peer, keyed(builder(peer)(folder, spine), spine), wanted) == {}


def test_the_plain_statement_is_right_for_one_row(folder):
    events = pd.read_parquet(folder / "transactions.parquet")
    as_of = spines.END - 100
    spine = pd.DataFrame({"customer_id": [7], "as_of": np.array([as_of], dtype="datetime64[us]")})
    row = keyed(builder("duckdb-as-written")(folder, spine), spine).iloc[0]
    known = events[(events["customer_id"] == 7) & (events["event_time"] < as_of)]
    recent = known[known["event_time"] >= as_of - 30]
    sales = recent[recent["kind"] == "sale"]
    assert row[plan.sales("count", "30D")] == len(sales) > 0
    assert row[plan.sales("mean", "30D")] == pytest.approx(sales["amount"].mean())
    assert row[plan.sales("distinct", "30D")] == sales["product_id"].nunique()
    assert row[plan.returns("count", "all")] == (known["kind"] == "return").sum() > 0


def test_a_difference_is_found(folder):
    spine = spines.spine("two", CUSTOMERS)
    frame = keyed(builder("duckdb")(folder, spine), spine)
    wrong = frame.assign(**{plan.RECENCY: frame[plan.RECENCY] + 1e-6})
    assert difference("it", wrong, frame) == {"it": f"other values in {plan.RECENCY}"}
    assert difference("it", frame.iloc[1:], frame) == {"it": "other rows"}
