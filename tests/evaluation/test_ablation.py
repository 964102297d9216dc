"""What each data type is worth, where it is known and where it is not."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC

import nbo
from nbo.errors import InputError
from nbo.evaluation import Ablation
from nbo.models import TimeSplit

KINDS = {"age": "demographic", "spent": "transaction", "visits": "behavioral"}
TREES = HistGradientBoostingClassifier(max_iter=20, max_leaf_nodes=7)


def _world(signal="visits", n=1500, moments=5):
    """Simulated customers, three rows each, whose answers depend on one column."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({name: rng.normal(size=n) for name in KINDS})
    score = 1.2 * X[signal].to_numpy()
    y = (rng.random(n) < 1 / (1 + np.exp(-score))).astype(int)
    as_of = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(n) * moments // n * 30, unit="D")
    return X, y, pd.DataFrame({"customer_id": rng.integers(n // 3, size=n), "as_of": as_of})


def _auc(frame):
    return frame[frame["metric"] == "auc"].set_index("data_type")


@pytest.mark.parametrize("signal", KINDS)
@pytest.mark.parametrize("moments", [5, 1])
def test_only_the_data_type_with_the_planted_signal_shows_a_gain(signal, moments):
    X, y, spine = _world(signal, n=3000, moments=moments)
    result = nbo.ablation(TREES, X, y, KINDS, spine, n_bootstrap=200, split=TimeSplit() if moments > 1 else None)
    for frame in (result.gain, result.alone.drop(columns=["low", "high"]).rename(columns={"gain_low": "low"})):
        assert {row.data_type for row in frame.itertuples() if row.low > 0} == {KINDS[signal]}
    assert _auc(result.gain).loc[KINDS[signal], "low"] > 0.1
    assert f"{KINDS[signal]} data is worth +0." in result.summary("auc").splitlines()[1]


@pytest.mark.parametrize("moments", [2, 1])
def test_no_more_false_alarms_than_the_level_says(moments):
    """Nothing is worth anything; rows of one customer are alike, and those tested are new."""
    alarms = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        customer = np.repeat(np.arange(300), 3)
        X = pd.DataFrame(rng.normal(size=(300, 3))[customer] + 0.3 * rng.normal(size=(900, 3)), columns=list(KINDS))
        y = rng.random(900) < 1 / (1 + np.exp(-1.5 * rng.normal(size=300)[customer]))
        as_of = np.where((customer >= 150) & (moments == 2), "2026-02-01", "2026-01-01")
        spine = pd.DataFrame({"customer_id": customer, "as_of": as_of})
        split = TimeSplit(test_share=0.5) if moments == 2 else None
        gain = nbo.ablation(
            LogisticRegression(), X, y, KINDS, spine, split=split, metrics="auc", n_bootstrap=100, rng=seed
        ).gain
        alarms.append(((gain["low"] > 0) | (gain["high"] < 0)).to_numpy())
    # The columns are independent, so 120 intervals; the bound is four standard errors above 0.05.
    assert np.mean(alarms) <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 120)


def test_what_two_data_types_both_say_is_worth_nothing_beside_the_other():
    X, y, spine = _world("visits")
    X["spent"] = X["visits"]
    result = nbo.ablation(LogisticRegression(), X, y, KINDS, spine, split=TimeSplit(), metrics="auc", n_bootstrap=100)
    both = ["transaction", "behavioral"]
    assert (_auc(result.gain).loc[both, "low"] <= 0).all()
    assert (_auc(result.alone).loc[both, "gain_low"] > 0.1).all()
    assert "behavioral data shows no gain" in str(result)
    assert "; alone it is worth +0." in str(result)


def test_the_paired_bootstrap_is_that_of_a_plain_loop():
    X, y, spine = _world(n=600)
    result = nbo.ablation(LogisticRegression(), X, y, KINDS, spine, split=TimeSplit(), n_bootstrap=100, rng=3)
    ((train, test),) = TimeSplit().split(spine["as_of"])
    predicted = {}
    for names in (list(KINDS), ["age", "spent"]):
        fitted = LogisticRegression().fit(X.loc[train, names], y[train])
        predicted[len(names)] = fitted.predict_proba(X.loc[test, names])[:, 1]
    ids = spine["customer_id"].to_numpy()[test]
    customers, rng, gains = pd.unique(ids), np.random.default_rng(3), []
    for _ in range(100):
        drawn = customers[rng.integers(len(customers), size=len(customers))]
        rows = np.concatenate([np.flatnonzero(ids == customer) for customer in drawn])
        gains.append(
            roc_auc_score(y[test][rows], predicted[3][rows]) - roc_auc_score(y[test][rows], predicted[2][rows])
        )
    found = _auc(result.gain).loc["behavioral"]
    assert found["value"] == pytest.approx(
        roc_auc_score(y[test], predicted[3]) - roc_auc_score(y[test], predicted[2]), abs=1e-12
    )
    assert (found["low"], found["high"]) == pytest.approx(tuple(np.quantile(gains, [0.025, 0.975])), abs=1e-12)


def test_frames_fit_together():
    X, y, spine = _world(n=600)
    result = nbo.ablation(LogisticRegression(), X, y, KINDS, spine, split=TimeSplit(), n_bootstrap=100)
    assert isinstance(result, Ablation)
    overall = result.overall.set_index(["data", "metric"])["value"]
    assert overall["none", "auc"] == 0.5
    added, alone, without = (_auc(frame) for frame in (result.added, result.alone, result.without))
    assert added.index.tolist() == ["demographic", "transaction", "behavioral"]
    assert added.loc["behavioral", "value"] == overall["all", "auc"]
    assert added.loc["demographic", "value"] == alone.loc["demographic", "value"]
    assert added.loc["transaction", "value"] == without.loc["behavioral", "value"]
    assert added["gain"].sum() == pytest.approx(overall["all", "auc"] - 0.5)
    losses = result.without[result.without["metric"] == "log_loss"]
    np.testing.assert_allclose(losses["gain"], losses["value"] - overall["all", "log_loss"])
    assert _auc(result.gain)["value"].equals(without["gain"].rename("value"))
    assert (result.metrics, result.level) == (["auc", "log_loss"], 0.95)
    assert "<h4>Added one by one</h4>" in result._repr_html_()


def test_the_same_again_and_nothing_given_is_changed():
    X, y, spine = _world(n=600)
    model, before = LogisticRegression(), (X.copy(), y.copy(), spine.copy())
    first, second = (
        nbo.ablation(model, X, y, KINDS, spine, split=TimeSplit(), n_bootstrap=100, rng=5).without for _ in range(2)
    )
    pd.testing.assert_frame_equal(first, second)
    assert not hasattr(model, "coef_")
    pd.testing.assert_frame_equal(X, before[0])
    pd.testing.assert_frame_equal(spine, before[2])


def test_order_is_the_one_asked_for():
    X, y, spine = _world(n=600)
    order = ["behavioral", "demographic", "transaction"]
    result = nbo.ablation(LogisticRegression(), X, y, KINDS, spine, split=TimeSplit(), order=order, n_bootstrap=100)
    assert _auc(result.added).index.tolist() == order


def test_the_offer_is_in_every_model():
    X, y, spine = _world(n=900)
    offer = np.where(np.arange(900) % 2 == 0, "card", "loan")
    y = np.where((offer == "card") & (np.arange(900) % 6 != 0), 1, y)
    model = nbo.PropensityModel(n_estimators=10, min_child_samples=10)
    result = nbo.ablation(model, X.assign(offer_id=offer), y, KINDS, spine, n_bootstrap=100, metrics="auc")
    assert result.overall.set_index("data").loc["none", "low"] > 0.55
    assert result.tested_on.endswith("Every model sees offer_id.")
    assert "give split=TimeSplit" in result.warnings[0]


def test_labels_that_are_not_known_yet_leave_their_rows_out():
    X, y, spine = _world(n=600)
    known = np.sort(np.random.default_rng(0).permutation(600)[:500])
    keywords = {"split": TimeSplit(), "n_bootstrap": 100}
    found = nbo.ablation(LogisticRegression(), X, pd.Series(y)[known], KINDS, nbo.Spine.of(spine), **keywords)
    asked = nbo.ablation(LogisticRegression(), X.loc[known], y[known], KINDS, spine.loc[known], **keywords)
    pd.testing.assert_frame_equal(found.without, asked.without)


def test_money_is_judged_by_its_ranking_and_its_error():
    X, _, spine = _world(n=1200, moments=20)
    rng = np.random.default_rng(0)
    y = (rng.random(1200) < 0.6) * np.exp(2 + X["visits"] + 0.3 * rng.normal(size=1200))
    model = nbo.CLVModel(horizon="30D", n_estimators=30, min_child_samples=10)
    result = nbo.ablation(model, X, y, KINDS, spine, n_bootstrap=100)
    assert result.metrics == ["gini", "rmse"]
    gain = result.gain[result.gain["metric"] == "gini"].set_index("data_type")
    assert gain.index[gain["low"] > 0].tolist() == ["behavioral"]
    assert result.warnings == ()  # the model says its horizon
    assert result.summary("rmse").startswith("All data: RMSE ")


def test_weights_count_in_training_and_in_testing():
    X, y, spine = _world(n=900, moments=3)
    weight = np.where(np.arange(900) % 3 == 0, 2.0, 1.0)
    twice = np.sort(np.append(np.arange(900), np.arange(0, 900, 3)))
    keywords = {"split": TimeSplit(test_share=0.3), "n_bootstrap": 100}
    weighted = nbo.ablation(LogisticRegression(), X, y, KINDS, spine, sample_weight=weight, **keywords)
    rows = nbo.ablation(LogisticRegression(), X.iloc[twice], y[twice], KINDS, spine.iloc[twice], **keywords)
    pd.testing.assert_frame_equal(weighted.without, rows.without, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"model": LinearSVC()}, TypeError, "model must have predict_proba; LinearSVC has not"),
        (
            {"model": LogisticRegression},
            TypeError,
            "model must be a classifier or a regressor; got the class LogisticRegression",
        ),
        ({"model": "lgbm"}, TypeError, "model must be a classifier or a regressor; got str"),
        ({"y": np.zeros(600, dtype=int)}, InputError, "10 or more customers of each label"),
        ({"y": np.arange(600) % 3}, InputError, "y has 3 labels"),
        ({"y": np.zeros(599)}, InputError, "X and y must have as many rows; got 600 and 599"),
        (
            {"y": pd.Series([0, 1], index=[900, 901])},
            InputError,
            "y has 2 rows for 600 of X, and its index does not say",
        ),
        ({"X": pd.DataFrame(), "spine": nbo.Spine.at("2026-01-01", [])}, InputError, "X must have at least one row"),
        ({"metrics": "rmse"}, InputError, "metrics must be one of 'auc', 'log_loss'; got 'rmse'"),
        ({"metrics": []}, InputError, "metrics must name one or more of"),
        ({"n_bootstrap": 10}, InputError, "n_bootstrap must be a whole number, 100 or more; got 10"),
        ({"level": 95}, InputError, r"level must be in \(0, 1\); got 95"),
        ({"features": {"age": "demographic"}}, InputError, "each column of X must have a data type"),
        (
            {"spine": nbo.Spine.at("2026-01-01", ["ann"])},
            InputError,
            "X and spine must have as many rows; got 600 and 1",
        ),
        ({"sample_weight": -np.ones(600)}, InputError, "sample_weight must be finite and 0 or more"),
        ({"split": TimeSplit(horizon="900D")}, InputError, "leave no rows on one side"),
    ],
)
def test_bad_input_gets_one_clear_error(changed, error, message):
    X, y, spine = _world(n=600)
    given = {"model": LogisticRegression(), "X": X, "y": y, "features": KINDS, "spine": spine, **changed}
    with pytest.raises(error, match=message):
        nbo.ablation(**given)


