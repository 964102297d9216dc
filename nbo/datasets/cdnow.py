"""CDNOW: all purchases of the customers of one quarter."""

from __future__ import annotations

import os

import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns
from nbo.datasets.data_set import DataSet
from nbo.datasets.files import find_layout, parse_days, read_file
from nbo.datasets.publication import Publication
from nbo.datasets.row_ids import row_ids
from nbo.tables import CustomerTables

__all__ = ["load_cdnow"]

_PUBLICATION = Publication(
    name="cdnow",
    title="CDNOW",
    publisher="Bruce Hardie and Peter Fader",
    page="www.brucehardie.com/datasets",
    terms="Free to download for research and teaching; no formal license.",
    citation=(
        "Fader, P. S. and Hardie, B. G. S. (2001). Forecasting repeat sales at CDNOW: a case study. "
        "Interfaces 31(3), S94-S107."
    ),
)
_COLUMNS = {
    "sample": ["master_id", "sample_id", "date", "cds", "dollar_value"],
    "master": ["customer_id", "date", "cds", "dollar_value"],
}


def load_cdnow(path: str | os.PathLike[str], sample: bool = True) -> DataSet:
    """Load the purchases of CDNOW's customers of early 1997.

    All customers whose first purchase was in January to March 1997, with every purchase until 1998-06-30.
    The reference set of the buy-till-you-die models.

    Parameters
    ----------
    path : str or path
        Folder with ``CDNOW_sample.txt`` or ``CDNOW_master.txt``, or ``cdnow_sample.parquet`` or
        ``cdnow_master.parquet``.
    sample : bool, default=True
        True takes the file of every tenth customer (2,357), which the papers use; False all 23,570.

    Returns
    -------
    DataSet
        `customers` and `transactions`, amounts in dollars; no catalog.

    Raises
    ------
    DataSetNotFoundError
        If the file is not there.
    InputError
        If the file is not what it should be.

    Examples
    --------
    >>> load_cdnow("no such folder")
    Traceback (most recent call last):
    nbo.errors.DataSetNotFoundError: the data set CDNOW is not complete in 'no such folder'...
    """
    stem = "sample" if sample else "master"
    _, files = find_layout(path, {stem: {stem: (f"CDNOW_{stem}.txt", f"cdnow_{stem}.parquet")}}, _PUBLICATION)
    rows = read_file(files[stem], separator=r"\s+", columns=_COLUMNS[stem])
    check_columns(rows, _COLUMNS[stem], f"CDNOW_{stem}")
    # The ids of the master file identify customers in both files.
    rows = rows.rename(columns={"master_id": c.CUSTOMER_ID})
    rows = rows.assign(date=parse_days(rows["date"], f"CDNOW_{stem}.date"))
    tables = CustomerTables(customers=_customers(rows), transactions=_transactions(rows))
    return DataSet.published(_PUBLICATION, tables, None, _notes(int((rows["dollar_value"] == 0).sum())))


def _customers(rows: pd.DataFrame) -> pd.DataFrame:
    kept = {"date": "min", **({"sample_id": "first"} if "sample_id" in rows.columns else {})}
    customers = rows.groupby(c.CUSTOMER_ID, sort=True).agg(kept).reset_index()
    customers = customers.rename(columns={"date": c.SIGNED_UP_AT})
    return customers.assign(**{c.VALID_FROM: customers[c.SIGNED_UP_AT]})


def _transactions(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            c.TRANSACTION_ID: row_ids("cdnow", len(rows)),
            c.CUSTOMER_ID: rows[c.CUSTOMER_ID],
            c.EVENT_TIME: rows["date"],
            c.KIND: c.SALE,
            c.QUANTITY: rows["cds"],
            c.AMOUNT: rows["dollar_value"],
        }
    )


def _notes(zero: int) -> tuple[str, ...]:
    return (
        "signed_up_at and valid_from are the day of the first purchase.",
        "Only days are published. Several rows of a customer on one day are kept: merge them to count purchases.",
        f"{zero} rows cost 0 dollars and are kept.",
        "The papers fit to 1997-09-30 (39 weeks) and hold out the 39 weeks after it.",
    )
