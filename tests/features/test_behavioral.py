import pandas as pd
import pytest

from nbo.features import BehavioralFeatures
from nbo.tables import CustomerTables, Spine


def _build(tables: CustomerTables, spine: Spine, **params) -> pd.DataFrame:
    return BehavioralFeatures(**params).fit(tables, spine).build(tables, spine)


def test_events_by_hand():
    events = pd.DataFrame(
        {
            "customer_id": "ann",
            "event_time": ["2026-05-31", "2026-06-05", "2026-06-28", "2026-06-28", "2026-06-29"],
            "event_type": ["cart", "page_view", "page_view", "page_view", "cart"],
            "session_id": ["s1", "s2", "s3", "s3", "s4"],
            "duration": [10.0, 20.0, 0.5, 0.25, 4.0],
            "category": ["tv", "tv", "pc", None, None],
        }
    )
    row = _build(CustomerTables(events=events), Spine.at("2026-06-30", ["ann"]), half_life="10D").loc[0]
    assert row["events__count__7D"] == 3
    assert row["events__count__30D"] == 5
    assert row["events__session_id__distinct__7D"] == 2
    assert row["events__session_id__distinct__30D"] == 4
    assert row["events__duration__sum__7D"] == 4.75
    assert row["events__count__30D__event_type_page_view"] == 3
    assert row["events__recency_days__event_type_page_view"] == 2.0
    assert row["events__count__90D__category_tv"] == 2
    assert row["events__trend__7D__30D"] == pytest.approx((3 / 7) / (5 / 30))
    ages = [30, 25, 2, 2, 1]
    assert row["events__decayed_count__10D"] == pytest.approx(sum(0.5 ** (age / 10) for age in ages))


def test_only_the_most_frequent_types_get_columns():
    events = pd.DataFrame({"customer_id": "ann", "event_time": "2026-06-01", "event_type": list("zzzbbaac")})
    X = _build(CustomerTables(events=events), Spine.at("2026-06-30", ["ann"]), windows=["30D"], top=3)
    types = [name for name in X if "count__30D__event_type" in name]
    assert types == [f"events__count__30D__event_type_{value}" for value in "zab"]


def test_anonymous_events_count_from_when_the_visitor_is_known():
    events = pd.DataFrame({"customer_id": ["v1", "ann"], "event_time": ["2026-06-01", "2026-06-02"]})
    identities = pd.DataFrame({"anonymous_id": ["v1"], "customer_id": ["ann"], "event_time": ["2026-06-10"]})
    tables = CustomerTables(events=events, identities=identities)
    moments = ["2026-06-05", "2026-06-10", "2026-06-11"]
    spine = Spine.of(pd.DataFrame({"customer_id": "ann", "as_of": moments}))
    assert _build(tables, spine)["events__count__30D"].tolist() == [1, 1, 2]


def test_a_later_identity_does_not_change_what_is_learnt():
    events = pd.DataFrame({"customer_id": ["v1", "ann"], "event_time": "2026-06-01", "event_type": ["chat", "cart"]})
    identities = pd.DataFrame({"anonymous_id": ["v1"], "customer_id": ["ann"], "event_time": ["2026-07-10"]})
    spine = Spine.at("2026-06-30", ["ann"])
    with_link = _build(CustomerTables(events=events, identities=identities), spine)
    pd.testing.assert_frame_equal(with_link, _build(CustomerTables(events=events), spine))


def test_a_later_link_takes_no_event_from_the_visitor():
    events = pd.DataFrame(
        {"customer_id": ["v1", "v1", "ann"], "event_time": ["2026-06-01", "2026-06-02", "2026-06-03"]}
    )
    links = pd.DataFrame({"anonymous_id": ["v1"], "customer_id": ["ann"], "event_time": ["2026-06-20"]})
    tables = CustomerTables(events=events, identities=links)
    before, after = (Spine.at(day, ["v1", "ann"]) for day in ("2026-06-20", "2026-06-21"))
    assert _build(tables, before)["events__count__30D"].tolist() == [2, 1]
    assert _build(tables, after)["events__count__30D"].tolist() == [2, 3]
