"""What it costs to acquire, to serve and to retain customers, by segment and period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_one_of
from nbo.features.windows import rows_as_of
from nbo.tables import CustomerTables, Spine
from nbo.tables.plain_values import MISSING_TIME
from nbo.value.breakdown import NOT_KNOWN, breakdown
from nbo.value.cents import sums
from nbo.value.customer_costs_result import PURPOSES, CustomerCosts
from nbo.value.entries import Entries
from nbo.value.given_away import given_away
from nbo.value.given_segments import given_segments
from nbo.value.postings import all_entries, customers_of, notes_of, spending_entries
from nbo.value.profitability_result import PERIOD
from nbo.value.span import Span

__all__ = ["customer_costs"]

_KINDS: Final = {"acquisition": "acquire", "service": "serve", "retention": "retain"}


def customer_costs(
    tables: CustomerTables,
    start: Any,
    end: Any,
    *,
    segments: Any = None,
    as_of: Any = None,
    costs: Any = None,
    by: str | None = None,
    retention: Sequence[str] = ("retention",),
    kinds: Mapping[str, str] = _KINDS,
) -> CustomerCosts:
    """Tell what it costs to acquire, to serve and to retain customers, by segment and period, in all and per head.

    Each cost is in exactly one of four columns. *Acquire*: what winning those cost who signed up, contacts with people
    before they did, and costs of that kind. *Serve*: cases, and costs of that kind. *Retain*: contacts that made a
    retention offer to a customer, and costs of that kind. *Other*: other contacts and costs. Goods and returns are none
    of these. What accepted retention offers gave away is told beside, and not in the total: it is in the lower revenue.

    Parameters
    ----------
    tables : CustomerTables
    start, end : Timestamp or str
        UTC; rows of ``start <= time < end`` count.
    segments : Series or DataFrame, optional
        Segment of each customer: a Series by customer id, or columns `customer_id` and `segment`, each customer once.
        By default all are in one.
    as_of : Timestamp or str, optional
        Rows count that happened and were known before it; `end` by default.
    costs : DataFrame, optional
        As for :func:`profitability`, with `kind`; a cost that names no customer counts in the `segment` that it names.
    by : {"month", "quarter", "year"} or str, optional
        As for :func:`profitability`.
    retention : sequence of str, default=("retention",)
        Kinds of offers in the catalog that are made to keep customers.
    kinds : dict of str to str, optional
        Kind of cost -> "acquire", "serve", "retain" or "other"; by default acquisition, service and retention.
        All others are "other".

    Returns
    -------
    CustomerCosts

    Raises
    ------
    InputError
        If an argument is not allowed, or a customer is in two segments.

    Examples
    --------
    >>> customers = pd.DataFrame({"customer_id": ["ann", "bob"], "signed_up_at": ["2026-01-03", "2025-01-01"],
    ...                           "acquisition_cost": [12.0, 9.0]})
    >>> cases = pd.DataFrame({"customer_id": ["bob"], "opened_at": ["2026-01-09"], "cost_to_serve": [5.0]})
    >>> tables = CustomerTables(customers=customers, cases=cases)
    >>> found = customer_costs(tables, "2026-01-01", "2026-02-01", segments=pd.Series({"ann": "new", "bob": "old"}))
    >>> found.segments[["segment", "acquire", "serve", "acquire_per_new", "serve_per_customer"]].values.tolist()[:2]
    [['new', 12.0, 0.0, 12.0, 0.0], ['old', 0.0, 5.0, nan, 5.0]]
    """
    span = Span.of(start, end, as_of, by)
    for purpose in kinds.values():
        check_one_of(purpose, PURPOSES, "kinds")
    found = spending_entries(tables, span, costs)
    # Without a table of customers, who bought is one, whether they cost anything or not.
    people = found if tables.has("customers") else all_entries(tables, span, costs)
    customers = customers_of(tables, span, people)
    owners = [entries.owners(customers) for entries in found]
    codes, names = _segments(segments, customers, found[-1])
    signed_up = _signed_up(tables, span, customers)
    purposes = _purposes(tables, found, owners, signed_up, retention, kinds)
    groups = _groups(found, owners, codes, names, purposes)
    cents, total = breakdown(found, groups, [f"{at}" for at in range(len(names) * len(PURPOSES))], span, "cell")
    spent = _spent(cents, len(names), len(span.starts))
    gifts = given_away(tables, span, set(retention))
    cell = codes[gifts.owners(customers)] * len(span.starts) + span.periods(gifts.times)
    spent["given_away"] = sums(cell, gifts.cents["given_away"], len(spent))
    table = pd.concat([_heads(span, codes, names, signed_up), spent], axis=1)
    return CustomerCosts(cents=table, total_cents=_total(total), by=by, notes=notes_of(found))


def _segments(given: Any, customers: pd.Index, costs: Entries) -> tuple[np.ndarray, list[str]]:
    """Give the segment of each customer, and at last of none, as a position in the names; `NOT_KNOWN` is the last."""
    found = pd.Series("all", index=customers, dtype=object) if given is None else given_segments(given, customers)
    stated = {text for text in costs.texts(c.SEGMENT) if text is not None}
    names = [*sorted((set(found.dropna().unique()) | stated) - {NOT_KNOWN}), NOT_KNOWN]
    place = {name: at for at, name in enumerate(names)}
    codes = found.map(place).fillna(len(names) - 1).to_numpy(dtype=int)
    return np.append(codes, len(names) - 1), names


def _signed_up(tables: CustomerTables, span: Span, customers: pd.Index) -> np.ndarray:
    """Give when each customer signed up, as known last; `MISSING_TIME` where that is not known."""
    table = tables.columns("customers")
    if not tables.has("customers") or c.SIGNED_UP_AT not in table:
        return np.full(len(customers), MISSING_TIME)
    rows = rows_as_of(table, Spine.at(span.as_of, customers.to_frame(index=False)).frame)
    return np.append(table.times(c.SIGNED_UP_AT), MISSING_TIME)[rows]


def _purposes(
    tables: CustomerTables,
    found: list[Entries],
    owners: list[np.ndarray],
    signed_up: np.ndarray,
    retention: Sequence[str],
    kinds: Mapping[str, str],
) -> list[np.ndarray]:
    """Say of each row of cases, decisions, customers and costs what it was spent for, as a position in `PURPOSES`."""
    cases, contacts, won, given = found
    catalog = tables.get("catalog")
    keeping = set(catalog.loc[catalog[c.KIND].isin(list(retention)), c.OFFER_ID]) if c.KIND in catalog else set()
    offers = contacts.table.codes(c.OFFER_ID)
    retains = offers.having({str(offer) for offer in keeping})[offers.codes[contacts.rows]]
    before = contacts.times < np.append(signed_up, MISSING_TIME)[owners[1]]
    contact = np.where(before, "acquire", np.where(retains, "retain", "other"))
    texts = given.texts(c.KIND)
    stated = np.array([kinds.get(text, "other") for text in texts], dtype="str")
    named = [np.full(len(cases.rows), "serve"), contact, np.full(len(won.rows), "acquire"), stated]
    return [np.searchsorted(PURPOSES, names) for names in named]


def _groups(
    found: list[Entries], owners: list[np.ndarray], codes: np.ndarray, names: list[str], purposes: list[np.ndarray]
) -> list[np.ndarray]:
    """Give a number to segment and purpose of each row; a cost of no customer is in the segment that it names."""
    segments = [codes[owner] for owner in owners]
    place = {name: at for at, name in enumerate(names)}
    stated = np.array([place.get(text, len(names) - 1) for text in found[-1].texts(c.SEGMENT)], dtype=int)
    segments[-1] = np.where(owners[-1] < 0, stated, segments[-1])
    return [segment * len(PURPOSES) + purpose for segment, purpose in zip(segments, purposes, strict=True)]


def _spent(cents: pd.DataFrame, n_segments: int, n_periods: int) -> pd.DataFrame:
    """Give the cents of each purpose; what costs take off the profit is all that there is."""
    cube = -cents["profit"].to_numpy().reshape(n_segments, len(PURPOSES), n_periods)
    flat = cube.transpose(0, 2, 1).reshape(-1, len(PURPOSES))
    return pd.DataFrame(flat, columns=list(PURPOSES)).assign(total=flat.sum(axis=1))


def _total(total: pd.DataFrame) -> pd.DataFrame:
    return total[[PERIOD]].assign(total=-total["profit"])


def _heads(span: Span, codes: np.ndarray, names: list[str], signed_up: np.ndarray) -> pd.DataFrame:
    """Count the customers of each segment at the end of each period, and those who signed up in it."""
    own, rows = codes[:-1], []
    begins, ends = (times.astype(np.int64) for times in (span.starts, span.ends()))
    for begin, end in zip(begins, ends, strict=True):
        there, new = signed_up < end, (signed_up >= begin) & (signed_up < end)
        rows.append([np.bincount(own[some], minlength=len(names)) for some in (there, new)])
    counts = np.array(rows).transpose(2, 0, 1).reshape(-1, 2)
    keys = {c.SEGMENT: np.repeat(np.array(names, dtype=object), len(rows)), PERIOD: np.tile(span.starts, len(names))}
    return pd.DataFrame({**keys, "customers": counts[:, 0], "new": counts[:, 1]}).astype({c.SEGMENT: "str"})
