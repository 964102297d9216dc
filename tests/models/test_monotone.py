from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.models import PropensityModel


def simulate(n=4000):
    """A noisy rise with `tenure`, a fall with `age`."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"tenure": rng.random(n), "age": rng.random(n), "plan": rng.choice(["a", "b"], n)})
    p = 0.3 + 0.2 * np.sin(9 * X["tenure"]) + 0.2 * X["tenure"] - 0.2 * X["age"]
    return X, rng.random(n) < p


def steps(model, column):
    grid = pd.DataFrame({"tenure": 0.5, "age": 0.5, "plan": "a"}, index=range(200))
    grid[column] = np.linspace(0, 1, 200)
    return np.diff(model.predict_proba(grid)[:, 1])


def test_score_moves_only_as_bound():
    X, y = simulate()
    settings = {"n_estimators": 60, "min_child_samples": 5, "early_stopping_rounds": 0}
    free = PropensityModel(**settings).fit(X, y)
    bound = PropensityModel(**settings, monotone={"tenure": 1, "age": -1}).fit(X, y)
    assert steps(free, "tenure").min() < 0
    assert steps(bound, "tenure").min() >= 0
    assert steps(bound, "age").max() <= 0
    assert steps(bound, "tenure").max() > 0


def test_binding_nothing_changes_no_bit():
    X, y = simulate(1000)
    first = PropensityModel(n_estimators=10).fit(X, y)
    second = PropensityModel(n_estimators=10, monotone={}).fit(X, y)
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))


def test_stored_model_keeps_what_was_bound(tmp_path):
    X, y = simulate(500)
    PropensityModel(n_estimators=5, monotone={"age": -1}).fit(X, y).to_dir(tmp_path)
    assert PropensityModel.from_dir(tmp_path).get_params()["monotone"] == {"age": -1}


@pytest.mark.parametrize(
    ("monotone", "message"),
    [
        ({"tenur": 1}, "monotone names the column 'tenur', which X has not. It has: 'age', 'plan', 'tenure'"),
        ({"plan": 1}, "monotone names the column 'plan', whose categories have no order"),
        ({"age": 2}, "monotone must give 1 .* column 'age' has 2"),
        ({"age": True}, "column 'age' has True"),
        ([1, 0, 0], "monotone must be a mapping"),
    ],
)
def test_what_cannot_be_bound_is_refused(monotone, message):
    X, y = simulate(100)
    with pytest.raises(InputError, match=message):
        PropensityModel(monotone=monotone).fit(X, y)
