"""``nbo alerts``: alerts in a folder, which the next run takes as its past, and its exit codes."""

from __future__ import annotations

import pandas as pd
import pytest
from click.testing import CliRunner

from nbo import ChurnModel, NextBestOffer, PropensityModel, Spine
from nbo.cli import main
from nbo.simulate import World


def run(*arguments, code=0):
    done = CliRunner().invoke(main, ["alerts", *(str(argument) for argument in arguments)])
    assert done.exit_code == code, (done.output, done.exception)
    return done.output


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alerts")
    world = World(customers=300, days=160, seed=2, live_days=30)
    spine = Spine.calendar("2025-03-01", "2025-04-01", "30D", world.tables)
    model = NextBestOffer(
        propensity=PropensityModel(n_estimators=5), churn=ChurnModel(horizon="30D", n_estimators=5)
    ).fit(world.tables, spine, as_of=world.live_from)
    world.tables.write(folder / "tables")
    model.to_dir(folder / "model")
    pd.DataFrame({"action": ["call"], "cost": [5.0], "relative_reduction": [0.5]}).to_csv(folder / "actions.csv")
    ids = world.tables.customers["customer_id"].unique()
    owners = pd.DataFrame({"customer_id": ids, "owner": ["mia", "leo", None] * (len(ids) // 3)})
    owners.to_parquet(folder / "owners.parquet")
    return folder, ["--model", folder / "model", "--data", folder / "tables", "--actions", folder / "actions.csv"]


def test_a_run_is_written_and_the_next_one_does_not_repeat_it(given, tmp_path):
    folder, arguments = given
    arguments = [*arguments, "--owners", folder / "owners.parquet", "--value", 100, "--budget", 3]
    said = run(*arguments, "--as-of", "2025-05-10", "--out", tmp_path / "one")
    raised = pd.read_parquet(tmp_path / "one" / "alerts.parquet")
    assert said.startswith(f"Alerts({len(raised)} alerts for 2 owners")
    assert raised["owner"].value_counts().to_dict() == {"mia": 3, "leo": 3}
    later = ["--as-of", "2025-05-11", "--past", tmp_path / "one", "--out", tmp_path / "two", "--format", "csv"]
    run(*arguments, *later)
    again = pd.read_csv(tmp_path / "two" / "alerts.csv")
    assert not set(again["customer_id"]) & set(raised["customer_id"])
    # The budget of the week is used up.
    assert again["owner"].notna().sum() == 0


def test_bad_use_has_code_2(given, tmp_path):
    _, arguments = given
    out = ["--as-of", "2025-05-10", "--out", tmp_path / "out"]
    assert "assumed must be in" in run(*arguments[:4], *out, "--value", 100, "--assumed", 2, code=2)
    assert "model has no CLV model" in run(*arguments, *out, code=2)
    assert "value must be a column of the scores" in run(*arguments, *out, "--value", "worth", code=2)
    assert "does not exist" in run(*arguments, *out, "--past", tmp_path / "nothing", code=2)
    assert "past must be a folder" in run(*arguments, *out, "--past", tmp_path, "--value", 100, code=2)
    assert not (tmp_path / "out").exists()
