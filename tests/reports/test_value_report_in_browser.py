"""The page of a report of customer value in a real browser: desk and phone, light and dark."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.reports import value_report
from nbo.simulate import World
from tests.views.browser import browse, need_chromium, on_both_screens

SORT = """
    const table = [...inside.querySelectorAll("section")].find(
      (section) => section.querySelector("h2").textContent === "Profit and loss").querySelector("table");
    found.sorted = click(table, 1);
"""


@pytest.fixture(scope="module")
def report():
    world = World(customers=300, days=240, seed=5, live_days=30)
    ids = world.tables.get("customers")["customer_id"].unique()
    labels = pd.Series(np.array(["a", "b", "c"])[np.arange(len(ids)) % 3], index=ids)
    clv = pd.Series(np.random.default_rng(0).gamma(1, 50, len(ids)), index=ids)
    end = world.live_from
    return value_report(world.tables, end - pd.Timedelta("90D"), end, segments={"tier": labels}, clv=clv)


@pytest.fixture(scope="module")
def page(report, tmp_path_factory):
    need_chromium()
    return report.to_html(tmp_path_factory.mktemp("page") / "value.html")


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_fits_both_screens_shows_its_plots_and_sorts(report, page, tmp_path, dark):
    found = on_both_screens(tmp_path, page, SORT, dark)
    plots = sum(section.plot is not None and len(section.frame) > 0 for section in report.sections)
    assert plots >= 4
    for frame, width in (("wide", 1280), ("narrow", 390)):
        assert (found[frame]["inner"], found[frame]["errors"], found[frame]["plots"]) == (width, [], plots)
        assert found[frame]["scroll"] <= width
    amounts = [float(text.replace(",", "")) for text in found["sorted"]["cells"]]
    assert found["sorted"]["sort"] == "ascending"
    assert amounts == sorted(amounts)


def test_the_console_is_silent(page, tmp_path):
    document, console = browse(tmp_path, page)
    assert console == ""
    assert "<button" in document
