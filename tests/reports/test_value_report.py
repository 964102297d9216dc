import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.reports import value_report
from nbo.segments import ServicePlan, align_services, assign_service
from nbo.simulate import World
from nbo.tables import CustomerTables
from nbo.value import channel_profit, customer_costs, loss_makers, profitability, segment_profit

SPAN = pd.Timedelta("90D")


@pytest.fixture(scope="module")
def world():
    return World(customers=400, days=240, seed=5, live_days=30)


@pytest.fixture(scope="module")
def labels(world):
    ids = world.tables.get("customers")["customer_id"].unique()
    return pd.DataFrame({"customer_id": ids, "segment": np.array(["a", "b", "c"])[np.arange(len(ids)) % 3]})


def report(world, tables=None, **given):
    end = world.live_from
    return value_report(world.tables if tables is None else tables, end - SPAN, end, **given)


def test_tables_are_those_of_the_accounts(world, labels):
    end = world.live_from
    made = report(world, segments={"scheme": labels})
    whole = profitability(world.tables, end - SPAN, end)
    before = profitability(world.tables, end - 2 * SPAN, end - SPAN, as_of=end)
    profit = made.tables["profit"].set_index("line")
    assert profit["amount"].to_dict() == whole.total.to_dict()
    assert profit["before"].to_dict() == before.total.to_dict()
    assert (made.tables["reconciliation"]["difference"] == 0).all()
    pd.testing.assert_frame_equal(made.tables["segments_scheme"], segment_profit(whole, labels))
    pd.testing.assert_frame_equal(made.tables["loss_drivers"], loss_makers(whole).drivers)
    pd.testing.assert_frame_equal(made.tables["channels"], channel_profit(world.tables, end - SPAN, end).channels)
    spent = customer_costs(world.tables, end - SPAN, end, segments=labels).segments
    pd.testing.assert_frame_equal(made.tables["costs_scheme"], spent)
    best = made.tables["top_customers"]["profit"]
    assert best.is_monotonic_decreasing
    assert best.iloc[0] == whole.customers["profit"].max()


def test_services_and_worth_match_what_they_were_made_of(world, labels):
    whole = profitability(world.tables, world.live_from - SPAN, world.live_from).customers
    people = whole[["customer_id"]].assign(contribution=whole["profit"]).merge(labels)
    plan = ServicePlan(
        pd.DataFrame(
            {
                "level": ["team", "online"], "owner": ["experienced team", "self-service"], "segment": [None, None],
                "pool": ["desk", None], "minutes": [30, 0], "cost": [20.0, 0.5],
            }
        )
    )  # fmt: skip
    service = assign_service(people, plan, {"desk": 3000})
    clv = pd.Series(np.arange(len(people), dtype=float), index=people["customer_id"])
    made = report(world, segments=labels, service=service, clv=clv)
    pd.testing.assert_frame_equal(made.tables["services"], align_services(service))
    assert made.tables["services"].groupby("segment")["profit"].sum().round(2).to_dict() == (
        people.groupby("segment")["contribution"].sum().round(2).to_dict()
    )
    worth = made.tables["worth_segment"].set_index("segment")
    known = labels.set_index("customer_id")["segment"].reindex(clv.index)
    assert worth["clv"].to_dict() == clv.groupby(known).sum().to_dict()
    costs = world.tables.get("customers").drop_duplicates("customer_id", keep="last").set_index("customer_id")
    paid = costs["acquisition_cost"].reindex(clv.index).groupby(known).sum()
    assert worth["acquisition_cost"].round(2).to_dict() == paid.round(2).to_dict()


def test_what_comes_later_changes_nothing(world, labels):
    tables, end = world.tables, world.live_from
    sale = tables.get("transactions").tail(1)
    later = [
        sale.assign(transaction_id="later", event_time=end, amount=9e6),
        sale.assign(transaction_id="late", event_time=end - pd.Timedelta("1D"), known_at=end, amount=9e6),
    ]
    more = tables.replace(transactions=pd.concat([tables.get("transactions"), *later], ignore_index=True))
    now, then = report(world, segments=labels), report(world, more, segments=labels)
    assert now.summary == then.summary
    for name, frame in now.tables.items():
        pd.testing.assert_frame_equal(then.tables[name], frame)


def test_without_any_row_there_is_a_report():
    made = value_report(CustomerTables(customers=pd.DataFrame({"customer_id": ["ann"]})), "2026-01-01", "2026-02-01")
    assert made.tables["profit"]["amount"].eq(0).all()
    assert "No customer costs more" in " ".join(made.summary)
    assert "<table>" in made.to_page().to_html()


def test_several_schemes_come_in_one_frame(world, labels):
    schemes = pd.concat([labels.assign(scheme="one"), labels.assign(scheme="two", segment="all")])
    made = report(world, segments=schemes)
    assert {"segments_one", "segments_two", "costs_one", "costs_two"} <= set(made.tables)


