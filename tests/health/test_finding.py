"""Findings are judged together, by hand."""

from __future__ import annotations

from math import log

from nbo.health.finding import CHECK_COLUMNS, Finding, judged
from nbo.health.limits import taken_limits

LIMITS = taken_limits({"false_alarms_a_look": (0.1, 0.01), "false_alarms_ever": (0.5, 0.1)})


def states(*findings):
    table = judged(findings, LIMITS).set_index("subject")["state"]
    return [table[finding.subject] for finding in findings]


def test_a_value_without_chance_is_judged_by_its_limits():
    values = {"a": 0.5, "b": 2.0, "c": 5.0}  # limits: 1 and 3 days
    assert states(*(Finding("scores_age", name, days, "") for name, days in values.items())) == [
        "ok",
        "warning",
        "alarm",
    ]


def test_p_values_share_the_rate_of_false_alarms():
    # Two tests: an alarm needs p <= .01 / 2, a warning p <= .1 / 2.
    assert states(Finding("psi", "a", 0.5, "", 0.005), Finding("psi", "b", 0.5, "", 0.006)) == ["alarm", "warning"]
    assert states(Finding("psi", "a", 0.2, "", 0.005), Finding("psi", "b", 0.5, "", 0.06)) == ["warning", "ok"]


def test_e_values_are_claimed_by_e_bh():
    # Two claims at .1: one alone needs 2 / .1 = 20; at .5, it needs 2 / .5 = 4.
    one = Finding("calibration", "a", 0.9, "", log_e=log(20.1))
    assert states(one, Finding("calibration", "b", 0.9, "", log_e=log(3.9))) == ["alarm", "warning"]
    assert states(one, Finding("calibration", "b", 0.9, "", log_e=log(1.0))) == ["alarm", "ok"]
    # Evidence of a small change is none of an alarm.
    assert states(Finding("calibration", "a", 0.15, "", log_e=99.0)) == ["warning"]


def test_what_may_not_ring_warns():
    assert states(Finding("psi", "tenure", 0.9, "", 0.0, rings=False)) == ["warning"]


def test_alarms_come_first_and_no_findings_are_a_table_too():
    table = judged([Finding("scores_age", "a", 0, ""), Finding("scores_age", "b", 9, "")], LIMITS)
    assert table["subject"].tolist() == ["b", "a"]
    assert table["limit"].tolist() == [3.0, 3.0]
    assert judged([], LIMITS).columns.tolist() == CHECK_COLUMNS
