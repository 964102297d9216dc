"""What a program of offers has brought, for everybody who answers for a part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.arbitration import Playbook
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.reports.goal_credits import GoalReport
from nbo.reports.goal_report import goal_report
from nbo.reports.goal_results import goal_results
from nbo.reports.program_rows import ProgramRows, program_rows
from nbo.reports.program_sections import ProgramSections
from nbo.reports.program_summary import program_summary
from nbo.reports.report import Report
from nbo.reports.section import Section
from nbo.tables import CustomerTables

__all__ = ["ProgramReport", "program_report"]


@dataclass(frozen=True, repr=False)
class ProgramReport(Report):
    """What a program of offers has brought: a :class:`~nbo.reports.Report` as of a moment.

    Parameters
    ----------
    title, subtitle, facts, summary, sections
        As for :class:`~nbo.reports.Report`.
    as_of : Timestamp
        Only what was known before it counts, UTC.
    since : Timestamp, optional
        Start of the period, UTC.
    """

    as_of: pd.Timestamp = pd.Timestamp.max
    since: pd.Timestamp | None = None


def program_report(
    source: Any,
    *,
    as_of: Any,
    since: Any = None,
    previous: Any = None,
    tables: CustomerTables | None = None,
    catalog: Any = None,
    goals: Any = None,
    weights: Mapping[str, float] | None = None,
    playbook: Playbook | None = None,
    window: str | pd.Timedelta = "14D",
    method: str = "last touch",
    level: float = 0.95,
    title: str = "Next best offer",
) -> ProgramReport:
    """Report what a program of offers has brought, by segment, offer, action type, channel and message.

    Every table is a group-by of the decisions made in the period, with the answers known before `as_of`.

    Parameters
    ----------
    source : Ledger or DataFrame
        The decisions and what came of them; a frame as :meth:`nbo.Ledger.feedback` gives it.
    as_of : str or Timestamp
        Only what was decided, answered and known before it counts, UTC.
    since : str or Timestamp, optional
        Start of the period, UTC, included. By default all decisions count, and nothing is compared with before.
    previous : str or Timestamp, optional
        Start of the period to compare with, which ends at `since`; by default as long as the period.
    tables : CustomerTables, optional
        With transactions, what customers spent is set against no action, and goals get their credits
        (:func:`nbo.reports.goal_results`); the catalog tells action types.
    catalog : Catalog or DataFrame, optional
        Offers, in place of those of the tables.
    goals : DataFrame, optional
        Targets: goal ("acceptance rate", "offers", "value per decision", or one of the credited goals), target, and
        segment, touchpoint, direction, objective, tactic if there.
    weights : mapping of str to float, optional
        As for :func:`nbo.reports.goal_report`.
    playbook : Playbook, optional
        The rules that the engine runs.
    window : str or Timedelta, default="14D"
        How long an answer may take, for a ledger.
    method : str, default="last touch"
        How goals are credited, see :func:`nbo.reports.goal_report`.
    level : float, default=0.95
        Of all intervals and claims, in (0, 1).
    title : str, default="Next best offer"
        Of the page.

    Returns
    -------
    ProgramReport
        Its `tables`, as far as there are numbers for them: overview, changes, segments, offers, offers_by_segment,
        patterns, action_types, channels, messages, effects, inactions, contact_pressure, goals, goal_totals,
        goals_by_segment, goals_by_channel, goals_by_action_type, playbook and guidelines.

    Raises
    ------
    InputError
        If a column is missing, a time is none, or ``previous < since < as_of`` does not hold.

    Examples
    --------
    >>> rows = {"decision_id": range(8), "customer_id": range(8), "segment": ["new", "old"] * 4, "offer_id": "card"}
    >>> feedback = pd.DataFrame(rows).assign(decided_at=pd.Timestamp("2026-06-01"), reward=[1.0, 0, 0, 0] * 2)
    >>> report = program_report(feedback, as_of="2026-07-01")
    >>> report.tables["segments"][["segment", "n", "accepted"]].values.tolist()
    [['new', 4, 2], ['old', 4, 0], ['all', 8, 2]]
    """
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    if tables is not None and not isinstance(tables, CustomerTables):
        raise TypeError(f"tables must be CustomerTables; got {type(tables).__name__}.")
    if playbook is not None and not isinstance(playbook, Playbook):
        raise InputError(f"playbook must be a Playbook; got {type(playbook).__name__}. See Playbook.read.")
    if catalog is None and tables is not None and tables.has("catalog"):
        catalog = tables.get("catalog")
    rows = program_rows(source, as_of, since, previous, window, catalog)
    credits = _credits(rows, tables, weights, method)
    parts = ProgramSections(rows, level)
    sections = [
        parts.overview(), parts.changes(), *parts.rates(), parts.patterns(), *parts.kinds(), parts.messages(),
        *parts.actions(tables), *parts.goals(goals, credits), *parts.playbook(playbook),
    ]  # fmt: skip
    kept = tuple(section for section in sections if section is not None)
    summary = program_summary({section.name: section.frame for section in kept})
    return ProgramReport(title, _subtitle(rows), _facts(kept), summary, kept, rows.as_of, rows.since)


def _credits(
    rows: ProgramRows, tables: CustomerTables | None, weights: Mapping[str, float] | None, method: str
) -> GoalReport | None:
    """Credit what customers did in the period to the offers of the period."""
    if tables is None or not tables.has("transactions"):
        return None
    made = rows.decided[(rows.decided[c.OFFER_ID] != c.NO_OFFER).to_numpy(dtype=bool)]
    events = made.drop(columns=[name for name in ("goal", "credit", c.KNOWN_AT) if name in made])
    results = goal_results(tables, rows.as_of, rows.since)
    return goal_report(results, events, weights, as_of=rows.as_of, method=method)


def _subtitle(rows: ProgramRows) -> str:
    period = "" if rows.since is None else f"Decisions from {rows.since:%Y-%m-%d %H:%M} on. "
    return f"{period}As of {rows.as_of:%Y-%m-%d %H:%M} UTC: what was known before."


def _facts(sections: tuple[Section, ...]) -> dict[str, Any]:
    rows = sections[0].frame.set_index("measure")["value"]
    facts: dict[str, Any] = {name.capitalize(): int(rows[name]) for name in ("decisions", "customers", "accepted")}
    if "acceptance rate" in rows:
        facts["Acceptance rate"] = f"{rows['acceptance rate']:.1%}".replace("%", " %")
    if "value" in rows:
        facts["Value"] = float(rows["value"])
    return facts
