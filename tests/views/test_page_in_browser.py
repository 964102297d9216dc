"""A page written to a file, opened in a real browser."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nbo.views import Page, plot_acceptance, plot_calibration, plot_gains, plot_regret, plot_value

SEGMENTS = [
    f"{life} · {spend}" for life in ("new", "steady", "growing", "fading") for spend in ("low", "mid", "high", "top")
]
OFFERS = ["card gold", "card travel", "loan", "mortgage", "savings", "pension", "insurance car", "insurance home",
          "phone plan", "tablet plan", "cashback", "loyalty points"]  # fmt: skip
POLICIES = ["oracle", "thompson by segment", "popularity", "random"]


def made_up_rates() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    rate = rng.beta(1.6, 9, len(SEGMENTS) * len(OFFERS))
    n = rng.integers(40, 4000, rate.size)
    last = pd.Series(pd.Timestamp("2026-06-30") - pd.to_timedelta(rng.integers(0, 90, rate.size), unit="D"))
    frame = pd.DataFrame({"segment": np.repeat(SEGMENTS, len(OFFERS)), "offer_id": OFFERS * len(SEGMENTS), "n": n})
    return frame.assign(accepted=np.round(rate * n).astype(int), rate=rate, last_answer=last.where(frame["n"] > 200))


def made_up_regret() -> pd.DataFrame:
    rounds = np.arange(1, 11)
    curves = {"random": 2.6 + 0 * rounds, "popularity": 1.4 + 0.3 / rounds, "thompson by segment": 2.4 / rounds**0.8}
    return pd.concat(
        pd.DataFrame({"round": rounds, "policy": policy, "regret": regret, "low": 0.9 * regret, "high": 1.1 * regret})
        for policy, regret in curves.items()
    )


def made_up_page() -> Page:
    """Make a page as large as real ones are."""
    rng, rates = np.random.default_rng(4), made_up_rates()
    p = rng.beta(1.5, 8, 4000)
    y = rng.random(4000) < p
    values = pd.DataFrame({"policy": POLICIES, "value": [4.31, 3.92, 2.87, 1.64]})
    values = values.assign(low=[np.nan, 3.78, 2.75, 1.55], high=[np.nan, 4.06, 2.99, 1.73])
    page = Page("Next best offer: ten rounds of learning", "Made-up numbers that show what a page looks like.")
    page.add_facts(
        {"Decisions": 1_240_000, "Value per decision": 3.92, "Over random": "+139 %", "Offers": 12, "Segments": 16}
    )
    page.add_text("What this page says", "The policy that learns by segment earns most.\n\nAll is <made up> & escaped.")
    page.add_table("Value by policy", values, note="Money per decision; 95 % intervals. The oracle is known exactly.")
    page.add_plot("Value per decision", plot_value(values), caption="Value per decision with its 95 % interval.")
    page.add_plot(
        "Regret", plot_regret(made_up_regret()), caption="What a decision falls short of the best one, by round."
    )
    page.add_plot("Acceptance by segment and offer", plot_acceptance(rates), caption="Acceptance rate in percent.")
    page.add_table("All acceptance rates", rates, note="192 pairs of segment and offer. Click a header to sort.")
    page.add_plot("Calibration", plot_calibration(y, p), caption="Predicted against observed, ten groups.")
    page.add_plot("Gains", plot_gains(y, p), caption="Acceptors reached, best-scored customers first.")
    return page


# Around the page: it watches for errors, measures, and clicks as a reader would.
WATCH = """<script>
  window.errors = [];
  addEventListener("error", (event) => window.errors.push(event.message));
