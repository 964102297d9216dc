import pandas as pd
import pytest

from nbo.features import SocialFeatures
from nbo.tables import CustomerTables, Spine

SPINE = Spine.at("2026-06-30", ["ann", "bob"])


def _build(tables: CustomerTables, **params) -> pd.DataFrame:
    return SocialFeatures(**params).fit(tables, SPINE).build(tables, SPINE)


def test_social_by_hand():
    social = pd.DataFrame(
        {
            "customer_id": "ann",
            "event_time": ["2026-04-30", "2026-06-20", "2026-06-21", "2026-06-22"],
            "kind": ["like", "like", "comment", "share"],
            "topic": ["price", "price", "service", None],
            "sentiment": [-1.0, 0.5, 0.25, None],
            "reach": [1000, 10, 20, 30],
        }
    )
    row = _build(CustomerTables(social=social)).loc[0]
    assert row["social__count__30D__kind_like"] == 1
    assert row["social__count__90D__kind_like"] == 2
    assert row["social__count__30D__kind_comment"] == 1
    assert row["social__count__30D__kind_follow"] == 0
    assert row["social__sentiment__mean__30D"] == (0.5 + 0.25) / 2
    assert row["social__sentiment__last__all"] == 0.25
    assert row["social__reach__sum__30D"] == 60.0
    assert row["social__count__365D__topic_price"] == 2


def test_surveys_by_hand():
    surveys = pd.DataFrame(
        {
            "customer_id": "ann",
            "event_time": ["2026-05-01", "2026-06-01", "2026-06-02", "2026-06-30"],
            "survey": ["nps", "nps", "csat", "nps"],
            "score": [9, 4, 5, 0],
        }
    )
    row = _build(CustomerTables(surveys=surveys)).loc[0]
    assert row["surveys__score__last__all__survey_nps"] == 4.0
    assert row["surveys__score__mean__all__survey_nps"] == (9 + 4) / 2
    assert row["surveys__score__last__all__survey_csat"] == 5.0
    assert row["surveys__count__all"] == 3


def test_relationships_count_each_other_end_once():
    edges = pd.DataFrame(
        {
            "customer_id": ["ann", "ann", "ann", "bob"],
            "related_id": ["bob", "bob", "cy", "cy"],
            "valid_from": ["2026-01-01", "2026-02-01", "2026-06-30", None],
        }
    )
    tables = CustomerTables(relationships=edges)
    assert _build(tables)["relationships__related_id__distinct__all"].tolist() == [1, 1]
    assert _build(tables, both_ends=True)["relationships__related_id__distinct__all"].tolist() == [1, 2]


def test_sentiment_by_hand():
    social = pd.DataFrame(
        {
            "customer_id": "ann",
            "event_time": ["2026-03-02", "2026-05-31", "2026-06-20", "2026-06-20"],
            "sentiment": [0.8, -0.4, 0.5, None],
            "topic": ["price", "price", "service", "service"],
            "reach": [90, 30, 10, 20],
        }
    )
    row = _build(CustomerTables(social=social), half_life="20D").loc[0]
    assert row["social__sentiment__min__365D"] == -0.4
    assert row["social__count__30D__sentiment_below_0"] == 1
    assert row["social__sentiment__trend__30D__365D"] == pytest.approx((0.5 - 0.4) / 2 - (0.8 - 0.4 + 0.5) / 3)
    weights = [0.5 ** (age / 20) for age in (120, 30, 10)]
    mean = (weights[0] * 0.8 + weights[1] * -0.4 + weights[2] * 0.5) / sum(weights)
    assert row["social__sentiment__decayed_mean__20D"] == pytest.approx(mean)
    assert row["social__sentiment__mean__365D__topic_price"] == pytest.approx((0.8 - 0.4) / 2)
    assert row["social__sentiment__mean__365D__topic_service"] == 0.5
    assert row["social__topic__top__365D"] == "price"
    assert row["social__reach__max__365D"] == 90
    assert row["social__reach__trend__30D__90D"] == pytest.approx((60 / 30) / (60 / 90))
    assert row["social__trend__90D__365D"] == pytest.approx((3 / 90) / (4 / 365))


def test_survey_weights_by_hand():
    surveys = pd.DataFrame(
        {
            "customer_id": "ann",
            "event_time": ["2026-04-01", "2026-05-01", "2026-06-01", "2026-06-02", "2026-06-03"],
            "survey": ["csat", "csat", "csat", "csat", "nps"],
            "score": [2.0, 5.0, None, 1.0, 9.0],
            "weight": [0.5, 1.5, 7.0, None, 2.0],
        }
    )
    row = _build(CustomerTables(surveys=surveys)).loc[0]
    assert row["surveys__score__weighted_mean__all__survey_csat"] == (2 * 0.5 + 5 * 1.5) / (0.5 + 1.5)
    assert row["surveys__score__weighted_mean__all__survey_nps"] == 9
    assert row["surveys__score__mean__all__survey_csat"] == pytest.approx((2 + 5 + 1) / 3)
    assert row["surveys__score__trend__all__survey_csat"] == pytest.approx(1 - (2 + 5 + 1) / 3)
    assert row["surveys__recency_days__survey_csat"] == 28


@pytest.mark.parametrize(
    ("score", "expected"),
    [(10, "promoter"), (9, "promoter"), (8, "passive"), (7, "passive"), (6, "detractor"), (0, "detractor")],
)
def test_the_class_of_the_last_recommendation(score, expected):
    surveys = pd.DataFrame(
        {
            "customer_id": "ann",
            "event_time": ["2026-05-01", "2026-06-01", "2026-06-02", "2026-06-03"],
            "survey": ["NPS", "NPS", "NPS", "csat"],
            "score": [10 - score, score, None, 9.0],
        }
    )
    found = _build(CustomerTables(surveys=surveys))["surveys__nps_class__latest__all"]
    assert found[0] == expected
    assert pd.isna(found[1])


def test_surveys_without_a_name():
    surveys = pd.DataFrame({"customer_id": "ann", "event_time": ["2026-05-01", "2026-06-01"], "score": [2.0, 4.0]})
    row = _build(CustomerTables(surveys=surveys)).loc[0]
    assert row["surveys__score__last__all"] == 4
    assert row["surveys__score__trend__all"] == 4 - 3
