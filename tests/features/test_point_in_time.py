"""Nothing at or after as_of, no row order, no partition and no other customer changes a feature."""

import inspect

import numpy as np
import pandas as pd
import pytest

import nbo.features
from nbo.features import FeatureBuilder, FeatureSet
from nbo.tables import CONTRACTS, CustomerTables, Spine
from nbo.testing.altered_tables import of_customers

BUILDERS = {
    name: kind
    for name in nbo.features.__all__
    if inspect.isclass(kind := getattr(nbo.features, name))
    and issubclass(kind, FeatureBuilder)
    and not inspect.isabstract(kind)
}
SEEDS = range(3)

each_builder = pytest.mark.parametrize("name", list(BUILDERS))
each_seed = pytest.mark.parametrize("seed", SEEDS)


def test_all_builders_are_found():
    assert sorted(BUILDERS) == [
        "AccountFeatures",
        "AggregateFeatures",
        "BehavioralFeatures",
        "DemographicFeatures",
        "EnvironmentFeatures",
        "HouseholdFeatures",
        "MacroFeatures",
        "NetworkFeatures",
        "OfferHistoryFeatures",
        "SocialFeatures",
        "TransactionFeatures",
    ]


def _read(name: str) -> list[str]:
    """Tables that a builder reads; third-party data go by the household and postcode of customers."""
    return sorted({*BUILDERS[name]().tables, "customers"})


def _same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(left, right, check_exact=True)


def _appended(tables: CustomerTables, rows: dict[str, pd.DataFrame]) -> CustomerTables:
    return tables.replace(**{name: pd.concat([tables.get(name), more]) for name, more in rows.items()})


def _copies(tables: CustomerTables, name: str, spine: Spine, rng: np.random.Generator) -> pd.DataFrame:
    """Rows of a table given to each customer of the spine, one for each of its rows."""
    frame = tables.get(name)
    picked = frame.iloc[rng.integers(0, len(frame), len(spine))].reset_index(drop=True)
    if "customer_id" in frame:
        return picked.assign(customer_id=spine.frame["customer_id"])
    if name == "macro":
        return picked
    # Outcomes say whose they are by their decision.
    made = tables.decisions.drop_duplicates("customer_id").set_index("customer_id")["decision_id"]
    return picked.assign(decision_id=made.reindex(spine.frame["customer_id"]).array)


def _one_moment_each(spine: Spine, name: str) -> Spine:
    """Ask for each customer once; all at one moment where a row of one customer, or of none, counts for others."""
    each = spine.frame.drop_duplicates("customer_id")
    shared = BUILDERS[name]().links or "macro" in BUILDERS[name]().tables
    return Spine.of(each.assign(as_of=each["as_of"].max()) if shared else each)


@each_builder
@each_seed
@pytest.mark.parametrize("delay", ["0us", "1us", "40D"])
def test_rows_at_or_after_as_of_change_nothing(name, seed, delay, tables_of, spine_of):
    tables, spine, rng = tables_of(seed), _one_moment_each(spine_of(seed), name), np.random.default_rng(seed)
    builder = BUILDERS[name]().fit(tables, spine)
    later = spine.frame["as_of"] + pd.Timedelta(delay)
    future = {
        table: _copies(tables, table, spine, rng).assign(**{CONTRACTS[table].time: later}, known_at=pd.NaT)
        for table in _read(name)
    }
    _same(builder.build(_appended(tables, future), spine), builder.build(tables, spine))


@each_builder
@each_seed
def test_rows_known_at_or_after_as_of_change_nothing(name, seed, tables_of, spine_of):
    tables, spine, rng = tables_of(seed), _one_moment_each(spine_of(seed), name), np.random.default_rng(seed)
    builder = BUILDERS[name]().fit(tables, spine)
    late = {
        table: _copies(tables, table, spine, rng).assign(
            **{CONTRACTS[table].time: spine.frame["as_of"] - pd.Timedelta("3D")}, known_at=spine.frame["as_of"]
        )
        for table in _read(name)
    }
    _same(builder.build(_appended(tables, late), spine), builder.build(tables, spine))


@each_builder
@each_seed
def test_what_is_learnt_is_from_before_the_latest_as_of(name, seed, tables_of, spine_of):
    tables, spine, rng = tables_of(seed), spine_of(seed), np.random.default_rng(seed)
    latest = spine.frame["as_of"].max()
    words = (
        "category",
        "channel",
        "city",
        "device",
        "event_type",
        "gender",
        "job",
        "kind",
        "occupation",
        "outcome",
        "series",
        "survey",
        "technologies",
        "topic",
    )
    future = {}
    for table in _read(name):
        rows = pd.concat([_copies(tables, table, spine, rng)] * 9)
        new = {column: "new" for column in words if column in rows}
        future[table] = rows.assign(**{CONTRACTS[table].time: latest}, known_at=pd.NaT, **new)
    with_future = _appended(tables, future)
    _same(
        BUILDERS[name]().fit(with_future, spine).build(with_future, spine),
        BUILDERS[name]().fit(tables, spine).build(tables, spine),
    )


