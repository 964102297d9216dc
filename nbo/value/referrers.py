"""Which customers bring others who buy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_one_of
from nbo.features.windows import known_before
from nbo.tables import CustomerTables
from nbo.tables.key_positions import key_positions
from nbo.value.cents import sums, whole_cents
from nbo.value.concentration import concentration
from nbo.value.entries import Entries
from nbo.value.postings import customers_of
from nbo.value.referrers_result import Referrers
from nbo.value.span import Span

__all__ = ["referrers"]


def referrers(
    tables: CustomerTables, start: Any, end: Any, *, as_of: Any = None, credit: str = "first", level: float = 0.95
) -> Referrers:
    """Tell which customers brought others who bought, and how few of them brought most.

    Only referrals that became a sale are credited: the first purchase of the person referred, made in the span and
    known before `as_of`, after the referral and not one's own. Each sale is credited once, also where several
    recommended us to the person: to the earliest of them, or in equal parts. A person's earliest sale counts; other
    times that rows state for it do not. A referral after the sale, or by nobody we know, has no credit; such sales
    are told as unallocated.

    Parameters
    ----------
    tables : CustomerTables
        With referrals; with customers, only these are credited.
    start, end : Timestamp or str
        UTC; sales of ``start <= converted_at < end`` count.
    as_of : Timestamp or str, optional
        Rows count that happened and were known before it; `end` by default.
    credit : {"first", "split"}, default="first"
        Who has the credit where several referred a person: the earliest, of one moment the first by id; or all of
        them in equal parts, in whole cents.
    level : float, default=0.95
        Of the intervals, in (0, 1).

    Returns
    -------
    Referrers

    Raises
    ------
    InputError
        If an argument is not allowed, a column is missing, or a value is no number.

    Examples
    --------
    >>> rows = pd.DataFrame({"customer_id": ["ann", "bob", "bob"], "referred_id": ["x", "x", "y"],
    ...                      "event_time": ["2026-01-01", "2026-01-02", "2026-01-03"],
    ...                      "converted_at": ["2026-01-09", "2026-01-09", None], "converted_value": [30.0, 30.0, None]})
    >>> found = referrers(CustomerTables(referrals=rows), "2026-01-01", "2026-02-01")
    >>> found.customers[["customer_id", "referrals", "sales", "value"]].values.tolist()
    [['ann', 1, 1.0, 30.0], ['bob', 2, 0.0, 0.0]]
    """
    span = Span.of(start, end, as_of)
    check_one_of(credit, ("first", "split"), "credit")
    table = tables.columns("referrals")
    check_columns(table, [c.CUSTOMER_ID, c.REFERRED_ID, c.CONVERTED_AT], "referrals")
    rows = np.flatnonzero(known_before(table, span.as_of))
    entries = Entries(table, rows, table.times(c.EVENT_TIME)[rows], {})
    people = customers_of(tables, span, [entries])
    given = _referrals(entries, people)
    sales = _sales(given, span)
    credited = _credited(sales, given, credit)
    owner, cents = credited["owner"].to_numpy(), credited["cents"].to_numpy()
    made = given[span.holds(given["time"].to_numpy()) & (given["owner"] >= 0)]
    frame = pd.DataFrame(
        {
            c.CUSTOMER_ID: people,
            "referrals": np.bincount(made["owner"], minlength=len(people)),
            "sales": np.bincount(owner[owner >= 0], credited["part"][owner >= 0], minlength=len(people)),
            "cents": sums(owner, cents, len(people)),
        }
    )
    frame = frame[(frame["referrals"] > 0) | (frame["sales"] > 0)]
    frame = frame.sort_values(["cents", "sales"], ascending=False, kind="stable", ignore_index=True)
    value = frame["cents"] / 100
    credited_cents = int(frame["cents"].sum())
    return Referrers(
        customers=frame.drop(columns="cents").assign(value=value),
        concentration=concentration(value, customers=frame[c.CUSTOMER_ID], level=level),
        credit=credit,
        n_sales=len(sales),
        credited_cents=credited_cents,
        unallocated_cents=int(cents[owner < 0].sum()) + _of_nobody(sales, credited),
        total_cents=int(sales["cents"].sum()),
    )


def _referrals(entries: Entries, people: pd.Index) -> pd.DataFrame:
    """Give each referral known: who by, whom, when, and the sale, if there was one."""
    table, rows = entries.table, entries.rows
    keys = table[c.REFERRED_ID]
    whom = pd.factorize(keys)[0][rows]
    # Those of nobody are different people.
    whom = np.where(whom < 0, -1 - np.arange(len(rows)), whom)
    values = table.numbers(c.CONVERTED_VALUE)[rows] if c.CONVERTED_VALUE in table else np.full(len(rows), np.nan)
    owner = entries.owners(people)
    themselves = key_positions(keys, people, f"referrals.{c.REFERRED_ID}")[rows]
    return pd.DataFrame(
        {
            "owner": owner,
            "whom": whom,
            "time": entries.times,
            "sale": table.times(c.CONVERTED_AT)[rows],
            "cents": whole_cents(values, "referrals.converted_value"),
            "self": (owner >= 0) & (owner == themselves),
        }
    )


def _sales(given: pd.DataFrame, span: Span) -> pd.DataFrame:
    """Find the first sale of each person referred that falls in the span; of its values, that of the earliest row."""
    as_of = np.datetime64(span.as_of, "us").astype(np.int64)
    # A missing time lies before all others.
    bought = given[(given["sale"] > np.iinfo(np.int64).min) & (given["sale"] < as_of)]
    order = bought.sort_values(["whom", "sale", "time", "owner", "cents"], kind="stable")
    first = order.drop_duplicates("whom")[["whom", "sale", "cents"]]
    return first[span.holds(first["sale"].to_numpy())]


def _credited(sales: pd.DataFrame, given: pd.DataFrame, credit: str) -> pd.DataFrame:
    """Give each sale to those who referred the person before it."""
    joined = sales.merge(given.drop(columns="cents"), on=["whom", "sale"], how="inner")
    fair = joined[(joined["time"] <= joined["sale"]) & ~joined["self"]]
    fair = fair.sort_values(["whom", "time", "owner"], kind="stable").drop_duplicates(["whom", "owner"])
    if credit == "first":
        return fair.drop_duplicates("whom").assign(part=1.0)
    n = fair.groupby("whom")["owner"].transform("size")
    at = fair.groupby("whom").cumcount()
    # Shares of whole cents: the running shares are rounded down.
    cents = (at + 1) * fair["cents"] // n - at * fair["cents"] // n
    return fair.assign(cents=cents, part=1.0 / n)


def _of_nobody(sales: pd.DataFrame, credited: pd.DataFrame) -> int:
    """Add up the sales that no referral has the credit of."""
    return int(sales.loc[~sales["whom"].isin(credited["whom"]), "cents"].sum())
