"""The card of a customer as people read it: words, ids, money and shares."""

from __future__ import annotations

import pandas as pd

from nbo.tables import CustomerTables
from nbo.views import customer_snapshot
from tests.views.test_customer_snapshot import AS_OF, Model, make_tables


def test_the_card_tells_ids_money_and_shares_as_people_read_them():
    sales = pd.DataFrame({"customer_id": [1001], "event_time": ["2026-01-05"], "amount": [0.01], "product_id": [2002]})
    text = customer_snapshot(None, CustomerTables(transactions=sales), 1001, AS_OF).to_text()
    assert "1001" in text
    assert "1,001" not in text
    assert "2,002" not in text
    assert "Spent                0.01\n" in text
    assert "amount 0.01" in text
    whole = customer_snapshot(Model(), make_tables(), "ann", AS_OF)
    flags = whole.to_text().split("\nFlags")[1].split("\nValue")[0]
    churn, best = whole.flags["churn_probability"], whole.action["offers"][0]
    assert f"Churn probability    {100 * churn:.0f} %" in flags
    assert whole.flags["cross_sell"] == best["offer_id"]
    assert f"Cross-sell           {best['name']}\n" in flags
    assert best["name"] in whole._repr_html_().split("Signs")[1]


def test_what_was_looked_at_is_told_in_words():
    looks = pd.DataFrame({"customer_id": ["a"] * 12, "event_time": pd.date_range("2026-01-01", periods=12)})
    events = looks.assign(event_type=["search", "page_view"] * 6, category="home")
    card = customer_snapshot(None, CustomerTables(events=events), "a", AS_OF)
    assert "page_view" not in card.to_text() + card._repr_html_()
    assert f"of {card.action['likely_next']['times']} times" in card.to_text()
