"""The standard report set: each table equals a group-by of the log, as of a time."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from nbo import Ledger
from nbo.arbitration import Eligibility, Playbook, When
from nbo.errors import InputError
from nbo.reports import program_report
from nbo.tables import Catalog, CustomerTables, Offer
from nbo.views.formats import shown_column

SINCE = pd.Timestamp("2026-05-31")
CATALOG = Catalog([Offer("card", kind="discount"), Offer("loan", kind="upgrade"), Offer("visit", kind="service")])
PLAYBOOK = Playbook([Eligibility(), When("adults only", refuse="age < 18")], "retail", "3")
GOALS = pd.DataFrame(
    {
        "goal": ["acceptance rate", "acceptance rate", "sales", "acceptance rate"],
        "segment": ["new", None, "old", "gone"],
        "touchpoint": ["app", None, "all", "app"],
        "target": [0.9, 0.01, 10.0, 0.1],
        "tactic": ["call first", "", "", ""],
    }
)


@pytest.fixture(scope="module")
def tables(log, as_of) -> CustomerTables:
    rng = np.random.default_rng(9)
    sales = pd.DataFrame({"transaction_id": np.arange(500), "customer_id": rng.choice(log["customer_id"], 500)})
    times = as_of - pd.to_timedelta(rng.random(500) * 50 - 3, unit="D")
    return CustomerTables(transactions=sales.assign(event_time=times, amount=rng.integers(100, 9999, 500) / 100))


@pytest.fixture(scope="module")
def report(log, as_of, tables):
    given = {"catalog": CATALOG, "tables": tables, "goals": GOALS, "playbook": PLAYBOOK}
    return program_report(log, as_of=as_of, since=SINCE, **given)


@pytest.fixture(scope="module")
def period(log) -> pd.DataFrame:
    return log[log["decided_at"] >= SINCE]


def test_all_tables_of_the_standard_set_are_there(report):
    assert list(report.tables) == [
        "overview", "changes", "segments", "offers", "offers_by_segment", "patterns", "action_types", "channels",
        "messages", "effects", "inactions", "contact_pressure", "goals", "goal_totals", "goals_by_segment",
        "goals_by_channel", "goals_by_action_type", "playbook", "guidelines",
    ]  # fmt: skip


def test_the_overview_equals_sums_of_the_log(report, period):
    found = report.tables["overview"].set_index("measure")["value"]
    answered, none = period["reward"].notna(), period["offer_id"] == "no_offer"
    gain = np.rint(100 * (period["reward"] * period["value"] - period["cost"]))[answered].sum()
    expected = {
        "decisions": len(period),
        "customers": period["customer_id"].nunique(),
        "offers made": (~none).sum(),
        "decisions to make no offer": none.sum(),
        "offers answered": (answered & ~none).sum(),
        "answers still open": (~answered).sum(),
        "accepted": period["reward"].sum(),
        "acceptance rate": period.loc[answered & ~none, "reward"].mean(),
        "value per decision": gain / 100 / answered.sum(),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    # To the cent.
    assert round(100 * found["value"]) == gain
    assert (~answered).sum() > 0


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("segments", ["segment"]),
        ("offers", ["offer_id"]),
        ("offers_by_segment", ["segment", "offer_id"]),
        ("channels", ["segment", "channel"]),
        ("action_types", ["segment", "action_type"]),
    ],
)
def test_tables_of_rates_equal_a_group_by_of_the_log(report, period, name, keys):
    kinds = {"card": "marketing offer", "loan": "sales proposal", "visit": "service response", "no_offer": "no action"}
    rows = period[period["reward"].notna()].assign(action_type=period["offer_id"].map(kinds))
    rows = rows if name == "action_types" else rows[rows["offer_id"] != "no_offer"]
    table = report.tables[name]
    own = table[table[keys[0]] != "all"].set_index(keys)
    groups = rows.groupby(keys)["reward"]
    assert own["n"].to_dict() == groups.size().to_dict()
    assert own["accepted"].to_dict() == groups.sum().to_dict()
    assert own["rate"].to_dict() == pytest.approx(groups.mean().to_dict())
    cents = np.rint(100 * (rows["reward"] * rows["value"] - rows["cost"])).astype(int)
    expected = cents.groupby([rows[key] for key in keys]).sum()
    assert np.rint(100 * own["value"]).astype(int).to_dict() == expected.to_dict()


def test_decisions_for_no_offer_are_counted_by_segment_and_reason(report, period):
    none = period[period["offer_id"] == "no_offer"]
    found = report.tables["inactions"].set_index(["segment", "reason"])["n"]
    assert found.to_dict() == none.groupby(["segment", "reason"]).size().to_dict()
    assert report.tables["contact_pressure"].set_index("segment").loc["all", "no_actions"] == len(none)


def test_changes_are_those_since_the_period_before(report, log, period, as_of):
    found = report.tables["changes"].set_index(["segment", "offer_id"])
    made = log[(log["offer_id"] != "no_offer") & log["reward"].notna()]
    before = made[(made["decided_at"] >= SINCE - (as_of - SINCE)) & (made["decided_at"] < SINCE)]
    for (segment, offer), row in found.iterrows():
        own = before[
            (before["offer_id"] == offer)
            & before["segment"].isin([segment, *(["new", "old", "vip"] if segment == "all" else [])])
        ]
        assert (row["n_before"], row["accepted_before"]) == (len(own), own["reward"].sum())
    assert found["n_before"].sum() == 2 * len(before)


def test_goals_are_set_against_what_was_measured_and_missing_ones_are_flagged(report, period):
    card = report.tables["goals"].set_index(["goal", "segment", "touchpoint"])
    offered = period[(period["offer_id"] != "no_offer") & period["reward"].notna()]
    app = offered[(offered["segment"] == "new") & (offered["channel"] == "app")]["reward"]
    row = card.loc[("acceptance rate", "new", "app")]
    assert (row["value"], row["gap"]) == (pytest.approx(app.mean()), pytest.approx(app.mean() - 0.9))
    assert row[["status", "tactic"]].tolist() == ["missed", "call first"]
    whole = card.loc[("acceptance rate", "all", "all")]
    assert (whole["value"], whole["status"]) == (pytest.approx(offered["reward"].mean()), "met")
    assert card.loc[("acceptance rate", "gone", "app"), "status"] == "not measured"
    # Each segment and touchpoint without a target is named.
    cells = {
        ("acceptance rate", segment, channel)
        for segment in ("new", "old", "vip", "all")
        for channel in ("app", "mail", "all")
    }
    without = set(card[card["status"] == "no goal"].loc[["acceptance rate"]].index)
    assert without == cells - {("acceptance rate", "new", "app"), ("acceptance rate", "all", "all")}


def test_credits_of_goals_add_up_to_what_was_sold_in_the_period(report, tables, as_of):
    sold = tables.get("transactions")
    sold = sold[(sold["event_time"] >= SINCE) & (sold["event_time"] < as_of)]
    cents = np.rint(100 * sold["amount"]).astype(int).sum()
    for name in ("segment", "channel", "action_type"):
        table = report.tables[f"goals_by_{name}"]
        assert np.rint(100 * table.loc[table["goal"] == "sales", "credit"]).astype(int).sum() == cents
    totals = report.tables["goal_totals"].set_index("goal")
    assert round(100 * totals.loc["sales", "total"]) == cents


def test_the_effect_against_the_holdout_is_that_of_what_was_spent(report, period, tables, as_of):
    found = report.tables["effects"].set_index("segment").loc["all"]
    first = period.sort_values("decided_at").drop_duplicates("customer_id").set_index("customer_id")
    spent = dict.fromkeys(first.index, 0.0)
    for sale in tables.get("transactions").to_dict("records"):
        customer = sale["customer_id"]
        if customer in spent and first.loc[customer, "decided_at"] <= sale["event_time"] < as_of:
            spent[customer] += sale["amount"]
    means = pd.Series(spent).groupby(first["arm"]).mean()
    assert found["difference"] == pytest.approx(means["agent"] - means["holdout"])
    assert found["told_by"] == "holdout arm"


def test_later_decisions_answers_and_sales_change_nothing(log, as_of, tables, report):
    later = log.head(40).assign(
        decision_id=[f"x{place}" for place in range(40)], decided_at=as_of, outcome_at=as_of + pd.Timedelta("1D")
    )
    open_ = log["reward"].isna()
    answered = log.assign(
        reward=log["reward"].mask(open_, 1.0), outcome_at=log["outcome_at"].mask(open_, as_of + pd.Timedelta("1h"))
    )
    sales = tables.get("transactions")
    more = pd.concat([sales, sales.head(5).assign(transaction_id=np.arange(5) + 900, event_time=as_of)])
    both = pd.concat([answered, later, log.head(3)]).sample(frac=1, random_state=3)
    given = {"catalog": CATALOG, "tables": tables.replace(transactions=more), "goals": GOALS, "playbook": PLAYBOOK}
    again = program_report(both, as_of=as_of, since=SINCE, **given)
    for name, frame in report.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], frame)
    assert again.to_page().to_html() == report.to_page().to_html()


def test_a_ledger_is_reported_as_its_feedback_is(log, as_of, tmp_path):
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as book:
        book.record(log.drop(columns=["reward", "outcome_at"]).assign(action_probability=0.5))
        accepted = log[log["reward"] == 1]
        book.record_outcomes(accepted[["decision_id", "outcome_at"]].assign(outcome="accept"), now=as_of)
        by_ledger = program_report(book, as_of=as_of, since=SINCE, catalog=CATALOG)
        by_frame = program_report(book.feedback(as_of, pending=True), as_of=as_of, since=SINCE, catalog=CATALOG)
    for name, frame in by_frame.tables.items():
        pd.testing.assert_frame_equal(by_ledger.tables[name], frame)
    assert by_ledger.facts["Accepted"] == int(log.loc[log["decided_at"] >= SINCE, "reward"].sum())


@pytest.mark.parametrize(("form", "read"), [("parquet", pd.read_parquet), ("csv", pd.read_csv)])
def test_written_tables_are_the_numbers_of_the_page(report, tmp_path, form, read):
    report.write_tables(tmp_path, form)
    page = report.to_page().to_html()
    for section in report.sections:
        written = read(tmp_path / f"{section.name}.{form}")
        assert len(written) == len(section.frame)
        for name in section.shown.columns:
            if pd.api.types.is_float_dtype(section.frame[name]) and name not in section.mixed and len(section.shown):
                texts = shown_column(written[name].head(section.rows).astype(float), name in section.percent)
                assert all(f">{text}</td>" in page for text in texts)
                assert texts == shown_column(section.shown[name], name in section.percent)


def test_another_mix_of_offers_is_not_told_as_no_change_at_all(as_of):
    """Each offer is accepted as before, but more is offered of the better one."""
    n = 2000
    offer = np.where(np.arange(n) % 10 < np.where(np.arange(n) < n // 2, 1, 9), "good", "poor")
    reward = (np.arange(n) // 10 % 5 < np.where(offer == "good", 2, 0)).astype(float)
    rows = pd.DataFrame({"decision_id": np.arange(n), "customer_id": np.arange(n), "segment": "a", "offer_id": offer})
    rows["decided_at"] = as_of - pd.to_timedelta(np.where(np.arange(n) < n // 2, 40, 10), unit="D")
    said = program_report(rows.assign(reward=reward), as_of=as_of, since=as_of - pd.Timedelta("30D")).summary
    assert said[0].startswith("36.0 %")
    assert "4.0 % in the period before" in said[0]
    assert said[1].startswith("No offer's acceptance rate")
    assert "follows from which ones were made" in said[1]


def test_the_summary_says_what_changed_and_what_to_do(report):
    text = " ".join(report.summary)
    assert "offers with an answer were accepted" in report.summary[0]
    assert "Goals by segment and touchpoint" in text
    assert "Missed: acceptance rate of new, touchpoint app" in text
    assert "Against no action, agent changed the mean by" in text
    assert "%" not in text.replace(" %", "")


def test_a_planted_pattern_is_said_to_be_offered_more(log, as_of):
    rng = np.random.default_rng(2)
    planted = log.assign(customer_id=np.arange(len(log)), reward=(rng.random(len(log)) < 0.1).astype(float))
    told = (planted["segment"] == "vip") & (planted["offer_id"] == "card")
    planted["reward"] = planted["reward"].mask(told, (rng.random(len(log)) < 0.6).astype(float))
    planted["reward"] = planted["reward"].mask(planted["offer_id"] == "no_offer", 0.0)
    said = program_report(planted, as_of=as_of).summary
    assert any(sentence.startswith("Offer more of it: card in vip") for sentence in said)
    assert not any("loan" in sentence for sentence in said)


@pytest.mark.parametrize("rows", [0, 1])
def test_no_decisions_and_one_are_reported(log, as_of, tables, rows):
    report = program_report(log.head(rows), as_of=as_of, tables=tables, goals=GOALS, playbook=PLAYBOOK)
    assert report.tables["overview"].set_index("measure").loc["decisions", "value"] == rows
    assert "<main>" in report.to_page().to_html()


def test_optional_columns_may_be_missing(log, as_of):
    few = log[["decision_id", "customer_id", "decided_at", "offer_id", "reward"]]
    report = program_report(few, as_of=as_of, since=SINCE)
    assert report.tables["segments"]["segment"].tolist() == ["not known", "all"]
    assert "messages" not in report.tables
    assert "cannot be told" in report.summary[-1]


def test_bad_arguments_are_refused(log, as_of):
    with pytest.raises(InputError, match="previous < since < as_of must hold"):
        program_report(log, as_of=as_of, since=as_of)
    with pytest.raises(InputError, match="source lacks the column 'decided_at'"):
        program_report(log.drop(columns="decided_at"), as_of=as_of)
    with pytest.raises(TypeError, match="tables must be CustomerTables; got dict"):
        program_report(log, as_of=as_of, tables={})
    with pytest.raises(InputError, match="playbook must be a Playbook; got list"):
        program_report(log, as_of=as_of, playbook=[])


@pytest.mark.slow
def test_a_million_decisions_are_reported_in_seconds():
    rng, n = np.random.default_rng(1), 1_000_000
    offer = np.array([f"offer {place}" for place in range(20)])
    rows = pd.DataFrame(
        {
            "decision_id": np.arange(n),
            "customer_id": rng.integers(0, n // 4, n),
            "segment": np.array([f"segment {place}" for place in range(50)])[rng.integers(0, 50, n)],
            "decided_at": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 60 * 86_400, n), unit="s"),
            "offer_id": offer[rng.integers(0, 20, n)],
            "channel": np.array(["app", "mail", "phone"])[rng.integers(0, 3, n)],
            "reward": (rng.random(n) < 0.1).astype(float),
            "value": 10.0,
        }
    )
    begin = time.perf_counter()
    report = program_report(rows, as_of="2026-03-10", since="2026-02-01")
    assert time.perf_counter() - begin < 60
    assert report.tables["offers"]["n"].sum() == (rows["decided_at"] >= "2026-02-01").sum()
