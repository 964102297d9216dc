import json

import numpy as np
import pandas as pd
import pytest

from nbo import columns as c
from nbo.datasets import load_starbucks
from nbo.errors import DataSetNotFoundError, InputError

PORTFOLIO = [
    {"reward": 2, "channels": ["web", "email"], "difficulty": 10, "duration": 7, "offer_type": "discount", "id": "d"},
    {"reward": 0, "channels": ["email"], "difficulty": 0, "duration": 3, "offer_type": "informational", "id": "i"},
]
PROFILE = [
    {"gender": None, "age": 118, "id": "0001", "became_member_on": 20170212, "income": None},
    {"gender": "F", "age": 55, "id": "0002", "became_member_on": 20180726, "income": 72000.0},
]


def an_event(person: str, event: str, time: int, **value) -> dict:
    return {"person": person, "event": event, "value": value, "time": time}


COMPLETION = an_event("0001", "offer completed", 30, offer_id="d", reward=2)
TRANSCRIPT = [
    an_event("0001", "offer received", 0, **{"offer id": "d"}),
    an_event("0002", "offer received", 0, **{"offer id": "i"}),
    an_event("0001", "offer viewed", 6, **{"offer id": "d"}),
    an_event("0001", "transaction", 30, amount=10.15),
    COMPLETION,
    COMPLETION,
    an_event("0002", "offer received", 90, **{"offer id": "d"}),
    an_event("0002", "transaction", 100, amount=0.83),
]


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, PORTFOLIO, PROFILE, TRANSCRIPT)
    return tmp_path


def write(path, portfolio, profile, transcript):
    for name, rows in (("portfolio", portfolio), ("Profile", profile), ("transcript", transcript)):
        (path / f"{name}.json").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_json_lines_become_tables(folder):
    tables = load_starbucks(folder).tables
    assert tables.validate().empty
    assert tables.customers[c.CUSTOMER_ID].tolist() == ["0001", "0002"]
    assert np.isnan(tables.customers[c.AGE][0])
    assert tables.customers[c.SIGNED_UP_AT].tolist() == [pd.Timestamp("2017-02-12"), pd.Timestamp("2018-07-26")]
    assert tables.transactions[c.AMOUNT].tolist() == [10.15, 0.83]
    assert tables.transactions[c.EVENT_TIME][0] == pd.Timestamp("2018-07-27") + pd.Timedelta("30h")
    assert tables.get("events")[c.EVENT_TYPE].tolist() == ["offer_viewed", "offer_completed"]


def test_a_repeated_completion_is_kept_once_and_noted(folder):
    data = load_starbucks(folder)
    assert (data.tables.get("events")[c.EVENT_TYPE] == "offer_completed").sum() == 1
    assert data.notes[-1] == "1 exact repetitions of a completion are left out."


def test_accepted_expired_and_pending_offers(folder):
    tables = load_starbucks(folder).tables
    decisions = tables.get("decisions")
    assert decisions[c.ACTION_PROBABILITY].tolist() == [1 / 2] * 3
    assert decisions["window_end"].tolist() == [
        pd.Timestamp("2018-07-27") + pd.Timedelta(days=days, hours=hours) for days, hours in ((7, 0), (3, 0), (7, 90))
    ]
    outcomes = tables.get("outcomes")
    # The third offer's window (hours 90 to 258) is still open when the log ends at hour 100.
    assert outcomes[c.DECISION_ID].tolist() == decisions[c.DECISION_ID].tolist()[:2]
    assert outcomes[c.OUTCOME].tolist() == [c.ACCEPT, c.REJECT]
    assert outcomes[c.OUTCOME_AT].tolist() == [pd.Timestamp("2018-07-28 06:00"), pd.Timestamp("2018-07-30")]


def test_the_catalog_states_what_an_acceptance_is_worth(folder):
    data = load_starbucks(folder)
    assert data.catalog.values.tolist() == [10.0 - 2.0, 0.0]
    assert data.catalog["d"].channels == ("web", "email")
    assert data.tables.get("catalog")["duration_days"].tolist() == [7, 3]


