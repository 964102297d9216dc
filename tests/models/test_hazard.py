"""Person-periods, life tables, survival, and the hazards that `ChurnModel` learns from times to churn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from nbo.errors import InputError
from nbo.models import ChurnModel, life_table
from nbo.models.calibration import sigmoid
from nbo.models.periods import Periods
from nbo.models.person_periods import person_periods
from nbo.models.survival import log_survival, mean_time, median_time

HORIZONS = ["30D", "60D", "90D"]


def in_days(values) -> pd.TimedeltaIndex:
    return pd.to_timedelta(np.asarray(values, dtype=float), unit="D")


def test_person_periods_by_hand():
    duration = np.array([0, 0, 29, 30, 30, 75, 90, 200, 200])
    event = np.array([True, False, True, True, False, False, True, True, False])
    long = person_periods(duration, event, Periods(30, 3))
    rows = list(zip(long.row.tolist(), long.period.tolist(), long.event.tolist(), long.exposure.tolist(), strict=True))
    assert rows == [
        (0, 0, 1.0, 1.0),
        # Row 1 was censored at once.
        (2, 0, 1.0, 1.0),
        (3, 0, 0.0, 1.0),
        (3, 1, 1.0, 1.0),
        (4, 0, 0.0, 1.0),
        (5, 0, 0.0, 1.0),
        (5, 1, 0.0, 1.0),
        (5, 2, 0.0, 15 / 30),
        # What happens after the last period is not seen.
        *((row, period, 0.0, 1.0) for row in (6, 7, 8) for period in range(3)),
    ]


def slow_likelihood(duration, event, hazard, period) -> float:
    """Multiply, customer by customer, the probability of what was seen."""
    total = 0.0
    for lasted, happened, own in zip(duration, event, hazard, strict=True):
        probability, begin = 1.0, 0
        for h in own:
            if happened and begin <= lasted < begin + period:
                probability *= h
                break
            if lasted <= begin:
                break
            watched = min(lasted - begin, period) / period
            probability *= (1 - h) ** watched
            begin += period
        total += np.log(probability)
    return total


def test_the_likelihood_of_person_periods_is_that_of_the_customers():
    rng = np.random.default_rng(0)
    duration, event = rng.integers(0, 150, 200), rng.random(200) < 0.5
    hazard = rng.uniform(0.01, 0.6, (200, 4))
    long = person_periods(duration, event, Periods(30, 4))
    h = hazard[long.row, long.period]
    likelihood = long.exposure @ np.where(long.event == 1, np.log(h), np.log(1 - h))
    np.testing.assert_allclose(likelihood, slow_likelihood(duration, event, hazard, 30), rtol=1e-12)


def test_life_table_by_hand():
    table = life_table(in_days([10, 45, 60, 75, 75]), [1, 1, 0, 0, 1], sample_weight=[1, 1, 1, 1, 2])
    assert table.index.tolist() == [pd.Timedelta("30D"), pd.Timedelta("60D"), pd.Timedelta("90D")]
    # The fourth was watched for half of the third period.
    assert table["at_risk"].tolist() == [6, 5, 2 + 0.5]
    assert table["churned"].tolist() == [1, 1, 2]
    np.testing.assert_allclose(table["survival"], [5 / 6, 5 / 6 * 4 / 5, 5 / 6 * 4 / 5 * (1 - 2 / 2.5)])


def test_a_life_table_is_kaplan_meier_where_censoring_waits_for_the_end_of_a_period():
    rng = np.random.default_rng(1)
    churn = rng.integers(0, 200, 300)
    watched = rng.choice([30, 60, 90, 120], 300)
    duration, event = np.minimum(churn, watched), churn < watched
    survival, kaplan_meier = 1.0, {}
    for day in range(90):
        survival *= 1 - (event & (duration == day)).sum() / ((duration > day) | event & (duration == day)).sum()
        kaplan_meier[day + 1] = survival
    table = life_table(in_days(duration), event)
    np.testing.assert_allclose(table["survival"], [kaplan_meier[day] for day in (30, 60, 90)], rtol=1e-12)


def test_nobody_watched_is_no_hazard():
    table = life_table(in_days([10, 20]), [0, 0])
    assert table["hazard"].isna().tolist() == [False, True, True]


def test_mean_and_median_time_are_those_of_the_curve():
    rng = np.random.default_rng(2)
    log_stay = np.log(1 - rng.uniform(0.05, 0.7, (20, 5)))
    for limit in (0.4, 2.0, 3.7, 5.0):
        middle = (np.arange(20_000) + 0.5) * limit / 20_000
        curve = np.exp(log_survival(log_stay, middle))
        np.testing.assert_allclose(mean_time(log_stay, limit), curve.mean(axis=1) * limit, rtol=1e-6)
        by_half = np.where((curve < 0.5).any(axis=1), middle[(curve < 0.5).argmax(axis=1)], np.nan)
        np.testing.assert_allclose(median_time(log_stay, limit), by_half, atol=limit / 10_000)
    assert mean_time(np.zeros((1, 3)), 2.5).tolist() == [2.5]


def simulate(n, seed=0, periods=4):
    """Hazards that fall with the period and rise with `recency`, more so early; censoring at random and by the data."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"recency": rng.normal(size=n), "plan": rng.choice(["month", "year"], n), "noise": rng.random(n)})
    slope = np.array([1.2, 0.9, 0.6, 0.6])[:periods]
    level = np.array([-2.0, -2.3, -2.6, -2.6])[:periods]
    hazard = sigmoid(level + X["recency"].to_numpy()[:, None] * slope - (X["plan"] == "year").to_numpy()[:, None] * 1.0)
    # The hazard is level within a period.
    limit, falls = rng.exponential(size=(n, 1)), -np.log1p(-hazard)
    summed = np.column_stack([np.zeros(n), np.cumsum(falls, axis=1)])
    period = (summed[:, 1:] < limit).sum(axis=1)
    inside = (limit[:, 0] - summed[np.arange(n), period]) / falls[np.arange(n), np.minimum(period, periods - 1)]
    churn = 30 * np.where(period < periods, period + inside, np.inf)
    # Who is on a monthly plan is watched for a shorter time: independent of churn given X.
    watched = np.minimum(rng.exponential(np.where(X["plan"] == "month", 60, 150)), 30 * periods)
    duration, event = np.minimum(churn, watched), churn < watched
    truth = 1 - np.cumprod(1 - hazard, axis=1)
    return X, in_days(duration), event, churn, truth


