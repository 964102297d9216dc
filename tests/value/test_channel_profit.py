"""Profit and loss by channel: by hand, and to the cent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.simulate import World
from nbo.tables import CustomerTables
from nbo.value import channel_profit, profitability

SPAN = ("2026-01-01", "2026-03-01")


def by_hand() -> CustomerTables:
    return CustomerTables(
        customers=pd.DataFrame(
            {
                "customer_id": ["ann", "bob"],
                "signed_up_at": "2026-01-03",
                "acquisition_cost": [7.0, 3.0],
                "acquisition_channel": ["web", "fair"],
            }
        ),
        transactions=pd.DataFrame(
            {
                "customer_id": ["ann", "ann", "bob", "zoe"],
                "event_time": ["2026-01-05", "2026-01-09", "2026-02-05", "2026-01-05"],
                "kind": ["sale", "return", "sale", "sale"],
                "amount": [100.0, 40.0, 50.0, 20.0],
                "margin": [30.0, -10.0, 15.0, 5.0],
                "channel": ["web", "store", "store", None],
            }
        ),
        cases=pd.DataFrame(
            {"customer_id": ["ann"], "opened_at": ["2026-02-01"], "channel": ["phone"], "cost_to_serve": [12.5]}
        ),
        catalog=pd.DataFrame({"offer_id": ["card"], "cost": [0.25]}),
        decisions=pd.DataFrame(
            {
                "decision_id": ["d1", "d2"],
                "customer_id": "ann",
                "decided_at": "2026-01-04",
                "offer_id": ["card", "no_offer"],
                "channel": "phone",
            }
        ),
    )


def test_profit_and_loss_of_each_channel_by_hand():
    costs = pd.DataFrame({"event_time": "2026-01-09", "amount": [6.0, 2.0], "channel": ["store", None]})
    found = channel_profit(by_hand(), *SPAN, costs=costs)
    rows = found.channels.set_index("channel")
    assert rows.index.tolist() == ["fair", "phone", "store", "web", "not known"]
    assert rows["revenue"].tolist() == [0, 0, 50, 100, 20]
    assert rows["returns"].tolist() == [0, 0, 40, 0, 0]
    assert rows["goods"].tolist() == [0, 0, 35 - 30, 70, 15]
    assert rows["cost_to_serve"].tolist() == [0, 12.5, 0, 0, 0]
    assert rows["contact_cost"].tolist() == [0, 0.25, 0, 0, 0]
    assert rows["acquisition_cost"].tolist() == [3, 0, 0, 7, 0]
    assert rows["other_cost"].tolist() == [0, 0, 6, 0, 2]
    assert rows["profit"].tolist() == [-3, -12.75, 15 - 10 - 6, 30 - 7, 5 - 2]
    assert rows[["orders", "cases", "contacts"]].values.tolist() == [
        [0, 0, 0],
        [0, 1, 1],
        [1, 0, 0],
        [1, 0, 0],
        [1, 0, 0],
    ]
    assert rows.loc["web", "profit_share"] == 23 / 100
    assert found.reconcile()["difference"].eq(0).all()
    assert found.total["profit"] == -3 - 12.75 - 1 + 23 + 3


def test_services_are_told_apart_by_any_column():
    tables = by_hand()
    cases = tables.cases.assign(topic="delivery")
    found = channel_profit(tables.replace(cases=cases), *SPAN, columns={"cases": "topic"}).channels
    assert found[["channel", "profit"]].values.tolist() == [
        ["delivery", -12.5],
        ["not known", 30 - 10 + 15 + 5 - 10.25],
    ]


def test_channels_reconcile_with_the_company_in_a_simulated_world():
    world = World(customers=1500, days=150, seed=4)
    tables = world.tables
    some = tables.transactions.assign(channel=tables.transactions["channel"].where(tables.transactions.index % 9 > 0))
    tables = tables.replace(transactions=some)
    found = channel_profit(tables, world.start, world.end, by="month")
    whole = profitability(tables, world.start, world.end, by="month")
    assert (found.reconcile()["difference"] == 0).all()
    pd.testing.assert_frame_equal(found.total_cents, whole.total_cents)
    assert found.cents.loc[found.cents["channel"] == "not known", "revenue"].sum() > 0
    sales = some[(some["status"] == "completed") & (some["kind"] == "sale")]
    mine = found.cents.groupby("channel")["revenue"].sum()
    for channel, rows in sales.groupby("channel"):
        assert mine[channel] == np.rint(100 * rows["amount"]).sum()
    assert found.cents["orders"].sum() == len(sales)


def test_later_rows_change_nothing_and_neither_does_order():
    tables = by_hand()
    later = tables.transactions.assign(event_time="2026-03-01", channel="kiosk")
    late = tables.transactions.assign(known_at="2026-03-01", channel="kiosk")
    grown = tables.replace(transactions=pd.concat([tables.transactions, later, late]).sample(frac=1, random_state=0))
    pd.testing.assert_frame_equal(channel_profit(grown, *SPAN).cents, channel_profit(tables, *SPAN).cents)


def test_nothing_bad_input_and_page():
    empty = channel_profit(CustomerTables(), *SPAN)
    assert empty.channels["channel"].tolist() == ["not known"]
    assert (empty.reconcile()["difference"] == 0).all()
    with pytest.raises(InputError, match="columns must be one of 'transactions', 'cases'"):
        channel_profit(CustomerTables(), *SPAN, columns={"events": "channel"})
    assert "<td>web</td>" in channel_profit(by_hand(), *SPAN)._repr_html_()


def test_a_column_that_is_asked_for_and_not_there_is_an_error():
    with pytest.raises(InputError, match="transactions .*'categry'"):
        channel_profit(by_hand(), *SPAN, columns={"transactions": "categry"})
    nothing = channel_profit(by_hand(), *SPAN, columns={"decisions": "channel"})
    assert nothing.channels["channel"].iloc[-1] == "not known"
