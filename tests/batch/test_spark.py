"""Spark gives the bits of the job here, however the customers are cut."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from nbo import batch, registry
from nbo.arbitration import ContactLimit, Eligibility, Excludes, Limit, OfferCap, RestAfter
from nbo.errors import InputError
from nbo.experiments import Arms
from nbo.features import DemographicFeatures, FeatureSet, OfferHistoryFeatures, TransactionFeatures
from nbo.ledger import Ledger
from nbo.models import PropensityModel
from nbo.next_best_offer import NextBestOffer
from nbo.policies import SegmentThompson
from nbo.tables import CustomerTables, Spine

# Spark says so whenever it hands a frame to pandas.
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")


@pytest.fixture
def run(spark, model, tables, world, tmp_path):
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


def frames(spark, folder):
    return {place.stem: spark.read.parquet(str(place)) for place in sorted(folder.glob("*.parquet"))}


@pytest.mark.parametrize("given", [pytest.param("held", marks=pytest.mark.slow), "folder", "frames"])
def test_bits_are_those_of_the_job_here(spark, run, tables, tmp_path, given):
    tables.write(tmp_path / "tables")
    there = {"held": tables, "folder": tmp_path / "tables"}.get(given) or frames(spark, tmp_path / "tables")
    check_same(run(tables=there), run("here", engine="local"))


@pytest.fixture(scope="module")
def rich(world):
    """A model whose rules look at the log, at cases and at what others of the household got."""
    features = FeatureSet([DemographicFeatures(), TransactionFeatures(windows=["30D"]), OfferHistoryFeatures()])
    offers = world.catalog.offer_ids
    told = Excludes("told", offers[:6], offers[:6], "30D", by="household")
    rules = [Eligibility(), told, RestAfter("reject", "20D"), ContactLimit(2, "20D")]
    parts = {"propensity": PropensityModel(n_estimators=5), "policy": SegmentThompson(offers)}
    spine = Spine.at(world.end, world.tables)
    return NextBestOffer(features=features, rules=rules, **parts).fit(world.tables, spine, as_of=world.end)


@pytest.fixture(scope="module")
def households(tables):
    """Tables in which customers share households, and the log is of all of them."""
    customers = tables.customers
    shared = [f"h{number % 7}" for number in range(len(customers))]
    return tables.replace(customers=customers.assign(household_id=shared))


def test_rules_read_the_log_of_the_household_and_decisions_have_reasons_slots_and_arms(run, rich, households):
    arms = Arms("spring", {"holdout": 0.1, "control": 0.2}, rest="agent")
    asked = {"model": rich, "tables": households, "slots": 2, "arms": arms, "reasons": 2, "chunk_size": 10}
    there, here = run(**asked), run("here", engine="local", **asked)
    assert there.parts == 5
    check_same(there, here)
    scores = here.read_scores()
    # Some were never told anything themselves.
    assert set(scores.loc[scores["reason"] == "told", "customer_id"]) - set(households.decisions["customer_id"])
    assert there.read_decisions()["customer_id"].duplicated().any()


@pytest.fixture
def given(X, tables, world, tmp_path):
    """Features in two files, with an infinite one and a customer who stands twice."""
    ids = Spine.at(world.end, tables).frame["customer_id"]
    rows = X.assign(customer_id=ids, as_of=world.end, note="x")
    number = rows.select_dtypes("float64").columns[0]
    rows.loc[3, number] = np.inf
    rows = pd.concat([rows, rows.iloc[[7, 7]]], ignore_index=True)
    folder = tmp_path / "features"
    folder.mkdir()
    rows.iloc[:30].to_parquet(folder / "a.parquet")
    rows.iloc[30:].to_parquet(folder / "b.parquet")
    return folder


def test_given_features_are_scored_where_they_are(spark, run, given):
    here = run("here", engine="local", features=given)
    assert here.read_rejects()["row"].tolist() == [3, 45, 46]
    there = run("files", features=given)
    check_same(there, here)
    pd.testing.assert_frame_equal(there.read_rejects(), here.read_rejects())
    there = run("frame", features=spark.read.parquet(str(given)), tables=None)
    check_same(there, here)
    # A data frame of Spark has no order.
    assert there.read_rejects()["row"].tolist() == [-1, -1, -1]


def test_rejects_say_where_they_stand(run, rich, tables, tmp_path):
    customers, sales = tables.customers, tables.transactions
    faulty = pd.concat([customers, customers.iloc[[4]], customers.iloc[[2]].assign(customer_id=None)])
    untimed = sales.assign(event_time=sales["event_time"].where(sales.index != 5))
    tables.replace(customers=None, transactions=None).write(tmp_path / "tables")
    for name, rows in (("customers", faulty), ("transactions", untimed)):
        place = tmp_path / "tables" / name / "year=2026 +%"
        place.mkdir(parents=True)
        rows.iloc[:20].to_parquet(place / "a b.parquet")
        rows.iloc[20:].to_parquet(place / "ü.parquet")
    there, here = (
        run(one, tables=tmp_path / "tables", model=rich, engine=one, chunk_size=20) for one in ("spark", "local")
    )
    check_same(there, here)
    assert here.read_rejects()["row"].tolist() == [len(customers), len(customers) + 1, 5]
    pd.testing.assert_frame_equal(there.read_rejects(), here.read_rejects())


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_job_that_was_stopped_goes_on_and_one_that_is_done_does_nothing(run, tmp_path, monkeypatch):
    first = run(chunk_size=10, dry_run=True)
    assert (first.status, first.parts) == ("planned", 5)
    assert not (tmp_path / "out").exists()
    assert (run(chunk_size=10).status, run(chunk_size=10).status) == ("complete", "already complete")
    before = contents(tmp_path / "out")
    (tmp_path / "out" / "manifest.json").unlink()
    (tmp_path / "out" / "decisions" / "part-00003.parquet").unlink()
    (tmp_path / "out" / "rejects" / ".part-00001.parquet.x.tmp").touch()
    again = run(chunk_size=1000)
    assert (again.status, again.parts, again.skipped) == ("complete", 5, 4)
    assert contents(tmp_path / "out") == before
    monkeypatch.setattr("nbo.batch.spark.RoutedTables", None)
    assert run().status == "already complete"
    with pytest.raises(InputError, match="of other inputs: versions was .*spark"):
        run(engine="local")


@pytest.mark.slow
def test_a_ledger_adds_its_past_and_records(run, rich, households, tmp_path):
    households.write(tmp_path / "tables")
    results = []
    for engine in ("local", "spark"):
        with Ledger.open("sqlite://") as ledger:
            run(engine + "0", engine="local", ledger=ledger, as_of="2025-03-20", run_id="before")
            results.append(run(engine, tmp_path / "tables", rich, engine=engine, ledger=ledger))
            assert results[-1].recorded == results[-1].customers
    check_same(results[1], results[0])


def test_a_data_frame_is_scored_row_by_row(spark, model, X, tables, world):
    ids = Spine.at(world.end, tables).frame["customer_id"]
    rows = pa.RecordBatch.from_pandas(X.assign(customer_id=ids, segment="mine"), preserve_index=False)
    frame = spark.createDataFrame(pa.Table.from_batches([rows]))
    scored = batch.score_frame(frame, model)
    expected = batch.score_arrow_batch(rows, model)
    assert scored.columns == expected.schema.names
    found = scored.toArrow().combine_chunks().sort_by("customer_id").to_pandas()
    pd.testing.assert_frame_equal(found, expected.to_pandas().sort_values("customer_id", ignore_index=True))
    with pytest.raises(InputError, match=f"features lacks the column '{X.columns[0]}'"):
        batch.score_frame(frame.drop(X.columns[0]), model)
    with pytest.raises(TypeError, match="features must be a data frame of Spark; got DataFrame"):
        batch.score_frame(X, model)


def test_what_cannot_be_is_refused_at_once(spark, run, model, tables, X, tmp_path, monkeypatch):
    offers = model.catalog.offer_ids
    with pytest.raises(InputError, match="customers compete, need all customers at once.*engine='local', features="):
        run(limits=[Limit(offers[:1], at_most=3)])
    model.rules = [OfferCap(at_most=7)]
    try:
        with pytest.raises(InputError, match="customers compete, need all customers at once"):
            run()
    finally:
        model.rules = []
    with pytest.raises(InputError, match="limit needs engine='local'"):
        run(limit=3)
    with pytest.raises(InputError, match="there is no table of customers"):
        run(tables=CustomerTables(transactions=tables.transactions))
    frame = spark.createDataFrame([("ann",)], "customer_id string")
    with pytest.raises(InputError, match=f"features lacks .*{X.columns[0]}"):
        run(features=frame)
    with pytest.raises(TypeError, match="data frames of Spark need engine='spark'"):
        run(features=frame, engine="local")
    monkeypatch.setattr(type(spark), "getActiveSession", lambda: None)
    with pytest.raises(InputError, match="needs a Spark session, and none is active"):
        run()
    assert not (tmp_path / "out").exists()


def test_an_error_of_a_worker_is_told_in_one_line(run, tables, rich):
    wrong = tables.replace(transactions=tables.transactions.assign(amount=np.inf))
    with pytest.raises(InputError, match=r"^transactions.amount must be finite numbers"):
        run(tables=wrong, model=rich)


@pytest.mark.slow
def test_a_logged_model_scores_as_a_function_of_spark(spark, model, X, tmp_path, monkeypatch):
    import mlflow
    from pyspark.sql.functions import struct

    uri = f"sqlite:///{tmp_path / 'store.db'}"
    logged = registry.log(model, "offers", tracking_uri=uri)
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    monkeypatch.setattr(spark.sparkContext, "pythonExec", sys.executable)
    udf = mlflow.pyfunc.spark_udf(spark, logged.model_uri, env_manager="local")
    frame = spark.createDataFrame(pa.Table.from_pandas(X.assign(number=range(len(X))), preserve_index=False))
    scored = frame.select("number", udf(struct(*X.columns)).alias("scores")).select("number", "scores.*")
    found = scored.toArrow().sort_by("number").to_pandas().drop(columns="number")
    expected = model.score_features(X)
    assert found["offer_ids"].tolist()[0].tolist() == model.catalog.offer_ids
    for name in ("propensities", "priorities"):
        np.testing.assert_array_equal(np.stack(found[name]), np.stack(expected[name]))


@pytest.mark.slow
def test_limits_hold_here_on_features_that_were_built_on_spark(run, rich, tables, world, tmp_path):
    spine = Spine.at(world.end, tables)
    rich.features.build(tables, spine, out=tmp_path / "features", engine="spark")
    offer = rich.catalog.offer_ids[0]
    limits = [Limit([offer], at_most=1)]
    there = run(model=rich, engine="local", features=tmp_path / "features", limits=limits)
    check_same(there, run("here", model=rich, engine="local", limits=limits))
    assert (there.read_decisions()["offer_id"] == offer).sum() <= 1


SCRIPT = """
import sys

