"""Log a model to MLflow, and register it as a version."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbo import __version__
from nbo.errors import InputError
from nbo.next_best_offer import NextBestOffer
from nbo.next_best_offer.bundle import index_checksum
from nbo.registry.about import write_about
from nbo.registry.aliases import aliases_of, check_alias, move_alias
from nbo.registry.card import model_card, shortened
from nbo.registry.signature import input_example, model_signature, requirements
from nbo.registry.store import environment, experiment_id, tracking_store
from nbo.registry.trail import written_down
from nbo.times import check_time

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["ABOUT", "INDEX_CHECKSUM", "LOADER", "LoggedVersion", "caller_run", "check_names", "log"]

# MLflow imports this module to load a model as a pyfunc.
LOADER = "nbo.registry.pyfunc"

# Tag of a logged model and of its version: the checksum of the file that holds those of all others.
INDEX_CHECKSUM = "nbo.bundle_sha256"

# Folder of the run where each model has one with its card, tables and pictures.
ABOUT = "about"

# Else MLflow copies lock files of the working directory, with the URLs of private indexes, into the model.
_NO_PROJECT_FILES = {"MLFLOW_UV_AUTO_DETECT": "false", "MLFLOW_LOG_UV_FILES": "false"}


@dataclass(frozen=True)
class LoggedVersion:
    """A model in MLflow.

    Parameters
    ----------
    name : str
        The registered model; "" for one that is not registered.
    version : int or None
        Its version; None for one that is not registered.
    model_uri : str
        Names exactly this model for good, such as ``models:/offers/3``.
    run_id : str
        The MLflow run that it was logged in.
    """

    name: str
    version: int | None
    model_uri: str
    run_id: str


def log(
    model: NextBestOffer,
    name: str,
    *,
    tracking_uri: str | None = None,
    registered: bool = True,
    as_of: Any = None,
    metrics: Mapping[str, float] | None = None,
    tags: Mapping[str, Any] | None = None,
    alias: str | None = None,
) -> LoggedVersion:
    """Log a model with its metrics, and register it as the next version of a name.

    The files are the model's own text, JSON and Parquet: nothing in them runs when they are
    read, and no row of features and no id of a customer is among them. Inside an MLflow run of the same store the
    model goes into that run, else it gets one. Beside it the run gets, in ``about/<name>/``, a model card, the
    measures by segment, the profile of the features, and curves; the version is described by the card.

    Parameters
    ----------
    model : NextBestOffer
        Fitted.
    name : str
        The registered model, such as "offers".
    tracking_uri : str, optional
        The store, such as ``sqlite:///mlflow.db`` or ``https://mlflow.example.org``. By
        default what ``MLFLOW_TRACKING_URI`` says, or else ``sqlite:///mlflow.db``.
    registered : bool, default=True
        False logs without registering a version.
    as_of : Timestamp or str, optional
        Until when the model has seen data, UTC. By default the end of its training.
    metrics : dict of str to float, optional
        Logged with the model's own; of the same name, these count. Those that are not
        finite are left out.
    tags : dict of str to str, optional
        Labels of the version.
    alias : str, optional
        A name that points to this version from now on, such as "challenger". Who had it before is remembered, and
        :func:`nbo.registry.verdicts` tells of it.

    Returns
    -------
    LoggedVersion

    Raises
    ------
    BundleError
        If the model cannot be read back; nothing is registered then.
    InputError
        If the name or alias is not allowed, a metric is no number, or MLflow refuses.
    TypeError
        If the model is not a `NextBestOffer`.

    Examples
    --------
    >>> from nbo.registry import load
    >>> from nbo.simulate import World
    >>> from nbo.tables import Spine
    >>> world = World(customers=150, days=90, seed=1)
    >>> model = NextBestOffer().fit(world.tables, Spine.at(world.end, world.tables), as_of=world.end)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = f"sqlite:///{folder}/mlflow.db"
    ...     version = log(model, "offers", tracking_uri=store, alias="champion")
    ...     loaded = load("models:/offers@champion", store)
    >>> version.model_uri, loaded.catalog.offer_ids == model.catalog.offer_ids
    ('models:/offers/1', True)
    """
    if not isinstance(model, NextBestOffer):
        raise TypeError(f"model must be a NextBestOffer; got {type(model).__name__}.")
    check_names(name, alias, registered)
    measured = _finite({**getattr(model, "metrics_", {}), **(metrics or {})})
    labels = {**_own_tags(model, as_of), **{str(key): str(value) for key, value in (tags or {}).items()}}
    with tracking_store(tracking_uri) as client, _run(client, name, tracking_uri):
        model_id, run_id = _store(model, name, measured, labels)
        # A file of the model that is altered together with its checksum is told by this one, which is not among them.
        labels[INDEX_CHECKSUM] = client.get_logged_model(model_id).tags[INDEX_CHECKSUM]
        if not registered:
            return LoggedVersion("", None, f"models:/{model_id}", run_id)
        version = _register(client, name, model_id, run_id, labels, shortened(model_card(model, name)))
        if alias is not None:
            line = {"version": version, "champion": aliases_of(client, name).get(alias), "alias": alias}
            with written_down(client, tracking_uri, "registration", name, {**line, "reason": "named when logged"}, {}):
                move_alias(client, name, alias, version)
    return LoggedVersion(name, version, f"models:/{name}/{version}", run_id)


def _store(model: NextBestOffer, name: str, metrics: dict[str, float], tags: dict[str, str]) -> tuple[str, str]:
    """Put the model, its metrics and what is told about it into the active run; give the ids of model and run."""
    import mlflow

    with tempfile.TemporaryDirectory() as folder, environment(**_NO_PROJECT_FILES):
        bundle, about = Path(folder) / "bundle", Path(folder) / "about"
        model.to_dir(bundle)
        # MLflow would only warn of a model that cannot be read back.
        NextBestOffer.from_dir(bundle)
        write_about(model, model_card(model, name), about)
        mlflow.log_metrics(metrics)
        mlflow.log_artifacts(str(about), artifact_path=f"{ABOUT}/{name}")
        info = mlflow.pyfunc.log_model(
            name=name,
            loader_module=LOADER,
            data_path=str(bundle),
            signature=model_signature(model),
            input_example=input_example(model),
            pip_requirements=requirements(),
            tags={**tags, INDEX_CHECKSUM: index_checksum(bundle)},
        )
    return str(info.model_id), str(info.run_id)


def _register(
    client: MlflowClient, name: str, model_id: str, run_id: str, tags: dict[str, str], description: str
) -> int:
    """Make the next version, with all that is told of it at once; MLflow's own function writes to standard error."""
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    source = f"models:/{model_id}"
    made = client.create_model_version(name, source, run_id, tags=tags, description=description, model_id=model_id)
    # MLflow's pages find the version of a logged model by this tag.
    versions = json.dumps([{"name": name, "version": made.version}])
    client.set_logged_model_tags(model_id, {"mlflow.modelVersions": versions})
    return int(made.version)


