"""How far the acceptance of each offer, and of each channel, lies off the pooled calibration."""

from __future__ import annotations

import numpy as np

from nbo.models.encoding import FrameEncoder
from nbo.models.offer_columns import offer_offsets
from nbo.models.training_data import TrainingData

__all__ = ["add_offsets", "fit_offsets"]


def fit_offsets(
    columns: tuple[str, ...], encoder: FrameEncoder, later: TrainingData, logit: np.ndarray
) -> dict[str, dict[str, float]]:
    """Learn the offsets of some category columns, each beyond those of the columns before it.

    Parameters
    ----------
    columns : tuple of str
        Such as the offer and the channel; those that were not fitted are left out.
    encoder : FrameEncoder
        Fitted.
    later : TrainingData
        Rows to learn from.
    logit : ndarray of shape (n,)
        Their calibrated log-odds.

    Returns
    -------
    dict of str to dict of str to float
        Column to category to log-odds.
    """
    offsets: dict[str, dict[str, float]] = {}
    for name in columns:
        if name in encoder.values_ and len(later.target):
            known = encoder.values_[name]
            codes = later.matrix[:, encoder.names_.index(name)]
            found = offer_offsets(
                add_offsets(offsets, encoder, later.matrix, logit), later.target, codes, len(known), later.weight
            )
            offsets[name] = dict(zip(known, found.tolist(), strict=True))
    return offsets


def add_offsets(
    offsets: dict[str, dict[str, float]], encoder: FrameEncoder, matrix: np.ndarray, logit: np.ndarray
) -> np.ndarray:
    """Add the offsets of each row's categories.

    Parameters
    ----------
    offsets : dict
        From :func:`fit_offsets`.
    encoder : FrameEncoder
        Fitted.
    matrix : ndarray of shape (n, p)
        Encoded rows.
    logit : ndarray of shape (n,) or (n, m)

    Returns
    -------
    ndarray of the shape of `logit`
    """
    for name, by_category in offsets.items():
        codes = matrix[:, encoder.names_.index(name)]
        # The last place is for categories that the model does not know.
        values = np.array([*(by_category[category] for category in encoder.values_[name]), 0.0])
        added = values[np.where(np.isnan(codes), -1, codes).astype(int)]
        logit = logit + (added if logit.ndim == 1 else added[:, None])
    return logit
