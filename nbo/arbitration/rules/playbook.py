"""All rules of a business in one place, with a version and a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from nbo.arbitration.rule import Rule
from nbo.arbitration.rules.playbook_frame import diff_frame, reasons_of, rules_frame
from nbo.arbitration.rules.playbook_text import dump_text, parse_text
from nbo.arbitration.rules.rule_kinds import given_parameters, make_rule, parameters_of
from nbo.arbitration.rules.syntax import near
from nbo.errors import InputError
from nbo.whole_files import whole_file

__all__ = ["Playbook"]

_KEYS = ("name", "version", "rules")


class Playbook:
    """All rules of a business in one place, with a version and a hash.

    It can be given wherever rules are: it goes through them in their order. The ids are those by which decisions
    name their reasons.

    Parameters
    ----------
    rules : iterable of Rule
        The id of a rule is its `name`, or its class where it has none.
    name : str, default="playbook"
    version : str, default="1"

    Attributes
    ----------
    rules : dict of str to Rule
        By id.

    Raises
    ------
    InputError
        If one is no rule, or two have one id.

    Examples
    --------
    >>> from nbo.arbitration import Eligibility, When
    >>> playbook = Playbook([Eligibility(), When("adults only", refuse="age < 18")], "retail", "3")
    >>> playbook.to_frame()[["id", "stage"]]
                id                  stage
    0  Eligibility   consent, eligibility
    1  adults only            eligibility
    >>> Playbook.from_dict(playbook.to_dict()).hash == playbook.hash
    True
    """

    def __init__(self, rules: Iterable[Rule], name: str = "playbook", version: str = "1") -> None:
        for what, text in (("name", name), ("version", version)):
            if not isinstance(text, str) or not text:
                raise InputError(f"{what} of a playbook must be a text, not empty; got {text!r}.")
        self.name, self.version = name, version
        self.rules: dict[str, Rule] = {}
        for rule in rules:
            self._add(rule)

    def _add(self, rule: Rule) -> None:
        if not isinstance(rule, Rule):
            raise InputError(f"rules of a playbook must be Rule objects; got {rule!r:.200}.")
        kind, name = type(rule), getattr(rule, "name", None)
        alike = [one for one in self if type(one) is kind and not getattr(one, "name", None)]
        rule_id = name or (f"{kind.__name__} {len(alike) + 1}" if alike else kind.__name__)
        if rule_id in self.rules:
            raise InputError(f"rules of a playbook must have different names; {rule_id!r} stands twice.")
        self.rules[rule_id] = rule

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules.values())

    def __len__(self) -> int:
        return len(self.rules)

    def __getitem__(self, rule_id: str) -> Rule:
        if rule_id not in self.rules:
            raise KeyError(f"no rule {rule_id!r} in the playbook{near(str(rule_id), list(self.rules))}.")
        return self.rules[rule_id]

    def __repr__(self) -> str:
        return f"Playbook({self.name} {self.version}, {len(self)} rules, {self.hash[:12]})"

    def _repr_html_(self) -> str:
        heading = f"{self.name}, version {self.version}: {len(self)} rules, hash {self.hash[:12]}"
        return f"<p>{escape(heading)}</p>{self.to_frame().to_html(index=False)}"

    @property
    def hash(self) -> str:
        """SHA-256 of all arguments of all rules in their order, name and version; of canonical JSON, as hex."""
        rules = [{"rule": type(rule).__name__, **parameters_of(rule)} for rule in self]
        text = json.dumps({"name": self.name, "version": self.version, "rules": rules}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def reasons(self) -> dict[str, list[str]]:
        """Reason in decisions -> ids of the rules that give it."""
        found: dict[str, list[str]] = {}
        for name, rule in self.rules.items():
            for reason in reasons_of(rule):
                found.setdefault(reason, []).append(name)
        return found

    def to_frame(self) -> pd.DataFrame:
        """List the rules.

        Returns
        -------
        DataFrame
            One row a rule: id, rule (its class), stage, reason (as decisions name it), words, reads (columns of
            customers that its conditions name), parameters (JSON of what is not as by default), owner, valid_from,
            valid_until, note.
        """
        return rules_frame(self.rules)

    def diff(self, other: Playbook) -> pd.DataFrame:
        """List what another playbook changes.

        Parameters
        ----------
        other : Playbook
            The later one.

        Returns
        -------
        DataFrame
            One row a difference: id (empty for the playbook itself), change ("added", "removed", "changed",
            "moved": its position among the rules that both have), parameter, before, after.
        """
        settings = {"name": (self.name, other.name), "version": (self.version, other.version)}
        return diff_frame(self.rules, other.rules, settings)

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON values, without arguments that are as by default."""
        rules = [{"rule": type(rule).__name__, **given_parameters(rule)} for rule in self]
        return {"name": self.name, "version": self.version, "rules": rules}

    @classmethod
    def from_dict(cls, data: Any) -> Playbook:
        """Make one of what :meth:`to_dict` gave.

        Parameters
        ----------
        data : dict
            ``rules``, a list; ``name`` and ``version`` may be left out.

        Returns
        -------
        Playbook

        Raises
        ------
        InputError
            If a rule is of no class that `nbo.arbitration` exports, a key is not known, or an argument is wrong.
        """
        return cls._made(data, "", {})

    @classmethod
    def read(cls, path: str | Path) -> Playbook:
        """Read a file.

        Parameters
        ----------
        path : str or Path
            JSON if it ends in ``.json``, else YAML.

        Returns
        -------
        Playbook

        Raises
        ------
        InputError
            As for :meth:`from_dict`, with the line; or if there is no such file.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"playbook {path} cannot be read: {error}.") from error
        data, lines = parse_text(text, path)
        return cls._made(data, str(path), lines)

    def write(self, path: str | Path) -> None:
        """Write a file, whole or not at all.

        Parameters
        ----------
        path : str or Path
            JSON if it ends in ``.json``, else YAML.
        """
        path = Path(path)
        with whole_file(path) as aside:
            aside.write_text(dump_text(self.to_dict(), path), encoding="utf-8")

    @classmethod
    def _made(cls, data: Any, source: str, lines: dict[tuple[Any, ...], int]) -> Playbook:
        def place(*keys: Any) -> str:
            what = f"rule {keys[1] + 1}" if len(keys) > 1 else "playbook"
            return f"{source}, line {lines[keys]}" if keys in lines else f"{source}, {what}" if source else what

        def place_in(at: int) -> Callable[..., str]:
            return lambda *keys: place("rules", at, *keys)

        if not isinstance(data, Mapping) or not isinstance(data.get("rules"), list):
            raise InputError(f"{source or 'a playbook'} must have the key 'rules', a list; got {data!r:.200}.")
        for key in data:
            if key not in _KEYS:
                raise InputError(f"{place(key)}: unknown key {key!r} of a playbook{near(str(key), list(_KEYS))}.")
        given = {key: data[key] for key in ("name", "version") if data.get(key) is not None}
        if isinstance(given.get("version"), int):
            given["version"] = str(given["version"])
        try:
            playbook = cls([], **given)
        except InputError as error:
            raise InputError(f"{place('version')}: {error} Put it in quotes.") from None
        for at, entry in enumerate(data["rules"]):
            rule = make_rule(entry, place_in(at))
            try:
                playbook._add(rule)
            except InputError as error:
                raise InputError(f"{place('rules', at)}: {error}") from None
        return playbook
