"""Rules from what a file says of them: only classes that this room exports are ever made."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

from nbo.arbitration.rule import Rule
from nbo.arbitration.rules.syntax import near
from nbo.errors import InputError

__all__ = ["given_parameters", "make_rule", "parameters_of", "rule_kinds"]


def rule_kinds() -> dict[str, type[Rule]]:
    """List the classes of rules that can be made from a file, by name.

    Returns
    -------
    dict of str to type

    Examples
    --------
    >>> "When" in rule_kinds(), "Rule" in rule_kinds()
    (True, False)
    """
    # The room imports this file.
    from nbo import arbitration

    exported = {name: getattr(arbitration, name) for name in sorted(arbitration.__all__)}
    return {
        name: kind
        for name, kind in exported.items()
        if inspect.isclass(kind) and issubclass(kind, Rule) and not inspect.isabstract(kind)
    }


def make_rule(entry: Any, place: Callable[..., str]) -> Rule:
    """Make a rule of an entry of a playbook.

    Parameters
    ----------
    entry : dict
        ``rule`` names the class, all else are its arguments.
    place : callable
        Tells where the entry, or one of its keys, stands, for messages.

    Returns
    -------
    Rule
        Its arguments are checked as far as that needs no customers.

    Raises
    ------
    InputError
        If there is no such class, it lacks an argument or knows none of that name, or an argument is wrong.

    Examples
    --------
    >>> make_rule({"rule": "When", "name": "adults only", "refuze": "age < 18"}, lambda *keys: "rules.yaml, line 3")
    Traceback (most recent call last):
    nbo.errors.InputError: rules.yaml, line 3: unknown key 'refuze' of When (did you mean 'refuse'?).
    """
    if not isinstance(entry, Mapping) or not isinstance(entry.get("rule"), str):
        raise InputError(f"{place()}: a rule must have the key 'rule', the name of its class; got {entry!r:.200}.")
    kinds = rule_kinds()
    if entry["rule"] not in kinds:
        raise InputError(f"{place('rule')}: unknown rule {entry['rule']!r}{near(entry['rule'], list(kinds))}.")
    kind = kinds[entry["rule"]]
    given = {str(name): value for name, value in entry.items() if name != "rule"}
    known = inspect.signature(kind).parameters
    for name in given:
        if name not in known:
            raise InputError(f"{place(name)}: unknown key {name!r} of {entry['rule']}{near(name, list(known))}.")
    lacking = [name for name, one in known.items() if one.default is one.empty and name not in given]
    if lacking:
        raise InputError(f"{place()}: {entry['rule']} must have the key {lacking[0]!r}.")
    try:
        rule = kind(**given)
        check = getattr(rule, "check", None)
        if check is not None:
            check()
    except InputError as error:
        raise InputError(f"{place()}: {error}") from None
    return rule


def parameters_of(rule: Rule) -> dict[str, Any]:
    """Give all arguments of a rule as JSON values.

    Parameters
    ----------
    rule : Rule

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If one is no JSON value, so that it cannot be stored as data.
    """
    try:
        found: dict[str, Any] = json.loads(json.dumps(rule.get_params(deep=False), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise InputError(f"arguments of {rule!r:.200} must be JSON values; {error}.") from error
    return {name: _plain(value) for name, value in found.items()}


def _plain(value: Any) -> Any:
    """Take a whole number for one however it is written: 55 and 55.0 are the same percentage."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def given_parameters(rule: Rule) -> dict[str, Any]:
    """Give those arguments of a rule that are not as by default.

    Parameters
    ----------
    rule : Rule

    Returns
    -------
    dict
        In the order of the signature.
    """
    known, found = inspect.signature(type(rule)).parameters, parameters_of(rule)
    # As text, since True is 1 in Python and not in a file.
    return {
        name: found[name]
        for name, one in known.items()
        if one.default is one.empty or json.dumps(found[name]) != _text(one.default)
    }


def _text(default: Any) -> str:
    return json.dumps(_plain(json.loads(json.dumps(default))))
