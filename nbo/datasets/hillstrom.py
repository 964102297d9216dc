"""Hillstrom's e-mail challenge: two e-mails or none, at random."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_rows
from nbo.datasets.data_set import DataSet
from nbo.datasets.files import find_layout, read_file
from nbo.datasets.publication import Publication
from nbo.datasets.row_ids import row_ids
from nbo.tables import Catalog, CustomerTables, Offer

__all__ = ["load_hillstrom"]

_PUBLICATION = Publication(
    name="hillstrom",
    title="MineThatData e-mail challenge",
    publisher="Kevin Hillstrom, MineThatData",
    page="blog.minethatdata.com (2008-03-20, E-Mail Analytics And Data Mining Challenge)",
    terms="Public challenge; no formal license.",
    citation="Hillstrom, K. (2008). The MineThatData e-mail analytics and data mining challenge. MineThatData blog.",
)
_LAYOUTS = {
    "": {
        "customers": (
            "Kevin_Hillstrom_MineThatData_E-MailAnalytics_DataMiningChallenge_2008.03.20.csv",
            "hillstrom.csv",
            "hillstrom.parquet",
        )
    }
}
_ACTIONS = {"Mens E-Mail": "mens_email", "Womens E-Mail": "womens_email", "No E-Mail": c.NO_OFFER}
_KNOWN = ["recency", "history_segment", "history", "mens", "womens", "zip_code", "newbie", "channel"]
_RESULTS = ["visit", "conversion", "spend"]
_SENT_AT = pd.Timestamp("2008-03-20")
_LAST_DAY = pd.Timestamp("2008-04-02")


def load_hillstrom(path: str | os.PathLike[str]) -> DataSet:
    """Load Hillstrom's randomized e-mail test.

    64,000 customers got an e-mail on men's goods, one on women's goods or none, each with chance 1/3, and were
    observed for two weeks. The reference set for uplift, and one with a true no-offer action.

    Parameters
    ----------
    path : str or path
        Folder with ``Kevin_Hillstrom_MineThatData_E-MailAnalytics_DataMiningChallenge_2008.03.20.csv`` or
        ``hillstrom.parquet``.

    Returns
    -------
    DataSet
        `customers`, `catalog` (two offers), `decisions` with the action ``no_offer`` too, and `outcomes`: accept is a
        visit to the site. `conversion` and `spend` (dollars) are extra columns of `outcomes`.

    Raises
    ------
    DataSetNotFoundError
        If the file is not there.
    InputError
        If the file is not what it should be.

    Examples
    --------
    >>> load_hillstrom("no such folder")
    Traceback (most recent call last):
    nbo.errors.DataSetNotFoundError: the data set MineThatData e-mail challenge is not complete in 'no such folder'...
    """
    _, files = find_layout(path, _LAYOUTS, _PUBLICATION)
    rows = read_file(files["customers"])
    check_columns(rows, [*_KNOWN, "segment", *_RESULTS], "hillstrom")
    catalog = Catalog(
        [
            Offer("mens_email", value=1.0, name="E-mail on men's goods", channels=("email",)),
            Offer("womens_email", value=1.0, name="E-mail on women's goods", channels=("email",)),
        ]
    )
    customers = rows[_KNOWN].rename(columns={"channel": "purchase_channel"})
    ids = row_ids("hillstrom", len(rows))
    customers.insert(0, c.CUSTOMER_ID, ids)
    tables = CustomerTables(
        customers=customers,
        catalog=catalog.to_frame(),
        decisions=_decisions(rows, ids),
        outcomes=_outcomes(rows, ids),
    )
    return DataSet.published(_PUBLICATION, tables, catalog, _notes())


def _decisions(rows: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    action = rows["segment"].map(_ACTIONS)
    check_rows(action.isna().to_numpy(), rows["segment"], "segment", f"one of {', '.join(_ACTIONS)}")
    return pd.DataFrame(
        {
            c.DECISION_ID: ids,
            c.CUSTOMER_ID: ids,
            c.DECIDED_AT: _SENT_AT.as_unit("us"),
            c.OFFER_ID: action,
            c.CHANNEL: pd.Series("email", index=rows.index, dtype="str").mask(action == c.NO_OFFER),
            c.ACTION_PROBABILITY: 1 / len(_ACTIONS),
            c.SEGMENT: rows["history_segment"] + " | " + rows["channel"],
            c.POLICY: "uniform",
        }
    )


def _outcomes(rows: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            c.DECISION_ID: ids,
            c.OUTCOME: np.where(rows["visit"] == 1, c.ACCEPT, c.REJECT),
            c.OUTCOME_AT: _LAST_DAY.as_unit("us"),
            "conversion": rows["conversion"],
            "spend": rows["spend"].astype(float),
        }
    )


def _notes() -> tuple[str, ...]:
    return (
        "No customer id is published: the id is the row's number.",
        f"No dates are published: all decisions are at {_SENT_AT.date()}, the day of the challenge, all outcomes at "
        f"{_LAST_DAY.date()}, the last day of the two weeks observed (both nominal).",
        "Each action had chance 1/3, no_offer too. accept is a visit, also after no e-mail: that is what "
        "the effect of the e-mails is measured against.",
        "value of an offer = 1: values count visits. Spend in dollars is in outcomes.spend.",
        'zip_code keeps the spelling "Surburban". segment is history_segment and the channel of past purchases; that '
        "channel is purchase_channel in customers.",
    )
