"""What the batch job costs on Spark, next to bare LightGBM predictions of the same trees.

In one run, on made-up customers with 60 features that were built before: `nbo.batch.score` with engine="spark" on
local[2], which reads them, predicts all offers, decides and writes both; and bare predictions of the same trees on one
matrix that is encoded beforehand, on a share of the customers, told for all of them. Seconds are of the processor: of
this process and all that it started, Spark's own included. The start of the session is left out.

Run: ``python -m tests.benchmarks.scoring_spark [--customers 100000] [--offers 20] [--trees 100] [--check]``. With
``--check`` the exit code is 1 if the job takes more than 1.3 times the seconds of bare predictions.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import nbo
from nbo.features import DemographicFeatures, FeatureSet
from nbo.models import PropensityModel
from nbo.policies import Softmax
from nbo.tables import CustomerTables, Spine
from tests.benchmarks.score_offers import N_TRAIN, bare_predictions, catalog, customers

MOST, BARE_SHARE = 1.3, 0.02
AS_OF = pd.Timestamp("2026-06-30")
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.pyspark.python": sys.executable,
}


def people(n: int, seed: int) -> pd.DataFrame:
    """Make rows of the table of customers."""
    return customers(n, seed).assign(customer_id=np.arange(n))


def fitted(n_offers: int, n_trees: int) -> nbo.NextBestOffer:
    """Fit a model on answers that were drawn at random."""
    rng, offers, rows = np.random.default_rng(1), catalog(n_offers), people(N_TRAIN, 0)
    offered = rng.choice(offers.offer_ids, len(rows))
    logit = rows["x01"] - rows["x02"] * rows["x03"] + (offered == offers.offer_ids[0]) - 1
    accepted = rng.random(len(rows)) < 1 / (1 + np.exp(-logit))
    moments = AS_OF - pd.to_timedelta(rng.integers(30, 90, len(rows)), unit="D")
    decisions = {"decision_id": np.arange(len(rows)), "customer_id": rows["customer_id"], "decided_at": moments}
    answers = {"decision_id": np.arange(len(rows)), "outcome": np.where(accepted, "accept", "reject")}
    tables = CustomerTables(
        customers=rows,
        decisions=pd.DataFrame({**decisions, "offer_id": offered, "channel": "email"}),
        outcomes=pd.DataFrame({**answers, "outcome_at": moments + pd.Timedelta("1D")}),
    )
    parts: dict[str, Any] = {
        "features": FeatureSet([DemographicFeatures()]),
        "propensity": PropensityModel(n_estimators=n_trees, early_stopping_rounds=0),
        "policy": Softmax(offers.offer_ids),
        "catalog": offers,
    }
    return nbo.NextBestOffer(**parts, rules=[]).fit(tables, Spine.at(AS_OF, rows), as_of=AS_OF)


def write_features(model: nbo.NextBestOffer, n: int, folder: Path) -> pd.DataFrame:
    """Write the features of made-up customers in four files; give those of the first few."""
    first = pd.DataFrame()
    for number, ids in enumerate(np.array_split(np.arange(n), 4)):
        rows = people(len(ids), 2 + number).assign(customer_id=ids)
        X = model.features.build(CustomerTables(customers=rows), Spine.at(AS_OF, rows))
        X.assign(customer_id=ids).to_parquet(folder / f"part-{number}.parquet")
        first = X if number == 0 else first
    return first.iloc[: max(1, int(n * BARE_SHARE))]


def seconds_of_all() -> float:
    """Add up the seconds of the processor of this process and of all below it, those that have ended included."""
    parents, spent = {}, {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        number = int(place.parent.name)
        parents[number], spent[number] = int(fields[1]), sum(map(int, fields[11:15]))
    ours = {os.getpid()}
    while more := {number for number, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return sum(spent[number] for number in ours) / os.sysconf("SC_CLK_TCK")


def main(arguments: list[str] | None = None) -> int:
    """Measure and tell."""
    from pyspark.sql import SparkSession

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--offers", type=int, default=20)
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--chunk-size", type=int, default=50_000)
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    model = fitted(asked.offers, asked.trees)
    session = SparkSession.builder.master("local[2]").config(map=SETTINGS).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    session.range(10).count()
    with tempfile.TemporaryDirectory() as place:
        features, out = Path(place) / "features", Path(place) / "out"
        features.mkdir()
        some = write_features(model, asked.customers, features)
        begin, began = seconds_of_all(), time.monotonic()
        settings: dict[str, Any] = {"engine": "spark", "features": features, "chunk_size": asked.chunk_size}
        nbo.batch.score(model, None, out, as_of=AS_OF, **settings)
        job, wall = seconds_of_all() - begin, time.monotonic() - began
    session.stop()
    begin = time.process_time()
    bare_predictions(model.propensity, some.assign(channel="email"), model.catalog)
    bare = (time.process_time() - begin) * asked.customers / len(some)
    sys.stdout.write(
        f"{asked.customers:,} customers x {asked.offers} offers x {asked.trees} trees: job {job:.1f} s of the "
        f"processor ({wall:.1f} s by the clock), bare predictions {bare:.1f} s; {job / bare:.2f} times\n"
    )
    return int(asked.check and job > MOST * bare)


if __name__ == "__main__":
    sys.exit(main())
