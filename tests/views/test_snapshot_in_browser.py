"""The card of a customer in a real browser: on a desk's screen and on a phone, in light and in dark."""

from __future__ import annotations

import html
import json
import re

import pandas as pd
import pytest

from nbo.journeys import NextActionModel, StageModel
from nbo.simulate import World
from nbo.tables import Spine
from nbo.views import Snapshot, customer_snapshot
from tests.views.browser import browse, need_chromium

AS_OF = "2025-06-01"
THEMES = {"light": ("#ffffff", "#111111"), "dark": ("#14171c", "#e8e8e8")}
# Contrast as in the Web Content Accessibility Guidelines 2.2: of each text, over what lies behind it.
MEASURE = """
  const mix = (top, under, alpha) => top.map((value, i) => alpha * value + (1 - alpha) * under[i]);
  const rgba = (text) => {
    const numbers = text.match(/[\\d.]+/g).map(Number);
    return [numbers.slice(0, 3), numbers.length > 3 ? numbers[3] : 1];
  };
  const light = (rgb) => rgb.map((value) => value / 255).map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
  const colors = (element) => {
    const chain = [];
    for (let at = element; at; at = at.parentElement) chain.unshift(getComputedStyle(at));
    let behind = [255, 255, 255], opacity = 1;
    for (const style of chain) {
      const [color, alpha] = rgba(style.backgroundColor);
      behind = mix(color, behind, alpha * opacity);
      opacity *= Number(style.opacity);
    }
    const [color, alpha] = rgba(chain.at(-1).color);
    return [mix(color, behind, alpha * opacity), behind];
  };
  const contrast = (element) => {
    const [a, b] = colors(element).map(light);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  addEventListener("load", () => {
    const frame = document.getElementById("frame"), inside = frame.contentDocument;
    const texts = [...inside.querySelectorAll(".nbo-card *")].filter((element) =>
      [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()));
    const found = {
      inner: frame.contentWindow.innerWidth,
      scroll: inside.documentElement.scrollWidth,
      texts: texts.length,
      contrast: Math.min(...texts.map(contrast)),
      heads: inside.querySelector(".heads").getBoundingClientRect().bottom,
      first: inside.querySelector("section.action").getBoundingClientRect().top,
      faint: inside.querySelector("#faint") ? contrast(inside.querySelector("#faint")) : null,
    };
    const result = document.createElement("pre");
    result.id = "found";
    result.textContent = JSON.stringify(found);
    document.body.append(result);
  });
"""


class Scores:
    """Three offers, one with a long reason."""

    def score(self, tables, spine):
        return pd.DataFrame(
            {
                "offer_id": ["travel_deal", "device_upgrade", "home_bundle"],
                "channel": ["email", "app", "phone"],
                "propensity": [0.21, 0.12, 0.08],
                "value": [30.0, 45.0, 60.0],
                "priority": [6.3, 5.4, 4.8],
                "reason": ["searched for travel three times " * 6, "averyverylongwordthathasnospaceinit" * 4, "best"],
                "churn_probability": 0.61,
                "clv": 412.3,
                "segment": "growing, mid",
            }
        )


@pytest.fixture(scope="module")
def card() -> Snapshot:
    need_chromium()
    world = World(customers=200, days=200, seed=7)
    customers = world.tables.customers.assign(name="Amelia Hart-Featherstonehaugh")
    tables = world.tables.replace(customers=customers)
    busiest = tables.transactions["customer_id"].value_counts().index[0]
    journey = StageModel().fit(tables, Spine.at(AS_OF, tables))
    next_action = NextActionModel().fit(tables, AS_OF)
    return customer_snapshot(Scores(), tables, busiest, AS_OF, journey=journey, next_action=next_action)


def opened(folder, body: str, theme: str, width: int) -> tuple[dict, str]:
    """Put a card on a page of a theme, as wide as a screen, and measure it."""
    background, color = THEMES[theme]
    page = f'<!doctype html><body style="background:{background};color:{color};margin:12px">{body}</body>'
    frame = f'<iframe id="frame" style="width:{width}px;height:900px" srcdoc="{html.escape(page)}"></iframe>'
    place = folder / "wrapper.html"
    place.write_text(f"<!doctype html><body><script>{MEASURE}</script>{frame}</body>", encoding="utf-8")
    document, console = browse(folder, place)
    return json.loads(re.search(r'<pre id="found">(.*?)</pre>', document, re.DOTALL).group(1)), console


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [1280, 360])
def test_the_card_fits_is_readable_and_says_first_what_matters(card, tmp_path, theme, width):
    found, console = opened(tmp_path, card._repr_html_(), theme, width)
    assert console == ""
    assert found["scroll"] <= found["inner"]
    assert found["texts"] > 40
    assert found["contrast"] >= 4.5
    assert found["heads"] <= found["first"] < 300


def test_faint_text_would_be_found(card, tmp_path):
    body = card._repr_html_() + '<p id="faint" style="color:#999">faint</p>'
    found, _ = opened(tmp_path, body, "light", 1280)
    # Gray of 153 on white: (1 + .05) / (.3185 + .05).
    assert found["faint"] == pytest.approx(1.05 / (0.318547 + 0.05), rel=1e-3)
