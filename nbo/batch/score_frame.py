"""Score a data frame of Spark: one row out per row in, computed when it is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from nbo.batch.kernel import SCORES, score_arrow_batch
from nbo.batch.sent_model import SentModel
from nbo.batch.source import find_model
from nbo.checks import check_columns
from nbo.features.engines.spark_session import found_session, is_spark_frame, own_python, telling
from nbo.next_best_offer import NextBestOffer

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructField, StructType

__all__ = ["score_frame"]


def score_frame(
    features: DataFrame, model: str | Path | NextBestOffer, *, tracking_uri: str | None = None
) -> DataFrame:
    """Score a data frame of Spark, one row out per row in.

    Workers get the model's files as bytes and load it once each; the rows stay where they are. Works with Spark
    Connect too.

    Parameters
    ----------
    features : DataFrame of Spark
        The model's features by name; other columns, such as customer_id, are passed on.
    model : str, Path or NextBestOffer
        A URI such as ``models:/offers@champion``, a folder of ``NextBestOffer.to_dir``, or the model itself. It is
        loaded here and now: who moves an alias later changes nothing.
    tracking_uri : str, optional
        Store of the registry, where `model` is a URI.

    Returns
    -------
    DataFrame of Spark
        As :func:`score_arrow_batch` gives; not computed yet.

    Raises
    ------
    InputError
        If features are missing.
    TypeError
        If `features` is no data frame of Spark.
    """
    if not is_spark_frame(features):
        raise TypeError(f"features must be a data frame of Spark; got {type(features).__name__}.")
    found = find_model(model, tracking_uri).model
    names = found.features.feature_names
    check_columns(pd.DataFrame(columns=features.columns), names, "features")
    sent = SentModel.of(found)

    def task(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return (score_arrow_batch(batch, sent.load()) for batch in batches)

    with own_python(found_session(None, [features])):
        return features.mapInArrow(telling(task), _schema(features.schema.fields, names))


def _schema(fields: list[StructField], features: list[str]) -> StructType:
    """Say the columns that come out: those that are passed on, and the kernel's."""
    from pyspark.sql import types as t

    number, text = t.DoubleType(), t.StringType()
    kinds = {pa.string(): text, pa.float64(): number, pa.list_(pa.string()): t.ArrayType(text)}
    scores = [t.StructField(field.name, kinds.get(field.type, t.ArrayType(number))) for field in SCORES]
    kept = [field for field in fields if field.name not in {*features, *SCORES.names}]
    return t.StructType([*kept, *scores])
