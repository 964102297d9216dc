import math

import numpy as np
import pandas as pd
import pytest

from nbo.features import DemographicFeatures
from nbo.features.attribute_rows import AttributeRows
from nbo.features.builders.life_stage import LIFE_STAGES, life_stage
from nbo.tables import CustomerTables, Spine, TableColumns

#  age, marital status, children, job -> stage
PEOPLE = [
    (17.9, "single", 0, None, "youth"),
    (65.0, "married", 2, None, "senior"),
    (64.9, "Married", 1, "student", "family"),
    (None, None, 3, None, "family"),
    (22.0, "single", 0, "Student", "student"),
    (34.9, "divorced", 0, "cook", "young single"),
    (25.0, "Living_together", None, None, "young couple"),
    (25.0, None, None, None, "young adult"),
    (25.0, "unknown", 0, None, "young adult"),
    (50.0, "married", 0, None, "empty nest"),
    (49.9, "married", 0, None, "couple"),
    (60.0, "married", None, None, "couple"),
    (60.0, "widowed", 0, None, "single"),
    (40.0, None, None, None, "midlife"),
    (None, "married", 0, "student", None),
]


def _stages(people: pd.DataFrame, age: list) -> list:
    rows = AttributeRows(
        TableColumns.of(people, "customers"), np.arange(len(people)), np.zeros(len(people), dtype="int64")
    )
    return [None if pd.isna(stage) else stage for stage in life_stage(rows, np.array(age, dtype=float))]


def test_the_rule_stage_by_stage():
    people = pd.DataFrame(PEOPLE, columns=["age", "marital_status", "children", "job", "stage"])
    assert _stages(people.drop(columns=["age", "stage"]), people["age"].tolist()) == [stage for *_, stage in PEOPLE]
    assert {stage for *_, stage in PEOPLE if stage} == set(LIFE_STAGES)


def test_only_what_is_there_counts():
    assert _stages(pd.DataFrame({"customer_id": list("abcd")}), [10, 30, 50, 70]) == [
        *("youth", "young adult", "midlife", "senior")
    ]


@pytest.mark.parametrize(
    ("size", "marital_status", "stage"),
    [
        (3, "married", "family"),
        (2, "married", "empty nest"),
        (2, "single", "family"),
        (1, "single", "single"),
        (4, None, "midlife"),
    ],
)
def test_people_beyond_the_adults_are_children(size, marital_status, stage):
    people = pd.DataFrame({"household_size": [size], "marital_status": [marital_status]})
    assert _stages(people, [55]) == [stage]


def test_the_stage_changes_with_the_moment():
    tables = CustomerTables(
        customers=pd.DataFrame(
            {
                "customer_id": ["ann", "ann", "firm"],
                "valid_from": ["2020-01-01", "2026-03-01", "2020-01-01"],
                "birth_date": ["1996-06-30", "1996-06-30", None],
                "age": [None, None, 40],
                "marital_status": ["single", "married", None],
                "children": [0, 0, None],
                "customer_type": ["consumer", "consumer", "business"],
            }
        )
    )
    spine = Spine.of(
        pd.DataFrame(
            {
                "customer_id": ["ann", "ann", "ann", "firm"],
                "as_of": ["2014-06-01", "2026-03-01", "2026-03-02", "2026-03-02"],
            }
        )
    )
    stages = DemographicFeatures().fit(tables, spine).build(tables, spine)["customers__life_stage"].tolist()
    # Nothing was known in 2014.
    assert stages[1:3] == ["young single", "young couple"]
    assert [isinstance(stage, float) and math.isnan(stage) for stage in stages] == [True, False, False, True]
