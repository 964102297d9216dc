"""Plot of how stable each number of clusters is."""

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.views import plot_stability

TABLE = pd.DataFrame({"k": [3, 2, 4], "stability": [0.98, 0.9, 0.6], "low": [0.95, 0.7, -0.1], "high": [1, 1, 0.8]})


def test_means_are_a_line_in_the_order_of_k_and_the_choice_is_marked():
    ax = plot_stability(TABLE, chosen=3)
    mean = next(line for line in ax.lines if line.get_label() == "mean")
    assert mean.get_xydata().tolist() == [[2, 0.9], [3, 0.98], [4, 0.6]]
    marked = next(line for line in ax.lines if line.get_label() == "taken: 3")
    assert set(marked.get_xdata()) == {3}
    assert ax.get_ylim()[0] < -0.1
    assert ax.get_ylabel() and ax.get_xlabel()  # noqa: PT018


def test_it_draws_where_it_is_told_and_takes_an_empty_table():
    ax = plot_stability(TABLE)
    assert plot_stability(TABLE.iloc[:0], ax=ax, chosen=1) is ax


def test_a_wrong_table_is_refused():
    with pytest.raises(InputError, match="frame lacks the column 'low'"):
        plot_stability(TABLE.drop(columns="low"))
    with pytest.raises(InputError, match="frame.low must be at most the high; 1 of 3"):
        plot_stability(TABLE.assign(high=[1, 0.6, 0.8]))
