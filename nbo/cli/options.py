"""Options that several verbs take, and the model that `--model` names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from nbo.ledger import Ledger
    from nbo.next_best_offer import NextBestOffer

__all__ = ["as_of", "data", "ledger", "load_model", "model", "open_ledger", "program", "quiet", "tracking"]

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

data: Decorator = click.option(
    "--data", required=True, type=click.Path(path_type=Path), help="Folder of tables, Parquet or CSV."
)
as_of: Decorator = click.option(
    "--as-of", required=True, help="Moment, UTC: only what was known before it counts, such as 2026-06-30."
)
model: Decorator = click.option(
    "--model", "model_uri", required=True, help="models:/NAME@champion, models:/NAME/3, or a folder of a stored model."
)
ledger: Decorator = click.option("--ledger", required=True, help="Address of the ledger, such as sqlite:///nbo.db.")
tracking: Decorator = click.option(
    "--tracking-uri", default=None, help="MLflow store; by default MLFLOW_TRACKING_URI or sqlite:///mlflow.db."
)
_program = click.option(
    "--program", type=click.Path(path_type=Path), help="YAML or JSON file with limits, slots and arms of the run."
)
_playbook = click.option("--playbook", type=click.Path(path_type=Path), help="Rules in place of the model's own.")
quiet: Decorator = click.option("--quiet", is_flag=True, help="Show no progress.")


def program(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take what a run is to keep beside its model."""
    return _program(_playbook(command))


@contextmanager
def open_ledger(address: str | None) -> Iterator[Ledger | None]:
    """Open a ledger for a while, if one is named.

    Parameters
    ----------
    address : str or None

    Yields
    ------
    Ledger or None
    """
    if address is None:
        yield None
        return
    from nbo.ledger import Ledger

    with Ledger.open(address) as book:
        yield book


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
