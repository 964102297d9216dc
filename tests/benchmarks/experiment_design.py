"""Whether experiments, rollouts and surveys that were planned find what they were planned to find: simulated.

::

    python -m tests.benchmarks.experiment_design                # 2,000 a line, some minutes
    python -m tests.benchmarks.experiment_design --runs 200

The first table plans experiments for a power and counts how often the analysis of `nbo.experiments` finds the effect.
The second plays rollouts from customers to decisions. The third asks customers who answer unequally often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click
import numpy as np
import pandas as pd

from nbo.experiments import (
    Design,
    Guardrail,
    Rollout,
    decide_stage,
    mean_difference,
    rate_difference,
    stage_report,
    survey_estimate,
    survey_plan,
    survey_weights,
)

Draw = Callable[[np.random.Generator, int, float], np.ndarray]
SHARES = (0.05, 0.2, 0.5, 1.0)


@dataclass(frozen=True)
class Case:
    """An experiment: its plan, and how its outcomes come about."""

    name: str
    design: Design
    effect: float
    power: float
    draw: Draw


def accepts(rate: float, reached: float = 1.0) -> Draw:
    return lambda rng, n, effect: (rng.random(n) < rate + effect * (rng.random(n) < reached)).astype(float)


def spends(rng: np.random.Generator, n: int, effect: float) -> np.ndarray:
    """Draw skewed money: a fifth spend, half of them below 20, few much more."""
    return np.where(rng.random(n) < 0.2, rng.lognormal(3, 1, n), 0.0) + effect


def adjusted(rng: np.random.Generator, n: int, effect: float) -> np.ndarray:
    """Draw what a covariate with a correlation of 0.7 leaves of an outcome."""
    return rng.normal(effect, (1 - 0.7**2) ** 0.5, n)


SPENDING_SD = float(np.sqrt(0.2 * np.exp(8) - (0.2 * np.exp(3.5)) ** 2))
CASES = (
    Case("10 % accept, +2 points", Design(baseline=0.1), 0.02, 0.8, accepts(0.1)),
    Case("1 % accept, +0.5 points", Design(baseline=0.01), 0.005, 0.8, accepts(0.01)),
    Case("10 %, 9 treated for 1 control", Design(baseline=0.1, ratio=1 / 9), 0.02, 0.8, accepts(0.1)),
    Case("10 %, 30 % are reached", Design(baseline=0.1, exposed=0.3), 0.05, 0.8, accepts(0.1, 0.3)),
    Case("skewed spending, +4", Design(sd=SPENDING_SD), 4.0, 0.9, spends),
    Case("CUPED, correlation 0.7", Design(sd=1.0, variance_kept=1 - 0.7**2), 0.2, 0.8, adjusted),
)


def found(case: Case, rng: np.random.Generator) -> bool:
    """Run one experiment of the planned size, and analyze it."""
    treated, control = case.design.sample_size(case.effect, case.power)
    one, two = case.draw(rng, treated, case.effect), case.draw(rng, control, 0.0)
    if case.design.sd is None:
        return rate_difference(int(one.sum()), treated, int(two.sum()), control).p_value < case.design.alpha
    return mean_difference(one, two).p_value < case.design.alpha


def outcomes(seed: int, customers: int, harm: float) -> pd.DataFrame:
    """Draw what the customers of a rollout do, stage by stage: they stay what they are, and all change over time."""
    rng, ids, parts = np.random.default_rng(seed), np.arange(customers), []
    own, plan = rng.normal(size=customers), Rollout(f"rollout {seed}", SHARES)
    for stage in range(1, plan.looks + 1):
        arm = plan.arms(stage).assign(ids)
        value = 0.7 * own + 0.7 * rng.normal(size=customers) + stage - harm * (arm == "agent")
        parts.append(pd.DataFrame({"customer_id": ids, "stage": stage, "arm": arm, "margin": value}))
    return pd.concat(parts)


def rolled_back(plan: Rollout, seed: int, harm: float) -> int:
    """Play a rollout: the stage that rolls it back, 0 if none does."""
    report = stage_report(outcomes(seed, 1200, harm), ["margin"], [7] * plan.looks)
    stages = range(1, plan.looks + 1)
    return next((k for k in stages if decide_stage(plan, report[report["stage"] <= k]).action == "roll back"), 0)


def surveyed(runs: int) -> Iterator[tuple[bool, bool, bool]]:
    """Ask 5,000 customers: whether the plain interval holds the truth, the weighted one, and one segment's margin."""
    rng = np.random.default_rng(3)
    segments = pd.DataFrame({"segment": ["a", "b"], "size": [4000, 1000], "response_rate": [0.15, 0.4]})
    plan = survey_plan(segments, 0.06)
    sizes = dict(zip(segments["segment"], segments["size"], strict=True))
    segment = np.repeat(list(sizes), list(sizes.values()))
    answer = (rng.random(5000) < np.where(segment == "a", 0.3, 0.6)).astype(float)
    truth, of_a = answer.mean(), answer[:4000].mean()
    for _ in range(runs):
        rows = []
        for row, start in zip(plan.frame.itertuples(), (0, 4000), strict=True):
            invited = start + rng.choice(row.size, row.invited, replace=False)
            rows.append(invited[rng.random(len(invited)) < row.response_rate])
        who = np.concatenate(rows)
        weights = survey_weights(pd.DataFrame({"segment": segment[who]}), segments[["segment", "size"]])
        plain = survey_estimate(answer[who]).iloc[0]
        own = survey_estimate(answer[who], weights, strata=segment[who], sizes=sizes).iloc[0]
        margin = abs(answer[rows[0]].mean() - of_a) <= plan.frame["reachable_margin"][0]
        yield plain["low"] <= truth <= plain["high"], own["low"] <= truth <= own["high"], bool(margin)


@click.command()
@click.option("--runs", default=2000, show_default=True, help="Simulated experiments, rollouts and surveys a line.")
def main(runs: int) -> None:
    """Print the three tables."""
    click.echo("| experiment | customers in both arms | power planned | found |")
    for case in CASES:
        rng = np.random.default_rng(1)
        share = np.mean([found(case, rng) for _ in range(runs)])
        size = sum(case.design.sample_size(case.effect, case.power))
        click.echo(f"| {case.name} | {size:,} | {case.power:.0%} | {share:.1%} |")
    click.echo("| rollout of 1,200 customers | boundaries | back in stage 1 | 2 | 3 | in all |")
    for kind in ("obrien_fleming", "pocock"):
        plan = Rollout("x", SHARES, 7, [50, 200, 500, 1], [Guardrail("margin")], kind=kind)
        for harm in (0.0, 0.1, 0.3):
            stages = np.array([rolled_back(plan, seed, harm) for seed in range(runs)])
            each = " | ".join(f"{(stages == k).mean():.1%}" for k in (1, 2, 3))
            click.echo(f"| harm {harm} | {kind} | {each} | {(stages > 0).mean():.1%} |")
    held = np.array(list(surveyed(runs))).mean(axis=0)
    click.echo(
        f"Intervals at 95 %: unweighted {held[0]:.1%}, weighted {held[1]:.1%}; margin of a segment {held[2]:.1%}."
    )


if __name__ == "__main__":
    main()
