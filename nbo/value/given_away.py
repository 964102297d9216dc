"""What accepted offers gave away."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from nbo import columns as c
from nbo.features.answers import SUPERSEDED_AT, answers
from nbo.features.moments import moments
from nbo.features.windows import known_before
from nbo.tables import Catalog, CustomerTables
from nbo.tables.plain_values import MISSING_TIME
from nbo.value.cents import whole_cents
from nbo.value.entries import Entries
from nbo.value.span import Span

__all__ = ["given_away"]


def given_away(tables: CustomerTables, span: Span, kinds: Collection[str]) -> Entries:
    """Find what accepted offers of some kinds gave away, such as a discount, when they were accepted.

    An answer that another one has taken the place of before `as_of` does not count.

    Parameters
    ----------
    tables : CustomerTables
    span : Span
    kinds : collection of str
        Of offers in the catalog.

    Returns
    -------
    Entries
        Line given_away: the catalog's subsidy of the offer.
    """
    told = answers(tables.columns("outcomes"), tables.columns("decisions"))
    if not len(told) or not len(tables.get("catalog")):
        return Entries(told, np.empty(0, dtype=int), np.empty(0, dtype=np.int64), {"given_away": np.empty(0, np.int64)})
    happened, _ = moments(told)
    until, as_of = told.times(SUPERSEDED_AT), np.datetime64(span.as_of, "us").astype(np.int64)
    lasting = (until == MISSING_TIME) | (until >= as_of)
    said = told.codes(c.OUTCOME)
    yes = said.having([c.ACCEPT])[said.codes]
    rows = np.flatnonzero(known_before(told, span.as_of) & span.holds(happened) & lasting & yes)
    subsidies = {o.offer_id: o.subsidy for o in Catalog.from_frame(tables.get("catalog")) if o.kind in kinds}
    offers = told.codes(c.OFFER_ID)
    each = np.array([*(subsidies.get(text, 0.0) for text in offers.texts), 0.0])
    cents = {"given_away": whole_cents(each[offers.codes[rows]], "catalog.subsidy")}
    return Entries(told, rows, happened[rows], cents)
