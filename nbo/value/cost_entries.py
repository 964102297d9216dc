"""What customers cost beside the goods: service, contacts, winning them, and costs that a caller gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_rows
from nbo.features.moments import moments
from nbo.features.windows import known_before, rows_as_of
from nbo.tables import CustomerTables, Spine, TableColumns
from nbo.tables.plain_values import MISSING_TIME
from nbo.value.cents import whole_cents
from nbo.value.contact_costs import contact_costs
from nbo.value.entries import Entries
from nbo.value.span import Span

__all__ = ["acquisition_entries", "case_entries", "contact_entries", "given_entries"]


def case_entries(tables: CustomerTables, span: Span) -> Entries:
    """Find what cases opened in the span cost to serve.

    Parameters
    ----------
    tables : CustomerTables
    span : Span

    Returns
    -------
    Entries
    """
    table = tables.columns("cases")
    happened, _ = moments(table)
    rows = np.flatnonzero(known_before(table, span.as_of) & span.holds(happened))
    amounts = table.numbers(c.COST_TO_SERVE)[rows] if c.COST_TO_SERVE in table else np.full(len(rows), np.nan)
    cents = {"cost_to_serve": whole_cents(amounts, f"cases.{c.COST_TO_SERVE}")}
    return Entries(table, rows, happened[rows], cents, notes=_missing(amounts, "cost_to_serve"))


def contact_entries(tables: CustomerTables, span: Span) -> Entries:
    """Find what it cost to make the offers of the span; a decision to make none costs nothing.

    Parameters
    ----------
    tables : CustomerTables
    span : Span

    Returns
    -------
    Entries
    """
    table = tables.columns("decisions")
    happened, _ = moments(table)
    offers = table.codes(c.OFFER_ID)
    made = ~offers.having([c.NO_OFFER])[offers.codes]
    rows = np.flatnonzero(known_before(table, span.as_of) & span.holds(happened) & made)
    amounts = contact_costs(tables, table, rows)
    cents = {"contact_cost": whole_cents(amounts, "catalog.cost")}
    notes = {"of an offer that the catalog has not, which count as 0": int(np.isnan(amounts).sum())}
    return Entries(table, rows, happened[rows], cents, notes=notes)


def acquisition_entries(tables: CustomerTables, span: Span) -> Entries:
    """Find what it cost to win those who signed up in the span, as known last.

    Parameters
    ----------
    tables : CustomerTables
    span : Span

    Returns
    -------
    Entries
        One row for each customer who signed up; rows without a customer each stand for themselves.
    """
    table = tables.columns("customers")
    if not tables.has("customers") or c.SIGNED_UP_AT not in table:
        return Entries(table, np.empty(0, dtype=int), np.empty(0, dtype=np.int64), {}, "acquisition_channel")
    known = known_before(table, span.as_of)
    nobody = table[c.CUSTOMER_ID].isna().to_numpy()
    spine = Spine.at(span.as_of, table[c.CUSTOMER_ID][known & ~nobody].drop_duplicates().to_frame())
    rows = np.concatenate([rows_as_of(table, spine.frame), np.flatnonzero(known & nobody)])
    signed_up = table.times(c.SIGNED_UP_AT)[rows]
    # A missing time lies before every span.
    inside = span.holds(signed_up)
    unknown = int((signed_up == MISSING_TIME).sum())
    rows = rows[inside]
    amounts = table.numbers("acquisition_cost")[rows] if "acquisition_cost" in table else np.full(len(rows), np.nan)
    cents = {"acquisition_cost": whole_cents(amounts, "customers.acquisition_cost")}
    notes = {**_missing(amounts, "acquisition_cost"), "without signed_up_at, so that winning them costs 0": unknown}
    return Entries(table, rows, signed_up[inside], cents, "acquisition_channel", notes)


def given_entries(costs: Any, span: Span) -> Entries:
    """Take the costs of a caller.

    Parameters
    ----------
    costs : DataFrame or None
        event_time, amount and, if known, customer_id, known_at, kind, channel, segment.
    span : Span

    Returns
    -------
    Entries

    Raises
    ------
    InputError
        If a column is missing, a time is missing, or an amount is no number.
    """
    frame = pd.DataFrame({c.EVENT_TIME: [], c.AMOUNT: []}) if costs is None else check_frame(costs, "costs")
    check_columns(frame, [c.EVENT_TIME, c.AMOUNT], "costs")
    table = TableColumns.of(frame.reset_index(drop=True), "costs")
    happened = table.times(c.EVENT_TIME) if len(frame) else np.empty(0, dtype=np.int64)
    check_rows(happened == MISSING_TIME, table[c.EVENT_TIME], "costs.event_time", "there in every row")
    known = np.maximum(happened, table.times(c.KNOWN_AT)) if c.KNOWN_AT in table and len(frame) else happened
    as_of = np.datetime64(span.as_of, "us").astype(np.int64)
    rows = np.flatnonzero(span.holds(happened) & (known < as_of))
    amounts = table.numbers(c.AMOUNT)[rows]
    cents = {"other_cost": whole_cents(amounts, "costs.amount")}
    return Entries(table, rows, happened[rows], cents, notes=_missing(amounts, "amount"))


def _missing(amounts: np.ndarray, name: str) -> dict[str, int]:
    return {f"without {name}, which counts as 0": int(np.isnan(amounts).sum())}
