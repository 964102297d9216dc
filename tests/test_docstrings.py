"""The docstring of every public name is valid numpydoc, as far as our rules ask for it."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import is_dataclass
from pathlib import Path

import pytest
from numpydoc.docscrape import get_doc_object
from numpydoc.validate import validate

import nbo
from nbo.testing.parts import is_abstract

ROOMS = (
    "alerting",
    "arbitration",
    "batch",
    "bundles",
    "checks",
    "cli",
    "datasets",
    "demo",
    "e_bh",
    "stated_offers",
    "errors",
    "evaluation",
    "experiments",
    "features",
    "features.labels",
    "health",
    "journeys",
    "ledger",
    "locked_folder",
    "models",
    "newcombe",
    "next_best_offer",
    "numbers",
    "policies",
    "progress",
    "prospects",
    "registry",
    "reports",
    "rng",
    "segments",
    "simulate",
    "states",
    "tables",
    "testing",
    "times",
    "value",
    "views",
    "whole_files",
    "wilson",
)
NOT_ASKED = {
    "SA01": "a list of related names goes out of date; the guides connect them",
    "ES01": "where one sentence says it, a second adds nothing",
    "PR04": "several parameters may share a line that refers to another function",
    "PR07": "a type such as `catalog : Catalog` may say all",
    "PR08": "a description may begin with the name of a column",
    "RT03": "a type may say all",
    "RT04": "a description may begin with the name of a column",
}
# What a docstring of one line, or one that refers to the parent's, leaves to its names.
NOT_ASKED_OF_SHORT = {"PR01", "RT01"}
# Rooms whose functions and classes need no example, and why.
WITHOUT_EXAMPLES = {
    "batch": "a job needs a model and folders; the guide shows one",
    "checks": "a check that passes shows nothing; its test shows the message",
    "demo": "a demo runs for a minute",
    "errors": "an error is shown where it is raised",
    "registry": "needs a store of models; the guide shows one",
}
EXCEPTIONS = {
    "nbo.tables.CustomerTables": {"PR01": "**tables is documented by the names of the tables", "PR02": "likewise"},
    "nbo.features.Feature.of": {"PR03": "arguments by keyword alone stand together by what they are"},
}


def public_names() -> dict[str, str]:
    """Dotted path -> class, class with example, function or method."""
    found = {}
    for room in ROOMS:
        module = importlib.import_module(f"nbo.{room}")
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isclass(thing):
                # Nobody makes a base or a result; the functions that take or give them have the examples.
                made = not is_abstract(thing) and not is_dataclass(thing)
                found[f"nbo.{room}.{name}"] = "class with example" if made else "class"
                found |= {f"nbo.{room}.{name}.{member}": "method" for member in documented_members(thing)}
            elif inspect.isroutine(thing):
                found[f"nbo.{room}.{name}"] = "function"
    return found


def documented_members(kind: type) -> list[str]:
    """Public methods and properties written in nbo, but those that keep their parent's contract and docstring."""
    names = []
    for name in dir(kind):
        homes = [vars(home)[name] for home in kind.__mro__ if name in vars(home)]
        own = getattr(homes[0], "fget", None) or getattr(homes[0], "__func__", homes[0])
        if name.startswith("_") or not inspect.isfunction(own) or not own.__module__.startswith("nbo"):
            continue
        if own.__doc__ or not any(getattr(home, "__doc__", None) for home in homes[1:]):
            names.append(name)
    return names


NAMES = public_names()


def thing_at(path: str) -> object:
    """Find what a dotted path names; rooms come before the files in them."""
    room = max((room for room in ROOMS if path.startswith(f"nbo.{room}.")), key=len)
    thing: object = importlib.import_module(f"nbo.{room}")
    for part in path.removeprefix(f"nbo.{room}.").split("."):
        thing = getattr(thing, part)
    return thing


def problems(path: str, sort: str) -> list[str]:
    # By its object: of a function whose file has its name, numpydoc would look at the file.
    found = validate(get_doc_object(thing_at(path)))
    text = found["docstring"].strip()
    short = "\n" not in text or "see :meth:" in text.splitlines()[0].lower()
    ignored = {*NOT_ASKED, *EXCEPTIONS.get(path, {})}
    if short and sort == "method":
        ignored |= NOT_ASKED_OF_SHORT
    if sort != "class with example" and sort != "function" or path.split(".")[1] in WITHOUT_EXAMPLES:
        ignored.add("EX01")
    return [f"{code}: {message}" for code, message in found["errors"] if code not in ignored]


@pytest.mark.parametrize("path", NAMES)
def test_docstring(path):
    assert problems(path, NAMES[path]) == []


def test_all_rooms_are_looked_at():
    home = Path(nbo.__file__).parent
    rooms = {path.parent.name for path in home.glob("*/__init__.py")} | {path.stem for path in home.glob("*.py")}
    assert {room.split(".")[0] for room in ROOMS} == rooms - {"__init__", "columns"}
    # The command line exports its click group, whose docstring is the help that it shows.
    assert {name.split(".")[1] for name in NAMES} == rooms - {"__init__", "columns", "cli"}


def test_a_wrong_docstring_is_found(monkeypatch):
    monkeypatch.setattr(nbo.rng.generator, "__doc__", "makes a generator")
    codes = {problem[:4] for problem in problems("nbo.rng.generator", "function")}
    assert {"SS02", "SS03", "PR01", "RT01", "EX01"} <= codes
