from __future__ import annotations

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from nbo.arbitration import Eligibility, Playbook
from nbo.cli import main
from nbo.cli.program import read_program
from nbo.errors import InputError
from nbo.models import PropensityModel
from nbo.next_best_offer import NextBestOffer
from nbo.simulate import World
from nbo.tables import Spine


def test_limits_slots_and_arms_are_read(tmp_path):
    text = """
slots: 2
limits:
  - {offers: [card], at_most: 500, name: letters}
  - {at_least: 10}
arms: {name: spring, shares: {holdout: 0.05}, rest: agent}
"""
    (tmp_path / "june.yaml").write_text(text)
    Playbook([Eligibility()]).write(tmp_path / "rules.yaml")
    found = read_program(tmp_path / "june.yaml", tmp_path / "rules.yaml")
    assert found["slots"] == 2
    assert [(limit.offers, limit.at_most, limit.at_least) for limit in found["limits"]] == [
        (["card"], 500, None),
        (None, None, 10),
    ]
    assert (found["arms"].name, found["arms"].rest, dict(found["arms"].shares)) == (
        "spring",
        "agent",
        {"holdout": 0.05},
    )
    assert found["playbook"].hash == Playbook([Eligibility()]).hash
    (tmp_path / "june.json").write_text(json.dumps({"slots": 3}))
    assert read_program(tmp_path / "june.json", None) == {"slots": 3}
    assert read_program(None, None) == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("limits: 3", "limits must be a list; got 3"),
        ("limits: [{at_most: -1}]", "limit 1: at_most must be 0 or more; got -1"),
        ("limits: [{most: 1}]", "limit 1 must have some of offers, at_most, at_least, cost, .*; got 'most'"),
        ("arms: {name: a}", "arms must have name, shares; got name"),
        ("arms: {name: a, shares: {b: 0.1}, rst: c}", "arms must have some of name, shares, rest, .*; got 'rst'"),
        ("arms: 7", "arms must be a mapping; got 7"),
        ("budget: 7", "must be a mapping with some of limits, slots, arms; got 'budget'"),
        ("- 7", "must be a mapping with some of limits, slots, arms"),
        ("limits: [", "line 1: no YAML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, text, says):
    (tmp_path / "june.yaml").write_text(text)
    with pytest.raises(InputError, match=rf"june\.yaml.*{says}"):
        read_program(tmp_path / "june.yaml", None)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_program(tmp_path / "none.yaml", None)


def test_a_job_of_the_command_line_keeps_a_budget_and_exits_by_its_rejects(tmp_path):
    world = World(customers=60, days=90, seed=2)
    model = NextBestOffer(propensity=PropensityModel(n_estimators=5))
    model.fit(world.tables, Spine.at(world.end, world.tables), as_of=world.end).to_dir(tmp_path / "model")
    customers = world.tables.customers
    world.tables.replace(customers=pd.concat([customers, customers.iloc[:2]])).write(tmp_path / "tables")
    (tmp_path / "june.yaml").write_text("limits: [{at_most: 5}]")

    def run(*more):
        said = ["score", "--model", tmp_path / "model", "--data", tmp_path / "tables", "--as-of", world.end, "--quiet"]
        said += ["--out", tmp_path / "out", "--program", tmp_path / "june.yaml", "--reasons", 1, *more]
        return CliRunner().invoke(main, [str(argument) for argument in said])

    done = run("--most-rejects", 2)
    assert (done.exit_code, "2 rows set aside" in done.output) == (0, True)
    made = pd.read_parquet(tmp_path / "out" / "decisions")
    assert 0 < (made["offer_id"] != "no_offer").sum() <= 5
    # It is done already, and says again what is wrong with it.
    again = run("--most-rejects", 1)
    assert again.exit_code == 3
    assert "2 rows were set aside, and 1 are allowed" in again.output
    assert run("--limit", 0).exit_code == 2
