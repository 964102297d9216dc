from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from nbo.batch import score_arrow_batch
from nbo.errors import InputError
from nbo.next_best_offer import NextBestOffer


@pytest.fixture(scope="session")
def batch(X):
    return pa.RecordBatch.from_pandas(X.assign(customer_id=range(len(X))), preserve_index=False)


def test_rows_equal_those_of_the_model_and_other_columns_are_passed_on(batch, model, X):
    found = score_arrow_batch(batch, model)
    assert found.column("customer_id").to_pylist() == list(range(len(X)))
    expected = model.score_features(X)
    assert found.schema.names == ["customer_id", *expected.columns]
    for name in expected:
        whole = pa.array(expected[name], from_pandas=True).to_pylist()
        assert found.column(name).to_pylist() == whole


def test_the_types_do_not_depend_on_the_rows(batch, model):
    whole = score_arrow_batch(batch, model)
    for part in (batch.slice(0, 0), batch.slice(3, 1)):
        found = score_arrow_batch(part, model)
        assert found.schema == whole.schema
        assert found.num_rows == part.num_rows


def test_cutting_changes_nothing(batch, model):
    parts = [score_arrow_batch(batch.slice(first, 7), model) for first in range(0, batch.num_rows, 7)]
    assert pa.Table.from_batches(parts) == pa.Table.from_batches([score_arrow_batch(batch, model)]).combine_chunks()


def test_a_column_where_nothing_is_known_is_all_missing(X, model):
    name = X.select_dtypes("float").columns[0]
    nothing = X.assign(**{name: None})
    expected = model.score_features(X.assign(**{name: float("nan")}))
    found = score_arrow_batch(pa.RecordBatch.from_pandas(nothing, preserve_index=False), model)
    assert found.column("propensities").to_pylist() == expected["propensities"].tolist()


def test_flags_are_numbers(X, model):
    name = X.select_dtypes("number").columns[-1]
    flags = pd.array([True, False, None] * (len(X) // 3), dtype="boolean")
    expected = model.score_features(X.assign(**{name: flags.to_numpy(float, na_value=float("nan"))}))
    found = score_arrow_batch(pa.RecordBatch.from_pandas(X.assign(**{name: flags}), preserve_index=False), model)
    assert found.column("propensities").to_pylist() == expected["propensities"].tolist()


def test_a_missing_feature_is_named(batch, model):
    name = model.features.feature_names[0]
    with pytest.raises(InputError, match=f"batch lacks the column '{name}'"):
        score_arrow_batch(batch.drop_columns([name]), model)


def test_a_frame_is_refused(X, model):
    with pytest.raises(TypeError, match=r"batch must be a pyarrow\.RecordBatch; got DataFrame"):
        score_arrow_batch(X, model)


def test_what_is_no_fitted_model_is_refused(X):
    batch = pa.RecordBatch.from_pandas(X, preserve_index=False)
    with pytest.raises(TypeError, match="model must be a NextBestOffer; got str"):
        score_arrow_batch(batch, "model")
    with pytest.raises(InputError, match="not fitted"):
        score_arrow_batch(batch, NextBestOffer())


def test_lists_are_refused_and_dictionaries_of_numbers_are_numbers(X, model):
    batch = pa.RecordBatch.from_pandas(X, preserve_index=False)
    number = next(name for name in X if X[name].dtype == float)
    place = batch.schema.get_field_index(number)
    coded = batch.set_column(place, number, batch.column(place).dictionary_encode())
    assert score_arrow_batch(coded, model).equals(score_arrow_batch(batch, model))
    lists = batch.set_column(place, number, pa.array([[1.0]] * len(X)))
    with pytest.raises(InputError, match=f"features must be numbers, flags or texts; '{number}' holds list"):
        score_arrow_batch(lists, model)
