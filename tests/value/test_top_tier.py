"""Who will enter the top tier: what a model owes, and how later customers were ranked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

import nbo
from nbo.errors import BundleError, InputError
from nbo.evaluation import validate_predictions
from nbo.features import DemographicFeatures, FeatureSet, TransactionFeatures
from nbo.simulate import World
from nbo.testing import check_model
from nbo.value import TopTierModel, entered_top_tier

WEIGHTS = {
    "check_sample_weight_equivalence_on_dense_data": (
        "rows of weight 0 are as good as absent, but a row of weight 2 is one row: in a leaf's fewest rows, "
        "in the bins of a column and in the random choice of the later rows"
    ),
}
SMALL = {"n_estimators": 15, "min_child_samples": 5}


@pytest.fixture(scope="module")
def world():
    return World(customers=1500, days=480, seed=5)


@pytest.fixture(scope="module")
def learnt(world):
    """A model of the first ten months, and its later cohort: all who were not in the tier four months on."""
    model = TopTierModel(horizon="90D", n_estimators=80)
    early = nbo.Spine.calendar("2025-05-01", "2025-09-01", "MS", world.tables)
    late = nbo.Spine.at("2026-01-10", world.tables)
    features = FeatureSet([TransactionFeatures(), DemographicFeatures()]).fit(world.tables, early)
    rows = model.labels(world.tables, early, until="2026-01-10")
    X = features.build(world.tables, early).loc[rows.index]
    model.fit(X, rows["entered"], value=rows["later_value"], time=rows["as_of"], groups=rows["customer_id"])
    cohort = model.labels(world.tables, late, until=world.end)
    return model, features.build(world.tables, late).loc[cohort.index], cohort


def test_in_a_later_cohort_the_tenth_ranked_first_enters_more_often_than_average(learnt):
    model, X, cohort = learnt
    assert not cohort["already"].any()
    found = validate_predictions(
        cohort["entered"], model.predict_proba(X)[:, 1], level=0.99, metrics=["lift_10", "auc"]
    )
    metrics = found.overall.set_index("metric")
    assert metrics.loc["lift_10", "low"] > 1.3
    assert metrics.loc["auc", "low"] > 0.6


def test_the_expected_value_of_a_later_cohort_is_right_in_sum(learnt):
    model, X, cohort = learnt
    brought = cohort["later_value"].to_numpy()
    error = 4 * brought.std() / np.sqrt(len(brought)) / brought.mean()
    assert model.predict_value(X).sum() / brought.sum() == pytest.approx(1, abs=error + 0.1)
    ranked = model.rank(X.set_axis(cohort["customer_id"]))
    top = cohort.set_index("customer_id").loc[ranked.index[: len(X) // 10], "later_value"]
    assert top.mean() > 1.5 * brought.mean()
    assert (np.diff(ranked["probability"]) <= 0).all()


def test_a_tier_by_hand():
    sales = pd.DataFrame(
        [
            ("ann", "2026-01-05", 90.0),
            ("bob", "2026-01-06", 50.0),
            ("cy", "2026-01-07", 20.0),
            ("dee", "2025-11-01", 500.0),  # before the window of 30 days
            ("cy", "2026-02-03", 30.0),
            ("cy", "2026-02-04", 25.0),
            ("dee", "2026-02-28", 49.99),
            ("ann", "2026-03-05", 999.0),  # after the window
        ],
        columns=["customer_id", "event_time", "amount"],
    )
    spine = nbo.Spine.at("2026-02-01", ["ann", "bob", "cy", "dee"])
    found = entered_top_tier(
        nbo.CustomerTables(transactions=sales), spine, "30D", top=0.5, column="amount", until="2026-04-01"
    )
    assert found["value"].tolist() == [90, 50, 20, 0]
    assert found["later_value"].tolist() == [0, 0, 30 + 25, 49.99]
    # Two of four: the second brought 50.
    assert found["threshold"].tolist() == [50] * 4
    assert found["already"].tolist() == [True, True, False, False]
    assert found["entered"].tolist() == [0, 0, 1, 0]


def test_the_threshold_knows_nothing_that_came_or_became_known_later(world):
    spine = nbo.Spine.calendar("2025-06-01", "2025-08-01", "MS", world.tables)
    before = entered_top_tier(world.tables, spine, "60D", until=world.end)
    sales = world.tables.transactions
    rows = sales[sales["event_time"] < "2025-06-01"].head(50)
    late = pd.concat([rows.assign(known_at=pd.Timestamp("2025-09-01")), rows.assign(event_time="2025-09-15")])
    late["event_time"] = pd.to_datetime(late["event_time"])
    late = late.assign(transaction_id=[f"late-{i}" for i in range(100)], margin=1e6)
    more = world.tables.replace(transactions=pd.concat([sales, late], ignore_index=True))
    after = entered_top_tier(more, spine, "60D", until=world.end)
    pd.testing.assert_frame_equal(before[["value", "threshold", "already"]], after[["value", "threshold", "already"]])


def test_the_threshold_of_each_moment_is_its_own_and_few_buyers_lower_it():
    sales = pd.DataFrame({"customer_id": ["a", "b"], "event_time": ["2026-01-10", "2026-02-10"], "margin": [4.0, 9.0]})
    tables = nbo.CustomerTables(transactions=sales)
    spine = nbo.Spine.calendar("2026-02-01", "2026-04-01", "MS", ["a", "b", "c"])
    found = entered_top_tier(tables, spine, "28D", top=0.9, until="2026-06-01")
    # Nobody brought anything in March: then nobody can enter.
    assert found["threshold"].tolist() == [4] * 3 + [9] * 3 + [np.inf] * 3
    assert found["entered"].tolist() == [0, 1, 0] + [0] * 6


def test_a_shuffled_spine_gives_the_same_labels(world):
    spine = nbo.Spine.at("2025-06-01", world.tables)
    shuffled = nbo.Spine.of(spine.frame.sample(frac=1, random_state=0))
    one, two = (entered_top_tier(world.tables, rows, "60D").join(rows.frame) for rows in (spine, shuffled))
    one, two = (found.sort_values("customer_id", ignore_index=True) for found in (one, two))
    pd.testing.assert_frame_equal(one, two)


def test_what_every_model_owes():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"orders": rng.integers(0, 7, 300), "town": rng.choice(["Bern", "Rome"], 300)})
    check_model(TopTierModel(**SMALL), X, X["orders"] > 4)


@parametrize_with_checks([TopTierModel(n_estimators=10, min_child_samples=2)], expected_failed_checks=lambda _: WEIGHTS)
def test_scikit_learn_takes_it(estimator, check):
    check(estimator)


def test_a_stored_model_keeps_its_values(tmp_path):
    rng = np.random.default_rng(1)
    X = pd.DataFrame({"orders": rng.integers(0, 7, 300)})
    model = TopTierModel(horizon=pd.Timedelta("60D"), **SMALL).fit(X, X["orders"] > 4, value=rng.gamma(2, 9, 300))
    model.to_dir(tmp_path / "model")
    back = TopTierModel.from_dir(tmp_path / "model")
    np.testing.assert_array_equal(back.predict_value(X), model.predict_value(X))
    file = tmp_path / "model" / "model.json"
    file.write_text(file.read_text().replace("margin", "amount"))
    with pytest.raises(BundleError, match="altered"):
        TopTierModel.from_dir(tmp_path / "model")
    with pytest.raises(InputError, match="has learnt no values"):
        TopTierModel(**SMALL).fit(X, X["orders"] > 4).predict_value(X)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"top": 0}, r"top must be in \(0, 1\)"),
        ({"horizon": 5}, "horizon must be a length of time"),
        ({"column": "price"}, "column must be one of 'margin', 'amount'"),
        ({"incomplete": "raise", "until": "2025-07-01"}, "as_of must be at or before"),
    ],
)
def test_what_labels_nobody_is_refused(world, given, message):
    with pytest.raises(InputError, match=message):
        entered_top_tier(world.tables, nbo.Spine.at("2025-06-01", world.tables), **{"horizon": "60D", **given})
    with pytest.raises(InputError, match="need the table transactions"):
        entered_top_tier(nbo.CustomerTables(), nbo.Spine.at("2025-06-01", ["a"]))
