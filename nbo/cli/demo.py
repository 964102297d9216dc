"""``nbo demo``."""

from __future__ import annotations

from pathlib import Path

import click

from nbo.cli import options

__all__ = ["demo"]


@click.command()
@click.option("--data", "name", type=click.Choice(["world", "starbucks"]), default="world", show_default=True)
@click.option("--path", type=click.Path(path_type=Path), help="Folder of the published files, for --data starbucks.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("out"), show_default=True)
@click.option("--customers", default=20000, show_default=True, help="Customers of the simulated world.")
@click.option("--rounds", default=8, show_default=True, help="Weekly rounds of decisions and answers.")
@click.option("--seed", default=7, show_default=True)
@options.quiet
def demo(name: str, path: Path | None, out: Path, customers: int, rounds: int, seed: int, quiet: bool) -> None:
    """Run the next-best-offer loop, on a simulated world or on a public data set.

    Ends with a table here and HTML pages in the folder of --out.
    """
    progress = False if quiet else None
    if name == "starbucks":
        from nbo.demo import run_starbucks

        if path is None:
            raise click.UsageError("--data starbucks needs --path, the folder of the published files.")
        click.echo(run_starbucks(path, out, seed=seed, progress=progress))
        return
    from nbo.demo import run_world

    click.echo(run_world(out, customers=customers, rounds=rounds, seed=seed, progress=progress))
