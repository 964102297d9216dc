import pandas as pd

from nbo.features import EnvironmentFeatures
from nbo.tables import CustomerTables, Spine


def _build(environment: dict, customers: dict | None = None, as_of: str = "2026-06-30") -> pd.DataFrame:
    people = customers or {"customer_id": ["ann", "bob", "cy", "dee"]}
    tables = CustomerTables(customers=pd.DataFrame(people), environment=pd.DataFrame(environment))
    spine = Spine.at(as_of, tables)
    return EnvironmentFeatures().fit(tables, spine).build(tables, spine)


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
    assert X.iloc[3, 1:].isna().all()


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
