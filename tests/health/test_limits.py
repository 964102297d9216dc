"""The table of limits, and what a caller may change."""

from __future__ import annotations

from math import nan
from pathlib import Path

import pytest

from nbo.errors import InputError
from nbo.health import LIMITS, HealthLimit, default_limits
from nbo.health.limits import taken_limits


def test_every_check_stands_once_with_unit_meaning_and_source():
    table = default_limits()
    assert table["check"].is_unique
    assert len(table) == len(LIMITS)
    assert (table[["unit", "meaning", "source"]].map(len) > 0).all(axis=None)


def test_a_mapping_and_a_frame_change_the_same_rows():
    frame = default_limits()
    frame.loc[frame["check"] == "psi", ["warning", "alarm"]] = [0.3, 0.6]
    assert taken_limits(frame) == taken_limits({"psi": (0.3, 0.6)})
    assert taken_limits(None) != taken_limits({"psi": (0.3, 0.6)})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"pso": (1, 2)}, "check of limits must be one of"),
        ({"psi": 0.2}, "must be a pair"),
        ({"psi": (0.2, nan)}, "must be numbers"),
        ({"psi": (0.2, True)}, "must be numbers"),
        ({"psi": (0.3, 0.2)}, "must warn before it rings"),
        ({"exploration": (0.01, 0.02)}, "must warn before it rings"),
    ],
)
def test_wrong_limits_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        taken_limits(given)


def test_what_is_no_mapping_is_refused():
    with pytest.raises(TypeError, match="limits must map checks"):
        taken_limits(3)


def test_beyond_is_above_or_below():
    high = HealthLimit("a", 1, 2, "", "", "")
    low = HealthLimit("b", 2, 1, "", "", "", low_is_bad=True)
    assert [high.beyond(value, 1) for value in (0.5, 1, 2, nan)] == [False, False, True, False]
    assert [low.beyond(value, 1) for value in (0.5, 1, 2, nan)] == [True, False, False, False]


def test_the_page_shows_these_limits():
    page = (Path(__file__).parents[2] / "docs" / "health.md").read_text("utf-8").partition("## Limits")[2]
    rows = [
        f"| `{limit.check}` | {limit.warning:g} | {limit.alarm:g} | {limit.unit} | {limit.meaning} | {limit.source} |"
        for limit in LIMITS
    ]
    shown = [line for line in page.splitlines() if line.startswith("| `")]
    assert shown == rows
