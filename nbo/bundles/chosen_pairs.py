"""Which pairs of products a model of bundles is about."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.bundles.baskets import baskets_before
from nbo.bundles.bundle_candidates import bundle_candidates
from nbo.bundles.candidates_result import BundleCandidates
from nbo.checks import check_columns, check_frame, check_keys
from nbo.errors import InputError
from nbo.features.window import ALL
from nbo.tables import Spine

__all__ = ["chosen_pairs", "pairs_from_state", "pairs_to_state"]

_PAIR = ["product_1", "product_2"]
_NUMBERS = ["margin_1", "margin_2", "odds_ratio", "level"]


def chosen_pairs(tables: Any, spine: Spine, bundles: Any, most: int, settings: dict[str, Any]) -> pd.DataFrame:
    """Take the pairs that were given, or find complements; with the mean margin of each part.

    Parameters
    ----------
    tables : CustomerTables
    spine : Spine of n rows
        Before its first moment all must have been known.
    bundles : BundleCandidates, DataFrame or None
        By default, complements are found.
    most : int
        Most complements.
    settings : dict
        ``product``, ``unit`` and ``window``, as for :func:`~nbo.bundles.bundle_candidates`.

    Returns
    -------
    DataFrame
        bundle_id, product_1, product_2, margin_1, margin_2.

    Raises
    ------
    InputError
        If there is none, the spine has no rows, or a pair is of one product, stands twice, or has seen what came later.
    """
    if not len(spine):
        raise InputError("the spine must have rows to learn from; it has none.")
    moment = spine.frame[c.AS_OF].min()
    found = bundle_candidates(tables, moment, **settings) if bundles is None else bundles
    if isinstance(found, BundleCandidates):
        if found.as_of > moment:
            raise InputError(
                f"bundles were found as of {found.as_of}, and the first moment to learn from is {moment}: they have "
                f"seen what is to be predicted. Find them as of {moment} or before."
            )
        pairs = found.complements.head(most)
    else:
        pairs = _given(found)
    if not len(pairs):
        raise InputError(
            f"there must be bundles to learn; no complements were found before {moment}. State pairs: "
            "fit(tables, spine, bundles=DataFrame with product_1 and product_2)."
        )
    baskets = baskets_before(tables, moment, settings["product"], "customer", settings["window"] or ALL)
    margin = dict(zip(baskets.products, baskets.margin.tolist(), strict=True))
    margins = {f"margin_{at}": [margin.get(part, np.nan) for part in pairs[f"product_{at}"]] for at in (1, 2)}
    names = {"bundle_id": pairs["product_1"] + " + " + pairs["product_2"]}
    return pd.DataFrame({**names, **{name: pairs[name] for name in _PAIR}, **margins}).reset_index(drop=True)


def _given(bundles: Any) -> pd.DataFrame:
    frame = check_frame(bundles, "bundles")
    check_columns(frame, _PAIR, "bundles")
    for name in _PAIR:
        check_keys(frame[name], f"bundles.{name}")
    pairs = pd.DataFrame({name: frame[name].astype("str").to_numpy() for name in _PAIR}).astype("str")
    ordered = pd.DataFrame(np.sort(pairs.to_numpy(dtype=object), axis=1), columns=_PAIR).astype("str")
    same = (ordered["product_1"] == ordered["product_2"]).to_numpy()
    if same.any():
        at = int(same.argmax())
        raise InputError(f"a bundle must have two products; row {at} has {ordered.loc[at, 'product_1']!r}.")
    twice = ordered.duplicated().to_numpy()
    if twice.any():
        raise InputError(f"pairs must differ; {ordered.iloc[int(twice.argmax())].tolist()} stand twice.")
    return ordered


def pairs_to_state(pairs: pd.DataFrame) -> dict[str, list[Any]]:
    """Give pairs as JSON values; missing numbers are None.

    Parameters
    ----------
    pairs : DataFrame

    Returns
    -------
    dict of str to list
    """
    return {str(name): [None if pd.isna(value) else value for value in pairs[name]] for name in pairs.columns}


def pairs_from_state(state: dict[str, list[Any]]) -> pd.DataFrame:
    """Make the pairs of :func:`pairs_to_state` again.

    Parameters
    ----------
    state : dict

    Returns
    -------
    DataFrame
    """
    return pd.DataFrame({name: pd.Series(state[name], dtype="float" if name in _NUMBERS else "str") for name in state})
