"""Pairs of products, and whether they are bought together more often than chance has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.tables import Offer

__all__ = ["BundleCandidates"]

_SHOWN = 20


@dataclass(frozen=True, eq=False, repr=False)
class BundleCandidates:
    """Pairs of products, and whether they are bought together more often than chance has it.

    Made by :func:`~nbo.bundles.bundle_candidates`.

    Parameters
    ----------
    frame : DataFrame
        A row for each pair, the surest complements first: ``bundle_id``, ``product_1`` and ``product_2`` (in the order
        of the alphabet), ``n`` (baskets with both), ``expected`` (by chance), ``lift`` with ``lift_low`` and
        ``lift_high`` (n over expected, Garwood's interval), ``p_value``, ``q_value`` (adjusted for all pairs),
        ``relation`` ("complement", "substitute" or "unclear"), ``margin`` (of both; of each ``margin_1``,
        ``margin_2``) and ``price``: means of a sale, money; missing where not known.
    as_of : Timestamp
        What was known before it counts.
    unit : {"basket", "customer"}
        What is bought together.
    n_baskets, n_customers, n_products : int
        What they were found in.
    false_discovery_rate : float
        Which share of the complements and substitutes may be wrong in expectation.
    level : float
        Of the intervals.
    """

    frame: pd.DataFrame
    as_of: pd.Timestamp
    unit: str
    n_baskets: int
    n_customers: int
    n_products: int
    false_discovery_rate: float
    level: float

    @property
    def complements(self) -> pd.DataFrame:
        """Rows of the complements, the surest first."""
        return self._of("complement")

    @property
    def substitutes(self) -> pd.DataFrame:
        """Rows of the substitutes, the surest first."""
        return self._of("substitute").iloc[::-1].reset_index(drop=True)

    def _of(self, relation: str) -> pd.DataFrame:
        return self.frame[self.frame["relation"] == relation].reset_index(drop=True)

    def to_offers(
        self, discount: float = 0.0, *, k: int | None = None, channels: Sequence[str] = (), cost: float = 0.0
    ) -> list[Offer]:
        """Make the complements offers: fixed bundles, which the rule Owned refuses to who owns a part.

        Parameters
        ----------
        discount : float, default=0.0
            What both together cost less, money. It is taken off the value, and is the subsidy: what those get, too, who
            would have bought both anyway.
        k : int, optional
            Most offers, the surest complements; by default all.
        channels : sequence of str, default=()
            Channels that can carry them; empty: any.
        cost : float, default=0.0
            Cost of making an offer, money.

        Returns
        -------
        list of Offer
            With ``value``, the mean margin of both less the discount.

        Raises
        ------
        InputError
            If a number is not allowed, or there are complements whose margin is not known.

        Examples
        --------
        >>> pair = {"bundle_id": "a + b", "product_1": "a", "product_2": "b", "relation": "complement", "margin": 9.0}
        >>> moment = pd.Timestamp("2026-06-30")
        >>> found = BundleCandidates(pd.DataFrame([pair]), moment, "basket", 50, 20, 2, 0.05, 0.95)
        >>> found.to_offers(discount=2.0)[0].value
        7.0
        """
        check_number(discount, "discount", "0 or more", lambda given: 0 <= given < np.inf)
        rows = self.complements
        if k is not None:
            rows = rows.head(check_number(k, "k", "1 or more", lambda given: given >= 1, whole=True))
        unknown = rows["margin"].isna()
        if unknown.any():
            raise InputError(
                f"offers need a margin; transactions tell none for {int(unknown.sum())} of {len(rows)} complements, "
                f"first {rows['bundle_id'][unknown].iloc[0]!r}. Add the column margin to transactions."
            )
        parts = zip(rows["bundle_id"], rows["product_1"], rows["product_2"], rows["margin"], strict=True)
        return [
            Offer(
                bundle_id,
                value=float(margin) - discount,
                cost=cost,
                channels=tuple(channels),
                name=bundle_id,
                kind="bundle",
                products=(first, second),
                bundle="fixed",
                subsidy=discount,
            )
            for bundle_id, first, second, margin in parts
        ]

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        found = {relation: int((self.frame["relation"] == relation).sum()) for relation in ("complement", "substitute")}
        what = "baskets" if self.unit == "basket" else "customers"
        return (
            f"Of {len(self):,} pairs of {self.n_products:,} products in {self.n_baskets:,} {what}, "
            f"{found['complement']:,} are complements and {found['substitute']:,} substitutes; "
            f"{self.false_discovery_rate:.0%} of those may be chance."
        )

    def _repr_html_(self) -> str:
        told = ["bundle_id", "n", "expected", "lift", "lift_low", "lift_high", "q_value", "relation", "margin", "price"]
        rows = self.frame[told].head(_SHOWN)
        shown = rows.to_html(index=False, float_format="{:,.3g}".format, border=0, na_rep="")
        return f"<p>{self!r}</p>{shown}"
