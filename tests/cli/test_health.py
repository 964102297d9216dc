"""``nbo health``: its page and its exit codes."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from nbo import Ledger, NextBestOffer, PropensityModel, Spine
from nbo.cli import main
from nbo.features import known_customers
from nbo.simulate import World


def run(*arguments, code=0):
    done = CliRunner().invoke(main, ["health", *(str(argument) for argument in arguments)])
    assert done.exit_code == code, (done.output, done.exception)
    return done.output


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("health")
    world = World(customers=500, days=160, seed=2, live_days=30)
    spine = Spine.at(world.live_from, world.tables.customers)
    model = NextBestOffer(propensity=PropensityModel(n_estimators=10)).fit(world.tables, spine, as_of=world.live_from)
    world.tables.write(folder / "tables")
    model.to_dir(folder / "model")
    with Ledger.open(f"sqlite:///{folder}/nbo.db") as book:
        book.record(model.decide(world.tables, known_customers(world.tables, world.live_from), rng=1))
    return folder, world.live_from


def test_a_model_that_is_well_has_code_0_and_a_page(place, tmp_path):
    folder, start = place
    out = tmp_path / "page.html"
    said = run(
        "--model", folder / "model", "--data", folder / "tables", "--as-of", start + pd.Timedelta("1h"),
        "--ledger", f"sqlite:///{folder}/nbo.db", "--out", out,
    )  # fmt: skip
    assert "no alarms" in said
    assert "<h1>Health</h1>" in out.read_text("utf-8")


def test_an_old_model_has_code_1(place):
    folder, start = place
    said = run(
        "--model", folder / "model", "--data", folder / "tables", "--as-of", start + pd.Timedelta("200D"), code=1
    )
    assert "alarm model_age" in said


def test_scores_that_are_too_old_have_code_1_and_half_ones_are_refused(place, tmp_path):
    folder, start = place
    given = ["--model", folder / "model", "--data", folder / "tables", "--as-of", start, "--scores", tmp_path]
    assert "manifest.json is missing" in run(*given, code=2)
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "plan.json").write_text(json.dumps({"as_of": (start - pd.Timedelta("4D")).isoformat()}))
    assert "alarm scores_age" in run(*given, code=1)


def test_bad_use_has_code_2(place):
    folder, _ = place
    given = ["--model", folder / "model", "--data", folder / "tables"]
    assert "--as-of" in run(*given, code=2)
    assert "as_of must be a time" in run(*given, "--as-of", "soon", code=2)
    assert "no ledger" in run(*given, "--as-of", "2026-01-01", "--ledger", f"sqlite:///{folder}/none.db", code=2)
