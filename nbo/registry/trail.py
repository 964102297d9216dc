"""The audit trail of a registered model: every verdict, way back, snapshot and alias, with its evidence."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd

from nbo import __version__
from nbo.registry.store import absolute_uri, experiment_id, tracking_store

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["EVIDENCE", "verdicts", "written_down"]

# File of the evidence in the run of a line of the trail.
EVIDENCE = "verdict.json"
_ACTION, _MODEL = "nbo.trail", "nbo.trail_of"
_LONGEST_TAG = 5000
_TYPES = {
    "at": "datetime64[us]",
    "action": "str",
    "version": "Int64",
    "champion": "Int64",
    "promoted": "boolean",
    "reason": "str",
    "reward": "str",
    "difference": "float64",
    "low": "float64",
    "high": "float64",
    "n": "Int64",
    "ess": "float64",
    "margin": "float64",
    "interval": "str",
    "health": "str",
    "as_of": "datetime64[us]",
    "alias": "str",
    "status": "str",
    "run_id": "str",
}
_OF_THE_RUN = ("at", "action", "status", "run_id")


@contextmanager
def written_down(
    client: MlflowClient,
    tracking_uri: str | None,
    action: str,
    name: str,
    line: Mapping[str, Any],
    evidence: Mapping[str, Any],
) -> Iterator[str]:
    """Write a line of the trail, and then let it be done; nothing is done that was not written down before.

    Parameters
    ----------
    client : MlflowClient
    tracking_uri : str or None
        Its store.
    action : {"promotion", "registration", "rollback", "snapshot"}
    name : str
        The registered model.
    line : mapping
        What :func:`verdicts` lists.
    evidence : mapping
        All that is known, kept as JSON.

    Yields
    ------
    str
        Id of the run that holds it. Its status is FINISHED if what follows is done, else FAILED.
    """
    tags = {f"nbo.{key}": str(value)[:_LONGEST_TAG] for key, value in line.items() if value is not None}
    # Always here, so that it is found again, whatever experiment the caller has chosen.
    place = experiment_id(client, absolute_uri(tracking_uri))
    run = client.create_run(place, run_name=action, tags={**tags, _ACTION: action, _MODEL: name})
    run_id, status = str(run.info.run_id), "FAILED"
    try:
        stated = {"format": 1, "action": action, "name": name, "nbo": __version__, **line, **evidence}
        client.log_text(run_id, json.dumps(_plain(stated), indent=1, allow_nan=False), EVIDENCE)
        yield run_id
        status = "FINISHED"
    finally:
        client.set_terminated(run_id, status)


def verdicts(name: str, *, tracking_uri: str | None = None) -> pd.DataFrame:
    """List what was decided on a registered model, oldest first: verdicts, also refusals, ways back and snapshots.

    A version that was logged with an alias is there, too. MLflow keeps no history of an alias; this is it.

    Parameters
    ----------
    name : str
        The registered model.
    tracking_uri : str, optional
        The store; by default as in :func:`nbo.registry.log`.

    Returns
    -------
    DataFrame
        at (UTC), action (promotion, rollback, snapshot, or registration with an alias), version (that it is about),
        champion (the one before), promoted, reason, reward, difference, low, high, n, ess, margin, interval, health
        (ok, warning, alarm or "not checked"), as_of, alias, status (FINISHED if it was done), run_id. That run holds
        all evidence in ``verdict.json``. What does not apply is missing.

    Raises
    ------
    InputError
        If the store cannot be opened.
    """
    with tracking_store(tracking_uri) as client:
        place = experiment_id(client, absolute_uri(tracking_uri))
        runs: list[Any] = []
        token = None
        while token != "":
            # Backquotes, as the names of the tags have a dot.
            page = client.search_runs([place], f"tags.`{_MODEL}` = '{name}'", page_token=token)
            runs += page
            token = page.token or ""
    runs.sort(key=lambda run: int(run.info.start_time))
    frame = pd.DataFrame([_row(run) for run in runs], columns=list(_TYPES))
    return frame.astype(_TYPES)


def _row(run: Any) -> dict[str, Any]:
    tags, info = run.data.tags, run.info
    at = pd.Timestamp(int(info.start_time), unit="ms")
    readers: dict[str, Any] = {"Int64": int, "float64": float, "boolean": "True".__eq__}
    told = {
        key: readers.get(kind, str)(tags[f"nbo.{key}"])
        for key, kind in _TYPES.items()
        if key not in _OF_THE_RUN and f"nbo.{key}" in tags
    }
    return {"at": at, "action": tags[_ACTION], **told, "status": str(info.status), "run_id": str(info.run_id)}


def _plain(value: Any) -> Any:
    """Give what JSON can hold; NaN is nothing, and infinite bounds are texts."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else str(value)
    return None if value is pd.NaT else str(value)
