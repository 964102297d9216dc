"""``nbo train``."""

from __future__ import annotations

from pathlib import Path

import click

from nbo.cli import options

__all__ = ["train"]


@click.command()
@options.data
@options.as_of
@click.option("--register", "name", default=None, help="Register the model under this name.")
@click.option("--alias", default=None, help="Give the new version this alias, such as champion.")
@click.option("--save", type=click.Path(path_type=Path), help="Store the model in this folder.")
@click.option(
    "--churn-horizon", default="90D", show_default=True, help="A customer is lost after so long without a sale."
)
@click.option("--clv-horizon", default="90D", show_default=True, help="Lifetime value counts the margin of so long.")
@click.option("--moments", default=3, show_default=True, help="Past moments, 30 days apart, to learn both from.")
@options.tracking
@options.quiet
def train(
    data: Path,
    as_of: str,
    name: str | None,
    alias: str | None,
    save: Path | None,
    churn_horizon: str,
    clv_horizon: str,
    moments: int,
    tracking_uri: str | None,
    quiet: bool,
) -> None:
    """Train propensity, churn, lifetime value and policy on what was known at a moment."""
    from nbo.models import ChurnModel, CLVModel
    from nbo.next_best_offer import NextBestOffer, training_spine
    from nbo.tables import CustomerTables

    if name is None and save is None:
        raise click.UsageError("say where the model goes: --register NAME, --save FOLDER, or both.")
    tables = CustomerTables.read(data)
    churn, clv = ChurnModel(horizon=churn_horizon), CLVModel(horizon=clv_horizon)
    model = NextBestOffer(churn=churn, clv=clv)
    spine = training_spine(tables, as_of, horizons=(churn_horizon, clv_horizon), moments=moments)
    progress = False if quiet else None
    version = None
    if name is None:
        model.fit(tables, spine, as_of=as_of, progress=progress)
    else:
        from nbo import registry

        version = registry.train(
            model, tables, spine, name, as_of=as_of, alias=alias, tracking_uri=tracking_uri, progress=progress
        )
    for metric, value in model.metrics_.items():
        click.echo(f"{metric}: {value:.4f}")
    if save is not None:
        model.to_dir(save)
        click.echo(f"stored in {save}")
    if version is not None:
        click.echo(f"registered {version.name} version {version.version}")
