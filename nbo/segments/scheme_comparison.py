"""What came of comparing two schemes of segments."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd

__all__ = ["SchemeComparison"]


@dataclass(frozen=True, eq=False, repr=False)
class SchemeComparison:
    """How alike two schemes of segments are, and how much each tells.

    Parameters
    ----------
    names : (str, str)
        Of the schemes.
    agreement : float
        Adjusted Rand index: 1 if both part customers in the same way, about 0 if one says nothing of the other.
    crossing : DataFrame
        Customers by segment of the first scheme (rows) and of the second (columns).
    explained : DataFrame
        One row per feature: `feature`, `n` (customers of whom it is known), and by the name of each scheme the share
        of its variance that lies between segments, adjusted for their number: 1 for all of it, about 0 if segments
        tell nothing.
    """

    names: tuple[str, str]
    agreement: float
    crossing: pd.DataFrame
    explained: pd.DataFrame

    def _repr_html_(self) -> str:
        first, second = map(escape, self.names)
        crossing = self.crossing.to_html(border=0)
        explained = self.explained.to_html(index=False, border=0, na_rep="", float_format="{:.3f}".format)
        return (
            f"<p>{first} and {second}: adjusted Rand index {self.agreement:.3f}</p>{crossing}"
            f"<p>Share of the variance between segments</p>{explained}"
        )
