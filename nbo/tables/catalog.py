"""All that can be offered, in a fixed order."""

from __future__ import annotations

import json
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
from nbo.tables.treatment import Treatment
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
    c.PRODUCTS,
    c.BUNDLE,
    c.SUBSIDY,
    c.CLV_CHANGE,
    c.TREATMENTS,
)
_LISTS = (c.CHANNELS, c.PRODUCTS)
_TEXTS = (c.CATEGORY, c.KIND, c.CUSTOMER_TYPE, c.BUNDLE, c.TREATMENTS, *_LISTS)


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
        """Give the offers as a frame, one a row, channels and products as text with ``|`` between, treatments as JSON.

        Returns
        -------
        DataFrame of shape (k, 16)
        """
        rows = [{**asdict(offer), **_as_texts(offer)} for offer in self]
        frame = pd.DataFrame(rows)[list(_FIELDS)]
        times = {name: pd.to_datetime(frame[name]).astype("datetime64[us]") for name in (c.VALID_FROM, c.VALID_UNTIL)}
        texts = {name: frame[name].astype("str") for name in _TEXTS}
        return frame.assign(**times, **texts, **{c.CAPACITY: frame[c.CAPACITY].astype(float)})


def _as_texts(offer: Offer) -> dict[str, str | None]:
    ways = json.dumps([way.to_dict() for way in offer.treatments]) if offer.treatments else None
    return {**{name: "|".join(getattr(offer, name)) for name in _LISTS}, c.TREATMENTS: ways}


def _offer(row: dict[str, Any]) -> Offer:
    given = {name: row[name] for name in _FIELDS if name in row}
    lists = {name: given.pop(name, None) for name in _LISTS}
    known = {name: value for name, value in given.items() if not pd.isna(value)}
    for name, texts in lists.items():
        if isinstance(texts, str):
            known[name] = tuple(part.strip() for part in texts.split("|") if part.strip())
        elif texts is not None and not np.isscalar(texts):
            known[name] = tuple(map(str, texts))
    if c.OFFER_ID not in known:
        raise InputError("offer_id must be there in every row of the catalog.")
    if c.TREATMENTS in known:
        known[c.TREATMENTS] = _treatments(known[c.TREATMENTS], known[c.OFFER_ID])
        # The treatments name them.
        known.pop(c.CHANNELS, None)
    return Offer(**{**known, c.OFFER_ID: str(known[c.OFFER_ID])})


def _treatments(text: str, offer_id: str) -> tuple[Treatment, ...]:
    try:
        return tuple(Treatment(**way) for way in json.loads(text))
    except (TypeError, ValueError) as error:
        raise InputError(
            f"treatments of offer {offer_id!r} must be a JSON list of objects with channel, creative, placement, slot, "
            f"cost or weight; got {text!r}: {error}."
        ) from error
