"""``nbo score`` and ``nbo decide``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from nbo.cli import options
from nbo.cli.program import read_program

__all__ = ["decide", "score"]

_TOO_MANY_REJECTS = 3


@click.command()
@options.model
@options.data
@options.as_of
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for scores and decisions.")
@click.option("--features", type=click.Path(path_type=Path), help="Parquet of the model's features, built before.")
@click.option("--engine", default="local", type=click.Choice(["local", "spark"]), show_default=True)
@options.program
@click.option("--reasons", default=0, show_default=True, help="Reasons of its propensity that each decision tells.")
@click.option("--rng", default=7, show_default=True, help="Names the draw of the decisions.")
@options.run_id
@click.option(
    "--ledger", "address", default=None, help="Read past decisions from this ledger, and record the new ones."
)
@click.option("--live", is_flag=True, help="Decide with what the ledger's answers have taught since registration.")
@click.option("--n-jobs", default=-1, show_default=True, help="Parts at once; -1 is one for each core.")
@click.option("--chunk-size", default=None, type=int, help="Customers at a time.")
@click.option("--limit", default=None, type=int, help="Only so many customers.")
@click.option("--most-rejects", default=None, type=int, help="Exit with 3 if more rows than this are set aside.")
@click.option("--dry-run", is_flag=True, help="Say what would be done.")
@click.option("--force", is_flag=True, help="Do it again although it is done.")
@options.tracking
@options.quiet
def score(
    model_uri: str,
    data: Path,
    as_of: str,
    out: Path,
    program: Path | None,
    playbook: Path | None,
    address: str | None,
    most_rejects: int | None,
    quiet: bool,
    **asked: Any,
) -> None:
    """Score all customers of a folder of tables in a batch job that can be resumed.

    Exit codes: 0 done, 1 failed (call it again, it goes on), 2 bad use or bad input, 3 done, and more rows were set
    aside than --most-rejects allows, or nobody was left.
    """
    from nbo import batch

    if asked["engine"] == "spark":
        from nbo.features.engines.spark_session import started_session

        asked["session"] = started_session()
    given = {**asked, **read_program(program, playbook), "progress": False if quiet else None}
    if address is not None and not Path(model_uri).is_dir():
        from nbo import registry

        # Before a ledger is made for a model that there is not.
        registry.resolve(model_uri, asked["tracking_uri"])
    with options.open_ledger(address, "empty" if asked["dry_run"] else "make") as book:
        result = batch.score(model_uri, data, out, as_of=as_of, ledger=book, **given)
    click.echo(str(result))
    if not result.customers:
        click.echo("nobody was decided for", err=True)
        sys.exit(_TOO_MANY_REJECTS)
    if most_rejects is not None and result.rejects > most_rejects and result.status != "planned":
        click.echo(f"{result.rejects} rows were set aside, and {most_rejects} are allowed; see {out}", err=True)
        sys.exit(_TOO_MANY_REJECTS)


@click.command()
@options.model
@options.data
@options.as_of
@options.ledger
@options.program
@click.option("--rng", default=7, show_default=True, help="Names the draw.")
@options.run_id
@click.option("--frozen", is_flag=True, help="Decide with what the model had learnt when it was registered.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=options.check_new_file,
    help="Write the decisions to this Parquet file too.",
)
@options.tracking
def decide(
    model_uri: str,
    data: Path,
    as_of: str,
    ledger: str,
    program: Path | None,
    playbook: Path | None,
    rng: int,
    run_id: str | None,
    frozen: bool,
    out: Path | None,
    tracking_uri: str | None,
) -> None:
    """Decide for every customer known by then, and record it in the ledger.

    A registered model decides with all that the ledger's answers have taught since, unless --frozen.
    """
    from nbo.batch.source import find_model
    from nbo.features import known_customers
    from nbo.ledger import Ledger
    from nbo.tables import CustomerTables
    from nbo.whole_files import whole_file

    given = read_program(program, playbook)
    own, tables = given.pop("playbook", None), CustomerTables.read(data)
    spine = known_customers(tables, as_of)
    # A ledger is made only once there is something to record.
    with options.ledger_at(ledger, "empty") as past:
        live = past if not frozen and not Path(model_uri).is_dir() else None
        source = find_model(model_uri, tracking_uri, own, live, as_of)
        # Features of past offers see what was decided and answered since the tables were written.
        tables = tables.added(decisions=past.decisions(), outcomes=past.outcomes())
        decisions = source.model.decide(tables, spine, rng=rng, run_id=run_id, model_version=source.version, **given)
    with Ledger.open(ledger) as book:
        new = book.record(decisions)
    if out is not None:
        with whole_file(out) as aside:
            decisions.to_parquet(aside, index=False)
    click.echo(f"{len(decisions)} decisions, {new} of them new in the ledger")
