"""Feedback by hand, against a plain loop, and as a function of what was known when."""

import itertools

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.ledger import Ledger
from nbo.ledger.feedback import resolve

DAY = pd.Timedelta("1D")


def decisions(*rows):
    ids, times, offers = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "decision_id": ids,
            "customer_id": range(len(rows)),
            "decided_at": times,
            "offer_id": offers,
            "action_probability": 0.5,
        }
    )


def outcomes(*rows, columns=("decision_id", "outcome", "outcome_at")):
    return pd.DataFrame(rows, columns=list(columns))


def ledger_with(made, answers=None):
    ledger = Ledger.open("sqlite://")
    ledger.record(made)
    if answers is not None:
        ledger.record_outcomes(answers)
    return ledger


def seen(feedback):
    return feedback[["decision_id", "outcome", "outcome_at", "reward"]].values.tolist()


ONE = decisions(("d1", "2026-01-01", "bonus"))


def test_a_decision_is_pending_then_an_implied_no_answer_then_a_late_accept():
    ledger = ledger_with(ONE, outcomes(("d1", "accept", "2026-01-20")))
    end_of_window = pd.Timestamp("2026-01-01") + 14 * DAY
    assert seen(ledger.feedback("2026-01-14 23:59:59.999999")) == []
    assert ledger.pending("2026-01-14 23:59:59.999999")["decision_id"].tolist() == ["d1"]
    assert seen(ledger.feedback("2026-01-15")) == [["d1", "no_answer", end_of_window, 0.0]]
    assert seen(ledger.feedback("2026-01-20")) == [["d1", "no_answer", end_of_window, 0.0]]
    assert ledger.pending("2026-01-15").empty
    assert seen(ledger.feedback("2026-01-20 00:00:00.000001")) == [["d1", "accept", pd.Timestamp("2026-01-20"), 1.0]]


def test_open_decisions_come_too_when_they_are_asked_for():
    made = decisions(("b", "2026-01-02", "x"), ("a", "2026-01-01", "x"), ("c", "2026-01-03", "no_offer"))
    ledger = ledger_with(made, outcomes(("b", "accept", "2026-01-05")))
    whole = ledger.feedback("2026-01-06", pending=True)
    assert whole["decision_id"].tolist() == ["a", "b", "c"]
    assert whole["outcome"].tolist() == ["pending", "accept", "pending"]
    assert whole["outcome_at"].isna().tolist() == [True, False, True]
    assert whole["reward"].tolist()[1] == 1.0
    assert whole["reward"].isna().tolist() == [True, False, True]
    resolved = whole[whole["outcome"] != "pending"].reset_index(drop=True)
    pd.testing.assert_frame_equal(resolved, ledger.feedback("2026-01-06"))
    late = ledger.feedback("2026-01-16", pending=True)
    assert late["outcome"].tolist() == ["no_answer", "accept", "pending"]
    pd.testing.assert_frame_equal(ledger.feedback("2026-03-01", pending=True), ledger.feedback("2026-03-01"))
    assert ledger.feedback("2026-01-01", pending=True).dtypes.equals(whole.dtypes)


@pytest.mark.parametrize("seed", range(3))
def test_resolved_and_pending_decisions_are_the_whole(seed):
    made, answers = random_world(seed)
    ledger = ledger_with(made, answers)
    for as_of in pd.to_datetime(["2026-01-10", "2026-01-25", "2026-04-01"]):
        whole = ledger.feedback(as_of, pending=True)
        is_open = whole["outcome"] == "pending"
        pd.testing.assert_frame_equal(whole[~is_open].reset_index(drop=True), ledger.feedback(as_of))
        waiting = whole.loc[is_open, list(made.columns)].reset_index(drop=True)
        pd.testing.assert_frame_equal(waiting, ledger.pending(as_of)[list(made.columns)])


def test_an_answer_counts_only_strictly_before_as_of():
    ledger = ledger_with(ONE, outcomes(("d1", "reject", "2026-01-03")))
    assert seen(ledger.feedback("2026-01-03")) == []
    assert seen(ledger.feedback("2026-01-04")) == [["d1", "reject", pd.Timestamp("2026-01-03"), 0.0]]


def test_an_answer_counts_only_once_it_is_known():
    answer = outcomes(
        ("d1", "accept", "2026-01-03", "2026-01-09"), columns=("decision_id", "outcome", "outcome_at", "known_at")
    )
    ledger = ledger_with(ONE, answer)
    assert seen(ledger.feedback("2026-01-09")) == []
    assert seen(ledger.feedback("2026-01-10")) == [["d1", "accept", pd.Timestamp("2026-01-03"), 1.0]]


def test_a_decision_made_at_as_of_is_neither_resolved_nor_pending():
    ledger = ledger_with(ONE)
    assert ledger.feedback("2026-01-01").empty
    assert ledger.pending("2026-01-01").empty


