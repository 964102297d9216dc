"""The rules that the engine runs, and what they have done in each segment."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.arbitration import Playbook
from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.reports.answers import ALL, grouped

__all__ = ["playbook_report"]

_RULE = ("id", "stage", "words", "owner", "reason")


def playbook_report(playbook: Playbook, decisions: Any, by: str = c.SEGMENT) -> pd.DataFrame:
    """Write the guidelines of each segment: the very rules that the engine runs, and how often they had their way.

    Decisions name for each offer that was not made the reason (column `dropped`). The playbook tells which rule
    gives that reason.

    Parameters
    ----------
    playbook : Playbook
        The rules, as the model has them.
    decisions : DataFrame
        The column `by`, and `dropped`: JSON of offer -> reason.
    by : str, default="segment"
        A missing value counts as "not known".

    Returns
    -------
    DataFrame
        One row per segment ("all" first) and rule, in the order of the playbook: `by`, id, stage, words, owner,
        reason (as decisions name it; one row each), refused (offers), decisions (in which it refused any), share (of
        the segment's decisions). Rules that refused nothing are there with 0. Reasons of decisions that no rule of the
        playbook gives come last with the id "": what the run as a whole took away, such as capacity, or a rule of
        another playbook.

    Raises
    ------
    InputError
        If a column is missing, or `dropped` is no JSON.

    Examples
    --------
    >>> from nbo.arbitration import When
    >>> rows = {"segment": ["young", "old"], "dropped": ['{"card": "adults only"}', "{}"]}
    >>> found = playbook_report(Playbook([When("adults only", refuse="age < 18")]), pd.DataFrame(rows))
    >>> found[["segment", "id", "refused", "share"]].values.tolist()
    [['all', 'adults only', 1, 0.5], ['old', 'adults only', 0, 0.0], ['young', 'adults only', 1, 1.0]]
    """
    frame = check_frame(decisions, "decisions")
    check_columns(frame, [by, c.DROPPED], "decisions")
    segments = pd.Series(grouped(frame[by], f"decisions.{by}"), index=frame.index).astype("str")
    used = _used(pd.DataFrame({by: segments, c.DROPPED: frame[c.DROPPED]}), by)
    rules = _rules(playbook, used["reason"])
    sizes = segments.value_counts().sort_index()
    sizes = pd.concat([pd.Series({ALL: len(frame)}), sizes]).rename("of")
    cells = sizes.rename_axis(by).reset_index().merge(rules, how="cross")
    table = cells.merge(used, on=[by, "reason"], how="left").fillna({"refused": 0, "decisions": 0})
    table = table.astype({"refused": "int64", "decisions": "int64"})
    table["share"] = table["decisions"] / table["of"].where(table["of"] > 0)
    return table[[by, *_RULE, "refused", "decisions", "share"]]


def _rules(playbook: Playbook, reasons: pd.Series) -> pd.DataFrame:
    """Give one row for each rule and reason, and one for each reason that no rule gives."""
    words = playbook.to_frame().set_index("id")
    given = [(name, reason) for reason, names in playbook.reasons.items() for name in names]
    order = {name: place for place, name in enumerate(playbook.rules)}
    given += [(name, "") for name in playbook.rules if name not in {rule for rule, _ in given}]
    given.sort(key=lambda pair: order[pair[0]])
    table = pd.DataFrame(given, columns=["id", "reason"], dtype="str")
    table = table.join(words[["stage", "words", "owner"]], on="id")
    known = set(table["reason"])
    others = [reason for reason in dict.fromkeys(reasons) if reason not in known]
    rest = pd.DataFrame({"id": "", "reason": others, "stage": "", "words": "", "owner": ""}, dtype="str")
    return pd.concat([table, rest], ignore_index=True)[list(_RULE)]


def _used(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """Count, by segment and reason, the offers refused and the decisions; equal texts are read once."""
    counts = rows.groupby([by, c.DROPPED], as_index=False).size()
    texts = counts[c.DROPPED].unique()
    told = {text: Counter(_reasons(text).values()) for text in texts if text}
    found = [
        (segment, reason, n * refused, n)
        for segment, text, n in counts.itertuples(index=False)
        for reason, refused in told.get(text, Counter()).items()
    ]
    table = pd.DataFrame(found, columns=[by, "reason", "refused", "decisions"])
    table = pd.concat([table.assign(**{by: ALL}), table], ignore_index=True)
    return table.groupby([by, "reason"], as_index=False)[["refused", "decisions"]].sum()


def _reasons(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InputError(f"decisions.dropped must be JSON of offer -> reason; got {text!r:.200}: {error}.") from error
    if not isinstance(found, dict):
        raise InputError(f"decisions.dropped must be JSON of offer -> reason; got {text!r:.200}.")
    return {str(offer): str(reason) for offer, reason in found.items()}
