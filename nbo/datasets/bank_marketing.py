"""UCI Bank Marketing: phone calls for term deposits."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_one_of, check_rows
from nbo.datasets.data_set import DataSet
from nbo.datasets.files import find_layout, read_file
from nbo.datasets.publication import Publication
from nbo.datasets.row_ids import row_ids
from nbo.tables import Catalog, CustomerTables, Offer

__all__ = ["load_bank_marketing"]

_PUBLICATION = Publication(
    name="bank_marketing",
    title="Bank Marketing",
    publisher="S. Moro, P. Cortez and P. Rita, UCI Machine Learning Repository",
    page="archive.ics.uci.edu/dataset/222/bank+marketing",
    terms="Publicly available for research, with citation; CC BY 4.0 as far as is known here, see the page.",
    citation=(
        "Moro, S., Cortez, P. and Rita, P. (2014). A data-driven approach to predict the success of bank "
        "telemarketing. Decision Support Systems 62, 22-31. doi:10.1016/j.dss.2014.03.001"
    ),
)
_LAYOUTS = {
    "additional": {"calls": ("bank-additional-full.csv", "bank_additional_full.parquet")},
    "full": {"calls": ("bank-full.csv", "bank_full.parquet")},
}
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_FIRST_YEAR = 2008
_OFFER = "term_deposit"
_ABOUT_THE_CALL = ["contact", "day", "month", "day_of_week", "duration", "y"]
_MACRO = {
    "emp.var.rate": "employment_variation_rate",
    "cons.price.idx": "consumer_price_index",
    "cons.conf.idx": "consumer_confidence_index",
    "euribor3m": "euribor_3_months",
    "nr.employed": "people_employed",
}
_RENAMED = {
    "marital": "marital_status",
    "default": "credit_default",
    "housing": "housing_loan",
    "loan": "personal_loan",
}
# "Never contacted before" in the newer and in the older file.
_NEVER = (999, -1)


def load_bank_marketing(path: str | os.PathLike[str], version: str | None = None) -> DataSet:
    """Load the calls of a Portuguese bank that offered term deposits, 2008 to 2010.

    Parameters
    ----------
    path : str or path
        Folder with ``bank-additional-full.csv`` (or ``bank_additional_full.parquet``) or ``bank-full.csv`` (or
        ``bank_full.parquet``).
    version : {"additional", "full"}, optional
        "additional" has macro-economic columns, "full" the account balance and days. By default the first that is
        there.

    Returns
    -------
    DataSet
        `customers`, `catalog` (one offer), `decisions` (one per customer) without `action_probability`, `outcomes`, and
        for "additional" `environment` with the economy at the time of the call.

    Raises
    ------
    DataSetNotFoundError
        If the file is not there.
    InputError
        If the file is not what it should be, or `version` is another.

    Examples
    --------
    >>> load_bank_marketing("no such folder")
    Traceback (most recent call last):
    nbo.errors.DataSetNotFoundError: the data set Bank Marketing is not complete in 'no such folder'...
    """
    if version is not None:
        check_one_of(version, tuple(_LAYOUTS), "version")
    layouts = {name: names for name, names in _LAYOUTS.items() if version in (None, name)}
    layout, files = find_layout(path, layouts, _PUBLICATION)
    calls = read_file(files["calls"], separator=";")
    needed = ["age", "job", "marital", "contact", "month", "pdays", "y"]
    check_columns(calls, [*needed, *(_MACRO if layout == "additional" else ("day",))], files["calls"].name)
    calls = calls.mask(calls == "unknown")
    catalog = Catalog([Offer(_OFFER, value=1.0, name="Term deposit", channels=("cellular", "telephone"))])
    ids = row_ids("bank", len(calls))
    decisions, outcomes = _history(calls, ids)
    frames = {
        "customers": _customers(calls, ids),
        "catalog": catalog.to_frame(),
        "decisions": decisions,
        "outcomes": outcomes,
    }
    if layout == "additional":
        frames["environment"] = calls[list(_MACRO)].rename(columns=_MACRO)
        frames["environment"].insert(0, c.CUSTOMER_ID, ids)
    return DataSet.published(_PUBLICATION, CustomerTables(**frames), catalog, _notes(layout))


def _customers(calls: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    customers = calls.drop(columns=[*_ABOUT_THE_CALL, *_MACRO], errors="ignore").rename(columns=_RENAMED)
    days = customers["pdays"].astype(float)
    customers["pdays"] = days.mask(days.isin(_NEVER))
    customers.insert(0, c.CUSTOMER_ID, ids)
    return customers


def _history(calls: pd.DataFrame, ids: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    moments = _nominal_times(calls)
    wrong = ~calls["y"].isin(["yes", "no"]).to_numpy(dtype=bool)
    check_rows(wrong, calls["y"], "y", "yes or no")
    decisions = pd.DataFrame(
        {
            c.DECISION_ID: ids,
            c.CUSTOMER_ID: ids,
            c.DECIDED_AT: moments,
            c.OFFER_ID: _OFFER,
            c.CHANNEL: calls["contact"],
            c.ACTION_PROBABILITY: np.nan,
        }
    )
    if "day_of_week" in calls.columns:
        decisions["day_of_week"] = calls["day_of_week"]
    answers = np.where(calls["y"] == "yes", c.ACCEPT, c.REJECT)
    return decisions, pd.DataFrame({c.DECISION_ID: ids, c.OUTCOME: answers, c.OUTCOME_AT: moments})


def _nominal_times(calls: pd.DataFrame) -> pd.Series:
    """Month (and day, where published) of each call, one second apart so that the file's order stays."""
    names = calls["month"].astype("str").str.lower()
    month = names.map({name: number for number, name in enumerate(_MONTHS, start=1)})
    check_rows(month.isna().to_numpy(), calls["month"], "month", "a month such as may")
    # The rows are ordered by date: a month before the last one belongs to the next year.
    year = _FIRST_YEAR + (month.diff() < 0).cumsum()
    day = calls["day"] if "day" in calls.columns else 1
    parts = pd.DataFrame({"year": year, "month": month.astype(int), "day": day})
    days = pd.to_datetime(parts, errors="coerce").astype("datetime64[us]")
    check_rows(days.isna().to_numpy(), parts["day"], "day", "a day of its month")
    return days + pd.to_timedelta(days.groupby(days).cumcount(), unit="s").astype("timedelta64[us]")


def _notes(layout: str) -> tuple[str, ...]:
    unit = "month" if layout == "additional" else "day"
    return (
        "No customer id is published: the id is the row's number, and each customer has one call. customers and "
        "environment are as of that call.",
        "No years are published. The rows are ordered by date from May 2008, so years follow from the order of the "
        f"months; decided_at is the first second of the {unit} plus one second a row (nominal), outcome_at the same.",
        "Split by time: the first 80 % of the calls have far fewer deposits than the last 20 %.",
        "duration is left out: the length of the call is known only after it.",
        "The calls were not randomized and there is one offer only: action_probability is missing, so a ledger "
        "refuses them, and off-policy evaluation is not possible.",
        '"unknown" and, in pdays, 999 or -1 (never contacted before) are missing here.',
        "value of the offer = 1: no money is published, so values count deposits.",
    )
