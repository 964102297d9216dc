import sys

import pandas as pd
import pytest

from nbo import columns as c
from nbo.datasets import load_telco
from nbo.errors import DataSetNotFoundError, InputError, MissingPackageError

AFTERWARDS = {"satisfaction_score", "customer_status", "churn_score", "cltv", "churn_category", "churn_reason"}


def five_tables() -> dict[str, pd.DataFrame]:
    ids = ["1-A", "2-B"]
    return {
        "demographics": pd.DataFrame(
            {"Customer ID": ids, "Count": 1, "Gender": ["Male", "Female"], "Age": [78, 30], "Married": ["No", "Yes"]}
        ),
        "location": pd.DataFrame(
            {"Location ID": ["x", "y"], "Customer ID": ids, "State": "California", "Zip Code": [90022, 1001]}
        ),
        "population": pd.DataFrame({"ID": [1, 2], "Zip Code": [90022, 1001], "Population": [500, 700]}),
        "services": pd.DataFrame(
            {
                "Service ID": ["p", "q"],
                "Customer ID": ids[::-1],
                "Quarter": "Q3",
                "Tenure in Months": [4, 1],
                "Offer": ["None", "Offer E"],
                "Avg Monthly GB Download": [21, 8],
            }
        ),
        "status": pd.DataFrame(
            {
                "Status ID": ["s", "t"],
                "Customer ID": ids,
                "Satisfaction Score": [3, 5],
                "Customer Status": ["Churned", "Stayed"],
                "Churn Label": ["Yes", "No"],
                "Churn Value": [1, 0],
                "Churn Score": [91, 20],
                "CLTV": [5000, 4000],
                "Churn Category": ["Price", None],
                "Churn Reason": ["Dear", None],
            }
        ),
    }


def one_table() -> str:
    return (
        "customerID,gender,SeniorCitizen,tenure,StreamingTV,TotalCharges,Churn\n"
        '1-A,Male,0,12,Yes,"100.5",Yes\n2-B,Female,1,0,No, ,No\n'
    )


def write_excel(folder, frames):
    for name, frame in frames.items():
        frame.to_excel(folder / f"Telco_customer_churn_{name}.xlsx", index=False)


def test_five_excel_tables(tmp_path):
    write_excel(tmp_path, five_tables())
    data = load_telco(tmp_path)
    assert data.tables.validate().empty
    customers = data.tables.customers.set_index(c.CUSTOMER_ID)
    assert customers.loc["1-A", "tenure_in_months"] == 1
    assert customers.loc["1-A", c.SIGNED_UP_AT] == pd.Timestamp("2018-08-01")
    assert customers.loc["1-A", "last_offer_accepted"] == "Offer E"
    assert pd.isna(customers.loc["2-B", "last_offer_accepted"])
    assert customers["marital_status"].tolist() == ["not married", "married"]
    assert customers[c.POSTCODE].tolist() == ["90022", "01001"]
    assert data.tables.get("environment")["population"].tolist() == [500, 700]


def test_what_was_known_afterwards_is_in_labels_only(tmp_path):
    write_excel(tmp_path, five_tables())
    data = load_telco(tmp_path)
    assert set(data.labels.columns) == {c.CUSTOMER_ID, "churned"} | AFTERWARDS
    assert data.labels["churned"].tolist() == [True, False]
    columns = {column for name in data.tables.names for column in data.tables.get(name).columns}
    assert not columns & (AFTERWARDS | {"churned", "churn_label", "churn_value"})


def test_parquet_tables_give_the_same_as_excel(tmp_path):
    frames = five_tables()
    frames["services"] = frames["services"].replace({"Offer": {"None": None}})
    for name, frame in frames.items():
        frame.to_parquet(tmp_path / f"{name}.parquet")
    (tmp_path / "excel").mkdir()
    write_excel(tmp_path / "excel", five_tables())
    one, two = load_telco(tmp_path / "excel"), load_telco(tmp_path)
    pd.testing.assert_frame_equal(one.tables.customers, two.tables.customers)
    pd.testing.assert_frame_equal(one.labels, two.labels)


