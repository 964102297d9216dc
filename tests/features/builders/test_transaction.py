import math

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import TransactionFeatures
from nbo.tables import CustomerTables, Spine

AS_OF = "2026-06-30"


def _row(tables: CustomerTables, as_of: str = AS_OF, **params) -> dict:
    spine = Spine.at(as_of, ["ann"])
    return TransactionFeatures(**params).fit(tables, spine).build(tables, spine).loc[0].to_dict()


def _sales(**columns) -> CustomerTables:
    return CustomerTables(transactions=pd.DataFrame({"customer_id": "ann", **columns}))


def test_sales_by_hand():
    tables = _sales(
        event_time=["2026-03-02", "2026-06-10", "2026-06-20", "2026-06-29", "2026-06-30"],
        amount=[100.0, 10.1, 20.2, 50.0, 999.0],
        margin=[30.0, 1.0, -2.0, 5.0, 9.0],
        discount=[0.0, 1.1, 0.0, 5.0, 9.0],
        product_id=["a", "a", "b", "b", "z"],
    )
    row = _row(tables, windows=["30D", "365D"])
    assert row["transactions__count__30D"] == 3
    assert row["transactions__count__365D"] == row["transactions__count__all"] == 4
    assert row["transactions__amount__sum__30D"] == 80.3
    assert row["transactions__amount__mean__30D"] == pytest.approx(80.3 / 3)
    assert row["transactions__amount__max__365D"] == 100.0
    assert row["transactions__margin__sum__30D"] == 1 - 2 + 5
    assert row["transactions__discount_share__30D"] == pytest.approx(6.1 / (6.1 + 80.3))
    assert row["transactions__product_id__distinct__30D"] == 2
    assert row["transactions__recency_days"] == 1.0
    assert row["transactions__tenure_days"] == 29 + 30 + 31 + 30
    assert row["transactions__mean_gap_days"] == pytest.approx((120 - 1) / 3)


def test_a_return_and_a_pending_order_are_never_sales():
    tables = _sales(
        event_time=["2026-06-10", "2026-06-11", "2026-06-12", "2026-06-13"],
        amount=[10.0, 4.0, 7.0, 5.0],
        kind=["sale", "return", "sale", None],
        status=["completed", "completed", "pending", None],
    )
    row = _row(tables, windows=["30D"])
    assert (row["transactions__count__30D"], row["transactions__amount__sum__30D"]) == (2, 10.0 + 5.0)
    assert row["transactions__count__30D__kind_return"] == 1
    assert row["transactions__amount__sum__30D__kind_return"] == 4.0
    assert row["transactions__return_rate__30D"] == 1 / 2
    assert row["transactions__count__all__status_pending"] == 1
    assert row["transactions__amount__sum__all__status_pending"] == 7.0


def test_the_most_frequent_categories_get_columns():
    tables = _sales(event_time="2026-06-10", amount=1.0, category=["b", "b", "pets & food", "c", "c", None])
    row = _row(tables, windows=["30D"], top=3)
    pivots = [name for name in row if "30D__category_" in name]
    assert pivots == [
        f"transactions__{what}__30D__category_{value}"
        for value in ("b", "c", "pets_food")
        for what in ("count", "amount__sum", "amount_share")
    ]
    assert row["transactions__count__30D__category_pets_food"] == 1
    assert row["transactions__amount__sum__30D__category_b"] == 2.0
    assert row["transactions__amount_share__30D__category_b"] == 2 / 6


def test_categories_that_would_share_a_name_get_two():
    tables = _sales(event_time="2026-06-10", category=["a b", "a b", "a_b"])
    row = _row(tables, windows=["30D"])
    assert row["transactions__count__30D__category_a_b"] == 2
    assert row["transactions__count__30D__category_a_b_2"] == 1


def test_whole_numbers_are_one_category_as_integers_and_as_floats():
    spine = Spine.at(AS_OF, ["ann"])
    builder = TransactionFeatures(windows=["30D"]).fit(_sales(event_time="2026-06-10", category=[1, 1, 2]), spine)
    row = builder.build(_sales(event_time="2026-06-10", category=[1.0, 2.0, None]), spine).loc[0]
    assert (row["transactions__count__30D__category_1"], row["transactions__count__30D__category_2"]) == (1, 1)


def _cases(**columns) -> CustomerTables:
    return CustomerTables(cases=pd.DataFrame({"customer_id": "ann", **columns}))


@pytest.mark.parametrize(
    ("as_of", "is_open"),
    [("2026-06-01", 0), ("2026-06-01 00:00:01", 1), ("2026-06-10", 1), ("2026-06-10 00:00:01", 0)],
)
def test_a_case_is_open_exactly_between_opening_and_closing(as_of, is_open):
    tables = _cases(
        opened_at=["2026-06-01"], closed_at=["2026-06-10"], severity=[4], satisfaction=[2], cost_to_serve=[7.5]
    )
    row = _row(tables, as_of)
    assert row["cases__is_open"] == row["cases__open_count"] == is_open
    assert math.isnan(row["cases__days_open"]) == (not is_open)
    closed = as_of == "2026-06-10 00:00:01"
    assert row["cases__cost_to_serve__sum__30D"] == (7.5 if closed else 0.0)
    assert row["cases__satisfaction__last__all"] == 2.0 if closed else math.isnan(row["cases__satisfaction__last__all"])