</script>"""
WRAPPER = """<!doctype html><body>
<iframe id="wide" style="width: 1280px; height: 900px" srcdoc="{page}"></iframe>
<iframe id="narrow" style="width: 390px; height: 844px" srcdoc="{page}"></iframe>
<script>
  const column = (table, place) => [...table.tBodies[0].rows].map((row) => row.cells[place].textContent);
  const measure = (frame) => ({{
    inner: frame.contentWindow.innerWidth,
    scroll: frame.contentDocument.documentElement.scrollWidth,
    errors: frame.contentWindow.errors,
    plots: [...frame.contentDocument.querySelectorAll("svg")].filter((plot) => plot.getClientRects().length).length,
  }});
  const click = (table, place) => {{
    const head = table.tHead.rows[0].cells[place];
    head.querySelector("button").click();
    const sorted = table.querySelectorAll("[aria-sort]").length;
    return {{ sort: head.getAttribute("aria-sort"), cells: column(table, place), sorted }};
  }};
  addEventListener("load", () => {{
    const found = {{}};
    for (const name of ["wide", "narrow"]) found[name] = measure(document.getElementById(name));
    const inside = document.getElementById("wide").contentDocument;
    const table = inside.querySelectorAll("table")[1];
    found.rising = click(table, 4);
    found.falling = click(table, 4);
    found.times = click(table, 5);
    found.text = click(table, 0);
    const button = table.querySelector("button");
    button.focus();
    found.focused = inside.activeElement === button;
    const result = document.createElement("pre");
    result.id = "found";
    result.textContent = JSON.stringify(found);
    document.body.append(result);
  }});
</script>
"""


def browse(folder: Path, page: Path) -> tuple[str, str]:
    """Open a page in headless Chromium; give the document it became, and what the console said."""
    # fmt: off
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update", f"--user-data-dir={folder / 'profile'}",
             "--enable-logging=stderr", "--v=0", "--virtual-time-budget=5000", "--window-size=1400,900", "--dump-dom"]
    # fmt: on
    done = subprocess.run(["chromium", *flags, page.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


class Counter(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)


@pytest.fixture(scope="module")
def chromium() -> None:
    if shutil.which("chromium") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is not installed, and in continuous integration the page must be opened in it")
        pytest.skip("chromium is not installed")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up_page().write(tmp_path_factory.mktemp("page") / "page.html")


@pytest.fixture(scope="module")
def found(chromium: None, page: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    folder = tmp_path_factory.mktemp("wrapper")
    # The page forbids all scripts but its own, also those that only watch.
    text, n_removed = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', WATCH, page.read_text("utf-8"))
    assert n_removed == 1
    wrapper = folder / "wrapper.html"
    wrapper.write_text(WRAPPER.format(page=html.escape(text)), encoding="utf-8")
    document, _ = browse(folder, wrapper)
    return json.loads(html.unescape(re.search(r'<pre id="found">(.*?)</pre>', document, re.DOTALL).group(1)))


def test_the_document_holds_all_and_the_console_is_silent(chromium, page, tmp_path):
    document, console = browse(tmp_path, page)
    tags = Counter(document).tags
    assert console == ""
    assert tags.count("h1") == 1
    assert tags.count("h2") == 8
    assert tags.count("table") == 2
    # Three of the five plots are drawn a second time, for phones.
    assert tags.count("svg") == 5 + 3
    assert tags.count("tr") == (1 + 4) + (1 + 192)
    # Made by the page's own script, which its policy lets run.
    assert tags.count("button") == 4 + 6


def test_no_script_fails(found):
    assert found["wide"]["errors"] == found["narrow"]["errors"] == []


@pytest.mark.parametrize(("frame", "width"), [("wide", 1280), ("narrow", 390)])
def test_the_page_never_moves_sideways(found, frame, width):
    assert found[frame]["inner"] == width
    assert found[frame]["scroll"] <= width


@pytest.mark.parametrize("frame", ["wide", "narrow"])
def test_each_plot_is_shown_once_on_every_screen(found, frame):
    assert found[frame]["plots"] == 5


def test_a_click_on_a_header_sorts_and_another_turns_round(found):
    rates = sorted(f"{rate:.3f}" for rate in made_up_rates()["rate"])
    assert (found["rising"]["sort"], found["rising"]["cells"]) == ("ascending", rates)
    assert (found["falling"]["sort"], found["falling"]["cells"]) == ("descending", rates[::-1])


def test_times_sort_and_what_is_missing_comes_last(found):
    last = made_up_rates()["last_answer"]
    assert last.isna().any()
    assert found["times"]["cells"] == sorted(last.dropna().dt.strftime("%Y-%m-%d")) + ["–"] * int(last.isna().sum())


def test_text_sorts_and_one_header_at_a_time_is_marked(found):
    assert found["text"]["cells"] == sorted(np.repeat(SEGMENTS, len(OFFERS)).tolist())
    assert found["text"]["sorted"] == 1


def test_headers_can_be_reached_by_keyboard(found):
    assert found["focused"]
