"""The parts that a next-best-offer object makes itself where it was given none."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np
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
        Its parts are set. What was given is copied, without what it has learnt, so that no two
        models share a part; what an earlier call made is made anew.
    tables : CustomerTables

    Raises
    ------
    InputError
        If there is no catalog.
    """
    for name, part in model._made.items():
        if getattr(model, name) is part:
            setattr(model, name, None)
    makers = {"catalog": _catalog, "features": _features, "policy": _policy}
    wanted = [name for name in makers if getattr(model, name) is None]
    model.features = copy.deepcopy(model.features)
    for name in ("propensity", "churn", "clv", "segmenter", "policy"):
        part = getattr(model, name)
        setattr(model, name, None if part is None else clone(part))
    for name in wanted:
        setattr(model, name, makers[name](model, tables))
    if model.uplift is not None:
        _check_uplift(model)
    model._made = {name: getattr(model, name) for name in wanted}


def _check_uplift(model: NextBestOffer) -> None:
    known = getattr(model.uplift, "treatments_", None)
    if known is None:
        raise InputError("uplift must be fitted before: it learns from an experiment, not from the tables.")
    offers = model.catalog.offer_ids
    if not set(known.tolist()) & set(offers):
        raise InputError(
            f"uplift must know offers of the catalog as treatments; it knows {', '.join(map(str, known[:3]))}, "
            f"the catalog holds {', '.join(offers[:3])}."
        )


def _catalog(model: NextBestOffer, tables: CustomerTables) -> Catalog:
    if not tables.has("catalog"):
        raise InputError("there is no catalog: give NextBestOffer(catalog=...) or the table `catalog`.")
    return Catalog.from_frame(tables.get("catalog"))


def _features(model: NextBestOffer, tables: CustomerTables) -> FeatureSet:
    return FeatureSet.default(tables)


def _policy(model: NextBestOffer, tables: CustomerTables) -> SegmentThompson:
    catalog = model.catalog
    return SegmentThompson(
        catalog.offer_ids,
        catalog.values,
        catalog.costs,
        model.random_state,
        min_probability=_EXPLORED / len(catalog),
        window=model.window,
        attributes=_attributes(catalog),
    )


def _attributes(catalog: Catalog) -> dict[str, list[str]]:
    """Name what offers have in common: category, kind, and a third of the range of values."""
    bands = np.searchsorted(np.quantile(catalog.values, [1 / 3, 2 / 3]), catalog.values, side="left")
    named = {}
    for offer, band in zip(catalog, bands.tolist(), strict=True):
        given = {"category": offer.category, "kind": offer.kind, "value": ("low", "middle", "high")[band]}
        named[offer.offer_id] = [f"{name}={text}" for name, text in given.items() if text is not None]
    return named
