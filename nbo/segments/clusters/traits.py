"""By what the customers of a cluster differ from all."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.segments.clusters.mixed_scale import MixedScale

__all__ = ["TRAIT_COLUMNS", "cluster_traits", "in_words"]

TRAIT_COLUMNS: Final = (c.SEGMENT, "feature", c.CATEGORY, "mean", "mean_of_all", "difference")
# Differences below so many standard deviations are not worth a word.
_WORTH: Final = 0.4
_MOST: Final = 3


def cluster_traits(scale: MixedScale, X: pd.DataFrame, labels: np.ndarray, names: list[str]) -> pd.DataFrame:
    """Compare the features of each cluster with those of all.

    Parameters
    ----------
    scale : MixedScale
    X : DataFrame of shape (n, any)
    labels : ndarray of int, shape (n,)
        Cluster of each row, in [0, n_clusters).
    names : list of str
        Names of the clusters.

    Returns
    -------
    DataFrame
        One row per cluster and column of the scale, the largest differences of a cluster first: `segment`, `feature`,
        `category` (empty for a number), `mean` of the known values in the feature's unit (share of customers for a
        category), `mean_of_all`, and `difference`: between the two on the scale of the clusters, in standard
        deviations over all.
    """
    raw, scaled = scale.raw(X), scale.matrix(X)
    spread = scaled.std(axis=0) if len(scaled) else np.zeros(scaled.shape[1])
    columns = scale.design.columns
    everybody = _known_means(raw)
    parts = []
    for number, name in enumerate(names):
        here = labels == number
        apart = scaled[here].mean(axis=0) - scaled.mean(axis=0) if here.any() else np.zeros(len(columns))
        part = pd.DataFrame(
            {
                c.SEGMENT: pd.array([name] * len(columns), dtype="str"),
                "feature": pd.array([feature for feature, _ in columns], dtype="str"),
                c.CATEGORY: pd.array([category or "" for _, category in columns], dtype="str"),
                "mean": _known_means(raw[here]),
                "mean_of_all": everybody,
                "difference": np.divide(apart, spread, out=np.zeros(len(columns)), where=spread > 0),
            }
        )
        parts.append(part.sort_values("difference", key=np.abs, ascending=False, kind="stable"))
    return pd.concat(parts, ignore_index=True)[list(TRAIT_COLUMNS)]


def in_words(traits: pd.DataFrame) -> str:
    """Name what a cluster differs by most.

    Parameters
    ----------
    traits : DataFrame
        Of one cluster, the largest differences first.

    Returns
    -------
    str
        Such as "high income, low age, city often Rome"; "like all others" without any.

    Examples
    --------
    >>> rows = [("a", "income", "", 9.0, 5.0, 1.2), ("a", "city", "Rome", 0.9, 0.4, 0.8)]
    >>> in_words(pd.DataFrame(rows, columns=TRAIT_COLUMNS))
    'high income, city often Rome'
    """
    words = []
    for row in traits[traits["difference"].abs() >= _WORTH].head(_MOST).to_dict("records"):
        up = row["difference"] > 0
        if row[c.CATEGORY]:
            words.append(f"{row['feature']} {'often' if up else 'seldom'} {row[c.CATEGORY]}")
        else:
            words.append(f"{'high' if up else 'low'} {row['feature']}")
    return ", ".join(words) or "like all others"


def _known_means(raw: np.ndarray) -> np.ndarray:
    known = ~np.isnan(raw)
    n = known.sum(axis=0)
    return np.divide(np.nan_to_num(raw).sum(axis=0), n, out=np.full(raw.shape[1], np.nan), where=n > 0)
