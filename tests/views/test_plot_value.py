"""What the plots of value draw, read back from the Axes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from nbo.errors import InputError
from nbo.tables import CustomerTables
from nbo.value import channel_profit, concentration, loss_makers, profitability
from nbo.views import plot_channel_profit, plot_concentration, plot_whale_curve

SPAN = ("2026-01-01", "2026-02-01")


def tables(margins: list[float]) -> CustomerTables:
    sales = pd.DataFrame({"customer_id": [f"c{i}" for i in range(len(margins))], "margin": margins})
    return CustomerTables(
        transactions=sales.assign(event_time="2026-01-05", amount=100.0, channel=["web", "store"] * (len(margins) // 2))
    )


def test_the_curve_of_concentration_has_its_interval_and_its_mark():
    found = concentration(np.random.default_rng(0).lognormal(0, 1, 300))
    ax = plot_concentration(found, part=0.6)
    same, curve, mark = ax.lines
    assert same.get_xydata().tolist() == [[0, 0], [100, 100]]
    assert curve.get_ydata()[20] == pytest.approx(100 * found.share_of_top(0.2).value)
    assert mark.get_xydata().tolist() == [[pytest.approx(100 * found.fewest_for(0.6).value), 60]]
    assert len(ax.collections) == 1
    assert ax.texts[0].get_text().startswith("60% with ")
    assert ax.get_ylabel() == "Share of the total (%)"
    assert (
        plot_concentration(concentration([3.0, -1], of="positive")).get_ylabel() == "Share of all that is above 0 (%)"
    )


def test_where_there_is_no_total_nothing_is_marked():
    ax = plot_concentration(concentration([0.0, -1.0]))
    assert (len(ax.lines), len(ax.texts)) == (1, 0)
    with pytest.raises(InputError, match="part must be in"):
        plot_concentration(concentration([1.0]), part=0)


def test_the_whale_curve_rises_above_the_whole_and_marks_its_peak():
    found = loss_makers(profitability(tables([60.0, 40, -20, -30]), *SPAN))
    ax = plot_whale_curve(found)
    whole, curve, mark = ax.lines
    assert whole.get_ydata() == [100, 100]
    assert curve.get_xydata().tolist() == [[0, 0], [25, 120], [50, 200], [75, 160], [100, 100]]
    assert mark.get_xydata().tolist() == [[50, 200]]
    assert ax.texts[0].get_text() == "200% at 50%"


def test_the_whale_curve_of_a_loss_is_in_money():
    ax = plot_whale_curve(loss_makers(profitability(tables([10.0, -30]), *SPAN)))
    assert ax.get_ylabel() == "Profit added up (money)"
    assert ax.lines[1].get_ydata().tolist() == [0, 10, -20]
    assert ax.lines[0].get_ydata() == [-20, -20]
    assert len(plot_whale_curve(loss_makers(profitability(CustomerTables(), *SPAN))).texts) == 0


def test_each_channel_has_its_revenue_its_costs_and_its_profit():
    ax = plot_channel_profit(channel_profit(tables([60.0, -40, 20, -30]), *SPAN))
    assert [text.get_text() for text in ax.get_yticklabels()] == ["store", "not known", "web"]
    revenue, costs = ([bar.get_width() for bar in bars] for bars in ax.containers)
    assert revenue == [200, 0, 200]
    assert costs == [-270, 0, -120]
    assert ax.lines[-1].get_xdata().tolist() == [-70, 0, 80]
    assert [text.get_text() for text in ax.get_legend().texts] == ["revenue", "costs and returns", "profit"]


def test_plots_draw_where_they_are_told():
    first, second, third = Figure().subplots(1, 3)
    assert plot_concentration(concentration([2.0, 1.0]), first) is first
    assert plot_whale_curve(loss_makers(profitability(tables([2.0, 1.0]), *SPAN)), second) is second
    assert plot_channel_profit(channel_profit(tables([2.0, 1.0]), *SPAN), third) is third
