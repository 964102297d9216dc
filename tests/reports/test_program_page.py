"""The page of a report of the program as people read it."""

from __future__ import annotations

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.reports import program_report
from tests.reports.conftest import AS_OF, made_up_log


def test_the_summary_tells_rates_as_percent_and_leaves_names_as_they_are():
    rows = made_up_log(4000)
    rows["offer_id"] = rows["offer_id"].where(rows["offer_id"] == "no_offer", rows["offer_id"] + " 20%")
    goals = pd.DataFrame({"goal": ["acceptance rate"], "segment": "all", "touchpoint": "all", "target": 0.9})
    report = program_report(rows, as_of=AS_OF, since="2026-05-31", goals=goals)
    text = "\n".join(report.summary)
    assert "for a target of 90.0 %." in text
    assert " 20%" in text
    assert "90.0 %" in report.to_page().to_html()


def test_the_plot_of_offers_leaves_out_what_has_too_few_decisions_and_says_so():
    rows = made_up_log(2000)
    first = rows[(rows["offer_id"] == "card") & rows["reward"].notna()].index[:5]
    rows.loc[first, "offer_id"] = "rare"
    part = next(part for part in program_report(rows, as_of=AS_OF).sections if part.name == "offers")
    drawn = [text.get_text() for text in part.plot(part.frame).get_yticklabels()]
    assert "rare" in set(part.frame["offer_id"])
    assert "rare" not in drawn
    assert "card" in drawn
    assert "fewer than 30 decisions stand in the table only" in part.caption


def test_a_list_without_goals_is_no_goal():
    none = pd.DataFrame({"goal": [], "target": []})
    report = program_report(made_up_log(200), as_of=AS_OF, goals=none)
    assert report.tables["goals"].empty
    assert not any(sentence.startswith("Goals") for sentence in report.summary)


def test_a_target_in_percent_is_refused_for_a_rate():
    goals = pd.DataFrame({"goal": ["offers", "acceptance rate"], "target": [20.0, 5.0]})
    with pytest.raises(InputError, match=r"share of 0 to 1; 1 of 2 rows is not, first at row 1: 5.0. 5 % is 0.05."):
        program_report(made_up_log(200), as_of=AS_OF, goals=goals)
