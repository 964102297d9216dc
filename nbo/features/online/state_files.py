"""A state on disk: JSON and Parquet; the old state holds until the new one is whole."""

from __future__ import annotations

import hashlib
import json
import uuid
from pathlib import Path
from typing import Any

import pandas as pd

from nbo.errors import BundleError, InputError
from nbo.features.feature_set import FeatureSet
from nbo.whole_files import whole_file

__all__ = ["read_state", "write_state"]

_INDEX = "state.json"
_FORMAT = 1


def write_state(
    folder: Path, features: FeatureSet, frames: dict[str, pd.DataFrame], keep: Any, forgotten: int | None
) -> None:
    """Store a state; it counts from when the index names its files.

    Parameters
    ----------
    folder : Path
        New or empty, or with a state.
    features : FeatureSet
    frames : dict of str to DataFrame
    keep : str, timedelta or None
    forgotten : int or None
        Microseconds of UTC.

    Raises
    ------
    InputError
        If the folder holds something else.
    """
    old = _old_files(folder)
    files = {}
    for name, frame in frames.items():
        file = f"{name}-{uuid.uuid4().hex}.parquet"
        with whole_file(folder / file) as aside:
            frame.to_parquet(aside, index=False)
        files[name] = {"file": file, "sha256": _checksum(folder / file)}
    index = {
        "format": _FORMAT,
        "features": features.to_dict(),
        "tables": files,
        "keep": None if keep is None else str(pd.Timedelta(keep)),
        "forgotten": forgotten,
    }
    with whole_file(folder / _INDEX) as aside:
        aside.write_text(json.dumps(index, indent=1))
    for path in old:
        path.unlink(missing_ok=True)


def read_state(folder: Path) -> tuple[FeatureSet, dict[str, pd.DataFrame], str | None, int | None]:
    """Load what :func:`write_state` stored, after checking every file.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    features : FeatureSet
    frames : dict of str to DataFrame
    keep : str or None
    forgotten : int or None

    Raises
    ------
    BundleError
        If a file is missing or altered, or the format is newer.
    """
    if not (folder / _INDEX).is_file():
        raise BundleError(f"{folder} holds no state: {_INDEX} is missing.")
    index = _index(folder)
    frames = {}
    for name, entry in index["tables"].items():
        path = folder / entry["file"]
        if not path.is_file() or _checksum(path) != entry["sha256"]:
            raise BundleError(f"{path} is missing or altered.")
        frames[name] = pd.read_parquet(path)
    return FeatureSet.from_dict(index["features"]), frames, index["keep"], index["forgotten"]


def _index(folder: Path) -> dict[str, Any]:
    try:
        index: dict[str, Any] = json.loads((folder / _INDEX).read_text())
    except ValueError as error:
        raise BundleError(f"{folder / _INDEX} is altered: {error}") from error
    if index.get("format") != _FORMAT:
        raise BundleError(f"{folder} has format {index.get('format')!r}; this nbo reads format {_FORMAT}. Update nbo.")
    return index


def _old_files(folder: Path) -> list[Path]:
    """List the files of the state that a folder holds."""
    if not folder.exists() or not any(folder.iterdir()):
        return []
    if not (folder / _INDEX).is_file():
        raise InputError(f"{folder} must be new, empty, or hold a state; it holds {next(folder.iterdir()).name}.")
    return [folder / entry["file"] for entry in _index(folder)["tables"].values()]


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
