"""Which new segment is which old one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_rows

__all__ = ["LabelMatch"]


@dataclass(frozen=True)
class LabelMatch:
    """Which new segment is which old one.

    Parameters
    ----------
    names : dict of str to str
        New label to the name that it keeps or gets.
    table : DataFrame
        One row for each new segment: new, old (missing where there is none), name, and `n` and `overlap`, or
        `distance`, of the match. overlap is the share of the customers of either who are in both, in [0, 1].
    by : {"customers", "centers"}
        What the match rests on.
    """

    names: dict[str, str]
    table: pd.DataFrame
    by: str

    def rename(self, labels: Any) -> np.ndarray:
        """Give new labels their old names.

        Parameters
        ----------
        labels : array-like of shape (n,)

        Returns
        -------
        ndarray of str, shape (n,)

        Raises
        ------
        InputError
            If a label was not among those matched.
        """
        given = pd.Series(np.asarray(labels, dtype=object), dtype=object).astype("str")
        renamed = given.map(self.names)
        known = f"one of {', '.join(map(repr, self.names)) or 'none'}"
        check_rows(renamed.isna().to_numpy(), given, "labels", known)
        return renamed.to_numpy(dtype=object).astype(str)

    def _repr_html_(self) -> str:
        return str(self.table.to_html(index=False, border=0, float_format="{:.3g}".format))
