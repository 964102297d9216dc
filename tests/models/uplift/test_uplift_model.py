from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.stats import spearmanr
from sklearn.base import clone

from nbo.errors import BundleError, InputError
from nbo.models.boosting import BoostingSettings
from nbo.models.encoding import FrameEncoder
from nbo.models.training_data import TrainingData
from nbo.models.uplift import UpliftModel, qini
from nbo.models.uplift.folds import make_folds
from nbo.models.uplift.like_effects import LikeEffects
from nbo.models.uplift.treatment_probability import estimate_probability

LEARNERS = ["s", "t", "x", "dr", "r"]
FAST = {"n_estimators": 20, "n_folds": 2, "min_child_samples": 50}


@pytest.fixture(scope="module", params=LEARNERS)
def fitted(request, trial):
    """Every learner on a randomized trial, with few trees."""
    return UpliftModel(request.param, **FAST).fit(trial.X, trial.y, trial.treatment, treatment_probability=0.5)


def recovered(planted, learner, probability, least):
    model = UpliftModel(learner, n_folds=3, min_child_samples=50)
    model.fit(planted.X, planted.y, planted.treatment, treatment_probability=probability)
    uplift = model.predict(planted.X)
    assert spearmanr(uplift, planted.effect)[0] >= least
    average = model.average_effect_.iloc[0]
    assert average["slope"] > 4 * average["slope_error"]
    assert abs(average["effect"] - planted.effect.mean()) <= 4 * average["standard_error"]
    assert abs(uplift.mean() - planted.effect.mean()) <= 4 * average["standard_error"]
    return model


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_planted_effect_is_recovered(learner, trial):
    recovered(trial, learner, 0.5, 0.7)


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_planted_effect_on_an_amount_is_recovered(learner, amounts):
    recovered(amounts, learner, 0.5, 0.6)


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_planted_effect_is_recovered_where_buyers_were_treated_more_often(learner, confounded):
    model = recovered(confounded, learner, confounded.probability, 0.7)
    assert model.overlap_["mean"].to_numpy() == pytest.approx(
        [1 - confounded.probability.mean(), confounded.probability.mean()]
    )


@pytest.mark.parametrize("learner", ["dr", "r", "x"])
def test_a_planted_effect_is_recovered_with_learnt_probabilities(learner, confounded):
    recovered(confounded, learner, None, 0.7)
    treated = confounded.treatment == 1
    naive = confounded.y[treated].mean() - confounded.y[~treated].mean()
    # The test is one: who was treated bought more anyway.
    error = np.sqrt(confounded.y[treated].var() / treated.sum() + confounded.y[~treated].var() / (~treated).sum())
    assert naive - confounded.effect.mean() > 4 * error


def test_learnt_probabilities_are_near_the_true_ones(confounded):
    encoder = FrameEncoder().fit(confounded.X)
    data = TrainingData(encoder.transform(confounded.X), confounded.y, categories=tuple(encoder.category_columns))
    fold = make_folds(confounded.treatment, 3, seed=0)
    learnt = estimate_probability(data, confounded.treatment, fold, BoostingSettings(100, 0.1, 8, 20, 0, 1, 0))
    assert learnt.sum(axis=1) == pytest.approx(1)
    assert np.abs(learnt[:, 1] - confounded.probability).mean() < 0.04


def test_several_treatments_share_a_control():
    rng = np.random.default_rng(4)
    n = 9000
    X = pd.DataFrame({"age": rng.integers(18, 80, n)})
    arm = rng.choice(["no_offer", "email", "sms"], n, p=[0.4, 0.4, 0.2])
    effect = np.column_stack([np.where(X["age"] < 45, 0.3, 0.0), np.where(X["age"] < 45, 0.0, 0.2)])
    mean = 0.2 + effect[:, 0] * (arm == "email") + effect[:, 1] * (arm == "sms")
    y = rng.random(n) < mean
    for learner in LEARNERS:
        model = UpliftModel(learner, n_folds=2, n_estimators=40).fit(X, y, arm, treatment_probability=[0.4, 0.2])
        assert model.control_ == "no_offer"
        assert model.treatments_.tolist() == ["email", "sms"]
        uplift = model.predict(X)
        assert uplift.shape == (n, 2)
        for k in range(2):
            assert np.corrcoef(uplift[:, k], effect[:, k])[0, 1] > 0.8, learner
            average = model.average_effect_.iloc[k]
            assert abs(average["effect"] - effect[:, k].mean()) <= 4 * average["standard_error"]
        assert model.predict_outcomes(X).shape == (n, 3)
        assert model.interval(X[:5]).shape == (5, 2, 2)
        assert model.explain(X[:3], part="sms").sum(axis=1).shape == (3,)
    learnt = UpliftModel("dr", **FAST).fit(X, y, arm)
    assert learnt.overlap_["mean"].to_numpy() == pytest.approx([0.4, 0.4, 0.2], abs=0.02)
    with pytest.raises(InputError, match="score knows one treatment"):
        model.score(X, y, arm)


