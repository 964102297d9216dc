"""``nbo value``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from nbo import columns as c
from nbo.cli import options
from nbo.cli.frames import read_frame, with_ids

__all__ = ["value"]

_FILE = click.Path(path_type=Path)
_TEXTS = (c.CUSTOMER_ID, c.SEGMENT, "scheme", c.KIND, c.CHANNEL)


@click.command()
@options.data
@click.option("--start", required=True, help="Start of the period, UTC, included.")
@click.option("--end", required=True, help="End of the period, UTC, excluded.")
@click.option("--as-of", default=None, help="Only what was known before it counts; the end by default.")
@click.option(
    "--segments", default=None, type=_FILE, help="CSV or Parquet: customer_id, segment and, if several, scheme."
)
@click.option("--costs", default=None, type=_FILE, help="CSV or Parquet: costs that are in no table.")
@click.option("--tables", default=None, type=_FILE, help="Folder to write the tables to, too.")
@click.option("--format", "form", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True)
@click.option("--out", required=True, type=_FILE, help="The HTML page to write.")
def value(
    data: Path,
    segments: Path | None,
    costs: Path | None,
    tables: Path | None,
    form: str,
    out: Path,
    **asked: Any,
) -> None:
    """Write one self-contained page: who brings in the profit, who costs more, which segments and channels matter."""
    from nbo.reports import value_report
    from nbo.tables import CustomerTables

    known = CustomerTables.read(data)
    made = value_report(
        known,
        segments=None if segments is None else with_ids(read_frame(segments, "segments", _TEXTS), known),
        costs=None if costs is None else with_ids(read_frame(costs, "costs", _TEXTS), known),
        **asked,
    )
    made.to_html(out)
    click.echo(f"wrote {out}")
    if tables is not None:
        click.echo(f"wrote {len(made.write_tables(tables, form))} tables to {tables}")
