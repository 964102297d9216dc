import json

import numpy as np
import pandas as pd
import pytest

from nbo.next_best_offer.later_rows import LaterRows

OFFERS = pd.DataFrame({"offer_id": ["card", "loan", "card", "loan", "card"]})
Y, P = [1, 0, 0, 1, 1], [0.9, 0.2, 0.4, 0.6, 0.3]


@pytest.fixture
def later():
    return LaterRows.of({"propensity": (Y, P, OFFERS)}, {"propensity": pd.Timestamp("2026-03-01")})


def test_measures_by_hand(later):
    rows = later.scores.set_index("segment")
    assert rows["segmentation"].to_dict() == {"all": "all", "card": "offer_id", "loan": "offer_id"}
    assert rows["n"].to_dict() == {"all": 5, "card": 3, "loan": 2}
    assert rows.loc["all", "rate"] == pytest.approx(3 / 5)
    # Accepted cards at 0.9 and 0.3, a refused one at 0.4: one of two pairs is in order.
    assert rows.loc["card", "auc"] == pytest.approx(1 / 2)
    assert rows.loc["loan", "auc"] == 1
    assert rows.loc["loan", "brier"] == pytest.approx((0.2**2 + 0.4**2) / 2)
    assert rows.loc["loan", "log_loss"] == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2)
    assert (later.scores["since"] == pd.Timestamp("2026-03-01")).all()


def test_metrics_are_those_of_all_rows(later):
    metrics = later.metrics()
    assert metrics["propensity_n"] == 5
    assert metrics["propensity_mean_probability"] == pytest.approx((0.9 + 0.2 + 0.4 + 0.6 + 0.3) / 5)
    assert not any("card" in name or "since" in name for name in metrics)


def test_groups_hold_every_row_once(later):
    assert later.groups["probability"].tolist() == pytest.approx([0.2, 0.3, 0.4, 0.6, 0.9])
    assert later.groups["ones"].tolist() == [0, 1, 0, 1, 1]
    rng = np.random.default_rng(0)
    p = rng.random(2000)
    y = (rng.random(2000) < p).astype(float)
    groups = LaterRows.of({"churn": (y, p, pd.DataFrame(index=range(2000)))}).groups
    assert (len(groups), groups["n"].sum(), groups["ones"].sum()) == (50, 2000, int(y.sum()))


def test_of_many_segments_the_largest_are_kept():
    names = np.repeat([f"s{i:02d}" for i in range(60)], np.arange(1, 61))
    scores = LaterRows.of(
        {"churn": (np.zeros(len(names)), np.zeros(len(names)), pd.DataFrame({"segment": names}))}
    ).scores
    kept = scores.loc[scores["segmentation"] == "segment", "segment"]
    assert kept.tolist() == [f"s{i:02d}" for i in range(10, 60)]


def test_a_segment_of_one_class_has_no_auc():
    scores = LaterRows.of({"churn": ([1, 1], [0.4, 0.5], pd.DataFrame(index=range(2)))}).scores
    assert np.isnan(scores["auc"].item())


@pytest.mark.parametrize("predicted", [{}, {"propensity": (Y, P, OFFERS)}, {"churn": ([0], [0.5], OFFERS.iloc[:1])}])
def test_it_goes_through_json_and_back(predicted):
    given = LaterRows.of(predicted)
    found = LaterRows.from_dict(json.loads(json.dumps(given.to_dict(), allow_nan=False)))
    pd.testing.assert_frame_equal(found.scores, given.scores)
    pd.testing.assert_frame_equal(found.groups, given.groups)
