"""One MLflow store for the time of a call; the caller's own MLflow settings come back after it."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbo.errors import InputError
from nbo.registry.one_at_a_time import one_at_a_time

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["EXPERIMENT", "absolute_uri", "environment", "experiment_id", "tracking_store"]

EXPERIMENT = "nbo"
_DEFAULT = "sqlite:///mlflow.db"
_SQLITE = "sqlite:///"
_TRACKING, _REGISTRY = "MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"

# Bars for every file, and a line on standard output for every run of a server.
_SILENT = {"MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false", "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true"}

# MLflow asks a server that does not answer again for minutes, and says nothing meanwhile.
_RETRIES, _FEW = "MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2"

# MLflow keeps the store in one variable of the process, so two threads must not each set theirs.
_LOCK = threading.RLock()


@contextmanager
def tracking_store(tracking_uri: str | None) -> Iterator[MlflowClient]:
    """Use a store for a while, and turn MLflow's errors into nbo's.

    Parameters
    ----------
    tracking_uri : str or None
        Such as ``sqlite:///mlflow.db`` or ``https://mlflow.example.org``. None takes the
        environment variable ``MLFLOW_TRACKING_URI``, which ``mlflow.set_tracking_uri`` sets
        too, or else ``sqlite:///mlflow.db`` in the working directory.

    Yields
    ------
    MlflowClient

    Raises
    ------
    InputError
        If the store cannot be opened, or MLflow refuses something.
    """
    import mlflow
    from mlflow.exceptions import MlflowException

    uri = absolute_uri(tracking_uri)
    # A registry that the caller set elsewhere does not belong to a store named here.
    registry = None if tracking_uri is not None else os.environ.get(_REGISTRY)
    with _LOCK:
        before = _globals(mlflow)
        try:
            with (
                _quiet(),
                environment(
                    **{_TRACKING: uri, _REGISTRY: registry, _RETRIES: os.environ.get(_RETRIES, _FEW)}, **_SILENT
                ),
            ):
                mlflow.set_tracking_uri(uri)
                if tracking_uri is not None:
                    mlflow.set_registry_uri(None)
                yield _client(mlflow, uri)
        except MlflowException as error:
            raise InputError(f"MLflow at {_without_password(uri)} says: {error.message}") from error
        finally:
            _put_back(mlflow, before)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what MLflow says of its doings out of the caller's; warnings stay, and so does what the caller asked for."""
    logger = logging.getLogger("mlflow")
    before = logger.level
    if before == logging.INFO:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def environment(**values: str | None) -> Iterator[None]:
    """Set environment variables for a while.

    Parameters
    ----------
    **values : str or None
        None takes a variable out.
    """
    before = {name: os.environ.get(name) for name in values}
    _set_environment(values)
    try:
        yield
    finally:
        _set_environment(before)


def absolute_uri(tracking_uri: str | None) -> str:
    """Give the URI of the store; that of a SQLite file has its absolute path.

    Parameters
    ----------
    tracking_uri : str or None
        As in :func:`tracking_store`.

    Returns
    -------
    str

    Raises
    ------
    InputError
        If it is not a text, or empty.
    """
    uri = os.environ.get(_TRACKING) or _DEFAULT if tracking_uri is None else tracking_uri
    if not isinstance(uri, str) or not uri:
        raise InputError(f"tracking_uri must be a text such as {_DEFAULT!r}; got {uri!r}.")
    if _is_file(uri):
        return _SQLITE + str(Path(uri.removeprefix(_SQLITE)).absolute())
    return uri


def experiment_id(client: MlflowClient, tracking_uri: str | None) -> str:
    """Find the experiment that the runs go to, or make it.

    Parameters
    ----------
    client : MlflowClient
    tracking_uri : str or None
        As in :func:`tracking_store`. For None the caller's own experiment counts, if there is one.

    Returns
    -------
    str
        Of the experiment "nbo" where the caller chose none. Beside a SQLite file its models are kept in the folder
        ``mlartifacts``; elsewhere MLflow chooses the place.
    """
    # MLflow's `set_experiment` sets the first one, too.
    chosen, named = (os.environ.get(f"MLFLOW_EXPERIMENT_{what}") for what in ("ID", "NAME"))
    if tracking_uri is None and chosen:
        return chosen
    name = named if tracking_uri is None and named else EXPERIMENT
    found = client.get_experiment_by_name(name)
    return _new_experiment(client, name, absolute_uri(tracking_uri)) if found is None else str(found.experiment_id)


def _new_experiment(client: MlflowClient, name: str, uri: str) -> str:
    from mlflow.exceptions import MlflowException

    # By default MLflow would fix the place to the working directory of whoever comes first.
    beside = _file(uri).parent / "mlartifacts" if _is_file(uri) else None
    try:
        return str(client.create_experiment(name, artifact_location=beside.as_uri() if beside else None))
    except MlflowException:
        # Another process may have made it since.
        found = client.get_experiment_by_name(name)
        if found is None:
            raise
        return str(found.experiment_id)


def _is_file(uri: str) -> bool:
    return uri.startswith(_SQLITE) and uri != _SQLITE


def _file(uri: str) -> Path:
    return Path(uri.removeprefix(_SQLITE).partition("?")[0])


def _client(mlflow: Any, uri: str) -> MlflowClient:
    try:
        with one_at_a_time(_file(uri)) if _is_file(uri) else nullcontext():
            if _is_file(uri) and not _file(uri).exists() and _file(uri).parent.is_dir():
                _begin(mlflow, _file(uri))
            return mlflow.MlflowClient()
    except mlflow.exceptions.MlflowException:
        raise
    # Whatever the driver of the database raises, the caller named a store that is none.
    except Exception as error:
        why = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason given'}"
        raise InputError(f"the MLflow store {_without_password(uri)} cannot be opened; {why}.") from error


def _begin(mlflow: Any, path: Path) -> None:
    """Make a new store aside; it gets its name once it is whole, so that a kill leaves none half made."""
    aside = path.with_name(f".{path.name}.new")
    aside.unlink(missing_ok=True)
    mlflow.MlflowClient(_SQLITE + str(aside))
    os.replace(aside, path)


def _set_environment(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def _globals(mlflow: Any) -> dict[str, str | None]:
    """Note the stores that the caller set by hand; None where MLflow follows the environment or its default."""
    tracking = mlflow.get_tracking_uri() if mlflow.is_tracking_uri_set() else None
    registry = mlflow.get_registry_uri()
    followed = {_TRACKING: os.environ.get(_TRACKING), _REGISTRY: os.environ.get(_REGISTRY)}
    implied = followed[_REGISTRY] is None or registry == followed[_REGISTRY]
    return {
        **followed,
        "tracking": None if tracking == followed[_TRACKING] else tracking,
        "registry": None if implied else registry,
    }


def _put_back(mlflow: Any, before: dict[str, str | None]) -> None:
    mlflow.set_tracking_uri(before["tracking"])
    mlflow.set_registry_uri(before["registry"])
    # Both calls above write to the environment too.
    _set_environment({name: before[name] for name in (_TRACKING, _REGISTRY)})


def _without_password(uri: str) -> str:
    return re.sub(r"//([^/@:]*):[^@]*@", r"//\1:***@", uri)
