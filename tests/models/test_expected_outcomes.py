from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from nbo.errors import InputError
from nbo.models import ExpectedOutcomes, PropensityModel

FAST = {"n_estimators": 20, "learning_rate": 0.2, "min_child_samples": 20}


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"age": rng.integers(18, 80, 1200), "plan": rng.choice(["basic", "gold"], 1200)})
    X.index = np.arange(1200) + 7
    later = pd.DataFrame({"visits": rng.poisson(np.where(X["age"] < 50, 6.0, 2.0)).astype(float)})
    later["basket"] = np.where(later["visits"] > 0, np.where(X["plan"] == "gold", 30.0, 10.0), np.nan)
    return X, later, rng.integers(0, 300, 1200)


@pytest.fixture(scope="module")
def fitted(rows):
    X, later, groups = rows
    return ExpectedOutcomes(**FAST).fit(X, later, groups)


def test_columns_say_what_happens_on_average(rows, fitted):
    columns = fitted.transform(pd.DataFrame({"plan": ["gold", "basic"], "age": [30, 70]}))
    assert columns.columns.tolist() == fitted.get_feature_names_out().tolist()
    assert columns.columns.tolist() == ["expected__visits", "expected__basket"]
    assert columns["expected__visits"].tolist() == pytest.approx([6.0, 2.0], abs=1.0)
    # Those who bought nothing have no basket, and are no basket of 0.
    assert columns["expected__basket"].tolist() == pytest.approx([30.0, 10.0], abs=0.5)


def test_own_outcomes_of_a_group_move_none_of_its_columns(rows):
    X, later, groups = rows
    mine = groups == groups[0]
    assert 1 < mine.sum() < 20
    before = ExpectedOutcomes(**FAST).fit_transform(X, later, groups)
    after = ExpectedOutcomes(**FAST).fit_transform(X, later.assign(visits=later["visits"].mask(mine, 1e4)), groups)
    pd.testing.assert_frame_equal(before[mine], after[mine])
    assert (before[~mine] != after[~mine])["expected__visits"].any()


def test_chance_does_not_come_back_as_a_column(rows):
    X, _, _ = rows
    rng = np.random.default_rng(1)
    X = X.assign(noise=rng.normal(size=len(X)))
    chance = pd.DataFrame({"chance": rng.normal(size=len(X))})
    model = ExpectedOutcomes(**FAST)
    out_of_fold = model.fit_transform(X, chance)["expected__chance"]
    assert np.corrcoef(model.transform(X)["expected__chance"], chance["chance"])[0, 1] > 0.4
    assert abs(np.corrcoef(out_of_fold, chance["chance"])[0, 1]) < 0.1


def test_training_rows_and_others_are_learnt_by_the_same_trees(rows, fitted):
    X, later, groups = rows
    model = ExpectedOutcomes(**FAST)
    columns = model.fit_transform(X, later, groups)
    assert columns.index.equals(X.index)
    pd.testing.assert_frame_equal(model.transform(X), fitted.transform(X))
    assert not np.array_equal(columns, model.transform(X))


def test_the_same_bits_from_any_frame_and_from_disk(rows, fitted, tmp_path):
    X, _, _ = rows
    columns = fitted.transform(X)
    fitted.to_dir(tmp_path)
    again = ExpectedOutcomes.from_dir(tmp_path)
    assert again.get_params() == fitted.get_params()
    pd.testing.assert_frame_equal(again.transform(X[["plan", "age"]]), columns)
    np.testing.assert_array_equal(fitted.transform(pl.from_pandas(X)), columns)


def test_polars_outcomes_and_a_clone(rows, fitted):
    X, later, groups = rows
    again = clone(fitted).fit(X, pl.from_pandas(later), groups)
    pd.testing.assert_frame_equal(again.transform(X), fitted.transform(X))


def test_each_outcome_is_explained(rows, fitted):
    X = rows[0].head(5)
    shares = fitted.explain(X, part="basket")
    np.testing.assert_allclose(shares.sum(axis=1), fitted.transform(X)["expected__basket"])
    assert fitted.feature_importance("basket")["feature"][0] == "plan"


def test_rare_acceptance_is_learnt_better_through_what_customers_do_anyway():
    rng = np.random.default_rng(2)
    X = pd.DataFrame(rng.normal(size=(6000, 10))).rename(columns="x{}".format)
    trait = 2 * np.sign(X["x0"] * X["x1"]) + X["x2"] - X["x3"].abs()
    visits = pd.DataFrame({"visits": rng.poisson(np.exp(1.5 + 0.5 * trait.clip(-4, 4))).astype(float)})
    y = rng.random(6000) < 1 / (1 + np.exp(4 - trait))
    train, test = slice(0, 2000), slice(2000, None)
    model = PropensityModel(n_estimators=100, linear_share=0.0)
    alone = model.fit(X[train], y[train]).predict_proba(X[test])[:, 1]
    expected = ExpectedOutcomes(n_estimators=60, learning_rate=0.1, min_child_samples=20)
    Z = X[train].join(expected.fit_transform(X[train], visits[train]))
    both = model.fit(Z, y[train]).predict_proba(X[test].join(expected.transform(X[test])))[:, 1]
    # 92 rows accepted. Measured 0.757 and 0.818; who knew the trait would reach 0.896.
    assert roc_auc_score(y[test], both) > roc_auc_score(y[test], alone) + 0.04


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"later": lambda later: later.iloc[:-1]}, "y must have 1200 rows, as X"),
        ({"later": lambda later: later[[]]}, "an outcome in each column"),
        ({"later": lambda later: later.assign(visits=np.nan)}, "visits is not known of any of the 1200 rows"),
        ({"later": lambda later: later.assign(visits=np.inf)}, "y.visits must be finite, or missing"),
        ({"later": lambda later: later.rename(columns={"visits": "a/b"})}, "must be named by letters"),
        ({"n_folds": 1}, "n_folds must be a whole number, at least 2"),
        ({"n_folds": 2000}, "n_folds must not exceed the number of groups"),
    ],
)
def test_broken_input_is_refused(rows, changes, message):
    X, later, groups = rows
    later = changes.pop("later", lambda each: each)(later)
    with pytest.raises(InputError, match=message):
        ExpectedOutcomes(**FAST, **changes).fit_transform(X, later, groups)
