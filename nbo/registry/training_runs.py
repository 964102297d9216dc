"""Train a model and log how it was trained: one run, with a child run for each part."""

from __future__ import annotations

import getpass
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nbo.next_best_offer import NextBestOffer
from nbo.registry.card import PARTS
from nbo.registry.logged import LoggedVersion, caller_run, check_names, log
from nbo.registry.store import experiment_id, tracking_store
from nbo.tables import CustomerTables, Spine

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["train"]

# What a run shows of a setting; some are lists over all offers.
_LONGEST = 500

_PARENT = "mlflow.parentRunId"


def train(
    model: NextBestOffer,
    tables: CustomerTables,
    spine: Spine,
    name: str,
    *,
    as_of: Any = None,
    alias: str | None = None,
    tracking_uri: str | None = None,
    metrics: Mapping[str, float] | None = None,
    tags: Mapping[str, Any] | None = None,
    progress: bool | None = None,
) -> LoggedVersion:
    """Fit a model, log how, and register it.

    The run has what the model was trained on (rows of each table, answers, from when to when; no ids), its
    metrics, and the model as :func:`nbo.registry.log` logs it. Below it, each part has a run with its settings, its
    metrics, and when its fit began and ended. Inside an MLflow run of the same store all of this is below that run.
    Where the fit fails, the run says so. MLflow's autologging stays out.

    Parameters
    ----------
    model : NextBestOffer
        It is fitted.
    tables : CustomerTables
    spine : Spine
    name : str
        The registered model, such as "offers".
    as_of : Timestamp or str, optional
        Moment of training, as for :meth:`nbo.NextBestOffer.fit`.
    alias : str, optional
        A name that points to this version from now on, such as "challenger".
    tracking_uri : str, optional
        The store; by default as in :func:`nbo.registry.log`.
    metrics : dict of str to float, optional
        Logged with the model's own.
    tags : dict of str to str, optional
        Labels of the version.
    progress : bool, optional
        Show progress; by default on a terminal.

    Returns
    -------
    LoggedVersion

    Raises
    ------
    InputError
        If the tables can't be learnt from, the name or alias is not allowed, or MLflow refuses.

    Examples
    --------
    >>> import tempfile
    >>> from nbo.simulate import World
    >>> world = World(customers=150, days=90, seed=1)
    >>> spine = Spine.at(world.end, world.tables)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = f"sqlite:///{folder}/mlflow.db"
    ...     version = train(NextBestOffer(), world.tables, spine, "offers", as_of=world.end, tracking_uri=store)
    >>> version.model_uri
    'models:/offers/1'
    """
    import mlflow

    check_names(name, alias)
    with _run(name, tracking_uri) as run_id:
        # Fitting may take long, and MLflow's settings are the whole process's: they are the caller's meanwhile.
        model.fit(tables, spine, as_of=as_of, progress=progress)
        with tracking_store(tracking_uri) as client, mlflow.start_run(run_id=run_id, nested=True):
            _log_inputs(client, run_id, model)
            for part in PARTS:
                if part in model.times_:
                    _log_part(client, run_id, model, part)
            return log(model, name, tracking_uri=tracking_uri, metrics=metrics, tags=tags, alias=alias)


@contextmanager
def _run(name: str, tracking_uri: str | None) -> Iterator[str]:
    """Make a run, below the caller's if there is one, that fails if the training does."""
    with tracking_store(tracking_uri) as client:
        above = caller_run(client)
        below = {} if above is None else {_PARENT: above}
        place = experiment_id(client, tracking_uri) if above is None else client.get_run(above).info.experiment_id
        run_id = client.create_run(place, run_name=name, tags={**_source(), **below}).info.run_id
    try:
        yield run_id
    except BaseException:
        with tracking_store(tracking_uri) as client:
            client.set_terminated(run_id, "FAILED")
        raise


def _source() -> dict[str, str]:
    """Say who trained, as MLflow's pages show it."""
    try:
        user = getpass.getuser()
    # A container may run as a number that has no name.
    except (ImportError, KeyError, OSError):
        user = "unknown"
    return {"mlflow.user": user, "mlflow.source.type": "LOCAL", "mlflow.source.name": "nbo.registry.train"}


def _log_inputs(client: MlflowClient, run_id: str, model: NextBestOffer) -> None:
    told = model.trained_on_
    params = {
        "as_of": model.as_of_.isoformat(),
        "window": model.window,
        "random_state": model.random_state,
        "offers": len(model.catalog),
        "features": len(model.features.feature_names),
        **{key: told[key] for key in ("answers", "accepted", "customers")},
        "first_decision": told["decided"][0],
        "last_decision": told["decided"][1],
        "first_moment": told["moments"][0],
        "last_moment": told["moments"][1],
        **{f"labels_{part}": n for part, n in told["labels"].items()},
        **{f"rows_{table}": n for table, n in told["rows"].items()},
    }
    _log(client, run_id, params, {f"seconds_{part}": end - begin for part, (begin, end) in model.times_.items()})


def _log_part(client: MlflowClient, parent: str, model: NextBestOffer, part: str) -> None:
    """Make the run of a part as if it had been there while the part was fitted."""
    fitted, (begin, end) = getattr(model, part), model.times_[part]
    place = client.get_run(parent).info.experiment_id
    tags = {**_source(), _PARENT: parent, "nbo.part": part}
    run_id = client.create_run(place, start_time=int(begin * 1000), run_name=part, tags=tags).info.run_id
    settings = {"class": type(fitted).__name__, **fitted.get_params()}
    measured = {name: value for name, value in model.metrics_.items() if name.startswith(f"{part}_")}
    _log(client, run_id, settings, {**measured, "seconds": end - begin})
    client.set_terminated(run_id, "FINISHED", end_time=int(end * 1000))


def _log(client: MlflowClient, run_id: str, params: Mapping[str, Any], metrics: Mapping[str, float]) -> None:
    from mlflow.entities import Metric, Param

    texts = [Param(name, str(value)[:_LONGEST]) for name, value in params.items()]
    now = int(time.time() * 1000)
    client.log_batch(run_id, [Metric(name, value, now, 0) for name, value in metrics.items()], texts)
