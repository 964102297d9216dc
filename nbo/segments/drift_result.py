"""What has changed in the segments."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd

from nbo.segments.labels.label_match import LabelMatch
from nbo.segments.migration_counts import MigrationMatrix

__all__ = ["SegmentDrift"]


@dataclass(frozen=True, repr=False, eq=False)
class SegmentDrift:
    """What has changed in the segments.

    Parameters
    ----------
    table : DataFrame
        One row for each segment: segment, n_before, n_after, share_before, share_after, change with its
        interval low to high, p_value, p_adjusted, alarm (more than chance), stayed (share of its customers who
        are still in it, of those who are still customers), left_to and came_from (most others went to, or
        came from; "left" and "entered" are no segments).
    moves : MigrationMatrix
        Who went from which segment to which.
    psi : float
        Population stability index of the shares; 0 without change.
    features : DataFrame or None
        segment, and columns as of :meth:`nbo.features.FeatureProfile.drift`: how far each feature within the
        segment is from before, with p_adjusted over all rows.
    names : LabelMatch or None
        Which new segment is which old one, if they were matched.
    level : float
        Of intervals and alarms, in (0, 1).
    """

    table: pd.DataFrame
    moves: MigrationMatrix
    psi: float
    features: pd.DataFrame | None
    names: LabelMatch | None
    level: float

    @property
    def alarms(self) -> list[str]:
        """The segments whose share has changed by more than chance."""
        return self.table.loc[self.table["alarm"], "segment"].tolist()

    def __repr__(self) -> str:
        return f"{self._told()}\n{self.table.round(4).to_string(index=False)}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._told())}</p>{self.table.to_html(index=False, border=0, float_format='{:.3g}'.format)}"

    def _told(self) -> str:
        changed = ", ".join(self.alarms) or "none"
        return f"Segments that changed by more than chance: {changed}. Stability index {self.psi:.3f}."
