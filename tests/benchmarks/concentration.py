"""How often the interval of the share of the top fifth holds, for tails from light to heavy.

    python -m tests.benchmarks.concentration

Simulated customers; the share of the top fifth is known from the distribution.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from scipy import special

from nbo.value import concentration

SAMPLES, SHARE = 1000, 0.2
Draw = Callable[[np.random.Generator, int], np.ndarray]


def pareto(alpha: float) -> tuple[str, Draw, float]:
    return f"Pareto, alpha {alpha:g}", lambda rng, n: 1 + rng.pareto(alpha, n), SHARE ** (1 - 1 / alpha)


WORLDS: list[tuple[str, Draw, float]] = [
    ("exponential", lambda rng, n: rng.exponential(1, n), SHARE * (1 - np.log(SHARE))),
    ("lognormal, sigma 1", lambda rng, n: rng.lognormal(0, 1, n), float(special.ndtr(1 + special.ndtri(SHARE)))),
    *map(pareto, (3.0, 2.5, 1.5, 1.16)),
]


def main() -> None:
    rng = np.random.default_rng(1)
    for name, draw, truth in WORLDS:
        for n in (200, 2000):
            found = [concentration(draw(rng, n)).share_of_top(SHARE) for _ in range(SAMPLES)]
            held = np.mean([share.low <= truth <= share.high for share in found])
            sys.stdout.write(f"{name:20} {n:6,} customers: {held:.1%}\n")


if __name__ == "__main__":
    main()
