"""Stages of life as segments."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import DemographicFeatures
from nbo.segments import LifeStageSegmenter
from nbo.tables import CustomerTables, Spine
from nbo.testing import check_segmenter


def _people():
    return pd.DataFrame(
        {
            "age": [15, 22, 28, 30, 41, 45, 55, 58, 70, np.nan],
            "marital_status": [
                "single",
                "single",
                "single",
                "married",
                "married",
                "single",
                "married",
                "divorced",
                None,
                None,
            ],
            "children": [0, 0, 0, 0, 2, 0, 0, 0, 0, 0],
            "job": ["pupil", "student", "nurse", "nurse", "nurse", "nurse", "nurse", "nurse", None, None],
        }
    )


def test_stages_by_hand():
    assert LifeStageSegmenter(stage=None).fit(_people()).predict(_people()).tolist() == [
        *["youth", "student", "young single", "young couple", "family"],
        *["single", "empty nest", "single", "senior", "not known"],
    ]


def test_stages_are_those_of_the_feature_that_is_built_of_the_tables():
    people = _people().assign(customer_id=[f"c{i}" for i in range(10)], valid_from="2020-01-01")
    tables = CustomerTables(customers=people)
    spine = Spine.at("2026-06-30", people["customer_id"])
    X = DemographicFeatures().fit(tables, spine).build(tables, spine)
    built = LifeStageSegmenter().fit(X).predict(X)
    assert built.tolist() == LifeStageSegmenter(stage=None).fit(_people()).predict(_people()).tolist()


def test_attributes_may_have_other_names_and_household_size_stands_for_children():
    X = pd.DataFrame({"years": [40, 40], "state": ["married", "married"], "household_size": [4, 2]})
    names = {"age": "years", "marital_status": "state"}
    assert LifeStageSegmenter(None, names).fit(X).predict(X).tolist() == ["family", "couple"]


def test_classes_of_income_by_hand():
    X = pd.DataFrame({"age": 40, "children": 1, "income": [10.0, 20, 30, 40, 50, np.nan]})
    fitted = LifeStageSegmenter(None, income="income").fit(X)
    # A quarter of the way from 10 to 50 is 20, which is in the lower class.
    assert fitted.limits_.tolist() == [20, 40]
    assert fitted.predict(X).tolist() == [
        *["family, lower", "family, lower", "family, middle", "family, middle", "family, upper", "family"]
    ]
    rules = fitted.describe().set_index("segment")["rule"]
    assert rules["family, middle"] == "stage of life family, 20 < income <= 40"
    assert rules["family, upper"] == "stage of life family, 40 < income"
    assert rules["family"] == "stage of life family, income missing"


def test_income_counts_over_the_root_of_the_household():
    X = pd.DataFrame({"age": 40, "income": [30.0, 60, 60, 90], "people": [1, 4, 1, 9]})
    fitted = LifeStageSegmenter(
        None, income="income", household_size="people", classes=("less", "more"), shares=(0.5, 0.5)
    )
    # 30, 60 / 2, 60, 90 / 3
    assert fitted.fit(X).predict(X).tolist() == ["midlife, less", "midlife, less", "midlife, more", "midlife, less"]


def test_what_every_segmenter_owes():
    check_segmenter(LifeStageSegmenter(stage=None), _people())
    X = _people().assign(income=np.arange(10.0))
    check_segmenter(LifeStageSegmenter(stage=None, income="income"), X)


@pytest.mark.parametrize("n", [0, 1])
def test_few_customers(n):
    X = _people().assign(income=1.0).iloc[:n]
    assert LifeStageSegmenter(None, income="income").fit(X).predict(X).tolist() == ["youth, lower"][:n]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "X lacks the column 'customers__life_stage'"),
        ({"stage": "job"}, "X.job must be one of youth, student"),
        ({"stage": None, "attributes": {"age": "years"}}, "X lacks the column"),
        ({"stage": None, "shares": (0.5, 0.5)}, "shares must be 3 numbers above 0 of sum 1"),
        ({"stage": None, "income": "income"}, "X lacks the column 'income'"),
        ({"stage": None, "classes": "low"}, "classes must be a list of names that differ; got 'low'"),
        ({"stage": None, "classes": ("low", "low", "top")}, "classes must be a list of names that differ"),
        ({"stage": None, "attributes": {"aeg": "age"}}, "a key of attributes must be one of"),
    ],
)
def test_wrong_arguments_are_refused(arguments, says):
    with pytest.raises(InputError, match=says):
        LifeStageSegmenter(**arguments).fit(_people())


def test_an_endless_income_is_refused():
    with pytest.raises(InputError, match="X.income must be finite numbers, or missing"):
        LifeStageSegmenter(None, income="income").fit(_people().assign(income=np.inf))
