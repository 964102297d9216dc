"""Causes for which customers leave, found in their tables, as of a time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import nbo
from nbo.alerting import CauseModel
from nbo.alerting.causes.find import CAUSES, find_causes
from nbo.alerting.learn_causes import learn_causes
from nbo.alerting.told import main_causes
from nbo.errors import InputError
from nbo.tables import CustomerTables, Spine

NOW = pd.Timestamp("2026-06-30")
DAY = pd.Timedelta("1D")


def at(*days):
    return [NOW - day * DAY for day in days]


def found(tables, *ids):
    """Cause -> customers who have it, with what shows it."""
    signals = find_causes(tables, Spine.at(NOW, list(ids)))
    assert [signal.name for signal in signals] == list(CAUSES)
    return {
        signal.name: {ids[row]: signal.evidence(row) for row in np.flatnonzero(signal.holds)}
        for signal in signals
        if signal.holds.any()
    }


def test_complaints_open_and_closed_not_long_ago():
    rows = [("ann", 10, None), ("bob", 10, 2), ("cy", 70, 65), ("di", 70, None), ("ed", 3, -4)]
    cases = pd.DataFrame(
        {
            "customer_id": [who for who, *_ in rows],
            "opened_at": at(*(opened for _, opened, _ in rows)),
            "closed_at": [None if closed is None else NOW - closed * DAY for *_, closed in rows],
            "kind": "complaint",
            "topic": ["billing", "billing", "billing", None, "service"],
        }
    )
    tables = CustomerTables(cases=cases)
    # What is closed in four days is open now; an inquiry is no complaint.
    assert found(tables, "ann", "bob", "cy", "di", "ed") == {
        "open complaint": {
            "ann": "complaint on billing open for 10 days, since 2026-06-20",
            "di": "complaint open for 70 days, since 2026-04-21",
            "ed": "complaint on service open for 3 days, since 2026-06-27",
        },
        "recent complaint": {"bob": "complaint on billing of 2026-06-20, closed on 2026-06-28"},
    }
    assert found(CustomerTables(cases=cases.assign(kind="inquiry")), "ann") == {}


def test_bad_service_is_the_last_rating_of_the_last_90_days():
    cases = pd.DataFrame(
        {
            "customer_id": ["ann", "ann", "bob", "bob", "cy", "di"],
            "opened_at": at(50, 20, 50, 20, 200, 5),
            "closed_at": at(40, 10, 40, 10, 100, -3),
            "kind": "inquiry",
            "satisfaction": [5, 2, 1, 4, 1, 1],
        }
    )
    surveys = pd.DataFrame(
        {
            "customer_id": ["ann", "bob", "cy", "di"],
            "event_time": at(5, 5, 5, 100),
            "survey": ["nps", "nps", "mood", "csat"],
            "score": [6, 7, 0, 1],
        }
    )
    assert found(CustomerTables(cases=cases, surveys=surveys), "ann", "bob", "cy", "di") == {
        "bad service": {"ann": "rated a case 2 of 5, closed on 2026-06-20"},
        "bad survey": {"ann": "answered 6 to nps on 2026-06-25"},
    }


def test_engagement_falls_and_silence_is_long_against_the_customers_own_habit():
    # ann: 50 events in the 150 days before, 10 a month, then 2. bob: 2 a month always. new: known for 40 days.
    visits = {"ann": [*range(31, 181, 3), 5, 9], "bob": range(1, 180, 15), "new": [40, 39, 38, 37, 36, 35, 34]}
    events = pd.DataFrame([(who, NOW - day * DAY) for who, days in visits.items() for day in days])
    # ann buys every 10 days and has not for 31; bob every 30 and has not for 31; cy has bought three times.
    buys = {"ann": (31, 41, 51, 61, 71), "bob": (31, 61, 91, 121), "cy": (100, 101, 102), "di": (90, 90, 90, 91)}
    sales = pd.DataFrame([(who, NOW - day * DAY) for who, days in buys.items() for day in days])
    sales, events = (frame.set_axis(["customer_id", "event_time"], axis=1) for frame in (sales, events))
    assert found(CustomerTables(events=events, transactions=sales), "ann", "bob", "cy", "di", "new") == {
        "falling engagement": {"ann": "2 visits and other events in 30 days, where 10 are usual for this customer"},
        "silence": {"ann": "no purchase for 31 days, since 2026-05-30; this customer used to buy every 10 days"},
    }


def test_contracts_that_end_and_payments_that_fail():
    customers = pd.DataFrame(
        {"customer_id": ["ann", "bob", "cy", "di"], "contract_end": [*at(-30, -90, 1), None], "valid_from": at(400)[0]}
    )
    events = pd.DataFrame({"customer_id": ["bob"], "event_time": at(4), "event_type": ["payment_failed"]})
    sales = pd.DataFrame({"customer_id": ["cy", "di"], "event_time": at(20, 3), "status": "pending"})
    tables = CustomerTables(customers=customers, events=events, transactions=sales)
    assert found(tables, "ann", "bob", "cy", "di") == {
        "contract end": {"ann": "contract ends in 30 days, on 2026-07-30"},
        "payment": {
            "bob": "a payment failed or was reminded of on 2026-06-26",
            "cy": "the order of 2026-06-10 is still pending",
        },
    }


def test_a_future_or_late_known_row_shows_no_cause():
    world = nbo.simulate.World(customers=200, days=200, seed=1)
    moment = world.start + pd.Timedelta("150D")
    spine = Spine.at(moment, world.tables.customers)
    past = {}
    for name in ("cases", "surveys", "events", "transactions", "customers"):
        frame = world.tables.get(name)
        time = {"cases": "opened_at", "customers": "valid_from"}.get(name, "event_time")
        past[name] = frame[frame[time] < moment]
    later = world.tables.get("cases").assign(opened_at=moment - DAY, known_at=moment, kind="complaint")
    full = world.tables.replace(cases=pd.concat([world.tables.get("cases"), later]).sample(frac=1, random_state=1))
    for one, other in zip(find_causes(CustomerTables(**past), spine), find_causes(full, spine), strict=True):
        np.testing.assert_array_equal(one.holds, other.holds)
        assert [one.evidence(row) for row in np.flatnonzero(one.holds)] == [
            other.evidence(row) for row in np.flatnonzero(other.holds)
        ]


def past_customers(n=3000, seed=1):
    rng = np.random.default_rng(seed)
    ids = [f"c{number}" for number in range(n)]
    has = rng.random(n) < 0.3
    topic = rng.choice(["billing", "delivery"], n)
    cases = pd.DataFrame({"customer_id": np.array(ids)[has], "topic": topic[has]})
    tables = CustomerTables(cases=cases.assign(opened_at=NOW - 5 * DAY, kind="complaint"))
    hazard = 0.1 * np.where(has & (topic == "billing"), 3.0, 1.0)
    return tables, Spine.at(NOW, ids), rng.random(n) < 1 - np.exp(-hazard)


def test_without_a_prior_the_factor_is_that_of_the_counts():
    tables, spine, left = past_customers()
    model = CauseModel(prior=100.0).fit(tables, spine, left)
    row = model.lifts_.set_index("detail").loc["billing"]
    signal = find_causes(tables, spine)[0]
    billing, nothing = signal.detail == "billing", ~signal.holds
    # Hazards over the horizon are minus the logs of the shares that stayed.
    by_hand = np.log(1 - left[billing].mean()) / np.log(1 - left[nothing].mean())
    assert row["lift"] == pytest.approx(by_hand, rel=1e-3)
    assert (row["n"], row["left"]) == (billing.sum(), left[billing].sum())
    # Wald's interval of the log ratio of two rates with the complementary log-log link.
    error = 0.0
    for group in (billing, nothing):
        p, n = left[group].mean(), group.sum()
        error += p / (n * (1 - p) * np.log(1 - p) ** 2)
    reach = 1.959964 * np.sqrt(error)
    assert row["low"] == pytest.approx(by_hand * np.exp(-reach), rel=1e-2)
    assert row["high"] == pytest.approx(by_hand * np.exp(reach), rel=1e-2)


def test_a_rare_cause_is_drawn_towards_1():
    tables, spine, left = past_customers(n=60, seed=3)
    strong, weak = (CauseModel(prior=prior).fit(tables, spine, left).lifts_ for prior in (0.1, 10.0))
    drawn, free = (np.abs(np.log(lifts["lift"])).max() for lifts in (strong, weak))
    assert drawn < 0.2 < free


def test_labels_may_leave_rows_out_and_their_order_does_not_matter():
    tables, spine, left = past_customers()
    series = pd.Series(left.astype(int)).drop([3, 5]).sample(frac=1, random_state=1)
    rows = sorted(series.index)
    one = CauseModel().fit(tables, spine, series)
    other = CauseModel().fit(tables, Spine.of(spine.frame.iloc[rows]), left[rows])
    pd.testing.assert_frame_equal(one.lifts_, other.lifts_)


def test_a_stored_model_says_the_same_and_a_new_topic_has_the_factor_of_all():
    tables, spine, left = past_customers()
    model = CauseModel().fit(tables, spine, left)
    again = CauseModel.from_dict(model.to_dict())
    pd.testing.assert_frame_equal(again.score(tables, spine), model.score(tables, spine))
    new = CustomerTables(cases=tables.get("cases").assign(topic="moving"))
    signals = find_causes(new, spine)
    lift, low, high = again.weigh(signals)
    all_topics = again.lifts_.query("cause == 'open complaint' and detail == ''").iloc[0]
    assert set(lift[:, 0]) == {all_topics["lift"]}
    assert (low <= lift).all()
    assert (lift <= high).all()
    causes, evidence = main_causes(signals, len(spine), again)
    has = signals[0].holds
    assert set(causes[has]) == {"open complaint"}
    assert set(evidence[~has]) == {"no known cause"}


def test_the_context_explains_what_it_explains():
    """What all old customers have is not blamed on the complaints that they make more often."""
    rng, n = np.random.default_rng(5), 6000
    old = rng.random(n) < 0.5
    ids = np.array([f"c{number}" for number in range(n)])
    has = rng.random(n) < np.where(old, 0.5, 0.05)
    left = rng.random(n) < 1 - np.exp(-np.where(old, 0.4, 0.05))
    cases = pd.DataFrame({"customer_id": ids[has], "opened_at": NOW - 5 * DAY, "kind": "complaint"})
    customers = pd.DataFrame({"customer_id": ids, "age": np.where(old, 70, 30)})
    tables, spine = CustomerTables(cases=cases, customers=customers), Spine.at(NOW, ids)
    context = nbo.FeatureSet([nbo.DemographicFeatures()])
    lifts = [
        CauseModel(context=given).fit(tables, spine, left).lifts_.query("cause == 'open complaint'").iloc[0]
        for given in (None, context)
    ]
    assert lifts[0]["low"] > 1.5
    assert lifts[1]["low"] < 1 < lifts[1]["high"]
    fitted = CauseModel(context=context).fit(tables, spine, left)
    p = fitted.score(tables, spine)["churn_probability"].to_numpy()
    assert p[old].mean() == pytest.approx(left[old].mean(), abs=0.01)
    with pytest.raises(InputError, match="with a context cannot be stored"):
        fitted.to_dict()


def test_bad_labels_and_settings_are_refused():
    tables, spine, left = past_customers(n=50)
    with pytest.raises(InputError, match="0 or 1"):
        CauseModel().fit(tables, spine, left * 2)
    with pytest.raises(InputError, match="some who left and some who stayed"):
        CauseModel().fit(tables, spine, np.zeros(50))
    with pytest.raises(InputError, match="one label for each of the 50 rows"):
        CauseModel().fit(tables, spine, left[:4])
    with pytest.raises(InputError, match="row numbers of the spine"):
        CauseModel().fit(tables, spine, pd.Series([0, 1], index=[0, 50]))
    with pytest.raises(InputError, match="prior must be above 0"):
        CauseModel(prior=0).fit(tables, spine, left)
    with pytest.raises(InputError, match="is not fitted"):
        CauseModel().score(tables, spine)


def test_causes_are_learnt_from_the_past_alone():
    world = nbo.simulate.World(customers=1500, days=365, seed=2)
    moment, horizon = world.start + pd.Timedelta("300D"), pd.Timedelta("60D")
    model = learn_causes(world.tables, moment, horizon)
    sales, cases = world.tables.get("transactions"), world.tables.get("cases")
    past = world.tables.replace(
        transactions=sales[sales["event_time"] < moment], cases=cases[cases["opened_at"] < moment]
    )
    pd.testing.assert_frame_equal(model.lifts_, learn_causes(past, moment, horizon).lifts_)
    assert learn_causes(world.tables, world.start, horizon) is None


def test_what_goes_with_staying_is_no_cause():
    tables, spine, left = past_customers()
    signal = find_causes(tables, spine)[0]
    stays = CauseModel().fit(tables, spine, left & ~(signal.holds & (np.arange(len(left)) % 8 > 0)))
    assert stays.lifts_.query("detail == 'billing'")["high"].item() < 1
    causes, evidence = main_causes([signal], len(spine), stays)
    assert set(causes) == {"unknown"}
    assert set(evidence) == {"no known cause"}
