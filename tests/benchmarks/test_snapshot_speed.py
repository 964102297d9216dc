"""A card from an index takes as long among many customers as among few."""

from __future__ import annotations

import time

import numpy as np

from nbo.views import customer_index, customer_snapshot
from tests.benchmarks.snapshot import AS_OF, made_up_tables, seconds


def typical(index, customer: str) -> float:
    """Give the shortest of several times of the processor: what others run on the machine adds, never takes away."""
    return min(seconds(lambda: customer_snapshot(None, index, customer, AS_OF), time.process_time) for _ in range(9))


def test_a_card_takes_as_long_among_many_customers_as_among_few():
    few = customer_index(made_up_tables(500, 5_000, own=20))
    many = customer_index(made_up_tables(20_000, 200_000, own=10_000))
    small, large = typical(few, "C0000001"), typical(many, "C0000001")
    # Forty times the rows; a card that read whole tables would take several times as long.
    assert large < 2 * small
    # A thousand times the events of others cost less than two cards more.
    assert typical(many, "C0000000") < 3 * large


def test_the_made_up_busy_customer_has_its_events():
    tables = made_up_tables(100, 3_000, own=1_000)
    assert (tables.events["customer_id"] == "C0000000").sum() >= 1_000
    card = customer_snapshot(None, tables, "C0000000", AS_OF)
    looks = sum(
        n for name, n in card.history["counts"].items() if name in ("page_view", "search", "cart", "email_open")
    )
    assert np.isclose(looks / 1_000, 180 / 365, atol=0.08)
