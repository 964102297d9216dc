"""Columns by data type."""

import pandas as pd
import pytest

from nbo import CustomerTables, FeatureSet, Spine
from nbo.errors import InputError
from nbo.evaluation.data_columns import data_columns

X = pd.DataFrame({"visits": [1], "age": [30], "city": ["Rome"], "spent": [9.0], "offer_id": ["card"]})
KINDS = {"age": "demographic", "visits": "behavioral", "city": "demographic", "spent": "transaction"}


def test_data_types_stand_in_the_order_in_which_features_name_them():
    found = data_columns(KINDS, X)
    assert found.columns == {"demographic": ["age", "city"], "behavioral": ["visits"], "transaction": ["spent"]}
    assert data_columns(KINDS, X, ["transaction", "behavioral", "demographic"]).data_types[0] == "transaction"


def test_what_is_asked_is_in_every_model_unless_it_has_a_data_type():
    assert data_columns(KINDS, X).of(()) == ["offer_id"]
    assert data_columns(KINDS, X).of(("behavioral",)) == ["visits", "offer_id"]
    assert data_columns({**KINDS, "offer_id": "what we did"}, X).of(("what we did",)) == ["offer_id"]


def test_each_set_of_data_types_comes_once():
    sets = data_columns(KINDS, X).sets()
    assert sets[0] == ()
    assert len(sets) == len(set(sets)) == 1 + 3 + 3 + 1  # none, alone, without one, all; two steps are among them
    assert data_columns({"age": "demographic"}, X[["age"]]).sets() == [(), ("demographic",)]


def test_a_feature_set_says_the_data_types_itself():
    tables = CustomerTables(
        customers=pd.DataFrame({"customer_id": ["ann"], "city": ["Rome"]}),
        events=pd.DataFrame({"customer_id": ["ann"], "event_time": ["2026-01-01"]}),
    )
    features = FeatureSet.default(tables)
    built = features.build(tables, Spine.at("2026-02-01", ["ann"]))
    found = data_columns(features, built)
    assert found.data_types == ("demographic", "behavioral")
    assert sorted(found.of(found.data_types)) == sorted(built.columns)


@pytest.mark.parametrize(
    ("features", "order", "message"),
    [
        ({"age": "demographic"}, None, "features do not name 3 of 5, first: 'visits'"),
        ({**KINDS, "mood": "social"}, None, "X lacks the column 'mood'"),
        (
            {**KINDS, "age": None},
            None,
            "features must be columns with a data type, which is a text; 1 of 4 rows is not",
        ),
        ({}, None, "features must name one column or more"),
        (KINDS, ["demographic"], "order must hold each of 'demographic', 'behavioral', 'transaction' once"),
    ],
)
def test_what_leaves_a_column_without_a_data_type_is_refused(features, order, message):
    with pytest.raises(InputError, match=message):
        data_columns(features, X, order)


def test_features_of_another_kind_are_refused():
    with pytest.raises(TypeError, match="must be a FeatureSet or a mapping of columns to data types; got list"):
        data_columns(["age"], X)
