"""The Starbucks rewards log, whose sends were uniformly random: what pooling over segments is worth there.

Online: a policy starts with nothing and learns from the sends that it would have made itself. Held out: it learns from
all sends of the first waves and is valued on the later ones. An answer is learnt as if it came at once.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.datasets import load_starbucks
from nbo.evaluation import evaluate, replay_run
from nbo.policies import SegmentThompson
from nbo.tables import CustomerTables
from tests.benchmarks.features.cases import Limit

TRAINED_WAVES, BATCH, DRAWS = 3, 500, 3
INCOMES, YEARS = (50_000, 65_000, 80_000), (2015, 2016, 2017)
FIXED = "the best offer for everybody"
POLICIES = {
    "pooled, by segment": (True, True),
    "not pooled, by segment": (False, True),
    "no segments": (True, False),
}


def run(folder: Path) -> tuple[str, list[Limit]]:
    log, offers = answers(load_starbucks(folder / "starbucks_rewards").tables)
    figures = {name: figures_of(log, offers, *how) for name, how in POLICIES.items()}
    figures[FIXED] = fixed(log)
    lines = [
        f"{len(log):,} sends, {log[c.SEGMENT].nunique()} segments; accepted per send, with its standard error",
        "",
        "| | online, replay | later waves, IPS |",
        "| --- | --- | --- |",
    ]
    lines += [
        f"| {name} | {' | '.join(f'{value:.4f} ({error:.4f})' for value, error in both)} |"
        for name, both in figures.items()
    ]
    return "\n".join(lines) + "\n", limits(figures)


def answers(tables: CustomerTables) -> tuple[pd.DataFrame, list[str]]:
    """Every send with its segment and its reward; one still open when the log ended counts as not accepted."""
    accepted = tables.outcomes.loc[tables.outcomes[c.OUTCOME] == c.ACCEPT, c.DECISION_ID]
    people = tables.customers.set_index(c.CUSTOMER_ID).loc[tables.decisions[c.CUSTOMER_ID]]
    income = np.searchsorted(INCOMES, people["income"].to_numpy()).astype(object)
    income[people["income"].isna()] = "unknown"
    year = np.searchsorted(YEARS, people[c.SIGNED_UP_AT].dt.year.to_numpy())
    parts = zip(people[c.GENDER].fillna("unknown"), income, year, strict=True)
    log = tables.decisions.assign(
        **{
            c.SEGMENT: [f"{sex} {money} {since}" for sex, money, since in parts],
            c.REWARD: tables.decisions[c.DECISION_ID].isin(accepted).to_numpy(dtype=float),
        }
    )
    return log.sort_values(c.DECIDED_AT, kind="stable", ignore_index=True), list(tables.catalog[c.OFFER_ID])


def figures_of(
    log: pd.DataFrame, offers: list[str], pooling: bool, segments: bool
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Give value and standard error online and held out. Nothing is spread evenly: that is not the question."""
    log = log if segments else log.assign(**{c.SEGMENT: "all"})
    policy = SegmentThompson(offers, min_probability=0.0, pooling=pooling)
    runs = [replay_run(policy, log, batch=BATCH, rng=seed).estimate for seed in range(DRAWS)]
    early, later = split(log)
    held_out = evaluate(policy.learn(early), later, estimator="ips")
    online = float(np.mean([run.value for run in runs])), float(np.mean([run.standard_error for run in runs]))
    return online, (held_out.value, held_out.standard_error)


def fixed(log: pd.DataFrame) -> tuple[tuple[float, float], tuple[float, float]]:
    """Value the offer that is best over all sends, and on the later waves the one that was best before."""
    early, later = split(log)
    return best(log, log), best(early, later)


def best(known: pd.DataFrame, valued: pd.DataFrame) -> tuple[float, float]:
    offer = known.groupby(c.OFFER_ID)[c.REWARD].mean().idxmax()
    rewards = valued.loc[valued[c.OFFER_ID] == offer, c.REWARD]
    return float(rewards.mean()), float(rewards.std(ddof=1) / np.sqrt(len(rewards)))


def split(log: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    moment = sorted(log[c.DECIDED_AT].unique())[TRAINED_WAVES]
    return log[log[c.DECIDED_AT] < moment], log[log[c.DECIDED_AT] >= moment]


def limits(figures: dict[str, tuple[tuple[float, float], tuple[float, float]]]) -> list[Limit]:
    held = []
    for place, way in enumerate(("online", "later waves")):
        value = {name: both[place][0] for name, both in figures.items()}
        pooled = value["pooled, by segment"]
        for name in ("not pooled, by segment", "no segments"):
            held.append(Limit(f"{way}: pooled less {name}", pooled - value[name], 0.0, at_least=True))
        behind = (value[FIXED] - pooled) / figures[FIXED][place][1]
        held.append(Limit(f"{way}: standard errors behind {FIXED}", behind, 1.0))
    return held