def test_the_latest_correction_holds_and_all_are_kept():
    answers = outcomes(("d1", "accept", "2026-01-03"), ("d1", "reject", "2026-01-05"), ("d1", "accept", "2026-01-04"))
    ledger = ledger_with(ONE, answers)
    assert seen(ledger.feedback("2026-01-04"))[0][1] == "accept"
    assert seen(ledger.feedback("2026-01-06")) == [["d1", "reject", pd.Timestamp("2026-01-05"), 0.0]]
    assert len(ledger.outcomes()) == 3


def test_of_two_answers_at_the_same_time_the_one_recorded_last_holds():
    ledger = ledger_with(ONE, outcomes(("d1", "accept", "2026-01-03")))
    ledger.record_outcomes(outcomes(("d1", "reject", "2026-01-03")))
    assert seen(ledger.feedback("2026-01-04"))[0][1] == "reject"


def test_an_explicit_no_answer_resolves_at_once_but_never_overrides_an_answer():
    ledger = ledger_with(ONE, outcomes(("d1", "no_answer", "2026-01-02")))
    assert seen(ledger.feedback("2026-01-03")) == [["d1", "no_answer", pd.Timestamp("2026-01-02"), 0.0]]
    ledger.record_outcomes(outcomes(("d1", "accept", "2026-01-04"), ("d1", "no_answer", "2026-01-06")))
    assert seen(ledger.feedback("2026-02-01")) == [["d1", "accept", pd.Timestamp("2026-01-04"), 1.0]]


def test_a_decision_to_make_no_offer_is_a_no_answer_when_its_window_ends():
    ledger = ledger_with(decisions(("d1", "2026-01-01", "no_offer")))
    assert ledger.feedback("2026-01-07", window="7D").empty
    assert seen(ledger.feedback("2026-01-08", window="7D")) == [["d1", "no_answer", pd.Timestamp("2026-01-08"), 0.0]]


def test_feedback_is_sorted_by_time_then_id():
    ledger = ledger_with(
        decisions(("b", "2026-01-02", "x"), ("c", "2026-01-01", "x"), ("a", "2026-01-02", "x")),
        outcomes(*((name, "reject", "2026-01-03") for name in "abc")),
    )
    assert ledger.feedback("2026-01-04")["decision_id"].tolist() == ["c", "a", "b"]


def test_integer_decision_ids_are_sorted_as_numbers():
    ledger = ledger_with(decisions((10, "2026-01-01", "x"), (9, "2026-01-01", "x")))
    feedback = ledger.feedback("2026-02-01")
    assert feedback["decision_id"].tolist() == [9, 10]
    assert feedback["decision_id"].dtype == "int64"


def test_as_of_defaults_to_now():
    ledger = ledger_with(ONE, outcomes(("d1", "accept", "2026-01-03")))
    assert ledger.feedback()["reward"].tolist() == [1.0]
    now = pd.Timestamp.now("UTC").tz_localize(None)
    recent = ledger_with(decisions(("d1", now - DAY, "bonus")))
    assert len(recent.pending()) == 1


def test_feedback_has_the_same_dtypes_when_it_is_empty():
    ledger = ledger_with(ONE.assign(clicks=3, note="hi"))
    empty, full = ledger.feedback("2026-01-02"), ledger.feedback("2026-03-01")
    assert len(empty) == 0
    assert len(full) == 1
    pd.testing.assert_series_equal(empty.dtypes, full.dtypes)
    assert ledger.pending("2026-03-01").dtypes.equals(ledger.decisions().dtypes)
    assert full.dtypes[["outcome", "outcome_at", "reward"]].astype(str).tolist() == ["str", "datetime64[us]", "float64"]


def test_a_new_ledger_has_empty_frames_with_types():
    feedback = Ledger.open("sqlite://").feedback("2026-01-01")
    assert feedback.shape == (0, 18)
    assert str(feedback.dtypes["decided_at"]) == "datetime64[us]"
    assert str(feedback.dtypes["outcome_at"]) == "datetime64[us]"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"as_of": "soon"}, "as_of must be a time"),
        ({"window": "0D"}, "window must be a length of time above zero"),
        ({"window": 14}, "window must be a length of time above zero"),
    ],
)
def test_a_bad_moment_or_window_is_refused(arguments, message):
    ledger = Ledger.open("sqlite://")
    with pytest.raises(InputError, match=message):
        ledger.feedback(**arguments)
    with pytest.raises(InputError, match=message):
        ledger.pending(**arguments)


def random_world(seed):
    rng = np.random.default_rng(seed)
    n = 40
    decided = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 30, n), unit="D")
    made = decisions(*zip([f"d{i}" for i in range(n)], decided, ["bonus"] * n, strict=True))
    chosen = rng.integers(0, n, 60)
    # Seconds that no two outcomes share, so that the order of recording decides nothing.
    answered = decided[chosen] + pd.to_timedelta(rng.permutation(60) + 86_400 * rng.integers(0, 25, 60), unit="s")
    says = rng.choice(["accept", "reject", "no_answer"], 60)
    return made, outcomes(*zip([f"d{i}" for i in chosen], says, answered, strict=True))


