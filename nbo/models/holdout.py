"""The later rows: those a model is not trained on, for early stopping and calibration."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.models.splits import latest_rows
from nbo.rng import generator

__all__ = ["choose_later_rows"]

logger = logging.getLogger(__name__)

# Fewer rows of one kind than this say too little to calibrate on, or to train on.
_FEWEST_OF_EACH = 10


def choose_later_rows(
    target: np.ndarray,
    share: float,
    seed: int,
    time: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    horizon: pd.Timedelta | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Choose the rows to train on and the later rows to calibrate on.

    With `time` these are the latest rows, otherwise a random part of the groups. Where a
    horizon is known, rows whose label window reaches into the later slice are not trained on,
    unless that would drop half of them.

    Parameters
    ----------
    target : ndarray of float, shape (n,)
        0 or 1; both parts must hold some of each kind that there is.
    share : float
        Share of the later rows, in [0, 1).
    seed : int
        For the random part.
    time : ndarray of datetime64, shape (n,), optional
        The `as_of` of each row, UTC.
    groups : ndarray of shape (n,), optional
        Such as customer ids; rows of one group stay together. Not used with `time`.
    horizon : Timedelta, optional
        Length of the label window.

    Returns
    -------
    train, later : ndarray of bool, shape (n,)
        Where the rows are too few for both, all are for training and none is later.

    Raises
    ------
    InputError
        If the share is not in [0, 1).
    """
    if not 0 <= share < 1:
        raise InputError(f"calibration_share must be in [0, 1); got {share!r}.")
    n_rows = len(target)
    later = _later(n_rows, share, seed, time, groups)
    train = ~later
    if time is not None and horizon is not None and later.any():
        train = _before_labels_overlap(time, train, later, horizon)
    kinds = np.unique(target)
    if not later.any() or min(_fewest(target[part], kinds) for part in (train, later)) >= _FEWEST_OF_EACH:
        return train, later
    logger.warning(
        "%d rows with %d ones are too few to hold out later rows; no early stopping, no calibration",
        n_rows,
        int(target.sum()),
    )
    return np.ones(n_rows, dtype=bool), np.zeros(n_rows, dtype=bool)


def _later(n_rows: int, share: float, seed: int, time: np.ndarray | None, groups: np.ndarray | None) -> np.ndarray:
    if share == 0 or n_rows < 2:
        return np.zeros(n_rows, dtype=bool)
    if time is not None:
        later = latest_rows(time, share)
        if later.mean() <= 0.5:
            return later
        logger.warning("most rows share the latest time; the calibration rows are drawn at random")
    keys = np.arange(n_rows) if groups is None else pd.factorize(groups, use_na_sentinel=False)[0]
    # Draw groups in random order until the share of rows is reached.
    order = generator(seed).permutation(keys.max() + 1)
    sizes = np.bincount(keys, minlength=len(order))[order]
    chosen = order[np.cumsum(sizes) <= round(n_rows * share)]
    return np.isin(keys, chosen)


def _before_labels_overlap(time: np.ndarray, train: np.ndarray, later: np.ndarray, horizon: pd.Timedelta) -> np.ndarray:
    known = train & (time + horizon.to_timedelta64() <= time[later].min())
    if known.sum() >= train.sum() / 2:
        return known
    logger.info("label windows of most training rows reach into the calibration rows; they are kept")
    return train


def _fewest(target: np.ndarray, kinds: np.ndarray) -> int:
    return min(int((target == kind).sum()) for kind in kinds)
