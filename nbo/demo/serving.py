"""From a trained model to a registered one that has scored everybody."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nbo import batch, registry
from nbo.demo.folder import sqlite_address
from nbo.demo.stages import Stages
from nbo.next_best_offer import NextBestOffer
from nbo.tables import CustomerTables

__all__ = ["register_and_score"]


def register_and_score(
    trained: NextBestOffer, name: str, tables: CustomerTables, as_of: pd.Timestamp, folder: Path, stages: Stages
) -> NextBestOffer:
    """Register a model as champion, load it back by its alias, and score all customers with it.

    Parameters
    ----------
    trained : NextBestOffer
    name : str
        To register it under.
    tables : CustomerTables
    as_of : Timestamp
        Moment of the scores.
    folder : Path
        Gets the MLflow store and the folder of scores.
    stages : Stages
        Told of both stages.

    Returns
    -------
    NextBestOffer
        As loaded from the registry.
    """
    stages.begin("register the model and load it back by alias")
    store, address = sqlite_address(folder / "mlflow.db"), f"models:/{name}@champion"
    registry.log(trained, name=name, alias="champion", metrics=trained.metrics_, tracking_uri=store)
    model = registry.load(address, tracking_uri=store)
    stages.begin("batch-score all customers")
    batch.score(address, tables, folder / "scores", as_of=as_of, tracking_uri=store, progress=False)
    return model
