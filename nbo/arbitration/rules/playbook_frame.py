"""Playbooks as tables: what each rule does, and what differs between two."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

import pandas as pd

from nbo.arbitration.candidates import Candidates
from nbo.arbitration.rule import Rule
from nbo.arbitration.rules.rule_kinds import given_parameters, parameters_of
from nbo.errors import NboError
from nbo.tables import Catalog, CustomerTables, Offer, Spine

__all__ = ["diff_frame", "reasons_of", "rules_frame"]

_SAID = ("owner", "valid_from", "valid_until", "note")
_COLUMNS = ("id", "rule", "stage", "reason", "words", "reads", "parameters", *_SAID)


def reasons_of(rule: Rule) -> list[str]:
    """List the reasons that decisions give where a rule had its way.

    Parameters
    ----------
    rule : Rule

    Returns
    -------
    list of str
        What the rule says itself; else what it answers to a run without customers.

    Examples
    --------
    >>> from nbo.arbitration import Eligibility
    >>> reasons_of(Eligibility())
    ['no consent', 'not yet valid', 'no longer valid', 'customer type']
    """
    said = getattr(rule, "reasons", None)
    if said is not None:
        return list(said)
    nobody = Candidates.of(CustomerTables(), Spine.at("2000-01-01", []), Catalog([Offer("any")]))
    try:
        return list(dict.fromkeys([*rule.refused(nobody), *rule.weights(nobody)]))
    except NboError:
        return []


def rules_frame(rules: Mapping[str, Rule]) -> pd.DataFrame:
    """List rules.

    Parameters
    ----------
    rules : mapping of str to Rule
        By id.

    Returns
    -------
    DataFrame
        One row a rule: id, rule (its class), stage, reason, words, reads (columns of customers that its conditions
        name), parameters (JSON of what is not as by default), owner, valid_from, valid_until, note.
    """
    rows = [_row(name, rule) for name, rule in rules.items()]
    return pd.DataFrame(rows, columns=list(_COLUMNS), dtype="str")


def _row(name: str, rule: Rule) -> dict[str, Any]:
    reasons, given = reasons_of(rule), given_parameters(rule)
    stages = dict.fromkeys(rule.stage_of(reason) for reason in reasons) or {rule.stage: None}
    words = getattr(rule, "words", None) or (inspect.getdoc(type(rule)) or "").split("\n")[0]
    parameters = json.dumps({key: value for key, value in given.items() if key != "name"})
    said = {what: getattr(rule, what, None) or "" for what in _SAID}
    lists = {"stage": stages, "reason": reasons, "reads": getattr(rule, "reads", ())}
    texts = {**{what: ", ".join(parts) for what, parts in lists.items()}, "words": words, "parameters": parameters}
    return {"id": name, "rule": type(rule).__name__, **texts, **said}


def diff_frame(
    before: Mapping[str, Rule], after: Mapping[str, Rule], settings: Mapping[str, tuple[str, str]]
) -> pd.DataFrame:
    """List what differs between two playbooks.

    Parameters
    ----------
    before, after : mapping of str to Rule
        By id.
    settings : mapping of str to (str, str)
        What else they have, before and after.

    Returns
    -------
    DataFrame
        One row a difference: id, change ("added", "removed", "changed", "moved"), parameter, before, after.
    """
    rows: list[tuple[str, str, str, Any, Any]] = []
    rows += [("", "changed", what, old, new) for what, (old, new) in settings.items() if old != new]
    for name in [*before, *(name for name in after if name not in before)]:
        if name not in after:
            rows.append((name, "removed", "", _stored(before[name]), None))
        elif name not in before:
            rows.append((name, "added", "", None, _stored(after[name])))
        else:
            old, new = _full(before[name]), _full(after[name])
            keys = [key for key in {**old, **new} if json.dumps(old.get(key)) != json.dumps(new.get(key))]
            rows += [(name, "changed", key, old.get(key), new.get(key)) for key in keys]
    rows += _moved([name for name in before if name in after], [name for name in after if name in before])
    return pd.DataFrame(rows, columns=["id", "change", "parameter", "before", "after"], dtype=object)


def _stored(rule: Rule) -> dict[str, Any]:
    return {"rule": type(rule).__name__, **given_parameters(rule)}


def _full(rule: Rule) -> dict[str, Any]:
    return {"rule": type(rule).__name__, **parameters_of(rule)}


def _moved(before: list[str], after: list[str]) -> list[tuple[str, str, str, Any, Any]]:
    """Name the rules that stand in another order: those that would have to be moved."""
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    stayed = {name for block in blocks for name in before[block.a : block.a + block.size]}
    moved = [name for name in before if name not in stayed]
    return [(name, "moved", "position", before.index(name) + 1, after.index(name) + 1) for name in moved]
