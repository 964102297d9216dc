"""The report in words, as JSON and as a page."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from nbo.features import FeatureProfile
from nbo.health import HealthReport, check_health
from nbo.health.page import health_page

AS_OF = pd.Timestamp("2026-03-01")


@pytest.fixture(scope="module")
def report():
    rng = np.random.default_rng(4)
    before = pd.DataFrame({"<spent>": rng.normal(size=2000), "age": rng.normal(size=2000)})
    names = SimpleNamespace(feature_names=list(before), describe=lambda: pd.DataFrame({"feature": [], "aggregate": []}))
    model = SimpleNamespace(
        as_of_=AS_OF - pd.Timedelta("60D"), window="7D", profile_=FeatureProfile.of(before), features=names
    )
    n = 6000
    feedback = pd.DataFrame(
        {
            "decision_id": np.arange(n),
            "decided_at": AS_OF - pd.Timedelta("90D") + pd.to_timedelta(np.arange(n) * 80 / n, unit="D"),
            "offer_id": rng.choice(["card", "loan"], n),
            "segment": rng.choice(["new", "old"], n),
            "propensity": rng.uniform(0.05, 0.3, n),
            "reward": (rng.random(n) < 0.17).astype(float),
        }
    )
    now = before.assign(**{"<spent>": before["<spent>"] + 1})
    return check_health(model, features=now, feedback=feedback, scores_at="2026-02-27", as_of=AS_OF)


def test_words_name_what_rings(report):
    lines = str(report).splitlines()
    assert lines[0].startswith("Health as of 2026-03-01 00:00: ")
    assert any(line.startswith("alarm psi <spent>: PSI ") for line in lines)
    assert any(line.startswith("warning scores_age scores: the scores are of 2026-02-27") for line in lines)
    assert not report.ok
    assert len(report.alarms) + len(report.warnings) < len(report.checks)


def test_a_dict_is_json(report):
    state = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert state["ok"] is False
    assert state["as_of"] == "2026-03-01T00:00:00"
    assert len(state["checks"]) == len(report.checks)


def test_notebooks_show_what_rings_escaped(report):
    html = report._repr_html_()
    assert "&lt;spent&gt;" in html
    assert "<spent>" not in html


def test_the_page_holds_plots_tables_and_limits(report, tmp_path):
    path = report.to_html(tmp_path / "out" / "health.html")
    html = path.read_text("utf-8")
    for heading in ("What was found", "Features that moved most", "Calibration", "Acceptance rates and their past"):
        assert f">{heading}</h2>" in html
    assert "Default limits" in html
    assert "Siddiqi (2006)" in html
    # Each of the two plots is drawn once more for phones, if it is wider than they are.
    assert html.count("<svg") == 2 + 1
    assert "<spent>" not in html


def test_a_report_of_nothing_has_a_page():
    html = health_page(check_health(None, as_of=AS_OF)).to_html()
    assert "No check has found anything beyond its limits." in html


def test_more_than_ten_findings_are_counted():
    rows = [("scores_age", f"s{number}", 9.0, 3.0, "alarm", "old") for number in range(13)]
    checks = pd.DataFrame(rows, columns=["check", "subject", "value", "limit", "state", "message"])
    assert str(HealthReport(AS_OF, checks)).splitlines()[-1] == "and 3 more"