def test_the_interval_of_a_group_holds_its_true_effect(trial):
    model = UpliftModel("dr", n_folds=5).fit(trial.X, trial.y, trial.treatment, treatment_probability=0.5)
    likes = model.fitted_.likes[0]
    group = likes._place(model.predict(trial.X))
    truth = np.array([trial.effect[group == g].mean() for g in range(len(likes.effect_))])
    # Predictions of the rows trained on spread a little more than those of rows held out: hence 4 errors of ten groups.
    assert np.abs(truth - likes.effect_).max() <= 4 * likes.standard_error_.max()
    ends = model.interval(trial.X, level=0.9)
    assert (ends[:, 0] < ends[:, 1]).all()
    wider = model.interval(trial.X, level=0.99)
    assert (wider[:, 0] < ends[:, 0]).all()


def test_groups_of_like_uplift_have_enough_rows():
    rng = np.random.default_rng(0)
    uplift = np.r_[np.zeros(3000), rng.random(700), [9.0]]
    likes = LikeEffects().fit(uplift, rng.normal(size=len(uplift)))
    assert np.bincount(likes._place(uplift)).min() >= 100
    assert np.isfinite(likes.standard_error_).all()
    assert len(likes.edges_) >= 1
    assert len(LikeEffects().fit(np.zeros(500), rng.normal(size=500)).edges_) == 0


def test_outcomes_differ_by_the_uplift(fitted, trial):
    outcomes = fitted.predict_outcomes(trial.X)
    assert outcomes.shape == (len(trial.y), 2)
    assert ((outcomes >= 0) & (outcomes <= 1)).all()
    inside = (outcomes > 0).all(axis=1) & (outcomes < 1).all(axis=1)
    np.testing.assert_allclose((outcomes[:, 1] - outcomes[:, 0])[inside], fitted.predict(trial.X)[inside], atol=1e-12)


def test_contributions_sum_to_the_effect(fitted, trial):
    rows = trial.X[:50]
    total = fitted.explain(rows).sum(axis=1).to_numpy()
    if fitted.learner in ("s", "t"):
        control, treated = fitted.predict_outcomes(rows).T
        expected = np.log(treated / (1 - treated)) - np.log(control / (1 - control))
    else:
        expected = fitted.predict(rows)
    np.testing.assert_allclose(total, expected, atol=1e-6)
    approximate = fitted.explain(rows, approximate=True)
    np.testing.assert_allclose(approximate.sum(axis=1), expected, atol=1e-6)


def test_the_column_that_moves_the_effect_is_the_important_one(fitted):
    importance = fitted.feature_importance()
    assert importance["feature"].iloc[0] == "age"
    assert importance["share"].sum() == pytest.approx(1)
    with pytest.raises(InputError, match="part must be one of 1; got 'sms'"):
        fitted.feature_importance("sms")


def test_the_same_bits_come_back_from_a_folder(fitted, trial, tmp_path):
    fitted.to_dir(tmp_path / "model")
    again = UpliftModel.from_dir(tmp_path / "model")
    np.testing.assert_array_equal(again.predict(trial.X), fitted.predict(trial.X))
    np.testing.assert_array_equal(again.predict_outcomes(trial.X), fitted.predict_outcomes(trial.X))
    np.testing.assert_array_equal(again.interval(trial.X), fitted.interval(trial.X))
    pd.testing.assert_frame_equal(again.overlap_, fitted.overlap_)
    pd.testing.assert_frame_equal(again.average_effect_, fitted.average_effect_)
    pd.testing.assert_frame_equal(again.feature_importance(), fitted.feature_importance())
    assert again.get_params() == fitted.get_params()
    assert (again.control_, again.treatments_.tolist()) == (0, [1])
    (tmp_path / "model" / next(iter(fitted._trees()))).with_suffix(".lgb.txt").unlink()
    with pytest.raises(BundleError, match="incomplete"):
        UpliftModel.from_dir(tmp_path / "model")


