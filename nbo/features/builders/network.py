"""Features of the customers that a customer is related to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from nbo import columns as c
from nbo.features.base import FeatureBuilder, check_windows
from nbo.features.builders.contacts import ACCEPTED, acceptance_rate, answer
from nbo.features.builders.linked_features import of_linked, pooled, sales_of_linked
from nbo.features.builders.neighbors import Neighbors
from nbo.features.builders.sales import SALES
from nbo.features.combined import difference, ratio
from nbo.features.feature import Feature, feature_name
from nbo.features.past import Past
from nbo.features.window import ALL, Window
from nbo.times import check_duration

__all__ = ["NetworkFeatures"]

_LABEL = "neighbors"
_WHOM = "all customers related at as_of together"
_DATA_TYPE = "social"
_DEGREE, _STRENGTH = "degree", "strength"


class NetworkFeatures(FeatureBuilder):
    """Features of the customers that a customer is related to: how many, how closely, and what they do.

    Neighbors are as of the question's moment: those at the other end of an edge that held and was
    known before it. An edge of several rows holds as its latest says; weight 0 ends it. What neighbors
    did counts up to the moment, as far as it was known: what they bought, how they answered our
    offers, what they said, and how many of them have fallen silent.

    A customer's columns need rows of its neighbors: where tables are split, they must be there too.
    So the builder is not among those of ``FeatureSet.default``. Without neighbors, counts and sums
    are 0 and all else is missing.

    Parameters
    ----------
    windows : sequence of str, default=("30D", "90D", "365D")
        Lengths of time before `as_of`.
    top : int, default=3
        How many kinds of relationships get columns of their own.
    churn_window : str, default="90D"
        A neighbor who has bought before, but not in this time, counts as lost.
    both_ends : bool, default=True
        Whether an edge counts for both of its ends, or for `customer_id` alone.

    Attributes
    ----------
    features_ : list of Feature
        The columns, fixed by `fit`.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import CustomerTables, Spine
    >>> edges = pd.DataFrame({"customer_id": ["ann", "ann"], "related_id": ["bob", "cy"]})
    >>> sales = pd.DataFrame({"customer_id": ["bob", "cy"], "event_time": ["2026-06-29", "2025-12-01"]})
    >>> tables, spine = CustomerTables(relationships=edges, transactions=sales), Spine.at("2026-06-30", ["ann", "bob"])
    >>> X = NetworkFeatures().fit(tables, spine).build(tables, spine)
    >>> X[["relationships__degree", "transactions_neighbors__lost_share__90D"]].values.tolist()
    [[2.0, 0.5], [1.0, nan]]
    """

    data_type = "social"
    tables = ("relationships", "transactions", "decisions", "outcomes", "social")
    by_default: ClassVar[bool] = False
    links = (c.RELATED_ID,)

    def __init__(
        self,
        windows: Sequence[str] = ("30D", "90D", "365D"),
        top: int = 3,
        churn_window: str = "90D",
        both_ends: bool = True,
    ) -> None:
        self.windows = windows
        self.top = top
        self.churn_window = churn_window
        self.both_ends = both_ends

    def _plan(self, past: Past) -> list[Feature]:
        windows = check_windows(self.windows)
        check_duration(self.churn_window, "churn_window")
        features = [_edges(_DEGREE, "", "Number of customers related at as_of.")]
        edges = past.table("relationships")
        kinds = past.top_values("relationships", c.KIND, self.top) if c.KIND in edges else []
        features += [_edges(_DEGREE, kind, f"Number of customers related as {kind} at as_of.") for kind in kinds]
        if c.WEIGHT in edges:
            features.append(_edges(_STRENGTH, "", "Sum of the weights of all relationships at as_of."))
            features += [
                _edges(_STRENGTH, kind, f"Sum of the weights of relationships as {kind} at as_of.") for kind in kinds
            ]
        return features + [of_linked(feature, _WHOM, _DATA_TYPE) for feature in self._of_neighbors(past, windows)]

    def _of_neighbors(self, past: Past, windows: list[str]) -> list[Feature]:
        features: list[Feature] = []
        if past.has("transactions"):
            features += sales_of_linked(past, windows, _LABEL)
            features += [_buyers(window) for window in windows] + [_lost(self.churn_window)]
        if past.has("decisions") and past.has("outcomes"):
            for window in dict.fromkeys((*windows, ALL)):
                features += [answer("count", window, ACCEPTED, label=_LABEL), acceptance_rate(window, label=_LABEL)]
        if past.has("social") and c.SENTIMENT in past.table("social"):
            features += [Feature.of("social", "mean", window, c.SENTIMENT, label=_LABEL) for window in windows]
        return features

    def _columns(self, past: Past) -> dict[str, Any]:
        neighbors = Neighbors.of(past, self.both_ends)
        of_edges = [feature for feature in self.features_ if feature.aggregate in (_DEGREE, _STRENGTH)]
        found = pooled([f for f in self.features_ if f not in of_edges], past, neighbors.circles())
        for feature in of_edges:
            kind = feature.pivot[0][1] if feature.pivot else ""
            if feature.aggregate == _STRENGTH:
                found[feature.feature] = neighbors.weights(kind)
            else:
                found[feature.feature] = neighbors.count(kind) if kind else neighbors.degree()
        return found


def _edges(aggregate: str, kind: str, meaning: str) -> Feature:
    pivot = ((c.KIND, kind),) if kind else ()
    column, unit = (c.WEIGHT, "") if aggregate == _STRENGTH else (c.RELATED_ID, "people")
    name = feature_name("relationships", aggregate, pivot=pivot)
    return Feature(name, "relationships", column, aggregate, pivot=pivot, unit=unit, meaning=meaning)


def _bought(window: str) -> Feature:
    """Count the neighbors who bought."""
    return Feature.of("transactions", "distinct", window, c.CUSTOMER_ID, label=_LABEL, where=SALES)


def _buyers(window: str) -> Feature:
    meaning = f"Number of customers with completed sales {Window.of(window).words}."
    name = feature_name(f"transactions_{_LABEL}", "buyers", window)
    return Feature.of("transactions", "distinct", window, c.CUSTOMER_ID, name=name, where=SALES, meaning=meaning)


def _lost(window: str) -> Feature:
    """Say which share of the neighbors who ever bought did not buy lately."""
    silent = difference("silent", _bought(ALL), _bought(window), "")
    meaning = f"Share of those who bought before as_of that did not buy {Window.of(window).words}."
    name = feature_name(f"transactions_{_LABEL}", "lost_share", window)
    return ratio(name, silent, _bought(ALL), meaning, "share", window=window, column=c.CUSTOMER_ID, where=SALES)
