"""Spark gives the bits of the build in memory, for every builder and however the customers are cut."""

import inspect
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import nbo.features
from nbo.errors import InputError, MissingPackageError
from nbo.features import AggregateFeatures, BehavioralFeatures, DemographicFeatures, FeatureBuilder, FeatureSet
from nbo.features.engines.spark_session import found_session, is_spark_frame
from nbo.tables import CustomerTables, Spine, StoredTables

pyspark_sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
    pytest.skip("Spark needs Java 17, and there is none", allow_module_level=True)

# Spark says so whenever it hands a frame to pandas.
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")

# Arguments that make builders compute all they can, rows of other customers included.
ALL_OF = {
    "AggregateFeatures": {
        "aggregates": ["sum(amount)", "std(amount)", "top(category)", "entropy(product_id)", "recency_days"],
        "windows": ["30D", "1fullmo", "all"],
        "pivots": ["category"],
        "other": True,
        "label": "mine",
    },
    "DemographicFeatures": {"household_size": True, "missing_flags": True},
    "SocialFeatures": {"both_ends": True},
}
SALES = CustomerTables(
    transactions=pd.DataFrame(
        {
            "customer_id": ["ann", "ann", "bob"],
            "event_time": ["2026-03-08 06:59:59.999999", "2026-03-08 07:00", "2026-06-01"],
            "amount": [1.0, 2.0, 4.0],
        }
    )
)
SUMS = FeatureSet([AggregateFeatures("transactions", ["sum(amount)", "tenure_days"], ["7D"])])
SPINE = Spine.of(
    pd.DataFrame(
        {
            "customer_id": ["bob", "ann", "ann"],
            "as_of": ["2026-06-02", "2026-03-08 07:00"] + ["2026-03-08 07:00:00.000001"],
        }
    )
)


@pytest.fixture
def session(spark):
    return spark


def kinds() -> dict[str, type[FeatureBuilder]]:
    found = {name: getattr(nbo.features, name) for name in nbo.features.__all__}
    return {
        name: kind
        for name, kind in found.items()
        if inspect.isclass(kind) and issubclass(kind, FeatureBuilder) and not inspect.isabstract(kind)
    }


def everything() -> FeatureSet:
    """A set with every builder that is exported."""
    return FeatureSet([kind(**ALL_OF.get(name, {})) for name, kind in kinds().items()])


def frames(session, folder: Path) -> dict:
    stored = StoredTables(folder)
    return {name: session.read.parquet(str(folder / f"{name}.parquet")) for name in stored.names}


def pandas_of(frame) -> pd.DataFrame:
    return frame.toArrow().to_pandas()


def check_same(built, spine: Spine, X: pd.DataFrame) -> None:
    """The spine in its order, then the features, to the bit."""
    got = pandas_of(built).sort_values("spine_row", ignore_index=True)
    assert got["spine_row"].tolist() == list(range(len(spine)))
    pd.testing.assert_frame_equal(got[["customer_id", "as_of"]], spine.frame, check_exact=True)
    pd.testing.assert_frame_equal(got[list(X.columns)], X, check_exact=True)
    assert list(got.columns) == ["spine_row", "customer_id", "as_of", *X.columns]


def test_all_builders_are_compared():
    assert {"AggregateFeatures", "DemographicFeatures", "EnvironmentFeatures", "SocialFeatures"} <= set(kinds())


@pytest.mark.parametrize(("given", "seed", "partitions"), [("folder", 0, 5), ("frames", 1, 1), ("held", 2, None)])
def test_bits_are_those_of_the_build_in_memory(session, tables_of, spine_of, tmp_path, given, seed, partitions):
    held, spine = tables_of(seed), spine_of(seed)
    held.write(tmp_path)
    tables = {"folder": lambda: tmp_path, "frames": lambda: frames(session, tmp_path), "held": lambda: held}[given]()
    here, there = everything().fit(held, spine), everything()
    built = there.build(tables, spine, engine="spark", partitions=partitions)
    assert there.to_dict() == here.to_dict()
    check_same(built, spine, here.build(held, spine))


