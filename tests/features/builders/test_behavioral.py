import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import BehavioralFeatures
from nbo.simulate import World
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


def _events(rows: str, **columns) -> CustomerTables:
    """Tables of events of ann: a moment and a type a row."""
    parts = [row.split() for row in rows.strip().splitlines()]
    times, types = [part[0] for part in parts], [part[1] for part in parts]
    return CustomerTables(
        events=pd.DataFrame({"customer_id": "ann", "event_time": pd.to_datetime(times), "event_type": types, **columns})
    )


SPINE = Spine.at("2026-06-30", ["ann", "nobody"])


def test_steps_to_an_order_by_hand():
    tables = _events("""
        2026-06-01 page_view
        2026-06-02 search
        2026-06-02 product_view
        2026-06-03 page_view
        2026-06-03 cart
        2026-06-04 page_view
        2026-05-01 checkout""")
    row = _build(tables, SPINE).loc[0]
    assert row["events__count__30D__event_type_page_view_or_search"] == 4
    assert row["events__conversion__30D__product_view_per_page_view_or_search"] == 1 / 4
    assert row["events__conversion__30D__cart_per_product_view"] == 1 / 1
    assert row["events__conversion__30D__checkout_per_cart"] == 0 / 1
    assert row["events__furthest_step__30D"] == 3
    assert row["events__open_cart_days"] == 27


def test_steps_are_those_that_occur_before_the_latest_moment():
    tables = _events("2026-06-01 search\n2026-06-02 order\n2026-06-30 cart")
    row = _build(tables, SPINE, funnel=("search", "cart", "order"), windows=["30D"]).loc[0]
    assert row["events__furthest_step__30D"] == 2
    assert row["events__conversion__30D__order_per_search"] == 1
    assert "events__open_cart_days" not in row
    X = _build(_events("2026-06-01 search"), SPINE, windows=["30D"])
    assert not [name for name in X if "step" in name or "conversion" in name]


@pytest.mark.parametrize(
    ("later", "sales", "days"),
    [
        ("2026-06-20 chat", [], 10.0),
        ("2026-06-21 checkout", [], None),
        ("2026-06-20 checkout", [], None),
        ("2026-06-19 checkout", ["2026-06-19"], 10.0),
        ("2026-06-19 chat", ["2026-06-20"], None),
        ("2026-06-19 chat", ["2026-06-30"], 10.0),
    ],
)
def test_a_cart_is_open_until_an_order_or_a_sale(later, sales, days):
    tables = _events(f"2026-06-10 page_view\n2026-06-20 cart\n{later}")
    sales = pd.DataFrame({"customer_id": "ann", "event_time": pd.to_datetime(sales)})
    found = _build(tables.replace(transactions=sales), SPINE)["events__open_cart_days"].tolist()
    assert found[0] == days if days else pd.isna(found[0])
    assert pd.isna(found[1])


def test_interest_weighs_and_decays_by_hand():
    tables = _events(
        """
        2026-06-16 cart
        2026-06-23 page_view
        2026-06-23 search
        2026-06-29 mystery
        2026-06-29 email_sent""",
        category=["tv", "pc", "pc", None, "tv"],
        product_id=["a", "b", "b", None, "a"],
    )
    row = _build(tables, SPINE, half_life="14D").loc[0]
    half, quarter = 0.5, 0.25
    assert row["events__intent__decayed_sum__7D"] == pytest.approx(5 * quarter + (1 + 2) * half + 1 * 0.5 ** (1 / 7))
    assert row["events__interest__decayed_sum__14D"] == pytest.approx(
        5 * half + (1 + 2) * 0.5**0.5 + 1 * 0.5 ** (1 / 14)
    )
    assert row["events__intent__decayed_sum__7D__category_tv"] == 5 * quarter
    assert row["events__intent__decayed_sum__7D__category_pc"] == 3 * half
    assert row["events__intent__decayed_sum__7D__product_id_b"] == 3 * half
    assert row["events__category__top_interest__7D"] == "pc"
    assert row["events__category__top_interest_share__7D"] == 1.5 / (1.5 + 1.25)
    own = _build(tables, SPINE, weights={"cart": 10, "mystery": 0}).loc[0]
    assert own["events__intent__decayed_sum__7D"] == 10 * quarter + 3 * half
    assert own["events__category__top_interest__7D"] == "tv"


def test_of_equal_interests_the_first_in_the_alphabet_is_taken():
    tables = _events(
        "2026-06-23 search\n2026-06-22 search\n2026-06-23 search\n2026-06-22 search",
        category=["pc", "pc", "fan", "fan"],
    )
    X = _build(tables, SPINE)
    assert X["events__category__top_interest__7D"].tolist()[0] == "fan"
    assert X["events__category__top_interest_share__7D"][0] == 0.5
    assert pd.isna(X["events__category__top_interest__7D"][1])


