"""Find a model in MLflow, and load it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from nbo.errors import BundleError, InputError
from nbo.next_best_offer import NextBestOffer
from nbo.registry.logged import LOADER, LoggedVersion
from nbo.registry.store import environment, tracking_store

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["load", "resolve"]

_PREFIX = "models:/"


def load(uri: str, tracking_uri: str | None = None) -> NextBestOffer:
    """Load a model.

    Parameters
    ----------
    uri : str
        ``models:/offers@champion``, ``models:/offers/3`` or ``runs:/<run id>/<name>``.
    tracking_uri : str, optional
        The store; by default as in :func:`nbo.registry.log`.

    Returns
    -------
    NextBestOffer

    Raises
    ------
    BundleError
        If it was not logged by nbo, or its files were altered.
    InputError
        If there is no such model.
    """
    import mlflow

    with tracking_store(tracking_uri) as client, tempfile.TemporaryDirectory() as folder:
        exact = _resolve(client, uri).model_uri
        with environment(MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false"):
            place = Path(mlflow.artifacts.download_artifacts(artifact_uri=exact, dst_path=folder))
        return NextBestOffer.from_dir(_bundle(place, uri))


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
