"""The parts of a report of the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from nbo import columns as c
from nbo.arbitration import Playbook
from nbo.errors import InputError
from nbo.reports.action_effects import action_effects
from nbo.reports.action_types import ACTION_TYPE
from nbo.reports.answers import ALL
from nbo.reports.confident_patterns import confident_patterns
from nbo.reports.contact_pressure import contact_pressure
from nbo.reports.goal_credits import GoalReport
from nbo.reports.goals_against_targets import goals_against_targets
from nbo.reports.message_winners import message_winners
from nbo.reports.overview import overview
from nbo.reports.period_changes import period_changes
from nbo.reports.playbook_report import playbook_report
from nbo.reports.program_rows import ProgramRows
from nbo.reports.section import Section
from nbo.reports.segment_report import segment_report
from nbo.reports.spent_since import spent_since
from nbo.tables import CustomerTables
from nbo.views import plot_estimates, plot_offer_heat, plot_rate_changes, plot_rates, plot_scorecard

__all__ = ["ProgramSections"]

_FLAG_NOTE: Final = (
    "Flag: above or below the other segments, by Fisher's exact test after Benjamini and Hochberg; "
    "too few: not enough evidence; unclear: no difference shown. Intervals after Wilson, wider where customers "
    "answered several times."
)
_SHOWN: Final = ("flag", "rate", "low", "high", "rate_elsewhere", "n", "accepted", "value_per_decision", "value")
# Decisions from which on an interval says something.
_LEAST: Final = 30
_RATES: Final = ("rate", "low", "high", "rate_elsewhere")


@dataclass(frozen=True)
class ProgramSections:
    """Make the parts of a report of the program.

    Parameters
    ----------
    rows : ProgramRows
        The decisions.
    level : float
        Of all intervals, in (0, 1).
    """

    rows: ProgramRows
    level: float

    def overview(self) -> Section:
        """Sum the program up."""
        found = overview(self.rows.decided, self.level)
        if self.rows.previous is not None:
            past = overview(self.rows.before, self.level).set_index("measure")["value"]
            found["before"] = found["measure"].map(past)
        note = (
            "Of the period; the rate is that of offers with an answer. In a ledger an offer without one in time counts "
            "as refused. The value is money after costs."
        )
        return Section("overview", "The program", found, note, mixed=("value", "low", "high", "before"))

    def changes(self) -> Section | None:
        """Compare with the period before."""
        if self.rows.previous is None:
            return None
        answered = self.rows.before[(self.rows.before[c.OFFER_ID] != c.NO_OFFER).to_numpy(dtype=bool)]
        found = period_changes(answered, self.rows.offered, c.SEGMENT, self.level)
        columns = (
            "direction",
            c.SEGMENT,
            c.OFFER_ID,
            "rate_before",
            "rate_after",
            "change",
            "low",
            "high",
            "n_before",
            "n_new",
        )
        note = "Up and down: more than chance, after Benjamini and Hochberg. Intervals of the change after Newcombe."
        caption = "The surest changes since the period before."
        percent = ("rate_before", "rate_after", "change", "low", "high")
        plot = plot_rate_changes if found["rate_before"].notna().any() else None
        return Section("changes", "What changed", found, note, columns, 15, plot, caption, percent)

    def rates(self) -> list[Section]:
        """Report offers, segments, and both together."""
        offered = self.rows.offered
        cells = segment_report(offered, c.SEGMENT, self.level)
        own = cells[cells[c.SEGMENT] != ALL].sort_values("p_adjusted", kind="stable", ignore_index=True)
        offers = cells[cells[c.SEGMENT] == ALL].drop(columns=[c.SEGMENT, "p_adjusted", "rate_elsewhere", "flag"])
        whole = segment_report(offered.assign(program="program"), c.SEGMENT, self.level, of="program")
        segments = whole.drop(columns="program")
        columns, caption = (
            (c.SEGMENT, c.OFFER_ID, *_SHOWN),
            "Acceptance in percent; + above, − below the other segments.",
        )
        heat = Section(
            "offers_by_segment", "Offers by segment", own, _FLAG_NOTE, columns, 40, plot_offer_heat, caption, _RATES
        )
        return [
            self._rates("segments", "Segments", segments, c.SEGMENT, note=_FLAG_NOTE),
            self._rates("offers", "Offers", offers.sort_values("rate", ascending=False), c.OFFER_ID),
            heat,
        ]

    def _rates(self, name: str, heading: str, frame: pd.DataFrame, by: str, note: str = "") -> Section:
        text = note or "Intervals after Wilson, wider where customers answered several times."
        few = (
            ""
            if (frame["n"] >= _LEAST).all()
            else f" Those with fewer than {_LEAST} decisions stand in the table only."
        )
        caption = f"Share accepted, with its interval.{few if (frame['n'] >= _LEAST).any() else ''}"
        table = frame.reset_index(drop=True)
        return Section(name, heading, table, text, (by, *_SHOWN), 40, _plotted(by), caption, _RATES)

    def patterns(self) -> Section:
        """Report what can be counted on."""
        found = confident_patterns(self.rows.offered, c.SEGMENT, self.level)
        note = (
            "Confident: flagged, with enough evidence, and no drift shown over time. Moving: flagged, but the rate "
            "changes from period to period."
        )
        chosen = found[found["pattern"].isin(["confident", "moving", "one period"])].reset_index(drop=True)
        columns = ("pattern", "flag", c.SEGMENT, c.OFFER_ID, "n", "rate", "rate_elsewhere", "first", "last")
        return Section(
            "patterns",
            "What can be counted on",
            chosen,
            note,
            columns,
            20,
            percent=("rate", "rate_elsewhere", "first", "last"),
        )

    def kinds(self) -> list[Section]:
        """Report action types and channels by segment."""
        found = []
        for of, name, heading in (
            (ACTION_TYPE, "action_types", "Action types by segment"),
            (c.CHANNEL, "channels", "Channels by segment"),
        ):
            rows = self.rows.answered if of == ACTION_TYPE else self.rows.offered
            table = segment_report(rows, c.SEGMENT, self.level, of=of)
            order = table.assign(last=table[c.SEGMENT] != ALL).sort_values(["last", "p_adjusted"], kind="stable")
            table = order.drop(columns="last").reset_index(drop=True)
            found.append(Section(name, heading, table, _FLAG_NOTE, (c.SEGMENT, of, *_SHOWN), 30, percent=_RATES))
        return found

    def messages(self) -> Section | None:
        """Report which messages resonate, where there are any."""
        offered = self.rows.offered
        if c.CREATIVE not in offered or not offered[c.CREATIVE].notna().any():
            return None
        found = message_winners(offered, level=self.level).sort_values("p_adjusted", kind="stable", ignore_index=True)
        note = "A winner is shown to be better than all other messages of the offer in the segment."
        percent = ("rate", "difference", "low", "high")
        return Section("messages", "Messages that resonate", found, note, rows=30, percent=percent)

    def actions(self, tables: CustomerTables | None) -> list[Section]:
        """Report inactions, contacts, and what actions have changed."""
        decided = self.rows.decided
        none = decided[(decided[c.OFFER_ID] == c.NO_OFFER).to_numpy(dtype=bool)]
        reasons = none[c.REASON].astype(object) if c.REASON in none else pd.Series("", index=none.index)
        named = none.assign(**{c.REASON: reasons.where(reasons.notna(), ""), c.SEGMENT: none[c.SEGMENT].astype(object)})
        counts = named.fillna({c.SEGMENT: "not known"}).groupby([c.SEGMENT, c.REASON], as_index=False).size()
        inactions = counts.rename(columns={"size": "n"}).sort_values(
            "n", ascending=False, kind="stable", ignore_index=True
        )
        pressure = contact_pressure(decided)
        return [
            *self._effects(tables),
            Section(
                "inactions", "Where no offer was made", inactions, "Decisions, by the reason that they gave.", rows=20
            ),
            Section("contact_pressure", "Contact pressure", pressure, "Contacts per customer in the period."),
        ]

    def _effects(self, tables: CustomerTables | None) -> list[Section]:
        rows = self.rows.answered
        metric, people = c.REWARD, None
        if tables is not None and tables.has("transactions") and c.ARM in rows:
            people, metric = spent_since(tables, self.rows.decided, self.rows.as_of), "spent"
        try:
            found = action_effects(rows, metric, c.SEGMENT, self.level, customers=people)
        except InputError as error:
            note = f"Cannot be told: {error}"
            return [Section("effects", "Against no action", pd.DataFrame({"told_by": pd.Series(dtype="str")}), note)]
        what = "money spent since the first decision" if metric == "spent" else "acceptances"
        note = f"Mean {what}, per customer of an arm or per decision; intervals are of the difference."
        told_of = ("difference", "low", "high", "told_by", "mean", "base_mean", "n", "base_n", "p_adjusted")
        columns = (c.SEGMENT, c.ARM, *told_of, "actions", "no_actions", "no_action_share")
        told = found["difference"].notna().any()
        plot, caption = (_plot_effects if told else None), f"Difference to no action in the mean {what}."
        percent = ("no_action_share",)
        return [Section("effects", "Against no action", found, note, columns, 40, plot, caption, percent)]

    def goals(self, goals: Any, credits: GoalReport | None) -> list[Section]:
        """Report goals: against their targets, and who contributed."""
        found = []
        if goals is not None:
            card = goals_against_targets(goals, self.rows.offered, credits, self.level)
            note = (
                "Gap: value less target, above 0 is better. Open: the interval holds the target. No goal: none was set."
            )
            columns = ("status", *(str(name) for name in card if name != "status"))
            caption = "Value in percent of the target."
            own = ("target", "value", "low", "high", "gap")
            parts = (card, note, columns, 40, plot_scorecard, caption, ("gap_share",), own)
            found.append(Section("goals", "Goals against targets", *parts))
        if credits is not None:
            note = f"Credits by {credits.method}; those of a goal add up to its total."
            found.append(Section("goal_totals", "Goals and what led to them", credits.totals, note))
            found += [
                Section(
                    f"goals_by_{name}", f"Goals by {name.replace('_', ' ')}", credits.by(name), note, percent=("share",)
                )
                for name in (c.SEGMENT, c.CHANNEL, ACTION_TYPE)
            ]
        return found

    def playbook(self, playbook: Playbook | None) -> list[Section]:
        """Report the rules that are run, by segment."""
        if playbook is None:
            return []
        title = f"{playbook.name}, version {playbook.version}, {playbook.hash[:12]}"
        parts = [Section("playbook", "Playbook", playbook.to_frame(), f"The rules that the engine runs: {title}.",
                         ("id", "stage", "words", "owner", "reason"))]  # fmt: skip
        if c.DROPPED in self.rows.decided:
            used = playbook_report(playbook, self.rows.decided)
            note = "How often a rule refused offers. The id is that of the playbook, the reason that of the decisions."
            order = used.sort_values("refused", ascending=False, kind="stable", ignore_index=True)
            columns = (c.SEGMENT, "id", "stage", "words", "reason", "refused", "share")
            parts.append(Section("guidelines", "Guidelines by segment", order, note, columns, 40, percent=("share",)))
        return parts


def _plot_effects(frame: pd.DataFrame) -> Any:
    names = (frame[c.SEGMENT] + ", " + frame[c.ARM]).rename("name")
    rows = pd.DataFrame({"name": names, "value": frame["difference"], "low": frame["low"], "high": frame["high"]})
    return plot_estimates(rows.head(25), "name", reference=0.0, label="Difference to no action")


def _plotted(by: str) -> Any:
    return lambda frame: plot_rates(enough if len(enough := frame[frame["n"] >= _LEAST]) else frame, by)
