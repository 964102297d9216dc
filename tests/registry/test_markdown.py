from __future__ import annotations

import pandas as pd

from nbo.registry.markdown import markdown_table


def test_cells_keep_to_their_lines_and_columns():
    frame = pd.DataFrame({"a": ["x|y", "two\nlines", None], "b": [1 / 3, float("nan"), 2e9], "c": [1, 2, 3]})
    assert markdown_table(frame).splitlines() == [
        "| a | b | c |",
        "| --- | --- | --- |",
        r"| x\|y | 0.3333 | 1 |",
        "| two lines |  | 2 |",
        "|  | 2e+09 | 3 |",
    ]


def test_no_rows_leave_the_head():
    assert markdown_table(pd.DataFrame({"a": []})) == "| a |\n| --- |"
