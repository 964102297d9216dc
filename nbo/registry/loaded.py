"""Which model was loaded, and what it has learnt since it was registered."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

__all__ = ["Loaded"]


@dataclass(frozen=True)
class Loaded:
    """Which model was loaded, and how far it knows the answers: the `loaded_` of what `load` gives.

    Parameters
    ----------
    name : str
        The registered model; "" for one that is not registered.
    version : int or None
        Its version; None for one that is not registered.
    model_uri : str
        Names exactly this model for good, such as ``models:/offers/3``.
    run_id : str
        The MLflow run that it was logged in.
    watermark : Timestamp
        Until when the version itself has seen answers, UTC.
    as_of : Timestamp, optional
        Until when answers of the ledger were added, UTC; missing where no ledger was given.
    answers : int, default=0
        Answers of the ledger that the version did not have: new ones, late ones and corrections.
    waiting : int, default=0
        Decisions of the ledger whose answer may still come.

    Examples
    --------
    >>> june, july = pd.Timestamp("2026-06-30"), pd.Timestamp("2026-07-05")
    >>> print(Loaded("offers", 3, "models:/offers/3", "0af", june, july, 12))
    offers version 3 of run 0af, learnt until 2026-06-30 00:00:00; 12 answers added as of 2026-07-05 00:00:00, 0 wait
    """

    name: str
    version: int | None
    model_uri: str
    run_id: str
    watermark: pd.Timestamp
    as_of: pd.Timestamp | None = None
    answers: int = 0
    waiting: int = 0

    def __str__(self) -> str:
        which = f"{self.name} version {self.version}" if self.name else self.model_uri
        text = f"{which} of run {self.run_id}, learnt until {self.watermark}"
        if self.as_of is None:
            return text
        return f"{text}; {self.answers} answers added as of {self.as_of}, {self.waiting} wait"
