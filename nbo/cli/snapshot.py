"""``nbo snapshot``."""

from __future__ import annotations

from pathlib import Path

import click

from nbo.cli import options
from nbo.cli.frames import has_number_ids

__all__ = ["snapshot"]


@click.command()
@options.data
@click.option("--customer", required=True, help="Customer id.")
@options.as_of
@click.option(
    "--model", "model_uri", default=None, callback=options.check_model, help="Adds scores and the best offers."
)
@click.option("--format", "form", type=click.Choice(["text", "json", "html"]), default="text", show_default=True)
@click.option("--mask", multiple=True, help="Hide this field; may be given several times.")
@click.option("--role", default=None, help="Hide what this role may not see: agent, analyst or partner.")
@options.tracking
def snapshot(
    data: Path,
    customer: str,
    as_of: str,
    model_uri: str | None,
    form: str,
    mask: tuple[str, ...],
    role: str | None,
    tracking_uri: str | None,
) -> None:
    """Show one customer: what to watch out for, what to do, and what is known."""
    from nbo.tables import CustomerTables
    from nbo.views import customer_snapshot
    from nbo.views.snapshot_card import card_page

    tables = CustomerTables.read(data)
    key = int(customer) if customer.lstrip("-").isdigit() and has_number_ids(tables) else customer
    model = None if model_uri is None else options.load_model(model_uri, tracking_uri)
    view = customer_snapshot(model, tables, key, as_of, mask=mask, role=role)
    if form == "html":
        click.echo(card_page(view._repr_html_(), f"Customer {customer}"))
    else:
        click.echo(view.to_json() if form == "json" else view.to_text())
