"""Customers who accept the same offers, as the leaves of a shallow tree."""

from __future__ import annotations

from typing import Any, Final, Self

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_frame, check_numbers, check_probabilities
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.segments.design import Design
from nbo.segments.labels.same_order import check_same_order
from nbo.segments.tree_segmenter import TreeSegmenter
from nbo.segments.tree_size import best_size

__all__ = ["AcceptanceTreeSegmenter"]

# A decision of probability below 1 / _HEAVIEST weighs like one of that probability.
_HEAVIEST: Final = 100.0


class AcceptanceTreeSegmenter(TreeSegmenter):
    """Segment customers by which offers they accept.

    A regression tree with one output per offer parts the customers so that within a leaf they
    accept alike. A decision's output is its acceptance above the offer's mean, over the
    probability with which the offer was drawn, so a leaf's mean does not depend on whom the
    logging policy served what. Each output is scaled to the same variance. The number of
    leaves is the smallest that explains held-out decisions as well as the best does, within one
    standard error: without evidence for segments there is one.

    Parameters
    ----------
    max_segments : int, default=16
        Most segments.
    min_customers : int, default=200
        Fewest rows of a segment.
    random_state : int, default=0
        Seed of the halves, of which each measures the tree of the other.

    Attributes
    ----------
    design_ : Design
        Encoding of the features.
    tree_ : Tree
        The tree; its leaves from left to right are "s01", "s02" ...
    table_ : DataFrame
        What :meth:`describe` gives: also `best_offer`, the offer most accepted by the segment's
        rows, and `best_rate`, its weighted acceptance rate (as seen, not shrunk).

    References
    ----------
    .. [1] Breiman, L., Friedman, J. H., Olshen, R. A. and Stone, C. J. (1984). Classification and
       regression trees. Wadsworth. Section 3.4 for the rule of one standard error.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"age": rng.uniform(20, 60, 4000)})
    >>> offer = rng.choice(["card", "loan"], 4000)
    >>> accepted = (offer == "card") == (X["age"] < 40)
    >>> segmenter = AcceptanceTreeSegmenter().fit(X, accepted, offer, np.full(4000, 0.5))
    >>> segmenter.predict(pd.DataFrame({"age": [25, 55]})).tolist()
    ['s01', 's02']
    """

    def __init__(self, max_segments: int = 16, min_customers: int = 200, random_state: int = 0) -> None:
        self.max_segments = max_segments
        self.min_customers = min_customers
        self.random_state = random_state

    def fit(
        self,
        X: pd.DataFrame,
        accepted: np.ndarray | None = None,
        offer_id: np.ndarray | None = None,
        action_probability: np.ndarray | None = None,
    ) -> Self:
        """Grow the tree; see :meth:`Segmenter.fit`.

        `accepted` and `offer_id` are needed. Without `action_probability`, or where it is
        missing, an offer's share of all decisions takes its place. Decisions to make no offer
        are left out. Without any decision everyone is in one segment.
        """
        for name in ("max_segments", "min_customers"):
            check_number(getattr(self, name), name, "1 or more", lambda number: number >= 1, whole=True)
        X = check_frame(X, "X")
        for name, given in (("accepted", accepted), ("offer_id", offer_id), ("action_probability", action_probability)):
            check_same_order(given, X.index, name)
        X = X.reset_index(drop=True)
        reward, offer, weight = _answers(len(X), accepted, offer_id, action_probability)
        made = (offer != c.NO_OFFER).to_numpy()
        X, reward, offer, weight = X[made], reward[made], offer[made], weight[made]
        self.design_ = Design.of(X)
        matrix = self.design_.matrix(X)
        output = _outputs(reward, offer, weight)
        size = best_size(self._grow_half, matrix, output, self.max_segments, self.random_state) if len(matrix) else 1
        self.tree_ = self._grow(matrix, output, size, self.min_customers)
        self.table_ = self._described(matrix, reward, offer, weight)
        return self

    def _described(self, matrix: np.ndarray, reward: np.ndarray, offer: pd.Series, weight: np.ndarray) -> pd.DataFrame:
        leaves = self.tree_.leaves
        rules = self.tree_.rules(self.design_, np.isnan(matrix).any(axis=0))
        rows = pd.DataFrame(
            {"leaf": self.tree_.apply(matrix), "offer": offer.to_numpy(), "won": weight * reward, "weight": weight}
        )
        sums = rows.groupby(["leaf", "offer"])[["won", "weight"]].sum()
        rates = (sums["won"] / sums["weight"]).unstack().reindex(leaves)
        n = rows["leaf"].value_counts().reindex(leaves, fill_value=0).to_numpy()
        seen = rates.notna().any(axis=1).to_numpy()
        filled = rates.fillna(-1.0)
        best = [str(filled.loc[leaf].idxmax()) if known else None for leaf, known in zip(leaves, seen, strict=True)]
        return pd.DataFrame(
            {
                c.SEGMENT: pd.array(self._names(), dtype="str"),
                "rule": pd.array([rules[leaf] for leaf in leaves], dtype="str"),
                "n": n,
                "share": n / max(len(matrix), 1),
                "best_offer": pd.array(best, dtype="str"),
                "best_rate": np.where(seen, filled.max(axis=1), np.nan) if seen.any() else np.full(len(leaves), np.nan),
            }
        )


def _answers(n: int, accepted: Any, offer_id: Any, action_probability: Any) -> tuple[np.ndarray, pd.Series, np.ndarray]:
    """Check rewards and offers, and turn probabilities into weights."""
    if accepted is None or offer_id is None:
        raise InputError("fit needs `accepted` and `offer_id`: who accepts what makes the segments.")
    reward = check_probabilities(accepted, "accepted")
    offer = pd.Series(np.asarray(offer_id, dtype=object), dtype="str")
    for name, length in (("accepted", len(reward)), ("offer_id", len(offer))):
        if length != n:
            raise InputError(f"{name} must have one value for each of the {n} rows of X; got {length}.")
    if offer.isna().any():
        raise InputError(f"offer_id must be there in every row; {offer.isna().sum()} of {n} are missing.")
    share = offer.map(offer.value_counts(normalize=True)).to_numpy(dtype=float)
    given = pd.Series(share if action_probability is None else check_numbers(action_probability, "action_probability"))
    if len(given) != n:
        raise InputError(f"action_probability must have one value for each of the {n} rows of X; got {len(given)}.")
    stated = check_probabilities(given.fillna(pd.Series(share)), "action_probability", zero=False)
    return reward, offer, np.minimum(1 / stated, _HEAVIEST)


def _outputs(reward: np.ndarray, offer: pd.Series, weight: np.ndarray) -> np.ndarray:
    """Weighted acceptance above the offer's mean, one column of unit variance per offer with both answers."""
    columns = []
    for name in sorted(offer.unique()):
        here = (offer == name).to_numpy()
        mean = (weight * reward)[here].sum() / weight[here].sum()
        column = np.where(here, weight * (reward - mean), 0.0)
        if column.std() > 0:
            columns.append(column / column.std())
    return np.column_stack(columns) if columns else np.zeros((len(reward), 0))
