"""How long segments and the report of customer value take, and how much memory.

    python -m tests.benchmarks.customer_view --customers 1000000 --data cache --check

Simulated tables (see `data.py`): ten sales a customer in two years. From the Parquet files to labels of five schemes
for all customers, their services, and the page of the report, in a process of their own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from tests.benchmarks.customer_view.data import make
from tests.benchmarks.customer_view.steps import run

SECONDS, GIB = 180.0, 6.0


def in_own_process(folder: Path) -> pd.DataFrame:
    context = multiprocessing.get_context("spawn")
    results = context.SimpleQueue()
    process = context.Process(target=run, args=(folder, results))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)
    return pd.DataFrame(results.get(), columns=["step", "seconds", "cpu_seconds", "peak_gib"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, help="keeps the tables; a temporary folder if not given")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a limit is missed")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as aside:
        table = in_own_process(make(given.data or Path(aside), given.customers))
    write = sys.stdout.write
    write(table.to_string(index=False, float_format="{:.1f}".format) + "\n")
    seconds, gib = float(table["seconds"].sum()), float(table["peak_gib"].max())
    write(f"in all {seconds:.1f} s, {table['cpu_seconds'].sum():.1f} CPU s, peak {gib:.2f} GiB\n")
    if given.json:
        given.json.write_text(json.dumps(table.to_dict("records")))
    if given.check and (not np.isfinite(seconds) or seconds > SECONDS or gib > GIB):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
