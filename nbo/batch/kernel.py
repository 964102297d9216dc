"""Score feature rows that come as Arrow: the one function that Ray, Dask or Spark would map."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from nbo import columns as c
from nbo.checks import check_columns
from nbo.errors import InputError
from nbo.next_best_offer import NextBestOffer

__all__ = ["SCORES", "feature_frame", "score_arrow_batch"]

# Columns that are added to a batch.
SCORES = pa.schema(
    [
        (c.SEGMENT, pa.string()),
        (c.CHURN_PROBABILITY, pa.float64()),
        (c.CLV, pa.float64()),
        ("offer_ids", pa.list_(pa.string())),
        ("propensities", pa.list_(pa.float64())),
        ("values", pa.list_(pa.float64())),
        ("priorities", pa.list_(pa.float64())),
    ]
)


def score_arrow_batch(batch: pa.RecordBatch, model: NextBestOffer) -> pa.RecordBatch:
    """Score feature rows, one row out per row in.

    Parameters
    ----------
    batch : pyarrow.RecordBatch of n rows
        The model's features by name; other columns, such as customer_id, are passed on.
    model : NextBestOffer
        Fitted.

    Returns
    -------
    pyarrow.RecordBatch of n rows
        The other columns, then segment, churn_probability, clv (money; missing where the model
        has no such part), and lists in the catalog's order: offer_ids, propensities, values and
        priorities (money). The types are the same for every batch.

    Raises
    ------
    InputError
        If features are missing or hold lists, or the model is not fitted.
    TypeError
        If `batch` is not a record batch, or `model` no model.

    Examples
    --------
    >>> from nbo.simulate import World
    >>> from nbo.tables import Spine
    >>> world = World(customers=150, days=90, seed=1)
    >>> spine = Spine.at(world.end, world.tables)
    >>> model = NextBestOffer().fit(world.tables, spine, as_of=world.end)
    >>> X = model.features.build(world.tables, spine).assign(customer_id=spine.frame["customer_id"])
    >>> scored = score_arrow_batch(pa.RecordBatch.from_pandas(X, preserve_index=False), model)
    >>> scored.num_rows, scored.schema.names[:3]
    (150, ['customer_id', 'segment', 'churn_probability'])
    """
    if not isinstance(batch, pa.RecordBatch):
        raise TypeError(f"batch must be a pyarrow.RecordBatch; got {type(batch).__name__}.")
    if not isinstance(model, NextBestOffer):
        raise TypeError(f"model must be a NextBestOffer; got {type(model).__name__}.")
    model._fitted_catalog()
    names = model.features.feature_names
    # Only the names go to the check: values do not belong in an error.
    check_columns(batch.schema.empty_table().to_pandas(), names, "batch")
    scored = model.score_features(feature_frame(batch, names))
    given = pa.RecordBatch.from_pandas(scored[SCORES.names], schema=SCORES, preserve_index=False)
    kept = [name for name in batch.schema.names if name not in {*names, *SCORES.names}]
    schema = pa.schema([*(batch.schema.field(name) for name in kept), *SCORES])
    return pa.RecordBatch.from_arrays([*(batch.column(name) for name in kept), *given.columns], schema=schema)


def feature_frame(rows: pa.RecordBatch | pa.Table, names: list[str]) -> pd.DataFrame:
    """Give features as the models take them: flags, and columns where nothing is known, are numbers.

    Parameters
    ----------
    rows : pyarrow.RecordBatch or Table of n rows
    names : list of str
        Its columns to take.

    Returns
    -------
    DataFrame of n rows
    """
    features = rows.select(names)
    for position, field in enumerate(features.schema):
        kind = field.type
        if pa.types.is_dictionary(kind) and not pa.types.is_string(kind.value_type):
            features = features.set_column(position, field.name, features.column(position).cast(kind.value_type))
        if pa.types.is_nested(kind):
            raise InputError(f"features must be numbers, flags or texts; {field.name!r} holds {kind}.")
        # pandas would make objects of them.
        if pa.types.is_boolean(field.type) or pa.types.is_null(field.type):
            column = features.column(position).cast(pa.uint8()).cast(pa.float64())
            features = features.set_column(position, field.name, column)
    return features.to_pandas(ignore_metadata=True)
