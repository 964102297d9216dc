"""Who anonymous visitors turned out to be."""

from __future__ import annotations

import pandas as pd

from nbo import columns as c

__all__ = ["with_visitors"]


def with_visitors(events: pd.DataFrame, identities: pd.DataFrame) -> pd.DataFrame:
    """Give the events of anonymous visitors to the customers they turned out to be.

    Parameters
    ----------
    events, identities : DataFrame
        As their contracts say.

    Returns
    -------
    DataFrame
        The events; those of a visitor who is known have the customer's id, and `known_at` is not before the link.
        Ids stay what they are, also where visitors have text and customers numbers.
    """
    links = identities.sort_values(c.EVENT_TIME, kind="stable").drop_duplicates(c.ANONYMOUS_ID)
    own = events[c.CUSTOMER_ID]
    link = pd.Index(links[c.ANONYMOUS_ID]).get_indexer(pd.Index(own))
    resolved, found = link >= 0, links.iloc[link[link >= 0]]
    same = own.dtype == links[c.CUSTOMER_ID].dtype and not isinstance(own.dtype, pd.CategoricalDtype)
    customer = own.copy() if same else own.astype(object)
    customer[resolved] = found[c.CUSTOMER_ID].to_numpy()
    known = events[c.KNOWN_AT].fillna(events[c.EVENT_TIME]) if c.KNOWN_AT in events else events[c.EVENT_TIME].copy()
    linked_at = known.copy()
    linked_at[resolved] = found[c.EVENT_TIME].to_numpy()
    later = known.where(known >= linked_at, linked_at)
    return events.assign(**{c.CUSTOMER_ID: customer.infer_objects(), c.KNOWN_AT: later})
