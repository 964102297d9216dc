"""What has changed and what to do, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from nbo import columns as c
from nbo.reports.answers import ALL

__all__ = ["program_summary"]

# Of each kind of finding, the surest.
_MOST: Final = 3


def program_summary(tables: Mapping[str, pd.DataFrame]) -> tuple[str, ...]:
    """Say in sentences what the tables of a report of the program have found.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By name, as far as there are any.

    Returns
    -------
    tuple of str
        The most important ones first.
    """
    found = [*_program(tables), *_changes(tables), *_patterns(tables), *_messages(tables), *_goals(tables)]
    return (*found, *_effects(tables))


def _program(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    rows = tables["overview"].set_index("measure")
    if "acceptance rate" not in rows.index:
        return ["No offer has an answer yet."]
    rate = dict(zip(map(str, rows.columns), rows.loc["acceptance rate"].to_numpy(dtype=float), strict=True))
    n = int(rows["value"]["offers answered"])
    between = f"{_percent(rate['low'])} to {_percent(rate['high'])}"
    text = f"{_percent(rate['value'])} of {n:,} offers with an answer were accepted ({between})"
    before = rate.get("before", float("nan"))
    return [text + ("." if pd.isna(before) else f"; {_percent(before)} in the period before.")]


def _changes(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    if "changes" not in tables:
        return []
    rows = tables["changes"]
    sure = rows[rows["significant"]]
    if sure.empty:
        return [
            "No offer's acceptance rate has changed by more than chance since the period before, in one segment or in "
            "all; that of all offers together also follows from which ones were made."
        ]
    return [
        f"Changed: {row['offer_id']} in {'all segments' if row['segment'] == ALL else row['segment']} went "
        f"{row['direction']}, from {_percent(row['rate_before'])} to {_percent(row['rate_after'])}."
        for row in sure.head(_MOST).to_dict("records")
    ]


def _patterns(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    rows = tables["patterns"]
    sure = rows[rows["pattern"] == "confident"]
    said = {"above": "Offer more of it", "below": "Offer something else"}
    return [
        f"{said[flag]}: {row['offer_id']} in {row['segment']} is accepted by {_percent(row['rate'])}, "
        f"against {_percent(row['rate_elsewhere'])} elsewhere, and no drift is shown."
        for flag in said
        for row in sure[sure["flag"] == flag].head(_MOST).to_dict("records")
    ]


def _messages(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    if "messages" not in tables:
        return []
    rows = tables["messages"]
    return [
        f"Use the message {row['winner']} for {row['offer_id']} in {row['segment']}: "
        f"{row['difference'] * 100:+.1f} % against {row['runner_up']}."
        for row in rows[rows["winner"].notna()].head(_MOST).to_dict("records")
    ]


def _goals(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    if "goals" not in tables or tables["goals"].empty:
        return []
    status = tables["goals"]["status"].value_counts()
    order = [word for word in ("met", "missed", "open", "not measured", "no goal") if word in status]
    told = ", ".join(f"{int(status[word])} {word}" for word in order)
    missed = tables["goals"][tables["goals"]["status"] == "missed"].head(_MOST)
    return [f"Goals by segment and touchpoint: {told}."] + [
        f"Missed: {row['goal']} of {row['segment']}, touchpoint {row['touchpoint']}: "
        f"{_told(row['goal'], row['value'])} for a target of {_told(row['goal'], row['target'])}."
        for row in missed.to_dict("records")
    ]


def _effects(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    rows = tables.get("effects", pd.DataFrame())
    if "difference" not in rows or not rows["difference"].notna().any():
        return ["What would have happened without any action cannot be told: nobody was held out by chance."]
    whole = rows[(rows[c.SEGMENT] == ALL) & rows["difference"].notna()]
    said = []
    for row in whole.to_dict("records"):
        difference, low, high = (float(row[name]) for name in ("difference", "low", "high"))
        text = f"Against no action, {row['arm']} changed the mean by {difference:+,.3g} ({low:+,.3g} to {high:+,.3g})"
        said.append(text + ("." if low > 0 or high < 0 else ": it may be chance."))
    return said


def _told(goal: str, number: float) -> str:
    return _percent(number) if goal == "acceptance rate" else f"{number:,.4g}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
