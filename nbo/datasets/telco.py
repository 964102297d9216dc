"""IBM's fictional telecom: who left, in one table or in five."""

from __future__ import annotations

import os
import re

import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_one_of, check_rows
from nbo.datasets.data_set import DataSet
from nbo.datasets.files import find_layout, read_file
from nbo.datasets.publication import Publication
from nbo.tables import CustomerTables

__all__ = ["load_telco"]

_PUBLICATION = Publication(
    name="telco",
    title="Telco customer churn",
    publisher="IBM (sample data of Cognos Analytics)",
    page="community.ibm.com/community/user/businessanalytics/blogs/steven-macko/2019/07/11/telco-customer-churn-1113",
    terms="IBM sample data; no license is stated with the files.",
    citation="IBM (2019). Telco customer churn, sample data of Cognos Analytics 11.1.3. Fictional data.",
)
_TABLES = ("demographics", "location", "population", "services", "status")
_LAYOUTS = {
    "five_tables": {stem: (f"Telco_customer_churn_{stem}.xlsx", f"{stem}.parquet") for stem in _TABLES},
    "one_table": {"all": ("WA_Fn-UseC_-Telco-Customer-Churn.csv", "telco_kaggle_21col.parquet")},
}
_QUARTER_END = pd.Timestamp("2018-09-30")
_ID = "Customer ID"
_NEEDED = {
    "demographics": (_ID, "Gender", "Age"),
    "location": (_ID, "Zip Code"),
    "population": ("Zip Code", "Population"),
    "services": (_ID, "Tenure in Months", "Offer"),
    "status": (_ID, "Churn Label"),
}
# Ids of the rows themselves, constants, and what another column says as well.
_LEFT_OUT = ["count", "quarter", "service_id", "location_id", "status_id", "lat_long", "churn_label", "churn_value"]
_RENAMED = {"state": "region", "zip_code": c.POSTCODE, "offer": "last_offer_accepted", "tenure": "tenure_in_months"}


def load_telco(path: str | os.PathLike[str], version: str | None = None) -> DataSet:
    """Load the customers of a fictional telecom with their churn.

    Parameters
    ----------
    path : str or path
        Folder with the five tables (``Telco_customer_churn_demographics.xlsx`` ... or
        ``demographics.parquet`` ...) or with the one table of 21 columns.
    version : {"five_tables", "one_table"}, optional
        Which to take where both are there. By default the five tables.

    Returns
    -------
    DataSet
        `customers` with the services as extra columns, for the five tables also `environment` (people per
        postcode); no catalog. `labels` has `churned` and, for the five tables, what was found out afterwards.

    Raises
    ------
    DataSetNotFoundError
        If the files are not there.
    MissingPackageError
        If Excel files are to be read and openpyxl is not installed.
    InputError
        If a file is not what it should be, or `version` is another.

    Examples
    --------
    >>> load_telco("no such folder")
    Traceback (most recent call last):
    nbo.errors.DataSetNotFoundError: the data set Telco customer churn is not complete in 'no such folder'...
    """
    if version is not None:
        check_one_of(version, tuple(_LAYOUTS), "version")
    layouts = {name: names for name, names in _LAYOUTS.items() if version in (None, name)}
    layout, files = find_layout(path, layouts, _PUBLICATION)
    frames = {what: read_file(file) for what, file in files.items()}
    tables, labels = _five_tables(frames) if layout == "five_tables" else _one_table(frames["all"])
    return DataSet.published(_PUBLICATION, tables, None, _notes(layout), labels)


def _five_tables(frames: dict[str, pd.DataFrame]) -> tuple[CustomerTables, pd.DataFrame]:
    for name, frame in frames.items():
        check_columns(frame, _NEEDED[name], name)
        key = _NEEDED[name][0]
        check_rows(frame[key].duplicated().to_numpy(), frame[key], f"{name}.{key}", "different in every row")
    customers = _tidy(frames["demographics"])
    for name in ("location", "services"):
        customers = customers.merge(_tidy(frames[name]), on=c.CUSTOMER_ID, how="left")
    married = customers.pop("married").map({"Yes": "married", "No": "not married"}).astype("str")
    customers = _dated(customers.assign(marital_status=married))
    population = frames["population"]
    environment = pd.DataFrame(
        {c.POSTCODE: _postcode(population["Zip Code"]), "population": population["Population"].astype(float)}
    )
    churned = frames["status"]["Churn Label"].astype("str") == "Yes"
    status = _tidy(frames["status"])
    status.insert(1, "churned", churned)
    return CustomerTables(customers=customers, environment=environment), status


def _one_table(frame: pd.DataFrame) -> tuple[CustomerTables, pd.DataFrame]:
    check_columns(frame, ["customerID", "tenure", "TotalCharges", "Churn"], "telco")
    customers = _tidy(frame.drop(columns="Churn"))
    # The file writes a blank where a customer in the first month has paid nothing yet.
    text = customers["total_charges"].astype("str").str.strip()
    total = pd.to_numeric(text, errors="coerce")
    check_rows((total.isna() & (text.fillna("") != "")).to_numpy(), text, "telco.TotalCharges", "numbers or blank")
    churned = frame["Churn"].astype("str") == "Yes"
    labels = pd.DataFrame({c.CUSTOMER_ID: customers[c.CUSTOMER_ID], "churned": churned})
    return CustomerTables(customers=_dated(customers.assign(total_charges=total))), labels


def _tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Names as nbo writes them: "Zip Code" and "customerID" become `postcode` and `customer_id`."""
    names = {name: re.sub(r"(?<=[a-z])(?=[A-Z])| +", "_", str(name)).lower() for name in frame.columns}
    tidy = frame.rename(columns=names).drop(columns=_LEFT_OUT, errors="ignore").rename(columns=_RENAMED)
    if c.POSTCODE in tidy.columns:
        tidy = tidy.assign(**{c.POSTCODE: _postcode(tidy[c.POSTCODE])})
    return tidy.reset_index(drop=True)


def _postcode(values: pd.Series) -> pd.Series:
    return values.astype("str").str.zfill(5)


def _dated(customers: pd.DataFrame) -> pd.DataFrame:
    tenure = customers["tenure_in_months"]
    check_rows(tenure.isna().to_numpy(), customers[c.CUSTOMER_ID], "customers", "known with their tenure")
    months = tenure.to_numpy(dtype="int64").astype("timedelta64[M]")
    signed_up = (_QUARTER_END.to_datetime64().astype("datetime64[M]") - months).astype("datetime64[us]")
    return customers.assign(**{c.VALID_FROM: _QUARTER_END, c.SIGNED_UP_AT: signed_up})


def _notes(layout: str) -> tuple[str, ...]:
    notes = (
        "Fictional customers of a fictional company.",
        f"The files give no dates: valid_from is {_QUARTER_END.date()}, the end of a third quarter, and signed_up_at "
        "the first day of the month that lies tenure_in_months before it (both nominal). Ask as of a later day.",
        "churned stands in labels only.",
    )
    if layout == "one_table":
        return (*notes, "TotalCharges is text in the file, blank in the first month: total_charges is missing there.")
    return (
        *notes,
        "labels also has satisfaction_score, customer_status, churn_score, cltv, churn_category and churn_reason: "
        "they were known only afterwards and give churn away.",
        "last_offer_accepted is the last offer that the customer took, missing if none. It hangs together with tenure, "
        "and who was offered what is not published: there are no decisions.",
    )
