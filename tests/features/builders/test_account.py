import math

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import AccountFeatures, FeatureSet
from nbo.tables import CustomerTables, Spine

TABLES = CustomerTables(
    customers=pd.DataFrame(
        {
            "customer_id": ["ann", "bob", "cy", "bob", "dee"],
            "valid_from": ["2025-01-01", "2025-01-01", "2025-01-01", "2026-03-01", "2025-01-01"],
            "known_at": [None, None, None, "2026-04-01", None],
            "account_id": ["a", "a", "b", "b", None],
            "buying_role": ["user", "Decision-Maker", "decision maker", "decision maker", "decision maker"],
        }
    ),
    transactions=pd.DataFrame(
        {
            "customer_id": ["ann", "bob", "bob", "cy", "bob", "dee"],
            "event_time": ["2026-02-01", "2026-02-02", "2026-03-01", "2026-02-03", "2026-03-02", "2026-02-04"],
            "amount": [0.1, 0.2, 100.0, 7.0, 5.0, 1000.0],
            "kind": ["sale", "sale", "sale", "sale", "return", "sale"],
        }
    ),
    cases=pd.DataFrame(
        {
            "customer_id": ["bob", "bob"],
            "opened_at": ["2026-02-01", "2026-03-10"],
            "closed_at": ["2026-02-05", None],
            "kind": ["complaint", "request"],
        }
    ),
    events=pd.DataFrame(
        {"customer_id": ["v1", "cy"], "event_time": ["2026-02-10", "2026-02-11"], "event_type": "page_view"}
    ),
    identities=pd.DataFrame({"anonymous_id": ["v1"], "customer_id": ["ann"], "event_time": ["2026-02-20"]}),
)


def _build(*as_of: str, customers: tuple[str, ...] = ("ann", "bob", "cy", "dee"), **params) -> pd.DataFrame:
    spine = Spine.of(pd.DataFrame([(one, at) for at in as_of for one in customers], columns=["customer_id", "as_of"]))
    return AccountFeatures(**params).fit(TABLES, spine).build(TABLES, spine)


def test_contacts_and_decision_makers_as_of():
    X = _build("2026-04-01", "2026-04-02")
    assert X["customers_account__contacts"].tolist() == [2, 2, 1, 0, 1, 2, 2, 0]
    assert X["customers_account__decision_makers"].tolist() == [1, 1, 1, 0, 0, 2, 2, 0]


def test_sales_of_all_contacts_add_up_to_the_cent():
    X = _build("2026-02-15", "2026-04-01", "2026-04-02", windows=["30D", "365D"])
    sums = X["transactions_account__amount__sum__365D"].tolist()
    assert sums[:4] == [0.3, 0.3, 7.0, 0.0]
    # A return is no sale.
    assert sums[4:8] == [100.3, 100.3, 7.0, 0.0]
    # bob went over to b, and all that he bought went with him.
    assert sums[8:] == [0.1, 107.2, 107.2, 0.0]
    assert X["transactions_account__count__30D"].tolist()[:4] == [2, 2, 1, 0]
    assert X["transactions_account__recency_days"].tolist()[:3] == [13.0, 13.0, 12.0]
    assert math.isnan(X["transactions_account__recency_days"][3])


def test_a_roll_up_is_the_sum_over_contacts():
    at = "2026-04-02"
    single = pd.Series({"ann": 0.1, "bob": 100.2, "cy": 7.0})
    X = _build(at, windows=["365D"])
    assert X["transactions_account__amount__sum__365D"][2] == single[["bob", "cy"]].sum()


def test_cases_and_active_contacts():
    X = _build("2026-03-20", "2026-04-02", windows=["90D"])
    assert X["cases_account__count__90D"].tolist() == [2, 2, 0, 0, 0, 2, 2, 0]
    assert X["cases_account__count__90D__kind_complaint"].tolist() == [1, 1, 0, 0, 0, 1, 1, 0]
    assert X["cases_account__open_count"].tolist() == [1, 1, 0, 0, 0, 1, 1, 0]
    assert X["transactions_account__customer_id__distinct__90D"].tolist() == [2, 2, 1, 0, 1, 2, 2, 0]
    # The visitor turned out to be ann.
    assert X["events_account__count__90D"].tolist()[:4] == [1, 1, 1, 0]


def test_each_row_is_as_if_asked_alone():
    together = _build("2026-02-15", "2026-04-01", "2026-04-02")
    alone = [
        _build(at, customers=(one,))
        for at in ("2026-02-15", "2026-04-01", "2026-04-02")
        for one in ("ann", "bob", "cy", "dee")
    ]
    pd.testing.assert_frame_equal(pd.concat(alone, ignore_index=True), together)


def test_accounts_are_needed():
    tables = CustomerTables(customers=pd.DataFrame({"customer_id": ["ann"]}))
    with pytest.raises(InputError, match=r"AccountFeatures needs customers.account_id"):
        AccountFeatures().fit(tables, Spine.at("2026-04-01", ["ann"]))


def test_it_is_there_only_if_asked_for():
    assert AccountFeatures.links == ("account_id",)
    assert "AccountFeatures" not in [type(builder).__name__ for builder in FeatureSet.default(TABLES).builders]
    described = FeatureSet([AccountFeatures()]).fit(TABLES, Spine.at("2026-04-01", ["ann"])).describe()
    assert described["meaning"].str.contains("account").all()
    assert described.set_index("feature").loc["transactions_account__amount__sum__30D", "meaning"] == (
        "Sum of amount over completed sales in the 30D before as_of, of all contacts of the account at as_of together."
    )
