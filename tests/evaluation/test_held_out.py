"""Which rows train and which test."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from nbo.errors import InputError
from nbo.evaluation.held_out import HeldOut, hold_out
from nbo.evaluation.rows import Rows
from nbo.models import PropensityModel, TimeSplit

N = 200


def _rows(times="2026-01-01", weight=None, of_classes=True, per=1):
    rng = np.random.default_rng(0)
    y = (np.arange(N) % 2).astype(float) if of_classes else np.arange(N, dtype=float)
    moments = pd.Series(pd.to_datetime(np.broadcast_to(times, N)))
    return Rows(pd.DataFrame({"x": rng.normal(size=N)}), y, weight, np.arange(N) // per, moments, of_classes)


def _chosen(rows, split=None, horizon=None):
    return hold_out(rows, split, horizon, np.random.default_rng(0))


DAYS = pd.date_range("2026-01-01", periods=N, freq="D").to_numpy()


def test_later_rows_are_tested_and_labels_are_known_by_then():
    found = _chosen(_rows(DAYS), horizon="10D")
    ((train, test),) = found.pairs
    assert test.tolist() == list(range(160, 200))
    assert train.max() == 150
    assert found.text == (
        "Trained on earlier rows, tested on rows as of 2026-06-10 and later: "
        "40 rows of 40 customers, 0 of them with training rows too."
    )
    assert (found.warnings, found.widening) == ((), 1.0)


def test_an_unknown_horizon_is_warned_of_unless_a_split_is_given():
    assert "give split=TimeSplit" in _chosen(_rows(DAYS)).warnings[0]
    assert _chosen(_rows(DAYS), TimeSplit()).warnings == ()


def test_slices_that_follow_each_other_need_no_wider_intervals():
    assert _chosen(_rows(DAYS), TimeSplit(n_splits=3)).widening == 1.0


def test_rows_of_one_moment_are_cross_fitted_by_customer():
    rows = _rows(per=2)
    found = _chosen(rows)
    assert sorted(found.test.tolist()) == list(range(N))
    for train, test in found.pairs:
        assert not set(rows.customer[train]) & set(rows.customer[test])
    assert found.part.tolist() == np.repeat(np.arange(5), 40).tolist()
    assert "All rows are as of one moment" in found.text
    # 1/5 becomes 1/5 + 40/160.
    assert found.widening == pytest.approx(np.sqrt((1 / 5 + 40 / 160) / (1 / 5)))


def test_pairs_of_rows_are_taken_as_they_are():
    found = _chosen(_rows(), [(np.arange(100), np.arange(100, 200))])
    assert found.test.tolist() == list(range(100, 200))
    assert found.text.startswith("Trained and tested on the rows given: 100 rows of 100 customers")


def test_customers_on_both_sides_are_counted():
    # 61 rows are tested, two a customer: of one customer only the later row.
    found = _chosen(_rows(DAYS, per=2), TimeSplit(test_share=0.305))
    assert found.text.endswith("61 rows of 31 customers, 1 of them with training rows too.")


@pytest.mark.parametrize(
    ("split", "message"),
    [
        ([], "split must give one pair"),
        ([(np.arange(150), np.arange(100, 200))], "50 rows are on both sides, 0 are tested again"),
        ([(np.arange(100), np.arange(100, 200))] * 2, "0 rows are on both sides, 100 are tested again"),
        ([([0, 1], [N])], "pairs of row numbers below 200"),
        (7, "split must be a TimeSplit, or pairs"),
        (
            [(np.arange(190), np.arange(190, 200))],
            "the test rows must have 10 or more customers of each label; 10 test",
        ),
        ([(np.arange(10), np.arange(10, 200))], "the training rows must have 10 or more customers of each label"),
    ],
)
def test_splits_that_cannot_be_are_refused(split, message):
    with pytest.raises(InputError, match=message):
        _chosen(_rows(), split)


def test_amounts_that_are_nearly_all_the_same_are_refused():
    rows = _rows(of_classes=False)
    _chosen(rows)
    spend = np.where(np.arange(N) < 5, 10.0, 0.0)
    with pytest.raises(InputError, match="whose y is not the most frequent amount"):
        _chosen(Rows(rows.X, spend, None, rows.customer, rows.time, False))


def test_rows_of_weight_zero_are_no_rows():
    with pytest.raises(InputError, match="customers of each label; 160 training rows have 0"):
        _chosen(_rows(weight=(np.arange(N) % 2).astype(float)))


def test_without_columns_the_mean_of_the_training_rows_is_predicted():
    rows = _rows(weight=np.where(np.arange(N) % 2 == 1, 3.0, 1.0))
    held_out = HeldOut([(np.arange(100), np.arange(100, 104))], "")
    assert held_out.predict(None, rows, [], 0).tolist() == [3 / 4] * 4


def test_the_model_gets_what_its_fit_takes_and_stays_as_it_was():
    given = {}

    class Listening(PropensityModel):
        def fit(self, X, y, sample_weight=None, time=None, groups=None, catalog=None):
            given.update(weight=sample_weight, time=time, groups=groups)
            return super().fit(X, y, sample_weight, time, groups)

    rows, model = _rows(DAYS, weight=np.arange(1.0, N + 1)), Listening(n_estimators=2)
    HeldOut([(np.arange(150), np.arange(150, N))], "").predict(model, rows, ["x"], 0)
    assert given["weight"].tolist() == list(range(1, 151))
    assert given["time"].tolist() == list(pd.to_datetime(DAYS[:150]))
    assert given["groups"].tolist() == list(range(150))
    assert not hasattr(model, "classes_")


def test_amounts_are_predicted_by_a_regressor():
    held_out = HeldOut([(np.arange(150), np.arange(150, N))], "")
    rows = _rows(of_classes=False)
    expected = LinearRegression().fit(rows.X[:150], rows.target[:150]).predict(rows.X[150:])
    np.testing.assert_allclose(held_out.predict(LinearRegression(), rows, ["x"], 0), expected)


def test_a_model_that_cannot_be_fitted_is_named_with_its_columns():
    rows = _rows()
    held_out = HeldOut([(np.arange(150), np.arange(150, N))], "")
    rows.X["name"] = "ann"
    with pytest.raises(
        InputError, match=r"could not be fitted and tested on 1 of the columns, name ...: could not conv"
    ):
        held_out.predict(LogisticRegression(), rows, ["name"], 0)


def test_predictions_that_are_no_numbers_are_refused():
    class Lost(LinearRegression):
        def predict(self, X):
            return np.full(len(X), np.nan)

    with pytest.raises(InputError, match="the model's predictions must be finite; 50 of 50 rows are not"):
        HeldOut([(np.arange(150), np.arange(150, N))], "").predict(Lost(), _rows(of_classes=False), ["x"], 0)