def test_the_table_of_21_columns(tmp_path):
    (tmp_path / "WA_Fn-UseC_-Telco-Customer-Churn.CSV").write_text(one_table())
    data = load_telco(tmp_path)
    assert data.tables.validate().empty
    customers = data.tables.customers
    assert customers["total_charges"].isna().tolist() == [False, True]
    assert customers["total_charges"][0] == 100.5
    assert "churn" not in customers.columns
    assert data.labels["churned"].tolist() == [True, False]


def test_five_tables_come_before_the_one(tmp_path):
    (tmp_path / "WA_Fn-UseC_-Telco-Customer-Churn.csv").write_text(one_table())
    write_excel(tmp_path, five_tables())
    assert load_telco(tmp_path).tables.has("environment")
    assert not load_telco(tmp_path, version="one_table").tables.has("environment")


def test_excel_without_openpyxl_names_the_extra(tmp_path, monkeypatch):
    write_excel(tmp_path, five_tables())
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingPackageError, match=r"demographics.xlsx needs the package openpyxl: .*nbo\[excel\]"):
        load_telco(tmp_path)


def test_charges_that_are_no_numbers_are_refused(tmp_path):
    (tmp_path / "WA_Fn-UseC_-Telco-Customer-Churn.csv").write_text(one_table().replace("100.5", "many"))
    with pytest.raises(InputError, match="TotalCharges must be numbers or blank; 1 of 2 rows is not, first at row 0"):
        load_telco(tmp_path)


def test_a_customer_twice_is_refused(tmp_path):
    frames = five_tables()
    frames["services"] = pd.concat([frames["services"], frames["services"].head(1)])
    write_excel(tmp_path, frames)
    with pytest.raises(InputError, match="services.Customer ID must be different in every row; 1 of 3"):
        load_telco(tmp_path)


def test_a_customer_without_services_is_refused(tmp_path):
    frames = five_tables()
    frames["services"] = frames["services"].head(1)
    write_excel(tmp_path, frames)
    with pytest.raises(InputError, match="known with their tenure; 1 of 2 rows is not, first at row 0: '1-A'"):
        load_telco(tmp_path)


def test_an_unknown_version_is_refused(tmp_path):
    with pytest.raises(InputError, match="version must be one of 'five_tables', 'one_table'; got 'six'"):
        load_telco(tmp_path, version="six")


def test_both_layouts_are_named_where_neither_is_there(tmp_path):
    with pytest.raises(DataSetNotFoundError, match=r"demographics.xlsx.*; or WA_Fn.*The folder is empty.*IBM"):
        load_telco(tmp_path)


@pytest.fixture(scope="module")
def folder(public_data):
    if not (public_data / "telco_churn").is_dir():
        pytest.skip(f"no Telco data in {public_data}")
    return public_data / "telco_churn"


@pytest.mark.parametrize("version", ["five_tables", "one_table"])
def test_published_churn_rate(folder, version):
    data = load_telco(folder, version=version)
    assert data.tables.validate().empty
    assert len(data.tables.customers) == len(data.labels) == 7_043
    assert round(100 * data.labels["churned"].mean(), 3) == 26.537


def test_published_offers_and_postcodes(folder):
    tables = load_telco(folder).tables
    offers = tables.customers["last_offer_accepted"].value_counts(dropna=False)
    assert [offers[f"Offer {letter}"] for letter in "ABCDE"] == [520, 824, 415, 602, 805]
    assert tables.customers["last_offer_accepted"].isna().sum() == 3_877
    assert len(tables.get("environment")) == 1_671
    assert tables.customers[c.POSTCODE].isin(tables.get("environment")[c.POSTCODE]).all()


def test_published_blanks_are_the_customers_in_their_first_month(folder):
    customers = load_telco(folder, version="one_table").tables.customers
    blank = customers["total_charges"].isna()
    assert blank.sum() == 11
    assert (customers.loc[blank, "tenure_in_months"] == 0).all()
