"""What kind of interaction a decision was: an advertisement, a marketing offer, a sales proposal ..."""

from __future__ import annotations

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.reports import ACTION_TYPES, action_types, segment_report
from nbo.tables import Catalog, Offer


def test_what_a_decision_says_comes_first_then_the_catalog_then_its_kind_and_category():
    catalog = pd.DataFrame(
        {
            "offer_id": ["a", "b", "c", "d"],
            "action_type": ["sales proposal", None, None, None],
            "kind": ["discount", "loyalty", None, None],
            "category": ["travel", "travel", "travel", None],
        }
    )
    rows = pd.DataFrame({"offer_id": ["a", "a", "b", "c", "d", "no_offer"]})
    rows["action_type"] = ["advertisement", None, None, None, None, None]
    expected = ["advertisement", "sales proposal", "loyalty promotion", "travel", "not known", "no action"]
    assert action_types(rows, catalog).tolist() == expected


def test_a_catalog_and_own_words_are_taken():
    rows = pd.DataFrame({"offer_id": ["card", "loan"]})
    catalog = Catalog([Offer("card", kind="trial"), Offer("loan", kind="bundle")])
    assert action_types(rows, catalog, {"trial": "test drive"}).tolist() == ["test drive", "bundle"]
    assert action_types(rows).tolist() == ["not known", "not known"]


def test_all_six_types_of_interaction_can_be_told():
    six = {"advertisement", "marketing offer", "sales proposal", "cross-sell offer", "loyalty promotion",
           "service response"}  # fmt: skip
    assert set(ACTION_TYPES.values()) == six


def test_the_table_of_action_types_by_segment_equals_a_group_by(log):
    catalog = Catalog([Offer("card", kind="discount"), Offer("loan", kind="discount"), Offer("visit", kind="service")])
    rows = log[log["reward"].notna()].assign(action_type=action_types(log, catalog))
    table = segment_report(rows, of="action_type")
    own = table[table["segment"] != "all"].set_index(["segment", "action_type"])
    gain = (rows["reward"] * rows["value"] - rows["cost"]).groupby([rows["segment"], rows["action_type"]])
    expected = rows.groupby(["segment", "action_type"])["reward"]
    assert own["n"].to_dict() == expected.size().to_dict()
    assert own["accepted"].to_dict() == expected.sum().to_dict()
    assert own["value"].to_dict() == pytest.approx(gain.sum().to_dict())
    assert own.loc[("new", "no action"), "n"] == ((rows["segment"] == "new") & (rows["offer_id"] == "no_offer")).sum()


def test_a_frame_without_offers_is_refused():
    with pytest.raises(InputError, match="feedback lacks the column 'offer_id'"):
        action_types(pd.DataFrame({"offer": ["a"]}))
