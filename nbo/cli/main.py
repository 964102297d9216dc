"""``nbo VERB``: the group, its exit codes and its one way to say what went wrong."""

from __future__ import annotations

import sys
from typing import Any

import click

import nbo
from nbo.cli.alerts import alerts
from nbo.cli.data import simulate, validate
from nbo.cli.demo import demo
from nbo.cli.health import health
from nbo.cli.learning import evaluate, freeze, learn, promote, record, rollback
from nbo.cli.ledger import ledger
from nbo.cli.model import train
from nbo.cli.report import report
from nbo.cli.scoring import decide, score
from nbo.cli.snapshot import snapshot
from nbo.cli.value import value
from nbo.errors import NboError

__all__ = ["main"]

_FAILED, _BAD_INPUT = 1, 2
# What messages call an argument in Python, and its option here.
_SPELLINGS = {
    "force=True": "--force",
    "live needs a ledger": "--live needs --ledger",
    "limit needs engine='local'": "--limit needs --engine local",
    "give promote either a ledger or feedback": "give --ledger and --as-of",
    "as_of must be given with a ledger": "--as-of must be given with --ledger",
}


class Verbs(click.Group):
    """A group whose errors are one line: exit code 2 for bad use or bad input, 1 for a failure."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb."""
        try:
            return super().invoke(ctx)
        except (NboError, TypeError) as error:
            if ctx.params.get("traceback"):
                raise
            click.echo(f"nbo: {_with_options(str(error))}", err=True)
            sys.exit(_BAD_INPUT)
        except OSError as error:
            if ctx.params.get("traceback"):
                raise
            click.echo(f"nbo: {error}", err=True)
            sys.exit(_FAILED)


def _with_options(message: str) -> str:
    for python, option in _SPELLINGS.items():
        message = message.replace(python, option)
    return message


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(nbo.__version__, prog_name="nbo")
@click.option("--traceback", is_flag=True, help="Show where an error came from.")
def main(traceback: bool) -> None:
    """Next-best-offer machine learning.

    Exit codes: 0 done, 1 failed, 2 bad use or bad input.
    """


for verb in (
    alerts,
    demo,
    simulate,
    validate,
    train,
    score,
    decide,
    record,
    learn,
    evaluate,
    promote,
    rollback,
    freeze,
    health,
    ledger,
    report,
    value,
    snapshot,
):
    main.add_command(verb)
