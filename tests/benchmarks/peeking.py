"""How often looking at an experiment again and again deceives, and what it costs not to be: simulated.

::

    python -m tests.benchmarks.peeking                # 2,000 experiments a line
    python -m tests.benchmarks.peeking --runs 200

The first table has experiments without any effect: in what share of them some look says that there is one, by ordinary
tests and by `nbo.experiments.always_valid`. The second has effects: how often they are found by one ordinary test at
the end, and by looking after each customer, and after how many customers then.
"""

from __future__ import annotations

from collections.abc import Callable

import click
import numpy as np
import pandas as pd
from scipy import special

from nbo.experiments import always_valid

CUSTOMERS = 10_000
# Ordinary tests of fewer customers would be absurd.
FIRST = 200


def rates(rng: np.random.Generator, inside: np.ndarray, change: float) -> np.ndarray:
    """Draw who accepts: 5 %, and `change` more in the arm."""
    return (rng.random(len(inside)) < 0.05 * (1 + change * inside)).astype(float)


def money(rng: np.random.Generator, inside: np.ndarray, change: float) -> np.ndarray:
    """Draw skewed spending: 5 % spend, half of them below 20, few much more."""
    return np.where(rates(rng, inside, change) == 1, rng.lognormal(3, 1.2, len(inside)), 0.0)


METRICS: dict[str, Callable[[np.random.Generator, np.ndarray, float], np.ndarray]] = {
    "5 % accept": rates,
    "money": money,
}


def ordinary(values: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Give the p-value of an ordinary test after each customer."""
    parts = []
    for of in (inside, ~inside):
        n = np.maximum(of.cumsum(), 1)
        mean = (values * of).cumsum() / n
        parts.append((mean, np.maximum((values**2 * of).cumsum() / n - mean**2, 0) / n))
    (one, v1), (two, v2) = parts
    return 2 * special.ndtr(-np.abs(one - two) / np.sqrt(np.maximum(v1 + v2, 1e-12)))


def simulate(
    name: str, share: float, change: float, every: int, rng: np.random.Generator
) -> tuple[np.ndarray, pd.DataFrame]:
    """Run one experiment; p-values of ordinary tests at the looks, and what `always_valid` says."""
    inside = rng.random(CUSTOMERS) < share
    values = METRICS[name](rng, inside, change)
    frame = pd.DataFrame({"arm": np.where(inside, "agent", "control"), "reward": values})
    found = always_valid(frame, planned=CUSTOMERS, every=every)
    return ordinary(values, inside)[found["customers"] - 1], found


@click.command()
@click.option("--runs", default=2000, show_default=True, help="Experiments a line.")
def main(runs: int) -> None:
    """Print both tables."""
    click.echo(f"{runs} experiments of {CUSTOMERS} customers without effect, then as many with one, simulated.")
    click.echo("| metric | share of the arm | look every | ordinary tests | always valid |")
    for name in METRICS:
        for share in (0.5, 0.1, 0.02):
            for every in (1, 500):
                rng, naive, false = np.random.default_rng(1), 0, 0
                for _ in range(runs):
                    p, found = simulate(name, share, 0.0, every, rng)
                    naive += bool((p[(found["customers"] >= FIRST).to_numpy()] < 0.05).any())
                    false += found["p_value"].iloc[-1] < 0.05
                click.echo(f"| {name} | {share:.0%} | {every} | {naive / runs:.1%} | {false / runs:.1%} |")
    click.echo("| metric | effect | one test at the end | always valid | customers until then, median |")
    for name in METRICS:
        for change in (0.2, 0.3, 0.5, 1.0):
            rng, at_end, times = np.random.default_rng(2), 0, []
            for _ in range(runs):
                p, found = simulate(name, 0.5, change, 1, rng)
                at_end += p[-1] < 0.05
                shown = (found["p_value"] < 0.05).to_numpy()
                times += [int(shown.argmax()) + 1] if shown.any() else []
            when = f"{np.median(times):,.0f}" if times else "-"
            click.echo(f"| {name} | +{change:.0%} | {at_end / runs:.1%} | {len(times) / runs:.1%} | {when} |")


if __name__ == "__main__":
    main()
