"""One allocation in a process of its own: seconds, plain passes in that time, gap, memory, and what greedy loses."""

from __future__ import annotations

import json
import statistics
import sys
import time
import tracemalloc

from nbo.arbitration import allocate
from tests.benchmarks.allocation.greedy import greedy
from tests.benchmarks.allocation.worlds import world


def main(n: int, k: int, slots: int, matrix: bool, repeat: int, peer: bool) -> None:
    priority, limits = world(n, k, seed=1, matrix=matrix)
    passes, runs = [], []
    for _ in range(repeat):
        # In turn, so that both meet the same machine.
        start = time.perf_counter()
        priority.argmax(axis=1)
        passes.append(time.perf_counter() - start)
        start = time.perf_counter()
        found = allocate(priority, limits, slots, progress=False)
        runs.append(time.perf_counter() - start)
    tracemalloc.start()
    allocate(priority, limits, slots, progress=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    given = priority.nbytes + (limits[-1].cost.nbytes if matrix else 0)
    start = time.perf_counter()
    lost = 1 - greedy(priority, limits, slots) / found.bound if peer else None
    result = {
        "customers": n,
        "offers": k,
        "slots": slots,
        "costs": "by pair" if matrix else "by offer",
        "pass": statistics.median(passes),
        "seconds": statistics.median(runs),
        "passes": statistics.median(runs) / statistics.median(passes),
        "value": found.value,
        "gap": found.gap,
        "memory": (peak + given) / priority.nbytes,
        "memory_given": given / priority.nbytes,
        "greedy_loses": lost,
        "greedy_seconds": time.perf_counter() - start if peer else None,
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    main(numbers[0], numbers[1], numbers[2], bool(numbers[3]), numbers[4], bool(numbers[5]))