FAST = {"n_estimators": 150, "learning_rate": 0.1, "min_child_samples": 100}


@pytest.fixture(scope="module")
def fitted():
    X, duration, event, _, _ = simulate(10_000)
    return ChurnModel(n_periods=4, **FAST).fit(X, duration=duration, event=event)


def test_planted_hazards_come_back_at_every_horizon(fitted):
    X, _, _, churn, truth = simulate(20_000, seed=1)
    p = fitted.predict_horizons(X, [*HORIZONS, "120D"])
    for k, days in enumerate((30, 60, 90, 120)):
        churned = churn <= days
        # The planted truth errs by chance as well: 4 standard errors of the new labels and of those learnt from.
        error = np.sqrt(truth[:, k].mean() * (1 - truth[:, k].mean()) * (1 / len(X) + 1 / 10_000 / 0.4))
        assert abs(p[:, k].mean() - churned.mean()) < 4 * error
        assert spearmanr(p[:, k], truth[:, k]).statistic > 0.97
        slope = np.polyfit(logit(p[:, k]), logit(truth[:, k]), 1)[0]
        assert 0.85 < slope < 1.15


def logit(p):
    return np.log(p / (1 - p))


def test_to_ignore_censoring_would_be_biased(fitted):
    """The labels of those watched for less than the horizon count as no churn: too low by far."""
    X, duration, event, _, _ = simulate(10_000)
    within = event & (duration <= pd.Timedelta("90D"))
    naive = ChurnModel(**FAST).fit(X, within)
    new, _, _, churn, _ = simulate(20_000, seed=1)
    rate = (churn <= 90).mean()
    error = np.sqrt(rate * (1 - rate) * (1 / 20_000 + 1 / 10_000))
    assert naive.predict_proba(new)[:, 1].mean() < rate - 10 * error
    # So would those be who are left when the censored rows are dropped: too high by far.
    known = event | (duration >= pd.Timedelta("90D"))
    dropped = ChurnModel(**FAST).fit(X[known], within[known])
    assert dropped.predict_proba(new)[:, 1].mean() > rate + 10 * error
    assert abs(fitted.predict_horizons(new, ["90D"]).mean() - rate) < 6 * error


