"""Limits, slots and arms of a run, from a file."""

from __future__ import annotations

from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from nbo.errors import InputError

__all__ = ["read_program"]

_KEYS = ("limits", "slots", "arms")


def read_program(program: Path | None, playbook: Path | None) -> dict[str, Any]:
    """Read what a run is to keep beside its model.

    Parameters
    ----------
    program : Path or None
        YAML, or JSON if it ends in ``.json``, with any of `limits` (a list of the arguments of
        :class:`nbo.Limit`), `slots` and `arms` (the arguments of :class:`nbo.experiments.Arms`).
    playbook : Path or None
        See :meth:`nbo.arbitration.Playbook.read`.

    Returns
    -------
    dict
        Arguments of :func:`nbo.batch.score` and :meth:`nbo.NextBestOffer.decide`.

    Raises
    ------
    InputError
        If a file cannot be read, or says what is not known.
    """
    from nbo.arbitration import Limit, Playbook
    from nbo.experiments import Arms

    found: dict[str, Any] = {} if playbook is None else {"playbook": Playbook.read(playbook)}
    if program is None:
        return found
    said = _read(program)
    if "limits" in said:
        listed = said["limits"]
        if not isinstance(listed, list):
            raise InputError(f"{program}: limits must be a list; got {listed!r:.100}.")
        found["limits"] = [_made(Limit, one, f"{program}: limit {at}") for at, one in enumerate(listed, 1)]
    if "arms" in said:
        found["arms"] = _made(Arms, said["arms"], f"{program}: arms")
    return found | ({"slots": said["slots"]} if "slots" in said else {})


def _read(program: Path) -> dict[str, Any]:
    from nbo.arbitration.rules.playbook_text import parse_text

    try:
        text = program.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"program {program} cannot be read: {error}.") from error
    data, _ = parse_text(text, program)
    unknown = [key for key in data if key not in _KEYS] if isinstance(data, dict) else [data]
    if unknown:
        raise InputError(f"{program} must be a mapping with some of {', '.join(_KEYS)}; got {unknown[0]!r:.100}.")
    return dict(data)


def _made(kind: Any, arguments: Any, place: str) -> Any:
    if not isinstance(arguments, dict):
        raise InputError(f"{place} must be a mapping; got {arguments!r:.100}.")
    allowed = [field.name for field in fields(kind)]
    unknown = [key for key in arguments if key not in allowed]
    if unknown:
        raise InputError(f"{place} must have some of {', '.join(allowed)}; got {unknown[0]!r:.100}.")
    needed = [field.name for field in fields(kind) if field.default is MISSING and field.default_factory is MISSING]
    if not arguments.keys() >= set(needed):
        raise InputError(f"{place} must have {', '.join(needed)}; got {', '.join(arguments) or 'nothing'}.")
    try:
        return kind(**arguments)
    except (InputError, TypeError) as error:
        raise InputError(f"{place}: {error}") from error
