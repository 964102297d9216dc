"""``nbo report``: one page about the program, and its tables as files."""

from __future__ import annotations

import pandas as pd
import pytest
from click.testing import CliRunner

from nbo import Ledger
from nbo.arbitration import Playbook, When
from nbo.cli import main
from nbo.reports import program_report
from nbo.tables import CustomerTables
from tests.reports.conftest import AS_OF, made_up_log


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder, log = tmp_path_factory.mktemp("report"), made_up_log(400)
    with Ledger.open(f"sqlite:///{folder / 'ledger.db'}") as book:
        book.record(log.drop(columns=["reward", "outcome_at"]).assign(action_probability=0.5))
        won = log[log["reward"] == 1]
        book.record_outcomes(won[["decision_id", "outcome_at"]].assign(outcome="accept"), now=AS_OF)
    sales = pd.DataFrame(
        {"transaction_id": range(40), "customer_id": range(40), "event_time": AS_OF - pd.Timedelta("9D")}
    )
    CustomerTables(transactions=sales.assign(amount=10.01)).write(folder / "data")
    goals = pd.DataFrame({"goal": ["acceptance rate", "sales"], "segment": ["new", "all"], "target": [0.5, 400.4]})
    goals.to_csv(folder / "goals.csv", index=False)
    goals.to_parquet(folder / "goals.parquet")
    Playbook([When("adults only", refuse="age < 18")]).write(folder / "rules.yaml")
    return folder


def run(place, *arguments, code: int = 0) -> str:
    given = ["report", "--ledger", f"sqlite:///{place / 'ledger.db'}", "--as-of", str(AS_OF)]
    result = CliRunner().invoke(main, [*given, *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.output


@pytest.mark.parametrize(("goals", "form"), [("goals.csv", "csv"), ("goals.parquet", "parquet")])
def test_it_writes_the_page_and_the_tables_that_python_gives(place, tmp_path, goals, form):
    said = run(
        place, "--since", "2026-06-01", "--data", place / "data", "--goals", place / goals,
        "--playbook", place / "rules.yaml", "--tables", tmp_path / "tables", "--format", form,
        "--out", tmp_path / "deep" / "page.html",
    )  # fmt: skip
    with Ledger.open(f"sqlite:///{place / 'ledger.db'}") as book:
        report = program_report(
            book, as_of=AS_OF, since="2026-06-01", tables=CustomerTables.read(place / "data"),
            goals=pd.read_csv(place / "goals.csv"), playbook=Playbook.read(place / "rules.yaml"),
        )  # fmt: skip
    assert f"wrote {len(report.tables)} tables" in said
    assert (tmp_path / "deep" / "page.html").read_text("utf-8") == report.to_page().to_html()
    assert {path.name for path in (tmp_path / "tables").iterdir()} == {f"{name}.{form}" for name in report.tables}


def test_a_page_alone_needs_only_a_ledger(place, tmp_path):
    assert run(place, "--out", tmp_path / "page.html") == f"wrote {tmp_path / 'page.html'}\n"


def test_goals_that_cannot_be_read_are_bad_input(place, tmp_path):
    said = run(place, "--goals", "nowhere.csv", "--out", tmp_path / "page.html", code=2)
    assert "goals nowhere.csv cannot be read" in said
    assert not (tmp_path / "page.html").exists()
