"""Every model of the customer owes the same, beside scikit-learn's own checks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin

from nbo import labels, models
from nbo.models import ChurnModel
from nbo.testing import check_model
from nbo.testing.parts import parts_of

# Models of purchase histories have no target; tests/models/btyd/test_every.py checks what they owe.
PARTS = {name: part for name, part in parts_of(models, BaseEstimator).items() if ".btyd." not in part.__module__}
# What makes columns for models predicts nothing by itself; tests/models/test_expected_outcomes.py checks what it owes.
MODELS = {name: part for name, part in PARTS.items() if not issubclass(part, TransformerMixin)}
SMALL = {"n_estimators": 15, "min_child_samples": 5}


def test_these_are_all_models():
    assert list(MODELS) == ["CLVModel", "ChurnModel", "PropensityModel", "UpliftModel"]
    assert sorted(PARTS.keys() - MODELS.keys()) == ["ExpectedOutcomes"]


@pytest.fixture(scope="session")
def data(world, spine, features, history):
    X = features.build(world.tables, spine)
    left = labels.churned(world.tables, spine, horizon="60D", until=world.end)
    spent = labels.spend(world.tables, spine, horizon="60D", until=world.end)
    return {
        "CLVModel": (X.loc[spent.index], spent),
        "ChurnModel": (X.loc[left.index], left),
        "PropensityModel": (history.offered(), history.feedback["reward"]),
        "UpliftModel": (X.loc[spent.index], spent > 0),
    }


class EveryOther(models.UpliftModel):
    """Take every other row as treated, for the check knows no treatment."""

    def fit(self, X, y):
        return super().fit(X, y, np.arange(len(y)) % 2, treatment_probability=0.5)


@pytest.mark.parametrize("name", MODELS)
def test_model(name, data):
    model = EveryOther if name == "UpliftModel" else MODELS[name]
    check_model(model(**SMALL), *data[name])


class Positional(ChurnModel):
    """Take columns by their place."""

    def predict_proba(self, X):
        return super().predict_proba(X.set_axis(self.feature_names_in_, axis=1))


class Random(ChurnModel):
    """Predict something else each time."""

    def predict_proba(self, X):
        return super().predict_proba(X) * np.random.default_rng().random()


class Percent(ChurnModel):
    """Predict percentages."""

    def predict_proba(self, X):
        return 100 * super().predict_proba(X)


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (Positional(**SMALL), "must take columns by name"),
        (Random(**SMALL), "must learn the same from the same rows"),
        (Percent(**SMALL), "must give probabilities that are 0 or more and sum to 1"),
    ],
)
def test_a_model_that_owes_something_is_found(model, says):
    numbers = np.arange(300)
    X = pd.DataFrame({"visits": numbers % 7, "days": numbers % 11})
    with pytest.raises(AssertionError, match=says):
        check_model(model, X, numbers % 7 < 3)
