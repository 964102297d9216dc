"""Scorecards: arithmetic by hand, and cells without a goal or a number."""

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.experiments import goal_scorecard

GOALS = pd.DataFrame(
    {
        "goal": ["accept", "accept", "complaints", "accept"],
        "segment": ["new", "old", "new", "new"],
        "touchpoint": ["email", "email", "phone", "app"],
        "target": [0.10, 0.10, 0.02, 0.0],
        "direction": ["at least", "at least", "at most", "at least"],
        "tactic": ["welcome", "renewal", "call back", "banner"],
    }
)
MEASURED = pd.DataFrame(
    {
        "goal": ["accept", "complaints", "accept", "accept"],
        "segment": ["new", "new", "vip", "new"],
        "touchpoint": ["email", "phone", "email", "app"],
        "value": [0.12, 0.03, 0.2, 0.01],
        "low": [0.09, 0.025, 0.1, 0.005],
        "high": [0.15, 0.04, 0.3, 0.02],
    }
)


def test_by_hand():
    card = goal_scorecard(GOALS, MEASURED).set_index(["goal", "segment", "touchpoint"])
    email = card.loc[("accept", "new", "email")]
    assert email[["gap", "gap_share", "status"]].tolist() == [pytest.approx(0.02), pytest.approx(0.2), "open"]
    phone = card.loc[("complaints", "new", "phone")]
    assert phone[["gap", "gap_share", "status"]].tolist() == [pytest.approx(-0.01), pytest.approx(-0.5), "missed"]
    assert card.loc[("accept", "new", "app"), "status"] == "met"
    assert pd.isna(card.loc[("accept", "new", "app"), "gap_share"])
    assert card.loc[("accept", "old", "email"), "status"] == "not measured"
    assert card.loc[("accept", "vip", "email"), "status"] == "no goal"
    assert card["tactic"].dropna().tolist() == ["banner", "welcome", "renewal", "call back"]
    assert len(card) == 5


def test_numbers_without_an_interval_are_met_or_missed():
    card = goal_scorecard(GOALS, MEASURED.drop(columns=["low", "high"])).set_index(["goal", "segment", "touchpoint"])
    assert card.loc[("accept", "new", "email"), "status"] == "met"
    assert card.loc[("complaints", "new", "phone"), "status"] == "missed"
    same = goal_scorecard(
        GOALS.head(1), MEASURED.head(1).assign(value=0.10)[["goal", "segment", "touchpoint", "value"]]
    )
    assert same["status"].tolist() == ["met"]


def test_other_keys_and_no_rows():
    card = goal_scorecard(GOALS.head(1), MEASURED.head(0))
    assert card["status"].tolist() == ["not measured"]
    by_goal = goal_scorecard(GOALS.iloc[[2]], MEASURED.iloc[[1]], keys=["goal"])
    assert by_goal["status"].tolist() == ["missed"]


@pytest.mark.parametrize(
    ("goals", "measured", "says"),
    [
        (GOALS.drop(columns="target"), MEASURED, "goals lacks the column 'target'"),
        (GOALS.assign(target=None), MEASURED, "goals.target must be there in every row; 4 of 4"),
        (GOALS.assign(direction="more"), MEASURED, "goals.direction must be 'at least' or 'at most'; 4 of 4"),
        (pd.concat([GOALS, GOALS.head(1)]), MEASURED, "goals must be one row for each cell; 1 of 5"),
        (GOALS, MEASURED.assign(value="much"), "measured.value must be numbers"),
        (GOALS, MEASURED.assign(segment=None), "measured.segment must be there in every row"),
    ],
)
def test_what_is_not_allowed_is_refused(goals, measured, says):
    with pytest.raises(InputError, match=says):
        goal_scorecard(goals, measured)
