"""Campaigns: ``python -m tests.benchmarks.campaigns --help``."""

from __future__ import annotations

import time
from pathlib import Path

import click
import pandas as pd

from nbo.errors import DataSetNotFoundError
from tests.benchmarks.campaigns import starbucks as published
from tests.benchmarks.campaigns import world as simulated


@click.group(help=__doc__)
def main() -> None:
    pd.set_option("display.width", 200)
    pd.set_option("display.max_columns", 30)


@main.command()
@click.option("--seed", "seeds", type=int, multiple=True, default=(7,), show_default=True, help="May be repeated.")
@click.option("--customers", type=int, default=20_000, show_default=True)
@click.option("--rounds", type=int, default=8, show_default=True, help="Weekly rounds.")
@click.option("--share", type=float, default=0.2, show_default=True, help="Of the customers in each of three arms.")
@click.option("--wave", type=float, default=0.5, show_default=True, help="Share of the customers decided in a round.")
@click.option("--redraws", type=int, default=0, show_default=True, help="Draw the answers anew so often.")
def world(seeds: tuple[int, ...], customers: int, rounds: int, share: float, wave: float, redraws: int) -> None:
    """The agent against random offers, business as usual and no contact; simulated, with the truth beside."""
    found = []
    for seed in seeds:
        begun = time.perf_counter()
        played = simulated.run(seed, customers, rounds, share, wave)
        arms, effects = simulated.by_arm(played), played.compared()
        found.append(effects)
        click.echo(f"\nSimulated world, seed {seed}: {customers:,} customers, {rounds} rounds")
        click.echo(arms.round(4).to_string())
        click.echo(simulated.harm_of(arms))
        click.echo(effects.round(4).to_string(index=False))
        if redraws:
            click.echo(f"Answers drawn anew {redraws} times: share of intervals that hold the truth of the arms' own")
            click.echo(played.held(redraws).round(3).to_string())
        click.echo(f"{time.perf_counter() - begun:.0f} s")
    holds = pd.concat(found)["holds"]
    click.echo(f"\n{holds.sum()} of {len(holds)} intervals of 95 % hold the truth")


@main.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    envvar="NBO_DATA",
    default=Path("../shared/data"),
    show_default=True,
    help="Holds the published files; NBO_DATA, too.",
)
@click.option("--budget", "budgets", type=float, multiple=True, default=(2000, 5000, 10_000, 15_000, 20_000))
@click.option("--out", type=click.Path(path_type=Path), help="Picture of the frontier, PNG.")
def starbucks(data: Path, budgets: tuple[float, ...], out: Path | None) -> None:
    """A budgeted campaign on the Starbucks set: its frontier, and other ways to spend the money."""
    begun = time.perf_counter()
    try:
        campaign = published.prepare(data / "starbucks_rewards")
    except DataSetNotFoundError as error:
        raise click.ClickException(str(error)) from error
    said = campaign.accepts[range(len(campaign.log)), campaign.sent].mean()
    click.echo(
        f"{len(campaign.log):,} customers of the last wave; mean chance of the offers sent {said:.3f}, ", nl=False
    )
    click.echo(
        f"accepted {campaign.log['accepted'].mean():.3f}; {time.perf_counter() - begun:.0f} s to train and score"
    )
    table = published.beside(campaign, sorted(budgets))
    click.echo(table.round(0).to_string(index=False, na_rep=""))
    steps = [2000.0 * step for step in range(1, 13)]
    found = published.swept(campaign, steps)
    click.echo(
        found.round({"gap": 7, "price": 4} | dict.fromkeys(["value", "bound", "measured", "low", "high"], 0)).to_string(
            index=False
        )
    )
    if out:
        published.draw(found, table, out)
        click.echo(f"picture: {out}")
    click.echo(f"{time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
