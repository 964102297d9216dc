"""The page of a report of the program in a real browser: desk and phone, light and dark."""

from __future__ import annotations

import pandas as pd
import pytest

from nbo.arbitration import Playbook, When
from nbo.reports import program_report
from tests.reports.conftest import AS_OF, made_up_log
from tests.views.browser import browse, need_chromium, on_both_screens

# Contrast of text with the ground behind it, after WCAG 2.2; cells of heat maps have a ground of their own.
LOOK = """
    const numbers = (color) => (color.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
    const light = (color) => {
      const linear = (v) => (v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
      const [r, g, b] = numbers(color).map((v) => linear(v / 255));
      return .2126 * r + .7152 * g + .0722 * b;
    };
    const ground = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const color = inside.defaultView.getComputedStyle(at).backgroundColor;
        if (color !== "transparent" && numbers(color)[3] !== 0) return color;
      }
      return "rgb(255, 255, 255)";
    };
    const spoken = [...inside.querySelectorAll("body *")].filter((element) =>
      !["SCRIPT", "STYLE"].includes(element.tagName) && element.getClientRects().length &&
      [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()));
    const ratios = spoken.map((element) => {
      const style = inside.defaultView.getComputedStyle(element);
      const color = element.tagName === "text" ? style.fill : style.color;
      if (["rgb(17, 17, 17)", "rgb(253, 253, 253)"].includes(color)) return 99;
      const [a, b] = [light(color), light(ground(element))];
      return (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    });
    found.texts = ratios.length;
    found.contrast = Math.min(...ratios);
    found.faint = spoken[ratios.indexOf(found.contrast)].outerHTML.slice(0, 200);
    found.ground = inside.defaultView.getComputedStyle(inside.body).backgroundColor;
    const table = [...inside.querySelectorAll("section")].find(
      (section) => section.querySelector("h2").textContent === "Offers by segment").querySelector("table");
    found.sorted = click(table, 3);
    const button = table.querySelectorAll("button")[3];
    button.focus();
    found.focused = inside.activeElement === button && button.tagName === "BUTTON" && button.tabIndex === 0;
    found.headings = [...inside.querySelectorAll("h2")].map((heading) => heading.textContent);
    found.words = [...new Set(column(table, 2))];
"""


@pytest.fixture(scope="module")
def report():
    return program_report(
        made_up_log(4000),
        as_of=AS_OF,
        since="2026-05-31",
        goals=pd.DataFrame({"goal": "acceptance rate", "segment": ["new", "vip"], "target": 0.2}),
        playbook=Playbook([When("adults only", refuse="age < 18")]),
    )


@pytest.fixture(scope="module")
def page(report, tmp_path_factory):
    need_chromium()
    return report.to_html(tmp_path_factory.mktemp("page") / "report.html")


@pytest.fixture(scope="module", params=["light", "dark"])
def look(request, page, tmp_path_factory):
    return request.param, on_both_screens(tmp_path_factory.mktemp("wrapper"), page, LOOK, request.param == "dark")


def test_the_console_is_silent(page, tmp_path):
    document, console = browse(tmp_path, page)
    assert console == ""
    assert "<button" in document


def test_the_page_never_moves_sideways_and_all_plots_are_shown_on_both_screens(look, report):
    plots = sum(section.plot is not None and len(section.frame) > 0 for section in report.sections)
    assert plots >= 5
    for frame, width in (("wide", 1280), ("narrow", 390)):
        own = look[1][frame]
        assert (own["inner"], own["errors"], own["plots"]) == (width, [], plots)
        assert own["scroll"] <= width


def test_text_can_be_read_by_day_and_by_night(look):
    scheme, found = look
    assert found["ground"] == ("rgb(247, 246, 243)" if scheme == "light" else "rgb(20, 23, 27)")
    assert found["texts"] > 500
    assert found["contrast"] >= 4.5, found["faint"]


def test_tables_sort_by_a_click_and_their_headers_by_keyboard(look):
    found = look[1]
    rates = [float(text.removesuffix(" %")) for text in found["sorted"]["cells"]]
    assert found["sorted"]["sort"] == "ascending"
    assert rates == sorted(rates)
    assert found["focused"]


def test_the_summary_comes_first_and_flags_are_words(look):
    found = look[1]
    assert found["headings"][0] == "What changed, and what to do"
    assert set(found["words"]) <= {"above", "below", "unclear", "too few"}
    assert "above" in found["words"]
