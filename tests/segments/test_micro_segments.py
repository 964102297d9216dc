"""Fine segments: found on one half, measured on the other."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.segments import MicroSegmenter
from nbo.wilson import wilson_interval


def _people(seed, n=6000):
    rng = np.random.default_rng(seed)
    return rng, pd.DataFrame(
        {
            "age": rng.uniform(20, 60, n),
            "city": rng.choice(["Bern", "Rome"], n),
            **{f"noise{i}": rng.normal(size=n) for i in range(5)},
        }
    )


def _rate(X):
    return np.where(X["age"] < 40, np.where(X["city"] == "Bern", 0.5, 0.2), 0.05)


def test_planted_segments_are_found_with_rules_to_read():
    rng, X = _people(0)
    fitted = MicroSegmenter().fit(X, rng.random(len(X)) < _rate(X))
    table = fitted.describe()
    assert len(table) == 3
    assert sorted(table["mean"]) == pytest.approx([0.05, 0.2, 0.5], abs=0.06)
    rules = " | ".join(table["rule"])
    assert "age <= " in rules
    assert "city is Bern" in rules
    assert "noise" not in rules
    assert table["n"].sum() == len(X)


def test_the_interval_is_of_the_half_that_had_no_say():
    rng, X = _people(1)
    bought = (rng.random(len(X)) < _rate(X)).astype(float)
    fitted = MicroSegmenter().fit(X, bought)
    half = np.random.default_rng(0).permutation(len(X)) % 2 == 1
    labels = fitted.predict(X)
    for row in fitted.describe().to_dict("records"):
        own = half & (labels == row["segment"])
        assert row["measured"] == own.sum()
        assert row["mean"] == pytest.approx(bought[own].mean())
        low, high = wilson_interval(bought[own].sum(), own.sum())
        assert (row["low"], row["high"]) == pytest.approx((low, high))
        assert row["lift"] == pytest.approx(bought[own].mean() / bought[half].mean())


def test_intervals_hold_the_true_rate_as_often_as_stated():
    held, count = 0, 0
    for seed in range(60):
        rng, X = _people(seed, n=1500)
        fitted = MicroSegmenter(min_customers=50, random_state=seed).fit(X, rng.random(len(X)) < _rate(X))
        _, many = _people(1000 + seed, n=20_000)
        true = pd.Series(_rate(many)).groupby(fitted.predict(many)).mean()
        table = fitted.describe().set_index("segment")
        inside = (table["low"] <= true) & (true <= table["high"])
        held, count = held + inside.sum(), count + len(inside)
    # Four standard errors below 95 %.
    assert count > 100
    assert held / count > 0.95 - 4 * np.sqrt(0.95 * 0.05 / count)


def test_without_evidence_there_is_one_segment():
    counts = []
    for seed in range(20):
        rng, X = _people(seed, n=2000)
        counts.append(len(MicroSegmenter(random_state=seed).fit(X, rng.random(len(X)) < 0.2).describe()))
    assert np.mean(np.array(counts) == 1) >= 0.8


def test_values_of_a_column_have_students_interval_and_need_not_be_there_to_predict():
    rng, X = _people(2)
    X["profit"] = np.where(X["age"] < 40, 100, 20) + rng.normal(0, 30, len(X))
    fitted = MicroSegmenter(target="profit", max_segments=4).fit(X)
    table = fitted.describe()
    assert table["mean"].round(-1).tolist() == [100, 20]
    assert "profit" not in " ".join(table["rule"])
    half = np.random.default_rng(0).permutation(len(X)) % 2 == 1
    own = X["profit"][half & (fitted.predict(X) == "s01")]
    from scipy import stats

    low, high = stats.t.interval(0.95, len(own) - 1, own.mean(), own.std() / np.sqrt(len(own)))
    assert (table["low"][0], table["high"][0]) == pytest.approx((low, high))
    assert fitted.predict(X.drop(columns="profit")).tolist() == fitted.predict(X).tolist()


@pytest.mark.parametrize("seed", range(4))
def test_no_segment_is_smaller_than_asked_in_either_half(seed):
    rng, X = _people(seed, n=1000)
    fitted = MicroSegmenter(min_customers=120, random_state=seed).fit(X, rng.random(len(X)) < _rate(X))
    table = fitted.describe()
    assert (table["measured"] >= 120).all()
    assert (table["n"] - table["measured"] >= 120).all()


def test_rows_without_outcome_are_left_out():
    rng, X = _people(3, n=2000)
    bought = (rng.random(len(X)) < _rate(X)).astype(float)
    bought[:500] = np.nan
    assert MicroSegmenter().fit(X, bought).describe()["n"].sum() == 1500


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_customers_are_one_segment(n):
    _, X = _people(0, n=10)
    fitted = MicroSegmenter().fit(X.iloc[:n], np.ones(n))
    assert fitted.describe()["rule"].tolist() == ["everyone"]
    assert fitted.predict(X).tolist() == ["s01"] * 10


@pytest.mark.parametrize(
    ("arguments", "accepted", "says"),
    [
        ({}, None, "fit needs `accepted`, or a column of X named as `target`"),
        ({"target": "profit"}, None, "X lacks the column 'profit'"),
        ({}, [1], "accepted must have one value for each of the 10 rows"),
        ({}, [np.inf] * 10, "accepted must be finite"),
        ({"max_segments": 0}, [1] * 10, "max_segments must be 1 or more"),
        ({"level": 1}, [1] * 10, r"level must be in \(0, 1\)"),
    ],
)
def test_wrong_input_is_refused(arguments, accepted, says):
    with pytest.raises(InputError, match=says):
        MicroSegmenter(**arguments).fit(_people(0, n=10)[1], accepted)
