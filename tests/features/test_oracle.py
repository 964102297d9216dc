"""Features on random worlds are what slow plain loops compute, and no row that does not count changes a bit."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from nbo.features import AggregateFeatures, DemographicFeatures, FeatureSet
from nbo.tables import CustomerTables
from tests.features import oracle
from tests.features.worlds import US, World, customer_worlds, frame_of, spine_of, worlds

COUNTS = ("count", "any", "distinct(category)", "distinct(shelf)")
MONEY = ("sum(money)", "mean(money)")
EXTREMES = ("max(thirds)", "min(wild)", "max(money)", "first(money)", "last(thirds)", "last(wild)")
ODD_NUMBERS = ("sum(thirds)", "mean(thirds)", "sum(wild)", "mean(wild)", "std(thirds)", "std(wild)", "std(near)")
CATEGORIES = (
    *("entropy(category)", "top_share(category)", "top(category)"),
    *("latest(category)", "latest(shelf)", "earliest(category)", "earliest(shelf)"),
)
DAYS = ("recency_days", "tenure_days", "mean_gap_days", "std_gap_days")
DECAYED = ("decayed_count", "decayed_sum(money)", "decayed_sum(wild)")
EVERYTHING = (*COUNTS, *MONEY, *EXTREMES, *ODD_NUMBERS, *CATEGORIES, *DAYS, *DECAYED)


def on_worlds(n: int) -> Callable:
    return settings(max_examples=n, derandomize=True, deadline=None, database=None)


def _set(world: World) -> FeatureSet:
    return FeatureSet([AggregateFeatures(**world.asked)])


def _built(world: World) -> pd.DataFrame:
    return _set(world).fit(world.tables(), world.spine_frame()).build(world.tables(), world.spine_frame())


def _check(world: World, X: pd.DataFrame) -> None:
    expected = oracle.features(world.rows, world.spine, **world.asked)
    assert sorted(X) == sorted(expected)
    wrong = [
        f"{name}, row {i} {world.spine[i]}: {found!r} is not {value!r}"
        for name, values in expected.items()
        for i, (found, value) in enumerate(zip(X[name].tolist(), values, strict=True))
        if not oracle.same(found, value)
    ]
    assert not wrong, "\n".join(wrong[:5])


@on_worlds(30)
@given(worlds(*COUNTS))
def test_counts_are_exact(world):
    _check(world, _built(world))


@on_worlds(40)
@given(worlds(*MONEY))
def test_money_is_summed_to_the_bit(world):
    _check(world, _built(world))


@on_worlds(25)
@given(worlds(*EXTREMES))
def test_extremes_and_the_first_and_last_value_are_exact(world):
    _check(world, _built(world))


@on_worlds(30)
@given(worlds(*ODD_NUMBERS))
def test_odd_and_huge_numbers_are_summed_closely(world):
    _check(world, _built(world))


@on_worlds(25)
@given(worlds(*CATEGORIES))
def test_categories(world):
    _check(world, _built(world))


@on_worlds(30)
@given(worlds(*DAYS))
def test_days_since_and_between_rows(world):
    _check(world, _built(world))


@on_worlds(20)
@given(worlds(*DECAYED))
def test_what_decays(world):
    _check(world, _built(world))


@on_worlds(10)
@given(worlds(*EVERYTHING))
def test_all_aggregates_at_once(world):
    _check(world, _built(world))


@on_worlds(40)
@given(customer_worlds())
def test_attributes_are_those_of_the_row_that_held(world):
    rows, asked = world
    tables = CustomerTables(customers=frame_of(rows, "valid_from", "known_at"))
    spine = spine_of(asked)
    X = DemographicFeatures().fit(tables, spine).build(tables, spine)
    for found, (customer, as_of) in zip(X["customers__city"].tolist(), asked, strict=True):
        allowed = oracle.held(rows, customer, as_of, "city")
        assert any(oracle.same(found, value) for value in allowed), (customer, as_of, found, allowed)


@on_worlds(40)
@given(customer_worlds(), st.integers(0, 999))
def test_the_order_of_attribute_rows_changes_nothing(world, seed):
    rows, asked = world
    spine = spine_of(asked)
    found = []
    for some in (rows, Random(seed).sample(rows, len(rows))):
        tables = CustomerTables(customers=frame_of(some, "valid_from", "known_at"))
        found.append(_bits(DemographicFeatures().fit(tables, spine).build(tables, spine)))
    assert found[0] == found[1]


def _bits(X: pd.DataFrame) -> list[tuple]:
    """Everything of a frame: names, types, and values so that 0.0 and -0.0 differ and NaN is NaN."""
    return [(name, str(X[name].dtype), list(map(repr, X[name].tolist()))) for name in X]


def _uncounted(world: World, rng: Random) -> list[dict]:
    """Rows at or after the last as_of of their customer, or known only then."""
    ends: dict[object, datetime] = {}
    for customer, as_of in world.spine:
        ends[customer] = max(as_of, ends.get(customer, as_of))
    rows = []
    for row in world.rows:
        end = ends.get(row["customer_id"], max(ends.values()))
        later = end + rng.choice([timedelta(0), US, timedelta(days=40)])
        known = {**row, "known_at": later}
        happened = {**row, world.time: later, "known_at": rng.choice([None, later, later - timedelta(days=90)])}
        rows.append({**rng.choice([known, happened]), "money": 1e9, "wild": 1 / 3, "category": "new"})
    return rows


@on_worlds(20)
@given(worlds(*EVERYTHING), st.integers(0, 999))
def test_rows_that_do_not_count_change_no_bit(world, seed):
    fitted = _set(world).fit(world.tables(), world.spine_frame())
    more = world.with_rows([{"known_at": None, **row} for row in world.rows] + _uncounted(world, Random(seed)))
    X = fitted.build(world.tables(), world.spine_frame())
    assert _bits(fitted.build(more.tables(), world.spine_frame())) == _bits(X)


@on_worlds(20)
@given(worlds(*EVERYTHING), st.integers(0, 999))
def test_the_order_of_rows_changes_no_bit(world, seed):
    shuffled = world.with_rows(Random(seed).sample(world.rows, len(world.rows)))
    assert _bits(_built(shuffled)) == _bits(_built(world))


@on_worlds(20)
@given(worlds(*EVERYTHING))
def test_other_customers_change_no_bit(world):
    fitted = _set(world).fit(world.tables(), world.spine_frame())
    X = fitted.build(world.tables(), world.spine_frame())
    for customer in {customer for customer, _ in world.spine}:
        own = world.with_rows(row for row in world.rows if row["customer_id"] == customer)
        asked = [i for i, (one, _) in enumerate(world.spine) if one == customer]
        alone = fitted.build(own.tables(), spine_of([world.spine[i] for i in asked]))
        assert _bits(alone) == _bits(X.iloc[asked])


@on_worlds(8)
@given(worlds(*EVERYTHING))
def test_a_folder_of_tables_gives_the_same_bits(tmp_path_factory, world):
    folder = tmp_path_factory.mktemp("tables")
    world.tables().write(folder)
    assert _bits(_set(world).fit(folder, world.spine_frame()).build(folder, world.spine_frame())) == _bits(
        _built(world)
    )