def test_cases_by_hand():
    tables = _cases(
        opened_at=["2026-01-01", "2026-06-20", "2026-06-28"],
        closed_at=["2026-06-25", None, None],
        kind=["complaint", "inquiry", "complaint"],
        severity=[5, 2, 3],
    )
    row = _row(tables, windows=["30D", "365D"])
    assert row["cases__count__30D__kind_complaint"] == 1
    assert row["cases__count__365D__kind_complaint"] == 2
    assert row["cases__count__30D__kind_inquiry"] == 1
    assert row["cases__open_count"] == 2
    assert row["cases__days_open"] == 10.0
    assert row["cases__severity__max__open"] == 3.0
    assert row["cases__severity__max__365D"] == 5.0
    assert row["cases__recency_days"] == 2.0


def test_a_referral_is_converted_only_once_it_is():
    frame = pd.DataFrame(
        {
            "customer_id": "ann",
            "event_time": "2026-06-01",
            "referred_id": ["x", "y"],
            "converted_at": ["2026-06-15", None],
            "converted_value": [30.0, None],
        }
    )
    tables = CustomerTables(referrals=frame)
    before, after = _row(tables, "2026-06-15"), _row(tables, "2026-06-16")
    assert before["referrals__count__all"] == after["referrals__count__all"] == 2
    assert [row["referrals__converted__count__all"] for row in (before, after)] == [0, 1]
    assert [row["referrals__converted_value__sum__all"] for row in (before, after)] == [0.0, 30.0]


@pytest.mark.parametrize("windows", ["30D", [], [30], ["soon"], ["30D", "720h"]])
def test_windows_that_are_not_allowed_are_refused(windows):
    with pytest.raises(InputError, match="windows must"):
        _row(_sales(event_time=["2026-06-01"]), windows=windows)


def test_detail_is_over_every_window():
    tables = _sales(event_time=["2026-01-15", "2026-06-10"], amount=[8.0, 2.0], category=["a", "b"], quantity=[1, 2])
    few, many = (_row(tables, windows=["30D", "365D"], detail=detail) for detail in (False, True))
    assert set(few) < set(many)
    assert "transactions__category__entropy__30D" not in few
    assert many["transactions__category__entropy__30D"] == 0.0
    assert many["transactions__unit_price__30D"] == 2.0 / 2
    assert many["transactions__amount__std__365D"] == pytest.approx(math.sqrt(2 * 3.0**2))


def test_the_default_stays_within_bounds(tables_of, spine_of):
    builder = TransactionFeatures().fit(tables_of(0), spine_of(0))
    assert len(builder.features_) < 170
    assert len(set(builder.describe()["feature"])) == len(builder.features_)


def test_no_table_to_read_is_refused():
    with pytest.raises(InputError, match="TransactionFeatures needs one of the tables transactions, cases, referrals"):
        _row(CustomerTables(events=pd.DataFrame({"customer_id": [], "event_time": []})))


def test_a_column_that_is_missing_later_is_refused():
    spine = Spine.at(AS_OF, ["ann"])
    builder = TransactionFeatures().fit(_sales(event_time=["2026-06-01"], amount=[1.0]), spine)
    with pytest.raises(InputError, match="transactions lacks the column 'amount'"):
        builder.build(_sales(event_time=["2026-06-01"]), spine)


def test_building_before_fitting_is_refused():
    with pytest.raises(InputError, match="TransactionFeatures is not fitted"):
        TransactionFeatures().build(_sales(event_time=["2026-06-01"]), Spine.at(AS_OF, ["ann"]))


def test_infinite_amounts_are_refused():
    with pytest.raises(InputError, match=r"transactions.amount must be finite numbers; 1 of 1 rows is not"):
        _row(_sales(event_time=["2026-06-01"], amount=[math.inf]))


def test_events_without_a_time_are_refused():
    with pytest.raises(InputError, match=r"transactions.event_time must be there in every row.*tables.validate\(\)"):
        _row(_sales(event_time=["2026-06-01", None]))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"pivots": ["categry"]}, "transactions lacks the column 'categry'"),
        ({"pivots": "category"}, "pivots must be a sequence"),
        ({"top": -1}, "number of values to take must be 0 or more; got -1"),
    ],
)
def test_arguments_that_are_not_allowed_are_refused(params, message):
    with pytest.raises(InputError, match=message):
        _row(_sales(event_time=["2026-06-01"], category=["a"]), **params)
