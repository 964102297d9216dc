"""How many customers are expected to get what."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.simulation.mean_error import mean_error
from nbo.arbitration.simulation.scenario import Scenario

__all__ = ["offer_distribution"]

_NONE = "none"


def offer_distribution(scenario: Scenario, other: Scenario | None = None) -> pd.DataFrame:
    """Tell how many customers are expected to get what, under one set of rules or two.

    Parameters
    ----------
    scenario : Scenario
        A: n customers.
    other : Scenario, optional
        B: the same customers and catalog.

    Returns
    -------
    DataFrame
        `dimension` (any, offer_id, category, kind, channel), `name`, and for A `offers_a` (expected number) and
        `share_a` (of all customers). With B also `offers_b`, `share_b`, `difference` (share B minus share A) and
        its `standard_error` over customers, who are taken as a sample.

    Examples
    --------
    >>> from nbo.arbitration import Candidates, Scenario
    >>> from nbo.policies import Uniform
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> spine, catalog = Spine.at("2026-06-30", ["ann", "bob"]), Catalog([Offer("card"), Offer("loan")])
    >>> candidates = Candidates.of(CustomerTables(), spine, catalog, segments=np.array(["s", "s"]))
    >>> scenario = Scenario.of(candidates, np.full((2, 2), 0.1), Uniform(["card", "loan"]))
    >>> offer_distribution(scenario).set_index("name")["share_a"].to_dict()
    {'an offer': 1.0, 'no offer': 0.0, 'card': 0.5, 'loan': 0.5}
    """
    if other is None:
        alone = [(*key, made.sum(), made.mean()) for key, made in _shares(scenario)]
        return pd.DataFrame(alone, columns=["dimension", "name", "offers_a", "share_a"])
    mine, its, nothing = dict(_shares(scenario)), dict(_shares(other)), np.zeros(len(scenario.context))
    rows = []
    for key in dict.fromkeys([*mine, *its]):
        made, made_b = mine.get(key, nothing), its.get(key, nothing)
        change = made_b - made
        rows.append((*key, made.sum(), made.mean(), made_b.sum(), made_b.mean(), change.mean(), mean_error(change)))
    names = ["dimension", "name", "offers_a", "share_a", "offers_b", "share_b", "difference", "standard_error"]
    return pd.DataFrame(rows, columns=names)


def _shares(scenario: Scenario) -> Iterator[tuple[tuple[str, str], np.ndarray]]:
    """Give the chance of each customer to get something, ndarray of shape (n,), by dimension and name."""
    made, left = scenario.made, scenario.left
    any_offer = made.sum(axis=1)
    yield ("any", "an offer"), any_offer
    # Where the chances sum to 1 but for rounding, there is nobody without an offer.
    yield ("any", "no offer"), np.clip(1.0 - any_offer, 0.0, 1.0)
    for column, offer_id in enumerate(left.catalog.offer_ids):
        yield (c.OFFER_ID, offer_id), made[:, column]
    for dimension in (c.CATEGORY, c.KIND):
        named = np.array([getattr(offer, dimension) or _NONE for offer in left.catalog], dtype=object)
        if (named != _NONE).any():
            for name in dict.fromkeys(named):
                yield (dimension, name), made[:, named == name].sum(axis=1)
    if any(left.channels):
        channel = np.array([*left.channels, ""], dtype=object)[left.channel]
        for name in dict.fromkeys(left.channels):
            yield (c.CHANNEL, name or "any"), np.where(channel == name, made, 0.0).sum(axis=1)
