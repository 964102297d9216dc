"""A frame of money as an HTML table."""

from __future__ import annotations

import pandas as pd

__all__ = ["money_html"]


def money_html(frame: pd.DataFrame, rows: int = 50) -> str:
    """Write a frame with two decimals, and say what is left out.

    Parameters
    ----------
    frame : DataFrame
    rows : int, default=50
        At most so many.

    Returns
    -------
    str
        Nothing where there are no rows.

    Examples
    --------
    >>> "<td>1,234.50</td>" in money_html(pd.DataFrame({"profit": [1234.5]}))
    True
    """
    if frame.empty:
        return ""
    table = frame.head(rows).to_html(index=False, float_format="{:,.2f}".format, border=0, na_rep="")
    more = f"<p>and {len(frame) - rows:,} more rows</p>" if len(frame) > rows else ""
    return f"{table}{more}"
