"""What scikit-learn asks of an estimator, though the treatment is an argument of its own."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from nbo.models.uplift import UpliftModel

FAST = {"n_estimators": 10, "min_child_samples": 2, "n_folds": 2}


class EveryOther(UpliftModel):
    """Takes every other row as treated: scikit-learn's checks know no treatment."""

    def fit(self, X, y, sample_weight=None):
        return super().fit(X, y, every_other(y), treatment_probability=0.5, sample_weight=sample_weight)

    def score(self, X, y):
        return super().score(X, y, every_other(y))


def every_other(y):
    return np.arange(np.asarray(y).size) % 2


EXPECTED_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": (
        "rows of weight 0 are as good as absent, but a row of weight 2 is one row: in a leaf's fewest rows and in the "
        "folds"
    ),
}


@parametrize_with_checks(
    [EveryOther(**FAST), EveryOther("dr", **FAST)],
    expected_failed_checks=lambda model: EXPECTED_FAILURES if model.learner == "dr" else {},
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def test_the_treatment_is_routed_through_a_pipeline(routing, trial):
    model = UpliftModel(**FAST).set_fit_request(treatment=True, treatment_probability=True)
    pipeline = make_pipeline(FunctionTransformer(), model)
    pipeline.fit(trial.X, trial.y, treatment=trial.treatment, treatment_probability=trial.probability)
    direct = clone(model).fit(trial.X, trial.y, trial.treatment, trial.probability)
    np.testing.assert_array_equal(pipeline.predict(trial.X), direct.predict(trial.X))


def test_cross_validation_scores_by_qini(routing, trial):
    model = UpliftModel(**FAST).set_fit_request(treatment=True).set_score_request(treatment=True)
    scores = cross_val_score(model, trial.X, trial.y, cv=2, params={"treatment": trial.treatment})
    assert scores.shape == (2,)
    assert (scores > 0).all()
    search = GridSearchCV(model, {"learner": ["s", "t"]}, cv=2)
    search.fit(trial.X, trial.y, treatment=trial.treatment)
    assert search.best_score_ > 0
