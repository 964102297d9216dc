import math

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import DemographicFeatures
from nbo.tables import CustomerTables, Spine


def _build(customers: dict, as_of: str = "2026-06-30", **params) -> pd.DataFrame:
    tables = CustomerTables(customers=pd.DataFrame(customers))
    spine = Spine.at(as_of, tables)
    return DemographicFeatures(**params).fit(tables, spine).build(tables, spine)


def test_age_comes_from_the_birth_date_else_as_stated():
    X = _build(
        {"customer_id": ["ann", "bob", "cy"], "birth_date": ["1996-06-30", None, "2026-07-01"], "age": [99, 40, None]}
    )
    assert X["customers__age"].tolist()[:2] == [pytest.approx(10957 / 365.2425), 40.0]
    assert math.isnan(X["customers__age"][2])


def test_tenure_is_missing_before_sign_up():
    X = _build({"customer_id": ["ann", "bob"], "signed_up_at": ["2026-06-28", "2026-06-30"]})
    assert X["customers__tenure_days"].tolist() == [2.0, pytest.approx(math.nan, nan_ok=True)]


def test_attributes_and_extra_columns_but_no_keys():
    X = _build(
        {
            "customer_id": ["ann", "bob"],
            "gender": ["f", None],
            "postcode": ["1", "2"],
            "consent_email": [True, False],
            "shoe_size": [38, 44],
            "favorite": ["red", "blue"],
            "loyalty_id": [12, 13],
        }
    )
    assert X.columns.tolist() == [
        "customers__gender",
        "customers__consent_email",
        "customers__favorite",
        "customers__shoe_size",
    ]
    assert X["customers__gender"].isna().tolist() == [False, True]
    assert X["customers__consent_email"].tolist() == [1.0, 0.0]
    assert X["customers__shoe_size"].tolist() == [38.0, 44.0]


def test_categories_with_too_many_values_are_left_out():
    customers = {"customer_id": list("abc"), "city": ["Rome", "Bern", "Oslo"], "gender": ["f", "f", "m"]}
    assert _build(customers, max_categories=2).columns.tolist() == ["customers__gender"]


def test_household_size_counts_the_customers_known_so_far():
    customers = {
        "customer_id": ["ann", "bob", "cy", "dee"],
        "valid_from": ["2026-01-01", "2026-02-01", "2026-06-30", "2026-01-01"],
        "household_id": ["h", "h", "h", None],
    }
    X = _build(customers, household_size=True)
    assert X["customers__household_size"].tolist()[:2] == [2.0, 2.0]
    assert X["customers__household_size"].isna().tolist() == [False, False, True, True]


def test_unreadable_numbers_are_refused():
    with pytest.raises(InputError, match=r"customers.revenue must be finite numbers; 1 of 2 rows .* 'much'"):
        _build({"customer_id": ["ann", "bob"], "revenue": ["much", "1"]})


def test_an_extra_column_may_have_the_name_of_a_feature():
    X = _build({"customer_id": ["ann"], "signed_up_at": ["2026-06-28"], "tenure_days": [7], "shoe size": [40]})
    assert X.loc[0].to_dict() == {
        "customers__tenure_days": 2.0,
        "customers__tenure_days_2": 7.0,
        "customers__shoe_size": 40.0,
    }
    assert _build({"customer_id": ["ann"], "tenure_days": [7]})["customers__tenure_days"].tolist() == [7.0]
