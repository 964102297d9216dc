"""Recency, frequency and money."""

import json

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.segments import RFMSegmenter


def _frame(recency, frequency, monetary):
    return pd.DataFrame({"r": recency, "f": frequency, "m": monetary}, dtype=float)


def _segmenter():
    return RFMSegmenter(recency="r", frequency="f", monetary="m")


def test_ten_customers_score_two_by_two():
    order = np.arange(1, 11)
    scores = _segmenter().fit(_frame(order, order, order)).scores(_frame(order, order, order))
    assert scores["recency"].tolist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert scores["frequency"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert scores["monetary"].tolist() == scores["frequency"].tolist()


def test_equal_values_have_equal_scores_and_limits_belong_to_the_lower_score():
    X = _frame([1, 2, 3, 4, 5], [1, 1, 1, 1, 9], [0, 25, 50, 75, 100])
    scores = _segmenter().fit(X).scores(X)
    assert scores["frequency"].tolist() == [1, 1, 1, 1, 5]
    # The limits of money are 20, 40, 60, 80.
    limits = _segmenter().fit(X).scores(_frame([1] * 4, [1] * 4, [20, 20.01, 80, 80.01]))
    assert limits["monetary"].tolist() == [1, 2, 4, 5]


def test_cells_by_hand():
    fitted = _segmenter().fit(_frame(np.arange(1, 11), np.arange(1, 11), np.arange(1, 11)))
    #            r f m: 5 5 5, 5 1 1, 1 5 5, 2 4 5, 3 4 4, 1 1 1, 4 1 2 (mean 1.5 counts as 2), never
    X = _frame([1, 1, 10, 8, 5, 10, 3, np.nan], [10, 1, 10, 8, 8, 1, 1, 0], [10, 1, 10, 10, 8, 1, 3, 0])
    assert fitted.predict(X).tolist() == [
        *["champions", "new", "cannot_lose", "at_risk", "loyal", "lost", "potential_loyal", "no_purchase"]
    ]


def test_never_bought_scores_zero_and_does_not_move_the_limits():
    bought = _frame(np.arange(1, 11), np.arange(1, 11), np.arange(1, 11))
    never = _frame([np.nan] * 90, [0] * 90, [np.nan] * 90)
    fitted = _segmenter().fit(pd.concat([bought, never]))
    assert fitted.to_dict()["learnt"] == _segmenter().fit(bought).to_dict()["learnt"]
    assert fitted.scores(never).to_numpy().sum() == 0
    assert fitted.describe().set_index("segment").loc["no_purchase", "n"] == 90


def test_rules_are_in_words():
    described = _segmenter().fit(_frame([1], [1], [1])).describe().set_index("segment")["rule"]
    assert described["champions"] == "recency 4, frequency and money 4 to 5; or recency 5, frequency and money 4 to 5"
    assert described["no_purchase"] == "never bought"


def test_one_customer():
    assert _segmenter().fit(_frame([3], [1], [10])).predict(_frame([3], [1], [10])).tolist() == ["new"]


def test_texts_instead_of_numbers_are_refused():
    with pytest.raises(InputError, match="X.r must be numbers; 1 of 2 rows is not, first at row 1: 'soon'"):
        _segmenter().fit(pd.DataFrame({"r": ["1", "soon"], "f": [1, 2], "m": [1, 2]}))


@pytest.mark.parametrize("seed", range(5))
def test_scores_are_monotone(seed):
    rng = np.random.default_rng(seed)
    recency, frequency = rng.integers(1, 400, 500).astype(float), rng.poisson(3, 500).astype(float)
    recency[rng.random(500) < 0.2] = np.nan
    X = _frame(recency, frequency, np.round(np.exp(rng.normal(3, 2, 500)), 2))
    scores = _segmenter().fit(X).scores(X)[X["r"].notna()]
    values = X[X["r"].notna()]
    # The more recent, the more often and the more, the higher the score; equal values, equal scores.
    for feature, score, sign in (("r", "recency", -1), ("f", "frequency", 1), ("m", "monetary", 1)):
        by_value = scores[score].groupby(sign * values[feature])
        assert (by_value.nunique() == 1).all()
        assert by_value.first().is_monotonic_increasing


def test_limits_are_the_quintiles_of_buyers_by_hand():
    fitted = _segmenter().fit(_frame([10, 20, 30, 40, 50, np.nan], [1, 2, 3, 4, 5, 0], [2, 4, 6, 8, 10, 0]))
    # 20 % of the way along four gaps of 10 is 0.8 gaps: 18.
    assert fitted.limits_["r"].tolist() == pytest.approx([18, 26, 34, 42])
    assert fitted.limits_["m"].tolist() == pytest.approx([3.6, 5.2, 6.8, 8.4])


def test_nobody_has_ever_bought():
    X = _frame([np.nan] * 3, [0] * 3, [0] * 3)
    assert _segmenter().fit(X).predict(X).tolist() == ["no_purchase"] * 3
    assert _segmenter().fit(X.iloc[:0]).predict(X).tolist() == ["no_purchase"] * 3


def test_the_first_buyer_is_new_and_no_lost_favorite():
    first = _frame([3.0, np.nan], [1, 0], [20.0, 0])
    fitted = _segmenter().fit(_frame([np.nan] * 3, [0] * 3, [0] * 3))
    back = RFMSegmenter.from_dict(json.loads(json.dumps(fitted.to_dict())))
    for segmenter in (fitted, back, _segmenter().fit(first.iloc[:0])):
        assert segmenter.predict(first).tolist() == ["new", "no_purchase"]


def test_columns_with_numbers_as_names_go_through_json():
    X = pd.DataFrame(np.random.default_rng(0).exponential(size=(50, 2)), columns=[1, 2])
    fitted = RFMSegmenter(1, 2, 2).fit(X)
    back = RFMSegmenter.from_dict(json.loads(json.dumps(fitted.to_dict())))
    assert back.predict(X).tolist() == fitted.predict(X).tolist()
    with pytest.raises(InputError, match="state of RFMSegmenter is incomplete"):
        RFMSegmenter.from_dict({**fitted.to_dict(), "learnt": {}})


def test_endless_numbers_are_refused():
    X = pd.DataFrame({"r": [1.0, 2], "f": [1.0, 2], "m": [1.0, np.inf]})
    with pytest.raises(InputError, match="X.m must be finite numbers, or missing"):
        RFMSegmenter("r", "f", "m").fit(X)
