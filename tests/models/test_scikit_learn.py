from __future__ import annotations

from sklearn.utils.estimator_checks import parametrize_with_checks

from nbo.models import ChurnModel, CLVModel, PropensityModel

FAST = {"n_estimators": 10, "min_child_samples": 2, "learning_rate": 0.3}
MODELS = [PropensityModel(**FAST), ChurnModel(**FAST), CLVModel(**FAST)]

EXPECTED_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": (
        "rows of weight 0 are as good as absent, but a row of weight 2 is one row: in a leaf's fewest rows, "
        "in the bins of a column and in the random choice of the later rows"
    ),
}


@parametrize_with_checks(MODELS, expected_failed_checks=lambda model: EXPECTED_FAILURES)
def test_scikit_learn_checks(estimator, check):
    check(estimator)
