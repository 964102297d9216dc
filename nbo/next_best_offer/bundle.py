"""A next-best-offer object on disk: text, JSON and Parquet, each file with its checksum; no pickle."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

import nbo
from nbo import arbitration, models, policies, segments
from nbo.errors import BundleError, InputError
from nbo.features import FeatureSet
from nbo.features.profile import FeatureProfile
from nbo.next_best_offer.later_rows import LaterRows
from nbo.tables import Catalog

if TYPE_CHECKING:
    from types import ModuleType

    from nbo.next_best_offer.next_best_offer import NextBestOffer

__all__ = ["index_checksum", "read_bundle", "write_bundle"]

_FORMAT = 2
# Format 1 had no arbitration and no playbook.
_READ = (1, 2)
_INDEX = "bundle.json"
# These two are not in every bundle: a model may have been stored before there were any.
_VALIDATION = "validation.json"
_PROFILE = "profile.json"
_MODELS = ("propensity", "churn", "clv", "uplift")


def write_bundle(model: NextBestOffer, folder: Path) -> None:
    """Store all parts in a folder; the index with the checksums comes last.

    Parameters
    ----------
    model : NextBestOffer
        Fitted.
    folder : Path
        New or empty.

    Raises
    ------
    InputError
        If the folder holds something already, or the model is not fitted.
    """
    catalog, policy = model._fitted_catalog(), model.policy
    if folder.exists() and any(folder.iterdir()):
        raise InputError(
            f"{folder} must be new or empty to store a model in; it holds {len(list(folder.iterdir()))} files."
        )
    _check_rules(model.rules)
    folder.mkdir(parents=True, exist_ok=True)
    catalog.to_frame().to_parquet(folder / "catalog.parquet", index=False)
    _write_json(folder / "features.json", model.features.to_dict())
    _write_json(folder / "segmenter.json", _named(model.segmenter, model.segmenter.to_dict()))
    _write_json(folder / "policy.json", _named(policy, policy.to_state()))
    rules = [_named(rule, rule.get_params()) for rule in model.rules]
    playbook = [model.rules.name, model.rules.version] if isinstance(model.rules, arbitration.Playbook) else None
    _write_json(folder / "rules.json", {"playbook": playbook, "rules": rules})
    kinds = {}
    for name in _MODELS:
        part = getattr(model, name)
        if part is not None:
            part.to_dir(folder / name)
            kinds[name] = type(part).__name__
    for file, told in ((_VALIDATION, model.validation_), (_PROFILE, model.profile_)):
        if told is not None:
            _write_json(folder / file, told.to_dict())
    learnt = {"as_of": model.as_of_.isoformat(), "metrics": model.metrics_, "trained_on": model.trained_on_}
    settings = {
        "arbitration": model.arbitration.to_dict(),
        "window": model.window,
        "random_state": model.random_state,
        "models": kinds,
    }
    index = {"format": _FORMAT, "nbo": nbo.__version__, **settings, **learnt, "sha256": _checksums(folder)}
    _write_json(folder / _INDEX, index)


def read_bundle(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Load what :func:`write_bundle` stored, after checking every file.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    parts : dict
        Keyword arguments of `NextBestOffer`.
    learnt : dict
        as_of, metrics, trained_on, validation and profile, as in the attributes of `NextBestOffer`.

    Raises
    ------
    BundleError
        If a file is missing, altered or not listed, or the format is newer.
    """
    index = _checked_index(folder)
    parts = {
        "catalog": Catalog.from_frame(pd.read_parquet(folder / "catalog.parquet")),
        "features": FeatureSet.from_dict(_read_json(folder / "features.json")),
        "segmenter": _made(segments, _read_json(folder / "segmenter.json"), "from_dict"),
        "policy": _made(policies, _read_json(folder / "policy.json"), "from_state"),
        "rules": _rules(_read_json(folder / "rules.json")),
        "arbitration": arbitration.Arbitration(**index.get("arbitration", {})),
        "window": index["window"],
        "random_state": index["random_state"],
    }
    for name, kind in index["models"].items():
        parts[name] = _kind(models, kind).from_dir(folder / name)
    return parts, {
        "as_of": index["as_of"],
        "metrics": index["metrics"],
        "trained_on": index.get("trained_on", {}),
        "validation": _told(folder / _VALIDATION, LaterRows),
        "profile": _told(folder / _PROFILE, FeatureProfile),
    }


def index_checksum(folder: Path) -> str:
    """Give the checksum of the index, which holds those of all other files: kept elsewhere, it tells an altered bundle.

    Parameters
    ----------
    folder : Path
        Of :func:`write_bundle`.

    Returns
    -------
    str
        SHA-256, hexadecimal.

    Raises
    ------
    BundleError
        If there is no index.
    """
    return _checksum(_index_of(folder))


def _told(file: Path, kind: Any) -> Any:
    return kind.from_dict(_read_json(file)) if file.is_file() else None


def _check_rules(rules: Any) -> None:
    """Refuse what could not be stored or read again, before anything is written."""
    for rule in rules:
        name = type(rule).__name__
        if getattr(arbitration, name, None) is not type(rule):
            raise InputError(
                f"the rule {name} cannot be stored: only rules of nbo.arbitration are ever made from a file."
            )
        try:
            json.dumps(rule.get_params(), allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InputError(
                f"the rule {rule!r:.200} cannot be stored as JSON: {error}. Give texts and numbers."
            ) from error


def _rules(stored: Any) -> Any:
    # Format 1 had the rules alone.
    stored = {"playbook": None, "rules": stored} if isinstance(stored, list) else stored
    rules = [_kind(arbitration, rule["class"])(**rule["state"]) for rule in stored["rules"]]
    return rules if stored["playbook"] is None else arbitration.Playbook(rules, *stored["playbook"])


def _checked_index(folder: Path) -> dict[str, Any]:
    index = _read_json(_index_of(folder))
    if index.get("format") not in _READ:
        raise BundleError(
            f"{folder} has format {index.get('format')!r}, stored by nbo {index.get('nbo')}; "
            f"nbo {nbo.__version__} reads formats up to {_FORMAT}. Update nbo."
        )
    known, found = index["sha256"], _checksums(folder)
    wrong = sorted(name for name in {*known, *found} if known.get(name) != found.get(name))
    if wrong:
        raise BundleError(f"{len(wrong)} files of {folder} are missing, altered or not its own, first {wrong[0]}.")
    return index


def _index_of(folder: Path) -> Path:
    if not (folder / _INDEX).is_file():
        raise BundleError(f"{folder} holds no stored model: {_INDEX} is missing.")
    return folder / _INDEX


def _checksums(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / _INDEX)
    return {path.relative_to(folder).as_posix(): _checksum(path) for path in files}


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _named(part: Any, state: Any) -> dict[str, Any]:
    return {"class": type(part).__name__, "state": state}


def _made(room: ModuleType, stored: dict[str, Any], maker: str) -> Any:
    return getattr(_kind(room, stored["class"]), maker)(stored["state"])


def _kind(room: ModuleType, name: str) -> Any:
    """Find a class by name among what a room exports; nothing else is ever made from a file."""
    if name not in room.__all__:
        raise BundleError(
            f"the stored model needs {name}, which {room.__name__} does not have; it has {', '.join(room.__all__)}."
        )
    return getattr(room, name)


def _write_json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, indent=1, allow_nan=False), encoding="utf-8")


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BundleError(f"{path} is not JSON: {error}.") from error
