"""Tables in an index give the same cards as the tables themselves."""

from __future__ import annotations

import importlib

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import FeatureSet, known_customers
from nbo.simulate import World
from nbo.tables import CustomerTables, Spine
from nbo.views import customer_index, customer_snapshot


class Seen:
    """Scores nothing, and keeps what it was given."""

    def score(self, tables, spine):
        self.tables = tables
        return pd.DataFrame({"offer_id": pd.Series(dtype="str")})


@pytest.fixture(scope="module")
def world() -> World:
    return World(customers=120, days=90, seed=5)


@pytest.mark.parametrize("long", [10_000, 1], ids=["short tables", "long tables"])
def test_an_index_gives_the_same_cards_and_the_same_rows_to_a_model(world, monkeypatch, long):
    # Categories of long tables are numbered.
    monkeypatch.setattr(importlib.import_module("nbo.views.customer_index"), "_LONG", long)
    index = customer_index(world.tables)
    for customer in known_customers(world.tables, "2025-03-10").frame["customer_id"][:12]:
        plain, quick = Seen(), Seen()
        card = customer_snapshot(plain, world.tables, customer, "2025-03-10")
        assert customer_snapshot(quick, index, customer, "2025-03-10").to_json() == card.to_json()
        assert plain.tables.names == quick.tables.names
        for name in plain.tables.names:
            pd.testing.assert_frame_equal(plain.tables.get(name), quick.tables.get(name))
        spine = Spine.at("2025-03-10", [customer])
        features = FeatureSet.default(world.tables).fit(world.tables, spine)
        built = [features.build(found.tables, spine) for found in (plain, quick)]
        pd.testing.assert_frame_equal(*built, check_exact=True)


def test_rows_are_those_of_one_of_the_keys_in_the_order_of_the_table():
    edges = pd.DataFrame({"customer_id": ["ann", "bob", "cy", None], "related_id": ["bob", "cy", "ann", "ann"]})
    index = customer_index(CustomerTables(relationships=edges))
    found = index.rows("relationships", {"customer_id": ["ann", "zed"], "related_id": ["ann"]})
    assert found.index.tolist() == [0, 2, 3]
    assert index.rows("relationships", {"customer_id": [7]}).empty


@pytest.mark.parametrize("dtype", ["str", "category", "object"])
def test_ids_of_any_type_are_found(dtype):
    sales = pd.DataFrame({"customer_id": ["b", "a", "b"], "event_time": "2026-01-05", "amount": [1.0, 2.0, 4.0]})
    index = customer_index(CustomerTables(transactions=sales.astype({"customer_id": dtype})))
    assert customer_snapshot(None, index, "b", "2026-02-01").value["spent"] == 1.0 + 4.0


def test_a_number_is_not_its_text():
    sales = pd.DataFrame({"customer_id": [7, 8], "event_time": ["2026-01-05", "2026-01-06"]})
    index = customer_index(CustomerTables(transactions=sales))
    assert customer_snapshot(None, index, 7, "2026-02-01").value["purchases"] == 1
    with pytest.raises(InputError, match="no table has a row of '7'"):
        customer_snapshot(None, index, "7", "2026-02-01")


def test_empty_tables_have_nobody():
    index = customer_index(CustomerTables(transactions=pd.DataFrame(columns=["customer_id", "event_time"])))
    with pytest.raises(InputError, match="no table has a row of 'ann'"):
        customer_snapshot(None, index, "ann", "2026-02-01")


def test_a_row_without_a_time_is_refused_only_on_its_own_card():
    sales = pd.DataFrame({"customer_id": ["ann", "bob"], "event_time": [None, "2026-01-06"], "amount": [1.0, 2.0]})
    index = customer_index(CustomerTables(transactions=sales))
    assert customer_snapshot(None, index, "bob", "2026-02-01").value["spent"] == 2.0
    with pytest.raises(InputError, match="transactions.event_time must be there in every row; 1 of 1 rows is not"):
        customer_snapshot(None, index, "ann", "2026-02-01")


def test_the_moment_itself_and_what_was_known_late_are_left_out():
    sales = pd.DataFrame(
        {
            "customer_id": "ann",
            "event_time": ["2026-01-05", "2026-01-06", "2026-01-07"],
            "known_at": [None, "2026-02-01 00:00:00", "2026-01-31 23:59:59"],
            "amount": [1.0, 2.0, 4.0],
        }
    )
    index = customer_index(CustomerTables(transactions=sales))
    assert customer_snapshot(None, index, "ann", "2026-02-01").value["spent"] == 1.0 + 4.0


def test_a_model_is_asked_also_where_there_are_few_tables():
    sales = pd.DataFrame({"customer_id": ["ann"], "event_time": ["2026-01-05"], "amount": [1.0]})
    few = CustomerTables(transactions=sales)
    card = customer_snapshot(Seen(), customer_index(few), "ann", "2026-02-01")
    assert card.to_json() == customer_snapshot(Seen(), few, "ann", "2026-02-01").to_json()
