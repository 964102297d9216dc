"""How often health checks ring where nothing has changed, and how soon where something has.

    python -m tests.benchmarks.health --streams 200

Simulated streams: every day other customers with 40 features, decisions on 8 offers in 5 segments, answers within a
week. A health check looks at each of 90 days.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd

from nbo.e_bh import e_bh
from nbo.features import FeatureProfile
from nbo.health import LIMITS, HealthReport, check_health
from nbo.health.response_rates import change_evidence
from nbo.health.start_weights import since_some_day

TRAINED = pd.Timestamp("2026-03-01")
WINDOW = 7
PAST = 60
LOOKS = 90
CHANGE = 30
OFFERS = [f"offer {number}" for number in range(8)]
SEGMENTS = [f"segment {number}" for number in range(5)]
GREEDY = 0.65
# What a planted change is, and which check must find it.
PLANTED = {
    "a feature moves by half a standard deviation": ("ks", "number 0"),
    "a category of 15 % vanishes": ("psi", "words 0"),
    "an offer is accepted half as often": ("response_rate", "offer offer 0"),
    "a third of all acceptances is gone": ("calibration", "all"),
    "exploration stops": ("exploration", "all"),
}


@dataclass
class Stream:
    """Simulated days: features, decisions and answers.

    Parameters
    ----------
    seed : int
    change : str, default=""
        One of `PLANTED`; empty for none.
    decisions : int, default=300
        A day.
    customers : int, default=500
        Whose features are looked at, a day.
    features : int, default=40
        A quarter of them words, a quarter counts.
    """

    seed: int
    change: str = ""
    decisions: int = 300
    customers: int = 500
    features: int = 40

    def __post_init__(self) -> None:
        rng = np.random.default_rng([self.seed, 10**6])
        self.rates = rng.uniform(0.03, 0.15, (len(SEGMENTS), len(OFFERS)))
        self.shares = np.array([0.35, 0.3, 0.2, 0.15])
        profile = FeatureProfile.of(self.features_of(-1, 5000))
        names = SimpleNamespace(feature_names=profile.feature_names, describe=_no_dictionary)
        catalog = SimpleNamespace(offer_ids=OFFERS)
        self.model = SimpleNamespace(
            as_of_=TRAINED, window=f"{WINDOW}D", profile_=profile, features=names, catalog=catalog
        )

    def changed(self, day: int, what: str) -> bool:
        return day >= CHANGE and self.change.startswith(what)

    def features_of(self, day: int, n: int) -> pd.DataFrame:
        """Draw the features of n other customers as of a day."""
        rng = np.random.default_rng([self.seed, 1, day + 1])
        quarter = self.features // 4
        numbers = rng.normal(size=(n, self.features - 2 * quarter))
        numbers[:, ::2] = np.exp(numbers[:, ::2])
        counts, words = rng.poisson(0.4, (n, quarter)), rng.choice(4, (n, quarter), p=self.shares)
        if self.changed(day, "a feature"):
            numbers[:, 0] *= np.exp(0.5)  # its logarithm is normal, and moves by half a standard deviation
        if self.changed(day, "a category"):
            words[:, 0] = np.where(words[:, 0] == 3, 0, words[:, 0])
        X = {f"number {i}": column for i, column in enumerate(numbers.T)}
        X |= {f"count {i}": column for i, column in enumerate(counts.T)}
        X |= {f"words {i}": np.array(["a", "b", "c", "d"], dtype=object)[column] for i, column in enumerate(words.T)}
        return pd.DataFrame(X)

    def answers_of(self, day: int) -> pd.DataFrame:
        """Draw the decisions of a day and what comes of them; days before 0 are those before training."""
        rng = np.random.default_rng([self.seed, 2, day + PAST])
        n, k = self.decisions, len(OFFERS)
        segment = rng.integers(len(SEGMENTS), size=n)
        best = self.rates[segment].argmax(axis=1)
        explores = (rng.random(n) < 1 - GREEDY) & (not self.changed(day, "exploration"))
        offer = np.where(explores, rng.integers(k, size=n), best)
        # What single customers differ by, the model knows.
        propensity = np.clip(self.rates[segment, offer] * rng.gamma(4, 0.25, n), 0.001, 0.9)
        accepts = propensity.copy()
        if self.changed(day, "an offer"):
            accepts[offer == 0] /= 2
        if self.changed(day, "a third"):
            accepts *= 2 / 3
        accepted = rng.random(n) < accepts
        decided = TRAINED + pd.to_timedelta(day, unit="D") + pd.to_timedelta(rng.random(n) * 23, unit="h")
        floor = 0.0 if self.changed(day, "exploration") else (1 - GREEDY) / k
        texts = [_candidates(place, floor) for place in range(k)]
        waits = np.where(accepted, rng.uniform(0, WINDOW - 1, n), WINDOW)
        return pd.DataFrame(
            {
                "decision_id": [f"{day}-{number}" for number in range(n)],
                "decided_at": decided,
                "offer_id": np.array(OFFERS, dtype=object)[offer],
                "segment": np.array(SEGMENTS, dtype=object)[segment],
                "action_probability": np.where(offer == best, 1 - floor * (k - 1), floor),
                "propensity": propensity,
                "candidates": np.array(texts, dtype=object)[best],
                "outcome": np.where(accepted, "accept", "no_answer"),
                "outcome_at": decided + pd.to_timedelta(waits, unit="D"),
                "reward": accepted.astype(float),
            }
        )

    def looks(self, first: int = 0, last: int = LOOKS, every: int = 1) -> Iterator[tuple[int, HealthReport]]:
        """Look at each day, or every so many, at its end."""
        days = {day: self.answers_of(day) for day in range(-PAST, last)}
        answers = pd.concat([days[day] for day in sorted(days)], ignore_index=True)
        answers = answers.astype({"offer_id": "category", "segment": "category"}).drop(columns="candidates")
        for day in range(first, last, every):
            as_of = TRAINED + pd.Timedelta(days=day + 1)
            yield (
                day,
                check_health(
                    self.model,
                    features=self.features_of(day, self.customers),
                    feedback=answers[answers["outcome_at"] < as_of],
                    decisions=days[day],
                    as_of=as_of,
                    limits={"model_age": (365, 730)},
                ),
            )


def _candidates(best: int, floor: float) -> str:
    stated = [1 - floor * (len(OFFERS) - 1) if place == best else floor for place in range(len(OFFERS))]
    return "{" + ", ".join(f'"{offer}": {share:.6f}' for offer, share in zip(OFFERS, stated, strict=True)) + "}"


def _no_dictionary() -> pd.DataFrame:
    return pd.DataFrame({"feature": [], "aggregate": []})


def null_streams(streams: int, seed: int = 0, **sizes: int) -> pd.DataFrame:
    """Look at streams in which nothing changes: a row for each with its days, warnings and alarms."""
    rows = []
    for number in range(streams):
        reports = [report for _, report in Stream(seed + number, **sizes).looks()]
        alarms = [set(report.alarms["check"]) for report in reports]
        warned = sum(len(report.warnings) > 0 for report in reports)
        rows.append(
            {
                "stream": number,
                "looks": len(reports),
                "findings": len(reports[-1].checks),
                "with_alarm": sum(map(bool, alarms)),
                "with_warning": warned,
                "alarms": ", ".join(sorted(set().union(*alarms))),
            }
        )
    return pd.DataFrame(rows)


def claimed_rates(streams: int, seed: int = 0, decisions: int = 300) -> float:
    """Share of streams without a change in which e-BH ever claims that some rate has changed, at 90 looks.

    The exact part of the checks needs no measuring; this one holds for rates from a prior, and only nearly for fixed
    ones. So it is measured alone, without the limit of size, and on counts, which is fast.
    """
    rng, pairs = np.random.default_rng(seed), len(SEGMENTS) * len(OFFERS)
    level, rang = {row.check: row.alarm for row in LIMITS}["false_alarms_ever"], 0
    for _ in range(streams):
        days = (pairs, PAST + LOOKS)
        n = rng.poisson(decisions / pairs, days)
        accepted = rng.binomial(n, rng.uniform(0.03, 0.15, (pairs, 1)))
        n, accepted = (_with_sums(counts.astype(float)) for counts in (n, accepted))
        looks = (
            since_some_day(change_evidence(accepted[:, :day], n[:, :day]), PAST)[0]
            for day in range(PAST + 1, PAST + LOOKS + 1)
        )
        rang += any(e_bh(log_e, level).any() for log_e in looks)
    return rang / streams


def _with_sums(counts: np.ndarray) -> np.ndarray:
    """Add the cells of all, of each offer and of each segment to those of the pairs."""
    cube = counts.reshape(len(SEGMENTS), len(OFFERS), -1)
    return np.concatenate([counts, cube.sum(axis=0), cube.sum(axis=1), cube.sum(axis=(0, 1))[np.newaxis]])


def delay_of(change: str, seed: int, every: int = 1, **sizes: int) -> float:
    """Days from a planted change to its alarm, 0 if it rings at the end of the first day; inf if it does not."""
    check, subject = PLANTED[change]
    for day, report in Stream(seed, change, **sizes).looks(CHANGE, every=every):
        if ((report.alarms["check"] == check) & (report.alarms["subject"] == subject)).any():
            return float(day - CHANGE)
    return float("inf")


def main() -> None:
    """Print the tables of docs/health.md."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--planted", type=int, default=20)
    parser.add_argument("--rates", type=int, default=1000)
    parser.add_argument("--decisions", type=int, default=300)
    parser.add_argument("--planted-decisions", type=int, default=2000)
    given = parser.parse_args()
    for change in PLANTED if given.planted else ():
        rows = given.planted_decisions
        delays = np.array([delay_of(change, 10_000 + number, decisions=rows) for number in range(given.planted)])
        found, late = int(np.isfinite(delays).sum()), np.quantile(delays, 0.9, method="inverted_cdf")
        _say(f"{change}: found {found} of {len(delays)}; days, median {np.median(delays):.0f}, nine of ten {late:.0f}")
    if given.rates:
        _say(f"no change, rates alone: {claimed_rates(given.rates):.4f} of {given.rates} streams with any claim")
    parts = [pd.DataFrame()]
    for number in range(given.streams):
        parts.append(null_streams(1, number, decisions=given.decisions))
        if number % 20 == 19 or number + 1 == given.streams:
            table = pd.concat(parts)
            _say(
                f"no change, {len(table)} streams of {LOOKS} looks: {table['findings'].mean():.0f} findings a look; "
                f"streams with an alarm {(table['with_alarm'] > 0).sum()} {sorted(set(table['alarms']) - {''})}, "
                f"with a warning {(table['with_warning'] > 0).sum()}; looks with an alarm {table['with_alarm'].sum()}, "
                f"with a warning {table['with_warning'].sum()} of {table['looks'].sum()}"
            )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