def test_probabilities_rise_with_the_horizon_and_times_agree(fitted):
    X = simulate(500, seed=2)[0]
    days = [1, 10, 30, 31, 45, 60, 90, 119, 120]
    p = fitted.predict_horizons(X, [f"{each}D" for each in days])
    assert (np.diff(p, axis=1) >= 0).all()
    assert ((p > 0) & (p < 1)).all()
    survival = fitted.survival(X)
    assert list(survival.columns) == list(pd.to_timedelta([30, 60, 90, 120], unit="D"))
    np.testing.assert_allclose(survival, 1 - p[:, [2, 5, 6, 8]], atol=1e-12)
    # predict_proba looks as far as `horizon`.
    np.testing.assert_allclose(fitted.predict_proba(X)[:, 1], p[:, 6], atol=1e-12)
    assert ((fitted.predict(X) == 1) == (p[:, 6] > 0.5)).all()


def test_expected_time_is_the_area_below_the_curve(fitted):
    X = simulate(300, seed=3)[0]
    times = fitted.expected_time(X, within="100D")
    fine = fitted.predict_horizons(X, [pd.Timedelta(days=day) for day in np.arange(0.5, 100)])
    np.testing.assert_allclose(times["mean"] / pd.Timedelta("1D"), (1 - fine).sum(axis=1), rtol=1e-3)
    lapsed = fine[:, -1] > 0.505
    assert times["median"].isna().sum() > 0
    half = fitted.predict_horizons(X[lapsed], times["median"][lapsed].tolist()[:50])
    np.testing.assert_allclose(np.diag(half), 0.5, atol=1e-6)
    assert (fitted.expected_time(X)["mean"] >= times["mean"]).all()


def test_without_features_the_hazards_are_those_of_the_life_table():
    rng = np.random.default_rng(5)
    churn, watched = rng.exponential(80, 3000), rng.choice([30, 60, 90, 400], 3000)
    duration, event = in_days(np.minimum(churn, watched)), churn < watched
    model = ChurnModel(learning_rate=0.3, n_estimators=100, calibration_share=0, linear_share=0)
    model.fit(np.zeros((3000, 1)), duration=duration, event=event)
    table = life_table(duration, event)
    np.testing.assert_allclose(
        model.survival(np.zeros((1, 1)))[table.index].to_numpy()[0], table["survival"], rtol=1e-4
    )


