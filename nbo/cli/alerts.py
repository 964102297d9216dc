"""``nbo alerts``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from nbo import columns as c
from nbo.cli import options
from nbo.cli.frames import read_frame, with_ids

__all__ = ["alerts"]

_FILE = click.Path(exists=True, path_type=Path)
_TEXTS = (c.CUSTOMER_ID, "owner")


@click.command()
@options.model
@options.data
@options.as_of
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for alerts and episodes.")
@click.option("--past", multiple=True, type=_FILE, help="Folder of an earlier run; may be given several times.")
@click.option("--actions", type=_FILE, help="CSV or Parquet: action, cost and what it does against leaving.")
@click.option("--owners", type=_FILE, help="CSV or Parquet: customer_id and owner.")
@click.option("--budget", type=int, default=None, help="Most alerts of each owner in a period.")
@click.option("--period", default="7D", show_default=True, help="Of the budget.")
@click.option("--cost", type=float, default=0.0, show_default=True, help="Of handling an alert, money.")
@click.option("--threshold", type=float, default=0.0, show_default=True, help="Least churn probability.")
@click.option("--rearm", type=float, default=0.8, show_default=True, help="Share of the level below which one ends.")
@click.option("--value", default="clv", show_default=True, help="Column of the scores, or money for all.")
@click.option(
    "--assumed",
    type=float,
    default=0.1,
    show_default=True,
    help="Share of the risk that untested retention offers take.",
)
@click.option("--horizon", default=None, help="Of the churn probability; by default that of the model.")
@click.option("--format", "form", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True)
@options.tracking
def alerts(
    model_uri: str,
    data: Path,
    out: Path,
    past: tuple[Path, ...],
    actions: Path | None,
    owners: Path | None,
    value: str,
    form: Any,
    tracking_uri: str | None,
    **asked: Any,
) -> None:
    """Alert on customers whom to lose costs more than to act: why, what to do, and who does it.

    Give --past the folder of the run before, so that one episode of risk has one alert.
    """
    from nbo.alerting import alerts as raise_alerts
    from nbo.tables import CustomerTables

    tables = CustomerTables.read(data)
    found = raise_alerts(
        options.load_model(model_uri, tracking_uri),
        tables,
        past=list(past),
        actions=None if actions is None else read_frame(actions, "actions"),
        owners=None if owners is None else with_ids(read_frame(owners, "owners", _TEXTS), tables),
        value=_money(value),
        **asked,
    )
    found.write(out, format=form)
    click.echo(f"{found!r} in {out}")


def _money(value: str) -> str | float:
    try:
        return float(value)
    except ValueError:
        return value
