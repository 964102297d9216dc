"""Features of what linked customers do together, such as a household or neighbors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nbo import columns as c
from nbo.features.builders.circles import Circles
from nbo.features.builders.linked_rows import LinkedPast
from nbo.features.builders.sales import SALES
from nbo.features.event_features import columns_there, computed
from nbo.features.feature import Feature
from nbo.features.past import Past
from nbo.features.window import ALL

__all__ = ["of_linked", "pooled", "sales_of_linked"]


def of_linked(feature: Feature, whom: str, data_type: str) -> Feature:
    """Say of a feature that it is about linked customers.

    Parameters
    ----------
    feature : Feature
    whom : str
        Such as "all members of the household at as_of together".
    data_type : str
        Of the builder: what others do says something else than what the customer does.

    Returns
    -------
    Feature
    """
    meaning = f"{feature.describe()['meaning'].removesuffix('.')}, of {whom}."
    return replace(feature, meaning=meaning, data_type=data_type)


def pooled(features: list[Feature], past: Past, circles: Circles) -> dict[str, Any]:
    """Compute features of the rows of whole circles as if they were those of one customer.

    Parameters
    ----------
    features : list of Feature
    past : Past
        Of n questions.
    circles : Circles

    Returns
    -------
    dict of str to array of shape (n,)
        By the names of the features.
    """
    linked = LinkedPast(past, circles)
    return linked.given(computed(features, linked))


def sales_of_linked(past: Past, windows: list[str], label: str) -> list[Feature]:
    """Make the features of what linked customers bought.

    Parameters
    ----------
    past : Past
    windows : list of str
    label : str
        Put behind the table in the names.

    Returns
    -------
    list of Feature
    """
    features = [Feature.of("transactions", "recency_days", label=label, where=SALES)]
    for window in dict.fromkeys((*windows, ALL)):
        features.append(Feature.of("transactions", "count", window, label=label, where=SALES))
        for column in columns_there(past.table("transactions"), c.AMOUNT, c.MARGIN):
            features.append(Feature.of("transactions", "sum", window, column, label=label, where=SALES))
    return features
