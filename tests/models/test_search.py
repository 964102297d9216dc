from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss

from nbo.errors import InputError, MissingPackageError
from nbo.models import CLVModel, PropensityModel, TimeSplit
from nbo.models.search import search
from nbo.tables import Catalog, Offer


def simulate(n=1500):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n), "offer_id": rng.choice(["card", "loan"], n)})
    y = rng.random(n) < 1 / (1 + np.exp(-X["a"] * X["b"]))
    return X, y, pd.Series(pd.date_range("2026-01-01", periods=n, freq="h"))


def test_same_seed_same_search_and_the_best_comes_first(capfd):
    X, y, time = simulate()
    model = PropensityModel(n_estimators=15)
    (best, trials), (again, same) = (search(model, X, y, n_trials=5, fit_params={"time": time}) for _ in range(2))
    pd.testing.assert_frame_equal(trials, same)
    np.testing.assert_array_equal(best.predict_proba(X), again.predict_proba(X))
    assert trials["loss"].is_monotonic_increasing
    assert list(trials.columns) == ["trial", "loss", "num_leaves", "learning_rate", "min_child_samples", "linear_share"]
    assert {name: getattr(best, name) for name in trials.columns[2:]} == trials.iloc[0, 2:].to_dict()
    assert model.num_leaves == 31
    assert not hasattr(model, "probability_")
    assert capfd.readouterr() == ("", "")


def test_first_trial_is_the_model_as_it_is_and_the_loss_that_of_later_rows():
    X, y, time = simulate()
    model = PropensityModel(n_estimators=15)
    _, trials = search(model, X, y, n_trials=1, fit_params={"time": time})
    ((train, test),) = TimeSplit().split(time)
    p = model.fit(X.iloc[train], y[train], time=time.iloc[train]).predict_proba(X.iloc[test])[:, 1]
    assert trials["loss"].item() == pytest.approx(log_loss(y[test], p), abs=1e-12)


def test_a_better_choice_is_found():
    X, y, time = simulate()
    # One leaf pair can't see that a and b count together.
    best, _ = search(
        PropensityModel(n_estimators=60, num_leaves=2),
        X,
        y,
        {"num_leaves": [2, 15]},
        n_trials=4,
        fit_params={"time": time},
    )
    assert best.num_leaves == 15


def test_rows_of_the_fit_go_with_their_split():
    X, y, time = simulate(600)
    catalog = Catalog([Offer("card", value=40.0), Offer("loan", value=90.0)])
    given = {"time": list(time), "groups": np.arange(600), "sample_weight": np.ones(600), "catalog": catalog}
    given["action_probability"], given["viewed"] = [0.5] * 600, [True] * 600
    best, _ = search(PropensityModel(n_estimators=3), X, y, {"num_leaves": (2, 4)}, n_trials=2, fit_params=given)
    assert best.offers_ is not None


def test_amounts_and_splits_of_ones_own():
    X, y, _ = simulate(600)
    cuts = [(np.arange(300), np.arange(300, 600))]
    _, trials = search(CLVModel(n_estimators=5), X, np.where(y, 10.0, 0.0), {"learning_rate": (0.05, 0.2)}, cuts, 2)
    assert trials["loss"].between(0, 10).all()


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"leaves": (2, 4)}, "space names must be one of"),
        ({"num_leaves": (4, 2)}, r"space must give .* 'num_leaves' has \(4, 2\)"),
        ({"num_leaves": []}, "'num_leaves' has"),
        ({"num_leaves": 3}, "'num_leaves' has 3"),
        ({"num_leaves": (2, 4, "lin")}, "'num_leaves' has"),
    ],
)
def test_spaces_that_say_nothing_are_refused(space, message):
    X, y, time = simulate(100)
    with pytest.raises(InputError, match=message):
        search(PropensityModel(), X, y, space, fit_params={"time": time})


def test_times_are_needed_for_later_rows():
    X, y, _ = simulate(100)
    with pytest.raises(InputError, match='needs their times: fit_params={"time": ...}'):
        search(PropensityModel(), X, y)


def test_without_optuna_the_way_out_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    X, y, _ = simulate(10)
    with pytest.raises(MissingPackageError, match=r"pip install 'nbo\[search\]'"):
        search(PropensityModel(), X, y)
