"""What the builders on event tables share: aggregates over windows."""

from __future__ import annotations

from typing import Any, ClassVar

from nbo.features.base import FeatureBuilder
from nbo.features.event_plan import EventPlan
from nbo.features.feature import Feature
from nbo.features.past import Past

__all__ = ["EventFeatures", "columns_there", "computed"]


class EventFeatures(FeatureBuilder):
    """Aggregates of event tables over windows; a subclass plans which."""

    # Whether the features, with their parts, name every column that `_own` reads.
    own_as_said: ClassVar[bool] = False
    _planned: tuple[list[Feature], list[str], EventPlan] | None = None

    def _columns(self, past: Past) -> dict[str, Any]:
        own = self._own(past)
        return self._plan_of(list(own)).computed(past) | own

    def _plan_of(self, own: list[str]) -> EventPlan:
        """Plan what aggregates give; the plan is kept as long as the features are the same."""
        planned = self._planned
        if planned is None or planned[0] is not self.features_ or planned[1] != own:
            plan = EventPlan([feature for feature in self.features_ if feature.feature not in own])
            planned = self._planned = (self.features_, own, plan)
        return planned[2]

    def _own(self, past: Past) -> dict[str, Any]:
        """Compute those of the features that no aggregate gives, by name; none by default."""
        return {}


def computed(features: list[Feature], past: Past) -> dict[str, Any]:
    """Compute features for the questions of a past, and what ratios and differences are made of.

    Parameters
    ----------
    features : list of Feature
        Aggregates, and ratios and differences of them.
    past : Past

    Returns
    -------
    dict of str to array of shape (n,)
        By the names of the features.
    """
    return EventPlan(features).computed(past)


def columns_there(table: Any, *names: str) -> list[str]:
    """Give those of the names that the table has."""
    return [name for name in names if name in table]
