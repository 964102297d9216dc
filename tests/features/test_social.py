import pandas as pd

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
