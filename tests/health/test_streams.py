"""Streams that are looked at every day: those without a change stay quiet, planted changes are found."""

from __future__ import annotations

import pytest
from scipy import stats

from tests.benchmarks.health import CHANGE, LOOKS, PLANTED, Stream, delay_of, null_streams

# Days in which each planted change is found with so many decisions; a week of them is the window of the answers.
SOON = {
    "a feature moves by half a standard deviation": 1,
    "a category of 15 % vanishes": 0,
    "an offer is accepted half as often": 44,
    "a third of all acceptances is gone": 16,
    "exploration stops": 1,
}


def test_a_stream_without_a_change_stays_quiet():
    alarms = [report.alarms for _, report in Stream(1, decisions=150).looks(every=6)]
    assert len(alarms) == 15
    assert all(table.empty for table in alarms)


@pytest.mark.parametrize("change", PLANTED)
def test_a_planted_change_is_found(change):
    assert delay_of(change, 4, every=max(SOON[change] // 4, 1), decisions=1000) <= SOON[change]


def test_before_the_change_nothing_rings():
    looks = Stream(4, "an offer is accepted half as often", decisions=1000).looks(CHANGE - 2, CHANGE)
    assert all(report.ok for _, report in looks)


@pytest.mark.slow
def test_one_stream_in_twenty_rings_in_ninety_looks_at_most():
    table = null_streams(20, 100, decisions=150)
    assert table["looks"].eq(LOOKS).all()
    # More would come by chance in one of a thousand such tests.
    assert (table["with_alarm"] > 0).sum() <= stats.binom.isf(0.001, 20, 0.05)