def by_plain_loop(made, answers, as_of, window):
    rows = []
    for decision in made.itertuples():
        answer, told = None, None
        known = [a for a in answers.itertuples() if a.decision_id == decision.decision_id and a.outcome_at < as_of]
        for one in sorted(known, key=lambda a: a.outcome_at):
            if one.outcome != "no_answer" or answer in (None, "no_answer"):
                answer, told = one.outcome, one.outcome_at
        if answer is None and decision.decided_at + window <= as_of:
            answer, told = "no_answer", decision.decided_at + window
        if answer is not None:
            rows.append((decision.decided_at, decision.decision_id, answer, told, float(answer == "accept")))
    return [list(row[1:]) for row in sorted(rows)]


@pytest.mark.parametrize("seed", range(3))
def test_feedback_agrees_with_a_plain_loop(seed):
    made, answers = random_world(seed)
    ledger = ledger_with(made, answers)
    for as_of, window in itertools.product(pd.to_datetime(["2026-01-10", "2026-02-01", "2026-04-01"]), [7, 14]):
        assert seen(ledger.feedback(as_of, f"{window}D")) == by_plain_loop(made, answers, as_of, window * DAY)


@pytest.mark.parametrize("seed", range(3))
def test_each_decision_is_resolved_or_pending_or_not_yet_made(seed):
    made, answers = random_world(seed)
    ledger = ledger_with(made, answers)
    for as_of in pd.to_datetime(["2026-01-10", "2026-01-25", "2026-04-01"]):
        parts = [
            set(ledger.feedback(as_of)["decision_id"]),
            set(ledger.pending(as_of)["decision_id"]),
            set(made.loc[made["decided_at"] >= as_of, "decision_id"]),
        ]
        assert sum(map(len, parts)) == len(set.union(*parts)) == len(made)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_recording_and_repeats_change_nothing(seed):
    made, answers = random_world(seed)
    expected = ledger_with(made, answers).feedback("2026-02-01")
    ledger = ledger_with(made.sample(frac=1, random_state=seed))
    shuffled = answers.sample(frac=1, random_state=seed)
    for start in range(0, len(shuffled), 7):
        ledger.record_outcomes(shuffled[start : start + 7])
        ledger.record_outcomes(shuffled[start : start + 7])
    assert seen(ledger.feedback("2026-02-01")) == seen(expected)


def test_what_comes_at_or_after_as_of_changes_nothing():
    made, answers = random_world(0)
    as_of = pd.Timestamp("2026-01-20")
    early = ledger_with(made[made["decided_at"] < as_of], answers[answers["outcome_at"] < as_of])
    pd.testing.assert_frame_equal(early.feedback(as_of), ledger_with(made, answers).feedback(as_of))


def test_rows_of_tables_that_cannot_be_resolved_are_refused():
    made = pd.DataFrame({"decision_id": ["d1"], "decided_at": pd.to_datetime(["2026-01-01"])})
    times = {"outcome_at": "2026-01-02", "known_at": "2026-01-02"}
    said = pd.DataFrame({"decision_id": ["d1"], "outcome": ["maybe"], **times})
    with pytest.raises(InputError, match="outcomes.outcome must be one of accept, .*; 1 of 1 rows is not"):
        resolve(made, said, pd.Timestamp("2026-02-01"), 14 * DAY)
    with pytest.raises(InputError, match="outcomes.outcome_at must be times such as .* first at row 0: 'soon'"):
        resolve(made, said.assign(outcome_at="soon"), pd.Timestamp("2026-02-01"), 14 * DAY)
    with pytest.raises(InputError, match="decisions lacks the column 'decided_at'"):
        resolve(made[["decision_id"]], said, pd.Timestamp("2026-02-01"), 14 * DAY)


@pytest.mark.parametrize("known_at", [None, [pd.NaT], [pd.Timestamp("2026-01-05")]])
def test_an_outcome_without_known_at_was_known_when_it_came(known_at):
    decisions = pd.DataFrame({"decision_id": ["d1"], "decided_at": [pd.Timestamp("2026-01-01")]})
    outcomes = pd.DataFrame({"decision_id": ["d1"], "outcome": ["accept"], "outcome_at": [pd.Timestamp("2026-01-02")]})
    if known_at is not None:
        outcomes["known_at"] = known_at
    feedback = resolve(decisions, outcomes, pd.Timestamp("2026-01-03"), pd.Timedelta("14D"))
    late = known_at is not None and known_at[0] is not pd.NaT
    assert feedback["reward"].tolist() == ([] if late else [1.0])
