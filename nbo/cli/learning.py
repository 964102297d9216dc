"""``nbo record``, ``nbo learn``, ``nbo evaluate``, ``nbo promote``, ``nbo rollback`` and ``nbo freeze``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbo.cli import options

if TYPE_CHECKING:
    import pandas as pd

    from nbo.next_best_offer import NextBestOffer

__all__ = ["evaluate", "freeze", "learn", "promote", "record", "rollback"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@options.ledger
@click.option("--decisions", type=_FILE, help="Parquet or CSV file of decisions.")
@click.option("--outcomes", type=_FILE, help="Parquet or CSV file of outcomes.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=options.check_new_file,
    help="Set refused outcomes aside in this CSV file.",
)
def record(ledger: str, decisions: Path | None, outcomes: Path | None, rejects: Path | None) -> None:
    """Record decisions or outcomes in the ledger; what is there already changes nothing.

    Without --rejects one refused outcome refuses all. With it the others are recorded, and
    the exit code is 2 if any was set aside.
    """
    from nbo.ledger import Ledger
    from nbo.whole_files import whole_file

    if decisions is None and outcomes is None:
        raise click.UsageError("give --decisions FILE, --outcomes FILE, or both.")
    made = None if decisions is None else _typed("decisions", decisions)
    rows = None if outcomes is None else _typed("outcomes", outcomes)
    refused = 0
    with Ledger.open(ledger) as book:
        if made is not None:
            click.echo(f"{book.record(made)} new decisions")
        if rows is not None:
            if rejects is not None:
                rows, bad = book.check_outcomes(rows)
                with whole_file(rejects) as aside:
                    bad.to_csv(aside, index=False)
                refused = len(bad)
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
    with Ledger.open(ledger, create=False) as book:
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
    with Ledger.open(ledger, create=False) as book:
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
@click.argument("challenger")
@click.option("--ledger", default=None, help="The evidence, such as sqlite:///nbo.db; the first champion needs none.")
@click.option("--as-of", default=None, help="Moment, UTC: only answers known before it count; needed with --ledger.")
@click.option("--margin", default=0.0, show_default=True, help="The gain's lower bound must be above it.")
@click.option("--confidence", default=0.95, show_default=True, help="Of the interval of the gain.")
@click.option("--one-look", is_flag=True, help="A narrower interval, for one look at a moment chosen beforehand.")
@click.option("--health/--no-health", default=True, show_default=True, help="Check the challenger's health, too.")
@click.option("--data", type=click.Path(path_type=Path), help="Tables, for the segments of a model trained anew.")
@click.option("--alias", default="champion", show_default=True, help="The alias that the winner holds.")
@click.option("--require", is_flag=True, help="Exit with 1 if CHALLENGER does not hold the alias in the end.")
@options.tracking
def promote(
    name: str,
    challenger: str,
    ledger: str | None,
    as_of: str | None,
    margin: float,
    confidence: float,
    one_look: bool,
    health: bool,
    data: Path | None,
    alias: str,
    require: bool,
    tracking_uri: str | None,
) -> None:
    """Make a version of model NAME the champion if the ledger's evidence says so.

    CHALLENGER is a version, or an alias of one. Where there is no champion yet, it becomes the first, also without
    a ledger. The verdict is written to the registry, also a refusal. A refusal is an answer: the exit code is 0,
    and 1 with --require.
    """
    from nbo import registry
    from nbo.tables import CustomerTables

    tables = None if data is None else CustomerTables.read(data)
    with options.open_ledger(ledger, "refuse") as book:
        verdict = registry.promote(
            name,
            challenger,
            book,
            tables=tables,
            margin=margin,
            confidence=confidence,
            interval="normal" if one_look else "always_valid",
            health=health,
            as_of=as_of,
            alias=alias,
            tracking_uri=tracking_uri,
        )
    click.echo(str(verdict))
    if verdict.run_id:
        click.echo(f"written to run {verdict.run_id}")
    if require and not verdict.promoted and verdict.champion != verdict.challenger:
        sys.exit(1)


@click.command()
@click.argument("name")
@click.option("--alias", default="champion", show_default=True, help="The alias that goes back.")
@options.tracking
def rollback(name: str, alias: str, tracking_uri: str | None) -> None:
    """Make the version before the champion of model NAME again; a second time takes it back."""
    from nbo import registry

    version = registry.rollback(name, alias=alias, tracking_uri=tracking_uri)
    click.echo(f"version {version.version} of {name} is the {alias} again")


@click.command()
@click.argument("name")
@options.ledger
@options.as_of
@click.option("--version", default="champion", show_default=True, help="The parent: a version, or an alias of one.")
@click.option("--alias", default=None, help="Give the new version this alias.")
@options.tracking
def freeze(name: str, ledger: str, as_of: str, version: str, alias: str | None, tracking_uri: str | None) -> None:
    """Register model NAME, with all that it has learnt from the ledger, as a new version."""
    from nbo import registry
    from nbo.ledger import Ledger

    with Ledger.open(ledger, create=False) as book:
        made = registry.snapshot(name, book, as_of=as_of, version=version, alias=alias, tracking_uri=tracking_uri)
    click.echo(f"registered {name} version {made.version}")
