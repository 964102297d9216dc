"""The model of a batch job, under a name that stays true."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from nbo import registry
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


def find_model(model: str | Path | NextBestOffer, tracking_uri: str | None) -> Source:
    """Take a model, or load it by its URI or folder.

    Parameters
    ----------
    model : str, Path or NextBestOffer
        An alias is resolved here, once: who moves it during the job changes nothing.
    tracking_uri : str or None
        Store of the registry.

    Returns
    -------
    Source

    Raises
    ------
    TypeError
        If it is none of these.
    """
    if isinstance(model, str | Path) and Path(model).is_dir():
        return _stored(NextBestOffer.from_dir(model), "")
    if isinstance(model, str):
        exact = registry.resolve(model, tracking_uri)
        version = exact.model_uri if exact.version is None else f"{exact.name}/{exact.version}"
        return _stored(registry.load(exact.model_uri, tracking_uri), version)
    if isinstance(model, NextBestOffer):
        return _stored(model, "")
    raise TypeError(f"model must be a URI such as 'models:/offers@champion' or a NextBestOffer; got {model!r}.")


def _stored(model: NextBestOffer, version: str) -> Source:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "bundle"
        model.to_dir(place)
        # The index holds the checksum of every other file.
        checksum = digest(place / "bundle.json")
    return Source(model, version or f"sha256:{checksum[:12]}", checksum)
