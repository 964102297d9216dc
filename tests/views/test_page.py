"""The page as text: escaped, complete in itself, the same every time."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from nbo.errors import InputError
from nbo.views import Page

NASTY = '<script>alert("1")</script> & "quoted"'


class Cells(HTMLParser):
    """The texts of all cells, with their classes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[list[str]] = []
        self._open = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self._open = tag == "td"
        if self._open:
            self.found.append([dict(attrs).get("class", ""), ""])

    def handle_endtag(self, tag):
        self._open = False

    def handle_data(self, data):
        if self._open:
            self.found[-1][1] += data


def lined_figure() -> Figure:
    figure = Figure(figsize=(3, 2))
    ax = figure.add_subplot()
    ax.plot([0, 1], [0, 1], color="black", label=NASTY)
    ax.legend()
    return figure


def test_everything_given_is_escaped():
    frame = pd.DataFrame({NASTY: [NASTY]})
    page = Page(NASTY, NASTY).add_facts({NASTY: NASTY}).add_text(NASTY, NASTY).add_table(NASTY, frame, note=NASTY)
    text = page.add_plot(NASTY, lined_figure(), caption=NASTY, alt=NASTY).to_html()
    assert text.count("<script>") == 1
    assert "alert(" in text
    assert 'alert("1")</script>' not in text.replace("&lt;/script&gt;", "")


def test_cells_are_written_for_people():
    frame = pd.DataFrame(
        {
            "n": [1234567, 8],
            "rate": [0.125, np.nan],
            "money": [1234.5, 2.0],
            "when": pd.to_datetime(["2026-06-30", None]),
            "won": [True, False],
        }
    )
    found = Cells(Page("t").add_table("h", frame).to_html()).found
    first, second = found[:5], found[5:]
    assert first == [
        ["number", "1,234,567"],
        ["number", "0.125"],
        ["number", "1,234.50"],
        ["time", "2026-06-30"],
        ["short", "yes"],
    ]
    assert second == [["number", "8"], ["number", "–"], ["number", "2.00"], ["time", "–"], ["short", "no"]]


def test_nothing_is_fetched():
    text = Page("t").add_plot("h", lined_figure()).to_html()
    assert not re.search(r'(src|href|url)\s*[=(]\s*["\']?(https?:)?//', text)
    assert "default-src 'none'" in text
    assert "@import" not in text


def test_the_same_sections_give_the_same_text():
    pages = [Page("t").add_table("a", pd.DataFrame({"x": [1]})).add_plot("b", lined_figure()) for _ in range(2)]
    assert pages[0].to_html() == pages[1].to_html()


def test_plots_on_one_page_share_no_ids():
    text = Page("t").add_plot("a", lined_figure()).add_plot("b", lined_figure()).to_html()
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    used = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text)
    assert {one or other for one, other in used} <= set(ids)


def test_black_takes_the_color_of_the_text():
    text = Page("t").add_plot("a", lined_figure()).to_html()
    plot = re.search(r"<svg.*</svg>", text, re.DOTALL).group()
    assert "#000000" not in plot
    assert "currentColor" in plot
    # The ground of the legend as well: white under light letters could not be read.
    assert "fill: #ffffff" not in plot


def test_a_plot_is_not_changed_by_being_added():
    figure = lined_figure()
    Page("t").add_plot("a", figure.axes[0])
    assert figure.get_size_inches().tolist() == [3, 2]


def test_a_page_of_no_sections_and_a_table_of_no_rows_are_pages():
    assert "<main>" in Page("t").to_html()
    assert "No rows." in Page("t").add_table("h", pd.DataFrame({"a": []})).to_html()
    assert "No rows." in Page("t").add_table("h", pd.DataFrame()).to_html()


def test_a_page_appears_whole_and_replaces_the_one_before(tmp_path):
    place = tmp_path / "deep" / "page.html"
    Page("first").write(place)
    assert Page("second").write(place) == place
    assert "<title>second</title>" in place.read_text("utf-8")
    assert [entry.name for entry in place.parent.iterdir()] == ["page.html"]


def test_what_is_no_plot_or_table_is_refused():
    with pytest.raises(TypeError, match="a plot must be matplotlib Axes or a Figure; got str"):
        Page("t").add_plot("h", "plot.png")
    with pytest.raises(TypeError, match="frame must be a frame"):
        Page("t").add_table("h", [1, 2])
    with pytest.raises(InputError, match="alt must say what the plot shows"):
        Page("t").add_plot("", lined_figure())
