import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from nbo.errors import InputError
from nbo.features import (
    BehavioralFeatures,
    FeatureBuilder,
    FeatureSet,
    SocialFeatures,
    TransactionFeatures,
    known_customers,
    labels,
)
from nbo.features.feature import DICTIONARY_COLUMNS
from nbo.tables import CustomerTables, Spine

SPINE = Spine.at("2026-06-30", ["ann", "bob"])
EVENTS = pd.DataFrame({"customer_id": "ann", "event_time": ["2026-06-01"], "event_type": ["cart"]})


def test_the_default_set_takes_the_builders_that_tables_allow(tables_of):
    names = [type(builder).__name__ for builder in FeatureSet.default(tables_of(0)).builders]
    assert names == [
        "DemographicFeatures",
        "TransactionFeatures",
        "EnvironmentFeatures",
        "MacroFeatures",
        "BehavioralFeatures",
        "SocialFeatures",
    ]
    only_events = FeatureSet.default(CustomerTables(events=EVENTS))
    assert [type(builder) for builder in only_events.builders] == [BehavioralFeatures]
    assert not only_events.is_fitted


def test_no_table_to_read_is_refused():
    with pytest.raises(InputError, match="no features without one of the tables .*customers"):
        FeatureSet.default(CustomerTables())
    with pytest.raises(InputError, match="needs one builder or more"):
        FeatureSet([]).build(CustomerTables(events=EVENTS), SPINE)


@pytest.mark.parametrize("given", [EVENTS, {"events": EVENTS}, None, 3])
def test_what_are_no_tables_is_refused(given):
    says = "tables must be CustomerTables or a folder"
    fitted = FeatureSet([BehavioralFeatures()]).fit(CustomerTables(events=EVENTS), SPINE)
    with pytest.raises(TypeError, match=says):
        FeatureSet([BehavioralFeatures()]).fit(given, SPINE)
    for ask in (fitted.build, BehavioralFeatures().fit, fitted.builders[0].build, labels.churned):
        with pytest.raises(TypeError, match=says):
            ask(given, SPINE)
    with pytest.raises(TypeError, match=says):
        known_customers(given, "2026-06-30")
    if not isinstance(given, dict):  # Data frames of Spark come as a mapping.
        with pytest.raises(TypeError, match=says):
            FeatureSet.default(given)


@pytest.mark.parametrize(
    ("builders", "says"),
    [
        (BehavioralFeatures(top=3), r"got BehavioralFeatures\(.*top=3"),
        (BehavioralFeatures, "got the class BehavioralFeatures"),
        ([BehavioralFeatures], "got the class BehavioralFeatures"),
        ((BehavioralFeatures(), "transactions"), "got 'transactions'"),
        ("transactions", "got 't'"),
        (None, "got None"),
    ],
)
def test_what_are_no_builders_is_refused(builders, says):
    with pytest.raises(TypeError, match=r"builders must be a sequence such as \[TransactionFeatures\(\)\]; " + says):
        FeatureSet(builders)


def test_the_dictionary_describes_every_column(tables_of, spine_of):
    features = FeatureSet.default(tables_of(0))
    X = features.build(tables_of(0), spine_of(0))
    dictionary = features.describe()
    assert dictionary.columns.tolist() == DICTIONARY_COLUMNS
    assert dictionary["feature"].tolist() == features.feature_names == X.columns.tolist()
    assert set(dictionary["data_type"]) == {"demographic", "transaction", "environmental", "behavioral", "social"}
    assert (dictionary["meaning"].str.len() > 10).all()
    row = dictionary.set_index("feature").loc["transactions__amount__sum__30D"].to_dict()
    assert row == {
        "data_type": "transaction",
        "table": "transactions",
        "column": "amount",
        "aggregate": "sum",
        "window": "30D",
        "filter": "kind = sale and status = completed",
        "unit": "money",
        "meaning": "Sum of amount over completed sales in the 30D before as_of.",
    }


def test_later_builds_have_the_columns_of_the_first(tables_of):
    features = FeatureSet([BehavioralFeatures(windows=["30D"])])
    first = features.build(CustomerTables(events=EVENTS), SPINE)
    other = EVENTS.assign(event_type="chat")
    later = features.build(CustomerTables(events=other), SPINE)
    assert later.columns.tolist() == first.columns.tolist()
    assert later["events__count__30D__event_type_cart"].tolist() == [0, 0]
    assert features.fit(CustomerTables(events=other), SPINE).feature_names != first.columns.tolist()


