"""Scores of every customer and offer as one long Arrow table, without a Python object per cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from nbo import columns as c
from nbo.arbitration import Candidates, Priority
from nbo.arbitration.funnel import offer_codes

if TYPE_CHECKING:
    from nbo.next_best_offer.scores import Scores

__all__ = ["score_frame", "score_table"]

_FEW_ROWS = 10_000


def score_table(scores: Scores, candidates: Candidates) -> pa.Table:
    """Give one row per customer and offer; texts are dictionaries.

    Parameters
    ----------
    scores : Scores
        Of n customers and k offers.
    candidates : Candidates
        The same customers and offers.

    Returns
    -------
    pyarrow.Table of n x k rows
    """
    catalog, frame, beliefs = candidates.catalog, candidates.spine.frame, scores.beliefs
    terms = Priority.of(candidates, beliefs)
    n, k = scores.propensity.shape
    row = pa.array(np.repeat(np.arange(n, dtype=np.int32), k))

    def long(numbers: np.ndarray) -> np.ndarray:
        return np.broadcast_to(numbers, (n, k)).ravel()

    # Nothing stands behind a code of -1: the channel, and the reason, of an offer that has none.
    ways = np.where(candidates.eligible, candidates.channel, -1).ravel()
    refused = offer_codes(candidates).ravel() - 1
    uplift = {c.UPLIFT: scores.uplift.ravel()} if beliefs.tells_uplift else {}
    columns: dict[str, Any] = {
        c.CUSTOMER_ID: _array(frame[c.CUSTOMER_ID]).take(row),
        c.AS_OF: np.repeat(frame[c.AS_OF].to_numpy(), k),
        c.OFFER_ID: _coded(np.tile(np.arange(k, dtype=np.int32), n), catalog.offer_ids),
        c.CHANNEL: _coded(ways, candidates.channels),
        "eligible": candidates.eligible.ravel(),
        c.REASON: _coded(refused, candidates.reasons),
        c.PROPENSITY: scores.propensity.ravel(),
        **uplift,
        c.CONTEXT_WEIGHT: long(terms.context),
        c.VALUE: long(terms.value),
        c.LEVER: long(terms.lever),
        c.COST: long(terms.cost),
        c.PRIORITY: long(terms.priority),
        c.CHURN_PROBABILITY: scores.churn_probability.repeat(k),
        c.CLV: scores.clv.repeat(k),
        c.SEGMENT: pa.array(scores.segment, pa.string(), from_pandas=True).dictionary_encode().take(row),
    }
    return pa.table(columns)


def score_frame(scores: Scores, candidates: Candidates) -> pd.DataFrame:
    """Give :func:`score_table` as a frame; texts are texts.

    Parameters
    ----------
    scores, candidates
        As there.

    Returns
    -------
    DataFrame of n x k rows
    """
    table = score_table(scores, candidates)
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type) and field.name != c.CUSTOMER_ID:
            table = table.set_column(place, field.name, table.column(place).cast(pa.string()))
    # To wake threads for few rows takes longer than to do without.
    return table.to_pandas(use_threads=len(table) > _FEW_ROWS)


def _array(ids: pd.Series) -> pa.Array:
    array = pa.array(ids, from_pandas=True)
    return array.cast(pa.string()) if pa.types.is_large_string(array.type) else array


def _coded(codes: np.ndarray, names: list[str]) -> pa.DictionaryArray:
    codes = codes.astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array(names, pa.string()))