def check_names(name: Any, alias: str | None, registered: bool = True) -> None:
    """Refuse a name or an alias that cannot be registered.

    Parameters
    ----------
    name : str
        The registered model.
    alias : str or None
    registered : bool, default=True

    Raises
    ------
    InputError
        If the name or alias is not allowed, or there is an alias for nothing.
    """
    if not isinstance(name, str) or not name.strip() or set(name) & set("/:.%\"'"):
        raise InputError(f"name must be a text without any of / : . % \" '; got {name!r}.")
    if alias is not None:
        check_alias(alias)
        if not registered:
            raise InputError(f"alias {alias!r} needs a registered version; leave out registered=False.")


def _finite(metrics: Mapping[str, Any]) -> dict[str, float]:
    try:
        numbers = {str(key): float(value) for key, value in metrics.items()}
    except (TypeError, ValueError) as error:
        raise InputError(f"metrics must be numbers: {error}.") from error
    return {key: value for key, value in numbers.items() if math.isfinite(value)}


def _own_tags(model: NextBestOffer, as_of: Any) -> dict[str, str]:
    moment = getattr(model, "as_of_", None) if as_of is None else check_time(as_of)
    tags = {"nbo.version": __version__}
    return tags if moment is None else {**tags, "nbo.as_of": moment.isoformat()}


@contextmanager
def _run(client: MlflowClient, name: str, tracking_uri: str | None) -> Iterator[None]:
    """Log into the caller's run where one is active, else into a new one."""
    import mlflow

    if caller_run(client) is not None:
        yield
        return
    with mlflow.start_run(experiment_id=experiment_id(client, tracking_uri), run_name=name):
        yield


def caller_run(client: MlflowClient) -> str | None:
    """Give the id of the run that the caller is in, if any.

    Parameters
    ----------
    client : MlflowClient

    Returns
    -------
    str or None

    Raises
    ------
    InputError
        If it is a run of another store.
    """
    import mlflow

    active = mlflow.active_run()
    if active is None:
        return None
    try:
        client.get_run(active.info.run_id)
    except mlflow.exceptions.MlflowException as error:
        raise InputError(
            f"the MLflow run {active.info.run_id} is active in another store; end it, or log to its store."
        ) from error
    return str(active.info.run_id)
