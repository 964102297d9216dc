"""Plots of reports: what they show, and that names fit on a phone."""

from __future__ import annotations

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.tables import CustomerTables
from nbo.value import channel_profit
from nbo.views import Page, plot_channel_profit, plot_offer_heat, plot_rates, plot_scorecard

REPORT = pd.DataFrame(
    {
        "segment": ["new", "new", "old", "old", "all", "all"],
        "offer_id": ["card", "loan"] * 3,
        "n": [900, 10, 800, 5, 1700, 15],
        "rate": [0.3, 0.1, 0.2, 0.1, 0.25, 0.1],
        "low": [0.2, 0.0, 0.1, 0.0, 0.2, 0.0],
        "high": [0.4, 0.2, 0.3, 0.2, 0.3, 0.2],
        "flag": ["above", "unclear", "below", "too few", "", ""],
    }
)


def test_the_heat_map_marks_what_differs_by_signs():
    ax = plot_offer_heat(REPORT)
    assert [text.get_text() for text in ax.texts] == ["30+", "10", "20−", "10"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["new", "old"]


def test_the_heat_map_keeps_what_stands_out_and_says_what_it_leaves_out():
    flagged = REPORT.assign(flag=["", "above", "", "", "", ""])
    ax = plot_offer_heat(flagged, most_offers=1, most_segments=1)
    assert [text.get_text() for text in ax.texts] == ["10+"]
    assert ax.get_xlabel().endswith("\n1 offers left out, 1 segments left out")
    with pytest.raises(InputError, match="most_offers must be 1 or more"):
        plot_offer_heat(REPORT, most_offers=0)


def test_rates_are_shown_in_percent_with_that_of_all_as_a_line():
    cards = REPORT[REPORT["offer_id"] == "card"]
    ax = plot_rates(cards, "segment")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["new", "old"]
    assert [list(line.get_xdata()) for line in ax.lines] == [[25, 25], [30, 20]]
    assert ax.get_xlabel() == "Acceptance rate in %; dashed: all"
    assert len(plot_rates(cards, "segment", top=1).get_yticklabels()) == 1
    with pytest.raises(InputError, match="report lacks the column 'tier'"):
        plot_rates(cards, "tier")


def test_goals_are_told_apart_by_marker_and_word():
    status = ["missed", "met", "open", "not measured", "no goal"]
    gaps = [-0.5, 0.1, -0.01, None, None]
    card = pd.DataFrame(
        {"goal": "sales", "segment": list("abcde"), "touchpoint": "app", "gap_share": gaps, "status": status}
    )
    ax = plot_scorecard(card)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["sales, a, app", "sales, b, app", "sales, c, app"]
    told = {text.get_text() for text in ax.get_legend().get_texts()}
    assert told == {"missed", "met", "open"}
    assert len({line.get_marker() for line in ax.lines[1:]}) == 3
    assert plot_scorecard(card.tail(2)).get_legend() is None


def test_long_names_break_into_lines_on_a_phone_and_come_back():
    names = [f"a segment with quite a long name and number {place}" for place in range(12)]
    report = pd.DataFrame({"segment": names, "rate": 0.2, "low": 0.1, "high": 0.3})
    ax = plot_rates(report, "segment")
    wide, size = ax.get_xlabel(), ax.get_figure().get_size_inches().tolist()
    text = Page("t").add_plot("h", ax).to_html()
    narrow = text.split('class="narrow"')[1]
    assert "number 7</text>" in text.split('class="wide"')[1]
    assert names[7] not in narrow
    assert [label.get_text() for label in ax.get_yticklabels()] == names
    assert (ax.get_xlabel(), ax.get_figure().get_size_inches().tolist()) == (wide, size)


def test_long_numbers_below_the_axes_stay_apart_on_a_phone():
    sales = pd.DataFrame({"customer_id": ["a", "b"], "event_time": "2026-01-05", "amount": [87_000.0, 41_000.0]})
    sales = sales.assign(margin=[20_000.0, 15_000.0], channel=["store", "web"])
    ax = plot_channel_profit(channel_profit(CustomerTables(transactions=sales), "2026-01-01", "2026-02-01"))
    ticks = ax.get_xticks().tolist()
    text = Page("t").add_plot("h", ax).to_html()
    shown = [{number for number in range(-100, 150, 10) if f">{number},000</text>" in part.replace("\u2212", "-")}
             for part in (text.split('class="narrow"')[0], text.split('class="narrow"')[1])]  # fmt: skip
    assert 2 <= len(shown[1]) <= 5 < len(shown[0])
    assert ax.get_xticks().tolist() == ticks


def test_few_segments_keep_room_beside_long_names_of_offers():
    report = pd.DataFrame(
        {"segment": ["a", "b"], "offer_id": ["a very long name of an offer", "y"], "n": 90, "rate": 0.1}
    )
    ax = plot_offer_heat(report.assign(flag="unclear"))
    figure = ax.get_figure()
    figure.canvas.draw()
    assert ax.get_position().height * figure.get_figheight() > 0.5
    assert ax.get_ylabel() == ""
