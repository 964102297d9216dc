"""``nbo record``, ``nbo learn``, ``nbo evaluate`` and ``nbo promote``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbo.cli import options

if TYPE_CHECKING:
    import pandas as pd

    from nbo.next_best_offer import NextBestOffer

__all__ = ["evaluate", "learn", "promote", "record"]


@click.command()
@options.ledger
@click.option("--decisions", type=click.Path(exists=True, path_type=Path), help="Parquet or CSV file of decisions.")
@click.option("--outcomes", type=click.Path(exists=True, path_type=Path), help="Parquet or CSV file of outcomes.")
@click.option("--rejects", type=click.Path(path_type=Path), help="Set refused outcomes aside in this CSV file.")
def record(ledger: str, decisions: Path | None, outcomes: Path | None, rejects: Path | None) -> None:
    """Record decisions or outcomes in the ledger; what is there already changes nothing.

    Without --rejects one refused outcome refuses all. With it the others are recorded, and
    the exit code is 2 if any was set aside.
    """
    from nbo.ledger import Ledger

    if decisions is None and outcomes is None:
        raise click.UsageError("give --decisions FILE, --outcomes FILE, or both.")
    refused = 0
    with Ledger.open(ledger) as book:
        if decisions is not None:
            click.echo(f"{book.record(_typed('decisions', decisions))} new decisions")
        if outcomes is not None:
            rows = _typed("outcomes", outcomes)
            if rejects is not None:
                rows, aside = book.check_outcomes(rows)
                aside.to_csv(rejects, index=False)
                refused = len(aside)
            click.echo(f"{book.record_outcomes(rows)} new outcomes")
    if refused:
        click.echo(f"{refused} outcomes set aside in {rejects}", err=True)
        sys.exit(2)


def _typed(table: str, path: Path) -> pd.DataFrame:
    """Read one table's file with the types of its contract."""
    from nbo.tables.store import read_table

    return read_table(path, table)


@click.command()
@options.model
@options.ledger
@options.as_of
@click.option("--register", "name", default=None, help="Register the updated model under this name.")
@click.option("--alias", default=None, help="Give the new version this alias.")
@click.option("--save", type=click.Path(path_type=Path), help="Store the updated model in this folder.")
@options.tracking
def learn(
    model_uri: str,
    ledger: str,
    as_of: str,
    name: str | None,
    alias: str | None,
    save: Path | None,
    tracking_uri: str | None,
) -> None:
    """Update the policy of a model with every answer in the ledger."""
    from nbo.ledger import Ledger

    if name is None and save is None:
        raise click.UsageError("say where the updated model goes: --register NAME, --save FOLDER, or both.")
    model = options.load_model(model_uri, tracking_uri)
    with Ledger.open(ledger) as book:
        model.learn(book, as_of=as_of)
    click.echo(model.policy.acceptance_rates().to_string(index=False, max_rows=40, float_format="{:.4f}".format))
    if save is not None:
        model.to_dir(save)
    if name is not None:
        from nbo import registry

        version = registry.log(model, name=name, alias=alias, tracking_uri=tracking_uri)
        click.echo(f"registered {version.name} version {version.version}")


@click.command()
@options.model
@options.ledger
@options.as_of
@click.option("--estimator", default="ips", show_default=True, help="Off-policy estimator.")
@click.option("--window", default="14D", show_default=True, help="How long an answer may take.")
@options.tracking
def evaluate(model_uri: str, ledger: str, as_of: str, estimator: str, window: str, tracking_uri: str | None) -> None:
    """Estimate the acceptance that a model's policy would have had on the logged decisions.

    Only decisions made with the model's segments count, once their window is over.
    """
    from nbo import columns as c
    from nbo.evaluation import evaluate as estimate
    from nbo.ledger import Ledger
    from nbo.times import check_duration, check_time

    model = options.load_model(model_uri, tracking_uri)
    with Ledger.open(ledger) as book:
        feedback = book.feedback(as_of, window=window)
    # Of younger decisions mostly acceptances are known: a refusal by silence takes the whole window.
    over = feedback[c.DECIDED_AT] + check_duration(window, "window") <= check_time(as_of)
    rows = feedback[over & _own_segments(feedback, model)]
    learnt = int(rows[c.DECISION_ID].isin(model.policy.to_state()["answers"][c.DECISION_ID]).sum())
    if learnt:
        click.echo(f"{learnt} of {len(rows)} decisions are known to the policy: the value is too good", err=True)
    click.echo(str(estimate(model.policy, rows, estimator=estimator)))


def _own_segments(feedback: pd.DataFrame, model: NextBestOffer) -> pd.Series:
    """Mark the decisions made with the model's segments; the same name in another scheme means other customers."""
    from nbo import columns as c

    if c.SEGMENT_SCHEME not in feedback:
        return feedback[c.DECISION_ID].notna()
    own = feedback[c.SEGMENT_SCHEME] == model.segmenter.scheme
    if not own.all():
        click.echo(f"{int((~own).sum())} decisions of other segments are left out", err=True)
    return own


@click.command()
@click.argument("name")
@click.argument("challenger", type=int)
@options.ledger
@options.as_of
@click.option("--margin", default=0.0, show_default=True, help="The gain's lower bound must be above it.")
@click.option("--data", type=click.Path(path_type=Path), help="Tables, to find the segments of a model trained anew.")
@options.tracking
def promote(
    name: str, challenger: int, ledger: str, as_of: str, margin: float, data: Path | None, tracking_uri: str | None
) -> None:
    """Make version CHALLENGER of model NAME the champion if the ledger's evidence says so."""
    from nbo import registry
    from nbo.ledger import Ledger
    from nbo.tables import CustomerTables

    tables = None if data is None else CustomerTables.read(data)
    with Ledger.open(ledger) as book:
        verdict = registry.promote(
            name, challenger, book, tables=tables, margin=margin, as_of=as_of, tracking_uri=tracking_uri
        )
    click.echo(str(verdict))
