"""Simulated leads and pipelines whose true chances are known. Nothing here is real."""

from __future__ import annotations

import numpy as np
import pandas as pd

STAGES = ["lead", "offer", "negotiation"]
START = pd.Timestamp("2023-01-02")  # a Monday
# Each week, by stage: moves on, is lost. From the last stage, moving on is winning.
ON = np.array([0.20, 0.18, 0.22])
LOST = np.array([0.12, 0.08, 0.05])
# How often a good and a poor kind of opportunity moves on, over the others.
QUALITY = {"large": 1.35, "middle": 1.0, "small": 0.6}


def weekly(segment: str) -> np.ndarray:
    """Chances of one week, (5, 5): three stages, won, lost."""
    on = ON * QUALITY[segment]
    step = np.zeros((5, 5))
    for stage in range(3):
        step[stage, stage + 1] = on[stage]
        step[stage, 4] = LOST[stage]
        step[stage, stage] = 1 - on[stage] - LOST[stage]
    step[3, 3] = step[4, 4] = 1
    return step


def true_win(stages: pd.Series, segments: pd.Series, weeks: int) -> np.ndarray:
    """Give the planted chance to be won within so many weeks."""
    chance = {segment: np.linalg.matrix_power(weekly(segment), weeks)[:, 3] for segment in QUALITY}
    return np.array([chance[b][STAGES.index(a)] for a, b in zip(stages, segments, strict=True)])


def pipeline(weeks: int = 156, per_week: float = 12.0, seed: int = 0, season: float = 0.4) -> pd.DataFrame:
    """Simulate opportunities, week by week: more come in spring, larger ones move on more often."""
    rng = np.random.default_rng(seed)
    rate = per_week * (1 + season * np.sin(2 * np.pi * np.arange(weeks) / 52))
    born = np.repeat(np.arange(weeks), rng.poisson(rate))
    n = len(born)
    segment = rng.choice(list(QUALITY), n, p=[0.3, 0.4, 0.3])
    amount = np.round(
        rng.lognormal(0, 0.5, n) * pd.Series(segment).map({"large": 20e3, "middle": 8e3, "small": 3e3}), 2
    )
    steps = {name: weekly(name).cumsum(axis=1) for name in QUALITY}
    table = np.stack([steps[name] for name in QUALITY])[pd.Index(list(QUALITY)).get_indexer(segment)]
    state, rows = np.zeros(n, dtype=int), [(np.arange(n), born, np.zeros(n, dtype=int), amount)]
    closed = np.full(n, -1)
    for week in range(1, 80):
        alive = np.flatnonzero(state < 3)
        new = (rng.random(len(alive))[:, None] > table[alive, state[alive]]).sum(axis=1)
        moved = alive[new != state[alive]]
        state[alive] = new
        ended = moved[state[moved] >= 3]
        closed[ended] = born[ended] + week
        on = moved[state[moved] < 3]
        rows.append((on, born[on] + week, state[on], amount[on]))
    frame = pd.DataFrame(
        {
            "opportunity_id": np.concatenate([row[0] for row in rows]),
            "week": np.concatenate([row[1] for row in rows]),
            "stage": np.array(STAGES)[np.concatenate([row[2] for row in rows])],
            "amount": np.concatenate([row[3] for row in rows]),
        }
    )
    who = frame["opportunity_id"].to_numpy()
    # At any hour of the week, so that a Monday midnight stands between what was and what will be.
    hour = rng.uniform(0.01, 167.9, len(frame)).round(2)
    frame["entered_at"] = START + pd.to_timedelta(frame.pop("week") * 168 + hour, unit="h")
    over, at_last = closed[who] >= 0, rng.uniform(0.01, 167.9, n).round(2)[who]
    frame["closed_at"] = (START + pd.to_timedelta(closed[who] * 168 + at_last, unit="h")).where(over)
    frame["won"] = np.where(over, state[who] == 3, np.nan)
    frame["segment"] = segment[who]
    frame["owner"] = np.array(["ann", "bob", "cem"])[who % 3]
    return frame


def mondays(first: int, last: int, every: int = 1) -> list[pd.Timestamp]:
    """Give the Mondays of some weeks."""
    return [START + pd.Timedelta(weeks=week) for week in range(first, last, every)]


def leads(n: int = 6000, seed: int = 0) -> pd.DataFrame:
    """Simulate leads with a known chance: third-party data and visits both tell, and noise does not."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "industry": rng.choice(["law", "retail", "school"], n),
            "company_size": rng.integers(1, 500, n),
            "visits": rng.poisson(2.0, n),
            "noise": rng.normal(size=n),
        }
    )
    score = -4.3 + 1.2 * (frame["industry"] == "law") + 0.003 * frame["company_size"] + 0.45 * frame["visits"]
    frame["chance"] = 1 / (1 + np.exp(-score))
    frame["converted"] = (rng.random(n) < frame["chance"]).astype(float)
    frame["as_of"] = START + pd.to_timedelta(rng.integers(0, 365, n), unit="D")
    frame["customer_id"] = np.arange(n)
    return frame
