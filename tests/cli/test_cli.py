import json
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import nbo
from nbo.cli import main
from nbo.cli.main import _SPELLINGS
from nbo.features import known_customers
from nbo.ledger import Ledger
from nbo.tables import CustomerTables

VERBS = [
    "alerts", "demo", "simulate", "validate", "train", "score", "decide", "record", "learn", "evaluate", "promote",
    "rollback", "freeze", "health", "ledger", "report", "snapshot", "value",
]  # fmt: skip
AS_OF = "2025-08-01"


def run(*arguments, code=0):
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exit_code == code, (done.output, done.exception)
    return done.output


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with tables and a model, made by the commands themselves."""
    folder = tmp_path_factory.mktemp("cli")
    run("simulate", "--customers", 700, "--days", 240, "--seed", 5, folder / "tables")
    trained = run(
        "train", "--data", folder / "tables", "--as-of", AS_OF, "--churn-horizon", "60D", "--clv-horizon", "60D",
        "--moments", 2, "--register", "offers", "--alias", "champion", "--save", folder / "model",
        "--tracking-uri", f"sqlite:///{folder}/mlflow.db", "--quiet",
    )  # fmt: skip
    assert "registered offers version 1" in trained
    assert "churn_auc" in trained
    return folder


def ledger_of(folder):
    return f"sqlite:///{folder}/nbo.db"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb):
    assert f"Usage: main {verb}" in run(verb, "--help")
    assert verb in run("--help")


def test_every_command_is_known():
    assert sorted(main.commands) == sorted(VERBS)


def test_a_ledger_is_verified(tmp_path):
    address = ledger_of(tmp_path)
    assert "There is no ledger" in run("ledger", "verify", address, code=2)
    assert not (tmp_path / "nbo.db").exists()
    decision = {"customer_id": 1, "decided_at": "2026-01-01", "offer_id": "card", "action_probability": 0.5}
    decision["reason"] = "drawn by hand"
    with Ledger.open(address) as book:
        book.record_decision({"decision_id": "d1", **decision})
        early = book.verify().head
        book.record_decision({"decision_id": "d2", **decision})
    whole = run("ledger", "verify", address)
    assert whole.startswith("whole: 2 decisions, 0 outcomes, 0 erasures; head 2.0.0.")
    assert run("ledger", "verify", address, "--head", early) == whole
    assert "head must be one that an earlier check gave" in run("ledger", "verify", address, "--head", "x", code=2)
    with sqlite3.connect(tmp_path / "nbo.db") as connection:
        connection.execute("UPDATE nbo_decisions SET offer_id = 'loan' WHERE row = 2")
    connection.close()
    broken = run("ledger", "verify", address, code=1)
    assert broken == "broken: nbo_decisions, row 2: its content is not what was recorded\n"
    content = (tmp_path / "nbo.db").read_bytes()
    page = content.index(b"drawn by hand") // 4096 * 4096
    (tmp_path / "nbo.db").write_bytes(content[:page] + b"\xff" * 4096 + content[page + 4096 :])
    assert run("ledger", "verify", address, code=1).startswith("broken: The ledger ")
    (tmp_path / "nbo.db").write_text("something else")
    assert "is not a ledger" in run("ledger", "verify", address, code=2)
    assert "Missing argument 'URL'" in run("ledger", "verify", code=2)


def test_clean_tables_pass_and_broken_ones_are_listed(place, tmp_path):
    assert "no problems" in run("validate", place / "tables")
    broken = pd.DataFrame({"customer_id": ["ann", None], "event_time": ["2025-01-01", "soon"], "amount": [-1, 2]})
    (tmp_path / "t").mkdir()
    broken.to_csv(tmp_path / "t" / "transactions.csv", index=False)
    output = run("validate", tmp_path / "t", "--out", tmp_path / "problems.csv", code=2)
    assert "unparseable time" in output
    assert "3 problems" in output
    assert len(pd.read_csv(tmp_path / "problems.csv")) == 3


def test_scores_and_decisions_of_all_customers(place, tmp_path):
    arguments = ("score", "--model", place / "model", "--data", place / "tables", "--as-of", AS_OF, "--quiet")
    known = len(known_customers(CustomerTables.read(place / "tables"), AS_OF))
    assert f"{known} customers" in run(*arguments, "--out", tmp_path / "scores")
    assert len(pd.read_parquet(tmp_path / "scores" / "scores")) == known * 12
    assert len(pd.read_parquet(tmp_path / "scores" / "decisions")) == known
    assert "already" in run(*arguments, "--out", tmp_path / "scores")
    by_alias = run(
        "score", "--model", "models:/offers@champion", "--data", place / "tables", "--as-of", AS_OF, "--quiet",
        "--out", tmp_path / "again", "--tracking-uri", f"sqlite:///{place}/mlflow.db", "--limit", 10,
    )  # fmt: skip
    assert "10" in by_alias


def test_the_loop_from_decision_to_promotion(place, tmp_path):
    ledger = ledger_of(tmp_path)
    decided = run(
        "decide", "--model", place / "model", "--data", place / "tables", "--as-of", AS_OF, "--ledger", ledger,
        "--out", tmp_path / "decisions.parquet",
    )  # fmt: skip
    decisions = pd.read_parquet(tmp_path / "decisions.parquet")
    assert f"{len(decisions)} decisions, {len(decisions)} of them new" in decided
    made = decisions[decisions["offer_id"] != "no_offer"]
    answers = pd.DataFrame(
        {
            "decision_id": [*made["decision_id"].head(300), "unknown"],
            "outcome": ["accept", "reject", "reject"] * 100 + ["accept"],
            "outcome_at": "2025-08-02T10:00",
        }
    )
    answers.to_csv(tmp_path / "answers.csv", index=False)
    refused = run("record", "--ledger", ledger, "--outcomes", tmp_path / "answers.csv", code=2)
    assert "unknown decision_id" in refused
    with Ledger.open(ledger) as book:
        assert len(book.outcomes()) == 0
    aside = run(
        "record", "--ledger", ledger, "--outcomes", tmp_path / "answers.csv", "--rejects", tmp_path / "rejects.csv",
        code=2,
    )  # fmt: skip
    assert "300 new outcomes" in aside
    assert "1 outcomes set aside" in aside
    assert "unknown decision_id" in pd.read_csv(tmp_path / "rejects.csv")["reason"].item()
    store = f"sqlite:///{place}/mlflow.db"
    learnt = run(
        "learn", "--model", place / "model", "--ledger", ledger, "--as-of", "2025-08-20", "--save", tmp_path / "new",
        "--register", "offers", "--tracking-uri", store,
    )  # fmt: skip
    assert "registered offers version 2" in learnt
    assert "rate" in learnt
    young = run("evaluate", "--model", place / "model", "--ledger", ledger, "--as-of", "2025-08-05", code=2)
    assert "feedback must have at least one row" in young
    estimate = run("evaluate", "--model", place / "model", "--ledger", ledger, "--as-of", "2025-08-20")
    assert estimate.startswith("ips: ")
    biased = run("evaluate", "--model", tmp_path / "new", "--ledger", ledger, "--as-of", "2025-08-20")
    assert "decisions are known to the policy: the value is too good" in biased
    verdict = run(
        "promote", "offers", 2, "--ledger", ledger, "--as-of", "2025-08-20", "--data", place / "tables",
        "--tracking-uri", store,
    )  # fmt: skip
    assert "not promoted" in verdict
    page = run("report", "--ledger", ledger, "--as-of", "2025-08-20", "--out", tmp_path / "report.html")
    assert "wrote" in page
    assert "Offers by segment" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize(("form", "begins"), [("text", ""), ("json", "{"), ("html", "<")])
def test_a_snapshot_in_three_forms(place, form, begins):
    output = run(
        "snapshot", "--data", place / "tables", "--customer", "C0000001", "--as-of", AS_OF, "--format", form,
        "--model", place / "model",
    )  # fmt: skip
    assert output.lstrip().startswith(begins)
    if form == "json":
        assert "identity" in json.loads(output)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["validate", "nowhere"], "is not a folder"),
        (["simulate", "--customers", "0", "x"], "customers must be"),
        (["train", "--data", "nowhere", "--as-of", AS_OF], "say where the model goes"),
        (["train", "--data", "nowhere", "--as-of", AS_OF, "--save", "m"], "is not a folder"),
        (["report", "--ledger", "nbo.db", "--as-of", AS_OF, "--out", "r.html"], "sqlite:///"),
        (["report", "--ledger", "sqlite://", "--as-of", AS_OF, "--out", "r.html"], "There is no ledger"),
        (["record", "--ledger", "sqlite://"], "give --decisions FILE"),
        (["demo", "--data", "starbucks"], "needs --path"),
        (["demo", "--data", "starbucks", "--path", "nowhere", "--quiet"], "Starbucks"),
        (["record", "--ledger", "sqlite:///no.db", "--decisions", "."], "File '.' is a directory"),
        (["record", "--ledger", "sqlite:///no.db", "--rejects", "no/r.csv"], "the folder 'no' is missing"),
        (["evaluate", "--ledger", "sqlite:///no.db", "--as-of", AS_OF, "--model", "no"], "there is no folder 'no'"),
        (["fly"], "No such command"),
        (["score"], "Missing option"),
    ],
)
def test_bad_use_and_bad_input_end_with_2_and_one_line(arguments, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    output = run(*arguments, code=2)
    assert says in output
    assert "Traceback" not in output
    assert not (tmp_path / "no.db").exists()


@pytest.mark.parametrize(
    ("verb", "more", "says"),
    [
        ("decide", ["--model", "models:/offers@nosuch"], "nosuch not found"),
        ("decide", ["--model", "nosuch"], "there is no folder 'nosuch'; in the registry it would be models:/NAME@"),
        ("decide", ["--out", "nosuch/d.parquet"], "the folder 'nosuch' is missing"),
        ("decide", ["--out", "."], "is a directory"),
        ("decide", ["--run-id", " "], "a run needs a name"),
        ("decide", ["--as-of", "soon"], "as_of must be a time"),
        ("score", ["--model", "nosuch"], "there is no folder 'nosuch'; in the registry it would be models:/NAME@"),
        ("score", ["--run-id", ""], "a run needs a name"),
    ],
)
def test_a_refused_call_leaves_no_ledger(place, tmp_path, monkeypatch, verb, more, says):
    monkeypatch.chdir(tmp_path)
    given = ["--model", place / "model", "--data", place / "tables", "--as-of", AS_OF, "--ledger", "sqlite:///no.db"]
    given += ["--out", "scores"] if verb == "score" else []
    assert says in run(verb, *given, "--tracking-uri", f"sqlite:///{place}/mlflow.db", *more, code=2)
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_makes_no_ledger_and_says_what_the_job_will_do(place, tmp_path):
    given = ["--model", place / "model", "--data", place / "tables", "--as-of", AS_OF, "--quiet", "--limit", 20]
    job = ["score", *given, "--ledger", ledger_of(tmp_path), "--out", tmp_path / "scores"]
    planned = run(*job, "--dry-run")
    assert planned.startswith("planned: 20 customers")
    assert list(tmp_path.iterdir()) == []
    assert run(*job).partition("run ")[2] == planned.partition("run ")[2]
    # A file that is no ledger is not taken for a missing one.
    (tmp_path / "nbo.db").write_text("something else")
    assert "is not a ledger" in run(*job, "--dry-run", code=2)


def test_the_decisions_of_an_old_file_stay_where_new_ones_cannot_be_written(place, tmp_path, monkeypatch):
    def full(frame, path, **_):
        path.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    out = tmp_path / "d.parquet"
    out.write_text("old")
    given = ["--model", place / "model", "--data", place / "tables", "--as-of", AS_OF, "--out", out]
    assert "No space left" in run("decide", *given, "--ledger", ledger_of(tmp_path), code=1)
    assert out.read_text() == "old"
    assert not list(tmp_path.glob(".*.tmp"))


def test_messages_name_options_and_not_arguments_of_python(place, tmp_path):
    given = ["--model", place / "model", "--data", place / "tables", "--as-of", AS_OF, "--quiet", "--limit", 5]
    run("score", *given, "--out", tmp_path)
    assert "or --force to write this one anew" in run("score", *given, "--out", tmp_path, "--rng", 8, code=2)
    assert "--live needs --ledger" in run("score", *given, "--out", tmp_path, "--live", code=2)


def test_what_is_spelled_anew_is_what_nbo_says():
    room = Path(nbo.__file__).parent
    texts = [path.read_text("utf-8") for path in room.rglob("*.py") if path.parent.name != "cli"]
    for python in _SPELLINGS:
        assert any(python in text for text in texts), python


def test_a_snapshot_hides_what_a_role_may_not_see(place):
    asked = ("snapshot", "--data", place / "tables", "--customer", "C0000001", "--as-of", AS_OF, "--format", "json")
    told, hidden = (json.loads(run(*asked, *more)) for more in ((), ("--role", "analyst")))
    assert told["identity"]["birth_date"] != "hidden"
    assert hidden["identity"]["birth_date"] == "hidden"
    assert "role must be one of 'agent'" in run(*asked, "--role", "boss", code=2)


def test_a_snapshot_of_a_stranger_is_bad_input(place):
    output = run("snapshot", "--data", place / "tables", "--customer", "nobody", "--as-of", AS_OF, code=2)
    assert "nobody" in output


def test_a_traceback_is_shown_when_asked_for():
    done = CliRunner().invoke(main, ["--traceback", "validate", "nowhere"])
    assert done.exit_code == 1
    assert "is not a folder" in str(done.exception)
