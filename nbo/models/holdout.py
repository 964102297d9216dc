"""The later rows: those a model is not trained on, for early stopping and calibration."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.models.splits import latest_rows
from nbo.rng import generator

__all__ = ["Parts", "choose_parts"]

logger = logging.getLogger(__name__)

# Fewer rows of one kind than this say too little to calibrate on, or to train on.
_FEWEST_OF_EACH = 10


@dataclass(frozen=True)
class Parts:
    """Which rows are for what. Rows may be in none.

    Parameters
    ----------
    train : ndarray of bool, shape (n,)
        Rows to train on before the later rows are looked at.
    stop : ndarray of bool, shape (n,)
        Rows that say how many trees; the later rows themselves where the split is random.
    later : ndarray of bool, shape (n,)
        Rows to calibrate on. None, where the rows are too few.
    few : bool, default=False
        Nothing says when to stop, because the rows are too few: grow few trees only.
    """

    train: np.ndarray
    stop: np.ndarray
    later: np.ndarray
    few: bool = False


def choose_parts(
    target: np.ndarray,
    share: float,
    seed: int,
    time: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    horizon: pd.Timedelta | None = None,
) -> Parts:
    """Choose the rows to train on and the later rows to calibrate on.

    With `time` the later rows are the latest ones, otherwise a random part of the groups. Where
    a horizon is known, rows whose label window reaches into the later ones are not trained on,
    unless that would drop half of them. With `time` the number of trees is found on a random
    part of the earlier rows: when the level drifts, trees that fit the past well look bad on
    later rows from the first one on, and a handful of trees would be left.

    Parameters
    ----------
    target : ndarray of float, shape (n,)
        0 or 1; each part must hold some of each kind that there is.
    share : float
        Share of the later rows, in [0, 1).
    seed : int
        For the random parts.
    time : ndarray of datetime64, shape (n,), optional
        The `as_of` of each row, UTC.
    groups : ndarray of shape (n,), optional
        Such as customer ids; rows of one group stay together in a random part.
    horizon : Timedelta, optional
        Length of the label window.

    Returns
    -------
    Parts
        Where the rows are too few for three parts, two at random; where they are too few for
        that, all are for training and none for the rest.

    Raises
    ------
    InputError
        If the share is not in [0, 1).
    """
    if not 0 <= share < 1:
        raise InputError(f"calibration_share must be in [0, 1); got {share!r}.")
    n_rows = len(target)
    keys = np.arange(n_rows) if groups is None else pd.factorize(groups, use_na_sentinel=False)[0]
    nothing = np.zeros(n_rows, dtype=bool)
    if share == 0:
        return Parts(~nothing, nothing, nothing)
    later = None if time is None else _latest(time, share)
    if time is None or later is None:
        later = _random(keys, ~nothing, share, seed)
        parts = Parts(~later, later, later)
    else:
        earlier = ~later if horizon is None else _known_by(time, later, horizon)
        stop = _random(keys, earlier, share, seed)
        parts = Parts(earlier & ~stop, stop, later)
    at_random = _random(keys, ~nothing, share, seed)
    for tried in (parts, Parts(~at_random, at_random, at_random)):
        if _enough(target, tried):
            return tried
    logger.warning(
        "%d rows with %d ones are too few to hold some out; few trees, no calibration", n_rows, int(target.sum())
    )
    return Parts(~nothing, nothing, nothing, few=True)


def _enough(target: np.ndarray, parts: Parts) -> bool:
    kinds = np.unique(target)
    return min(_fewest(target[part], kinds) for part in (parts.train, parts.stop, parts.later)) >= _FEWEST_OF_EACH


def _latest(time: np.ndarray, share: float) -> np.ndarray | None:
    later = latest_rows(time, share)
    if later.mean() <= 0.5:
        return later
    logger.info("most rows share the latest time; the calibration rows are drawn at random")
    return None


def _random(keys: np.ndarray, among: np.ndarray, share: float, seed: int) -> np.ndarray:
    # Groups in random order, until the share of rows is reached.
    order = generator(seed).permutation(keys.max() + 1)
    sizes = np.bincount(keys[among], minlength=len(order))[order]
    chosen = np.zeros(len(order), dtype=bool)
    chosen[order[np.cumsum(sizes) <= round(among.sum() * share)]] = True
    return chosen[keys] & among


def _known_by(time: np.ndarray, later: np.ndarray, horizon: pd.Timedelta) -> np.ndarray:
    known = ~later & (time + horizon.to_timedelta64() <= time[later].min())
    if known.sum() >= (~later).sum() / 2:
        return known
    logger.info("label windows of most training rows reach into the calibration rows; they are kept")
    return ~later


def _fewest(target: np.ndarray, kinds: np.ndarray) -> int:
    return min(int((target == kind).sum()) for kind in kinds)
