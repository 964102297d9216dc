"""Defer promotions while a service case is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nbo.arbitration.candidates import Candidates
from nbo.arbitration.contact.case_rows import case_conditions, closed_cases, expected_closing, open_cases
from nbo.arbitration.contact.solutions import check_solutions, rows_of_topics, solving_offers
from nbo.arbitration.contact.spans import check_span, first_after
from nbo.arbitration.rule import Rule
from nbo.errors import InputError
from nbo.features.conditions import Condition
from nbo.features.window import ALL

__all__ = ["OpenCase"]

_OPEN = "service: open case"
# Later than any moment, so that one case of which nothing is known leaves it open for all.
_UNKNOWN = np.datetime64(np.iinfo(np.int64).max, "us")


class OpenCase(Rule):
    """Defer promotions while a grave service case of the customer is open.

    A case is open as of a moment if it was opened before it, and known, and not closed before it.

    Parameters
    ----------
    severity : float, optional, default=4
        So grave or more; None: any.
    topics, kinds : list of str, optional
        Only cases of these topics and kinds, such as "complaint".
    but : list of str, default=("retention",)
        Kinds of offers that are still allowed.
    but_solutions : mapping of str to list of str, optional
        Products by topic: an offer that sells one of those for the topic of an open case is still allowed. It is
        the mapping that :class:`ServiceReferral` takes.
    rest : str, optional
        For how long after a case was closed promotions still wait, such as "7D".

    Notes
    -----
    Reason codes: ``service: open case`` and such as ``service: case closed less than 7D ago``. When an open case
    will be closed is not known. Its refusal is expected to end after the median time that closed cases of its
    topic took; while a case takes longer than that, nothing is expected.

    Examples
    --------
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> case = pd.DataFrame({"case_id": ["a"], "customer_id": ["ann"], "opened_at": ["2026-06-28"], "severity": [5]})
    >>> catalog = Catalog([Offer("card", kind="discount"), Offer("stay", kind="retention")])
    >>> tables, spine = CustomerTables(cases=case), Spine.at("2026-06-30", ["ann"])
    >>> Candidates.of(tables, spine, catalog, (OpenCase(),)).eligible.tolist()
    [[False, True]]
    """

    stage = "service"

    def __init__(
        self,
        severity: float | None = 4,
        topics: Sequence[str] | None = None,
        kinds: Sequence[str] | None = None,
        but: Sequence[str] = ("retention",),
        but_solutions: Mapping[str, Sequence[str]] | None = None,
        rest: str | None = None,
    ) -> None:
        self.severity = severity
        self.topics = topics
        self.kinds = kinds
        self.but = but
        self.but_solutions = but_solutions
        self.rest = rest

    def check(self) -> None:
        """Check the arguments, as far as that needs no customers.

        Raises
        ------
        InputError
            Names the argument.
        """
        self._which  # noqa: B018 -- it checks what it is made of
        check_span(self.rest or ALL, "rest")
        check_solutions(self.but_solutions or {})
        if isinstance(self.but, str) or not all(isinstance(kind, str) for kind in self.but):
            raise InputError(f"but must be a list of kinds such as ['retention']; got {self.but!r}.")

    def refused(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        self.check()
        masks = {_OPEN: self._deferred(candidates, open_cases(candidates, self._which))}
        if self.rest is not None:
            masks[self._resting] = self._deferred(candidates, self._closed(candidates))
        return masks

    def resumes(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        cases = open_cases(candidates, self._which)
        closing = expected_closing(candidates, cases)
        ends = {_OPEN: self._until(candidates, cases, np.where(np.isnat(closing), _UNKNOWN, closing))}
        if self.rest is not None:
            cases = self._closed(candidates)
            ended = first_after(cases["time"].to_numpy(), check_span(self.rest, "rest"))
            ends[self._resting] = self._until(candidates, cases, ended)
        return ends

    def _until(self, candidates: Candidates, cases: pd.DataFrame, moments: np.ndarray) -> np.ndarray:
        """Give the latest moment of each row's cases where they defer an offer."""
        latest = np.full(len(candidates.spine), np.iinfo(np.int64).min)
        np.maximum.at(latest, cases["row"].to_numpy(), moments.astype("datetime64[us]").astype(np.int64))
        ends = latest.view("datetime64[us]")
        never = np.datetime64("NaT", "us")
        known = np.where(ends == _UNKNOWN, never, ends)
        return np.where(self._deferred(candidates, cases), known[:, None, None], never)

    def _deferred(self, candidates: Candidates, cases: pd.DataFrame) -> np.ndarray:
        """Mark the offers that cases defer, shape (n, k, 1)."""
        rows = np.zeros(len(candidates.spine), dtype=bool)
        rows[cases["row"].to_numpy()] = True
        promotions = np.array([offer.kind not in self.but for offer in candidates.catalog], dtype=bool)
        mask = rows[:, None] & promotions[None, :]
        solving = solving_offers(candidates, self.but_solutions or {})
        having = rows_of_topics(candidates, cases, list(solving))
        for topic, offers in solving.items():
            for sold in offers.values():
                mask &= ~(having[topic][:, None] & sold[None, :])
        return mask[:, :, None]

    def _closed(self, candidates: Candidates) -> pd.DataFrame:
        return closed_cases(candidates, self._which, str(self.rest))

    @property
    def _which(self) -> tuple[Condition, ...]:
        return case_conditions(self.severity, self.topics, self.kinds)

    @property
    def _resting(self) -> str:
        return f"service: case closed less than {self.rest} ago"
