from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.registry.pyfunc import Scorer


@pytest.fixture(scope="session")
def served(logged, uri):
    """Load the model as a serving process would that forbids pickle."""
    import mlflow

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")
        patch.setenv("MLFLOW_TRACKING_URI", uri)
        return mlflow.pyfunc.load_model(logged.model_uri)


def test_one_row_comes_out_for_each_row_in_with_its_label(served, model, X):
    rows = X.iloc[[5, 3, 9]]
    found = served.predict(rows)
    pd.testing.assert_frame_equal(
        found.reset_index(drop=True), model.score_features(X).iloc[[5, 3, 9]].reset_index(drop=True)
    )
    assert found.index.tolist() == [5, 3, 9]


def test_the_model_itself_comes_back(served, model):
    assert served.get_raw_model().catalog.offer_ids == model.catalog.offer_ids


def retyped(X, types):
    """X with its number columns as other types; the first row lacks all of them if they can."""
    numbers = list(X.select_dtypes("number"))
    whole = X.assign(**{name: X[name].fillna(0).clip(0, 1).round() for name in numbers})
    return whole, whole.astype(dict.fromkeys(numbers, types))


@pytest.mark.parametrize("types", ["int64", "int32", "float32", "bool", "Int64", "boolean", "Float64"])
def test_numbers_of_any_type_score_alike(served, X, types):
    plain, typed = retyped(X, types)
    pd.testing.assert_frame_equal(served.predict(typed), served.predict(plain))


@pytest.mark.parametrize("types", ["Int64", "boolean"])
def test_a_missing_value_of_a_nullable_type_is_a_missing_number(served, X, types):
    plain, typed = retyped(X, types)
    numbers = list(X.select_dtypes("number"))
    plain.loc[0, numbers], typed.loc[0, numbers] = np.nan, pd.NA
    pd.testing.assert_frame_equal(served.predict(typed), served.predict(plain))


def test_extra_columns_and_another_order_change_nothing(served, X):
    other = X[X.columns[::-1]].assign(note="x")
    pd.testing.assert_frame_equal(served.predict(other), served.predict(X))


def test_missing_columns_are_named_and_no_value_is_shown(served, X):
    marked = X.assign(customers__city="Timbuktu")
    with pytest.raises(InputError, match="data lacks the column 'customers__tenure_days'") as caught:
        served.predict(marked.drop(columns="customers__tenure_days"))
    assert "Timbuktu" not in str(caught.value)


def test_no_rows_give_no_rows_of_the_same_types(served, X):
    empty, some = served.predict(X.iloc[:0]), served.predict(X)
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == some.dtypes.to_dict()


def test_params_are_refused_by_name(model, X):
    with pytest.raises(InputError, match="the model takes no params; got 'top_k'"):
        Scorer(model).predict(X, params={"top_k": 3})


def test_an_array_is_refused(model, X):
    with pytest.raises(TypeError, match="data must be a frame"):
        Scorer(model).predict(X.to_numpy())