def test_parquet_with_flat_columns_gives_the_same(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("parquet")
    pd.DataFrame(PORTFOLIO).to_parquet(other / "portfolio.parquet")
    pd.DataFrame(PROFILE).to_parquet(other / "profile.parquet")
    flat = pd.DataFrame(TRANSCRIPT)
    values = flat.pop("value")
    flat["offer_id"] = [value.get("offer id", value.get("offer_id")) for value in values]
    flat["amount"] = [value.get("amount") for value in values]
    flat["reward"] = [value.get("reward") for value in values]
    flat.to_parquet(other / "transcript.parquet")
    one, two = load_starbucks(folder).tables, load_starbucks(other).tables
    assert one.names == two.names
    for name in one.names:
        pd.testing.assert_frame_equal(one.get(name), two.get(name))


def test_a_log_without_a_single_offer_loads(tmp_path):
    write(tmp_path, PORTFOLIO, PROFILE, [an_event("0001", "transaction", 0, amount=1.5)])
    tables = load_starbucks(tmp_path).tables
    assert len(tables.get("decisions")) == len(tables.get("outcomes")) == 0


def test_a_value_that_is_no_object_is_refused(tmp_path):
    row = {"person": "0001", "event": "transaction", "value": "{'amount': 1}", "time": 0}
    write(tmp_path, PORTFOLIO, PROFILE, [row])
    with pytest.raises(InputError, match=r"transcript.value must be an object such as .*; 1 of 1 rows is not"):
        load_starbucks(tmp_path)


def test_a_folder_without_the_profile_is_refused(folder):
    (folder / "Profile.json").unlink()
    with pytest.raises(DataSetNotFoundError, match=r"profile.json or profile.parquet.*The folder has: portfolio.json"):
        load_starbucks(folder)


@pytest.fixture(scope="module")
def published(public_data):
    folder = public_data / "starbucks_rewards"
    if not folder.is_dir():
        pytest.skip(f"no Starbucks Rewards data at {folder}")
    return load_starbucks(folder)


def test_published_counts(published):
    tables = published.tables
    assert tables.validate().empty
    assert len(tables.customers) == 17_000
    assert tables.customers[c.AGE].isna().sum() == tables.customers["income"].isna().sum() == 2_175
    assert len(tables.transactions) == 138_953
    assert tables.transactions[c.AMOUNT].sum() == pytest.approx(1_775_451.97, abs=0.005)
    assert len(tables.get("decisions")) == 76_277
    events = tables.get("events")[c.EVENT_TYPE].value_counts()
    assert events.to_dict() == {"offer_viewed": 57_725, "offer_completed": 33_579 - 397}
    assert 17_000 - tables.get("decisions")[c.CUSTOMER_ID].nunique() == 6


def test_published_acceptance(published):
    decisions, outcomes = published.tables.get("decisions"), published.tables.get("outcomes")
    accepted = decisions[c.DECISION_ID].isin(outcomes.loc[outcomes[c.OUTCOME] == c.ACCEPT, c.DECISION_ID])
    assert round(accepted.mean(), 4) == 0.3050
    assert round(decisions["viewed"].mean(), 4) == 0.7416
    assert round(decisions["completed"].mean(), 4) == 0.4340
    rates = accepted.groupby(decisions[c.OFFER_ID].str[:6]).mean().round(3).to_dict()
    assert rates == {
        "0b1e15": 0.170, "2298d6": 0.569, "2906b8": 0.275, "3f207d": 0.0, "4d5c57": 0.361,
        "5a8bc6": 0.0, "9b98b8": 0.274, "ae264e": 0.337, "f19421": 0.464, "fafdcd": 0.602,
    }  # fmt: skip


def test_offers_still_open_at_the_end_of_the_log_have_no_outcome(published):
    decisions, outcomes = published.tables.get("decisions"), published.tables.get("outcomes")
    end = pd.Timestamp("2018-07-27") + pd.Timedelta(hours=714)
    pending = ~decisions[c.DECISION_ID].isin(outcomes[c.DECISION_ID])
    assert (decisions.loc[pending, "window_end"] > end).all()
    assert (outcomes[c.OUTCOME_AT] <= end).all()
    assert pending.sum() == 76_277 - 69_719
