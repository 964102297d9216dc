"""All that can be offered, in a fixed order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.tables.customer_tables import CustomerTables
from nbo.tables.offer import Offer
from nbo.times import check_time

__all__ = ["Catalog"]

_FIELDS = (
    c.OFFER_ID,
    c.NAME,
    c.CATEGORY,
    c.KIND,
    c.VALUE,
    c.COST,
    c.CHANNELS,
    c.VALID_FROM,
    c.VALID_UNTIL,
    c.CUSTOMER_TYPE,
    c.CAPACITY,
)


class Catalog:
    """All that can be offered, in a fixed order.

    Parameters
    ----------
    offers : iterable of Offer
        At least one; ids differ.

    Raises
    ------
    InputError
        If there is none, or an id stands twice.

    Examples
    --------
    >>> catalog = Catalog([Offer("card", value=40.0), Offer("loan", value=90.0, cost=2.0)])
    >>> catalog.offer_ids, catalog.costs.tolist()
    (['card', 'loan'], [0.0, 2.0])
    """

    def __init__(self, offers: Iterable[Offer]) -> None:
        offers = list(offers) if isinstance(offers, Iterable) else [offers]
        wrong = [offer for offer in offers if not isinstance(offer, Offer)]
        if wrong:
            raise TypeError(f"offers must be Offer objects; got a {type(wrong[0]).__name__}. See Catalog.from_frame.")
        self._offers = {offer.offer_id: offer for offer in offers}
        if not offers:
            raise InputError("a catalog must have at least one offer; got none.")
        ids = [offer.offer_id for offer in offers]
        if len(self._offers) < len(ids):
            twice = next(offer_id for i, offer_id in enumerate(ids) if offer_id in ids[:i])
            raise InputError(f"offer ids must differ; {twice!r} stands {ids.count(twice)} times.")

    def __len__(self) -> int:
        return len(self._offers)

    def __iter__(self) -> Iterator[Offer]:
        return iter(self._offers.values())

    def __contains__(self, offer_id: object) -> bool:
        return offer_id in self._offers

    def __getitem__(self, offer_id: str) -> Offer:
        if offer_id not in self._offers:
            raise KeyError(f"no offer {offer_id!r} in the catalog; it has {', '.join(self._offers)}.")
        return self._offers[offer_id]

    def __repr__(self) -> str:
        return f"Catalog({len(self)} offers: {', '.join(self._offers)})"

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, na_rep=""))

    @property
    def offer_ids(self) -> list[str]:
        """Ids, in the catalog's order."""
        return list(self._offers)

    @property
    def values(self) -> np.ndarray:
        """Money if accepted, ndarray of shape (k,)."""
        return np.array([offer.value for offer in self])

    @property
    def costs(self) -> np.ndarray:
        """Cost of making each offer, ndarray of shape (k,), money."""
        return np.array([offer.cost for offer in self])

    def valid_at(self, as_of: Any) -> np.ndarray:
        """Tell which offers can be made at a moment.

        Parameters
        ----------
        as_of : Timestamp or str
            A moment, UTC.

        Returns
        -------
        ndarray of bool, shape (k,)
        """
        moment = check_time(as_of)
        return np.array(
            [
                (offer.valid_from is None or offer.valid_from <= moment)
                and (offer.valid_until is None or moment < offer.valid_until)
                for offer in self
            ]
        )

    @classmethod
    def from_frame(cls, frame: Any) -> Catalog:
        """Take the offers of a frame, one a row.

        Parameters
        ----------
        frame : DataFrame
            Columns as in the contract of the table `catalog`; only `offer_id` is needed.

        Returns
        -------
        Catalog

        Raises
        ------
        InputError
            If a row is not an offer.
        """
        table = CustomerTables(catalog=check_frame(frame, "catalog")).get("catalog")
        check_columns(table, [c.OFFER_ID], "catalog")
        return cls(_offer({str(name): value for name, value in row.items()}) for row in table.to_dict("records"))

    def to_frame(self) -> pd.DataFrame:
        """Give the offers as a frame, one a row, channels as text with ``|`` between.

        Returns
        -------
        DataFrame of shape (k, 11)
        """
        rows = [{**asdict(offer), c.CHANNELS: "|".join(offer.channels)} for offer in self]
        frame = pd.DataFrame(rows)[list(_FIELDS)]
        times = {name: pd.to_datetime(frame[name]).astype("datetime64[us]") for name in (c.VALID_FROM, c.VALID_UNTIL)}
        texts = {name: frame[name].astype("str") for name in (c.CATEGORY, c.KIND, c.CUSTOMER_TYPE, c.CHANNELS)}
        return frame.assign(**times, **texts, **{c.CAPACITY: frame[c.CAPACITY].astype(float)})


def _offer(row: dict[str, Any]) -> Offer:
    given = {name: row[name] for name in _FIELDS if name in row}
    channels = given.pop(c.CHANNELS, None)
    known = {name: value for name, value in given.items() if not pd.isna(value)}
    if isinstance(channels, str):
        known[c.CHANNELS] = tuple(part.strip() for part in channels.split("|") if part.strip())
    elif channels is not None and not np.isscalar(channels):
        known[c.CHANNELS] = tuple(map(str, channels))
    if c.OFFER_ID not in known:
        raise InputError("offer_id must be there in every row of the catalog.")
    return Offer(**{**known, c.OFFER_ID: str(known[c.OFFER_ID])})
