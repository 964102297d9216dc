"""Frames as tables of Markdown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["markdown_table"]


def markdown_table(frame: pd.DataFrame) -> str:
    """Write a frame as a table of Markdown, numbers with four digits.

    Parameters
    ----------
    frame : DataFrame of shape (n, p)

    Returns
    -------
    str
        Without a line end; missing values are empty.

    Examples
    --------
    >>> print(markdown_table(pd.DataFrame({"offer": ["card"], "rate": [0.123456]})))
    | offer | rate |
    | --- | --- |
    | card | 0.1235 |
    """
    lines = ["| " + " | ".join(map(str, frame.columns)) + " |", "| --- " * frame.shape[1] + "|"]
    lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in frame.itertuples(index=False)]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    if isinstance(value, float | np.floating):
        return f"{value:.4g}"
    return str(value).replace("|", "\\|").replace("\n", " ")
