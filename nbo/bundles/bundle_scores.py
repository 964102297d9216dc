"""What each bundle is worth for each customer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo.bundles.incremental import break_even_uptake, incremental_margin
from nbo.bundles.odds_ratios import joint_of

__all__ = ["bundle_scores", "places_of"]


def places_of(bundles: pd.DataFrame, parts: list[str]) -> np.ndarray:
    """Find the two parts of each bundle.

    Parameters
    ----------
    bundles : DataFrame of b rows
        product_1, product_2.
    parts : list of str

    Returns
    -------
    ndarray of int, shape (2, b)
        Places in `parts`.

    Examples
    --------
    >>> places_of(pd.DataFrame({"product_1": ["cup"], "product_2": ["tea"]}), ["cup", "pan", "tea"]).tolist()
    [[0], [2]]
    """
    place = {part: at for at, part in enumerate(parts)}
    return np.array([[place[part] for part in bundles[name]] for name in ("product_1", "product_2")])


def bundle_scores(
    bundles: pd.DataFrame,
    slope: float,
    parts: list[str],
    chance: np.ndarray,
    owned: np.ndarray,
    discount: float,
    uptake: float,
) -> pd.DataFrame:
    """Score the bundles of which each row owns no part.

    Parameters
    ----------
    bundles : DataFrame of b rows
        bundle_id, product_1, product_2, margin_1, margin_2, odds_ratio, level.
    slope : float
        Of log odds ratios.
    parts : list of str
        k products.
    chance : ndarray of shape (n, k)
        Probability of each part.
    owned : ndarray of bool, shape (n, k)
    discount : float
        What both together cost less, money.
    uptake : float
        Share of those who would buy exactly one part that takes the bundle.

    Returns
    -------
    DataFrame
        ``row`` (of the n) and the scores, by row and then in the order of the bundles.

    Examples
    --------
    >>> pair = {"bundle_id": "a + b", "product_1": "a", "product_2": "b", "margin_1": 4.0, "margin_2": 6.0}
    >>> bundles = pd.DataFrame([{**pair, "odds_ratio": 1.0, "level": 0.0}])
    >>> owned = np.array([[False, False], [True, False]])
    >>> found = bundle_scores(bundles, 0.0, ["a", "b"], np.full((2, 2), 0.5), owned, 0.0, 0.1)
    >>> found[["row", "probability", "expected_margin", "incremental"]].round(6).values.tolist()
    [[0.0, 0.25, 2.5, 0.25]]
    """
    first, second = places_of(bundles, parts)
    row, which = np.nonzero(~(owned[:, first] | owned[:, second]))
    one, two = chance[row, first[which]], chance[row, second[which]]
    rows = bundles.iloc[which].reset_index(drop=True)
    both = joint_of(one, two, rows["odds_ratio"].to_numpy(), rows["level"].to_numpy(), slope)
    only, margin = (one - both, two - both), (rows["margin_1"].to_numpy(), rows["margin_2"].to_numpy())
    scores = {
        "probability": both,
        "probability_1": one,
        "probability_2": two,
        "margin": margin[0] + margin[1],
        "expected_margin": both * (margin[0] + margin[1]),
        "incremental": incremental_margin(both, only, margin, discount, uptake),
        "break_even_uptake": break_even_uptake(both, only, margin, discount),
    }
    named = {name: rows[name] for name in ("bundle_id", "product_1", "product_2")}
    return pd.DataFrame({"row": row, **named, **scores})