def test_wrong_arguments_are_refused(world):
    with pytest.raises(TypeError, match="tables must be CustomerTables; got DataFrame"):
        value_report(pd.DataFrame(), "2026-01-01", "2026-02-01")
    with pytest.raises(InputError, match="service must be a ServiceAssignment; got str"):
        report(world, service="gold")
    with pytest.raises(InputError, match="level"):
        report(world, level=2)
    with pytest.raises(InputError, match="start must be a time"):
        value_report(world.tables, None, "2026-02-01")


def shop(**columns):
    sales = {
        "customer_id": [1, 2, 3],
        "event_time": "2026-01-05",
        "amount": [9.0, 5.0, 2.0],
        "margin": [4.0, 1.0, -1.0],
    }
    return CustomerTables(transactions=pd.DataFrame(sales).assign(**columns))


def test_worth_is_that_of_customers_whose_value_is_known():
    made = value_report(
        shop(), "2026-01-01", "2026-02-01", segments=pd.Series({1: 7, 2: 8}), clv=pd.Series({1: 5.0, 2: np.nan, 9: 3.0})
    )
    assert made.tables["worth_segment"][["segment", "n", "clv", "current"]].values.tolist() == [["7", 1, 5.0, 4.0]]
    assert "By segment, 7 brings most, 4.00 of 1 customers; 8 least" in " ".join(made.summary)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"clv": [1.0]}, TypeError, "clv must be a Series by customer id; got list"),
        ({"clv": pd.Series([1.0, 2.0], index=[1, 1])}, InputError, "clv's index must be each customer once"),
        ({"clv": pd.Series({"1": 1.0})}, InputError, "clv's index must be of the kind"),
        ({"clv": pd.Series({1: np.inf})}, InputError, "clv must be finite, or missing"),
        ({"segments": pd.Series({"1": "a"})}, InputError, "segments.customer_id must be of the kind"),
        ({"segments": {"../up": pd.Series({1: "a"})}}, InputError, "a scheme's name must be letters.*'../up'"),
        (
            {"segments": pd.DataFrame({"customer_id": [1, 2], "segment": "a", "scheme": ["x", None]})},
            InputError,
            "segments.scheme must be there in every row; 1 of 2",
        ),
    ],
)
def test_values_and_segments_that_cannot_be_told_apart_are_refused(given, error, message):
    with pytest.raises(error, match=message):
        value_report(shop(), "2026-01-01", "2026-02-01", **{"segments": pd.Series({1: "a"}), **given})


def test_of_one_customer_and_of_none_the_summary_says_no_more_than_is_known():
    made = value_report(shop().replace(transactions=shop().transactions.head(1)), "2026-01-01", "2026-02-01")
    assert "nan" not in " ".join(made.summary)
    assert value_report(CustomerTables(), "2026-01-01", "2026-02-01").summary == (
        "The profit is 0.00; there is nothing to compare with in the period before.",
    )


def test_names_of_customers_segments_and_channels_are_no_markup():
    tables = shop(customer_id=["<script>alert(1)</script>", "b", "c"], margin=-1.0, channel="<script>alert(2)</script>")
    segments = pd.Series({"b": "<script>alert(3)</script>"})
    made = value_report(tables, "2026-01-01", "2026-02-01", segments=segments, title="<script>alert(4)</script>")
    page = made.to_page().to_html() + made._repr_html_()
    assert "<script>alert" not in page
    assert all(f"alert({n})" in page for n in (1, 2, 3, 4))


def test_the_driver_that_is_told_is_that_of_the_largest_part_of_the_loss():
    rows = {"customer_id": range(5), "event_time": "2026-01-05", "amount": 10.0, "margin": [9.0, 9.0, 9.0, 4.0, -90.0]}
    cases = {"customer_id": [0, 1, 2], "opened_at": "2026-01-05", "cost_to_serve": 10.0}
    tables = CustomerTables(transactions=pd.DataFrame(rows), cases=pd.DataFrame(cases))
    told = " ".join(value_report(tables, "2026-01-01", "2026-02-01").summary)
    # Three lose 1 by service, one loses 90 by goods: 90 of 93.
    assert "80.0 % of the customers cost more than they bring in, 93.00 in all" in told
    assert "The largest part of it, 97 %, is with those for whom it is above all what their goods cost" in told


def test_referrals_that_tell_of_no_sale_are_left_out():
    told = pd.DataFrame({"customer_id": [1], "referred_id": [2], "event_time": ["2026-01-02"]})
    assert "referrers" not in value_report(shop().replace(referrals=told), "2026-01-01", "2026-02-01").tables
    sold = told.assign(converted_at="2026-01-05", converted_value=5.0)
    made = value_report(shop().replace(referrals=sold), "2026-01-01", "2026-02-01")
    assert made.tables["referrers"][["customer_id", "value"]].values.tolist() == [[1, 5.0]]


def test_a_period_before_without_rows_is_not_compared_with():
    sales = pd.DataFrame({"customer_id": ["ann"], "event_time": ["2026-01-05"], "amount": [9.0], "margin": [4.0]})
    made = value_report(CustomerTables(transactions=sales), "2026-01-01", "2026-02-01")
    assert made.summary[0] == "The profit is 4.00; there is nothing to compare with in the period before."
