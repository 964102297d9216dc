from __future__ import annotations

import contextlib
import io
from concurrent.futures import ThreadPoolExecutor

import mlflow
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from nbo.errors import InputError
from nbo.models import ChurnModel, CLVModel, PropensityModel, UpliftModel


def simulate(n=1500):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n)})
    return X, rng.random(n) < 1 / (1 + np.exp(-X["a"]))


def test_callbacks_hear_every_tree_of_both_trainings():
    heard = []
    model = PropensityModel(n_estimators=12, early_stopping_rounds=50, linear_share=0.0)
    model.fit(*simulate(), callbacks=[lambda *what: heard.append(what)])
    first, second = heard[:12], heard[12:]
    assert [tree for tree, _, _ in first] == list(range(1, 13))
    assert all(most == 12 for _, most, _ in first)
    losses = [loss for _, _, loss in first]
    # All trees are grown anew on all rows, as many as were best before.
    assert [what[:2] for what in second] == [(i + 1, len(second)) for i in range(int(np.argmin(losses)) + 1)]
    assert all(loss is None for _, _, loss in second)
    assert losses[0] == pytest.approx(0.68, abs=0.02)


def test_listening_changes_no_bit():
    X, y = simulate()
    quiet = PropensityModel(n_estimators=20).fit(X, y)
    heard = PropensityModel(n_estimators=20).fit(X, y, callbacks=[lambda *_: None])
    np.testing.assert_array_equal(quiet.predict_proba(X), heard.predict_proba(X))


def spend_of_some(n=1500):
    X, y = simulate(n)
    return X, np.where(y, 10.0 + X["b"] ** 2, 0.0)


@pytest.mark.parametrize(
    ("model", "given"),
    [
        (ChurnModel(n_estimators=6), simulate()),
        (CLVModel(n_estimators=6), spend_of_some()),
        (UpliftModel(n_estimators=6, n_folds=2), (*simulate(), np.arange(1500) % 2)),
    ],
    ids=lambda part: type(part).__name__,
)
def test_every_model_of_trees_tells_how_far_it_is(model, given):
    heard = []
    X = given[0]
    fitted = clone(model).fit(*given, callbacks=[lambda *what: heard.append(what)])
    assert {most for tree, most, _ in heard if tree == 1} <= set(range(1, 7))
    # Each training counts from 1.
    assert sum(tree == 1 for tree, _, _ in heard) >= 2
    quiet = clone(model).fit(*given)
    ask = "predict_proba" if hasattr(model, "predict_proba") else "predict"
    np.testing.assert_array_equal(getattr(quiet, ask)(X), getattr(fitted, ask)(X))
    with pytest.raises(InputError, match="callbacks must be functions of"):
        clone(model).fit(*given, callbacks=["tqdm"])


def test_bar_is_shown_on_demand_only(capfd):
    X, y = simulate()
    PropensityModel(n_estimators=5).fit(X, y)
    assert capfd.readouterr() == ("", "")
    with contextlib.redirect_stderr(io.StringIO()) as shown:
        PropensityModel(n_estimators=5, early_stopping_rounds=0).fit(X, y, progress=True)
    assert "trees" in shown.getvalue()
    assert "5/5" in shown.getvalue()


def test_what_cannot_be_called_is_refused():
    with pytest.raises(InputError, match="callbacks must be functions of .* got 'tqdm'"):
        PropensityModel().fit(*simulate(50), callbacks=["tqdm"])


def test_autologging_of_mlflow_neither_logs_nor_disturbs(tmp_path):
    X, y = simulate()
    before = PropensityModel(n_estimators=10).fit(X, y).predict_proba(X)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    mlflow.lightgbm.autolog(log_datasets=False)
    try:
        after = PropensityModel(n_estimators=10).fit(X, y).predict_proba(X)
        assert mlflow.active_run() is None
        assert mlflow.search_runs(search_all_experiments=True, output_format="list") == []
    finally:
        mlflow.lightgbm.autolog(disable=True)
        mlflow.set_tracking_uri(None)
    np.testing.assert_array_equal(before, after)


def test_models_can_be_fitted_in_threads():
    X, y = simulate()
    alone = PropensityModel(n_estimators=20).fit(X, y).probability_.boosting.text
    with ThreadPoolExecutor(4) as pool:
        fits = pool.map(lambda _: PropensityModel(n_estimators=20).fit(X, y).probability_.boosting.text, range(8))
        assert set(fits) == {alone}
