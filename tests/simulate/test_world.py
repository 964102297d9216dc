import numpy as np
import pandas as pd
import pytest

from nbo import columns as c
from nbo.errors import InputError
from nbo.simulate import World
from nbo.tables import CONTRACTS


def frames(world):
    return {name: world.tables.get(name) for name in world.tables.names}


def test_all_tables_are_there_typed_and_without_a_problem(world):
    assert set(world.tables.names) == set(CONTRACTS) - {"macro"}
    assert all(len(frame) for frame in frames(world).values())
    assert world.tables.validate().empty
    assert world.tables.changes.empty


def test_same_seed_gives_the_same_tables_and_another_seed_others():
    one, again, other = (World(customers=150, days=90, seed=seed) for seed in (3, 3, 4))
    for name, frame in frames(one).items():
        pd.testing.assert_frame_equal(frame, again.tables.get(name))
        assert name == "catalog" or not frame.equals(other.tables.get(name))
    ids = one.tables.customers[c.CUSTOMER_ID].unique()
    np.testing.assert_array_equal(one.truth.uplift(ids, one.end), again.truth.uplift(ids, one.end))


def test_nothing_but_answers_happens_outside_the_world(world):
    assert world.end == pd.Timestamp("2026-01-01")
    for name in ("transactions", "cases", "referrals", "events", "social", "surveys", "decisions"):
        times = world.tables.get(name)[CONTRACTS[name].time]
        assert times.min() >= world.start, name
        assert times.max() < world.end, name


def test_live_days_stop_the_logged_contacts_and_nothing_else():
    world = World(customers=1500, days=100, seed=5, live_days=30)
    assert world.live_from == pd.Timestamp("2025-03-12")
    decided, answered = world.tables.decisions[c.DECIDED_AT], world.tables.outcomes[c.OUTCOME_AT]
    assert decided.max() < world.live_from < answered.max() < world.live_from + pd.Timedelta("14D")
    assert decided.max() > world.live_from - pd.Timedelta("2D")
    for name in ("transactions", "events", "cases"):
        assert world.tables.get(name)[CONTRACTS[name].time].max() > world.end - pd.Timedelta("3D")


@pytest.mark.parametrize(
    ("customers", "days", "live_days"), [(1, 30, 0), (1, 1, 0), (2, 365, 365), (7, 3, 1), (30, 400, 20)]
)
def test_tiny_worlds_hold(customers, days, live_days):
    world = World(customers=customers, days=days, live_days=live_days, start="2024-02-29")
    ids = world.tables.customers[c.CUSTOMER_ID].unique()
    assert len(ids) == customers
    assert world.tables.validate().empty
    assert world.truth.expected_value(ids, world.end).shape == (customers, 12)
    assert world.truth.acceptance([], world.start).shape == (0, 12)
    if live_days == days:
        assert world.tables.decisions.empty


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"customers": 0}, r"customers must be from 1 to 9,999,999; got 0\."),
        ({"days": 0}, r"days must be from 1 to 36,500; got 0\."),
        ({"seed": -1}, r"seed must be 0 or more; got -1\."),
        ({"days": 10, "live_days": 11}, r"live_days must be from 0 to 10; got 11\."),
        ({"start": "soon"}, "start must be a time such as '2026-06-30'; got 'soon'"),
    ],
)
def test_impossible_worlds_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        World(**given)


def test_a_number_that_is_not_whole_is_refused():
    with pytest.raises(TypeError, match=r"customers must be a whole number; got float: 10\.5\."):
        World(customers=10.5)


def test_volumes_are_those_stated(world):
    starts = np.arange(0, 365, 5)
    ids = world.tables.customers[c.CUSTOMER_ID].unique()
    years = sum(world.truth.alive(ids, world.start + pd.Timedelta(days=int(day))).sum() for day in starts) * 5 / 365.25
    sales = (world.tables.transactions[c.KIND] == c.SALE).sum()
    assert 7 < sales / years < 10
    assert 20 < len(world.tables.events) / years < 32
    assert 3 < len(world.tables.decisions) / years < 5.5


def test_the_truth_is_not_in_the_tables(world):
    ids = world.tables.customers[c.CUSTOMER_ID].unique()
    segments = set(world.truth.segment(ids))
    harm = world.truth.contact_harm(ids)
    truths = [harm, *(world.truth.acceptance(ids, world.end).T), world.truth.churn_hazard(ids, "2025-07-01")]
    secrets = np.concatenate([values[values > 0] for values in truths])
    for name, frame in frames(world).items():
        unknown = [column for column in frame.columns if CONTRACTS[name].column(column) is None]
        assert unknown == (["candidates"] if name == "decisions" else [])
        for column in frame.columns:
            values = frame[column]
            assert not segments & set(values.dropna().astype(str)) - {"business"}, (name, column)
            if pd.api.types.is_float_dtype(values.dtype):
                assert not np.isin(values, secrets).any(), (name, column)
