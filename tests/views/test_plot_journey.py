"""Plots of a customer's timeline and of the way through the stages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.journeys import transition_table
from nbo.tables import CustomerTables
from nbo.views import Snapshot, customer_snapshot, plot_journey, plot_timeline


@pytest.fixture(scope="module")
def card() -> Snapshot:
    tables = CustomerTables(
        transactions=pd.DataFrame({"customer_id": "ann", "event_time": ["2026-01-05", "2026-07-05"]}),
        decisions=pd.DataFrame(
            {
                "decision_id": ["d1", "d2"],
                "customer_id": "ann",
                "decided_at": ["2026-02-01", "2026-03-01"],
                "offer_id": "card",
            }
        ),
        outcomes=pd.DataFrame({"decision_id": ["d2"], "outcome": ["accept"], "outcome_at": ["2026-03-02"]}),
    )
    return customer_snapshot(None, tables, "ann", "2026-06-30")


def test_a_timeline_has_a_lane_for_each_table_and_fills_what_was_accepted(card):
    ax = plot_timeline(card)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["orders (1)", "offers (2)"]
    orders, offers = ax.collections
    assert len(orders.get_offsets()) == 1
    # The newest first: the accepted offer is filled, the other one hollow.
    assert [bool(face[3]) for face in offers.get_facecolors()] == [True, False]


def test_a_hidden_timeline_is_refused(card):
    hidden = Snapshot(**{**vars(card), "history": {"timeline": "hidden"}})
    with pytest.raises(InputError, match="hidden"):
        plot_timeline(hidden)


def test_an_empty_timeline_has_no_lane(card):
    ax = plot_timeline(Snapshot(**{**vars(card), "history": {"timeline": []}}))
    assert len(ax.collections) == 0


def test_a_journey_shows_each_chance_with_its_interval():
    table = transition_table(np.array([[80, 20], [0, 0]]), ["new", "loyal"])
    ax = plot_journey(table)
    first = table.iloc[0]
    assert ax.texts[0].get_text() == f"80 %\n{100 * first['low']:.0f} to {100 * first['high']:.0f}"
    assert len(ax.texts) == 2
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["new (100)", "loyal (0)"]


def test_a_journey_without_its_columns_is_refused():
    with pytest.raises(InputError, match="probability"):
        plot_journey(pd.DataFrame({"stage": ["a"], "next_stage": ["a"], "n": [1], "low": [0.0], "high": [1.0]}))
