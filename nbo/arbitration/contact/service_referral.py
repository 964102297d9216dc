"""Offer what solves the problem that a customer has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.contact.case_rows import open_cases, opened_cases
from nbo.arbitration.contact.solutions import check_solutions, rows_of_topics, solving_offers
from nbo.arbitration.contact.spans import check_span
from nbo.arbitration.rule import Rule
from nbo.numbers import check_number

__all__ = ["ServiceReferral"]


class ServiceReferral(Rule):
    """Weigh offers higher whose products solve the topic of a customer's open or recent case.

    It refuses nothing. That such an offer may come while the case is open, :class:`OpenCase` says by the same mapping.

    Parameters
    ----------
    solutions : mapping of str to list of str, optional
        Products by topic; :func:`solves` finds them.
    weight : float, default=2.0
        Context weight of such an offer, 0 or more.
    recent : str, default="30D"
        A case counts while it is open, and so long after it was opened.

    Notes
    -----
    Reason codes: such as ``referral: billing -> flat``.

    Examples
    --------
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> case = {"case_id": ["x"], "customer_id": ["ann"], "opened_at": ["2026-06-28"], "topic": ["billing"]}
    >>> catalog = Catalog([Offer("flat rate", products=("flat",)), Offer("card")])
    >>> tables, spine = CustomerTables(cases=pd.DataFrame(case)), Spine.at("2026-06-30", ["ann", "bob"])
    >>> rule = ServiceReferral({"billing": ["flat"]})
    >>> candidates = Candidates.of(tables, spine, catalog, (rule,))
    >>> candidates.context_weight.tolist()
    [[2.0, 1.0], [1.0, 1.0]]
    >>> rule.referrals(candidates)[["customer_id", "case_id", "offer_id", "reason"]].values.tolist()
    [['ann', 'x', 'flat rate', 'referral: billing -> flat']]
    """

    stage = "service"

    def __init__(
        self, solutions: Mapping[str, Sequence[str]] | None = None, weight: float = 2.0, recent: str = "30D"
    ) -> None:
        self.solutions = solutions
        self.weight = weight
        self.recent = recent

    def check(self) -> None:
        """Check the arguments, as far as that needs no customers.

        Raises
        ------
        InputError
            Names the argument.
        """
        check_number(self.weight, "weight", "0 or more", lambda weight: 0 <= weight < np.inf)
        check_span(self.recent, "recent")
        check_solutions(self.solutions or {})

    @property
    def reasons(self) -> list[str]:
        """What decisions give as their reason where this rule had its way."""
        return [_reason(topic, name) for topic, products in (self.solutions or {}).items() for name in products]

    def refused(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        return {}

    def weights(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        self.check()
        solving = solving_offers(candidates, self.solutions or {})
        having = rows_of_topics(candidates, self._cases(candidates), list(solving))
        return {
            _reason(topic, product): np.where(having[topic][:, None] & sold[None, :], self.weight, 1.0)[:, :, None]
            for topic, offers in solving.items()
            for product, sold in offers.items()
        }

    def referrals(self, candidates: Candidates) -> pd.DataFrame:
        """List what service should refer to sales.

        Parameters
        ----------
        candidates : Candidates
            Offers that no way of is left are not referred.

        Returns
        -------
        DataFrame
            customer_id, case_id, topic, product_id, offer_id and reason; one row for each case and offer.
        """
        cases, offers = self._cases(candidates), np.array(candidates.catalog.offer_ids, dtype=object)
        parts = []
        for topic, products in solving_offers(candidates, self.solutions or {}).items():
            own = cases[cases[c.TOPIC].astype("str") == topic]
            for product, sold in products.items():
                for offer in np.flatnonzero(sold):
                    able = own[candidates.eligible[own["row"].to_numpy(), offer]]
                    said = {c.PRODUCT_ID: product, c.OFFER_ID: offers[offer], c.REASON: _reason(topic, product)}
                    parts.append(able.assign(**said))
        columns = [c.CASE_ID, c.TOPIC, c.PRODUCT_ID, c.OFFER_ID, c.REASON]
        found = pd.concat(parts) if parts else cases.iloc[:0].reindex(columns=["row", *columns])
        found = found.sort_values("row", kind="stable", ignore_index=True)
        who = candidates.spine.frame[c.CUSTOMER_ID].take(found["row"].to_numpy(dtype=np.intp)).array
        return found[columns].assign(**{c.CUSTOMER_ID: who})[[c.CUSTOMER_ID, *columns]]

    def _cases(self, candidates: Candidates) -> pd.DataFrame:
        """List open and recent cases, each once."""
        both = [open_cases(candidates, ()), opened_cases(candidates, (), self.recent)]
        return pd.concat(both).drop_duplicates(ignore_index=True)


def _reason(topic: str, product: str) -> str:
    return f"referral: {topic} -> {product}"
