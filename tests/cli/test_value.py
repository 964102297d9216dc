"""``nbo value``: the page, the tables, and its exit codes."""

from __future__ import annotations

import pandas as pd
import pytest
from click.testing import CliRunner

from nbo.cli import main
from nbo.reports import value_report
from nbo.simulate import World
from nbo.tables import CustomerTables


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


@pytest.mark.parametrize(("ids", "given"), [(["007", "008"], ["007", "008"]), ([7, 8], ["7", "8"])])
def test_ids_and_segments_of_a_csv_are_read_as_the_tables_have_them(ids, given, tmp_path):
    sales = pd.DataFrame({"customer_id": ids, "event_time": "2026-01-05", "amount": [9.0, 5.0], "margin": [4.0, 1.0]})
    CustomerTables(transactions=sales).write(tmp_path / "data", format="csv")
    (tmp_path / "segments.csv").write_text(f"customer_id,segment\n{given[0]},NA\n{given[1]},01\n", "utf-8")
    cost = f"event_time,amount,customer_id\n2026-01-06,2.5,{given[0]}\n2026-01-06,1.5,\n"
    (tmp_path / "costs.csv").write_text(cost, "utf-8")
    run(
        "--data", tmp_path / "data", "--start", "2026-01-01", "--end", "2026-02-01", "--segments",
        tmp_path / "segments.csv", "--costs", tmp_path / "costs.csv", "--tables", tmp_path / "tables", "--out",
        tmp_path / "value.html",
    )  # fmt: skip
    rows = pd.read_parquet(tmp_path / "tables" / "segments_segment.parquet")
    assert rows[["segment", "customers", "other_cost", "profit"]].values.tolist() == [
        ["NA", 1, 2.5, 1.5], ["01", 1, 0.0, 1.0], ["no customer", 0, 1.5, -1.5],
    ]  # fmt: skip


def test_ids_that_are_no_numbers_where_the_tables_have_numbers_are_bad_input(tmp_path):
    sales = pd.DataFrame({"customer_id": [7, 8], "event_time": "2026-01-05", "amount": [9.0, 5.0]})
    CustomerTables(transactions=sales).write(tmp_path / "data")
    (tmp_path / "segments.csv").write_text("customer_id,segment\nann,gold\n", "utf-8")
    said = run(
        "--data", tmp_path / "data", "--start", "2026-01-01", "--end", "2026-02-01", "--segments",
        tmp_path / "segments.csv", "--out", tmp_path / "value.html", code=2,
    )  # fmt: skip
    assert "segments.customer_id must be of the kind" in said
