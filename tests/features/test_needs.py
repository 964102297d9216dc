"""What features read is known before it is read."""

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import AggregateFeatures, DemographicFeatures, EnvironmentFeatures, FeatureSet, SocialFeatures
from nbo.features.engines.part_tables import PartTables
from nbo.features.needs import linked_tables, links
from nbo.tables import CustomerTables


def _fitted(builder, tables_of, spine_of):
    return FeatureSet([builder]).fit(tables_of(0), spine_of(0))


def test_aggregates_read_their_column_their_conditions_and_the_times(tables_of, spine_of):
    builder = AggregateFeatures("transactions", ["sum(amount)"], where=[("kind", "sale")], pivots=["category"])
    assert _fitted(builder, tables_of, spine_of).needs() == {
        "transactions": ["amount", "category", "customer_id", "event_time", "kind", "known_at"]
    }


def test_a_derived_column_reads_what_it_follows_from(tables_of, spine_of):
    needs = _fitted(AggregateFeatures("transactions", ["sum(net_amount)"]), tables_of, spine_of).needs()
    assert {"amount", "kind", "net_amount"} <= set(needs["transactions"])
    builder = AggregateFeatures("transactions", ["count"], pivots={"daypart": ["night"]})
    assert "event_time" in _fitted(builder, tables_of, spine_of).needs()["transactions"]


def test_events_come_with_identities_and_attributes_whole(tables_of, spine_of):
    assert _fitted(AggregateFeatures("events", ["count"]), tables_of, spine_of).needs()["identities"] is None
    assert _fitted(EnvironmentFeatures(), tables_of, spine_of).needs() == {"environment": None, "customers": None}


def test_a_set_reads_what_all_its_builders_read(tables_of, spine_of):
    sums = AggregateFeatures("transactions", ["sum(amount)"])
    counts = AggregateFeatures("transactions", ["distinct(product_id)"], label="products")
    needs = FeatureSet([sums, counts]).fit(tables_of(0), spine_of(0)).needs()
    assert needs == {"transactions": ["amount", "customer_id", "event_time", "known_at", "product_id"]}


def test_a_set_that_is_not_fitted_does_not_know():
    with pytest.raises(InputError, match="not fitted"):
        FeatureSet([AggregateFeatures()]).needs()


def test_links_are_those_of_the_switches_that_are_on(tables_of, spine_of):
    off = FeatureSet([DemographicFeatures(), SocialFeatures()]).fit(tables_of(0), spine_of(0)).builders
    assert (links(off), linked_tables(off)) == ([], [])
    builders = [DemographicFeatures(household_size=True), SocialFeatures(both_ends=True)]
    on = FeatureSet(builders).fit(tables_of(0), spine_of(0)).builders
    assert links(on) == ["household_id", "related_id"]
    assert {"customers", "relationships"} <= set(linked_tables(on))


def test_what_was_not_set_out_is_refused():
    sales = pd.DataFrame({"customer_id": ["ann"], "event_time": "2026-01-01", "amount": [1.0]})
    tables = CustomerTables(transactions=sales, events=sales.drop(columns="amount"))
    read = tables.get("transactions").__getitem__
    part = PartTables(tables, {"transactions": 1}, {"transactions": {"event_time"}}, lambda name, column: read(column))
    table = part.columns("transactions")
    assert "amount" in table
    assert len(table.times("event_time")) == 1
    with pytest.raises(InputError, match=r"reads transactions\.amount, of which its features say nothing"):
        table.numbers("amount")
    with pytest.raises(InputError, match="reads the table events"):
        part.columns("events")
    assert len(part.columns("cases")) == 0
