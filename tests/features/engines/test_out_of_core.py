"""An out-of-core build gives the bits of the build in memory, for every builder and however it is cut."""

import inspect

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import nbo.features
from nbo.errors import InputError
from nbo.features import AggregateFeatures, BehavioralFeatures, FeatureBuilder, FeatureFiles, FeatureSet
from nbo.features.engines.out_of_core import planned_partitions
from nbo.tables import CustomerTables, Spine, StoredTables

KINDS = {
    name: kind
    for name in nbo.features.__all__
    if inspect.isclass(kind := getattr(nbo.features, name))
    and issubclass(kind, FeatureBuilder)
    and not inspect.isabstract(kind)
}
# Arguments that make rows of other customers matter.
SWITCHES = {"household_size": True, "both_ends": True}


def _variants(kind: type[FeatureBuilder]) -> list[FeatureBuilder]:
    """A builder as it is, and with its switches on."""
    known = inspect.signature(kind).parameters
    on = {name: value for name, value in SWITCHES.items() if name in known}
    return [kind(), kind(**on)] if on else [kind()]


def _same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(left, right, check_exact=True)


@pytest.fixture
def _small_pieces(monkeypatch):
    """Tables of a hundred rows are read in several pieces, and categories of three values are many."""
    monkeypatch.setattr("nbo.features.engines.spilled_parts.PIECE", 48)
    monkeypatch.setattr("nbo.tables.stored_tables.PIECE", 48)
    monkeypatch.setattr("nbo.features.engines.spilled_parts._FEWEST", 24)
    monkeypatch.setattr("nbo.features.engines.spilled_parts._TEXTS", 2)
    # Waiting for the disk would take longer than all else.
    monkeypatch.setattr("nbo.whole_files._to_disk", lambda path: None)


def _sales(ids: list, n: int = 40, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    times = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 200, n), unit="D")
    return pd.DataFrame({"customer_id": rng.choice(np.array(ids, dtype=object), n), "event_time": times})


def test_builders_were_found():
    assert {"AggregateFeatures", "DemographicFeatures", "EnvironmentFeatures", "SocialFeatures"} <= set(KINDS)


@pytest.mark.parametrize(("partitions", "seed"), [(1, 0), (3, 1), (7, 2)])
@pytest.mark.parametrize("name", list(KINDS))
@pytest.mark.usefixtures("_small_pieces")
def test_every_builder_gives_the_bits_of_memory(name, partitions, seed, tables_of, spine_of, tmp_path):
    tables, spine = tables_of(seed), spine_of(seed)
    tables.write(tmp_path / "tables")
    for number, builder in enumerate(_variants(KINDS[name])):
        X = FeatureSet([builder]).build(tables, spine)
        for how, source in (("held", tables), ("stored", tmp_path / "tables")):
            out = tmp_path / f"{how} {number}"
            files = FeatureSet([type(builder)(**builder.get_params())]).build(source, spine, out, partitions=partitions)
            _same(files.read(), X)
            assert len(files.paths) == partitions


@pytest.mark.usefixtures("_small_pieces")
def test_a_default_set_gives_the_bits_of_memory(tables_of, spine_of, tmp_path):
    tables, spine = tables_of(3), spine_of(3)
    features = FeatureSet.default(tables)
    X = features.build(tables, spine)
    tables.write(tmp_path / "tables")
    files = FeatureSet.default(tables).build(tmp_path / "tables", spine, tmp_path / "out", partitions=4)
    _same(files.read(), X)
    _same(files.describe(), features.describe())
    assert files.features.to_dict() == features.to_dict()


@pytest.mark.parametrize("kind", ["int64", "Int64", "int32", "str", "category", "object"])
def test_ids_of_any_kind(kind, tmp_path):
    ids = [f"c{number}" for number in range(9)] if kind == "str" else list(range(9))
    sales = _sales(ids).astype({"customer_id": kind})
    spine = Spine.of(pd.DataFrame({"customer_id": pd.Series([*ids, ids[0]]).astype(kind), "as_of": "2026-06-30"}))
    tables = CustomerTables(transactions=sales)
    X = FeatureSet([AggregateFeatures()]).build(tables, spine)
    files = FeatureSet([AggregateFeatures()]).build(tables, spine, tmp_path / "out", partitions=3)
    _same(files.read(), X)
    assert files.read(["customer_id"])["customer_id"].tolist() == [*ids, ids[0]]