def test_columns_count_by_name_in_any_library(trial):
    model = UpliftModel(**FAST).fit(trial.X, trial.y, trial.treatment, treatment_probability=0.5)
    uplift = model.predict(trial.X)
    other = trial.X[["visits", "region", "spent", "age"]]
    np.testing.assert_array_equal(model.predict(other), uplift)
    np.testing.assert_array_equal(model.predict(pl.from_pandas(other)), uplift)
    again = clone(model).fit(pl.from_pandas(other), trial.y.tolist(), pl.Series(trial.treatment), 0.5)
    np.testing.assert_array_equal(again.predict(trial.X), uplift)
    strange = trial.X.assign(region="east", visits=np.nan)
    assert np.isfinite(model.predict(strange)).all()


@pytest.mark.parametrize("learner", LEARNERS)
def test_one_column_and_odd_labels(learner):
    rng = np.random.default_rng(0)
    x, treated = rng.random((600, 1)), rng.random(600) < 0.3
    y = np.where(treated, x[:, 0], 0.0)
    model = UpliftModel(learner, control="left alone", **FAST)
    model.fit(x, y, np.where(treated, "called", "left alone"), 0.3)
    assert model.treatments_.tolist() == ["called"]
    assert np.corrcoef(model.predict(x), x[:, 0])[0, 1] > 0.9


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("level", [0.0, 1.0, 5.0])
def test_a_constant_outcome_has_no_uplift(learner, level, trial):
    model = UpliftModel(learner, **FAST).fit(trial.X[:500], np.full(500, level), trial.treatment[:500], 0.5)
    np.testing.assert_allclose(model.predict(trial.X[:500]), 0.0, atol=1e-8)
    np.testing.assert_allclose(model.predict_outcomes(trial.X[:9]), level, atol=1e-8)
    np.testing.assert_allclose(model.interval(trial.X[:9]), 0.0, atol=1e-8)


def test_an_arm_in_which_nobody_buys(trial):
    y = np.where(trial.treatment == 1, trial.y, 0.0)
    model = UpliftModel("t", **FAST).fit(trial.X, y, trial.treatment, 0.5)
    assert model.predict_outcomes(trial.X)[:, 0].max() <= 1e-8
    assert model.predict(trial.X).mean() == pytest.approx(trial.y[trial.treatment == 1].mean(), abs=0.02)


def test_rows_of_weight_zero_are_as_good_as_absent(trial):
    weight = np.ones(len(trial.y))
    weight[:1000] = 0
    y = trial.y.copy()
    y[:1000] = 1 - y[:1000]
    weighed = UpliftModel("dr", **FAST).fit(trial.X, y, trial.treatment, trial.probability, sample_weight=weight)
    rest = UpliftModel("dr", **FAST).fit(trial.X[1000:], y[1000:], trial.treatment[1000:], 0.5)
    np.testing.assert_array_equal(weighed.predict(trial.X), rest.predict(trial.X))


def test_groups_stay_in_one_fold():
    rng = np.random.default_rng(0)
    groups, arm = rng.integers(0, 80, 400), rng.integers(0, 3, 400)
    fold = make_folds(arm, 5, 1, groups)
    assert all(len(set(fold[groups == g])) == 1 for g in range(80))
    assert np.bincount(fold).min() > 40
    alone = make_folds(arm, 5, 1)
    assert np.abs(np.bincount(alone) - 80).max() <= 1
    for a in range(3):
        assert np.ptp(np.bincount(alone[arm == a])) <= 1


