"""Log a model to MLflow, and register it as a version."""

from __future__ import annotations

import math
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbo import __version__
from nbo.errors import InputError
from nbo.next_best_offer import NextBestOffer
from nbo.registry.signature import input_example, model_signature, requirements
from nbo.registry.store import absolute_uri, environment, experiment_id, tracking_store
from nbo.times import check_time

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["LOADER", "LoggedVersion", "check_alias", "log"]

# MLflow imports this module to load a model as a pyfunc.
LOADER = "nbo.registry.pyfunc"

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
    read, and no feature and no id of a customer is among them. Inside an MLflow run of the same store the
    model goes into that run, else it gets one.

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
        A name that points to this version from now on, such as "challenger".

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
    import mlflow

    if not isinstance(model, NextBestOffer):
        raise TypeError(f"model must be a NextBestOffer; got {type(model).__name__}.")
    _check_names(name, alias, registered)
    measured = _finite({**getattr(model, "metrics_", {}), **(metrics or {})})
    labels = {**_own_tags(model, as_of), **{str(key): str(value) for key, value in (tags or {}).items()}}
    with (
        tempfile.TemporaryDirectory() as folder,
        tracking_store(tracking_uri) as client,
        _run(client, name, tracking_uri),
        environment(**_NO_PROJECT_FILES),
    ):
        bundle = Path(folder) / "bundle"
        model.to_dir(bundle)
        # MLflow would only warn of a model that cannot be read back.
        NextBestOffer.from_dir(bundle)
        mlflow.log_metrics(measured)
        info = mlflow.pyfunc.log_model(
            name=name,
            loader_module=LOADER,
            data_path=str(bundle),
            signature=model_signature(model),
            input_example=input_example(model),
            pip_requirements=requirements(),
            tags=labels,
            registered_model_name=name if registered else None,
        )
        if not registered:
            return LoggedVersion("", None, str(info.model_uri), str(info.run_id))
        version = int(info.registered_model_version)
        if alias is not None:
            client.set_registered_model_alias(name, alias, str(version))
    return LoggedVersion(name, version, f"models:/{name}/{version}", str(info.run_id))


def check_alias(alias: Any) -> str:
    """Refuse an alias that MLflow keeps for itself.

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
    """
    taken = isinstance(alias, str) and (alias.lower() == "latest" or re.fullmatch(r"[vV]\d+", alias))
    if not isinstance(alias, str) or not re.fullmatch(r"[\w-]+", alias) or taken:
        raise InputError(
            f"alias must be letters, digits, '_' and '-', and neither 'latest' nor 'v1', 'v2' ...; got {alias!r}."
        )
    return alias


def _check_names(name: Any, alias: str | None, registered: bool) -> None:
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

    active = mlflow.active_run()
    if active is None:
        with mlflow.start_run(experiment_id=_experiment(client, tracking_uri), run_name=name):
            yield
        return
    try:
        client.get_run(active.info.run_id)
    except mlflow.exceptions.MlflowException as error:
        raise InputError(
            f"the MLflow run {active.info.run_id} is active in another store; end it, or log to its store."
        ) from error
    yield


def _experiment(client: MlflowClient, tracking_uri: str | None) -> str | None:
    chosen = {"MLFLOW_EXPERIMENT_NAME", "MLFLOW_EXPERIMENT_ID"} & set(os.environ)
    # None follows the experiment that the caller chose for this store.
    return None if chosen and tracking_uri is None else experiment_id(client, absolute_uri(tracking_uri))