from pyspark.sql import SparkSession

import nbo

SparkSession.builder.getOrCreate()
model, tables, out, as_of = sys.argv[1:]
sys.stdout.write(str(nbo.batch.score(model, tables, out, as_of=as_of, engine="spark", chunk_size=1, run_id="r")))
"""


@pytest.mark.slow
def test_a_script_of_spark_submit_goes_on_after_it_was_killed(spark, run, model, tables, world, tmp_path):
    import pyspark

    tables.write(tmp_path / "tables")
    model.to_dir(tmp_path / "model")
    (tmp_path / "job.py").write_text(SCRIPT)
    home = Path(pyspark.__file__).parent
    settings = ["--master", "local[2]", "--conf", "spark.ui.enabled=false", "--conf", "spark.driver.host=127.0.0.1"]
    places = [str(tmp_path / name) for name in ("job.py", "model", "tables", "out")]
    submit = partial(
        subprocess.Popen,
        [home / "bin" / "spark-submit", *settings, *places, world.end.isoformat()],
        env={**os.environ, "SPARK_HOME": str(home), "PYSPARK_PYTHON": sys.executable},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with submit() as first:
        while first.poll() is None and not list((tmp_path / "out" / "decisions").glob("part-*")):
            time.sleep(0.01)
        os.killpg(first.pid, signal.SIGKILL)
    with submit() as second:
        told, errors = second.communicate(timeout=300)
    expected = r"complete: 45 customers, 540 scores, 0 rows set aside, 48 parts \(\d+ from before\)"
    assert re.search(expected, told), errors[-2000:]
    pd.testing.assert_frame_equal(
        sorted_rows(pd.read_parquet(tmp_path / "out" / "decisions")),
        sorted_rows(run("here", engine="local").read_decisions()),
        check_exact=True,
    )
