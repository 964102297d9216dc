"""``nbo train``, ``nbo score`` and ``nbo decide``."""

from __future__ import annotations

from pathlib import Path

import click

from nbo.cli import options

__all__ = ["decide", "score", "train"]


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


@click.command()
@options.model
@options.data
@options.as_of
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for scores and decisions.")
@click.option("--rng", default=7, show_default=True, help="Names the draw of the decisions.")
@click.option("--run-id", default=None, help="Name of the run.")
@click.option("--chunk-size", default=50_000, show_default=True, help="Customers at a time.")
@click.option("--limit", default=None, type=int, help="Only so many customers.")
@click.option("--dry-run", is_flag=True, help="Say what would be done.")
@click.option("--force", is_flag=True, help="Do it again although it is done.")
@options.tracking
@options.quiet
def score(
    model_uri: str,
    data: Path,
    as_of: str,
    out: Path,
    rng: int,
    run_id: str | None,
    chunk_size: int,
    limit: int | None,
    dry_run: bool,
    force: bool,
    tracking_uri: str | None,
    quiet: bool,
) -> None:
    """Score all customers of a folder of tables in a batch job that can be resumed."""
    from nbo import batch

    model = options.load_model(model_uri, tracking_uri) if Path(model_uri).is_dir() else model_uri
    result = batch.score(
        model,
        data,
        out,
        as_of=as_of,
        rng=rng,
        run_id=run_id,
        chunk_size=chunk_size,
        limit=limit,
        dry_run=dry_run,
        force=force,
        progress=False if quiet else None,
        tracking_uri=tracking_uri,
    )
    click.echo(str(result))


@click.command()
@options.model
@options.data
@options.as_of
@options.ledger
@click.option("--rng", default=7, show_default=True, help="Names the draw.")
@click.option("--run-id", default=None, help="Name of the run.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the decisions to this Parquet file too.")
@options.tracking
def decide(
    model_uri: str,
    data: Path,
    as_of: str,
    ledger: str,
    rng: int,
    run_id: str | None,
    out: Path | None,
    tracking_uri: str | None,
) -> None:
    """Decide one offer (or none) for every customer known by then, and record it in the ledger."""
    from nbo.features import known_customers
    from nbo.ledger import Ledger
    from nbo.tables import CustomerTables

    model, tables = options.load_model(model_uri, tracking_uri), CustomerTables.read(data)
    spine = known_customers(tables, as_of)
    with Ledger.open(ledger) as book:
        # Features of past offers see what was decided and answered since the tables were written.
        tables = tables.added(decisions=book.decisions(), outcomes=book.outcomes())
        decisions = model.decide(tables, spine, rng=rng, run_id=run_id, model_version=model_uri)
        new = book.record(decisions)
    if out is not None:
        decisions.to_parquet(out, index=False)
    click.echo(f"{len(decisions)} decisions, {new} of them new in the ledger")
