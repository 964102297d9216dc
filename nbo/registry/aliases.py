"""The aliases of a registered model, and how one moves so that there is a way back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nbo.errors import InputError

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["aliases_of", "check_alias", "move_alias", "previous_of"]

# MLflow keeps no history of an alias.
_CHAMPION, _PREVIOUS = "champion", "previous"


def check_alias(alias: Any) -> str:
    """Refuse an alias that MLflow or nbo keeps for itself.

    Parameters
    ----------
    alias : str

    Returns
    -------
    str

    Raises
    ------
    InputError
        If it is not a text of letters, digits, ``_`` and ``-``, or reserved.

    Examples
    --------
    >>> check_alias("previous-staging")
    Traceback (most recent call last):
    nbo.errors.InputError: alias must not be 'previous-staging': nbo points it to the version before.
    """
    taken = isinstance(alias, str) and (alias.lower() == "latest" or re.fullmatch(r"[vV]\d+", alias))
    if not isinstance(alias, str) or not re.fullmatch(r"[\w-]+", alias) or taken:
        raise InputError(
            f"alias must be letters, digits, '_' and '-', and neither 'latest' nor 'v1', 'v2' ...; got {alias!r}."
        )
    if alias.lower() == _PREVIOUS or alias.lower().startswith(f"{_PREVIOUS}-"):
        raise InputError(f"alias must not be {alias!r}: nbo points it to the version before.")
    return alias


def previous_of(alias: str) -> str:
    """Name the alias that remembers which version had an alias before.

    Parameters
    ----------
    alias : str

    Returns
    -------
    str

    Examples
    --------
    >>> previous_of("champion"), previous_of("staging")
    ('previous', 'previous-staging')
    """
    return _PREVIOUS if alias == _CHAMPION else f"{_PREVIOUS}-{alias}"


def aliases_of(client: MlflowClient, name: str) -> dict[str, int]:
    """Give the aliases of a registered model, each with its version.

    Parameters
    ----------
    client : MlflowClient
    name : str

    Returns
    -------
    dict of str to int
    """
    return {alias: int(version) for alias, version in client.get_registered_model(name).aliases.items()}


def move_alias(client: MlflowClient, name: str, alias: str, version: int) -> None:
    """Let an alias point to a version, and the one of :func:`previous_of` to the version that had it.

    Parameters
    ----------
    client : MlflowClient
    name : str
    alias : str
    version : int
    """
    before = aliases_of(client, name).get(alias)
    if before is not None and before != version:
        client.set_registered_model_alias(name, previous_of(alias), str(before))
    client.set_registered_model_alias(name, alias, str(version))
