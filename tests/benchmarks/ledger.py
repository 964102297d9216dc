"""How many decisions and answers a second the ledger takes, and makes durable, beside bare sqlite3.

::

    python -m tests.benchmarks.ledger            # medians of five rounds
    python -m tests.benchmarks.ledger --check    # exits with 1 where a limit is missed

Each round writes to new files: bare `sqlite3` (one table of outcomes with an index on the decision,
nothing checked, nothing chained), then the ledger, in both levels of durability. One at a time
means that each call returns after its row is committed; a group is one frame of 100,000 rows.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from nbo.ledger import Ledger

Rates = tuple[float, float]
GROUP = 100_000
THREADS = 16
LIMITS = {"process: outcomes one at a time": 10_000, "process: outcomes in a group": 100_000}
ID = np.random.default_rng(0).permutation(GROUP)
IDS = [f"run 2026-01-01:{one:016x}" for one in ID]
ANSWERED = pd.Timestamp("2026-01-02 12:00").to_pydatetime()


def decisions() -> pd.DataFrame:
    """Simulated decisions with all columns that `decide` fills."""
    return pd.DataFrame(
        {
            "decision_id": IDS,
            "run_id": "run 2026-01-01",
            "customer_id": ID,
            "decided_at": pd.Timestamp("2026-01-01"),
            "offer_id": "bonus",
            "channel": "email",
            "action_probability": 0.25,
            "segment": "young",
            "propensity": 0.04,
            "value": 10.0,
            "priority": 0.4,
            "policy": "SegmentThompson",
            "model_version": "3",
            "reason": "drawn by SegmentThompson",
            "candidates": '{"bonus": 0.25, "card": 0.75}',
        }
    )


def rate(n: int, work: Callable[[], object]) -> Rates:
    """Rows a second by the clock, and rows in a second of the processor."""
    start, busy = time.perf_counter(), time.process_time()
    work()
    return n / (time.perf_counter() - start), n / (time.process_time() - busy)


def bare(path: Path, durable: str, n: int) -> Iterator[tuple[str, Rates]]:
    """What sqlite3 does alone."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable == 'power' else 'NORMAL'}")
    columns = "row INTEGER PRIMARY KEY, decision_id TEXT NOT NULL, outcome TEXT, outcome_at INTEGER, known_at INTEGER"
    connection.execute(f"CREATE TABLE outcomes ({columns})")
    connection.execute("CREATE INDEX of_decision ON outcomes (decision_id)")
    statement = "INSERT INTO outcomes (decision_id, outcome, outcome_at, known_at) VALUES (?, 'accept', ?, ?)"
    rows = [(one, number, number) for number, one in enumerate(IDS)]

    def one_at_a_time() -> None:
        for row in rows[:n]:
            connection.execute(statement, row)

    def group() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(statement, rows)
        connection.execute("COMMIT")

    yield f"{durable}: bare sqlite3, outcomes one at a time", rate(n, one_at_a_time)
    yield f"{durable}: bare sqlite3, outcomes in a group", rate(GROUP, group)
    connection.close()


def ours(path: Path, durable: str, n: int) -> Iterator[tuple[str, Rates]]:
    """What the ledger does."""
    made = decisions()
    answers = pd.DataFrame({"decision_id": IDS, "outcome": "reject", "outcome_at": pd.Timestamp("2026-01-02")})
    single = [{**row, "decision_id": f"{row['decision_id']}+"} for row in made.head(n).to_dict("records")]
    with Ledger.open(f"sqlite:///{path}", durable=durable) as ledger:

        def one_at_a_time() -> None:
            for one in IDS[:n]:
                ledger.record_outcome(one, "accept", ANSWERED)

        def in_threads() -> None:
            shares = [IDS[start::THREADS][: n // THREADS] for start in range(THREADS)]
            threads = [threading.Thread(target=share_of, args=(ledger, share)) for share in shares]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        def single_decisions() -> None:
            for row in single:
                ledger.record_decision(row)

        yield f"{durable}: decisions in a group", rate(GROUP, lambda: ledger.record(made))
        yield f"{durable}: outcomes in a group", rate(GROUP, lambda: ledger.record_outcomes(answers))
        yield f"{durable}: the same group again", rate(GROUP, lambda: ledger.record_outcomes(answers))
        yield f"{durable}: outcomes one at a time", rate(n, one_at_a_time)
        yield f"{durable}: outcomes one at a time, {THREADS} threads", rate(n // THREADS * THREADS, in_threads)
        yield f"{durable}: decisions one at a time", rate(n, single_decisions)
        yield f"{durable}: rows verified", rate(2 * GROUP + 3 * n, ledger.verify)


def share_of(ledger: Ledger, ids: list[str]) -> None:
    """One thread's answers."""
    for one in ids:
        ledger.record_outcome(one, "reject", ANSWERED)


def main() -> int:
    """Measure, show and check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=10_000, help="rows one at a time (a third of it for power)")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    found = defaultdict(list)
    for _ in range(asked.rounds):
        for durable, n in (("process", asked.rows), ("power", asked.rows // 3)):
            with tempfile.TemporaryDirectory() as folder:
                for what, rates in bare(Path(folder, "bare.db"), durable, n):
                    found[what].append(rates)
                for what, rates in ours(Path(folder, "nbo.db"), durable, n):
                    found[what].append(rates)
    medians = {what: [statistics.median(some) for some in zip(*rates, strict=True)] for what, rates in found.items()}
    sys.stdout.write("rows a second  rows a CPU second\n")
    sys.stdout.write("".join(f"{clock:>13,.0f}  {cpu:>17,.0f}  {what}\n" for what, (clock, cpu) in medians.items()))
    missed = [what for what, limit in LIMITS.items() if medians[what][0] < limit]
    if asked.check and missed:
        sys.stdout.write(f"below the limit: {', '.join(missed)}\n")
    return int(asked.check and bool(missed))


if __name__ == "__main__":
    sys.exit(main())
