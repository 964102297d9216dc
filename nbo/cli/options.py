"""Options that several verbs take, and the model and the ledger that they name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from nbo.errors import LedgerError

if TYPE_CHECKING:
    from nbo.ledger import Ledger
    from nbo.next_best_offer import NextBestOffer

__all__ = [
    "as_of",
    "check_model",
    "check_new_file",
    "data",
    "ledger",
    "ledger_at",
    "load_model",
    "model",
    "open_ledger",
    "program",
    "quiet",
    "run_id",
    "tracking",
]

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
Missing = Literal["make", "refuse", "empty"]


def check_model(context: click.Context, option: click.Parameter, uri: str | None) -> str | None:
    """Refuse what is neither a folder nor an address of the registry."""
    if uri is None or Path(uri).is_dir() or uri.startswith(("models:/", "runs:/")):
        return uri
    raise click.BadParameter(
        f"there is no folder {uri!r}; in the registry it would be models:/NAME@champion or models:/NAME/3."
    )


def check_new_file(context: click.Context, option: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a file that cannot be written later, before anything is done."""
    if path is not None and not (path.parent.is_dir() and os.access(path.parent, os.W_OK)):
        raise click.BadParameter(f"the folder {str(path.parent)!r} is missing, or may not be written to.")
    return path


def _check_run_id(context: click.Context, option: click.Parameter, name: str | None) -> str | None:
    if name is not None and not name.strip():
        raise click.BadParameter("a run needs a name; leave the option out, and it gets one.")
    return name


data: Decorator = click.option(
    "--data", required=True, type=click.Path(path_type=Path), help="Folder of tables, Parquet or CSV."
)
as_of: Decorator = click.option(
    "--as-of", required=True, help="Moment, UTC: only what was known before it counts, such as 2026-06-30."
)
model: Decorator = click.option(
    "--model",
    "model_uri",
    required=True,
    callback=check_model,
    help="models:/NAME@champion, models:/NAME/3, or a folder of a stored model.",
)
ledger: Decorator = click.option("--ledger", required=True, help="Address of the ledger, such as sqlite:///nbo.db.")
tracking: Decorator = click.option(
    "--tracking-uri", default=None, help="MLflow store; by default MLFLOW_TRACKING_URI or sqlite:///mlflow.db."
)
_program = click.option(
    "--program", type=click.Path(path_type=Path), help="YAML or JSON file with limits, slots and arms of the run."
)
_playbook = click.option("--playbook", type=click.Path(path_type=Path), help="Rules in place of the model's own.")
run_id: Decorator = click.option("--run-id", default=None, callback=_check_run_id, help="Name of the run.")
quiet: Decorator = click.option("--quiet", is_flag=True, help="Show no progress.")


def program(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take what a run is to keep beside its model."""
    return _program(_playbook(command))


@contextmanager
def open_ledger(address: str | None, missing: Missing = "make") -> Iterator[Ledger | None]:
    """Open a ledger for a while, if one is named.

    Parameters
    ----------
    address : str or None
    missing : {"make", "refuse", "empty"}, default="make"
        As in :func:`ledger_at`.

    Yields
    ------
    Ledger or None
    """
    if address is None:
        yield None
        return
    with ledger_at(address, missing) as book:
        yield book


def ledger_at(address: str, missing: Missing) -> Ledger:
    """Open a ledger.

    Parameters
    ----------
    address : str
    missing : {"make", "refuse", "empty"}
        Where there is no such ledger: make it, raise, or give an empty one that is gone when closed.

    Returns
    -------
    Ledger

    Raises
    ------
    LedgerError
        If it cannot be opened, or there is none and `missing` is "refuse".
    """
    from nbo.ledger import Ledger

    try:
        return Ledger.open(address, create=missing == "make")
    except LedgerError as error:
        if missing != "empty" or not str(error).startswith("There is no ledger"):
            raise
        return Ledger.open("sqlite://")


def load_model(uri: str, tracking_uri: str | None) -> NextBestOffer:
    """Load the model that an address names.

    Parameters
    ----------
    uri : str
        An address of the registry, or a folder.
    tracking_uri : str, optional
        The MLflow store.

    Returns
    -------
    NextBestOffer
    """
    if Path(uri).is_dir():
        from nbo.next_best_offer import NextBestOffer

        return NextBestOffer.from_dir(uri)
    from nbo import registry

    return registry.load(uri, tracking_uri=tracking_uri)
