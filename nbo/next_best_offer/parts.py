"""The parts that a next-best-offer object makes itself where it was given none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sklearn.base import clone

from nbo.errors import InputError
from nbo.features import FeatureSet
from nbo.policies import SegmentThompson
from nbo.tables import Catalog, CustomerTables

if TYPE_CHECKING:
    from nbo.next_best_offer.next_best_offer import NextBestOffer

__all__ = ["choose_parts"]

# Share of the decisions that the default policy spreads evenly, so that every offer stays measurable.
_EXPLORED = 0.02


def choose_parts(model: NextBestOffer, tables: CustomerTables) -> None:
    """Make the catalog, the features and the policy from the tables where none was given.

    Parameters
    ----------
    model : NextBestOffer
        Its parts are set; a policy that was given is copied without what it has learnt.
    tables : CustomerTables

    Raises
    ------
    InputError
        If there is no catalog.
    """
    if model.catalog is None:
        if not tables.has("catalog"):
            raise InputError("there is no catalog: give NextBestOffer(catalog=...) or the table `catalog`.")
        model.catalog = Catalog.from_frame(tables.get("catalog"))
    if model.features is None:
        model.features = FeatureSet.default(tables)
    if model.policy is not None:
        model.policy = clone(model.policy)
        return
    ids, values, costs = model.catalog.offer_ids, model.catalog.values, model.catalog.costs
    floor = _EXPLORED / len(ids)
    model.policy = SegmentThompson(ids, values, costs, model.random_state, min_probability=floor)
