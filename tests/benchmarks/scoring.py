"""What a whole batch job costs, next to bare LightGBM predictions.

Made-up customers with 60 features in a Parquet file, 20 offers, 500 trees. In one run, one process after the other:
the bare predictions of all customers and offers by ``lightgbm.Booster.predict``, in blocks, on one matrix of which
only the columns of the offer change; and the job: read, predict, decide, write scores and decisions. The bare
predictions are made for a share of the customers, and their time is scaled up; ``--whole`` makes them for all. Seconds
are of the wall clock and of the processor (all threads), memory is the peak of the process.

Run: ``python -m tests.benchmarks.scoring [--customers 1000000] [--trees 500] [--threads 2] [--check]``. With
``--check`` the exit code is 1 if the job takes more than 1.25 times as long as the bare predictions, or 4 GiB or more.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from nbo import batch
from nbo.features import AggregateFeatures, FeatureSet
from nbo.models import PropensityModel
from nbo.next_best_offer import NextBestOffer
from nbo.simulate import World
from nbo.tables import Catalog, CustomerTables, Offer, Spine

MOST_TIME, MOST_GIB = 1.25, 4.0
N_OFFERS, BLOCK, BARE_SHARE = 20, 50_000, 0.1
AGGREGATES = [
    "count",
    *(f"{how}(amount)" for how in ("sum", "mean", "min", "max", "std")),
    *(f"{how}(margin)" for how in ("sum", "mean", "min", "max", "std")),
    "sum(quantity)",
]
WINDOWS = ["7D", "30D", "60D", "90D", "180D"]


def train(n_trees: int) -> tuple[NextBestOffer, pd.DataFrame, pd.Timestamp]:
    """Fit a model with 60 features on a simulated world; give some rows of its features, too."""
    world = World(customers=4000, days=240, seed=1)
    offers = [Offer(f"offer{i:02d}", value=10.0 + i, category=f"group{i % 4}") for i in range(N_OFFERS)]
    made = world.tables.decisions
    made = made.assign(offer_id=[offers[row % N_OFFERS].offer_id for row in range(len(made))])
    tables = world.tables.replace(catalog=Catalog(offers).to_frame(), decisions=made)
    features = FeatureSet([AggregateFeatures("transactions", AGGREGATES, WINDOWS)])
    propensity = PropensityModel(n_estimators=n_trees, early_stopping_rounds=0)
    spine = Spine.at(world.end, tables)
    model = NextBestOffer(features, propensity, catalog=Catalog(offers)).fit(tables, spine, as_of=world.end)
    return model, model.features.build(tables, spine), world.end


def write_customers(X: pd.DataFrame, n: int, place: Path) -> None:
    """Write n customers and their features: those of the world again and again, a little off."""
    rng = np.random.default_rng(2)
    writer = None
    for first in range(0, n, BLOCK):
        some = X.iloc[rng.integers(len(X), size=min(BLOCK, n - first))].reset_index(drop=True).astype(float)
        some *= rng.uniform(0.9, 1.1, some.shape)
        some.insert(0, "customer_id", pd.Series(np.arange(first, first + len(some))))
        rows = pa.Table.from_pandas(some, preserve_index=False)
        writer = writer or pq.ParquetWriter(place, rows.schema)
        writer.write_table(rows)
    writer.close()
    # Consents are looked up, so there must be customers.
    CustomerTables(customers=pd.DataFrame({"customer_id": np.arange(n)})).write(place.parent / "tables")


def bare(folder: Path, n: int, threads: int) -> None:
    """Predict, and do nothing else; only this is timed."""
    model = NextBestOffer.from_dir(folder / "model").propensity
    booster = lightgbm.Booster(model_str=model.probability_.boosting.text)
    names = model.encoder_.names_
    frame = pq.ParquetFile(folder / "features.parquet").read_row_group(0).to_pandas().iloc[:n]
    matrix = np.full((len(frame), len(names)), np.nan)
    for place, name in enumerate(names):
        if name in frame:
            matrix[:, place] = frame[name]
    offer = names.index("offer_id")
    seconds, work = time.perf_counter(), time.process_time()
    done = 0
    while done < n:
        for k in range(N_OFFERS):
            matrix[:, offer] = k
            booster.predict(matrix[: n - done], raw_score=True, num_threads=threads)
        done += len(matrix)
    tell(time.perf_counter() - seconds, time.process_time() - work)


def job(folder: Path, as_of: str, threads: int) -> None:
    """Run the whole job; loading the model counts, importing nbo does not."""
    seconds, work = time.perf_counter(), time.process_time()
    given = {"features": folder / "features.parquet", "n_jobs": threads}
    batch.score(folder / "model", folder / "tables", folder / "out", as_of=as_of, **given)
    tell(time.perf_counter() - seconds, time.process_time() - work)


def tell(seconds: float, work: float) -> None:
    """Hand the figures to the process that asked."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    sys.stdout.write(json.dumps({"seconds": seconds, "cpu": work, "gib": peak}) + "\n")


def asked(*arguments: Any) -> dict[str, float]:
    """Run a part of this file as a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.scoring", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def compare(customers: int, trees: int, threads: int, whole: bool) -> bool:
    """Measure both, print the table, and tell whether the limits hold."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        model, X, as_of = train(trees)
        model.to_dir(folder / "model")
        write_customers(X, customers, folder / "features.parquet")
        n_trees, n_features = model.propensity.probability_.boosting.n_trees, X.shape[1]
        sample = customers if whole else max(int(customers * BARE_SHARE), 1)
        alone = asked("--part", "bare", "--folder", folder, "--customers", sample, "--threads", threads)
        alone |= {name: alone[name] * customers / sample for name in ("seconds", "cpu")}
        ours = asked("--part", "job", "--folder", folder, "--as-of", as_of, "--threads", threads)
    lines = [f"{customers:,} customers, {n_features} features, {n_trees} trees, {N_OFFERS} offers, {threads} threads"]
    lines += [
        f"{name:18}{told['seconds']:9.1f} s {told['cpu']:9.1f} CPU s {told['gib']:6.2f} GiB "
        f"{customers / told['seconds']:10,.0f} customers a second"
        for name, told in (("bare predictions", alone), ("whole job", ours))
    ]
    lines.append(f"job / bare: {ours['seconds'] / alone['seconds']:.3f} wall, {ours['cpu'] / alone['cpu']:.3f} CPU")
    sys.stdout.write("\n".join(lines) + "\n")
    return ours["seconds"] <= MOST_TIME * alone["seconds"] and ours["gib"] < MOST_GIB


def main() -> int:
    """Run as asked on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--trees", type=int, default=500)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--part", choices=["bare", "job"])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--as-of")
    given = parser.parse_args()
    if given.part == "bare":
        bare(given.folder, given.customers, given.threads)
    elif given.part == "job":
        job(given.folder, given.as_of, given.threads)
    else:
        good = compare(given.customers, given.trees, given.threads, given.whole)
        return 1 if given.check and not good else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