def test_weights_need_a_model_that_takes_them():
    X, y, spine = _world(n=600)
    with pytest.raises(InputError, match="sample_weight needs a model whose fit takes it; KNeighborsClassifier"):
        nbo.ablation(KNeighborsClassifier(), X, y, KINDS, spine, sample_weight=np.ones(600))


def test_a_result_says_when_a_data_type_does_harm():
    frame = {"data_type": ["what we did"], "columns": [1], "metric": ["rmse"], "value": [1234.5], "low": [1.0]}
    rows = pd.DataFrame({**frame, "high": [1500.0], "gain": [-12.0], "gain_low": [-20.0], "gain_high": [-3.0]})
    both = pd.DataFrame(
        {"data": ["all", "none"], "metric": "rmse", "value": [1.0, 2.0], "low": [1.0, 2.0], "high": 2.0}
    )
    text = str(Ablation(both, rows, rows, rows, 0.9, "Tested.", ("few rows",)))
    assert "what we did is worth less than nothing, -12 RMSE (90 % -20 to -3): the model is better without it." in text
    assert text.endswith("Tested.\nwarning: few rows")


def test_a_metric_that_was_not_measured_is_refused():
    X, y, spine = _world(n=600)
    result = nbo.ablation(LogisticRegression(), X, y, KINDS, spine, split=TimeSplit(), metrics="auc", n_bootstrap=100)
    with pytest.raises(InputError, match="metric must be one of 'auc'; got 'rmse'"):
        result.summary("rmse")
    assert isinstance(
        nbo.ablation(LinearRegression(), X, y, KINDS, spine, split=TimeSplit(), n_bootstrap=100), Ablation
    )
