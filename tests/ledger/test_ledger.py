"""Recording: what is new, what comes back, and every refusal."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError, LedgerError
from nbo.ledger import Ledger


def decisions(n=2, **columns):
    return pd.DataFrame(
        {
            "decision_id": [f"d{i}" for i in range(1, n + 1)],
            "customer_id": np.arange(n) + 7,
            "decided_at": pd.Timestamp("2026-01-01"),
            "offer_id": "bonus",
            "action_probability": 0.25,
        }
    ).assign(**columns)


def outcomes(decision_id="d1", outcome="accept", outcome_at="2026-01-03", **columns):
    return pd.DataFrame({"decision_id": [decision_id], "outcome": [outcome], "outcome_at": [outcome_at]}).assign(
        **columns
    )


# New rows and repeats


def test_record_counts_new_rows_and_repeats_are_none(ledger):
    assert ledger.record(decisions(2)) == 2
    assert ledger.record(decisions(2)) == 0
    assert ledger.record(decisions(3)) == 1
    assert ledger.counts()["decisions"] == 3


def test_the_same_row_twice_in_one_call_is_one(ledger):
    assert ledger.record(pd.concat([decisions(1), decisions(1)])) == 1


def test_a_repeat_is_recognized_over_other_types_and_column_order(ledger):
    ledger.record(decisions(1, age=[40], note=[None], clicked_at=pd.Timestamp("2026-01-01")))
    again = decisions(1, clicked_at=pd.Timestamp("2026-01-01 01:00", tz="Europe/Paris"), age=[40.0])
    again["decided_at"] = "2026-01-01T00:00:00Z"
    assert ledger.record(again[again.columns[::-1]]) == 0


def test_record_outcomes_counts_new_rows_and_repeats_are_none(ledger):
    ledger.record(decisions())
    assert ledger.record_outcomes(outcomes()) == 1
    assert ledger.record_outcomes(pd.concat([outcomes(), outcomes()])) == 0
    assert ledger.record_outcomes(outcomes(outcome="reject", outcome_at="2026-01-04")) == 1
    assert ledger.counts() == {"decisions": 2, "outcomes": 2, "accept": 1, "reject": 1, "no_answer": 0}


@pytest.mark.parametrize("empty", [decisions(0), decisions(2)[:0]])
def test_no_rows_are_no_rows(ledger, empty):
    assert ledger.record(empty) == 0
    assert ledger.record_outcomes(outcomes()[:0]) == 0
    good, rejects = ledger.check_outcomes(outcomes()[:0])
    assert good.empty
    assert rejects.columns.tolist() == ["decision_id", "outcome", "outcome_at", "reason"]
    assert ledger.decisions().empty
    assert ledger.outcomes().empty


def test_many_rows_go_in_at_once_and_come_out_in_order(ledger):
    n = 20_000
    many = decisions(n)
    assert ledger.record(many[:15_001]) == 15_001
    assert ledger.record(many) == n - 15_001
    answers = pd.DataFrame({"decision_id": many["decision_id"], "outcome": "reject", "outcome_at": "2026-01-02"})
    assert ledger.record_outcomes(answers) == n
    assert ledger.decisions()["decision_id"].tolist() == many["decision_id"].tolist()
    assert len(ledger.feedback("2026-01-03")) == n


@pytest.mark.parametrize(
    "said",
    ["bonus, card", "{bonus: 0.5}", "7", '{"bonus": 50}', '{"bonus": "0.5"}', "[1, 2]", "[" * 100_000, {"bonus": 0.5}],
)
def test_candidates_that_nobody_could_read_later_are_refused(ledger, said):
    given = decisions(3)
    given["candidates"] = pd.Series(['{"bonus": 0.5}', said, None], dtype=object)
    with pytest.raises(InputError, match='decisions.candidates must be JSON such as {"card": 0.8, .* 1 of 3 .* row 1'):
        ledger.record(given)
    with pytest.raises(InputError, match=r"json.dumps writes it from a dict"):
        ledger.record_decision(given.iloc[1].to_dict())
    assert ledger.counts()["decisions"] == 0


@pytest.mark.parametrize("said", ['{"bonus": 1}', '{"bonus": null}', '["bonus", "card"]', "{}", None])
def test_candidates_may_lack_probabilities(ledger, said):
    given = decisions(1).assign(candidates=said)
    assert ledger.record(given) == 1
    assert ledger.record_decision(given.iloc[0].to_dict()) is False


# What comes back


def test_all_columns_come_back_as_they_were(ledger):
    given = pd.DataFrame(
        {
            "decision_id": ["d1", "d2"],
            "run_id": ["r1", None],
            "customer_id": [7, 2**62 + 1],
            "decided_at": pd.to_datetime(["2026-01-01 10:00:00.123456", "1969-12-31"], format="ISO8601"),
            "offer_id": ["bonus", "no_offer"],
            "channel": ["email", None],
            "action_probability": [0.1 + 0.2, 1.0],
            "segment": ["s1", "s2"],
            "propensity": [0.04, np.nan],
            "value": [-3.5, np.nan],
            "priority": [0.1, np.inf],
            "policy": "thompson",
            "model_version": "3",
            "reason": ["Größe 🎁", None],
            "candidates": [json.dumps({"bonus": 0.3, "card": 0.7}), None],
            "clicks": [3, 4],
            "score": [0.5, np.nan],
            "vip": [True, False],
            "seen_at": pd.to_datetime(["2026-01-01", None]),
            "note": ["a", None],
            "tags": [["x", "y"], {"k": 1}],
            "mixed": [1, "1"],
            "nothing": [np.nan, np.nan],
        }
    )
    before = given.copy(deep=True)
    ledger.record(given)
    pd.testing.assert_frame_equal(ledger.decisions(), given)
    pd.testing.assert_frame_equal(given, before)


@pytest.mark.parametrize(
    ("ids", "dtype"),
    [
        (pd.Series(["a", "b"]), "str"),
        (pd.Series(["a", "b"], dtype="category"), "str"),
        (pd.Series([1, 2]), "int64"),
        (pd.Series([1, 2], dtype="Int64"), "int64"),
        (pd.Series([2**63 + 1, 2], dtype="uint64"), "uint64"),
    ],
)
def test_customer_ids_come_back_as_text_or_integers(ledger, ids, dtype):
    ledger.record(decisions(2, customer_id=ids))
    for frame in (ledger.decisions(), ledger.feedback("2026-03-01"), ledger.pending("2026-01-02")):
        assert frame["customer_id"].tolist() == ids.tolist()
        assert frame["customer_id"].dtype == dtype


def test_times_with_a_zone_are_kept_in_utc(ledger):
    ledger.record(decisions(1, decided_at="2026-01-01 02:00+02:00"))
    ledger.record_outcomes(outcomes(outcome_at=pd.Timestamp("2026-01-01 01:00", tz="Europe/Paris")))
    assert ledger.decisions()["decided_at"].tolist() == [pd.Timestamp("2026-01-01")]
    assert ledger.outcomes()["outcome_at"].tolist() == [pd.Timestamp("2026-01-01")]


def test_extra_columns_may_come_and_go(ledger):
    ledger.record(decisions(1, age=[40]))
    ledger.record(decisions(3, vip=True)[1:])
    back = ledger.decisions()
    assert back.columns[-2:].tolist() == ["age", "vip"]
    assert back["age"].isna().tolist() == [False, True, True]
    assert str(back["age"].dtype) == "Int64"
    assert str(back["vip"].dtype) == "boolean"


def test_an_extra_column_widens_to_what_it_holds(ledger):
    ledger.record(decisions(1, size=[2], code=[5]))
    ledger.record(decisions(2, size=[2.5, 2.5], code="x")[1:])
    back = ledger.decisions()
    assert back["size"].tolist() == [2.0, 2.5]
    assert back["size"].dtype == "float64"
    assert back["code"].tolist() == [5, "x"]


def test_extra_columns_of_outcomes_come_back(ledger):
    ledger.record(decisions(2, decision_id=[1, 2]))
    ledger.record_outcomes(outcomes(1, amount=[12.5], customer_id=["x"], known_at="2026-01-05"))
    back = ledger.outcomes()
    assert back.columns.tolist() == ["decision_id", "outcome", "outcome_at", "known_at", "amount", "customer_id"]
    assert back.iloc[0].tolist() == [
        1,
        "accept",
        pd.Timestamp("2026-01-03"),
        pd.Timestamp("2026-01-05"),
        12.5,
        "x",
    ]


def test_outcomes_find_integer_ids_by_their_text(ledger):
    ledger.record(decisions(2, decision_id=[1, 2]))
    assert ledger.record_outcomes(outcomes("2")) == 1
    assert ledger.outcomes()["decision_id"].tolist() == [2]


def test_a_missing_known_at_is_outcome_at(ledger):
    ledger.record(decisions(1))
    ledger.record_outcomes(outcomes(known_at=pd.NaT))
    assert ledger.outcomes()["known_at"].tolist() == [pd.Timestamp("2026-01-03")]


def test_decisions_are_read_from_since_until_before_until(ledger):
    times = pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03"])
    ledger.record(decisions(3, decided_at=times))
    assert ledger.decisions("2026-01-02", "2026-01-03")["decision_id"].tolist() == ["d2"]
    assert ledger.decisions(until="2026-01-02")["decision_id"].tolist() == ["d1"]
    assert ledger.decisions(since="2026-01-03")["decision_id"].tolist() == ["d3"]
    with pytest.raises(InputError, match="since must be a time"):
        ledger.decisions(since=5)


def test_frames_of_polars_are_taken(ledger):
    polars = pytest.importorskip("polars")
    assert ledger.record(polars.from_pandas(decisions(2))) == 2
    assert ledger.record_outcomes(polars.from_pandas(outcomes())) == 1


def test_it_shows_its_counts():
    ledger = Ledger.open("sqlite://")
    ledger.record(decisions(2))
    assert repr(ledger) == "<Ledger sqlite://: 2 decisions, 0 outcomes, 0 accept, 0 reject, 0 no_answer>"
    assert "2 decisions" in ledger._repr_html_()
    ledger.close()
    assert repr(ledger) == "<Ledger sqlite://: closed>"


# Decisions refused


@pytest.mark.parametrize("column", ["decision_id", "customer_id", "decided_at", "offer_id", "action_probability"])
def test_decisions_need_their_columns(ledger, column):
    with pytest.raises(InputError, match=f"decisions lacks the column '{column}'"):
        ledger.record(decisions().drop(columns=column))
    with pytest.raises(InputError, match=rf"decisions.{column} must be .*; 1 of 2 rows is not, first at row 1"):
        ledger.record(decisions().assign(**{column: [decisions()[column][0], None]}))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"action_probability": [0.5, 0.0]},
            r"action_probability must be in \(0, 1\]; 1 of 2 rows is not.* row 1: 0.0",
        ),
        ({"action_probability": [1.5, 0.5]}, r"action_probability must be in \(0, 1\]"),
        ({"action_probability": ["a", "b"]}, "action_probability must be numbers"),
        ({"propensity": [0.5, 1.5]}, r"propensity must be in \[0, 1\] or missing"),
        ({"value": ["cheap", "dear"]}, "value must be numbers; 2 of 2"),
        ({"customer_id": [1.5, 2.0]}, r"customer_id must be all text or all integers.*astype\(str\)"),
        ({"customer_id": [1, "b"]}, "customer_id must be all text or all integers"),
        ({"decided_at": ["soon", "2026-01-01"]}, "decided_at must be times"),
        ({"decided_at": [1, 2]}, "decided_at must be times"),
        ({"segment": [["a"], "b"]}, "segment must be all text or all integers"),
        ({"outcome": "accept"}, "must not have the columns 'outcome'.*record_outcomes"),
        ({"wait": pd.Timedelta("1D")}, "decisions.wait must be text, numbers, times.*got a Timedelta"),
        ({5: "x"}, "columns named by text; got 5"),
    ],
)
def test_bad_decisions_are_refused(ledger, columns, message):
    bad = decisions()
    for name, values in columns.items():
        bad[name] = values
    with pytest.raises(InputError, match=message):
        ledger.record(bad)
    assert ledger.counts()["decisions"] == 0


def test_a_column_that_comes_twice_is_refused(ledger):
    twice = decisions()[["decision_id", "decision_id", "customer_id", "decided_at", "offer_id", "action_probability"]]
    with pytest.raises(InputError, match="each column once; 'decision_id' comes 2 times"):
        ledger.record(twice)


def test_what_is_not_a_frame_is_refused(ledger):
    with pytest.raises(TypeError, match="decisions must be a frame"):
        ledger.record([1, 2])
    with pytest.raises(TypeError, match="outcomes must be a frame"):
        ledger.record_outcomes({"decision_id": "d1"})


@pytest.mark.parametrize(
    ("columns", "difference"),
    [
        ({"offer_id": "card"}, "'offer_id' is 'bonus' in the ledger and 'card' here"),
        ({"action_probability": 0.3}, "'action_probability' is 0.25 in the ledger and 0.3 here"),
        (
            {"decided_at": "2026-01-02"},
            "'decided_at' is 2026-01-01 00:00:00 in the ledger and 2026-01-02 00:00:00 here",
        ),
        ({"segment": "s1"}, "'segment' is missing in the ledger and 's1' here"),
        ({"age": 41}, "'age' is 40 in the ledger and 41 here"),
        ({"age": None}, "'age' is 40 in the ledger and missing here"),
    ],
)
def test_a_decision_cannot_be_changed(ledger, columns, difference):
    ledger.record(decisions(2, age=40))
    changed = decisions(3, age=40)
    changed = pd.concat([changed[2:], changed[:1].assign(**columns)])
    with pytest.raises(LedgerError, match=re.escape(f"first at row 1: 'd1', its column {difference}")) as error:
        ledger.record(changed)
    assert error.match("1 of 2 rows has the decision_id of another decision.*Nothing was written")
    assert error.value.rejects[["decision_id", "reason"]].values.tolist() == [["d1", f"its column {difference}"]]
    assert ledger.counts()["decisions"] == 2


def test_two_decisions_of_one_call_cannot_share_an_id(ledger):
    with pytest.raises(LedgerError, match="1 of 2 rows has the decision_id of another decision, first at row 1: 'd'"):
        ledger.record(decisions(2, decision_id="d"))
    assert ledger.counts()["decisions"] == 0


def test_ids_are_text_or_integers_for_good(ledger):
    ledger.record(decisions(1))
    with pytest.raises(
        InputError, match=r"customer_id must be integer as it is in this ledger; it is text.*astype\(int\)"
    ):
        ledger.record(decisions(2, customer_id=["7", "8"])[1:])
    with pytest.raises(InputError, match=r"decision_id must be text as it is in this ledger; it is integer"):
        ledger.record(decisions(1, decision_id=[5]))
    assert ledger.counts()["decisions"] == 1


def test_times_cannot_become_something_else(ledger):
    ledger.record(decisions(1, seen_at=pd.Timestamp("2026-01-01")))
    with pytest.raises(InputError, match="decisions.seen_at must be times, as it is in this ledger; it is text"):
        ledger.record(decisions(2, seen_at="2026-01-01")[1:])


def test_text_that_no_database_keeps_is_refused(ledger):
    half_a_letter = pd.Series([["\ud800"]], dtype=object)
    with pytest.raises(LedgerError, match="nothing was written: .*surrogates not allowed"):
        ledger.record(decisions(1, note=half_a_letter))


# Outcomes refused


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (outcomes("d9"), "unknown decision_id: record the decision first"),
        (outcomes(None), "decision_id is missing"),
        (outcomes(outcome="maybe"), "outcome must be one of accept, reject, no_answer; it is maybe"),
        (outcomes(outcome=None), "outcome must be one of accept, reject, no_answer; it is missing"),
        (outcomes(outcome=True), "outcome must be one of accept, reject, no_answer; it is True"),
        (outcomes(outcome=["accept"]), "outcome must be one of accept, reject, no_answer; it is ['accept']"),
        (outcomes(outcome_at=None), "outcome_at is missing or not a time"),
        (outcomes(outcome_at="soon"), "outcome_at is missing or not a time"),
        (outcomes(outcome_at=pd.Series([5], dtype=object)), "outcome_at is missing or not a time"),
        (outcomes(outcome_at="2025-12-31"), "outcome_at is before decided_at"),
        (outcomes(outcome_at="2999-01-01"), "outcome_at is in the future; now is "),
        (outcomes("d9", "maybe"), "unknown decision_id: record the decision first; outcome must be one of"),
    ],
)
def test_an_outcome_that_is_no_answer_to_a_decision_is_refused(ledger, bad, reason):
    ledger.record(decisions(2))
    with pytest.raises(LedgerError, match="1 of 2 rows is not, first at row 1.*Nothing was written") as error:
        ledger.record_outcomes(pd.concat([outcomes("d2"), bad]))
    assert reason in str(error.value)
    assert error.value.rejects["reason"].iloc[0].startswith(reason)
    assert ledger.counts()["outcomes"] == 0


def test_rejects_can_be_set_aside(ledger):
    ledger.record(decisions(3))
    given = pd.concat([outcomes("d1"), outcomes("d9"), outcomes("d2", "reject")]).set_axis(list("xyz"))
    good, rejects = ledger.check_outcomes(given)
    pd.testing.assert_frame_equal(good, given.loc[["x", "z"]])
    pd.testing.assert_frame_equal(rejects.drop(columns="reason"), given.loc[["y"]])
    assert rejects["reason"].tolist() == ["unknown decision_id: record the decision first"]
    assert ledger.record_outcomes(good) == 2


def test_now_can_be_given(ledger):
    ledger.record(decisions(1, decided_at="2999-01-01"))
    with pytest.raises(LedgerError, match="in the future"):
        ledger.record_outcomes(outcomes(outcome_at="2999-01-02"))
    assert ledger.record_outcomes(outcomes(outcome_at="2999-01-02"), now="2999-01-02") == 1
    with pytest.raises(LedgerError, match="now is 2999-01-02 00:00:00 UTC"):
        ledger.record_outcomes(outcomes(outcome_at="2999-01-03"), now=pd.Timestamp("2999-01-02"))


def test_an_answer_at_the_time_of_the_decision_is_fine(ledger):
    ledger.record(decisions(1))
    assert ledger.record_outcomes(outcomes(outcome_at="2026-01-01")) == 1


@pytest.mark.parametrize("column", ["decision_id", "outcome", "outcome_at"])
def test_outcomes_need_their_columns(ledger, column):
    for call in (ledger.record_outcomes, ledger.check_outcomes):
        with pytest.raises(InputError, match=f"outcomes lacks the column '{column}'"):
            call(outcomes().drop(columns=column))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (outcomes(1.5), "outcomes.decision_id must be all text or all integers"),
        (outcomes(outcome_at=5), "outcomes.outcome_at must be times"),
    ],
)
def test_outcomes_of_a_wrong_type_are_refused(ledger, bad, message):
    ledger.record(decisions(1))
    with pytest.raises(InputError, match=message):
        ledger.record_outcomes(bad)


def test_the_goal_may_be_reached_without_an_offer(ledger):
    """Controls of an experiment: what an offer adds is measured against them."""
    ledger.record(decisions(1, decision_id="control", offer_id="no_offer"))
    assert ledger.record_outcomes(outcomes("control")) == 1
    assert ledger.feedback("2026-12-31")["reward"].tolist() == [1.0]