def test_habits_by_hand():
    # The 27th is a Saturday.
    tables = _events(
        """
        2026-06-25T23:00 chat
        2026-06-26T09:00 chat
        2026-06-27T10:00 chat
        2026-06-28T11:59 chat""",
        channel=["web", "app", "app", None],
        device=["phone", "phone", "phone", "tv"],
    )
    row = _build(tables, SPINE).loc[0]
    assert row["events__share__90D__channel_app"] == 2 / 3
    assert row["events__channel__top__90D"] == "app"
    assert row["events__share__90D__device_phone"] == 3 / 4
    assert row["events__device__top__90D"] == "phone"
    assert row["events__share__90D__daypart_morning"] == 3 / 4
    assert row["events__share__90D__daypart_night"] == 0
    assert row["events__daypart__top__90D"] == "morning"
    assert row["events__share__90D__weekpart_weekend"] == 2 / 4
    gaps = [10 / 24, 25 / 24, (24 + 1 + 59 / 60) / 24]
    assert row["events__mean_gap_days"] == pytest.approx(sum(gaps) / 3)
    assert row["events__std_gap_days"] == pytest.approx(pd.Series(gaps).std())


def test_what_is_done_with_mails_by_hand():
    tables = _events("""
        2026-06-01 email_sent
        2026-06-02 email_open
        2026-06-03 email_sent
        2026-06-04 email_sent
        2026-06-04 email_open
        2026-06-05 email_sent
        2026-06-05 email_click
        2026-06-06 unsubscribe""")
    X = _build(tables, SPINE, top=0)
    assert X["events__email_open_rate__90D"][0] == 2 / 4
    assert X["events__email_click_rate__90D"][0] == 1 / 4
    assert X["events__recency_days__event_type_email_open"][0] == 26
    assert X["events__any__all__event_type_unsubscribe"].tolist() == [1, 0]
    assert X["events__email_open_rate__90D"].isna().tolist() == [False, True]
    assert not [name for name in _build(_events("2026-06-02 email_open"), SPINE) if "rate" in name]


def test_content_topics_by_hand():
    tables = _events(
        "2026-06-01 blog\n2026-06-02 blog\n2026-06-03 video\n2026-06-04 chat\n2026-06-05 download",
        category=["solar", "wind", "wind", "coal", None],
    )
    row = _build(tables, SPINE).loc[0]
    assert row["events_content__count__90D__category_wind"] == 2
    assert row["events_content__count__90D__category_solar"] == 1
    assert row["events_content__category__top__90D"] == "wind"
    assert "events_content__count__90D__category_coal" not in row


def test_what_rises_by_hand():
    tables = _events("2026-06-29 chat\n2026-06-10 chat\n2026-06-09 chat\n2026-05-20 chat\n2026-05-19 chat")
    X = _build(tables, SPINE)
    assert X["events__trend__30D__30D_before_30D"][0] == 3 / 2
    assert X["events__trend__30D__30D_before_30D"].isna()[1]
    assert X["events__trend__7D__30D"][0] == pytest.approx((1 / 7) / (3 / 30))
    months = _build(tables, SPINE, windows=["1fullmo", "30D_before_7D", "all"])
    assert [name for name in months if "trend" in name] == []


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"weights": {"cart": -1}}, "weights must be finite numbers of 0 or more; got -1 for 'cart'"),
        ({"funnel": "cart"}, "funnel must be a sequence of texts"),
        ({"funnel": ("cart", "cart|order")}, "a type of event must stand in one step of the funnel"),
        ({"intent_half_life": "soon"}, "intent_half_life"),
    ],
)
def test_arguments_that_are_not_allowed(params, says):
    with pytest.raises(InputError, match=says):
        _build(_events("2026-06-01 cart"), SPINE, **params)


def test_a_visit_that_goes_on_looks_as_long_as_it_is_known_to_be():
    events = pd.DataFrame(
        {
            "customer_id": "ann",
            "event_time": pd.to_datetime(["2026-06-29T10:00", "2026-06-29T10:10", "2026-06-29T10:30"]),
            "session_id": "s",
        }
    )
    spine = Spine.of(pd.DataFrame({"customer_id": "ann", "as_of": ["2026-06-29T10:10", "2026-06-29T10:11"]}))
    X = _build(CustomerTables(events=events), spine)
    assert X["events__session_id__max_seconds__90D"].tolist() == [0, 600]
    assert X["events__session_id__single_share__90D"].tolist() == [1, 0]


@pytest.fixture(scope="module")
def world() -> World:
    return World(customers=1500, days=200, seed=3)


def test_intent_rises_before_purchases_and_names_what_is_bought(world):
    sales = world.tables.transactions.query("kind == 'sale' and event_time >= '2025-03-01'")
    sales = sales[sales["category"].notna()].sample(2000, random_state=0)
    rows = [
        pd.DataFrame({"customer_id": sales["customer_id"], "as_of": sales["event_time"] - pd.Timedelta(before)})
        for before in ("0D", "1D", "4D", "28D")
    ]
    spine = Spine.of(pd.concat(rows))
    X = _build(world.tables, spine, top_categories=6)
    intent = X["events__intent__decayed_sum__7D"].to_numpy().reshape(4, -1).mean(axis=1)
    assert (intent[:-1] > 1.15 * intent[1:]).all()
    bought = sales["category"].to_numpy()
    found = X["events__category__top_interest__7D"].iloc[: len(sales)]
    known = found.notna().to_numpy()
    assert (found[known].to_numpy() == bought[known]).mean() > 0.5
    own = [X[f"events__intent__decayed_sum__7D__category_{one}"].iloc[: len(sales)] for one in sorted(set(bought))]
    of_bought = sum(column[(bought == one)].sum() for one, column in zip(sorted(set(bought)), own, strict=True))
    assert of_bought / sum(column.sum() for column in own) > 0.5
