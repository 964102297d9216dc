from __future__ import annotations

import json

import pytest

from nbo.arbitration import Eligibility, Playbook
from nbo.cli.program import read_program
from nbo.errors import InputError


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
        ("limits: [{most: 1}]", "limit 1: .*unexpected keyword argument 'most'"),
        ("arms: {name: a}", "arms: .*missing 1 required positional argument: 'shares'"),
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
