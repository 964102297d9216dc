"""Models as files: JSON and LightGBM's text, nothing that runs when it is read."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nbo.errors import BundleError, InputError
from nbo.models.boosting import Boosting
from nbo.models.linear_score import LinearScore

__all__ = ["FORMAT", "read_bundle", "write_bundle"]

FORMAT = 1
_MODEL_FILE = "model.json"
_PACKAGES = ("lightgbm", "numpy", "pandas", "scikit-learn")


def write_bundle(path: str | Path, kind: str, state: dict[str, Any], trees: dict[str, Boosting]) -> None:
    """Write a model into a folder.

    Parameters
    ----------
    path : str or Path
        The folder; it is made if it is not there.
    kind : str
        Name of the model's class.
    state : dict
        JSON values.
    trees : dict of str to Boosting
        Each is written to ``<name>.lgb.txt``.

    Raises
    ------
    InputError
        If the state holds what JSON can't, such as a `random_state` that is not an integer.
    """
    folder = Path(path)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"a model is stored in a folder; {folder} is a file.")
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "format": FORMAT,
        "kind": kind,
        "versions": {name: version(name) for name in _PACKAGES},
        "state": state,
        "trees": {
            name: {
                "constant": boosting.constant,
                "linear": None if boosting.linear is None else boosting.linear.to_dict(),
                "sha256": _digest(boosting.text) if boosting.text else None,
            }
            for name, boosting in trees.items()
        },
    }
    try:
        content["sha256"] = _digest(_canonical(content))
        text = json.dumps(content, indent=1, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"the model can't be stored as JSON: {error}. Parameters must be plain numbers and texts."
        ) from error
    for name, boosting in trees.items():
        if boosting.text:
            (folder / f"{name}.lgb.txt").write_text(boosting.text, encoding="utf-8", newline="\n")
    # Last, so that a folder with this file is whole.
    (folder / _MODEL_FILE).write_text(text + "\n", encoding="utf-8", newline="\n")


def read_bundle(path: str | Path, kind: str) -> tuple[dict[str, Any], dict[str, Boosting]]:
    """Read a model from a folder.

    Parameters
    ----------
    path : str or Path
        A folder that :func:`write_bundle` wrote.
    kind : str
        Name of the class expected.

    Returns
    -------
    state : dict
    trees : dict of str to Boosting

    Raises
    ------
    BundleError
        If a file is missing or altered, the format is newer, or it is another kind of model.
    """
    folder = Path(path)
    content = _read_json(folder / _MODEL_FILE)
    if not isinstance(content, dict) or not isinstance(content.get("format"), int):
        raise BundleError(f"{folder / _MODEL_FILE} is not a stored model: it states no format.")
    if content["format"] > FORMAT:
        raise BundleError(
            f"{folder} has the format {content['format']}; this nbo reads formats up to {FORMAT}. Update nbo."
        )
    stated = content.pop("sha256", None)
    if stated != _digest(_canonical(content)):
        raise BundleError(f"{folder / _MODEL_FILE} was altered after it was stored: its checksum differs.")
    if content["kind"] != kind:
        raise BundleError(f"{folder} holds a {content['kind']}, not a {kind}. Use {content['kind']}.from_dir.")
    trees = {
        name: Boosting(
            _read_trees(folder / f"{name}.lgb.txt", entry["sha256"]),
            entry["constant"],
            LinearScore(**entry["linear"]) if entry["linear"] else None,
        )
        for name, entry in content["trees"].items()
    }
    return content["state"], trees


def _read_json(file: Path) -> Any:
    try:
        return json.loads(_read_text(file))
    except json.JSONDecodeError as error:
        raise BundleError(f"{file} was altered after it was stored: {error}") from error


def _read_trees(file: Path, sha256: str | None) -> str:
    if sha256 is None:
        return ""
    text = _read_text(file)
    if _digest(text) != sha256:
        raise BundleError(f"{file} was altered after it was stored: its checksum differs.")
    return text


def _read_text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(f"the stored model is incomplete: {file} can't be read ({error}).") from error


def _canonical(content: dict[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, allow_nan=False)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