def test_times_and_groups_hold_the_latest_periods_out():
    X, duration, event, _, _ = simulate(3000)
    as_of = pd.Series(pd.date_range("2026-01-01", periods=10, freq="30D").repeat(300))
    model = ChurnModel(**FAST).fit(X, duration=duration, event=event, time=as_of, groups=np.arange(3000) // 2)
    assert model.calibration_.method in ("beta", "sigmoid")
    again = ChurnModel(**FAST).fit(X, duration=duration, event=event, time=as_of, groups=np.arange(3000) // 2)
    np.testing.assert_array_equal(model.predict_proba(X), again.predict_proba(X))
    with pytest.raises(InputError, match="groups must have 3000 rows"):
        ChurnModel().fit(X, duration=duration, event=event, groups=[1, 2])


def test_rows_of_weight_zero_are_as_good_as_absent():
    X, duration, event, _, _ = simulate(2000)
    weight = np.where(np.arange(2000) < 1500, 1.0, 0.0)
    weighed = ChurnModel(**FAST).fit(X, duration=duration, event=event, sample_weight=weight)
    fewer = ChurnModel(**FAST).fit(X[:1500], duration=duration[:1500], event=event[:1500], sample_weight=weight[:1500])
    np.testing.assert_array_equal(weighed.predict_proba(X), fewer.predict_proba(X))


def test_monotone_by_name():
    X, duration, event, _, _ = simulate(3000)
    model = ChurnModel(monotone={"noise": 1}, **FAST).fit(X, duration=duration, event=event)
    grid = pd.DataFrame({"noise": np.linspace(0, 1, 50), "recency": 0.3, "plan": "year"})
    assert (np.diff(model.predict_horizons(grid, HORIZONS), axis=0) >= 0).all()


def test_the_same_bits_come_back_from_a_folder(fitted, tmp_path):
    X = simulate(400, seed=4)[0]
    fitted.to_dir(tmp_path)
    again = ChurnModel.from_dir(tmp_path)
    np.testing.assert_array_equal(again.predict_horizons(X, HORIZONS), fitted.predict_horizons(X, HORIZONS))
    assert again.periods_ == fitted.periods_
    np.testing.assert_array_equal(again.predict_proba(X.iloc[:, ::-1]), fitted.predict_proba(X))


def test_reasons_and_shares_are_of_the_customer(fitted):
    X = simulate(200, seed=6)[0]
    shares = fitted.explain(X)
    assert (shares["period"] == 0).all()
    reasons = fitted.reasons(X, k=2)
    assert set(reasons["column"]) <= {"recency", "plan", "noise"}
    assert (reasons.loc[reasons["rank"] == 1, "column"] == "recency").mean() > 0.5
    assert "period" in fitted.feature_importance()["feature"].tolist()
    # A row sums to its raw score, averaged over the periods of the horizon.
    raw = []
    for period in range(3):
        (matrix,) = fitted._matrices(X)
        matrix[:, fitted.encoder_.names_.index("period")] = period
        raw.append(fitted.probability_.boosting.score(matrix))
    np.testing.assert_allclose(shares.sum(axis=1), np.mean(raw, axis=0), atol=1e-9)


def test_arrays_are_taken_as_frames_are():
    X, duration, event, _, _ = simulate(1000)
    array = X[["recency", "noise"]].to_numpy()
    model = ChurnModel(**FAST).fit(array, duration=duration, event=event)
    assert model.n_features_in_ == 2
    assert model.predict_horizons(array, HORIZONS).shape == (1000, 3)
    with pytest.raises(InputError, match="X has 1 features, but the model is expecting 2"):
        model.predict_proba(array[:, :1])


def test_nobody_churned_is_a_constant(caplog):
    X, duration, _, _, _ = simulate(100)
    model = ChurnModel(**FAST).fit(X, duration=duration, event=np.zeros(100))
    assert "the model is the constant" in caplog.text
    assert model.predict_proba(X)[:, 1].max() < 0.1


def test_a_horizon_beyond_what_anybody_was_watched_for_is_refused():
    days, event = np.arange(1, 201) % 25 + 1, np.arange(200) % 2
    model = ChurnModel(horizon="90D", period="30D", n_estimators=5)
    with pytest.raises(InputError, match=r"duration must reach into the last of the 3 periods of 30 days.*is 25 days"):
        model.fit(pd.DataFrame({"a": days}), duration=in_days(days), event=event)
    # Of nobody who is left nothing needs to be known.
    gone = model.fit(pd.DataFrame({"a": days}), duration=in_days(days), event=np.ones(200))
    assert gone.survival(pd.DataFrame({"a": [3]})).iloc[0, -1] < 0.01
    # One row that was watched for long enough says something.
    days[0], event[0] = 70, 0
    model.fit(pd.DataFrame({"a": days}), duration=in_days(days), event=event)


def test_labels_know_one_horizon_alone():
    X, duration, event, _, _ = simulate(1000)
    model = ChurnModel(horizon="60D", **FAST).fit(X, event & (duration <= pd.Timedelta("60D")))
    np.testing.assert_array_equal(model.predict_horizons(X, ["60D"])[:, 0], model.predict_proba(X)[:, 1])
    with pytest.raises(InputError, match=r"labels of one horizon, 60 days 00:00:00; '30D' is another\. Fit it on"):
        model.predict_horizons(X, ["60D", "30D"])
    for method in (model.survival, model.expected_time):
        with pytest.raises(InputError, match="needs a model of times to churn"):
            method(X)


def test_a_second_fit_forgets_the_first():
    X, duration, event, _, _ = simulate(1000)
    labels = np.asarray(event & (duration <= pd.Timedelta("90D")))
    model = ChurnModel(**FAST).fit(X, duration=duration, event=event).fit(X, labels)
    np.testing.assert_array_equal(model.predict_proba(X), ChurnModel(**FAST).fit(X, labels).predict_proba(X))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"duration": None}, "duration must be given too"),
        ({"event": None}, "event must be given too"),
        ({"duration": np.arange(50.0)}, r"duration must hold lengths of time; got float64\. pd\.to_timedelta"),
        ({"duration": in_days(np.arange(49))}, "duration must have 50 rows, as X; got 49"),
        ({"duration": in_days(np.arange(50) - 1)}, "duration must be 0 or more; 1 of 50 rows is not, first at row 0"),
        ({"duration": in_days([np.nan, *range(49)])}, "duration must be there in every row; 1 of 50"),
        ({"event": np.zeros(49)}, "X and y must have as many rows"),
        ({"y": np.zeros(50)}, "give either y, or duration and event"),
        ({"duration": in_days(np.zeros(50)), "event": np.zeros(50)}, "duration must be above 0 in some row"),
    ],
)
def test_times_that_are_none_are_refused(given, message):
    arguments = {"duration": in_days(np.arange(50)), "event": np.arange(50) % 2} | given
    with pytest.raises(InputError, match=message):
        ChurnModel().fit(pd.DataFrame({"a": np.arange(50)}), **arguments)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"period": "0D"}, "period must be a length of time"),
        ({"n_periods": 0}, "n_periods must be a whole number, at least 1"),
        ({"n_periods": 2}, "horizon must be within 2 periods of 30 days"),
        ({"column_share": 0}, r"column_share must be in \(0, 1\]"),
    ],
)
def test_settings_that_are_not_allowed_are_refused(settings, message):
    with pytest.raises(InputError, match=message):
        ChurnModel(**settings).fit(
            pd.DataFrame({"a": np.arange(50)}), duration=in_days(np.arange(50)), event=np.arange(50) % 2
        )


def test_what_the_model_does_not_know_is_refused(fitted):
    X = simulate(10)[0]
    with pytest.raises(InputError, match=r"horizons must be at most 120 days.*got 121 days"):
        fitted.predict_horizons(X, ["121D"])
    with pytest.raises(InputError, match="within must be at most 120 days"):
        fitted.expected_time(X, within="1000D")
    with pytest.raises(InputError, match="predict_interval needs a model of labels"):
        fitted.predict_interval(X)
    with pytest.raises(InputError, match="X has a column 'period'"):
        ChurnModel().fit(X.assign(period=1), duration=in_days(np.ones(10)), event=np.ones(10))
