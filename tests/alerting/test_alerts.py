"""Alerts: whom to lose costs more than to act, once an episode, to the right owner, within budget."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import nbo
from nbo.alerting import Alerts, alerts
from nbo.errors import InputError
from nbo.tables import CustomerTables

NOW = pd.Timestamp("2026-06-30")
CALL = pd.DataFrame({"action": ["call", "letter"], "cost": [20.0, 2.0], "relative_reduction": [0.5, 0.1]})


def scores(**risks):
    return pd.DataFrame({"customer_id": list(risks), "churn_probability": list(risks.values()), "clv": 1000.0})


def complaints(*rows):
    columns = ["customer_id", "opened_at", "closed_at", "topic"]
    return CustomerTables(cases=pd.DataFrame(rows, columns=columns).assign(kind="complaint", severity=4))


def told(found: Alerts) -> list[tuple]:
    return list(found.frame[["customer_id", "action", "net_gain"]].itertuples(index=False, name=None))


def test_an_alert_says_loss_cause_action_and_why_by_hand():
    tables = complaints(("ann", "2026-06-20", None, "billing"))
    found = nbo.alerts(scores(ann=0.3), tables, NOW, actions=CALL, cost=5)
    row = found.frame.iloc[0]
    assert row["expected_loss"] == 0.3 * 1000
    # The call takes half of the risk and costs 20 and 5 for handling; the letter a tenth for 2 and 5.
    assert row["action"] == "call"
    assert row["action_gain"] == 0.5 * 0.3 * 1000
    assert row["action_cost"] == 20 + 5
    assert row["net_gain"] == 0.5 * 0.3 * 1000 - 25 > 0.1 * 0.3 * 1000 - 7
    assert (row["cause"], row["route"], row["raised_at"]) == ("open complaint", "campaign:call", NOW)
    assert row["evidence"] == "complaint on billing open for 10 days, since 2026-06-20, severity 4 of 5"
    assert row["reason"] == (
        "Doing nothing loses 300.00 on average: a chance of 30.0% to leave within 90 days x 1,000.00 at stake. call "
        "avoids 150.00 of it for 25.00: 125.00 better than waiting. Cause: open complaint (complaint on billing open "
        "for 10 days, since 2026-06-20, severity 4 of 5)."
    )
    assert list(found.frame.columns) == [
        "alert_id", "customer_id", "raised_at", "episode_started_at", "cause", "evidence", "churn_probability",
        "value_at_stake", "expected_loss", "action", "action_gain", "action_cost", "net_gain", "owner", "route",
        "reason",
    ]  # fmt: skip


def test_no_alert_where_acting_costs_more_than_it_saves():
    # 0.1 x 0.02 x 1000 = 2 for the letter at 2: no gain; 0.5 x 0.04 x 1000 = 20 for the call at 20: no gain.
    found = alerts(scores(ann=0.02, bob=0.04, cy=0.041), CustomerTables(), NOW, actions=CALL, causes=None)
    assert told(found) == [("bob", "letter", pytest.approx(2.0)), ("cy", "letter", pytest.approx(2.1))][::-1]
    # 0.4 x 0.05 x 1000 is 20 and a rest of 4e-15 in floating point: no gain either.
    even = pd.DataFrame({"action": ["visit"], "cost": [20.0], "relative_reduction": [0.4]})
    assert 0.4 * 0.05 * 1000 > 20
    assert len(alerts(scores(ann=0.05), CustomerTables(), NOW, actions=even, causes=None)) == 0
    harmful = CALL.assign(relative_reduction=-0.2)
    assert len(alerts(scores(ann=0.9), CustomerTables(), NOW, actions=harmful)) == 0


def test_no_alert_at_all_says_that_nothing_pays_and_how_near_it_comes(caplog):
    # The call saves 0.5 x 0.02 x 100 = 1 at a cost of 20, the letter 0.1 x 0.02 x 100 = 0.2 at a cost of 2.
    little = scores(ann=0.02, bob=0.01).assign(clv=100.0)
    found = alerts(little, CustomerTables(), NOW, actions=CALL)
    unpaid = found.unpaid
    assert (unpaid.customers, unpaid.action, unpaid.cost) == (2, "letter", 2.0)
    assert unpaid.gain == pytest.approx(0.1 * 0.02 * 100)
    why = (
        "for 2 customers no action gains more than it costs (at best 'letter' avoids a loss of 0.20 at a cost of 2.00)"
    )
    assert repr(found).endswith(f"; {why})")
    assert why.replace("'", "&#x27;") in found.to_html() or why in found.to_html()
    assert caplog.messages == [f"no customer is alerted: {why}"]
    caplog.clear()
    some = alerts(pd.concat([little, scores(cy=0.5)]), CustomerTables(), NOW, actions=CALL)
    assert (len(some), some.unpaid.customers) == (1, 2)
    assert "no action" not in repr(some)
    again = alerts(scores(cy=0.5), CustomerTables(), NOW, actions=CALL, past=some)
    assert (len(again), again.unpaid, caplog.messages) == (0, None, [])


def test_no_alert_at_all_says_where_no_action_may_be_taken():
    found = alerts(scores(ann=0.3), CustomerTables(), NOW, actions=CALL.assign(cause="open complaint"), causes=None)
    assert (len(found), found.unpaid.customers, found.unpaid.action) == (0, 1, "")
    assert repr(found).endswith("; for 1 customer no action may be taken)")
    paid = alerts(scores(ann=0.3), CustomerTables(), NOW, actions=CALL, threshold=0.5)
    assert (len(paid), paid.unpaid) == (0, None)


def test_an_absolute_effect_takes_no_more_than_the_risk():
    actions = pd.DataFrame({"action": ["gift"], "cost": [10.0], "churn_reduction": [0.2]})
    found = alerts(scores(ann=0.05, bob=0.5), CustomerTables(), NOW, actions=actions)
    assert told(found) == [("bob", "gift", 0.2 * 1000 - 10), ("ann", "gift", 0.05 * 1000 - 10)]


def test_an_action_of_a_cause_is_for_customers_with_it_and_effects_of_single_customers_count():
    tables = complaints(("ann", "2026-06-20", None, "billing"))
    actions = CALL.assign(cause=["open complaint", None])
    found = alerts(scores(ann=0.3, bob=0.3), tables, NOW, actions=actions)
    assert told(found) == [("ann", "call", 130.0), ("bob", "letter", 28.0)]
    single = pd.DataFrame({"customer_id": ["ann", "bob", "bob"], "action": ["call", "call", "visit"], "cost": 20.0})
    found = alerts(scores(ann=0.3, bob=0.3), tables, NOW, actions=single.assign(churn_reduction=[0.01, 0.1, 0.2]))
    assert told(found) == [("bob", "visit", 180.0)]


def test_a_repeated_run_never_duplicates_and_the_same_call_gives_the_same():
    first = alerts(scores(ann=0.3, bob=0.2), CustomerTables(), NOW, actions=CALL)
    again = alerts(scores(ann=0.3, bob=0.2), CustomerTables(), NOW, actions=CALL)
    pd.testing.assert_frame_equal(first.frame, again.frame)
    pd.testing.assert_frame_equal(first.episodes, again.episodes)
    for past in (first, first.frame, first.episodes, [first, again], first.frame.sample(frac=1, random_state=1)):
        for later in (NOW, NOW + pd.Timedelta("1D"), NOW + pd.Timedelta("89D")):
            assert len(alerts(scores(ann=0.3, bob=0.2), CustomerTables(), later, actions=CALL, past=past)) == 0
    over = alerts(scores(ann=0.3), CustomerTables(), NOW + pd.Timedelta("90D"), actions=CALL, past=first)
    assert over.frame["alert_id"].tolist() != first.frame["alert_id"].tolist()
    assert over.episodes["state"].tolist() == ["horizon", "horizon", "open"]
    assert not over.episodes["alert_id"].duplicated().any()


def test_risk_that_wavers_rings_once_and_rings_again_after_it_fell():
    # Alerted at 0.2; the episode ends below 0.8 x 0.2 = 0.16.
    past, rings = None, []
    path = [0.1, 0.21, 0.19, 0.22, 0.17, 0.25, 0.15, 0.19, 0.2, 0.3]
    for day, risk in enumerate(path):
        moment = NOW + pd.Timedelta(days=day)
        past = alerts(scores(ann=risk), CustomerTables(), moment, actions=CALL, past=past, threshold=0.2)
        rings.append(len(past))
    assert rings == [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    assert past.episodes["state"].tolist() == ["risk fell", "open"]
    assert past.episodes["episode_ended_at"].tolist()[0] == NOW + pd.Timedelta("6D")


def one_episode_at_a_time(path, threshold, rearm, horizon):
    """The same, slowly: days on which an alert is raised."""
    rings, since = [], None
    for day, risk in enumerate(path):
        if since is not None and (risk < rearm * threshold or day - since >= horizon):
            since = None
        if since is None and risk >= threshold:
            rings.append(day)
            since = day
    return rings


@pytest.mark.parametrize("seed", range(2))
def test_alerts_of_many_runs_equal_a_plain_loop_over_each_customer(seed):
    rng = np.random.default_rng(seed)
    days, ids = 25, [f"c{number}" for number in range(12)]
    paths = np.clip(0.3 + np.cumsum(rng.normal(0, 0.06, (days, len(ids))), axis=0), 0.01, 1).round(3)
    past, rings = None, {name: [] for name in ids}
    for day, risks in enumerate(paths):
        frame = scores(**dict(zip(ids, risks, strict=True))).sample(frac=1, random_state=day)
        moment = NOW + pd.Timedelta(days=day)
        past = alerts(
            frame,
            CustomerTables(),
            moment,
            actions=CALL,
            past=past,
            threshold=0.3,
            rearm=0.9,
            horizon="9D",
            causes=None,
        )
        for name in past.frame["customer_id"]:
            rings[name].append(day)
    assert rings == {name: one_episode_at_a_time(paths[:, i], 0.3, 0.9, 9) for i, name in enumerate(ids)}
    assert sum(map(len, rings.values())) > 15
    assert past.episodes["alert_id"].is_unique


def test_after_the_case_is_closed_only_another_complaint_rings_again():
    old = ("ann", "2026-06-20", "2026-07-02", "billing")
    first = alerts(scores(ann=0.3), complaints(old), NOW, actions=CALL)
    closed = alerts(scores(ann=0.3), complaints(old), "2026-07-03", actions=CALL, past=first)
    assert len(closed) == 0
    assert closed.episodes["state"].tolist() == ["case closed"]
    assert closed.episodes["episode_ended_at"].tolist() == [pd.Timestamp("2026-07-02")]
    new = complaints(old, ("ann", "2026-07-05", None, "delivery"))
    assert len(alerts(scores(ann=0.3), new, "2026-07-05", actions=CALL, past=closed)) == 0
    second = alerts(scores(ann=0.3), new, "2026-07-06", actions=CALL, past=closed)
    assert second.frame["evidence"].str.contains("delivery").tolist() == [True]
    # One more complaint while the case is open is the same episode.
    more = complaints(("ann", "2026-06-20", None, "billing"), ("ann", "2026-07-01", None, "delivery"))
    assert len(alerts(scores(ann=0.3), more, "2026-07-02", actions=CALL, past=first)) == 0


def test_each_alert_goes_to_the_right_owner_or_list_once():
    customers = pd.DataFrame(
        {
            "customer_id": ["ann", "ann", "bob", "cy", "di"],
            "valid_from": ["2026-01-01", "2026-06-01", "2026-01-01", "2026-01-01", "2026-01-01"],
            "owner": ["old", "mia", None, "leo", "mia"],
        }
    )
    tables = CustomerTables(customers=customers)
    risk = scores(ann=0.3, bob=0.3, cy=0.3, di=0.001)
    found = alerts(risk, tables, NOW, actions=CALL.assign(campaign="keep"))
    got = dict(zip(found.frame["customer_id"], found.frame["owner"].fillna(found.frame["route"]), strict=True))
    assert got == {"ann": "mia", "bob": "campaign:keep", "cy": "leo"}
    assert {name: rows["customer_id"].tolist() for name, rows in found.by_owner().items()} == {
        "leo": ["cy"],
        "mia": ["ann"],
    }
    assert {name: rows["customer_id"].tolist() for name, rows in found.campaigns().items()} == {"keep": ["bob"]}
    assert sum(map(len, [*found.by_owner().values(), *found.campaigns().values()])) == len(found) == 3
    # As of May, ann was somebody else's.
    assert alerts(risk, tables, "2026-05-01", actions=CALL).by_owner().keys() == {"leo", "old"}
    given = pd.DataFrame({"customer_id": ["ann", "bob"], "owner": ["zoe", "zoe"]})
    assert alerts(risk, tables, NOW, actions=CALL, owners=given).by_owner()["zoe"].shape[0] == 2
    with pytest.raises(InputError, match="one owner for each customer"):
        alerts(risk, tables, NOW, actions=CALL, owners=pd.concat([given, given]))


def test_a_budget_keeps_the_highest_gains_and_the_rest_waits():
    owners = pd.DataFrame({"customer_id": ["ann", "bob", "cy", "di"], "owner": ["mia", "mia", "mia", "leo"]})
    risk, tables = scores(ann=0.2, bob=0.5, cy=0.4, di=0.1, ed=0.3), CustomerTables()
    first = alerts(risk, tables, NOW, actions=CALL, owners=owners, budget=1)
    assert set(first.frame["customer_id"]) == {"bob", "di", "ed"}
    assert first.held_back["customer_id"].tolist() == ["cy", "ann"]
    assert first.held_back["raised_at"].isna().all()
    assert first.held_back["reason"].str.startswith("The budget of 1 alerts is used: 0 raised").all()
    # The period is a week: on day 6 the budget is used up, on day 7 it is new.
    sixth = alerts(risk, tables, NOW + pd.Timedelta("6D"), actions=CALL, owners=owners, budget=1, past=first)
    assert len(sixth) == 0
    seventh = alerts(risk, tables, NOW + pd.Timedelta("7D"), actions=CALL, owners=owners, budget=1, past=sixth)
    assert seventh.frame["customer_id"].tolist() == ["cy"]
    # The episode began when it was held back, and it is the same one.
    assert seventh.frame["episode_started_at"].tolist() == [NOW]
    assert seventh.frame["alert_id"].tolist() == first.held_back["alert_id"].tolist()[:1]
    assert seventh.episodes["alert_id"].is_unique
    each = alerts(risk, tables, NOW, actions=CALL, owners=owners, budget={"mia": 2, "campaign:call": 0})
    assert each.held_back["customer_id"].tolist() == ["ed", "ann"]


def test_past_written_to_a_folder_is_past(tmp_path):
    first = alerts(scores(ann=0.3, bob=0.2), CustomerTables(), NOW, actions=CALL)
    for kind in ("parquet", "csv"):
        first.write(tmp_path / kind, format=kind)
        assert sorted(file.name for file in (tmp_path / kind).iterdir()) == [
            f"alerts.{kind}", f"episodes.{kind}", f"held_back.{kind}",
        ]  # fmt: skip
        for past in (tmp_path / kind, str(tmp_path / kind / f"alerts.{kind}")):
            later = alerts(scores(ann=0.3, bob=0.2), CustomerTables(), "2026-07-01", actions=CALL, past=past)
            assert len(later) == 0
            assert later.episodes["alert_id"].tolist() == first.episodes["alert_id"].tolist()
    with pytest.raises(InputError, match="past must be a folder"):
        alerts(scores(ann=0.3), CustomerTables(), NOW, actions=CALL, past=tmp_path / "nothing")


def test_later_rows_and_later_runs_change_nothing():
    early = complaints(("ann", "2026-06-20", None, "billing"))
    late = pd.DataFrame(
        {
            "customer_id": ["ann", "bob", "bob"],
            "opened_at": ["2026-06-30", "2026-07-01", "2026-06-01"],
            "known_at": [None, None, "2026-07-09"],
            "kind": "complaint",
            "topic": "delivery",
        }
    )
    both = CustomerTables(cases=pd.concat([early.get("cases"), CustomerTables(cases=late).get("cases")]))
    risk = scores(ann=0.3, bob=0.3)
    one, other = (alerts(risk, tables, NOW, actions=CALL) for tables in (early, both))
    pd.testing.assert_frame_equal(one.frame, other.frame)
    future = alerts(risk, early, NOW + pd.Timedelta("5D"), actions=CALL)
    pd.testing.assert_frame_equal(one.frame, alerts(risk, early, NOW, actions=CALL, past=future).frame)
    dated = pd.concat([risk.assign(as_of=NOW), risk.assign(as_of="2026-07-05", churn_probability=0.9)])
    pd.testing.assert_frame_equal(one.frame, alerts(dated, early, NOW, actions=CALL).frame)


def test_shuffled_and_doubled_rows_give_the_same():
    cases = complaints(("ann", "2026-06-20", None, "billing"), ("bob", "2026-06-21", None, "delivery")).get("cases")
    risk = scores(ann=0.3, bob=0.2, cy=0.4)
    one = alerts(risk, CustomerTables(cases=cases), NOW, actions=CALL)
    doubled = CustomerTables(cases=pd.concat([cases, cases]).sample(frac=1, random_state=3))
    other = alerts(risk.iloc[::-1], doubled, NOW, actions=CALL.iloc[::-1])
    pd.testing.assert_frame_equal(one.frame, other.frame)


def test_nobody_and_unknown_risk_or_value():
    nobody = alerts(scores(), CustomerTables(), NOW, actions=CALL)
    assert (len(nobody), nobody.considered) == (0, 0)
    assert "0 alerts" in nobody._repr_html_()
    risk = scores(ann=0.3, bob=np.nan, cy=0.3).assign(clv=[np.nan, 1.0, -5.0])
    found = alerts(risk, CustomerTables(), NOW, actions=CALL, customers=["ann", "bob", "cy", "stranger"])
    assert (len(found), found.considered, found.unknown) == (0, 4, 3)


def test_html_escapes_and_shows_what_is_held_back():
    risk = pd.DataFrame({"customer_id": ["<b>"], "churn_probability": [0.5]})
    owners = pd.DataFrame({"customer_id": ["<b>"], "owner": ["mia"]})
    found = alerts(risk, CustomerTables(), NOW, actions=CALL, value=100, owners=owners, budget=0)
    assert "Held back by budget" in found.to_html()
    assert "<b>" not in found.to_html()
    assert "1 held back" in repr(found)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"actions": None}, "no action is known that keeps customers"),
        ({"actions": CALL.drop(columns="cost")}, "actions lacks the column 'cost'"),
        ({"actions": CALL[["action", "cost"]]}, "what each does against leaving"),
        ({"actions": CALL.assign(churn_reduction=0.1)}, "one of churn_reduction and relative_reduction"),
        ({"actions": CALL.assign(relative_reduction=50)}, r"in \[-1, 1\]"),
        ({"actions": CALL.assign(cause="mood")}, "actions.cause must be one of"),
        ({"actions": CALL.assign(action="call")}, "there once for each action, cause"),
        ({"value": "worth"}, "value must be a column of the scores"),
        ({"value": -1}, "value must be"),
        ({"threshold": 2}, "threshold must be in"),
        ({"rearm": 0}, "rearm must be in"),
        ({"cost": -1}, "cost must be 0 or more"),
        ({"budget": -1}, "budget must be a whole number"),
        ({"budget": {"mia": 0.5}}, "budget\\['mia'\\] must be"),
        ({"causes": "guess"}, "causes must be a CauseModel"),
        ({"past": pd.DataFrame({"alert_id": ["a"]})}, "past lacks the columns 'customer_id', 'raised_at'"),
        (
            {"past": pd.DataFrame({"alert_id": ["a"], "customer_id": [7], "raised_at": [NOW]})},
            "past.customer_id must be of the kind",
        ),
        ({"horizon": "soon"}, "horizon must be a length of time"),
    ],
)  # fmt: skip
def test_bad_input_is_one_clear_error(given, message):
    with pytest.raises(InputError, match=message):
        alerts(scores(ann=0.3), CustomerTables(), NOW, **{"actions": CALL, **given})


def test_bad_scores_are_refused():
    with pytest.raises(InputError, match="churn_probability must be in"):
        alerts(scores(ann=1.3), CustomerTables(), NOW, actions=CALL)
    with pytest.raises(InputError, match="there once for each customer_id"):
        alerts(pd.concat([scores(ann=0.3)] * 2), CustomerTables(), NOW, actions=CALL)
    with pytest.raises(InputError, match="value at stake must be a finite number"):
        alerts(scores(ann=0.3).assign(clv=np.inf), CustomerTables(), NOW, actions=CALL)
    with pytest.raises(TypeError, match="tables must be CustomerTables; got NoneType"):
        alerts(scores(ann=0.3), None, NOW, actions=CALL)
    with pytest.raises(TypeError, match="model must be a NextBestOffer.*got NoneType"):
        alerts(None, CustomerTables(), NOW, actions=CALL)
    with pytest.raises(InputError, match="Give its predictions as a frame"):
        alerts(nbo.ChurnModel(), CustomerTables(customers=scores(ann=0.3)), NOW, actions=CALL)


def test_retention_offers_of_a_model_are_actions():
    offers = [nbo.Offer("gift", kind="retention", cost=5.0), nbo.Offer("tv", value=50.0)]
    frame = pd.DataFrame(
        {
            "customer_id": ["ann", "ann", "bob", "bob"],
            "offer_id": ["gift", "tv"] * 2,
            "uplift": [0.1, 0.9, 0.2, 0.9],
            "cost": [5.0, 0.0] * 2,
            "eligible": [True, True, False, True],
            "churn_probability": [0.3, 0.3, 0.4, 0.4],
            "clv": 1000.0,
        }
    )

    class Model:
        catalog = nbo.Catalog(offers)

        def score(self, tables, spine):
            return frame

    customers = CustomerTables(customers=pd.DataFrame({"customer_id": ["ann", "bob"]}))
    assert told(alerts(Model(), customers, NOW)) == [("ann", "gift", 0.1 * 1000 - 5)]
    kinds = frame.assign(kind=["retention", "sale"] * 2)
    assert told(alerts(kinds, customers, NOW)) == [("ann", "gift", 0.1 * 1000 - 5)]


def test_numbers_as_ids_empty_runs_and_a_look_back_at_an_earlier_day(tmp_path):
    risk = pd.DataFrame({"customer_id": [1, 2], "churn_probability": [0.5, 0.4], "clv": 1000.0})
    alerts(risk[:0], CustomerTables(), NOW, actions=CALL).write(tmp_path / "none", format="csv")
    first = alerts(risk, CustomerTables(), NOW, actions=CALL, past=tmp_path / "none", budget={"campaign:call": 1})
    first.write(tmp_path / "first", format="csv")
    past = [tmp_path / "none", tmp_path / "first"]
    fell = alerts(
        risk.assign(churn_probability=0.0), CustomerTables(), NOW + pd.Timedelta("9D"), actions=CALL, past=past
    )
    assert fell.episodes["state"].tolist() == ["risk fell"] * 2
    # As of the second day neither had fallen: the first waits for nothing, and the second is still to be raised.
    second = alerts(risk, CustomerTables(), NOW + pd.Timedelta("2D"), actions=CALL, past=[fell, *past])
    assert second.frame["customer_id"].tolist() == [2]
    assert second.frame["episode_started_at"].tolist() == [NOW]
