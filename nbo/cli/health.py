"""``nbo health``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from nbo.cli import options

__all__ = ["health"]


@click.command()
@options.model
@options.data
@click.option("--ledger", default=None, help="Adds checks of decisions and answers, such as sqlite:///nbo.db.")
@click.option(
    "--scores", type=click.Path(path_type=Path), help="Folder of `nbo score`: scores that are too old are refused."
)
@options.as_of
@click.option("--out", type=click.Path(path_type=Path), help="The HTML page to write.")
@options.tracking
def health(
    model_uri: str,
    data: Path,
    ledger: str | None,
    scores: Path | None,
    as_of: str,
    out: Path | None,
    tracking_uri: str | None,
) -> None:
    """Check a model, its data and its answers; exit code 1 if there is an alarm, 2 for bad use."""
    from nbo.health import check_health
    from nbo.ledger import Ledger
    from nbo.tables import CustomerTables

    scores_at = None if scores is None else _moment_of(scores)
    model, tables = options.load_model(model_uri, tracking_uri), CustomerTables.read(data)
    feedback = decisions = None
    if ledger is not None:
        with Ledger.open(ledger, create=False) as book:
            feedback = book.feedback(as_of, window=model.window)
            decisions = book.decisions()
            tables = tables.added(decisions=decisions, outcomes=book.outcomes())
    report = check_health(
        model, tables=tables, feedback=feedback, decisions=decisions, scores_at=scores_at, as_of=as_of
    )
    if out is not None:
        report.to_html(out)
    click.echo(str(report))
    if not report.ok:
        sys.exit(1)


def _moment_of(folder: Path) -> str:
    """Read the moment of the scores from what the batch job has left."""
    from nbo.batch.plan import MANIFEST, PLAN

    for name in (MANIFEST, PLAN):
        if not (folder / name).is_file():
            raise click.UsageError(f"{folder} holds no whole scores: {name} is missing. Run `nbo score` again.")
    moment: str = json.loads((folder / PLAN).read_text(encoding="utf-8"))["as_of"]
    return moment
