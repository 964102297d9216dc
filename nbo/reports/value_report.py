"""What customers bring in and what they cost, for who answers for the money."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from nbo.checks import check_frame, check_keys
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.reports.report import Report
from nbo.reports.value_sections import ValueSections
from nbo.reports.value_summary import value_summary
from nbo.segments import ServiceAssignment
from nbo.tables import CustomerTables
from nbo.times import check_time
from nbo.value import Profitability, profitability

__all__ = ["ValueReport", "value_report"]


@dataclass(frozen=True, repr=False)
class ValueReport(Report):
    """What customers bring in and cost: a :class:`~nbo.reports.Report` of a period.

    Parameters
    ----------
    title, subtitle, facts, summary, sections
        As for :class:`~nbo.reports.Report`.
    profitability : Profitability, optional
        Of the period, customer by customer.
    """

    profitability: Profitability | None = None


def value_report(
    tables: CustomerTables,
    start: Any,
    end: Any,
    *,
    as_of: Any = None,
    segments: Mapping[str, Any] | Any = None,
    service: ServiceAssignment | None = None,
    clv: pd.Series | None = None,
    costs: Any = None,
    level: float = 0.95,
    title: str = "Customer value",
) -> ValueReport:
    """Report who brings in the profit of a period, who costs more than that, and which segments and channels matter.

    Every table adds up to the tables of the company, to the cent; what belongs to no customer has a line of its own.

    Parameters
    ----------
    tables : CustomerTables
    start, end : Timestamp or str
        UTC; rows of ``start <= time < end`` count. They are set against the period of that length before.
    as_of : Timestamp or str, optional
        Rows count that happened and were known before it; `end` by default.
    segments : Series, DataFrame, or mapping of str to these, optional
        Segment of each customer: a Series by customer id, or columns `customer_id` and `segment`; or several
        schemes of segments by name, which may also come as :func:`nbo.segments.segment_customers` gives them.
    service : ServiceAssignment, optional
        Service that each customer gets, of :func:`nbo.segments.assign_service`.
    clv : Series, optional
        Expected margin to come by customer id, money; missing where it is not known. With segments, each segment's
        worth is set against its costs.
    costs : DataFrame, optional
        Costs that are in no table, see :func:`nbo.value.profitability`.
    level : float, default=0.95
        Of all intervals, in (0, 1).
    title : str, default="Customer value"
        Of the page.

    Returns
    -------
    ValueReport
        Its `tables`, as far as there are numbers for them: profit, reconciliation, concentration, top_customers,
        loss_drivers, loss_customers, segments_<scheme>, costs_<scheme>, worth_<scheme>, services, channels and
        referrers.

    Raises
    ------
    InputError
        If a time is none, `end` is not after `start`, ids of segments or values are of another kind than the
        customers', a customer stands twice in a scheme or among the values, or an argument is not allowed.
    TypeError
        If the tables are no CustomerTables, or `clv` is no Series.

    Examples
    --------
    >>> sales = pd.DataFrame({"customer_id": ["ann", "bob", "cy"], "event_time": "2026-01-05",
    ...                       "amount": [90.0, 10.0, 5.0], "margin": [30.0, 4.0, -1.0]})
    >>> report = value_report(CustomerTables(transactions=sales), "2026-01-01", "2026-02-01")
    >>> report.tables["profit"].set_index("line").loc["profit", "amount"]
    np.float64(33.0)
    >>> report.tables["loss_customers"][["customer_id", "loss"]].values.tolist()
    [['cy', 1.0]]
    """
    if not isinstance(tables, CustomerTables):
        raise TypeError(f"tables must be CustomerTables; got {type(tables).__name__}.")
    if service is not None and not isinstance(service, ServiceAssignment):
        raise InputError(f"service must be a ServiceAssignment; got {type(service).__name__}. See assign_service.")
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    first, last = check_time(start, "start"), check_time(end, "end")
    found = profitability(tables, first, last, as_of=as_of, costs=costs)
    # What is known now of the period before, so that both are told by the same knowledge.
    before = profitability(tables, first - (last - first), first, as_of=found.as_of, costs=costs)
    parts = ValueSections(tables, found, before, costs, level)
    sections = [parts.profit(), parts.reconciliation(), *parts.concentration(), *parts.losses()]
    schemes = _schemes(segments)
    for name in schemes:
        # They become names of files.
        if not re.fullmatch(r"\w[\w .-]*", name):
            raise InputError(f"segments: a scheme's name must be letters, digits, '_', '-', '.' or ' '; got {name!r}.")
    for name, labels in schemes.items():
        sections += parts.segments(name, labels, clv)
    sections += [*parts.services(service), parts.channels(), *parts.referrers()]
    facts = parts.facts()
    summary = value_summary({section.name: section.frame for section in sections}, facts)
    until = "" if found.as_of == last else f", known before {found.as_of:%Y-%m-%d %H:%M}"
    subtitle = f"From {first:%Y-%m-%d} to {last:%Y-%m-%d}, UTC{until}. Money to the cent."
    return ValueReport(title, subtitle, facts, summary, tuple(sections), found)


def _schemes(given: Mapping[str, Any] | Any) -> dict[str, Any]:
    """Give the labels of each scheme by its name."""
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return {str(name): rows for name, rows in given.items()}
    if not isinstance(given, pd.Series):
        rows = check_frame(given, "segments")
        if "scheme" in rows:
            check_keys(rows["scheme"], "segments.scheme")
            return {str(name): part for name, part in rows.groupby("scheme", sort=False, observed=True)}
    return {"segment": given}