def test_time_and_groups_are_taken(confounded):
    X, rows = confounded.X[:3000], slice(0, 3000)
    time = pd.date_range("2026-01-01", periods=3000, freq="h")
    model = UpliftModel("dr", **FAST)
    model.fit(X, confounded.y[rows], confounded.treatment[rows], time=time, groups=np.arange(3000) // 2)
    assert np.isfinite(model.predict(X)).all()


def test_the_score_is_the_qini(trial):
    model = UpliftModel(**FAST).fit(trial.X, trial.y, trial.treatment, 0.5)
    expected = qini(trial.y, trial.treatment, model.predict(trial.X))
    assert model.score(trial.X, trial.y, trial.treatment) == expected > 0


def test_no_overlap_is_refused(trial):
    young = (trial.X["age"] < 40).astype(int)
    with pytest.raises(InputError, match=r"too little overlap: \d+ of 6000 rows .* Leave such rows out"):
        UpliftModel().fit(trial.X, trial.y, young)
    probability = np.where(trial.X["age"] < 30, 0.001, 0.5)
    n_outside = int((trial.X["age"] < 30).sum())
    with pytest.raises(InputError, match=rf"{n_outside} of 6000 rows had a probability below 0.01"):
        UpliftModel().fit(trial.X, trial.y, trial.treatment, treatment_probability=probability)
    model = UpliftModel(max_outside=0.5, **FAST).fit(trial.X, trial.y, trial.treatment, probability)
    assert model.overlap_["outside"].tolist() == [0, n_outside]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"treatment": None}, "treatment is needed"),
        ({"treatment": np.ones(6000)}, "name the label of who was not treated as `control`"),
        ({"treatment": np.zeros(6000)}, "all 6000 rows .* are 0.0"),
        ({"treatment": np.arange(6000)}, "at most 50 labels; it has 6000"),
        ({"treatment": np.array([0, 1])}, r"must have the shape \(6000,\)"),
        ({"treatment": np.r_[np.nan, np.zeros(5999)]}, "1 of 6000 rows is not, first at row 0"),
        ({"treatment": np.r_[1, np.zeros(5999)]}, "each arm must have 2 rows or more"),
        ({"treatment_probability": 1.5}, r"treatment_probability must be in \[0, 1\]"),
        ({"treatment_probability": 0.0}, "of the arm that the row was in must be above 0"),
        ({"treatment_probability": [0.2, 0.3]}, r"of the shape \(6000, 1\); got \(2,\)"),
        ({"treatment_probability": np.full((6000, 2), 0.4)}, "over the arms must be 1"),
        ({"y": np.full(6000, np.nan)}, "y must be there in every row"),
        ({"sample_weight": np.zeros(6000)}, "all 6000 are zero"),
        ({"groups": np.zeros(6000)}, "each arm must have 2 groups or more"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(change, message, trial):
    given = {"y": trial.y, "treatment": trial.treatment, "treatment_probability": 0.5} | change
    with pytest.raises(InputError, match=message):
        UpliftModel(**FAST).fit(trial.X, **given)


def test_an_arm_without_weight_is_refused(trial):
    with pytest.raises(InputError, match="rows of a weight above zero; 1 has none"):
        UpliftModel(**FAST).fit(trial.X, trial.y, trial.treatment, 0.5, sample_weight=1.0 - trial.treatment)


def odd_trial(rng):
    """Few rows, many arms, columns that are empty, constant or huge, outcomes that are rare, constant or tiny."""
    n, arms = int(rng.choice([1, 2, 3, 5, 12, 80, 300])), int(rng.integers(2, 5))
    columns = {"a": rng.normal(size=n) * 10.0 ** rng.integers(-8, 9), "b": np.full(n, np.nan), "c": np.zeros(n)}
    columns["d"] = rng.choice(["x", "y", None], n)
    outcomes = [rng.integers(0, 2, n), np.ones(n), rng.normal(size=n) * 1e12, rng.normal(size=n) * 1e-12, rng.random(n)]
    given = {"treatment": rng.integers(0, arms, n), "sample_weight": rng.exponential(size=n) * (rng.random(n) < 0.8)}
    if rng.random() < 0.7:
        given["treatment_probability"] = rng.dirichlet(np.full(arms, 5.0), n)
    return pd.DataFrame(columns), outcomes[rng.integers(len(outcomes))], given


def test_odd_trials_end_in_a_fit_or_a_clear_error():
    fitted = 0
    for seed in range(80):
        rng = np.random.default_rng(seed)
        X, y, given = odd_trial(rng)
        model = UpliftModel(LEARNERS[seed % 5], n_estimators=5, min_child_samples=int(rng.choice([1, 50])), n_folds=2)
        try:
            model.fit(X, y, **given)
        except InputError as error:
            assert len(str(error)) > 40  # noqa: PT017 -- it must be an InputError, and say something
            continue
        fitted += 1
        for numbers in (model.predict(X), model.interval(X), model.predict_outcomes(X), model.explain(X)):
            assert np.isfinite(np.asarray(numbers)).all(), seed
    assert fitted >= 20


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"learner": "z"}, "learner must be one of 's', 't', 'x', 'dr', 'r'; got 'z'"),
        ({"n_folds": 1}, "n_folds must be a whole number, at least 2"),
        ({"min_probability": 0.7}, r"min_probability must be in \(0, 0.5\)"),
        ({"max_outside": 2}, r"max_outside must be in \[0, 1\]"),
        ({"control": "b"}, "control must be among the labels of treatment; got 'b'"),
    ],
)
def test_a_wrong_setting_is_refused(settings, message, trial):
    with pytest.raises(InputError, match=message):
        UpliftModel(**settings).fit(trial.X, trial.y, trial.treatment, 0.5)
    with pytest.raises(InputError, match=r"level must be in \(0, 1\)"):
        UpliftModel(**FAST).fit(trial.X[:200], trial.y[:200], trial.treatment[:200], 0.5).interval(trial.X, 90)
