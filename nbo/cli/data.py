"""``nbo simulate`` and ``nbo validate``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

__all__ = ["simulate", "validate"]


@click.command()
@click.option("--customers", default=20000, show_default=True, help="Number of customers.")
@click.option("--days", default=365, show_default=True, help="Length of the history, days.")
@click.option("--seed", default=7, show_default=True, help="Another seed makes another world.")
@click.option("--format", "form", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True)
@click.argument("out", type=click.Path(path_type=Path))
def simulate(customers: int, days: int, seed: int, form: str, out: Path) -> None:
    """Write the tables of a simulated world to the folder OUT."""
    from nbo.simulate import World

    world = World(customers=customers, days=days, seed=seed)
    world.tables.write(out, format=form)  # type: ignore[arg-type]
    click.echo(f"simulated, {world.start:%Y-%m-%d} to {world.end:%Y-%m-%d}: {world.tables} in {out}")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--as-of", default=None, help="Times after it lie in the future; now by default.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the problems as CSV too.")
def validate(folder: Path, as_of: str | None, out: Path | None) -> None:
    """List every problem of the tables in FOLDER; exit code 2 if there is any."""
    from nbo.tables import CustomerTables

    tables = CustomerTables.read(folder)
    problems = tables.validate(as_of=as_of)
    if out is not None:
        problems.to_csv(out, index=False)
    click.echo(repr(tables))
    if problems.empty:
        click.echo("no problems")
        return
    click.echo(problems.to_string(index=False, max_colwidth=60))
    click.echo(f"{len(problems)} problems", err=True)
    sys.exit(2)
