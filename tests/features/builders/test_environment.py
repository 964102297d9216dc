import math

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import EnvironmentFeatures
from nbo.tables import CustomerTables, Spine


def _build(
    environment: dict, customers: dict | None = None, as_of: str = "2026-06-30", min_confidence: float = 0.0
) -> pd.DataFrame:
    people = customers or {"customer_id": ["ann", "bob", "cy", "dee"]}
    tables = CustomerTables(customers=pd.DataFrame(people), environment=pd.DataFrame(environment))
    spine = Spine.at(as_of, tables)
    return EnvironmentFeatures(min_confidence=min_confidence).fit(tables, spine).build(tables, spine)


def test_the_closest_row_is_taken():
    X = _build(
        {
            "customer_id": ["ann", None, None],
            "household_id": ["h", "h", None],
            "postcode": ["p", "p", "p"],
            "income": [1.0, 2.0, 3.0],
            "match_confidence": [0.9, 0.8, 0.7],
        },
        {
            "customer_id": ["ann", "bob", "cy", "dee"],
            "household_id": ["h", "h", "other", None],
            "postcode": ["p", "p", "p", None],
        },
    )
    assert X["environment__income"].tolist()[:3] == [1.0, 2.0, 3.0]
    assert X["environment__match_confidence"].tolist()[:3] == [0.9, 0.8, 0.7]
    assert X["environment__match_level"].tolist()[:3] == ["customer_id", "household_id", "postcode"]
    assert X["environment__covered"].tolist() == [1, 1, 1, 0]
    # Coverage by key: each customer has what is about it, whatever is closer.
    assert X["environment__covered__customer_id"].tolist() == [1, 0, 0, 0]
    assert X["environment__covered__household_id"].tolist() == [1, 1, 0, 0]
    assert X["environment__covered__postcode"].tolist() == [1, 1, 1, 0]
    assert X[["environment__match_level", "environment__income", "environment__match_confidence"]].iloc[3].isna().all()


def test_a_row_counts_from_its_date():
    environment = {"customer_id": ["ann", "ann"], "valid_from": ["2026-01-01", "2026-06-30"], "income": [1.0, 2.0]}
    assert _build(environment)["environment__income"][0] == 1.0
    assert _build(environment, as_of="2026-07-01")["environment__income"][0] == 2.0
    assert _build(environment, as_of="2026-01-01")["environment__covered"][0] == 0


def test_the_household_is_that_of_the_moment():
    customers = {
        "customer_id": ["ann", "ann"],
        "valid_from": ["2026-01-01", "2026-03-01"],
        "household_id": ["old", "new"],
    }
    environment = {"household_id": ["old", "new"], "income": [1.0, 2.0]}
    assert _build(environment, customers, "2026-03-01")["environment__income"].tolist() == [1.0]
    assert _build(environment, customers, "2026-03-02")["environment__income"].tolist() == [2.0]


def test_without_customers_only_customer_rows_match():
    tables = CustomerTables(
        environment=pd.DataFrame({"customer_id": ["ann", None], "postcode": [None, "p"], "income": 5.0})
    )
    spine = Spine.at("2026-06-30", ["ann", "bob"])
    X = EnvironmentFeatures().fit(tables, spine).build(tables, spine)
    assert X["environment__covered"].tolist() == [1, 0]


def test_how_many_are_covered_is_what_matches():
    people = {"customer_id": list("abcdefgh"), "postcode": list("11223344")}
    X = _build({"customer_id": ["a", None, None], "postcode": [None, "2", "4"], "income": 1.0}, people)
    assert X["environment__covered"].mean() == 5 / 8
    assert X["environment__covered__customer_id"].sum() == 1
    assert X["environment__covered__postcode"].sum() == 4


def test_how_old_the_data_are():
    environment = {"customer_id": ["ann", "ann", "bob"], "valid_from": ["2026-01-01", "2026-06-20", None]}
    X = _build(environment)
    assert X["environment__age_days"][0] == 10.0
    assert X["environment__age_days"].isna().tolist() == [False, True, True, True]


def test_rows_below_the_confidence_wanted_do_not_count():
    environment = {
        "customer_id": ["ann", "ann", "bob", "cy"],
        "valid_from": ["2026-01-01", "2026-06-01", "2026-01-01", "2026-01-01"],
        "match_confidence": [0.9, 0.5, 0.79, None],
        "income": [1.0, 2.0, 3.0, 4.0],
    }
    assert _build(environment)["environment__income"].tolist()[:3] == [2.0, 3.0, 4.0]
    sure = _build(environment, min_confidence=0.8)
    assert sure["environment__income"].tolist()[0::2] == [1.0, 4.0]
    assert sure["environment__covered"].tolist() == [1, 0, 1, 0]


def test_a_row_that_does_not_count_hides_no_other():
    environment = {
        "customer_id": ["ann", None],
        "postcode": ["p", "p"],
        "match_confidence": [0.1, 0.9],
        "income": [1.0, 2.0],
    }
    people = {"customer_id": ["ann"], "postcode": ["p"]}
    X = _build(environment, people, min_confidence=0.5)
    assert (X["environment__income"][0], X["environment__match_level"][0]) == (2.0, "postcode")


@pytest.mark.parametrize("confidence", [-0.1, 1.5, math.nan])
def test_a_confidence_that_is_none_is_refused(confidence):
    with pytest.raises(InputError, match="min_confidence"):
        _build({"customer_id": ["ann"]}, min_confidence=confidence)


def test_what_two_figures_say_together():
    X = _build(
        {
            "customer_id": ["ann", "bob", "cy"],
            "household_income": [60_000.0, 0.0, None],
            "household_size": [3, 1, 2],
            "home_value": [300_000.0, 5.0, 7.0],
            "income": [40_000.0, 1.0, 1.0],
            "disposable_income": [10_000.0, -1.0, None],
        }
    )
    assert X["environment__household_income_per_head"].tolist()[:2] == [20_000.0, 0.0]
    assert X["environment__home_value_to_income"][0] == 5.0
    assert X["environment__home_value_to_income"].isna().tolist() == [False, True, True, True]
    assert X["environment__disposable_share"].tolist()[:2] == [0.25, -1.0]
    assert "environment__net_worth_to_income" not in X