@each_builder
@each_seed
def test_the_order_of_rows_changes_nothing(name, seed, tables_of, spine_of):
    tables, spine = tables_of(seed), spine_of(seed)
    shuffled = CustomerTables(**{table: tables.get(table).sample(frac=1, random_state=seed) for table in tables.names})
    _same(
        BUILDERS[name]().fit(shuffled, spine).build(shuffled, spine),
        BUILDERS[name]().fit(tables, spine).build(tables, spine),
    )


@each_builder
@each_seed
def test_partitions_by_customer_change_nothing(name, seed, tables_of, spine_of):
    tables, spine = tables_of(seed), spine_of(seed)
    builder = BUILDERS[name]().fit(tables, spine)
    whole = builder.build(tables, spine)
    for part in (["ann", "cy", "v1"], ["bob", "dee", "eve", "fay", "nobody", "v2"]):
        own = of_customers(tables, pd.Series(part), builder.links)
        mine = spine.frame["customer_id"].isin(part).to_numpy()
        X = builder.build(own, Spine.of(spine.frame[mine]))
        _same(X, whole[mine].reset_index(drop=True))


@each_builder
@each_seed
def test_each_spine_row_is_as_if_asked_alone(name, seed, tables_of, spine_of):
    tables, spine = tables_of(seed), spine_of(seed)
    builder = BUILDERS[name]().fit(tables, spine)
    whole = builder.build(tables, spine)
    for row in range(0, len(spine), 4):
        alone = builder.build(tables, Spine.of(spine.frame.iloc[[row]]))
        _same(alone, whole.iloc[[row]].reset_index(drop=True))


@each_builder
def test_rows_come_in_the_order_of_the_spine(name, tables_of, spine_of):
    tables, spine = tables_of(0), spine_of(0)
    X = BUILDERS[name]().fit(tables, spine).build(tables, spine)
    assert isinstance(X.index, pd.RangeIndex)
    assert len(X) == len(spine)
    _same(X.iloc[:3], X.iloc[-3:].reset_index(drop=True))


@each_builder
def test_columns_are_numbers_or_texts(name, tables_of, spine_of):
    tables, spine = tables_of(0), spine_of(0)
    X = BUILDERS[name]().fit(tables, spine).build(tables, spine)
    assert {str(dtype) for dtype in X.dtypes} <= {"int64", "float64", "str"}


@each_builder
def test_tables_without_rows_and_without_columns(name, tables_of, spine_of):
    tables, spine = tables_of(0), spine_of(0)
    builder = BUILDERS[name]().fit(tables, spine)
    whole = builder.build(tables, spine)
    emptied = builder.build(CustomerTables(**{table: tables.get(table).iloc[:0] for table in tables.names}), spine)
    missing = builder.build(CustomerTables(), spine)
    _same(emptied, missing)
    assert missing.columns.tolist() == whole.columns.tolist()
    assert missing.dtypes.tolist() == whole.dtypes.tolist()
    if "macro" not in builder.tables:
        # The economy is the same for strangers.
        stranger = Spine.at("2026-03-01", ["stranger"])
        _same(missing.iloc[[0]], builder.build(tables, stranger))


@each_builder
def test_one_row_and_no_spine_rows(name, tables_of, spine_of):
    tables, spine = tables_of(0), spine_of(0)
    single = CustomerTables(**{table: tables.get(table).iloc[:1] for table in tables.names})
    builder = BUILDERS[name]().fit(single, spine)
    assert len(builder.build(single, spine)) == len(spine)
    nobody = Spine.of(spine.frame.iloc[:0])
    fitted_on_nothing = BUILDERS[name]().fit(tables, nobody)
    assert fitted_on_nothing.build(tables, nobody).shape == (0, len(fitted_on_nothing.features_))
    assert builder.build(single, nobody).dtypes.tolist() == builder.build(single, spine).dtypes.tolist()


@each_seed
def test_a_whole_set_changes_no_table_and_repeats_itself(seed, tables_of, spine_of):
    tables, spine = tables_of(seed), spine_of(seed)
    before = {table: tables.get(table).copy() for table in tables.names}
    features = FeatureSet.default(tables)
    X = features.build(tables, spine)
    _same(FeatureSet.from_dict(features.to_dict()).build(tables, spine), X)
    for table, frame in before.items():
        _same(tables.get(table), frame)
