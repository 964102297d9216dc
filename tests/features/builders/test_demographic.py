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
        "customers__postcode_area",
        "customers__filled_share",
        "customers__gender",
        "customers__consent_email",
        "customers__favorite",
        "customers__shoe_size",
    ]
    assert X["customers__gender"].isna().tolist() == [False, True]
    assert X["customers__consent_email"].tolist() == [1.0, 0.0]
    assert X["customers__shoe_size"].tolist() == [38.0, 44.0]


def test_categories_with_too_many_values_are_left_out():
    customers = {"customer_id": list("abc"), "job": ["cook", "nurse", "clerk"], "gender": ["f", "f", "m"]}
    assert _build(customers, max_categories=2).columns.tolist() == ["customers__filled_share", "customers__gender"]


def test_of_many_places_the_most_frequent_are_kept():
    customers = {"customer_id": list("abcdef"), "city": ["Rome", "Bern", "Rome", "Oslo", "Bern", None]}
    X = _build(customers, max_categories=2)
    assert X["customers__city"].tolist()[:5] == ["Rome", "Bern", "Rome", "other", "Bern"]
    assert X["customers__city"].isna().tolist() == [False] * 5 + [True]
    assert _build(customers)["customers__city"][3] == "Oslo"


def test_a_place_that_comes_later_is_another():
    early = CustomerTables(customers=pd.DataFrame({"customer_id": list("abc"), "city": ["Rome", "Bern", "Rome"]}))
    late = CustomerTables(customers=pd.DataFrame({"customer_id": ["d"], "city": ["Oslo"]}))
    builder = DemographicFeatures(max_categories=1).fit(early, Spine.at("2026-06-30", early))
    assert builder.build(late, Spine.at("2026-06-30", late))["customers__city"].tolist() == ["other"]


def test_areas_of_postcodes():
    customers = {"customer_id": list("abcdef"), "postcode": ["3011", "3012 ", "30", "sw1a", "SW7", None]}
    X = _build(customers, max_categories=2)
    assert X["customers__postcode_area"].tolist()[:5] == ["30", "30", "30", "SW", "SW"]
    assert _build(customers, max_categories=1)["customers__postcode_area"].tolist()[3:5] == ["other", "other"]
    assert _build(customers, postcode_area=3)["customers__postcode_area"].tolist()[:4] == ["301", "301", "30", "SW1"]
    assert "customers__postcode_area" not in _build(customers, postcode_area=0)


@pytest.mark.parametrize(
    "listed", [["crm|erp", "erp| crm|", "", "erp", None], [["crm", "erp"], ("erp", "crm"), [], {"erp"}, None]]
)
def test_each_frequent_item_of_a_list_has_a_column(listed):
    X = _build({"customer_id": list("abcde"), "technologies": listed})
    assert X.columns.tolist() == [f"customers__technologies__{name}" for name in ("items", "erp", "crm")]
    assert X["customers__technologies__items"].tolist()[:4] == [2.0, 2.0, 0.0, 1.0]
    assert X["customers__technologies__crm"].tolist()[:4] == [1.0, 1.0, 0.0, 0.0]
    assert X.iloc[4].isna().all()
    assert "customers__technologies__crm" not in _build(
        {"customer_id": list("abcde"), "technologies": listed}, top_items=1
    )


def test_items_are_learnt_from_what_was_known():
    customers = {
        "customer_id": ["a", "b"],
        "valid_from": ["2026-01-01", "2026-07-01"],
        "technologies": ["crm", "of the future"],
    }
    assert "customers__technologies__of_the_future" not in _build(customers)


def test_what_follows_for_businesses():
    X = _build(
        {
            "customer_id": list("abcdef"),
            "company_size": [0, 9, 10, 249, 250, None],
            "revenue": [1e6, 9e5, None, 249e3, 5e6, 1e6],
            "buying_role": ["Decision_Maker", "user", "decision-maker", "influencer", None, "decision maker "],
        }
    )
    assert X["customers__company_band"].tolist()[:5] == ["micro", "micro", "small", "medium", "large"]
    assert X["customers__revenue_per_employee"].tolist()[1:5] == [1e5, pytest.approx(math.nan, nan_ok=True), 1e3, 2e4]
    assert math.isnan(X["customers__revenue_per_employee"][0])
    # Exactly the buyers that are flagged come back.
    assert X.index[X["customers__is_decision_maker"] == 1].tolist() == [0, 2, 5]
    assert X["customers__is_decision_maker"].isna().tolist() == [False] * 4 + [True, False]


def test_who_decides_may_be_said():
    customers = {"customer_id": ["a", "b"], "buying_role": ["Head of IT", "user"]}
    assert _build(customers, decision_roles=["head of it"])["customers__is_decision_maker"].tolist() == [1.0, 0.0]


def test_how_complete_and_how_old_the_row_is():
    customers = {
        "customer_id": ["ann", "ann", "bob"],
        "valid_from": ["2026-01-01", "2026-06-20", None],
        "gender": ["f", None, "m"],
        "shoe_size": [38, 39, 44],
    }
    X = _build(customers, missing_flags=True)
    assert X["customers__filled_share"].tolist() == [1 / 2, 1.0]
    assert X["customers__unchanged_days"].tolist() == [10.0, pytest.approx(math.nan, nan_ok=True)]
    assert X["customers__gender__missing"].tolist() == [1, 0]
    assert "customers__shoe_size__missing" not in X


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
        "customers__filled_share": 1.0,
        "customers__tenure_days_2": 7.0,
        "customers__shoe_size": 40.0,
    }
    assert _build({"customer_id": ["ann"], "tenure_days": [7]})["customers__tenure_days"].tolist() == [7.0]


def test_lists_of_a_folder_are_those_of_the_frame(tmp_path):
    frame = {
        "customer_id": ["a", "a", "b", "c"],
        "valid_from": "2026-01-01",
        "technologies": [["crm"], ["erp"], [], None],
    }
    tables, spine = CustomerTables(customers=pd.DataFrame(frame)), Spine.at("2026-06-30", ["a", "b", "c"])
    tables.write(tmp_path)
    X = DemographicFeatures().fit(tables, spine).build(tables, spine)
    pd.testing.assert_frame_equal(DemographicFeatures().fit(tmp_path, spine).build(tmp_path, spine), X)
    assert X["customers__technologies__items"].tolist()[:2] == [1.0, 0.0]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"lists": "technologies"}, "lists must be a sequence of texts; got 'technologies'"),
        ({"decision_roles": "decision maker"}, "decision_roles must be a sequence of texts"),
        ({"top_items": -1}, "top_items must be a whole number of 0 or more; got -1"),
    ],
)
def test_arguments_that_are_not_allowed_are_refused(params, message):
    with pytest.raises(InputError, match=message):
        _build({"customer_id": ["ann"], "technologies": ["crm"], "buying_role": ["user"]}, **params)
