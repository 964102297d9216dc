"""A playbook as the text of a file: YAML or JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import yaml

from nbo.errors import InputError

__all__ = ["dump_text", "parse_text"]

_DEEPEST = 20
_PLAIN: Final[tuple[tuple[str, str, str], ...]] = (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN\0"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
)


class _Loader(yaml.SafeLoader):
    """YAML 1.2's plain values: ``no`` and ``22:00`` are texts, as whoever writes them means."""

    yaml_implicit_resolvers: dict[str, Any] = {}


class _Dumper(yaml.SafeDumper):
    """Quotes what any version of YAML would take for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_text(self, text: str) -> yaml.Node:
        # Between other quotes, these would come back as spaces.
        style = '"' if set(text) & {"\x85", "\u2028", "\u2029"} else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _Dumper.represent_text)

for _name, _pattern, _first in _PLAIN:
    for _kind in (_Loader, _Dumper):
        _firsts = ["" if character == "\0" else character for character in _first]
        _kind.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(_pattern), _firsts)


def dump_text(data: dict[str, Any], path: Path) -> str:
    """Write plain data as YAML, or as JSON if the file's name ends so.

    Parameters
    ----------
    data : dict
    path : Path

    Returns
    -------
    str
    """
    if path.suffix == ".json":
        return json.dumps(data, indent=2, allow_nan=False) + "\n"
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110))


def parse_text(text: str, path: Path) -> tuple[Any, dict[tuple[Any, ...], int]]:
    """Read plain data of YAML, or of JSON if the file's name ends so.

    Parameters
    ----------
    text : str
    path : Path
        For messages.

    Returns
    -------
    data : object
    lines : dict of tuple to int
        Line at which a part stands, by the keys and positions that lead to it; empty for JSON.

    Raises
    ------
    InputError
        If it is not that, has a key twice, an alias, or a tag; names the line.
    """
    try:
        if path.suffix == ".json":
            return json.loads(text, object_pairs_hook=lambda pairs: _unique(pairs, path)), {}
        root = yaml.compose(text, Loader=_Loader)
    except json.JSONDecodeError as error:
        raise InputError(f"{path}, line {error.lineno}: no JSON: {error.msg}.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise InputError(f"{path}{line}: no YAML: {error.problem or error.context}.") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(f"{path}: no YAML: {str(error) or 'too deeply nested'}.") from None
    reading = _Reading(path)
    return (None if root is None else reading.plain(root, ())), reading.lines


def _unique(pairs: list[tuple[str, Any]], path: Path) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{path}: the key {twice!r} stands twice in one place.")
    return found


class _Reading:
    """Turns the nodes of a YAML file into plain data and notes their lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[tuple[Any, ...], int] = {}
        self._seen: set[int] = set()

    def _refuse(self, node: yaml.Node, message: str) -> InputError:
        return InputError(f"{self.path}, line {node.start_mark.line + 1}: {message}.")

    def plain(self, node: yaml.Node, keys: tuple[Any, ...]) -> Any:
        if id(node) in self._seen:
            raise self._refuse(node, "an alias is not allowed; write it out")
        if len(keys) > _DEEPEST:
            raise self._refuse(node, f"parts nested more than {_DEEPEST} deep")
        self._seen.add(id(node))
        self.lines[keys] = node.start_mark.line + 1
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(part, (*keys, at)) for at, part in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, keys)
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, keys: tuple[Any, ...]) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for name_node, part in node.value:
            name = name_node.value if isinstance(name_node, yaml.ScalarNode) else None
            if name is None or name_node.tag == "tag:yaml.org,2002:null":
                raise self._refuse(name_node, "a key must be a text")
            if name in found:
                raise self._refuse(name_node, f"the key {name!r} stands twice in one place")
            found[name] = self.plain(part, (*keys, name))
            self.lines[(*keys, name)] = name_node.start_mark.line + 1
        return found

    def _scalar(self, node: yaml.Node) -> Any:
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        text = node.value
        try:
            if kind == "str":
                return text
            if kind in ("null", "bool"):
                return {"null": None, "bool": text.lower() == "true"}[kind]
            return {"int": int, "float": float}[kind](text)
        except (KeyError, ValueError):
            raise self._refuse(node, f"{text[:80]!r} with the tag {node.tag} is not allowed") from None
