"""One part of a report: a table, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from nbo.views import Page
from nbo.views.formats import Share

__all__ = ["Section"]

# What rows of mixed numbers are called that are shares.
_RATE = "acceptance rate"


@dataclass(frozen=True)
class Section:
    """One part of a report: a table, and how it is shown.

    Parameters
    ----------
    name : str
        Of the table, and of its file.
    heading : str
        Above it on the page.
    frame : DataFrame
        All rows, the most important ones first.
    note : str, default=""
        Below the table: units, rules, where the numbers come from.
    columns : tuple of str, default=()
        Columns that the page shows, in this order; by default all.
    rows : int, default=40
        Rows that the page shows at most; it says how many are left out.
    plot : callable, optional
        Takes the frame, and gives Axes; only called where there are rows.
    caption : str, default=""
        Below the plot.
    percent : tuple of str, default=()
        Columns of shares, which the page shows as percent.
    mixed : tuple of str, default=()
        Columns of numbers of several kinds, of which the page shows each by itself; in rows that are called
        "acceptance rate" as percent.

    Examples
    --------
    >>> Section("offers", "Offers", pd.DataFrame({"offer": ["card"], "n": [7]}), rows=10).shown
      offer  n
    0  card  7
    """

    name: str
    heading: str
    frame: pd.DataFrame
    note: str = ""
    columns: tuple[str, ...] = ()
    rows: int = 40
    plot: Callable[[pd.DataFrame], Any] | None = None
    caption: str = ""
    percent: tuple[str, ...] = ()
    mixed: tuple[str, ...] = ()

    @property
    def shown(self) -> pd.DataFrame:
        """The rows and columns that the page shows."""
        columns = [name for name in self.columns or self.frame.columns if name in self.frame]
        shown = self.frame[columns].head(self.rows)
        rates = (shown.astype(object) == _RATE).any(axis=1)
        own = {
            name: pd.Series(list(map(_by_itself, shown[name], rates)), shown.index, dtype=object)
            for name in self.mixed
            if name in shown
        }
        # Ids are names: 1000 is no quantity.
        ids = {name: shown[name].astype("str") for name in columns if str(name).endswith("_id")}
        return shown.assign(**own, **ids)

    def add_to(self, page: Page) -> Page:
        """Add plot and table to a page.

        Parameters
        ----------
        page : Page

        Returns
        -------
        Page
            The same.
        """
        n = len(self.frame)
        more = f" The first {self.rows} of {n:,} rows; all are in the written tables." if n > self.rows else ""
        plot = self.plot(self.frame) if self.plot is not None and len(self.frame) else None
        return page.add_table(self.heading, self.shown, (self.note + more).strip(), plot, self.caption, self.percent)


def _by_itself(number: float, is_rate: bool) -> float | int:
    if is_rate:
        return Share(number)
    return int(number) if float(number).is_integer() else float(number)
