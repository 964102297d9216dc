"""``nbo report``."""

from __future__ import annotations

from pathlib import Path

import click

from nbo.cli import options
from nbo.cli.frames import read_frame

__all__ = ["report"]


@click.command()
@options.ledger
@options.as_of
@click.option("--since", default=None, help="Start of the period, UTC; the one before is compared with it.")
@click.option("--window", default="14D", show_default=True, help="How long an answer may take.")
@click.option("--data", default=None, type=click.Path(path_type=Path), help="Folder of tables: sales, offers.")
@click.option("--goals", default=None, type=click.Path(path_type=Path), help="Targets, a CSV or Parquet file.")
@click.option("--playbook", default=None, type=click.Path(path_type=Path), help="The rules that the engine runs.")
@click.option("--tables", default=None, type=click.Path(path_type=Path), help="Folder to write the tables to, too.")
@click.option("--format", "form", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The HTML page to write.")
def report(
    ledger: str,
    as_of: str,
    since: str | None,
    window: str,
    data: Path | None,
    goals: Path | None,
    playbook: Path | None,
    tables: Path | None,
    form: str,
    out: Path,
) -> None:
    """Write one self-contained page: what the program has brought, by segment, offer, channel and message."""
    from nbo.arbitration import Playbook
    from nbo.ledger import Ledger
    from nbo.reports import program_report
    from nbo.tables import CustomerTables

    given = None if data is None else CustomerTables.read(data)
    rules = None if playbook is None else Playbook.read(playbook)
    targets = None if goals is None else read_frame(goals, "goals", ("goal", "segment", "touchpoint"))
    with Ledger.open(ledger, create=False) as book:
        made = program_report(
            book, as_of=as_of, since=since, window=window, tables=given, goals=targets, playbook=rules
        )
    made.to_html(out)
    click.echo(f"wrote {out}")
    if tables is not None:
        paths = made.write_tables(tables, form)
        click.echo(f"wrote {len(paths)} tables to {tables}")
