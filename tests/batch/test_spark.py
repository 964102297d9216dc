"""Spark gives the bits of the job here, however the customers are cut."""

from __future__ import annotations

import os
import shutil
import warnings

import pandas as pd
import pytest

from nbo import batch
from nbo.arbitration import Eligibility, Excludes, RestAfter
from nbo.experiments import Arms
from nbo.features import DemographicFeatures, FeatureSet, OfferHistoryFeatures, TransactionFeatures
from nbo.models import PropensityModel
from nbo.next_best_offer import NextBestOffer
from nbo.policies import SegmentThompson
from nbo.tables import Spine

pyspark_sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
    pytest.skip("Spark needs Java 17, and there is none", allow_module_level=True)

# Spark says so whenever it hands a frame to pandas.
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")


@pytest.fixture(scope="module")
def session():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        settings = {
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.shuffle.partitions": "2",
            # Tables this small are done before any code is compiled.
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
            "spark.sql.adaptive.enabled": "false",
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
            "spark.sql.codegen.wholeStage": "false",
            # With a change to summer time, at 2026-03-08 07:00 of UTC.
            "spark.sql.session.timeZone": "America/New_York",
        }
        session = pyspark_sql.SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        yield session
        session.stop()


@pytest.fixture
def run(session, model, tables, world, tmp_path):
    """Run the job on Spark, or here, into a folder of the test."""

    def run(folder="out", tables=tables, model=model, **arguments):
        settings = {"as_of": world.end, "chunk_size": 40, "run_id": "r", "engine": "spark", **arguments}
        return batch.score(model, tables, tmp_path / folder, **settings)

    return run


def sorted_rows(frame: pd.DataFrame) -> pd.DataFrame:
    keys = [name for name in ("customer_id", "offer_id", "slot") if name in frame]
    return frame.sort_values(keys, kind="stable", ignore_index=True)


def check_same(there: batch.BatchResult, here: batch.BatchResult) -> None:
    """The same rows to the bit, in any order."""
    for read in ("read_scores", "read_decisions"):
        one, other = (sorted_rows(getattr(result, read)()) for result in (there, here))
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert (there.customers, there.scores, there.rejects) == (here.customers, here.scores, here.rejects)


def frames(session, folder):
    return {place.stem: session.read.parquet(str(place)) for place in sorted(folder.glob("*.parquet"))}


@pytest.mark.parametrize("given", ["held", "folder", "frames"])
def test_bits_are_those_of_the_job_here(session, run, tables, tmp_path, given):
    tables.write(tmp_path / "tables")
    there = {"held": tables, "folder": tmp_path / "tables"}.get(given) or frames(session, tmp_path / "tables")
    check_same(run(tables=there), run("here", engine="local"))


@pytest.fixture(scope="module")
def rich(world):
    """A model whose rules look at the log, at cases and at what others of the household got."""
    features = FeatureSet([DemographicFeatures(), TransactionFeatures(windows=["30D"]), OfferHistoryFeatures()])
    offers = world.catalog.offer_ids
    rules = [Eligibility(), Excludes("told", offers[:6], offers[:6], "30D", by="household"), RestAfter("reject", "20D")]
    parts = {"propensity": PropensityModel(n_estimators=5), "policy": SegmentThompson(offers)}
    spine = Spine.at(world.end, world.tables)
    return NextBestOffer(features=features, rules=rules, **parts).fit(world.tables, spine, as_of=world.end)


@pytest.fixture(scope="module")
def households(tables):
    """Tables in which customers share households, and the log is of all of them."""
    customers = tables.customers
    shared = [f"h{number % 7}" for number in range(len(customers))]
    return tables.replace(customers=customers.assign(household_id=shared))


def test_rules_read_the_log_of_the_household_and_decisions_have_reasons_slots_and_arms(
    session, run, rich, households, tmp_path
):
    arms = Arms("spring", {"holdout": 0.1, "control": 0.2}, rest="agent")
    asked = {"model": rich, "tables": households, "slots": 2, "arms": arms, "reasons": 2, "chunk_size": 10}
    there, here = run(**asked), run("here", engine="local", **asked)
    assert there.parts == 5
    check_same(there, here)
    scores = here.read_scores()
    # Some were never told anything themselves.
    assert set(scores.loc[scores["reason"] == "told", "customer_id"]) - set(households.decisions["customer_id"])
    assert there.read_decisions()["customer_id"].duplicated().any()


def test_given_features_are_scored_where_they_are(session, run, model, tables, X, tmp_path):
    ids = Spine.at("2026-01-01", tables).frame["customer_id"]
    rows = X.assign(customer_id=ids)
    folder = tmp_path / "features"
    folder.mkdir()
    rows.iloc[:30].to_parquet(folder / "a.parquet")
    rows.iloc[30:].to_parquet(folder / "b.parquet")
    here = run("here", engine="local", features=folder)
    check_same(run("files", features=folder), here)
    frame = session.read.parquet(str(folder))
    check_same(run("frame", features=frame, tables=None), here)
