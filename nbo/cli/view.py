"""``nbo report`` and ``nbo snapshot``."""

from __future__ import annotations

from pathlib import Path

import click

from nbo.cli import options

__all__ = ["report", "snapshot"]


@click.command()
@options.ledger
@options.as_of
@click.option("--window", default="14D", show_default=True, help="How long an answer may take.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The HTML page to write.")
def report(ledger: str, as_of: str, window: str, out: Path) -> None:
    """Write one self-contained page: acceptance per segment and offer, with intervals."""
    from nbo.ledger import Ledger
    from nbo.views import Page, plot_acceptance, segment_report

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


@click.command()
@options.data
@click.option("--customer", required=True, help="Customer id.")
@options.as_of
@click.option(
    "--model", "model_uri", default=None, callback=options.check_model, help="Adds scores and the best offers."
)
@click.option("--format", "form", type=click.Choice(["text", "json", "html"]), default="text", show_default=True)
@click.option("--mask", multiple=True, help="Hide this field; may be given several times.")
@options.tracking
def snapshot(
    data: Path,
    customer: str,
    as_of: str,
    model_uri: str | None,
    form: str,
    mask: tuple[str, ...],
    tracking_uri: str | None,
) -> None:
    """Show one customer: who, now, history, value, flags, and what to offer."""
    from nbo.tables import CustomerTables
    from nbo.views import customer_snapshot

    tables = CustomerTables.read(data)
    ids = tables.get("customers")["customer_id"]
    key = int(customer) if ids.dtype.kind == "i" and customer.lstrip("-").isdigit() else customer
    model = None if model_uri is None else options.load_model(model_uri, tracking_uri)
    view = customer_snapshot(model, tables, key, as_of, mask=mask)
    texts = {"text": view.to_text, "json": view.to_json, "html": view._repr_html_}
    click.echo(texts[form]())
