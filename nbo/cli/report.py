"""``nbo report``."""

from __future__ import annotations

from pathlib import Path

import click

from nbo.cli import options

__all__ = ["report"]


@click.command()
@options.ledger
@options.as_of
@click.option("--window", default="14D", show_default=True, help="How long an answer may take.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The HTML page to write.")
def report(ledger: str, as_of: str, window: str, out: Path) -> None:
    """Write one self-contained page: acceptance per segment and offer, with intervals."""
    from nbo.ledger import Ledger
    from nbo.reports import segment_report
    from nbo.views import Page, plot_acceptance

    with Ledger.open(ledger, create=False) as book:
        feedback = book.feedback(as_of, window=window)
    rates = segment_report(feedback)
    page = Page("Next best offer", f"Decisions answered before {as_of}")
    accepted = feedback["reward"].sum()
    page.add_facts({"Decisions answered": f"{len(feedback):,}", "Accepted": f"{accepted:,.0f}"})
    if len(feedback):
        axes = plot_acceptance(rates[rates["segment"] != "all"])
        page.add_plot("Acceptance rates", axes, "Share accepted per segment and offer.", "Acceptance rates")
    page.add_table("Acceptance per segment and offer", rates, "Intervals are Wilson's, 95 %.")
    page.write(out)
    click.echo(f"wrote {out}")
