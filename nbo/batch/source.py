"""The model of a batch job, under a name that stays true."""

from __future__ import annotations

import tempfile
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbo import registry
from nbo.arbitration import Playbook
from nbo.batch.files import digest
from nbo.errors import InputError
from nbo.next_best_offer import NextBestOffer

if TYPE_CHECKING:
    from nbo.ledger import Ledger

__all__ = ["Source", "find_model"]


@dataclass(frozen=True)
class Source:
    """A model, and what identifies it.

    Parameters
    ----------
    model : NextBestOffer
    version : str
        Such as "offers/3"; "sha256:" and 12 digits for one that is not registered.
    sha256 : str
        Checksum of its stored form.
    """

    model: NextBestOffer
    version: str
    sha256: str


def find_model(
    model: str | Path | NextBestOffer,
    tracking_uri: str | None = None,
    playbook: Playbook | None = None,
    live: Ledger | None = None,
    as_of: Any = None,
) -> Source:
    """Take a model, or load it by its URI or folder.

    Parameters
    ----------
    model : str, Path or NextBestOffer
        An alias is resolved here, once: who moves it during the job changes nothing.
    tracking_uri : str, optional
        Store of the registry.
    playbook : Playbook, optional
        Rules to take in place of the model's own.
    live : Ledger, optional
        Brings the policy of a registered model up to date.
    as_of : Timestamp or str, optional
        Answers known before it count.

    Returns
    -------
    Source

    Raises
    ------
    InputError
        If there is no such model, or `live` is given and it is not registered.
    TypeError
        If the model or the playbook is of another kind.
    """
    if playbook is not None and not isinstance(playbook, Playbook):
        raise TypeError(f"playbook must be a Playbook; got {playbook!r:.100}.")
    found = _found(model, tracking_uri, live, as_of)
    version = _version(found)
    if playbook is not None:
        found = copy(found)
        found.rules = playbook
    checksum = _checksum(found)
    return Source(found, version or f"sha256:{checksum[:12]}", checksum)


def _found(
    model: str | Path | NextBestOffer, tracking_uri: str | None, live: Ledger | None, as_of: Any
) -> NextBestOffer:
    if isinstance(model, str) and not Path(model).is_dir():
        # The exact version, for the alias may move before it is read.
        exact = registry.resolve(model, tracking_uri).model_uri
        return registry.load(exact, tracking_uri, ledger=live, as_of=as_of)
    if live is not None:
        raise InputError(
            "live needs a model of the registry, such as models:/offers@champion: the ledger knows its name."
        )
    if isinstance(model, str | Path) and Path(model).is_dir():
        return NextBestOffer.from_dir(model)
    if isinstance(model, NextBestOffer):
        return model
    raise TypeError(f"model must be a URI such as 'models:/offers@champion' or a NextBestOffer; got {model!r}.")


def _version(model: NextBestOffer) -> str:
    """Name a model that the registry gave, as the ledger names it."""
    loaded = getattr(model, "loaded_", None)
    if loaded is None:
        return ""
    return str(loaded.model_uri) if loaded.version is None else f"{loaded.name}/{loaded.version}"


def _checksum(model: NextBestOffer) -> str:
    """Sum up its stored form: the index holds the checksum of every other file."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "bundle"
        model.to_dir(place)
        return digest(place / "bundle.json")
