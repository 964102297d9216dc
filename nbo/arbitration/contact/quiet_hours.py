"""Hours in which nobody is contacted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from nbo.arbitration.candidates import Candidates
from nbo.arbitration.contact.reasoned import named
from nbo.arbitration.contact.scope import Scope
from nbo.arbitration.contact.week_hours import first_without, hours_of, slot_mask, week_mask, within
from nbo.arbitration.rule import Rule

__all__ = ["QuietHours"]


class QuietHours(Rule):
    """Refuse ways in hours in which nobody is contacted, on the clock of the customer.

    A way whose slot is hours, such as "09:00-12:00", comes at its next slot that is not over at `as_of`, and is
    refused if any of it is quiet. Any other way comes at once, and is judged by `as_of`.

    Parameters
    ----------
    start, end : str, default="20:00", "08:00"
        Times of day; at `end` it is quiet no more. An end at or before the start lies on the next day.
    weekdays : list of str, optional
        Days on which the quiet hours start: "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"; by default all.
    time_zone : str, optional
        Column of the customers with IANA names such as "Europe/Berlin"; UTC where missing, and by default.
    channels : list of str, optional
        By default all.

    Notes
    -----
    Reason code: such as ``contact policy: quiet 20:00-08:00``. Clocks that are put forward or back are minded: of an
    hour that comes twice, both are quiet.

    Examples
    --------
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> people = pd.DataFrame({"customer_id": ["ann", "bob"], "zone": ["Europe/Berlin", "America/New_York"]})
    >>> spine, rule = Spine.at("2026-06-30 05:30", people), QuietHours(time_zone="zone")
    >>> candidates = Candidates.of(CustomerTables(customers=people), spine, Catalog([Offer("card")]), (rule,))
    >>> candidates.eligible.ravel().tolist()
    [False, False]
    >>> ends = rule.resumes(candidates)["contact policy: quiet 20:00-08:00"]
    >>> ends.astype("datetime64[m]").astype(str).ravel().tolist()
    ['2026-06-30T06:00', '2026-06-30T12:00']
    """

    stage = "contact policy"

    def __init__(
        self,
        start: str = "20:00",
        end: str = "08:00",
        weekdays: Sequence[str] | None = None,
        time_zone: str | None = None,
        channels: Sequence[str] | None = None,
    ) -> None:
        self.start = start
        self.end = end
        self.weekdays = weekdays
        self.time_zone = time_zone
        self.channels = channels

    def check(self) -> None:
        """Check the arguments, as far as that needs no customers.

        Raises
        ------
        InputError
            Names the argument.
        """
        week_mask(self.start, self.end, self.weekdays)
        Scope(channels=self.channels)

    @property
    def reasons(self) -> list[str]:
        """What decisions give as their reason where this rule had its way."""
        days = "" if self.weekdays is None else f" {', '.join(self.weekdays)}"
        return [named(f"contact policy: quiet {self.start}-{self.end}{days}", Scope(channels=self.channels))]

    def refused(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        zones = self._zones(candidates)
        return self._by_way(candidates, lambda mask: within(mask, candidates.as_of, zones), False)

    def resumes(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        zones, as_of, never = self._zones(candidates), candidates.as_of, np.datetime64("NaT", "us")

        def ends(mask: np.ndarray) -> np.ndarray:
            moments = first_without(mask, as_of, zones)
            return np.where(moments > as_of, moments, never)

        return self._by_way(candidates, ends, never)

    def _by_way(
        self, candidates: Candidates, judge: Callable[[np.ndarray], np.ndarray], fill: object
    ) -> dict[str, np.ndarray]:
        """Judge each way by the minutes of the week at which it is refused."""
        quiet, scope = week_mask(self.start, self.end, self.weekdays), Scope(channels=self.channels)
        slots = [hours_of(way.slot) for way in candidates.ways]
        judged = {slot: judge(quiet if slot is None else slot_mask(quiet, slot)) for slot in dict.fromkeys(slots)}
        columns = np.column_stack([judged[slot] for slot in slots])[:, None, :]
        return {self.reasons[0]: np.where(scope.mask(candidates), columns, np.array(fill, dtype=columns.dtype))}

    def _zones(self, candidates: Candidates) -> pd.Series:
        if self.time_zone is None:
            return pd.Series(np.full(len(candidates.spine), "UTC"), dtype="str")
        return candidates.column(self.time_zone).reset_index(drop=True)
