"""A page written to a file, opened in a real browser."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nbo.views import Page, plot_acceptance, plot_calibration, plot_gains, plot_regret, plot_value
from tests.views.browser import browse, need_chromium, on_both_screens

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


CLICKS = """
    const table = inside.querySelectorAll("table")[1];
    found.rising = click(table, 4);
    found.falling = click(table, 4);
    found.times = click(table, 5);
    found.text = click(table, 0);
    const button = table.querySelector("button");
    button.focus();
    found.focused = inside.activeElement === button;
"""


class Counter(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)


@pytest.fixture(scope="module")
def chromium() -> None:
    need_chromium()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up_page().write(tmp_path_factory.mktemp("page") / "page.html")


@pytest.fixture(scope="module")
def found(chromium: None, page: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    return on_both_screens(tmp_path_factory.mktemp("wrapper"), page, CLICKS)


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
