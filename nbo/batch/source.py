"""The model of a batch job, under a name that stays true."""

from __future__ import annotations

import tempfile
from copy import copy
from dataclasses import dataclass
from pathlib import Path

from nbo import registry
from nbo.arbitration import Playbook
from nbo.batch.files import digest
from nbo.next_best_offer import NextBestOffer

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


def find_model(model: str | Path | NextBestOffer, tracking_uri: str | None, playbook: Playbook | None = None) -> Source:
    """Take a model, or load it by its URI or folder.

    Parameters
    ----------
    model : str, Path or NextBestOffer
        An alias is resolved here, once: who moves it during the job changes nothing.
    tracking_uri : str or None
        Store of the registry.
    playbook : Playbook, optional
        Rules to take in place of the model's own.

    Returns
    -------
    Source

    Raises
    ------
    TypeError
        If it is none of these.
    """
    found, version = _found(model, tracking_uri)
    if playbook is not None:
        if not isinstance(playbook, Playbook):
            raise TypeError(f"playbook must be a Playbook; got {playbook!r:.100}.")
        found = copy(found)
        found.rules = playbook
    checksum = _checksum(found)
    return Source(found, version or f"sha256:{checksum[:12]}", checksum)


def _found(model: str | Path | NextBestOffer, tracking_uri: str | None) -> tuple[NextBestOffer, str]:
    if isinstance(model, str | Path) and Path(model).is_dir():
        return NextBestOffer.from_dir(model), ""
    if isinstance(model, str):
        exact = registry.resolve(model, tracking_uri)
        version = exact.model_uri if exact.version is None else f"{exact.name}/{exact.version}"
        return registry.load(exact.model_uri, tracking_uri), version
    if isinstance(model, NextBestOffer):
        return model, ""
    raise TypeError(f"model must be a URI such as 'models:/offers@champion' or a NextBestOffer; got {model!r}.")


def _checksum(model: NextBestOffer) -> str:
    """Sum up its stored form: the index holds the checksum of every other file."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "bundle"
        model.to_dir(place)
        return digest(place / "bundle.json")