def test_a_set_survives_json(tables_of, spine_of):
    features = FeatureSet.default(tables_of(0)).fit(tables_of(0), spine_of(0))
    again = FeatureSet.from_dict(json.loads(json.dumps(features.to_dict())))
    pd.testing.assert_frame_equal(again.build(tables_of(1), spine_of(1)), features.build(tables_of(1), spine_of(1)))
    pd.testing.assert_frame_equal(again.describe(), features.describe())
    assert again.to_dict() == features.to_dict()
    assert not FeatureSet.from_dict(FeatureSet([SocialFeatures()]).to_dict()).is_fitted


def test_an_unknown_builder_is_refused():
    with pytest.raises(InputError, match="builder must be one of .*TransactionFeatures.*; got 'Other'"):
        FeatureSet.from_dict({"builders": [{"builder": "Other", "params": {}, "features": None}]})


def test_a_selection_has_the_columns_of_its_data_types(tables_of, spine_of):
    features = FeatureSet.default(tables_of(0))
    X = features.build(tables_of(0), spine_of(0))
    some = features.select(data_types=["social", "demographic"])
    dictionary = features.describe()
    names = dictionary.loc[dictionary["data_type"].isin(["social", "demographic"]), "feature"].tolist()
    pd.testing.assert_frame_equal(some.build(tables_of(0), spine_of(0)), X[names])
    some.fit(tables_of(1), spine_of(1))
    assert features.feature_names == X.columns.tolist()
    with pytest.raises(InputError, match="data_types must be one of .*; got 'astral'"):
        features.select(["astral"])


def test_two_builders_with_the_same_columns_are_refused(tables_of, spine_of):
    features = FeatureSet([TransactionFeatures(windows=["30D"]), TransactionFeatures(windows=["90D"])])
    for _ in range(2):
        with pytest.raises(InputError, match="two builders give the same columns"):
            features.build(tables_of(0), spine_of(0))


def test_a_frame_is_no_spine(tables_of):
    with pytest.raises(TypeError, match="spine must be a Spine; got DataFrame"):
        FeatureSet.default(tables_of(0)).build(tables_of(0), SPINE.frame)


def test_scikit_learn_clones_sets_and_builders():
    builder = TransactionFeatures(windows=("7D",)).set_params(top=2)
    assert builder.get_params(deep=False) == {
        "windows": ("7D",), "pivots": ("category", "channel"), "top": 2, "detail": False,
    }  # fmt: skip
    features = FeatureSet([BehavioralFeatures(windows=["7D"])]).fit(CustomerTables(events=EVENTS), SPINE)
    again = clone(features)
    assert repr(again) == repr(features)
    assert [features.is_fitted, again.is_fitted] == [True, False]
    with pytest.raises(InputError, match="params must be one of 'windows'.*; got 'window'"):
        builder.set_params(window=["7D"])


def test_names_before_fitting_are_refused():
    with pytest.raises(InputError, match="SocialFeatures is not fitted"):
        _ = FeatureSet([SocialFeatures()]).feature_names


def test_a_set_shows_itself(tables_of, spine_of):
    features = FeatureSet([BehavioralFeatures(windows=["7D"])])
    assert repr(features).startswith("FeatureSet([BehavioralFeatures(windows=['7D'], top=8")
    assert "not fitted" in features._repr_html_()
    features.fit(tables_of(0), spine_of(0))
    assert "events__count__7D" in features._repr_html_()


def test_a_builder_of_ones_own_joins_in():
    class Ones(FeatureBuilder):
        data_type = "transaction"
        tables = ("transactions",)

        def _plan(self, past):
            from nbo.features import Feature

            return [Feature("one", "transactions", "", "as_of", meaning="One.")]

        def _columns(self, past):
            return {"one": np.ones(len(past), dtype=np.int64)}

    tables = CustomerTables(transactions=pd.DataFrame({"customer_id": ["ann"], "event_time": ["2026-01-01"]}))
    features = FeatureSet([Ones()])
    assert features.build(tables, SPINE)["one"].tolist() == [1, 1]
    assert FeatureSet.from_dict(features.to_dict()).feature_names == ["one"]
    assert Ones not in [type(builder) for builder in FeatureSet.default(tables).builders]
