"""Every feature builder owes the same; what each computes is tested in its own file."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from nbo import features
from nbo.features import DemographicFeatures, Feature, FeatureBuilder
from nbo.tables import CustomerTables, Spine
from nbo.testing import check_builder
from nbo.testing.parts import parts_of

BUILDERS = parts_of(features, FeatureBuilder)


def test_these_are_all_builders():
    assert list(BUILDERS) == [
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


# The simulated world has no economy.
MACRO = pd.DataFrame(
    {
        "series": ["cpi", "jobs"] * 6,
        "valid_from": np.repeat(pd.date_range("2024-12-01", periods=6, freq="MS"), 2),
        "known_at": np.repeat(pd.date_range("2025-01-10", periods=6, freq="MS"), 2),
        "value": np.arange(12.0),
        "region": [None] * 10 + ["north"] * 2,
    }
)


@pytest.mark.parametrize("name", BUILDERS)
def test_builder(name, world, spine):
    check_builder(BUILDERS[name](), world.tables.replace(macro=MACRO), spine)


class Leaky(FeatureBuilder):
    """Count all rows of a customer, of the future too."""

    data_type: ClassVar[str] = "behavioral"
    tables: ClassVar[tuple[str, ...]] = ("events",)

    def _plan(self, past):
        return [Feature("events__count__all", "events", "", "count", "all")]

    def _columns(self, past):
        counts = past.table("events")["customer_id"].value_counts()
        return {"events__count__all": past.questions["customer_id"].map(counts).fillna(0).to_numpy(dtype="int64")}


class Forgetful(Leaky):
    """Lose the customers that have no rows."""

    def build(self, tables, spine):
        X = super().build(tables, spine)
        return X[X["events__count__all"] > 0]


class Shared(Leaky):
    """Let a customer's column depend on the others."""

    def _columns(self, past):
        return {"events__count__all": np.full(len(past), len(past))}


EVENTS = CustomerTables(
    events=pd.DataFrame(
        {"customer_id": ["ann", "ann", "bob"], "event_time": ["2026-01-01", "2026-02-01", "2026-01-15"]}
    )
)
SPINE = Spine.at("2026-03-01", ["ann", "bob", "cy"])


@pytest.mark.parametrize(
    ("builder", "says"),
    [
        (Leaky(), "sees rows that happened or became known at or after as_of"),
        (Forgetful(), "one row per spine row; gave 2 for 3"),
        (Shared(), "must not depend on which other customers"),
    ],
)
def test_a_builder_that_owes_something_is_found(builder, says):
    with pytest.raises(AssertionError, match=says):
        check_builder(builder, EVENTS, SPINE)


def test_the_size_of_a_household_needs_the_others(world, spine):
    check_builder(DemographicFeatures(household_size=True), world.tables, spine)
    silent = DemographicFeatures(household_size=True)
    silent.__class__ = type("Silent", (DemographicFeatures,), {"links": ()})
    with pytest.raises(AssertionError, match="must not depend on which other customers"):
        check_builder(silent, world.tables, spine)
