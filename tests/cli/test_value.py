"""``nbo value``: the page, the tables, and its exit codes."""

from __future__ import annotations

import pandas as pd
import pytest
from click.testing import CliRunner

from nbo.cli import main
from nbo.reports import value_report
from nbo.simulate import World


def run(*arguments, code=0):
    done = CliRunner().invoke(main, ["value", *(str(argument) for argument in arguments)])
    assert done.exit_code == code, (done.output, done.exception)
    return done.output


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(customers=200, days=160, seed=2, live_days=30)
    made.tables.write(tmp_path_factory.mktemp("value") / "tables")
    return made, tmp_path_factory.getbasetemp() / "value0" / "tables"


def test_the_page_and_its_tables_are_those_of_the_function(world, tmp_path):
    (made, folder), end = world, world[0].live_from
    ids = made.tables.get("customers")["customer_id"].unique()
    pd.DataFrame({"customer_id": ids, "segment": "all"}).to_csv(tmp_path / "segments.csv", index=False)
    start = end - pd.Timedelta("60D")
    said = run(
        "--data", folder, "--start", start, "--end", end, "--segments", tmp_path / "segments.csv", "--tables",
        tmp_path / "tables", "--out", tmp_path / "value.html",
    )  # fmt: skip
    assert " tables to " in said
    assert "<h1>Customer value</h1>" in (tmp_path / "value.html").read_text("utf-8")
    labels = pd.DataFrame({"customer_id": ids, "segment": "all"})
    for name, frame in value_report(made.tables, start, end, segments=labels).tables.items():
        stored = pd.read_parquet(tmp_path / "tables" / f"{name}.parquet")
        pd.testing.assert_frame_equal(stored, frame, check_dtype=False)


def test_a_file_that_is_not_there_and_a_period_that_is_none_are_bad_input(world, tmp_path):
    given = ["--data", world[1], "--out", tmp_path / "value.html"]
    said = run(*given, "--start", "2026-01-01", "--end", "2026-02-01", "--costs", "no.csv", code=2)
    assert "costs no.csv cannot be read" in said
    run(*given, "--start", "2026-02-01", "--end", "2026-01-01", code=2)
    assert not (tmp_path / "value.html").exists()
