"""Find a model in MLflow, and load it."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from nbo.errors import BundleError, InputError
from nbo.ledger.reader import moment_or_now
from nbo.next_best_offer import NextBestOffer
from nbo.next_best_offer.bundle import index_checksum
from nbo.registry.live_state import catch_up, own_watermark
from nbo.registry.loaded import Loaded
from nbo.registry.logged import INDEX_CHECKSUM, LOADER, LoggedVersion
from nbo.registry.store import environment, tracking_store

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from nbo.ledger import Ledger

__all__ = ["WATERMARK", "find_version", "load", "resolve"]

logger = logging.getLogger(__name__)

# Tag of a version: until when it has seen answers.
WATERMARK = "nbo.watermark"
_PREFIX = "models:/"


def load(
    uri: str, tracking_uri: str | None = None, *, ledger: Ledger | None = None, as_of: Any = None
) -> NextBestOffer:
    """Load a model, as it was registered or with all that was answered since.

    A version holds what its policy had learnt when it was registered. With a ledger, the answers to
    decisions of the same registered model are added, whichever of its versions decided, if its segments were those of
    this version. Each counts once, also late ones and corrections. A version with other segments or offers
    starts from its own state: answers in other segments are left out, those to offers that it
    does not make are kept aside.

    Parameters
    ----------
    uri : str
        ``models:/offers@champion``, ``models:/offers/3`` or ``runs:/<run id>/<name>``.
    tracking_uri : str, optional
        The store; by default as in :func:`nbo.registry.log`.
    ledger : Ledger, optional
        With the decisions, whose `model_version` is name and version, such as ``offers/3``.
    as_of : Timestamp or str, optional
        Answers of the ledger known before it count, UTC; now by default.

    Returns
    -------
    NextBestOffer
        Its `loaded_` says which version it is, and what was added: a :class:`nbo.registry.Loaded`.

    Raises
    ------
    BundleError
        If it was not logged by nbo, or its files were altered.
    InputError
        If there is no such model; or there is a ledger, and the model has no name, or had seen answers after `as_of`.
    """
    with tracking_store(tracking_uri) as client:
        version = _resolve(client, uri)
        model = _read(client, version, uri)
        loaded = _loaded(client, version, model)
    if ledger is not None:
        if not version.name:
            raise InputError(f"{uri} names no registered model, so the ledger does not tell which decisions are its.")
        moment = moment_or_now(as_of, "as_of")
        answers, waiting = catch_up(model, version.name, ledger, moment, loaded.watermark)
        loaded = replace(loaded, as_of=moment, answers=answers, waiting=waiting)
    # The class knows nothing of registries.
    vars(model)["loaded_"] = loaded
    logger.info("loaded %s", loaded)
    return model


def resolve(uri: str, tracking_uri: str | None = None) -> LoggedVersion:
    """Say which version a URI names at this moment; an alias may name another one later.

    Parameters
    ----------
    uri, tracking_uri
        As in :func:`load`.

    Returns
    -------
    LoggedVersion

    Raises
    ------
    InputError
        If there is no such model.
    """
    with tracking_store(tracking_uri) as client:
        return _resolve(client, uri)


def find_version(client: MlflowClient, name: str, version: int | str) -> LoggedVersion:
    """Find a version by its number or alias.

    Parameters
    ----------
    client : MlflowClient
    name : str
        The registered model.
    version : int or str
        A number, or an alias.

    Returns
    -------
    LoggedVersion
    """
    if str(version).isdecimal():
        found = client.get_model_version(name, str(version))
    else:
        found = client.get_model_version_by_alias(name, str(version))
    return LoggedVersion(name, int(found.version), f"{_PREFIX}{name}/{int(found.version)}", str(found.run_id))


def _resolve(client: MlflowClient, uri: str) -> LoggedVersion:
    if not isinstance(uri, str) or not uri.startswith((_PREFIX, "runs:/")):
        raise InputError(
            f"uri must be 'models:/name@alias', 'models:/name/version' or 'runs:/run id/name'; got {uri!r}."
        )
    if uri.startswith("runs:/"):
        return LoggedVersion("", None, uri, uri.removeprefix("runs:/").partition("/")[0])
    place = uri.removeprefix(_PREFIX)
    name, at, alias = place.partition("@")
    if at:
        return find_version(client, name, alias)
    name, _, version = place.partition("/")
    if version.isdecimal():
        return find_version(client, name, version)
    if version:
        raise InputError(f"uri must end in a version number or @alias; got {uri!r}. Try 'models:/{name}@{version}'.")
    # A model that is logged but not registered: models:/m-<id>.
    logged = client.get_logged_model(name)
    return LoggedVersion("", None, uri, str(logged.source_run_id))


def _read(client: MlflowClient, version: LoggedVersion, uri: str) -> NextBestOffer:
    """Read a model from the store in use, after checking its files."""
    import mlflow

    with tempfile.TemporaryDirectory() as folder:
        with environment(MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false"):
            place = Path(mlflow.artifacts.download_artifacts(artifact_uri=version.model_uri, dst_path=folder))
        bundle = _bundle(place, uri)
        stated = _tags(client, version, place).get(INDEX_CHECKSUM)
        # A version of an earlier nbo has none.
        if stated is not None and index_checksum(bundle) != stated:
            raise BundleError(f"{uri} is altered: the index of its files is not the one that was logged.")
        return NextBestOffer.from_dir(bundle)


def _tags(client: MlflowClient, version: LoggedVersion, place: Path) -> dict[str, str]:
    """Give the tags of a version, or of a logged model that is none."""
    from mlflow.models import Model

    if version.name:
        return dict(client.get_model_version(version.name, str(version.version)).tags)
    model_id = Model.load(str(place)).model_id
    return {} if model_id is None else dict(client.get_logged_model(model_id).tags)


def _loaded(client: MlflowClient, version: LoggedVersion, model: NextBestOffer) -> Loaded:
    tags = client.get_model_version(version.name, str(version.version)).tags if version.name else {}
    watermark = pd.Timestamp(tags[WATERMARK]) if WATERMARK in tags else own_watermark(model)
    return Loaded(version.name, version.version, version.model_uri, version.run_id, watermark)


def _bundle(place: Path, uri: str) -> Path:
    """Folder of nbo's own files; a model of another kind is refused before any of it runs."""
    from mlflow.models import Model

    flavor = Model.load(str(place)).flavors.get("python_function", {})
    if flavor.get("loader_module") != LOADER:
        raise BundleError(f"{uri} was not logged by nbo.registry.log; load it with mlflow.pyfunc.load_model.")
    bundle = (place / str(flavor.get("data"))).resolve()
    if not bundle.is_relative_to(place.resolve()):
        raise BundleError(f"{uri} is altered: its files lie outside of its own folder.")
    return bundle
