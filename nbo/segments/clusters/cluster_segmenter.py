"""Clusters of customers who do and need alike, as many as are stable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.segments.base import Segmenter
from nbo.segments.clusters.bootstraps import bootstrap_stability, jaccard, k_means, stable_numbers
from nbo.segments.clusters.choose_k import choose_k
from nbo.segments.clusters.mixed_scale import MixedScale
from nbo.segments.clusters.traits import TRAIT_COLUMNS, cluster_traits, in_words
from nbo.states import check_parts

__all__ = ["ClusterSegmenter"]

# Rows labeled at once, and fewest rows of a sample for each cluster that is tried.
_CHUNK: Final = 50_000
_ROWS_EACH: Final = 10


class ClusterSegmenter(Segmenter):
    """Put customers who do and need alike into clusters, as many as are stable.

    Features of mixed types are put on one scale (see
    :class:`~nbo.segments.clusters.mixed_scale.MixedScale` for how, and for what is missing) and
    clustered by k-means. The number of clusters must be stable: two bootstrap samples must give nearly the same
    labels [1]_, and the clusters must explain more than those of a cloud of the same covariance that has none. Of the
    stable numbers, a larger one is taken if it explains more than it would by cutting clouds, see
    :func:`~nbo.segments.clusters.choose_k.choose_k`. Where no number is stable, there is one cluster.

    Parameters
    ----------
    columns : sequence of str, optional
        Features to use; all by default.
    k : int, optional
        Number of clusters. By default it is chosen.
    k_range : (int, int), default=(2, 8)
        Smallest and largest number to try.
    needs : sequence of str, default=()
        Features of what customers want, such as answers to surveys, among `columns`.
    needs_share : float, default=0.5
        Share of the variance that `needs` have, in (0, 1), so that many features of behavior do not drown them.
    weights : mapping of str to float, optional
        By which squared distances count: of a feature, or of a data type, named as the features' names begin
        ("events" for ``events__count``). 1 by default.
    bootstraps : int, default=20
        Pairs of samples, 2 or more.
    min_stability : float, default=0.75
        Smallest mean agreement (adjusted Rand index) of two samples that counts as stable.
    sample : int, default=5000
        Most customers to learn from, drawn by chance; all are labeled.
    random_state : int, default=0
        Seed of all draws.

    Attributes
    ----------
    scale_ : MixedScale
        How features become distances.
    centers_ : ndarray of shape (n_clusters, p)
        Means on the scale, the largest cluster first.
    stability_ : DataFrame
        One row per number tried: `k`, `stability` (mean adjusted Rand index), `low`, `high`, `gap` and `apart`; see
        :func:`~nbo.segments.clusters.bootstraps.bootstrap_stability`.
    traits_ : DataFrame
        By what each cluster differs; see :func:`~nbo.segments.clusters.traits.cluster_traits`.
    table_ : DataFrame
        What :meth:`describe` gives: also `jaccard`, how well the cluster is found again in samples [2]_: dissolved
        below 0.6, stable from 0.75 on.

    References
    ----------
    .. [1] Fang, Y. and Wang, J. (2012). Selection of the number of clusters via the bootstrap method. Computational
       Statistics and Data Analysis 56, 468-477.
    .. [2] Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics and Data
       Analysis 52, 258-271.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> wants = np.repeat(["price", "advice", "price"], [300, 200, 100])
    >>> visits = np.repeat([30.0, 2, 2], [300, 200, 100]) + rng.normal(size=600)
    >>> calls = np.repeat([0.0, 9, 4], [300, 200, 100]) + rng.normal(size=600)
    >>> X = pd.DataFrame({"wants": wants, "visits": visits, "calls": calls})
    >>> clusters = ClusterSegmenter(bootstraps=5).fit(X)
    >>> clusters.describe()["n"].tolist()
    [300, 200, 100]
    >>> clusters.predict(pd.DataFrame({"wants": ["advice"], "visits": [1], "calls": [9]})).tolist()
    ['c2']
    """

    def __init__(
        self,
        columns: Sequence[str] | None = None,
        k: int | None = None,
        k_range: tuple[int, int] = (2, 8),
        needs: Sequence[str] = (),
        needs_share: float = 0.5,
        weights: Mapping[str, float] | None = None,
        bootstraps: int = 20,
        min_stability: float = 0.75,
        sample: int = 5000,
        random_state: int = 0,
    ) -> None:
        self.columns = columns
        self.k = k
        self.k_range = k_range
        self.needs = needs
        self.needs_share = needs_share
        self.weights = weights
        self.bootstraps = bootstraps
        self.min_stability = min_stability
        self.sample = sample
        self.random_state = random_state

    def fit(
        self,
        X: pd.DataFrame,
        accepted: np.ndarray | None = None,
        offer_id: np.ndarray | None = None,
        action_probability: np.ndarray | None = None,
    ) -> Self:
        """See :meth:`Segmenter.fit`; answers are not needed."""
        self._check_arguments()
        X = check_frame(X, "X").reset_index(drop=True)
        names = list(X.columns) if self.columns is None else list(self.columns)
        check_columns(X, [*names, *self.needs], "X")
        outside = [need for need in self.needs if need not in names]
        if outside:
            raise InputError(f"needs must be among columns; {outside[0]!r} is not.")
        chosen = np.sort(np.random.default_rng(self.random_state).permutation(len(X))[: self.sample])
        drawn = X[names].iloc[chosen].reset_index(drop=True)
        self.scale_ = MixedScale.of(drawn, self.weights, self.needs, self.needs_share)
        matrix = self.scale_.matrix(drawn)
        found = self._clusters(matrix)
        labels = _nearest(matrix, self.centers_)
        self.traits_ = cluster_traits(self.scale_, drawn, labels, self._names())
        again = jaccard(labels, found, len(self.centers_)) if len(found) else np.full(len(self.centers_), np.nan)
        self.table_ = self._described(X, again)
        return self

    def _check_arguments(self) -> None:
        for name in ("bootstraps", "sample"):
            check_number(getattr(self, name), name, "2 or more", lambda number: number >= 2, whole=True)
        for name in ("needs_share", "min_stability"):
            check_number(getattr(self, name), name, "in (0, 1)", lambda number: 0 < number < 1)
        reach = list(self.k_range) if np.ndim(self.k_range) == 1 else []
        for name, number in (("k", self.k if self.k is not None else 1), *(("k_range", number) for number in reach)):
            check_number(number, name, "1 or more", lambda number: number >= 1, whole=True)
        if len(reach) != 2 or reach[0] > reach[1]:
            raise InputError(f"k_range must be the smallest and the largest number to try; got {self.k_range!r}.")
        if isinstance(self.columns, str) or isinstance(self.needs, str):
            raise InputError("columns and needs must be lists of names, not one text.")

    def _clusters(self, matrix: np.ndarray) -> np.ndarray:
        """Choose the number of clusters and place them; give the labels that bootstrap samples led to."""
        different = len(np.unique(matrix, axis=0)) if matrix.shape[1] else 1
        asked = range(self.k_range[0], self.k_range[1] + 1) if self.k is None else [min(self.k, different)]
        most = different if self.k is not None else min(different, len(matrix) // _ROWS_EACH)
        tried = [k for k in asked if 2 <= k <= most]
        self.stability_, labels = bootstrap_stability(matrix, tried, self.bootstraps, self.random_state)
        if self.k is None:
            stable = stable_numbers(self.stability_, self.min_stability)
            k = choose_k(matrix, stable, self.scale_.groups, self.random_state)
        else:
            k = min(self.k, most)
        if k < 2:
            self.centers_ = matrix.mean(axis=0, keepdims=True) if len(matrix) else np.zeros((1, matrix.shape[1]))
            return np.zeros((0, len(matrix)), dtype=np.int64)
        centers = k_means(matrix, k, self.random_state, starts=10).cluster_centers_
        size = np.bincount(_nearest(matrix, centers), minlength=k)
        # Equal sizes are ordered by their centers, so that the names do not hang on the seed.
        self.centers_ = centers[np.lexsort([*centers.T[::-1], -size])]
        return labels[k]

    def _names(self) -> list[str]:
        return [f"c{number + 1}" for number in range(len(self.centers_))]

    def _described(self, X: pd.DataFrame, again: np.ndarray) -> pd.DataFrame:
        names = self._names()
        n = pd.Series(self._labels(X)).value_counts().reindex(names, fill_value=0).to_numpy()
        words = [in_words(self.traits_[self.traits_[c.SEGMENT] == name]) for name in names]
        return pd.DataFrame(
            {
                c.SEGMENT: pd.array(names, dtype="str"),
                "rule": pd.array(words if len(names) > 1 else ["everyone"], dtype="str"),
                "n": n,
                "share": n / max(len(X), 1),
                "jaccard": again,
            }
        )

    def _labels(self, X: pd.DataFrame) -> np.ndarray:
        check_columns(X, self.scale_.design.features, "X")
        names = np.array(self._names())
        parts = [X.iloc[start : start + _CHUNK] for start in range(0, len(X), _CHUNK)]
        found = [_nearest(self.scale_.matrix(part), self.centers_) for part in parts]
        return names[np.concatenate(found)] if found else names[:0]

    def _learnt(self) -> dict[str, Any]:
        return {
            "scale": self.scale_.to_dict(),
            "centers": self.centers_.tolist(),
            "stability": self.stability_.to_dict("list"),
            "traits": {
                name: [None if value != value else value for value in self.traits_[name]] for name in self.traits_
            },
        }

    def _restore(self, learnt: dict[str, Any]) -> None:
        check_parts(learnt, "ClusterSegmenter", {"scale": dict, "centers": list, "stability": dict, "traits": dict})
        self.scale_ = MixedScale.from_dict(learnt["scale"])
        self.centers_ = np.array(learnt["centers"], dtype=float).reshape(len(learnt["centers"]), -1)
        self.stability_ = pd.DataFrame(learnt["stability"])
        texts = TRAIT_COLUMNS[:3]
        traits = {
            name: pd.Series(values, dtype="str" if name in texts else "float64")
            for name, values in learnt["traits"].items()
        }
        self.traits_ = pd.DataFrame(traits)


def _nearest(matrix: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Find the nearest center of each row, to the same bit whatever rows are beside it."""
    distances = np.stack([((matrix - center) ** 2).sum(axis=1) for center in centers], axis=1)
    return distances.argmin(axis=1)
