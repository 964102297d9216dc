"""Guidelines by segment: the very rules that the engine runs, by the ids that decisions name."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nbo.arbitration import Candidates, Eligibility, Playbook, When, decide
from nbo.errors import InputError
from nbo.policies import Uniform
from nbo.reports import playbook_report
from nbo.tables import Catalog, CustomerTables, Offer, Spine


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    adults = When("adults only", refuse="age < 18", offers=["card"], owner="legal")
    rich = When("no loans to the rich", refuse="age > 60", offers=["loan"], reason="rich", stage="suitability")
    return Playbook([Eligibility(), adults, rich, When("never", refuse="age < 0")], "retail", "3")


@pytest.fixture(scope="module")
def decisions(playbook: Playbook) -> pd.DataFrame:
    ages = [10.0, 30.0, 70.0, 15.0, 40.0, 80.0]
    people = pd.DataFrame({"customer_id": list("abcdef"), "age": ages})
    catalog = Catalog([Offer("card"), Offer("loan"), Offer("late", valid_from="2027-01-01")])
    asked = Candidates.of(CustomerTables(customers=people), Spine.at("2026-06-30", people), catalog, playbook)
    segments = np.array(["young" if age < 18 else "old" for age in ages])
    return decide(asked, np.full((6, 3), 0.1), segments, Uniform(catalog.offer_ids), 7, "june")


def test_ids_of_the_guidelines_are_those_of_the_rules_that_refused(playbook, decisions):
    found = playbook_report(playbook, decisions)
    expected: dict[tuple[str, str], int] = {}
    for row in decisions.to_dict("records"):
        for reason in json.loads(row["dropped"]).values():
            (rule,) = playbook.reasons[reason]
            for segment in (row["segment"], "all"):
                expected[(segment, rule)] = expected.get((segment, rule), 0) + 1
    refused = found[found["refused"] > 0].groupby(["segment", "id"])["refused"].sum()
    assert refused.to_dict() == expected
    assert expected[("young", "adults only")] == 2
    assert set(found["id"]) == set(playbook.rules)
    # As the playbook has them, in its order, those that refused nothing too.
    own = found[found["segment"] == "young"].drop_duplicates("id")
    assert own["id"].tolist() == list(playbook.rules)
    told = playbook.to_frame().set_index("id")
    assert own.set_index("id")["words"].to_dict() == told["words"].to_dict()
    assert own.set_index("id").loc["adults only", ["owner", "decisions", "share"]].tolist() == ["legal", 2, 1.0]


def test_reasons_that_no_rule_of_the_playbook_gives_come_last(playbook):
    rows = pd.DataFrame({"segment": ["a", "a"], "dropped": ['{"card": "capacity", "loan": "capacity"}', None]})
    last = playbook_report(playbook, rows).groupby("segment").last()
    assert last.loc["a", ["id", "reason", "refused", "decisions", "share"]].tolist() == ["", "capacity", 2, 1, 0.5]


def test_no_decisions_and_texts_that_are_no_json(playbook):
    none = pd.DataFrame({"segment": pd.Series(dtype="str"), "dropped": pd.Series(dtype="str")})
    assert set(playbook_report(playbook, none)["refused"]) == {0}
    with pytest.raises(InputError, match="decisions.dropped must be JSON of offer -> reason; got 'card'"):
        playbook_report(playbook, pd.DataFrame({"segment": ["a"], "dropped": ["card"]}))
