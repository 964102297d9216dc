"""Value by segment, wallets and changes, read back from the Axes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from nbo.errors import InputError
from nbo.tables import CustomerTables
from nbo.value import Change, channel_profit, segment_value, segment_value_forecast, share_of_wallet, what_if
from nbo.views import plot_channel_profit, plot_segment_forecast, plot_segment_value, plot_wallet, plot_what_if
from nbo.views.inline_svg import inline_svg

CLV, SEGMENTS = [100.0, 60.0, 30.0], ["gold", "gold", "basic"]
WORTH = segment_value(CLV, SEGMENTS, sd=[3.0, 4.0, 5.0], acquisition_cost=[40.0, 40.0, np.nan])
WALLET = share_of_wallet([50.0, 30.0, 20.0], [60.0, 40.0, None], segments=["a", "a", "b"])
CUSTOMERS = pd.DataFrame({"revenue": [100.0, 10.0], "cost_to_serve": [40.0, 30.0], "churn_probability": 0.5})
CHANGES = [
    Change("gifts", added_cost=5.0),
    Change("less service", cost_factors={"cost_to_serve": (0.5)}, revenue_effect=(0.0, -0.1, 0.1)),
    Change("let them go", who=[False, True], churn_effect=1.0),
]
FOUND = what_if(CUSTOMERS, CHANGES)


def test_segments_are_bars_with_their_costs_and_ratios():
    ax = plot_segment_value(WORTH)
    assert [bar.get_width() for bar in ax.patches] == [160, 30]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["gold", "basic"]
    marks = next(line for line in ax.lines if line.get_label() == "Cost of acquisition")
    assert marks.get_xydata().tolist() == [[80, 0], [0, 1]]
    # The cost of nobody in the other segment is known.
    assert [text.get_text() for text in ax.texts] == ["2.0 x"]
    assert not plot_segment_value(segment_value(CLV, SEGMENTS)).texts


def test_wallets_are_spent_here_and_elsewhere():
    ax = plot_wallet(WALLET)
    here, elsewhere = ([bar.get_width() for bar in group] for group in ax.containers[:2])
    assert dict(zip([tick.get_text() for tick in ax.get_yticklabels()], here, strict=True)) == {"a": 80, "b": 20}
    assert sum(elsewhere) == pytest.approx(60 + 40 + 50)
    assert ax.texts[0].get_text() == "44 % here, known of 100 %"
    assert ax.texts[1].get_text() == "29 % here, known of 0 %"


def test_changes_are_ranked_and_those_that_lose_customers_are_rings():
    ax = plot_what_if(FOUND)
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["less service (2)", "let them go (1)", "gifts (2)"]
    # Half of each is expected to stay: 0.5 x 35, the loss of 20 that half leave, and 2 x 5 x 0.5.
    assert [dot.get_xdata()[0] for dot in dots] == pytest.approx([17.5, 10.0, -5.0])
    assert [dot.get_markerfacecolor() == "none" for dot in dots] == [False, True, False]
    whiskers = [line.get_xdata() for line in ax.lines if len(line.get_xdata()) == 2 and line.get_linewidth() == 2]
    assert whiskers[0][0] < 17.5 < whiskers[0][1]


def test_the_segments_that_will_matter_are_lines_that_go_on_dashed():
    rows = pd.DataFrame({"segment": np.repeat(["old", "new"], 12), "period": np.tile(np.arange(12), 2)})
    rows["value"] = np.where(rows["segment"] == "new", rows["period"], 3.0)
    found = segment_value_forecast(rows, horizon=3, season=1)
    ax = plot_segment_forecast(found, top=1)
    past, ahead = ax.lines
    assert past.get_label() == "new"
    assert past.get_ydata().tolist() == list(range(12))
    assert ahead.get_ydata().tolist() == [12, 13, 14]
    assert ahead.get_linestyle() == "--"
    given = Figure().add_subplot()
    assert plot_segment_forecast(found, ax=given) is given
    given.figure.canvas.draw()
    with pytest.raises(InputError, match="top must be a whole number from 1 to 6"):
        plot_segment_forecast(found, top=0)


@pytest.mark.parametrize(
    ("draw", "given", "table"),
    [
        (plot_segment_value, WORTH, WORTH),
        (plot_wallet, WALLET, WALLET.segments),
        (plot_what_if, FOUND, FOUND.effects),
    ],
)
def test_every_plot_draws_on_axes_given_or_its_own_and_on_no_rows(draw, given, table):
    ax = Figure().add_subplot()
    assert draw(given, ax=ax) is ax
    ax.figure.canvas.draw()
    own = draw(table[:0])
    own.figure.canvas.draw()
    assert own.get_xlabel()
    assert own.get_ylabel()
    with pytest.raises(InputError, match="lacks the column"):
        draw(table.drop(columns=table.columns[0]))


def test_names_with_dollars_are_no_formulas():
    name = "$100 to $200"
    sales = pd.DataFrame({"customer_id": ["ann"], "event_time": "2026-01-05", "amount": 9.0, "channel": name})
    account = channel_profit(CustomerTables(transactions=sales), "2026-01-01", "2026-02-01")
    plots = [
        plot_segment_value(segment_value([1.0], [name])),
        plot_wallet(share_of_wallet([5.0, 3.0], [6.0, 4.0], segments=[name, name])),
        plot_what_if(what_if(CUSTOMERS, [Change(name, added_cost=1.0)])),
        plot_channel_profit(account),
        plot_segment_forecast(
            segment_value_forecast(
                pd.DataFrame({"segment": name, "period": range(6), "value": 2.0}), horizon=2, season=1
            )
        ),
    ]
    for ax in plots:
        assert name in inline_svg(ax, "p", "a plot")
