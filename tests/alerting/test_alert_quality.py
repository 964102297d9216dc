"""Precision, recall and lead time of alerts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nbo.alerting import alert_quality, alerts
from nbo.errors import InputError
from nbo.tables import CustomerTables

DAY = pd.Timedelta("1D")
START = pd.Timestamp("2026-01-01")


def people(**left):
    days = [None if day is None else START + day * DAY for day in left.values()]
    return pd.DataFrame({"customer_id": list(left), "left_at": pd.Series(days, dtype="datetime64[us]")})


def raised(*rows):
    return pd.DataFrame({"customer_id": [who for who, _ in rows], "raised_at": [START + day * DAY for _, day in rows]})


LEFT = people(ann=40, bob=80, cy=None, di=70, ed=120)


def test_precision_recall_and_lead_by_hand():
    # Horizon 30, known until day 150. ann: alerts at 15 and 25, both right. bob: at 20, too early. cy: at 5, stayed.
    # ed: at 119, right. cy at 130 is not judged: its horizon ends on day 160.
    given = raised(("ann", 15), ("ann", 25), ("bob", 20), ("cy", 5), ("ed", 119), ("cy", 130))
    quality = alert_quality(given, LEFT, horizon="30D", until=START + 150 * DAY)
    assert quality.value("precision") == 3 / 5
    # ann and ed were seen of the four who left; ann's first alert that was right came 25 days before, ed's 1.
    assert quality.value("recall") == 2 / 4
    assert quality.lead_days.tolist() == [1, 25]
    assert quality.value("lead_days") == (1 + 25) / 2
    # There within the horizon left: on days 5 none of 5; on 15, 20 and 25 ann of 5; on 119 ed of 2.
    base = (0 / 5 + 1 / 5 + 1 / 5 + 1 / 5 + 1 / 2) / 5
    assert quality.value("base_rate") == pytest.approx(base)
    assert quality.value("lift") == pytest.approx(3 / 5 / base)
    assert "precision 60.0% of 5 alerts, recall 50.0% of 4 who left, within 30 days; median lead 13 days" in repr(
        quality
    )
    assert "<table" in quality._repr_html_()


def test_it_equals_a_plain_loop():
    rng = np.random.default_rng(4)
    left = {f"c{i}": (int(rng.integers(0, 200)) if rng.random() < 0.6 else None) for i in range(40)}
    rows = sorted({(f"c{rng.integers(40)}", int(rng.integers(0, 200))) for _ in range(90)})
    quality = alert_quality(raised(*rows), people(**left), horizon="45D", start=START, until=START + 200 * DAY)
    judged = [(who, day) for who, day in rows if day + 45 <= 200]
    right = [left[who] is not None and day <= left[who] < day + 45 for who, day in judged]
    leavers = [who for who, day in left.items() if day is not None]
    leads = {who: [left[who] - day for own, day in rows if own == who and 0 <= left[who] - day < 45] for who in leavers}
    seen = [max(days) for days in leads.values() if days]
    assert quality.value("precision") == sum(right) / len(right)
    assert quality.value("recall") == len(seen) / len(leavers)
    assert quality.lead_days.tolist() == sorted(seen)


def test_the_interval_of_the_median_lead_holds_it_as_often_as_stated():
    rng, held = np.random.default_rng(5), 0
    for _ in range(120):
        leads = rng.exponential(10, 25)
        left = pd.DataFrame({"customer_id": range(25), "left_at": START + pd.to_timedelta(leads, unit="D")})
        given = pd.DataFrame({"customer_id": range(25), "raised_at": START})
        row = alert_quality(given, left, horizon="365D", until=START + 400 * DAY).frame.iloc[2]
        held += row["low"] <= 10 * np.log(2) <= row["high"]
    # Of 25, the 8th and the 18th order statistic: at least 95 %, exactly 95.7 %.
    level = stats.binom.cdf(17, 25, 0.5) - stats.binom.cdf(7, 25, 0.5)
    assert abs(held / 120 - level) < 3 * np.sqrt(level * (1 - level) / 120)


def test_runs_frames_tables_and_who_joined_later():
    given = raised(("ann", 15), ("cy", 5))
    tables = CustomerTables(customers=LEFT.rename(columns={"left_at": "ended"}))
    known = {"horizon": "30D", "until": START + 150 * DAY}
    one = alert_quality(given, LEFT, **known).frame
    pd.testing.assert_frame_equal(alert_quality([given[:1], given[1:], given], (tables, "ended"), **known).frame, one)
    # Of 4 who were there on day 5, for ed came later, nobody left; ann of 4 on day 15.
    joined = LEFT.assign(joined_at=[None, None, None, None, START + 100 * DAY])
    assert alert_quality(given, joined, **known).value("base_rate") == pytest.approx((0 / 4 + 1 / 4) / 2)
    actions = pd.DataFrame({"action": ["call"], "cost": [1.0], "relative_reduction": [0.5]})
    scores = pd.DataFrame({"customer_id": ["ann", "cy"], "churn_probability": [0.5, 0.1], "clv": 100.0})
    found = alerts(scores, CustomerTables(), START + 15 * DAY, actions=actions, threshold=0.3)
    assert alert_quality(found, LEFT, **known).value("precision") == 1


def test_no_alerts_and_nobody_who_left():
    none = alert_quality(raised(), LEFT, horizon="30D", start=START)
    assert np.isnan(none.value("precision"))
    assert none.value("recall") == 0
    nobody = alert_quality(raised(("ann", 5)), people(ann=None), horizon="30D", until=START + 60 * DAY)
    assert nobody.value("precision") == 0
    assert np.isnan(nobody.value("recall"))
    assert "recall unknown of 0 who left, within 30 days; median lead unknown days" in repr(nobody)


@pytest.mark.parametrize(
    ("given", "left", "message"),
    [
        (raised(("zoe", 1)), LEFT, "a customer of `left`"),
        (raised(("ann", 1)), pd.concat([LEFT, LEFT]), "different"),
        (raised(("ann", 1)), LEFT[["customer_id"]], "left lacks the column 'left_at'"),
        (raised(("ann", 1)).drop(columns="raised_at"), LEFT, "alerts lacks the column 'raised_at'"),
        (raised(), people(ann=None), "start and until must be given"),
        ([], LEFT, "at least one frame"),
    ],
)
def test_bad_input_is_one_clear_error(given, left, message):
    with pytest.raises(InputError, match=message):
        alert_quality(given, left)


def test_an_unknown_measure_is_refused():
    with pytest.raises(InputError, match="measure must be one of 'precision'"):
        alert_quality(raised(("ann", 15)), LEFT).value("accuracy")
