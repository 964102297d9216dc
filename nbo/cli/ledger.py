"""``nbo ledger verify``."""

from __future__ import annotations

import sys

import click

__all__ = ["ledger"]

_BROKEN = 1


@click.group()
def ledger() -> None:
    """Look after a ledger."""


@ledger.command()
@click.argument("url")
@click.option("--head", help="Head that an earlier check printed: the rows of then must still be there.")
def verify(url: str, head: str | None) -> None:
    """Check that every row of the ledger at URL, such as sqlite:///nbo.db, is as it was recorded.

    Exit codes: 0 all is well, 1 a row was changed, removed or slipped in, 2 bad use.
    """
    from nbo.errors import LedgerError
    from nbo.ledger import Ledger

    with Ledger.open(url, create=False) as book:
        try:
            found = book.verify(head)
        except LedgerError as error:
            click.echo(f"broken: {error}", err=True)
            sys.exit(_BROKEN)
    click.echo(str(found), err=not found)
    if not found:
        sys.exit(_BROKEN)