def test_a_fitted_set_keeps_its_columns_on_other_tables(session, tables_of, spine_of, tmp_path):
    features = FeatureSet.default(tables_of(0)).fit(tables_of(0), spine_of(0))
    other = tables_of(4).replace(cases=None, identities=None, social=tables_of(4).social.iloc[:0])
    other.write(tmp_path)
    check_same(
        features.build(tmp_path, spine_of(4), engine="spark", partitions=2),
        spine_of(4),
        features.build(other, spine_of(4)),
    )


@pytest.mark.parametrize("zoned", [False, True])
def test_moments_are_utc_whatever_the_zone_of_the_session(session, tmp_path, zoned):
    sales, questions = SALES.transactions, SPINE.frame
    if zoned:
        sales = sales.assign(event_time=sales["event_time"].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"))
        questions = questions.assign(as_of=questions["as_of"].dt.tz_localize("UTC"))
    sales.to_parquet(tmp_path / "sales.parquet")
    questions.assign(label=[1, 0, 7]).to_parquet(tmp_path / "spine.parquet")
    tables = {"transactions": session.read.parquet(str(tmp_path / "sales.parquet"))}
    spine = session.read.parquet(str(tmp_path / "spine.parquet"))
    assert dict(spine.dtypes)["as_of"] == ("timestamp" if zoned else "timestamp_ntz")
    before = session.sparkContext.pythonExec, session.conf.getAll
    for asked in (spine, tmp_path / "spine.parquet"):
        built = FeatureSet(SUMS.builders).build(tables, asked, engine="spark", partitions=2)
        # The spine's own columns are kept, in their types.
        assert built.dtypes[:3] == [(name, kind) for name, kind in spine.dtypes]
        got = pandas_of(built).sort_values("label", ignore_index=True)
        as_of = got["as_of"].dt.tz_convert("UTC").dt.tz_localize(None) if zoned else got["as_of"]
        assert as_of.tolist() == SPINE.frame["as_of"].iloc[[1, 0, 2]].tolist()
        # At 07:00 sharp only the sale before it counts, a microsecond later both do.
        assert got["transactions__amount__sum__7D"].tolist() == [1.0, 4.0, 3.0]
        tenure = [1 / 86_400_000_000, 1.0, 2 / 86_400_000_000]
        assert got["transactions__tenure_days"].tolist() == tenure
    assert (session.sparkContext.pythonExec, session.conf.getAll) == before


def test_a_spine_without_rows_and_tables_without_rows(session, tables_of, spine_of):
    def some() -> FeatureSet:
        return FeatureSet([DemographicFeatures(), BehavioralFeatures(windows=["30D"])])

    tables, spine, nobody = tables_of(0), spine_of(0), Spine.of(spine_of(0).frame.iloc[:0])
    features = some().fit(tables, spine)
    built = features.build(tables, nobody, engine="spark")
    assert built.count() == 0
    assert built.columns[3:] == features.feature_names
    empty = CustomerTables(**{name: tables.get(name).iloc[:0] for name in tables.names})
    check_same(features.build(empty, spine, engine="spark", partitions=2), spine, features.build(empty, spine))
    unseen = session.createDataFrame([], "customer_id string, as_of timestamp")
    assert some().fit(tables, unseen, engine="spark").to_dict() == some().fit(tables, nobody).to_dict()


def test_ids_are_numbers_or_texts_as_they_came(session):
    sales = SALES.transactions.assign(customer_id=[7, 7, 8])
    for ids, kind in ((sales["customer_id"], "bigint"), (sales["customer_id"].astype("category"), "bigint")):
        tables, spine = CustomerTables(transactions=sales.assign(customer_id=ids)), Spine.at("2026-06-02", ids)
        built = SUMS.build(tables, spine, engine="spark", partitions=3)
        assert dict(built.dtypes)["customer_id"] == kind
        got = pandas_of(built).sort_values("spine_row")
        assert got["customer_id"].tolist() == [7, 8]
        assert got["transactions__amount__sum__7D"].tolist() == [0.0, 4.0]


def test_odd_names_and_categories(session, tmp_path):
    customers = pd.DataFrame(
        {"customer_id": ["ann", "bob"], "a.b `c` (d)": ["x", None], "size": pd.Categorical([2, 3])}
    )
    sales = SALES.transactions.assign(category=["a.b", "c`d; {e}", "ünü"])
    tables, spine = CustomerTables(customers=customers, transactions=sales), Spine.at("2026-07-01", ["bob", "ann"])
    tables.write(tmp_path / "tables")
    features = FeatureSet([DemographicFeatures(), AggregateFeatures("transactions", pivots=["category"])])
    assert {"customers__a.b_c_d_", "customers__size"} < set(features.build(tables, spine))
    for given, out in ((tables, tmp_path / "of tables"), (tmp_path / "tables", tmp_path / "of files")):
        fresh = FeatureSet([DemographicFeatures(), AggregateFeatures("transactions", pivots=["category"])])
        built = fresh.build(given, spine, out, engine="spark", partitions=2)
        check_same(built, spine, fresh.build(given, spine))


def test_features_are_written_once(session, tmp_path):
    out = tmp_path / "features"
    written = SUMS.build(SALES, SPINE, out, engine="spark")
    assert pq.read_table(out).num_rows == written.count() == 3
    with pytest.raises(InputError, match="features is there already; name another folder, or say overwrite=True"):
        SUMS.build(SALES, SPINE, out, engine="spark")
    again = SUMS.build(SALES, Spine.of(SPINE.frame.iloc[:1]), out, engine="spark", overwrite=True)
    assert again.count() == 1


def test_an_error_of_the_kernel_is_told_in_one_line(session, tmp_path):
    wrong = SALES.replace(transactions=SALES.transactions.assign(amount=[1.0, np.inf, 4.0]))
    with pytest.raises(InputError, match=r"^transactions.amount must be finite numbers; 1 of \d rows is not.*: inf\."):
        SUMS.build(wrong, SPINE, tmp_path / "out", engine="spark")
    late = SUMS.build(wrong, SPINE, engine="spark")
    with pytest.raises(Exception, match="amount must be finite numbers") as told:
        late.collect()
    assert len(str(told.value).splitlines()) < 5
    # A worker that failed leaves nothing behind.
    assert SUMS.build(SALES, SPINE, engine="spark").count() == 3


def test_an_error_of_learning_is_told_too(session, tmp_path):
    untimed = SALES.transactions.assign(event_time=[pd.NaT] * 3, category="books")
    untimed.to_parquet(tmp_path / "sales.parquet")
    tables = {"transactions": session.read.parquet(str(tmp_path / "sales.parquet"))}
    with pytest.raises(InputError, match="transactions.event_time must be there in every row; 3 of 3 rows are not"):
        FeatureSet([AggregateFeatures("transactions", pivots=["category"])]).fit(tables, SPINE, engine="spark")
    questions = session.createDataFrame([("ann", None)], "customer_id string, as_of timestamp")
    with pytest.raises(InputError, match="spine.as_of must be times, none missing"):
        FeatureSet(SUMS.builders).fit(tables, questions, engine="spark")


def test_what_cannot_be_is_refused_at_once(session, tmp_path):
    spine = session.createDataFrame([("ann",)], "customer_id string")
    with pytest.raises(InputError, match="spine lacks the column 'as_of'"):
        SUMS.build(SALES, spine, engine="spark")
    with pytest.raises(InputError, match="transactions lacks the column 'amount'"):
        SUMS.build(CustomerTables(transactions=SALES.transactions.drop(columns="amount")), SPINE, engine="spark")
    with pytest.raises(InputError, match="table must be one of .*; got 'sales'"):
        SUMS.build({"sales": spine}, SPINE, engine="spark")
    with pytest.raises(TypeError, match="the table transactions must be a data frame of Spark; got DataFrame"):
        SUMS.build({"transactions": SALES.transactions}, SPINE, engine="spark")
    with pytest.raises(TypeError, match="spine must be a Spine, a data frame of Spark or the path.*; got DataFrame"):
        SUMS.build(SALES, SPINE.frame, engine="spark")
    with pytest.raises(InputError, match="the spine .*nowhere cannot be read as Parquet"):
        SUMS.build(SALES, tmp_path / "nowhere", engine="spark")
    with pytest.raises(TypeError, match="session must be a SparkSession; got str"):
        SUMS.build(SALES, SPINE, engine="spark", session="local")
    with pytest.raises(InputError, match="engine must be one of 'memory', 'spark'; got 'dask'"):
        SUMS.build(SALES, SPINE, engine="dask")
    with pytest.raises(InputError, match="needs one builder or more"):
        FeatureSet([]).build(SALES, SPINE, engine="spark")
    with pytest.raises(InputError, match="partitions must be a whole number of 1 or more; got 0"):
        SUMS.build(SALES, SPINE, engine="spark", partitions=0)
    numbers = SALES.replace(transactions=SALES.transactions.assign(customer_id=[7, 7, 8]))
    with pytest.raises(InputError, match="transactions.customer_id holds numbers, and the spine texts"):
        SUMS.build(numbers, SPINE, engine="spark")
    mixed = SALES.replace(transactions=SALES.transactions.assign(amount=pd.Series([1.0, "two", 4.0], dtype=object)))
    with pytest.raises(InputError, match="transactions.amount must hold values of one kind to be handed to Spark"):
        SUMS.build(mixed, SPINE, engine="spark")


def test_files_that_spark_would_pass_over_are_refused(session, tmp_path):
    (tmp_path / "transactions").mkdir()
    SALES.transactions.to_parquet(tmp_path / "transactions" / "_part.parquet")
    with pytest.raises(InputError, match="Spark does not read files that begin with _ or a dot"):
        SUMS.build(tmp_path, SPINE, engine="spark")


def test_nanoseconds_are_refused_clearly(session, tmp_path):
    sales = pa.Table.from_pandas(
        SALES.transactions.assign(event_time=SALES.transactions["event_time"].astype("datetime64[ns]"))
    )
    pq.write_table(sales, tmp_path / "transactions.parquet")
    with pytest.raises(InputError, match="Spark cannot read the table transactions .*NANOS"):
        SUMS.build(tmp_path, SPINE, engine="spark")


def test_names_that_spark_takes_for_one_are_refused(session):
    sales = SALES.replace(transactions=SALES.transactions.assign(category=["Web", "web", "web"]))
    features = FeatureSet([AggregateFeatures("transactions", pivots=["category"])])
    with pytest.raises(InputError, match="two columns would be called .*_web' and .*_Web', which Spark takes for one"):
        features.build(sales, Spine.at("2026-07-01", ["ann"]), engine="spark")


def test_spark_frames_need_the_engine(session):
    spine = session.createDataFrame([("ann", "2026-06-01")], "customer_id string, as_of string")
    for tables, asked in ((SALES, spine), ({"transactions": spine}, SPINE)):
        with pytest.raises(TypeError, match="data frames of Spark need engine='spark'"):
            SUMS.build(tables, asked)
        with pytest.raises(TypeError, match="data frames of Spark need engine='spark'"):
            FeatureSet(SUMS.builders).fit(tables, asked)
    assert is_spark_frame(spine)
    assert not is_spark_frame(SPINE.frame)


def test_no_session_is_started_unasked(session, monkeypatch):
    monkeypatch.setattr(pyspark_sql.SparkSession, "getActiveSession", lambda: None)
    with pytest.raises(InputError, match="needs a Spark session, and none is active. Make one: from pyspark.sql"):
        SUMS.build(SALES, SPINE, engine="spark")
    frame = session.range(1)
    assert found_session(None, [SALES, frame]) is found_session(session, [])


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'nbo\[spark\]'"):
        SUMS.build(SALES, SPINE, engine="spark")
