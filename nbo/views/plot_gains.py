"""How many of those who accept are reached by contacting the most promising first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.models.ranked_totals import ranked_totals
from nbo.views.axes import COLORS, FAINT, calm, new_axes
from nbo.views.measures import measures
from nbo.views.predictions import checked_predictions

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["gains", "plot_gains"]


def plot_gains(y: Any, p: Any, ax: Axes | None = None, deciles: Any = None) -> Axes:
    """Plot the share of acceptors reached against the share of customers contacted.

    Customers are contacted from the highest prediction down. The diagonal is what contacting
    them in any order reaches on average.

    Parameters
    ----------
    y : array-like of shape (n,)
        1 for who accepts, 0 for who does not.
    p : array-like of shape (n,)
        Predicted probabilities, in [0, 1].
    ax : Axes, optional
        Where to draw; a new figure by default.
    deciles : DataFrame, optional
        decile, metric, value, low and high, as ``nbo.validate_model(...).deciles`` gives them: the interval
        of what each tenth, and all before it, reach is drawn too.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If lengths differ, a `y` is neither 0 nor 1, a `p` is not in [0, 1], or the tenths lack a column or
        the metric "gain".

    Examples
    --------
    >>> plot_gains([1, 0, 0, 1], [0.9, 0.2, 0.1, 0.8]).get_ylabel()
    'Acceptors reached (%)'
    """
    contacted, reached = gains(*checked_predictions(y, p))
    ax = calm(new_axes(ax, width=4.3, height=4.1), grid="both")
    ax.plot([0, 100], [0, 100], color=FAINT, linestyle="--", linewidth=1)
    ax.plot(100 * contacted, 100 * reached, color=COLORS[0], linewidth=2)
    if deciles is not None:
        rows = measures(deciles, "gain", "decile")
        ax.vlines(10 * rows["decile"], 100 * rows["low"], 100 * rows["high"], color=COLORS[0], linewidth=2, alpha=0.55)
    ax.set(xlim=(0, 100), ylim=(0, 101), aspect="equal")
    ax.set_xlabel("Customers contacted, best first (%)")
    ax.set_ylabel("Acceptors reached (%)")
    return ax


def gains(y: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute which share of acceptors the best-scored customers hold.

    Parameters
    ----------
    y, p : ndarray of shape (n,)

    Returns
    -------
    contacted, reached : ndarray of shape (m,)
        Shares in [0, 1], from 0 on; one point per different prediction, as customers with equal
        predictions come in no order. All `reached` are 0 if nobody accepts.
    """
    _, ones, zeros = ranked_totals(y, p)
    return (ones + zeros) / max(len(p), 1), ones / max(y.sum(), 1.0)
