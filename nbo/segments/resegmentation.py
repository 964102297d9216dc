"""Labels at several moments, under names that last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_one_of
from nbo.segments.base import Segmenter
from nbo.segments.drift_result import SegmentDrift
from nbo.segments.labels.label_match import LabelMatch
from nbo.segments.segment_drift import segment_drift
from nbo.times import check_time

__all__ = ["Resegmentation"]


@dataclass(frozen=True, repr=False, eq=False)
class Resegmentation:
    """Labels at several moments, under names that last.

    Parameters
    ----------
    labels : DataFrame
        as_of, customer_id, segment.
    segmenters : tuple of Segmenter
        The fits, the earliest first; they know their segments by their own names.
    matches : tuple of LabelMatch
        From the own names of each fit to those that last.
    """

    labels: pd.DataFrame
    segmenters: tuple[Segmenter, ...]
    matches: tuple[LabelMatch, ...]

    @property
    def moments(self) -> list[pd.Timestamp]:
        """The moments, the earliest first."""
        return list(self.labels[c.AS_OF].drop_duplicates())

    @property
    def continuity(self) -> pd.DataFrame:
        """Each moment but the first: as_of, n (customers of both), continuity (share of them with the same name)."""
        rows = []
        for start, end in zip(self.moments[:-1], self.moments[1:], strict=True):
            before, after = self.at(start), self.at(end)
            both = before.index.intersection(after.index)
            same = before[both].to_numpy() == after[both].to_numpy()
            rows.append((end, len(both), float(same.mean()) if len(both) else np.nan))
        return pd.DataFrame(rows, columns=[c.AS_OF, "n", "continuity"])

    def at(self, moment: Any) -> pd.Series:
        """Give the labels of a moment.

        Parameters
        ----------
        moment : Timestamp or str
            One of `moments`.

        Returns
        -------
        Series of str
            By customer.

        Raises
        ------
        InputError
            If it is none of them.
        """
        asked = check_one_of(check_time(moment, "moment"), self.moments, "moment")
        own = self.labels[self.labels[c.AS_OF] == asked]
        return own.set_index(c.CUSTOMER_ID)[c.SEGMENT]

    def drift(self, before: Any, after: Any, *, level: float = 0.95) -> SegmentDrift:
        """Compare two moments.

        Parameters
        ----------
        before, after : Timestamp or str
            Two of `moments`.
        level : float, default=0.95
            Of intervals and alarms, in (0, 1).

        Returns
        -------
        SegmentDrift

        Raises
        ------
        InputError
            If one of them is none of the moments.
        """
        return segment_drift(self.at(before), self.at(after), level=level)

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Label customers by the latest fit, under the names that last.

        Parameters
        ----------
        X : DataFrame of shape (n, any)

        Returns
        -------
        ndarray of str, shape (n,)
            A segment that had no customer in the latest fit has its own name, with "(new)" where that means another.
        """
        own, names = pd.Series(self.segmenters[-1].predict(X), dtype="str"), self.matches[-1].names
        used = own.isin([name for start, name in names.items() if start != name])
        return own.map(names).fillna(own.mask(used, own + " (new)")).to_numpy(dtype=object).astype(str)

    def _repr_html_(self) -> str:
        sizes = self.labels.groupby([c.AS_OF, c.SEGMENT]).size().unstack(fill_value=0)
        return str(sizes.to_html(border=0)) + str(self.continuity.to_html(index=False, border=0))