def test_visitors_become_customers_of_another_partition(tmp_path):
    ids = [f"c{number}" for number in range(12)]
    events = _sales([f"v{number}" for number in range(12)], 60).assign(event_type="page_view")
    links = pd.DataFrame({"anonymous_id": [f"v{number}" for number in range(12)], "customer_id": ids})
    tables = CustomerTables(events=events, identities=links.assign(event_time="2026-02-01"))
    spine = Spine.at("2026-06-30", [*ids, "v3"])
    X = FeatureSet([BehavioralFeatures()]).build(tables, spine)
    files = FeatureSet([BehavioralFeatures()]).build(tables, spine, tmp_path / "out", partitions=5)
    assert X["events__count__90D"].sum() > 0
    _same(files.read(), X)


def test_numbers_with_gaps_are_floats_in_every_partition(tmp_path):
    # As integers 2**60 + 1 and 2**60 are two categories, as floats one.
    large = [2**60, 2**60 + 1, None, 5]
    sales = _sales(list(range(6)), 40)
    shelf = pa.array([large[number % 4] if customer == 0 else 2**60 + number % 2 for number, customer in
                      enumerate(sales["customer_id"])], pa.int64())  # fmt: skip
    columns = {"customer_id": sales["customer_id"].astype("int64"), "event_time": sales["event_time"]}
    (tmp_path / "tables").mkdir()
    pq.write_table(pa.table({**columns, "shelf": shelf}), tmp_path / "tables" / "transactions.parquet")
    spine = Spine.at("2026-06-30", list(range(6)))
    builder = AggregateFeatures("transactions", ["distinct(shelf)", "top(shelf)"], ["all"])
    X = FeatureSet([builder]).build(tmp_path / "tables", spine)
    files = FeatureSet([builder]).build(tmp_path / "tables", spine, tmp_path / "out", partitions=4)
    assert X["transactions__shelf__distinct__all"].max() <= 2
    _same(files.read(), X)


def test_a_spine_without_rows_and_tables_without_rows(tmp_path):
    tables = CustomerTables(transactions=_sales(["a", "b"]))
    features = FeatureSet([AggregateFeatures()]).fit(tables, Spine.at("2026-06-30", ["a"]))
    nobody = Spine.of(pd.DataFrame({"customer_id": pd.Series(dtype="str"), "as_of": pd.Series(dtype="datetime64[us]")}))
    files = features.build(tables, nobody, tmp_path / "nobody", partitions=2)
    _same(files.read(), features.build(tables, nobody))
    assert len(files) == 0
    empty = CustomerTables(transactions=_sales(["a", "b"]).iloc[:0])
    empty.write(tmp_path / "tables")
    spine = Spine.at("2026-06-30", ["a", "b"])
    for how, source in (("held", empty), ("stored", tmp_path / "tables")):
        _same(features.build(source, spine, tmp_path / how, partitions=2).read(), features.build(empty, spine))


def test_parts_hold_the_spine_rows_of_their_customers(tmp_path):
    tables, ids = CustomerTables(transactions=_sales(["a", "b", "c"])), ["c", "a", "b", "a"]
    moments = pd.to_datetime(["2026-06-30", "2026-03-01", "2026-06-30", "2026-06-30"])
    spine = Spine.of(pd.DataFrame({"customer_id": ids, "as_of": moments}))
    files = FeatureSet([AggregateFeatures()]).build(tables, spine, tmp_path, partitions=3)
    parts = pd.concat([pd.read_parquet(path) for path in files.paths])
    assert parts.columns.tolist()[:3] == ["spine_row", "customer_id", "as_of"]
    assert all(len(set(pd.read_parquet(path)["customer_id"])) <= 3 for path in files.paths)
    in_order = parts.sort_values("spine_row")
    assert in_order["spine_row"].tolist() == [0, 1, 2, 3]
    assert in_order["customer_id"].tolist() == ids
    assert in_order["as_of"].tolist() == moments.tolist()
    assert sum(set(pd.read_parquet(path)["customer_id"]) >= {"a"} for path in files.paths) == 1


