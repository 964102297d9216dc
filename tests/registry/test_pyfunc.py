from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.registry.pyfunc import Scorer
from nbo.registry.signature import model_signature


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
    expected = model.score_features(X).iloc[[5, 3, 9]].assign(churn_probability=None, clv=None)
    pd.testing.assert_frame_equal(found, expected)
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


def test_params_choose_the_offers(served, model, X):
    rows = X.iloc[:20]
    scored, best = served.predict(rows), served.predict(rows, params={"top_k": 2})
    for every, two in zip(scored.to_dict("records"), best.to_dict("records"), strict=True):
        ranked = sorted(every["priorities"], reverse=True)
        assert two["priorities"] == ranked[:2]
        assert [every["priorities"][every["offer_ids"].index(offer)] for offer in two["offer_ids"]] == ranked[:2]
    launched = next(offer for offer in model.catalog if offer.valid_from is not None)
    before = served.predict(rows, params={"as_of": str(launched.valid_from - pd.Timedelta("1s"))})
    assert {launched.offer_id} == set(scored["offer_ids"].iloc[0]) - set(before["offer_ids"].iloc[0])


def test_a_param_that_mlflow_does_not_know_is_left_aside_with_a_line_in_its_log(served, X, caplog):
    import logging

    logger = logging.getLogger("mlflow")
    logger.addHandler(caplog.handler)
    try:
        found = served.predict(X.iloc[:2], params={"topk": 1})
    finally:
        logger.removeHandler(caplog.handler)
    pd.testing.assert_frame_equal(found, served.predict(X.iloc[:2]))
    assert "topk" in caplog.text


def test_params_are_refused_by_name(model, X):
    with pytest.raises(InputError, match="params must be among as_of, top_k; got 'topk'"):
        Scorer(model).predict(X, params={"topk": 3})


@pytest.mark.parametrize("n_rows", [0, 3])
def test_uplift_is_given_where_the_model_knows_any(model, X, monkeypatch, n_rows):
    first = model.catalog.offer_ids[0]
    effects = SimpleNamespace(treatments_=np.array([first]), predict=lambda rows: np.full(len(rows), 0.25))
    monkeypatch.setattr(model, "uplift", effects)
    found = Scorer(model).predict(X.iloc[:n_rows], {"top_k": len(model.catalog)})
    names = model_signature(model).outputs.input_names()
    assert names == found.columns.tolist()
    assert found["uplifts"].dtype == object
    for offers, uplifts in zip(found["offer_ids"], found["uplifts"], strict=True):
        assert uplifts[offers.index(first)] == 0.25
        assert uplifts.count(None) == len(offers) - 1


def test_what_a_model_tells_of_customers_is_a_number(model, X, monkeypatch):
    leaves = SimpleNamespace(predict_proba=lambda rows: np.tile([0.75, 0.25], (len(rows), 1)))
    monkeypatch.setattr(model, "churn", leaves)
    for n_rows in (0, 3):
        found = Scorer(model).predict(X.iloc[:n_rows])
        assert found["churn_probability"].dtype == float
        assert found["churn_probability"].tolist() == [0.25] * n_rows
        assert found["clv"].tolist() == [None] * n_rows


def test_an_array_is_refused(model, X):
    with pytest.raises(TypeError, match="data must be a frame"):
        Scorer(model).predict(X.to_numpy())
