"""Whether predicted probabilities come true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.checks import check_columns, check_frame
from nbo.views.axes import COLORS, FAINT, calm, new_axes
from nbo.views.predictions import checked_predictions
from nbo.wilson import wilson_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["calibration_bins", "plot_calibration"]


def plot_calibration(y: Any, p: Any = None, ax: Axes | None = None, n_bins: int = 10) -> Axes:
    """Plot how often what was predicted came true, against what was predicted.

    Points on the diagonal are right. The bars are 95 % Wilson intervals of the rates, or those of a frame.

    Parameters
    ----------
    y : array-like of shape (n,) or DataFrame
        1 where it came true, 0 where not; or groups with probability, rate, low and high, as
        ``nbo.validate_model(...).calibration`` gives them.
    p : array-like of shape (n,), optional
        Predicted probabilities, in [0, 1]; none with a frame.
    ax : Axes, optional
        Where to draw; a new figure by default.
    n_bins : int, default=10
        Groups of equal size, by predicted probability.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If lengths differ, a `y` is neither 0 nor 1, a `p` is not in [0, 1], or a frame lacks a column.

    Examples
    --------
    >>> ax = plot_calibration([0, 0, 1, 1], [0.1, 0.2, 0.6, 0.9], n_bins=2)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('Predicted probability (mean of group)', 'Share that came true')
    """
    mean, rate, low, high = _of_groups(y) if p is None else _of_rows(y, p, n_bins)
    ax = calm(new_axes(ax, width=4.3, height=4.1), grid="both")
    top = min(1.0, 1.08 * float(np.nanmax([0.01, *mean, *rate, *high])))
    ax.plot([0, top], [0, top], color=FAINT, linestyle="--", linewidth=1)
    ax.vlines(mean, low, high, color=COLORS[0], linewidth=2, alpha=0.55)
    ax.plot(mean, rate, "o-", color=COLORS[0], markersize=6, linewidth=1)
    ax.set(xlim=(0, top), ylim=(0, top), aspect="equal")
    ax.set_xlabel("Predicted probability (mean of group)")
    ax.set_ylabel("Share that came true")
    return ax


def _of_groups(frame: Any) -> tuple[np.ndarray, ...]:
    groups = check_frame(frame, "y")
    columns = ["probability", "rate", "low", "high"]
    check_columns(groups, columns, "y")
    return tuple(groups[name].to_numpy(dtype=float) for name in columns)


def _of_rows(y: Any, p: Any, n_bins: int) -> tuple[np.ndarray, ...]:
    mean, came_true, n = calibration_bins(*checked_predictions(y, p), n_bins)
    return mean, came_true / np.maximum(n, 1), *wilson_interval(came_true, n)


def calibration_bins(y: np.ndarray, p: np.ndarray, n_bins: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Group predictions, equally many a group, by what was predicted.

    Parameters
    ----------
    y, p : ndarray of shape (n,)
    n_bins : int
        At most; equal predictions are never split.

    Returns
    -------
    mean : ndarray of shape (m,)
        Mean prediction of each group, rising.
    came_true, n : ndarray of shape (m,)
        How many came true, and of how many.
    """
    if not len(p):
        return np.empty(0), np.empty(0), np.empty(0)
    inner = np.unique(np.quantile(p, np.linspace(0, 1, n_bins + 1)[1:-1]))
    group = np.searchsorted(inner, p, side="right")
    n = np.bincount(group)
    sums = np.bincount(group, weights=p), np.bincount(group, weights=y)
    return sums[0][n > 0] / n[n > 0], sums[1][n > 0], n[n > 0]
