"""The page of a health report, opened in a real browser."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from nbo.features import FeatureProfile
from nbo.health import check_health
from tests.views.browser import browse, need_chromium, on_both_screens

AS_OF = pd.Timestamp("2026-03-01")
N = 6000
TABLES = """
    const named = (name) => [...inside.querySelectorAll("section")].find(
      (section) => section.querySelector("h2").textContent === name).querySelector("table");
    const cells = (table) => [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent));
    found.calibration = cells(named("Calibration by group"));
    found.rates = cells(named("Acceptance rates and their past"));
    found.sorted = click(named("Calibration by group"), 2);
"""


def feedback():
    """Simulate answers to three propensities that are often equal; one offer was made before the training only."""
    rng = np.random.default_rng(4)
    decided = AS_OF - pd.Timedelta("90D") + pd.to_timedelta(np.arange(N) * 80 / N, unit="D")
    offers = [f"offer with a long name {place}" for place in range(4)]
    early = decided < AS_OF - pd.Timedelta("65D")
    return pd.DataFrame(
        {
            "decision_id": np.arange(N),
            "decided_at": decided,
            "offer_id": np.where(early, rng.choice(["withdrawn", *offers], N), rng.choice(offers, N)),
            "segment": rng.choice([f"steady · spends much {place}" for place in range(3)], N),
            "propensity": rng.choice([0.1, 0.2, 0.3], N),
            "reward": (rng.random(N) < 0.17).astype(float),
        }
    )


@pytest.fixture(scope="module")
def report():
    rng = np.random.default_rng(5)
    before = pd.DataFrame({f"transactions_amount_sum_of_{place}_days": rng.normal(size=500) for place in range(25)})
    names = SimpleNamespace(feature_names=list(before), describe=lambda: pd.DataFrame({"feature": [], "aggregate": []}))
    model = SimpleNamespace(
        as_of_=AS_OF - pd.Timedelta("60D"), window="7D", profile_=FeatureProfile.of(before), features=names
    )
    return check_health(model, features=before + 1, feedback=feedback(), scores_at="2026-02-27", as_of=AS_OF)


@pytest.fixture(scope="module")
def page(report, tmp_path_factory):
    need_chromium()
    return report.to_html(tmp_path_factory.mktemp("page") / "health.html")


@pytest.fixture(scope="module")
def found(page, tmp_path_factory):
    return on_both_screens(tmp_path_factory.mktemp("wrapper"), page, TABLES)


def test_the_console_is_silent(page, tmp_path):
    document, console = browse(tmp_path, page)
    assert console == ""
    assert "<button" in document


@pytest.mark.parametrize(("frame", "width"), [("wide", 1280), ("narrow", 390)])
def test_it_fits_the_screen_and_no_script_fails(found, frame, width):
    assert found[frame]["errors"] == []
    assert found[frame]["inner"] == width
    assert found[frame]["scroll"] <= width
    # Those of features and of calibration.
    assert found[frame]["plots"] == 2


def test_messages_are_not_squeezed_into_a_column_of_single_words(found):
    line = 22
    assert found["narrow"]["tallest"] <= 9 * line


def test_each_row_states_a_group_that_has_answers(found, report):
    groups = report.details["calibration"]
    assert len(found["calibration"]) == len(groups) == 1 + 4 + 3 + 4 * 3 + 3
    subjects = {row[0] for row in found["calibration"]}
    # Of three values there are three groups, not ten, and none that nobody is in.
    assert {name for name in subjects if name.startswith("predictions")} == {
        f"predictions {place} of 3" for place in (1, 2, 3)
    }
    assert not any(cell in ("", "–") for row in found["calibration"] for cell in row)
    assert not any("withdrawn" in row[0] or "–" in row for row in found["rates"])
    assert found["sorted"]["cells"] == [f"{n:,}" for n in sorted(groups["n"])]
