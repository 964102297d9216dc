"""What every segmenter owes."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from nbo.errors import InputError
from nbo.segments import (
    AcceptanceTreeSegmenter,
    ClusterSegmenter,
    MicroSegmenter,
    RFMSegmenter,
    ValueTierSegmenter,
)


def _data(n=3000, seed=0):
    """Customers of two kinds who accept one offer each, simulated."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "transactions__recency_days": rng.exponential(90, n),
            "transactions__count__365D": rng.poisson(4, n),
            "transactions__amount__sum__365D": rng.gamma(2, 50, n),
            "device": pd.Series(rng.choice(["web", "app"], n), dtype="str"),
        }
    )
    X.loc[rng.random(n) < 0.1, "transactions__recency_days"] = np.nan
    offer = rng.choice(["x", "y"], n)
    accepted = rng.random(n) < np.where((offer == "x") == (X["device"] == "web"), 0.4, 0.05)
    return X, accepted.astype(float), offer, np.full(n, 0.5)


SEGMENTERS = [RFMSegmenter(), AcceptanceTreeSegmenter()]


@pytest.mark.parametrize("segmenter", SEGMENTERS)
def test_labels_and_descriptions_agree_and_survive_json(segmenter):
    X, *answers = _data()
    fitted = clone(segmenter).fit(X, *answers)
    labels = fitted.predict(X)
    described = fitted.describe()
    assert labels.shape == (3000,)
    assert labels.dtype.kind == "U"
    counts = pd.Series(labels).value_counts().reindex(described["segment"], fill_value=0)
    assert described["n"].tolist() == counts.tolist()
    assert described["share"].sum() == pytest.approx(1.0)
    assert described["rule"].str.len().min() > 0
    text = json.dumps(fitted.to_dict(), allow_nan=False)
    again = type(segmenter).from_dict(json.loads(text))
    np.testing.assert_array_equal(again.predict(X), labels)
    pd.testing.assert_frame_equal(again.describe(), described)
    assert json.dumps(again.to_dict()) == text


@pytest.mark.parametrize("segmenter", SEGMENTERS)
def test_rows_do_not_depend_on_other_rows_order_or_other_columns(segmenter):
    X, *answers = _data()
    fitted = clone(segmenter).fit(X, *answers)
    labels = fitted.predict(X)
    part = X.iloc[[17, 5, 2999]].assign(more=1)[["more", *X.columns[::-1]]]
    np.testing.assert_array_equal(fitted.predict(part), labels[[17, 5, 2999]])
    assert fitted.predict(X[:0]).shape == (0,)


@pytest.mark.parametrize("segmenter", SEGMENTERS)
def test_fit_changes_no_frame_and_a_second_fit_forgets_the_first(segmenter):
    X, *answers = _data()
    before = X.copy()
    twice = clone(segmenter).fit(*_data(1000, seed=5)).fit(X, *answers)
    pd.testing.assert_frame_equal(X, before)
    assert twice.to_dict() == clone(segmenter).fit(X, *answers).to_dict()


@pytest.mark.parametrize("segmenter", SEGMENTERS)
def test_misuse_is_refused(segmenter):
    X, *answers = _data()
    with pytest.raises(NotFittedError, match="not fitted"):
        clone(segmenter).predict(X)
    fitted = clone(segmenter).fit(X, *answers)
    with pytest.raises(InputError, match="X lacks the column"):
        fitted.predict(X[["transactions__count__365D"]].rename(columns=str.upper))
    state = fitted.to_dict()
    with pytest.raises(InputError, match=f"state must be of {type(segmenter).__name__}, format 1; got 'Other'"):
        type(segmenter).from_dict({**state, "segmenter": "Other"})


@pytest.mark.parametrize("segmenter", SEGMENTERS)
def test_no_rows_to_learn_from(segmenter):
    X, accepted, offer, probability = _data(10)
    fitted = clone(segmenter).fit(X[:0], accepted[:0], offer[:0], probability[:0])
    assert fitted.describe()["n"].sum() == 0
    assert len(fitted.predict(X)) == 10


def test_arguments_may_be_arrays_and_numbers_of_numpy():
    X = pd.DataFrame({"profit": np.arange(100.0), "visits": np.arange(100) % 7})
    for segmenter, plain in (
        (ValueTierSegmenter("profit", limits=np.array([50.0, 10])), ValueTierSegmenter("profit", limits=[50.0, 10.0])),
        (ClusterSegmenter(X.columns, k=np.int64(2), bootstraps=2), ClusterSegmenter(list(X), k=2, bootstraps=2)),
    ):
        fitted = segmenter.fit(X)
        back = type(fitted).from_dict(json.loads(json.dumps(fitted.to_dict())))
        assert back.predict(X).tolist() == fitted.predict(X).tolist()
        assert back.scheme == fitted.scheme == plain.fit(X).scheme


def test_a_state_with_a_parameter_that_there_is_not_is_refused():
    state = ValueTierSegmenter("profit").fit(pd.DataFrame({"profit": [1.0, 2]})).to_dict()
    state["parameters"]["color"] = "red"
    with pytest.raises(InputError, match="it has no parameter 'color'"):
        ValueTierSegmenter.from_dict(state)


@pytest.mark.parametrize(
    "segmenter", [AcceptanceTreeSegmenter(), MicroSegmenter()], ids=lambda segmenter: type(segmenter).__name__
)
def test_answers_in_another_order_than_the_rows_are_refused(segmenter):
    X = pd.DataFrame({"age": np.arange(20.0)})
    accepted = pd.Series(np.arange(20) % 2, index=X.index)
    with pytest.raises(InputError, match="accepted must be in the order of the rows of X"):
        segmenter.fit(X, accepted[::-1], np.repeat("card", 20))
