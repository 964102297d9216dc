"""The questions of the two cases: which customer, as of when."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.benchmarks.features.data import DAYS, START

END = START + DAYS
CUT_OFFS = 12


def spine(case: str, customers: int, seed: int = 7) -> pd.DataFrame:
    """Columns customer_id and as_of of the case `two` or `training`."""
    return {"two": two_cut_offs, "training": training_set}[case](customers, seed)


def two_cut_offs(customers: int, seed: int) -> pd.DataFrame:
    """Ask for every customer as of two moments, half a year apart: two rows each."""
    return frame(customers, np.repeat([END - 182, END], customers))


def training_set(customers: int, seed: int) -> pd.DataFrame:
    """Ask for every customer as of 12 moments, 30 days apart, that differ from customer to customer."""
    offset = np.random.default_rng(seed).integers(0, 30, customers)
    steps = 30 * np.arange(CUT_OFFS)
    return frame(customers, (END - steps[:, None] - offset).ravel())


def frame(customers: int, moments: np.ndarray) -> pd.DataFrame:
    ids = np.tile(np.arange(customers), len(moments) // customers)
    return pd.DataFrame({"customer_id": ids, "as_of": moments.astype("datetime64[us]")})
