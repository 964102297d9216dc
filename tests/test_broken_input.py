"""Broken input, wherever it goes in: one clear error of the project's own, or a stated result."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import nbo
from nbo import batch, datasets, registry
from nbo.cli import main
from nbo.errors import NboError
from nbo.evaluation import replay_run
from nbo.features import labels
from nbo.models import ChurnModel, CLVModel, PropensityModel
from nbo.policies import SegmentThompson, Uniform
from nbo.segments import AcceptanceTreeSegmenter, RFMSegmenter

NOON = pd.Timestamp("2026-03-01 12:00")
OFFERS = ["card", "loan"]
N = 40


def sales(**columns):
    frame = pd.DataFrame({"customer_id": ["ann", "bob", "cy"], "event_time": "2026-01-05", "amount": [5.0, 7.0, 9.0]})
    return frame.assign(**columns)


def decisions(**columns):
    return pd.DataFrame(
        {
            "decision_id": [f"d{i}" for i in range(N)],
            "customer_id": [f"c{i % 8}" for i in range(N)],
            "decided_at": pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(N), "h"),
            "offer_id": np.where(np.arange(N) % 2, "card", "loan"),
            "action_probability": 0.5,
            "segment": np.where(np.arange(N) % 3, "a", "b"),
        }
    ).assign(**columns)


def outcomes(**columns):
    frame = pd.DataFrame({"decision_id": [f"d{i}" for i in range(N)], "outcome_at": pd.Timestamp("2026-01-08")})
    return frame.assign(**{"outcome": np.where(np.arange(N) % 4, "reject", "accept"), **columns})


def feedback(**columns):
    rewards = {"outcome": outcomes()["outcome"], "reward": (outcomes()["outcome"] == "accept").astype(float)}
    return decisions(**rewards).assign(**columns)


def features(rows=N):
    numbers = np.arange(rows)
    return pd.DataFrame({"age": 20.0 + numbers, "plan": np.where(numbers % 5, "basic", "gold")})


def tables(**frames):
    catalog = pd.DataFrame({"offer_id": OFFERS, "value": [3.0, 5.0]})
    customers = pd.DataFrame({"customer_id": [f"c{i}" for i in range(8)]})
    bought = pd.DataFrame({"customer_id": [f"c{i % 8}" for i in range(N)], "amount": 5.0}).assign(
        event_time=pd.Timestamp("2025-12-01") + pd.to_timedelta(np.arange(N), "D")
    )
    given = {"customers": customers, "transactions": bought, "decisions": decisions(), "outcomes": outcomes()}
    return nbo.CustomerTables(**{**given, "catalog": catalog, **frames})


def model(**parts):
    return nbo.NextBestOffer(**{"propensity": PropensityModel(n_estimators=2, random_state=0), **parts})


def fitted(**frames):
    given = tables(**frames)
    return model().fit(given, today(), as_of=NOON, progress=False), given


def today(customers=("c0", "c1")):
    return nbo.Spine.at(NOON, list(customers))


def ledger():
    opened = nbo.Ledger.open("sqlite://")
    opened.record(decisions())
    return opened


def with_row(values, row, value):
    """One row of a column broken."""
    broken = values.astype(object).copy()
    broken.iloc[row] = value
    return broken


def build(**columns):
    given = nbo.CustomerTables(transactions=sales(**columns))
    return nbo.FeatureSet.default(given).build(given, nbo.Spine.at(NOON, ["ann", "bob"]))


def mixed_ids():
    seen = {"customer_id": ["a9", "2"], "event_time": "2026-01-05", "event_type": "page_view"}
    known = {"anonymous_id": ["a9"], "customer_id": [1], "event_time": ["2026-01-06"]}
    return nbo.CustomerTables(events=pd.DataFrame(seen), identities=pd.DataFrame(known))


def use_ledger(write):
    with ledger() as opened:
        return write(opened)


def learnt_state():
    return json.loads(json.dumps(SegmentThompson(OFFERS).learn(feedback()).to_state()))


# What is broken -> what is done, and all that the message must say.
REFUSED = {
    # Tables and spines
    "a table that is no frame": (lambda: nbo.CustomerTables(customers=[1]), "customers must be a frame .*got list"),
    "a table of no such name": (lambda: nbo.CustomerTables(clients=sales()), "'clients'; the tables are customers, "),
    "a column twice": (
        lambda: nbo.CustomerTables(transactions=pd.concat([sales(), sales()], axis=1)),
        "column names of transactions must differ; 'customer_id' stands 2 times",
    ),
    "names of two levels": (
        lambda: nbo.CustomerTables(transactions=pd.concat({"x": sales()}, axis=1)),
        r"transactions must have one name for each column; .* 2 levels .* \('x', 'customer_id'\)",
    ),
    "a list in a cell": (
        lambda: nbo.CustomerTables(transactions=sales(customer_id=["ann", ["bob"], "cy"])),
        r"transactions.customer_id must be one value in each row; 1 of 3 rows is not, first at row 1: \['bob'\]",
    ),
    "a folder without tables": (lambda: nbo.CustomerTables.read("nowhere"), "nowhere is not a folder"),
    "a missing column": (
        lambda: nbo.Spine.of(sales()),
        "spine lacks the column 'as_of'. It has: 'customer_id', 'event_time'",
    ),
    "an id that is missing": (
        lambda: nbo.Spine.at(NOON, ["ann", None]),
        "customers.customer_id must be there in every row; 1 of 2 rows is not, first at row 1",
    ),
    "an id that is a time": (
        lambda: nbo.Spine.at(NOON, ["ann", NOON]),
        "customer_id must be texts or whole numbers; 1 of 2 rows is not, first at row 1",
    ),
    "a moment that is none": (lambda: nbo.Spine.at("yesterday?", ["ann"]), "as_of must be a time such as .*yesterday"),
    "a step of no length": (
        lambda: nbo.Spine.calendar("2026-01-01", "2026-02-01", "0D", ["ann"]),
        "every must be a step such as '30D', 'W' or 'MS'; got '0D'",
    ),
    # Features and labels
    "a time that is NaT": (
        lambda: build(event_time=with_row(sales()["event_time"], 1, pd.NaT)),
        "transactions.event_time must be there in every row; 1 of 3 rows is not, first at row 1.*validate",
    ),
    "a number as time": (
        lambda: build(event_time=with_row(sales()["event_time"], 1, 7)),
        "transactions.event_time must be times such as '2026-06-30'; 1 of 3 rows is not, first at row 1: 7",
    ),
    "text in numbers": (
        lambda: build(amount=["5", "many", "9"]),
        "transactions.amount must be finite numbers; 1 of 3 rows is not, first at row 1: 'many'",
    ),
    "an infinite amount": (
        lambda: build(amount=[5.0, np.inf, 9.0]),
        "transactions.amount must be finite numbers; 1 of 3 rows is not, first at row 1: inf",
    ),
    "ids that are text here and numbers there": (
        lambda: build(customer_id=[1, 2, 3]),
        "transactions.customer_id must be of the kind that the spine's customers have; it holds numbers",
    ),
    "ids of events that are text, among those of visitors": (
        lambda: nbo.FeatureSet.default(mixed_ids()).build(mixed_ids(), nbo.Spine.at("2026-02-01", [1, 2])),
        "events.customer_id must be .* it holds 1 keys of another type, such as '2' where they have 2",
    ),
    "no table to read": (
        lambda: nbo.FeatureSet.default(nbo.CustomerTables()),
        "no features without one of the tables .*there are: none",
    ),
    "labels without transactions": (
        lambda: labels.churned(nbo.CustomerTables(), today()),
        "labels need the table transactions; there are: none",
    ),
    "labels of outcomes without a column": (
        lambda: labels.accepted(tables(outcomes=outcomes().drop(columns="outcome"))),
        "outcomes lacks the column 'outcome'. It has: 'decision_id'",
    ),
    # Offers
    "an offer that costs less than nothing": (
        lambda: nbo.Catalog.from_frame(pd.DataFrame({"offer_id": ["card"], "cost": [-1]})),
        "cost of offer 'card' must be 0 or more; got -1",
    ),
    "an offer twice": (lambda: nbo.Catalog([nbo.Offer("card")] * 2), "offer ids must differ; 'card' stands 2 times"),
    "no offers": (lambda: nbo.Catalog([]), "a catalog must have at least one offer; got none"),
    "offers that are none": (lambda: nbo.Catalog(["card"]), "offers must be Offer objects; got a str"),
    # Models
    "features of no row": (
        lambda: PropensityModel().fit(features(0), np.empty(0)),
        r"X must have at least one row and one column; got the shape \(0, 2\)",
    ),
    "a missing label": (
        lambda: ChurnModel().fit(features(), with_row(pd.Series(np.arange(N) % 2), 3, None)),
        "y .*1 of 40 rows is not, first at row 3",
    ),
    "an amount that is text": (
        lambda: CLVModel().fit(features(), with_row(pd.Series(np.arange(N)), 3, "much")),
        "y must be numbers; 1 of 40 rows is not, first at row 3: 'much'",
    ),
    "a setting of a wrong type": (
        lambda: ChurnModel(n_estimators="many").fit(features(), np.arange(N) % 2),
        "n_estimators must be a whole number, at least 1; got 'many'",
    ),
    "a weight that is text": (
        lambda: ChurnModel().fit(features(), np.arange(N) % 2, sample_weight=["x"] * N),
        "sample_weight must be numbers; 40 of 40 rows are not, first at row 0: 'x'",
    ),
    "text where numbers were": (
        lambda: ChurnModel(n_estimators=2).fit(features(), np.arange(N) % 2).predict(features().assign(age="old")),
        "column 'age' held numbers when the model was fitted and now holds .*, first at row 0",
    ),
    "a feature that is gone": (
        lambda: ChurnModel(n_estimators=2).fit(features(), np.arange(N) % 2).predict(features()[["age"]]),
        "X, where 1 of the 2 columns of the model are missing, lacks the column 'plan'. It has: 'age'",
    ),
    # Segmenters and policies
    "segments without answers": (
        lambda: AcceptanceTreeSegmenter().fit(features()),
        "fit needs `accepted` and `offer_id`",
    ),
    "a feature twice": (
        lambda: AcceptanceTreeSegmenter().fit(
            pd.concat([features(), features()], axis=1), np.zeros(N), np.full(N, "card")
        ),
        "X must have each column once; 'age' comes 2 times",
    ),
    "a segmenter's column gone": (
        lambda: RFMSegmenter().fit(features()),
        "X lacks the columns .* It has: 'age'",
    ),
    "a segmenter's state cut": (
        lambda: RFMSegmenter.from_dict({"segmenter": "RFMSegmenter", "format": 1, "parameters": {}}),
        "state of RFMSegmenter is incomplete or altered: 'learnt' must be a dict; got None",
    ),
    "a reward above 1": (
        lambda: Uniform(OFFERS).learn(feedback(reward=40.0)),
        r"feedback.reward must be in \[0, 1\]; 40 of 40 rows are not, first at row 0: 40.0",
    ),
    "feedback without segments": (
        lambda: SegmentThompson(OFFERS).learn(feedback().drop(columns="segment")),
        "feedback lacks the column 'segment'",
    ),
    "nothing eligible": (
        lambda: Uniform(OFFERS).probabilities(decisions(), np.zeros((N, 2), dtype=bool)),
        "eligible must be True for at least one offer; 40 of 40 rows are not, first at row 0: 0",
    ),
    "a customer without id drawn": (
        lambda: Uniform(OFFERS).draw(decisions(customer_id=with_row(decisions()["customer_id"], 2, None)), rng="run"),
        "context.customer_id must be there in every row; 1 of 40 rows is not, first at row 2",
    ),
    "a policy's state cut": (
        lambda: SegmentThompson.from_state({**learnt_state(), "answers": {}}),
        "the answers of a state must be lists of one length; the state is incomplete or altered",
    ),
    "a state of another policy": (lambda: Uniform.from_state(learnt_state()), "of Uniform, format 2; got 'SegmentThom"),
    # Ledger
    "a decision without its time": (
        lambda: use_ledger(lambda opened: opened.record(decisions(decided_at=[NOON, None] * (N // 2)))),
        "decisions.decided_at must be there in every row; 20 of 40 rows are not, first at row 1",
    ),
    "a probability of 0": (
        lambda: use_ledger(lambda opened: opened.record(decisions(action_probability=0.0))),
        r"decisions.action_probability must be in \(0, 1\]; 40 of 40 rows are not, first at row 0",
    ),
    "a decision that changes": (
        lambda: use_ledger(lambda opened: opened.record(decisions(offer_id="tv"))),
        "must not change what is recorded; 40 of 40 rows have the decision_id of another decision, first at row 0",
    ),
    "an answer to an unknown decision": (
        lambda: use_ledger(lambda opened: opened.record_outcomes(outcomes(decision_id="d99"))),
        "40 of 40 rows are not, first at row 0 .*unknown decision_id: record the decision first",
    ),
    "a future answer": (
        lambda: use_ledger(lambda opened: opened.record_outcomes(outcomes(), now="2026-01-07")),
        "40 of 40 rows are not, first at row 0 .*outcome_at is in the future; now is 2026-01-07",
    ),
    "an answer of no known kind": (
        lambda: use_ledger(lambda opened: opened.record_outcomes(outcomes(outcome="maybe"))),
        "outcome must be one of accept, reject, no_answer; it is maybe",
    ),
    "a window that is none": (
        lambda: use_ledger(lambda opened: opened.feedback(NOON, window="soon")),
        "window must be a length of time above zero such as '30D', '12h' or '2W'; got 'soon'",
    ),
    "a ledger of no URL": (lambda: nbo.Ledger.open("somewhere"), "somewhere"),
    # The whole loop
    "no catalog": (
        lambda: fitted(catalog=None),
        "there is no catalog: give NextBestOffer",
    ),
    "no decisions": (lambda: fitted(decisions=None), "no decision has an answer known before .* hold 0 decisions"),
    "decisions twice": (
        lambda: fitted(decisions=pd.concat([decisions(), decisions()])),
        "decisions.decision_id must be there once; 40 of 80 rows are not, first at row 40: 'd0'",
    ),
    "decisions whose time is none": (
        lambda: fitted(decisions=decisions(decided_at="soon")),
        "decisions.decided_at must be times such as '2026-06-30'; 40 of 40 rows are not, first at row 0: 'soon'",
    ),
    "outcomes of no known kind": (
        lambda: fitted(outcomes=outcomes(outcome="maybe")),
        "outcomes.outcome must be one of accept, reject, no_answer; 40 of 40 rows are not, first at row 0: 'maybe'",
    ),
    "not fitted": (lambda: model().decide(tables(), today()), "this NextBestOffer is not fitted; call fit"),
    "a customer decided twice": (
        lambda: fitted()[0].decide(tables(), nbo.Spine.of(pd.DataFrame({"customer_id": ["c0"] * 2, "as_of": NOON}))),
        "spine.customer_id must be there once.*1 of 2 rows is not, first at row 1: 'c0'",
    ),
    # Evaluation
    "a log without probabilities": (
        lambda: nbo.evaluate(Uniform(OFFERS), feedback().drop(columns="action_probability")),
        "feedback lacks the column 'action_probability'",
    ),
    "an offer not in the catalog": (
        lambda: nbo.evaluate(Uniform(OFFERS), feedback(offer_id="tv")),
        "feedback.offer_id must be one of the offers .*; 40 of 40 rows are not, first at row 0: 'tv'",
    ),
    "a log of no row": (lambda: nbo.evaluate(Uniform(OFFERS), feedback().iloc[:0]), "at least one row; got none"),
    "candidates that are no JSON": (
        lambda: nbo.evaluate(Uniform(OFFERS), feedback(candidates="card")),
        "feedback.candidates must be JSON such as .*; 40 of 40 rows are not, first at row 0: 'card'",
    ),
    "a log that is not uniform": (
        lambda: replay_run(Uniform(OFFERS), feedback(action_probability=0.9)),
        "action_probability must be 1 / number of the policy's eligible offers; 40 of 40 rows are not, first at row 0",
    ),
    # Views, simulator, data sets
    "a card of a customer without tables' columns": (
        lambda: nbo.customer_snapshot(None, tables(decisions=decisions().drop(columns="customer_id")), "c0", NOON),
        "decisions lacks the column 'customer_id'",
    ),
    "a card of nobody": (
        lambda: nbo.customer_snapshot(None, tables(), "nobody", NOON),
        "customer_id must be a customer known before 2026-03-01 12:00:00; no table has a row of 'nobody'",
    ),
    "a report of a policy on no feedback": (lambda: nbo.segment_report(Uniform(OFFERS), [1]), "must be a frame"),
    "a world without customers": (
        lambda: nbo.simulate.World(customers=0),
        "customers must be .*got 0",
    ),
    "a public set that is not there": (lambda: datasets.load("cdnow", "nowhere"), "nowhere"),
    "a public set of no such name": (lambda: datasets.load("x", "nowhere"), "must be one of .*; got 'x'"),
}


@pytest.mark.parametrize("broken", REFUSED)
def test_broken_input_gives_one_clear_error(broken):
    make, message = REFUSED[broken]
    with pytest.raises((NboError, TypeError), match=f"(?s){message}"):
        make()


@pytest.fixture(scope="module")
def loop():
    return fitted()


# What goes in by a folder or a file.
STORED = {
    "a model that is not there": (lambda place, loop: ChurnModel.from_dir(place / "none"), "none"),
    "a bundle that is not there": (lambda place, loop: nbo.NextBestOffer.from_dir(place / "none"), "none"),
    "a model under a file's name": (lambda place, loop: stored(place).to_dir(place / "file"), "file is a file"),
    "a model that was altered": (lambda place, loop: altered(place), "altered|checksum|cut"),
    "a registry URI that is none": (
        lambda place, loop: registry.load("offers", f"sqlite:///{place}/mlflow.db"),
        "'offers'",
    ),
    "a model that cannot be logged": (
        lambda place, loop: registry.log(model(), "offers", tracking_uri=f"sqlite:///{place}/mlflow.db"),
        "not fitted",
    ),
    "a batch of no model": (
        lambda place, loop: batch.score(5, loop[1], place / "out", as_of=NOON),
        "model must be a URI such as 'models:/offers@champion' or a NextBestOffer; got 5",
    ),
    "a batch of no customers": (
        lambda place, loop: batch.score(loop[0], nbo.CustomerTables(), place / "out", as_of=NOON),
        "customers",
    ),
    "a batch in chunks of 0": (
        lambda place, loop: batch.score(loop[0], loop[1], place / "out", as_of=NOON, chunk_size=0),
        "chunk_size must be a whole number of customers, at least 1; got 0",
    ),
}


def stored(place):
    (place / "file").write_text("taken")
    return ChurnModel(horizon="30D", n_estimators=2).fit(features(), np.arange(N) % 2)


def altered(place):
    stored(place).to_dir(place / "model")
    file = max((place / "model").iterdir())
    file.write_bytes(file.read_bytes()[:-2])
    return ChurnModel.from_dir(place / "model")


@pytest.mark.parametrize("broken", STORED)
def test_broken_files_give_one_clear_error(broken, tmp_path, loop):
    make, message = STORED[broken]
    with pytest.raises((NboError, TypeError), match=f"(?s){message}"):
        make(tmp_path, loop)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train", "--data", "{place}", "--as-of", "2026-03-01", "--save", "{place}/m"], "holds no table"),
        (["decide", "--model", "{place}/m", "--data", "{place}", "--as-of", "2026-03-01", "--ledger", "x"], "m"),
        (["validate", "{place}"], "holds no table"),
        (["simulate", "--customers", "0", "{place}/t"], "customers"),
    ],
)
def test_commands_say_it_in_one_line_and_end_with_2(words, message, tmp_path):
    done = CliRunner().invoke(main, [word.format(place=tmp_path) for word in words])
    assert done.exit_code == 2, (done.output, done.exception)
    assert message in done.output
    assert "Traceback" not in done.output


def rules(given):
    return set(given.validate(as_of=NOON)["rule"])


# What is stated instead of an error.
STATED = {
    "validation lists all problems of all tables": lambda: (
        rules(
            nbo.CustomerTables(
                transactions=sales(customer_id=["ann", None, "cy"], event_time=["soon", "2099-01-01", "2026-01-01"]),
                decisions=decisions(decision_id="d1"),
                outcomes=outcomes(outcome="maybe"),
            )
        )
        >= {"missing key", "unparseable time", "future time", "duplicate id", "unknown value", "orphan"}
    ),
    "times of several zones are a problem, not a guess": lambda: (
        rules(
            nbo.CustomerTables(
                transactions=sales(event_time=["2026-01-01T00:00+01:00", "2026-01-01T00:00Z", "2026-01-02"])
            )
        )
        == {"mixed time zones"}
    ),
    "an unknown customer has no history": lambda: (
        build().loc[0, "transactions__count__all"] == 1
        and nbo.FeatureSet.default(tables()).build(tables(), today(["nobody"])).loc[0, "transactions__count__all"] == 0
    ),
    "no rows asked, no rows given": lambda: len(nbo.FeatureSet.default(tables()).build(tables(), today([]))) == 0,
    "labels that all agree give one constant": lambda: (
        np.ptp(ChurnModel(n_estimators=2).fit(features(), np.zeros(N)).predict_proba(features())[:, 1]) == 0
    ),
    "one row is enough to fit": lambda: len(CLVModel(n_estimators=2).fit(features(1), [5.0]).predict(features(3))) == 3,
    "no decisions make one segment": lambda: (
        set(AcceptanceTreeSegmenter().fit(features(0), np.empty(0), np.empty(0)).predict(features(3))) == {"s01"}
    ),
    "a policy without answers treats offers alike": lambda: np.allclose(
        SegmentThompson(OFFERS).probabilities(decisions()), 0.5
    ),
    "no accept at all pulls the rate down": lambda: (
        SegmentThompson(OFFERS).learn(feedback(reward=0.0)).acceptance_rates()["rate"].max() < 0.2
    ),
    "feedback learnt twice counts once": lambda: (
        Uniform(OFFERS).learn(feedback()).learn(feedback()).to_state() == Uniform(OFFERS).learn(feedback()).to_state()
    ),
    "rows recorded twice count once": lambda: use_ledger(lambda opened: opened.record(decisions())) == 0,
    "no rows, nothing recorded": lambda: use_ledger(lambda opened: opened.record(decisions().iloc[:0])) == 0,
    "no answer in time is a no": lambda: use_ledger(lambda opened: opened.feedback(NOON))["reward"].eq(0).all(),
    "one decision has a value without an interval": lambda: np.isnan(
        nbo.evaluate(Uniform(OFFERS), feedback().iloc[:1]).low
    ),
    "the smallest world is one": lambda: nbo.simulate.World(customers=1, days=30, seed=1).tables.validate().empty,
}


@pytest.mark.parametrize("case", STATED)
def test_what_is_no_error_has_a_stated_result(case):
    assert STATED[case]()


def as_integers(frame):
    return frame.assign(customer_id=frame["customer_id"].str.removeprefix("c").astype("int64"))


def zoned(frame):
    times = {name: frame[name].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo") for name in frame.select_dtypes("M8")}
    return frame.assign(**times)


GIVEN = {
    "integer ids": lambda: {name: as_integers(frame) for name, frame in by_customer().items()},
    "category ids": lambda: {name: frame.astype({"customer_id": "category"}) for name, frame in by_customer().items()},
    "integer category ids": lambda: {
        name: as_integers(frame).astype({"customer_id": "category"}) for name, frame in by_customer().items()
    },
    "nullable types": lambda: {name: frame.convert_dtypes() for name, frame in by_customer().items()},
    "Arrow types": lambda: {
        name: frame.convert_dtypes(dtype_backend="pyarrow") for name, frame in by_customer().items()
    },
    "times with a zone": lambda: {
        **{name: zoned(frame) for name, frame in by_customer().items()},
        "outcomes": zoned(outcomes()),
    },
    "no customers table": lambda: {"customers": None},
    "a catalog of ids only": lambda: {"catalog": pd.DataFrame({"offer_id": OFFERS})},
    "decisions without probabilities": lambda: {
        "decisions": decisions()[["decision_id", "customer_id", "decided_at", "offer_id"]]
    },
    "no answer but silence": lambda: {"outcomes": outcomes(outcome="no_answer")},
    "accepts only": lambda: {"outcomes": outcomes(outcome="accept")},
    "no outcomes": lambda: {"outcomes": None},
    "one customer": lambda: {"decisions": decisions(customer_id="c0")},
    "one offer": lambda: {"catalog": pd.DataFrame({"offer_id": ["card"]})},
}


def by_customer():
    whole = tables()
    return {name: whole.get(name) for name in ("customers", "transactions", "decisions")}


@pytest.mark.parametrize("kind", GIVEN)
def test_the_whole_loop_takes_thin_and_odd_tables(kind, tmp_path):
    fit, given = fitted(**GIVEN[kind]())
    spine = nbo.Spine.at(NOON, given.get("decisions")["customer_id"])
    made = fit.decide(given, spine)
    with nbo.Ledger.open("sqlite://") as opened:
        assert opened.record(made) == len(spine)
        answers = made[["decision_id"]].assign(outcome="accept", outcome_at=NOON + pd.Timedelta("1h"))
        opened.record_outcomes(answers.iloc[:1], now="2026-12-31")
        fit.learn(opened, as_of="2026-06-01")
        known = opened.feedback("2026-06-01")
    assert set(known["customer_id"]) == set(spine.frame["customer_id"])
    assert nbo.evaluate(fit.policy, known).n == len(spine)
    first = spine.frame["customer_id"].iloc[0]
    assert str(first) in nbo.customer_snapshot(fit, given, first, NOON).to_text()
    if given.has("customers"):
        assert batch.score(fit, given, tmp_path / "out", as_of=NOON).customers == 8
