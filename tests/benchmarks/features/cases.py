"""The cases: what is asked, who runs, and the limits that nbo is held to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Run = dict[str, float]
Runs = dict[str, Run]  # by peer, only what came to its end


@dataclass(frozen=True)
class Limit:
    """A ratio or a size that must be at most, or at least, a bound; NaN where it could not be measured."""

    what: str
    value: float
    bound: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.bound if self.at_least else self.value <= self.bound


@dataclass(frozen=True)
class Case:
    """One table of the benchmark. `spine` names the questions, `sizes` the events of each step."""

    spine: str
    peers: tuple[str, ...]
    sizes: tuple[int, ...]
    customers: int
    limits: Callable[[Runs], list[Limit]]


def fastest(runs: Runs) -> str | None:
    others = [peer for peer in runs if not peer.startswith("nbo")]
    return min(others, key=lambda peer: runs[peer]["cpu"], default=None)


def two_limits(runs: Runs) -> list[Limit]:
    """A fast peer takes at most twice the CPU of the fastest."""
    best = fastest(runs)
    fast = [peer for peer in runs if best and peer != "nbo" and runs[peer]["cpu"] <= 2 * runs[best]["cpu"]]
    leanest = min(fast, key=lambda peer: runs[peer]["peak_mb"], default=None)
    return [
        Limit(f"CPU of nbo / of the fastest peer, {best}", ratio(runs, "nbo", best, "cpu"), 0.4),
        Limit(f"peak of nbo / of the leanest fast peer, {leanest}", ratio(runs, "nbo", leanest, "peak_mb"), 1.2),
    ]


def training_limits(runs: Runs) -> list[Limit]:
    best = fastest(runs)
    return [
        Limit(f"CPU of nbo / of the fastest peer, {best}", ratio(runs, "nbo", best, "cpu"), 0.12),
        Limit(f"peak of nbo / of the fastest peer, {best}", ratio(runs, "nbo", best, "peak_mb"), 0.4),
    ]


def featuretools_limits(runs: Runs) -> list[Limit]:
    return [Limit("CPU of featuretools / of nbo", ratio(runs, "featuretools", "nbo", "cpu"), 100, at_least=True)]


def spark_limits(runs: Runs) -> list[Limit]:
    best = fastest(runs)
    return [
        Limit(f"CPU of nbo on Spark / of Spark SQL, {best}", ratio(runs, "nbo-spark", best, "cpu"), 0.5),
        Limit(f"wall of nbo on Spark / of Spark SQL, {best}", ratio(runs, "nbo-spark", best, "wall"), 0.5),
    ]


def big_limits(runs: Runs) -> list[Limit]:
    return [Limit("peak of nbo in MB", runs.get("nbo-out", {}).get("peak_mb", float("nan")), 8 * 1024)]


def ratio(runs: Runs, one: str, other: str | None, what: str) -> float:
    if one not in runs or other not in runs:
        return float("nan")
    return runs[one][what] / runs[other][what]


MILLION = 1_000_000
FRAMES = ("pandas", "polars", "polars-streaming", "duckdb")
CASES = {
    "two": Case("two", ("nbo", *FRAMES), (10 * MILLION,), 100_000, two_limits),
    "training": Case(
        "training", ("nbo", "polars-streaming", "polars-asof", "duckdb"), (10 * MILLION,), 100_000, training_limits
    ),
    "featuretools": Case("two", ("nbo", "featuretools"), (MILLION,), 100_000, featuretools_limits),
    "featuretools-training": Case("training", ("nbo", "featuretools"), (20_000,), 200, featuretools_limits),
    "spark": Case("two", ("nbo-spark", "spark"), (10 * MILLION,), 100_000, spark_limits),
    "scale": Case("two", ("nbo-out",), tuple(n * MILLION for n in (1, 3, 10, 30)), 0, lambda runs: []),
    "big": Case("two", ("nbo-out",), (50 * MILLION,), MILLION, big_limits),
}
