"""Product needs by segment: planted ones are found, and by chance no more than stated."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nbo.errors import InputError
from nbo.segments import segment_needs
from nbo.tables import CustomerTables
from nbo.wilson import wilson_interval

AS_OF = "2026-06-30"
STAGES = ["family", "senior", "student", "young couple"]
CATEGORIES = ["books", "toys", "travel", "wine", "tools"]


def _world(seed, planted, n=1200):
    rng = np.random.default_rng(seed)
    segment = rng.choice(STAGES, n)
    rate = np.full((n, len(CATEGORIES)), 0.15)
    for stage, category, higher in planted:
        rate[segment == stage, CATEGORIES.index(category)] = higher
    who, what = np.nonzero(rng.random(rate.shape) < rate)
    sales = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in who],
            "event_time": pd.Timestamp(AS_OF) - pd.to_timedelta(rng.uniform(1, 300, len(who)), unit="D"),
            "amount": 10.0,
            "category": np.array(CATEGORIES)[what],
        }
    )
    segments = pd.DataFrame({"customer_id": [f"c{i}" for i in range(n)], "segment": segment})
    return CustomerTables(transactions=sales), segments


def test_planted_needs_of_a_stage_of_life_are_found():
    planted = [("family", "toys", 0.35), ("senior", "travel", 0.30)]
    tables, segments = _world(0, planted)
    table = segment_needs(tables, segments, AS_OF)
    assert len(table) == len(STAGES) * len(CATEGORIES)
    found = table[(table["p_adjusted"] <= 0.05) & (table["lift"] > 1)]
    assert set(zip(found["segment"], found["category"], strict=True)) == {("family", "toys"), ("senior", "travel")}
    # The largest lift of a segment stands first.
    assert table[table["segment"] == "family"]["category"].iloc[0] == "toys"


def test_of_worlds_without_needs_at_most_as_many_have_a_claim_as_stated():
    claims = [(segment_needs(*_world(seed, [], n=400), AS_OF)["p_adjusted"] <= 0.05).any() for seed in range(100)]
    assert np.mean(claims) <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 100)


def test_numbers_equal_a_slow_loop():
    tables, segments = _world(1, [("family", "toys", 0.5)], n=60)
    sales = tables.transactions
    for row in segment_needs(tables, segments, AS_OF).to_dict("records"):
        buyers = set(sales.loc[sales["category"] == row["category"], "customer_id"])
        own = set(segments.loc[segments["segment"] == row["segment"], "customer_id"])
        assert (row["n"], row["bought"]) == (len(own), len(own & buyers))
        assert row["rate"] == len(own & buyers) / len(own)
        assert row["lift"] == pytest.approx(row["rate"] / (len(buyers) / 60))
        assert (row["low"], row["high"]) == pytest.approx(wilson_interval(len(own & buyers), len(own)))
        less = stats.hypergeom.cdf(row["bought"], 60, len(buyers), len(own))
        more = stats.hypergeom.sf(row["bought"] - 1, 60, len(buyers), len(own))
        assert row["p_value"] == pytest.approx(min(1, 2 * min(less, more)))


def test_only_completed_sales_known_in_the_window_count_and_each_customer_once():
    rows = [
        # kind, status, time, known at
        ("sale", "completed", "2026-06-01", None, "counts"),
        ("sale", "completed", "2026-06-02", None, "counts"),
        ("sale", None, "2026-06-02", None, "counts too"),
        ("return", "completed", "2026-06-01", None, "returned"),
        ("sale", "pending", "2026-06-01", None, "pending"),
        ("sale", "completed", AS_OF, None, "now"),
        ("sale", "completed", "2026-06-01", AS_OF, "late"),
        ("sale", "completed", "2026-05-30", None, "old"),
        ("sale", "completed", "2026-06-01", None, None),
    ]
    sales = pd.DataFrame(rows, columns=["kind", "status", "event_time", "known_at", "category"])
    sales["known_at"] = pd.to_datetime(sales["known_at"]).fillna(pd.to_datetime(sales["event_time"]))
    tables = CustomerTables(transactions=sales.assign(customer_id="ann", amount=1.0))
    table = segment_needs(tables, pd.DataFrame({"customer_id": ["ann"], "segment": ["a"]}), AS_OF, "30D")
    assert table[["category", "n", "bought", "rate", "lift"]].to_numpy().tolist() == [
        *[["counts", 1, 1, 1.0, 1.0], ["counts too", 1, 1, 1.0, 1.0]]
    ]
    # Nobody to compare with.
    assert table["p_adjusted"].isna().all()
    everything = segment_needs(tables, pd.DataFrame({"customer_id": ["ann"], "segment": ["a"]}), AS_OF, "all")
    assert "old" in everything["category"].tolist()


def test_later_rows_other_customers_and_the_order_change_nothing():
    tables, segments = _world(2, [("family", "toys", 0.4)], n=200)
    before = segment_needs(tables, segments, AS_OF)
    sales = tables.transactions
    more = pd.concat([sales, sales.assign(event_time=AS_OF), sales.assign(customer_id="somebody"), sales])
    changed = tables.replace(transactions=more.sample(frac=1, random_state=0))
    pd.testing.assert_frame_equal(segment_needs(changed, segments[::-1], AS_OF), before)


def test_nobody_and_nothing_bought():
    empty = CustomerTables(customers=pd.DataFrame({"customer_id": ["ann"]}))
    ann = pd.DataFrame({"customer_id": ["ann"], "segment": ["a"]})
    tables, _ = _world(0, [], n=50)
    for some_tables, some in ((empty, ann), (tables, ann), (tables, ann.iloc[:0])):
        assert len(segment_needs(some_tables, some, AS_OF)) == 0


def test_wrong_input_is_refused():
    tables, segments = _world(0, [], n=50)
    with pytest.raises(InputError, match="customer_id must be there once; 1 of 51"):
        segment_needs(tables, pd.concat([segments, segments.iloc[:1]]), AS_OF)
    with pytest.raises(InputError, match="segments.customer_id must be there in every row"):
        segment_needs(tables, segments.assign(customer_id=segments["customer_id"].where(segments.index > 0)), AS_OF)
    with pytest.raises(InputError, match="segments.segment must be there in every row"):
        segment_needs(tables, segments.assign(segment=None), AS_OF)
    with pytest.raises(InputError, match="lacks the column 'brand'"):
        segment_needs(tables, segments, AS_OF, column="brand")
    with pytest.raises(InputError, match="a window must be"):
        segment_needs(tables, segments, AS_OF, window="soon")
