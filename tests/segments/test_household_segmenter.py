"""Segments by household and account."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import AccountFeatures, FeatureSet, HouseholdFeatures
from nbo.segments import HouseholdSegmenter, households
from nbo.simulate import World
from nbo.tables import Spine
from nbo.testing import check_segmenter

X = pd.DataFrame(
    {
        "m": [1, 2, 3, 4, 0, None, 1, 1],
        "k": [0, 0, 1, 0, 0, None, 0, 0],
        "a": [0, None, 0, 0, 0, 0, 3, 10],
        "spent": [5.0, 1.0, 2.0, 3.0, 4.0, None, 6.0, 7.0],
    }
)
KINDS = ["single", "couple", "family", "large_household", "unknown", "unknown", "small_account", "large_account"]


def segmenter(**more):
    return HouseholdSegmenter("m", "k", "a", **more)


def test_kinds_by_hand():
    fitted = segmenter().fit(X)
    assert fitted.predict(X).tolist() == KINDS
    table = fitted.describe().set_index("segment")
    assert table.loc["unknown", ["n", "share"]].tolist() == [2, 0.25]
    assert table.loc["small_account", "rule"] == "contact of an account of fewer than 10 contacts"


def test_a_total_parts_each_kind_at_its_median():
    singles = pd.DataFrame({"m": 1, "spent": [10.0, 20.0, 30.0, None]})
    fitted = HouseholdSegmenter("m", total="spent").fit(singles)
    assert fitted.medians_["single"] == 20.0
    assert fitted.predict(singles).tolist() == ["single_low", "single_low", "single_high", "single_low"]
    rules = fitted.describe().set_index("segment")["rule"]
    assert rules["single_high"] == "household of one, spent > 20"
    assert fitted.predict(pd.DataFrame({"m": [0, 2], "spent": 1.0})).tolist() == ["unknown", "couple_high"]


def test_a_feature_that_was_not_there_is_not_used():
    fitted = HouseholdSegmenter("m", "k", "none").fit(X)
    assert fitted.predict(X.assign(none=50)).tolist()[0] == "single"
    with pytest.raises(InputError, match="lacks the column 'k'"):
        fitted.predict(X[["m"]])


def test_without_household_and_account_there_is_nothing_to_segment():
    with pytest.raises(InputError, match="households give them. Name your columns"):
        HouseholdSegmenter().fit(X)
    with pytest.raises(InputError, match="large must be 2 or more"):
        segmenter(large=1).fit(X)


@pytest.mark.parametrize("total", [None, "spent"])
def test_it_owes_what_segmenters_owe(total):
    check_segmenter(segmenter(total=total), X)


def test_features_of_the_simulated_world_and_found_households_agree():
    world = World(customers=300, days=60, seed=2)
    spine = Spine.at(world.end, world.tables)
    features = FeatureSet([HouseholdFeatures(windows=["30D"]), AccountFeatures(windows=["30D"])])
    built = features.fit(world.tables, spine).build(world.tables, spine)
    by_features = pd.Series(HouseholdSegmenter().fit(built).predict(built), index=spine.frame["customer_id"])
    found = households(world.tables, world.end, by=["household_id"]).set_index("customer_id")
    consumers = by_features[~by_features.str.contains("account|unknown")]
    of_found = HouseholdSegmenter(members="size", children="children").fit(found)
    assert of_found.predict(found.loc[consumers.index]).tolist() == consumers.tolist()
    assert {"single", "couple", "small_account"} <= set(by_features)


def test_an_endless_total_is_refused():
    with pytest.raises(InputError, match="X.total must be finite numbers, or missing"):
        HouseholdSegmenter("size", total="total").fit(pd.DataFrame({"size": [2, 2], "total": [np.inf, 1]}))
