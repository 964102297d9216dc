"""Several schemes at once: every customer once in each, versioned, as of a time."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import FeatureSet
from nbo.segments import RFMSegmenter, ValueTierSegmenter, segment_customers
from nbo.simulate import World
from nbo.tables import Spine


@pytest.fixture(scope="module")
def world():
    return World(customers=200, days=120, seed=5)


def _schemes(X):
    return {"rfm": RFMSegmenter().fit(X), "value": ValueTierSegmenter().fit(X)}


def _built(tables, spine):
    return FeatureSet.default(tables).fit(tables, spine).build(tables, spine)


def test_every_customer_is_in_each_scheme_once_with_its_version(world):
    spine = Spine.at(world.end, world.tables)
    X = _built(world.tables, spine)
    schemes = _schemes(X)
    rows = segment_customers(schemes, X, spine)
    assert rows.columns.tolist() == ["customer_id", "as_of", "scheme", "version", "segment"]
    assert len(rows) == 2 * len(spine)
    assert not rows.duplicated(["customer_id", "as_of", "scheme"]).any()
    for name, own in rows.groupby("scheme"):
        assert sorted(own["customer_id"]) == sorted(spine.frame["customer_id"])
        assert set(own["version"]) == {schemes[name].scheme}
        assert own["segment"].tolist() == schemes[name].predict(X).tolist()


def test_the_same_rows_again_and_in_another_order(world):
    spine = Spine.at(world.end, world.tables)
    X = _built(world.tables, spine)
    first = segment_customers(_schemes(X), X, spine)
    pd.testing.assert_frame_equal(segment_customers(_schemes(X), X, spine), first)
    order = np.random.default_rng(0).permutation(len(spine))
    turned = segment_customers(_schemes(X), X.iloc[order], Spine.of(spine.frame.iloc[order]))
    keys = ["scheme", "customer_id"]
    pd.testing.assert_frame_equal(
        turned.sort_values(keys).reset_index(drop=True), first.sort_values(keys).reset_index(drop=True)
    )


def test_what_happens_or_becomes_known_later_changes_no_segment(world):
    as_of = world.end - pd.Timedelta("30D")
    tables, spine = world.tables, Spine.at(as_of, world.tables)
    X = _built(tables, spine)
    before = segment_customers(_schemes(X), X, spine)
    sales = tables.transactions
    late = sales.assign(transaction_id="late" + sales["transaction_id"], margin=9999.0, amount=9999.0)
    late = late.assign(known_at=as_of + pd.Timedelta("1D"))
    told = sales[sales["event_time"] < as_of].assign(known_at=lambda rows: rows["event_time"])
    changed = tables.replace(transactions=pd.concat([told, late]))
    X = _built(changed, spine)
    pd.testing.assert_frame_equal(segment_customers(_schemes(X), X, spine), before)


def test_another_fit_is_another_version():
    X = pd.DataFrame({"profit": [1.0, 2, 3, 4, 5]})
    spine = Spine.at("2026-06-30", list("abcde"))
    first = ValueTierSegmenter("profit").fit(X)
    versions = {
        segment_customers({"value": tiers}, X, spine)["version"].iloc[0]
        for tiers in (first, ValueTierSegmenter("profit").fit(X), ValueTierSegmenter("profit").fit(X * 2))
    }
    assert len(versions) == 2


def test_nobody_and_no_scheme():
    X, spine = pd.DataFrame({"profit": [1.0]}), Spine.at("2026-06-30", ["a"])
    tiers = ValueTierSegmenter("profit").fit(X)
    assert len(segment_customers({}, X, spine)) == 0
    empty = segment_customers({"value": tiers}, X.iloc[:0], Spine.of(spine.frame.iloc[:0]))
    assert empty.columns.tolist() == ["customer_id", "as_of", "scheme", "version", "segment"]
    assert len(empty) == 0


def test_wrong_input_is_refused():
    X, spine = pd.DataFrame({"profit": [1.0]}), Spine.at("2026-06-30", ["a"])
    tiers = ValueTierSegmenter("profit").fit(X)
    with pytest.raises(InputError, match="X must have one row for each of the 1 rows of the spine; got 2"):
        segment_customers({"value": tiers}, pd.concat([X, X]), spine)
    with pytest.raises(InputError, match="customer_id must be there once at each time; 1 of 2"):
        segment_customers({"value": tiers}, pd.concat([X, X]), Spine.of(pd.concat([spine.frame] * 2)))
    with pytest.raises(TypeError, match="'value' is a str"):
        segment_customers({"value": "tiers"}, X, spine)
