"""What the plots of allocations draw, read back from the Axes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from nbo.arbitration import Limit, allocate, frontier
from nbo.errors import InputError
from nbo.views import plot_frontier, plot_prices

BUDGETS = pd.DataFrame({"budget": [2.0, 1.0], "value": [8.0, 5.0], "bound": [8.5, 5.0], "price": [2.5, 3.0]})
PRICES = pd.DataFrame({"limit": ["calls", "launch"], "price": [4.2, -1.0]})


def test_values_are_drawn_by_rising_budget_with_prices_beside():
    ax = plot_frontier(BUDGETS, chosen=1.5)
    assert ax.lines[0].get_xydata().tolist() == [[1.0, 5.0], [2.0, 8.0]]
    assert ax.lines[1].get_xdata() == [1.5, 1.5]
    assert [text.get_text() for text in ax.texts] == ["+3 per unit", "+2.5 per unit"]


def test_prices_are_bars_to_either_side_of_zero():
    ax = plot_prices(PRICES)
    assert [bar.get_width() for bar in ax.patches] == [4.2, -1.0]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["calls", "launch"]


def test_they_take_what_allocations_give():
    priority, limits = np.array([[9.0], [5.0], [1.0]]), [Limit(at_most=2, name="letters")]
    assert len(plot_frontier(frontier(priority, limits, "letters", [1, 2, 3])).lines[0].get_xdata()) == 3
    assert len(plot_prices(allocate(priority, limits).shadow_prices()).patches) == 1


@pytest.mark.parametrize(("draw", "frame"), [(plot_frontier, BUDGETS), (plot_prices, PRICES)])
def test_they_draw_on_axes_given_or_their_own_and_on_no_rows(draw, frame):
    ax = Figure().add_subplot()
    assert draw(frame, ax=ax) is ax
    own = draw(frame[:0])
    own.figure.canvas.draw()


@pytest.mark.parametrize(
    ("draw", "frame", "message"),
    [
        (plot_frontier, BUDGETS.drop(columns="price"), "frame lacks the column 'price'"),
        (plot_frontier, BUDGETS.assign(bound=1.0), "frame.bound must be at least the value"),
        (plot_prices, PRICES.drop(columns="price"), "frame lacks the column 'price'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, frame, message):
    with pytest.raises(InputError, match=message):
        draw(frame)
