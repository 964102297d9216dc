"""The versions of a registered model, and the way back to the one before."""

from __future__ import annotations

import pandas as pd

from nbo.errors import InputError
from nbo.registry.aliases import aliases_of, check_alias, move_alias, previous_of
from nbo.registry.loading import find_version
from nbo.registry.logged import LoggedVersion
from nbo.registry.store import tracking_store
from nbo.registry.trail import written_down

__all__ = ["rollback", "versions"]


def rollback(name: str, *, alias: str = "champion", tracking_uri: str | None = None) -> LoggedVersion:
    """Make the champion before the champion again.

    The two change places, so a second call takes it back. It is written down in :func:`nbo.registry.verdicts`.

    Parameters
    ----------
    name : str
        The registered model.
    alias : str, default="champion"
        The alias that was promoted. Each has a version before of its own: ``previous`` of the champion,
        ``previous-staging`` of "staging".
    tracking_uri : str, optional
        The store; by default as in :func:`nbo.registry.log`.

    Returns
    -------
    LoggedVersion
        The version that holds the alias now.

    Raises
    ------
    InputError
        If there is no such model, or nothing to go back to.
    """
    check_alias(alias)
    with tracking_store(tracking_uri) as client:
        aliases, before = aliases_of(client, name), previous_of(alias)
        if before not in aliases or alias not in aliases:
            raise InputError(f"{name} has no {alias} before this one; its aliases are {aliases or 'none'}.")
        left, taken = aliases[alias], aliases[before]
        line = {"version": taken, "champion": left, "alias": alias, "reason": f"back from version {left}"}
        with written_down(client, tracking_uri, "rollback", name, line, {}):
            client.set_model_version_tag(name, str(left), "nbo.rolled_back_to", str(taken))
            move_alias(client, name, alias, taken)
        return find_version(client, name, taken)


def versions(name: str, *, tracking_uri: str | None = None) -> pd.DataFrame:
    """List the versions of a registered model, oldest first.

    Parameters
    ----------
    name : str
        The registered model.
    tracking_uri : str, optional
        The store; by default as in :func:`nbo.registry.log`.

    Returns
    -------
    DataFrame
        version, aliases (with ``|`` between), as_of (end of training), promoted and reason (of the
        verdict, missing where there was none), run_id.

    Raises
    ------
    InputError
        If there is no such model.
    """
    with tracking_store(tracking_uri) as client:
        aliases = aliases_of(client, name)
        found = sorted(client.search_model_versions(f"name = '{name}'"), key=lambda entry: int(entry.version))
    rows = [
        {
            "version": int(entry.version),
            "aliases": "|".join(sorted(alias for alias, version in aliases.items() if version == int(entry.version))),
            "as_of": entry.tags.get("nbo.as_of"),
            "promoted": {"True": True, "False": False}.get(entry.tags.get("nbo.promoted", "")),
            "reason": entry.tags.get("nbo.reason"),
            "run_id": entry.run_id,
        }
        for entry in found
    ]
    types = {"version": "int64", "aliases": "str", "promoted": "boolean", "reason": "str", "run_id": "str"}
    frame = pd.DataFrame(rows, columns=["version", "aliases", "as_of", "promoted", "reason", "run_id"])
    return frame.astype({**types, "as_of": "datetime64[us]"})