def test_several_parts_at_once_give_the_same(tables_of, spine_of, tmp_path):
    tables, spine = tables_of(0), spine_of(0)
    tables.write(tmp_path / "tables")
    features = FeatureSet([AggregateFeatures(), BehavioralFeatures()])
    X = features.build(tables, spine)
    _same(features.build(tmp_path / "tables", spine, tmp_path / "out", partitions=6, n_jobs=2).read(), X)


def test_learning_from_pieces_is_learning_from_the_whole(tables_of, spine_of, tmp_path, monkeypatch):
    tables, spine = tables_of(1), spine_of(1)
    tables.write(tmp_path)
    whole = FeatureSet.default(tables).fit(tables, spine).describe()
    monkeypatch.setattr("nbo.tables.stored_tables.PIECE", 7)
    _same(FeatureSet.default(tables).fit(tmp_path, spine).describe(), whole)


def test_ids_that_are_text_here_and_numbers_there_are_refused(tmp_path):
    tables = CustomerTables(transactions=_sales([1, 2]).astype({"customer_id": "int64"}))
    with pytest.raises(InputError, match=r"transactions\.customer_id must be of the kind"):
        FeatureSet([AggregateFeatures()]).build(tables, Spine.at("2026-06-30", ["1"]), tmp_path / "out", partitions=9)
    assert not (tmp_path / "out").exists()


def test_ids_of_mixed_kinds_cannot_be_written(tmp_path):
    tables = CustomerTables(transactions=_sales(["a"]))
    with pytest.raises(InputError, match="all texts or all whole numbers"):
        FeatureSet([AggregateFeatures()]).build(tables, Spine.at("2026-06-30", ["a", 1]), tmp_path, partitions=1)


@pytest.mark.parametrize("partitions", [0, -1, 1.5, "3", True])
def test_partitions_must_be_a_whole_number(partitions, tmp_path):
    tables = CustomerTables(transactions=_sales(["a"]))
    with pytest.raises(InputError, match="partitions must be a whole number of 1 or more"):
        FeatureSet([AggregateFeatures()]).build(tables, Spine.at("2026-06-30", ["a"]), tmp_path, partitions=partitions)


def test_larger_tables_and_spines_get_more_partitions():
    features = FeatureSet([AggregateFeatures("transactions", ["sum(amount)"])])
    sales = _sales(["a"], 10).assign(amount=1.0)
    features.fit(CustomerTables(transactions=sales), Spine.at("2026-06-30", ["a"]))

    class Long(StoredTables):
        def __init__(self, n_rows: int) -> None:
            self.n_rows = n_rows

        def has(self, name: str) -> bool:
            return name == "transactions"

        def columns(self, name: str):
            table = CustomerTables(transactions=sales).columns(name)
            return type("Rows", (), {"columns": table.columns, "__len__": lambda _: self.n_rows})()

    plans = [planned_partitions(features, Long(n), range(1000), features.needs()) for n in (10, 10**7, 10**8)]
    assert plans[0] == 1
    assert 2 <= plans[1] <= 8
    assert 9 * plans[1] <= plans[2] + 9
    many = planned_partitions(features, Long(10), range(10**8), features.needs())
    assert many > 10
    assert planned_partitions(features, Long(10**8), range(1000), features.needs(), n_jobs=2) > plans[2]


def test_files_say_what_they_are(tmp_path):
    tables, spine = CustomerTables(transactions=_sales(["a", "b"])), Spine.at("2026-06-30", ["a", "b"])
    features = FeatureSet([AggregateFeatures()])
    files = features.build(tables, spine, tmp_path, partitions=2)
    assert repr(files) == f"FeatureFiles('{tmp_path}': 2 rows, 3 features, 2 parts)"
    assert "transactions__count__30D" in files._repr_html_()
    assert files.feature_names == features.feature_names
    assert (files.n_rows, len(files)) == (2, 2)
    chosen = files.read(["as_of", "transactions__count__90D", "spine_row"])
    assert chosen.columns.tolist() == ["as_of", "transactions__count__90D", "spine_row"]
    assert chosen["spine_row"].tolist() == [0, 1]
    assert str(chosen["as_of"].dtype) == "datetime64[us]"
    with pytest.raises(InputError, match="columns must be one of"):
        files.read(["amount"])
    with pytest.raises(InputError, match="no features that are done"):
        FeatureFiles(tmp_path / "elsewhere")
