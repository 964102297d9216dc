"""Who goes from which tier to which, as a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nbo.segments import MigrationMatrix
from nbo.views.axes import DARK, FAINT, new_axes
from nbo.views.plain_names import plain_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_migration"]


def plot_migration(migration: MigrationMatrix, ax: Axes | None = None) -> Axes:
    """Plot the shares that went from each tier to each other one.

    Each row sums to 100 %. Cells are darker where the share is larger; cells in which nobody was stay empty.

    Parameters
    ----------
    migration : MigrationMatrix
        Of :func:`~nbo.segments.migration_matrix`.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from nbo.segments import migration_matrix
    >>> ax = plot_migration(migration_matrix(["silver", "silver"], ["gold", "silver"], ["silver", "gold"]))
    >>> [text.get_text() for text in ax.texts][:2]
    ['50 %', '50 %']
    """
    shares, n = migration.shares, migration.counts.sum(axis=1)
    # Who came or went has a line only where somebody did.
    rows = [name for name in shares.index if name in migration.tiers or n[name]]
    columns = [name for name in shares.columns if name in migration.tiers or migration.counts[name].sum()]
    cells = shares.loc[rows, columns].to_numpy(dtype=float)
    ax = new_axes(ax, height=1.6 + 0.5 * max(len(rows), 1))
    if cells.size:
        edges = [np.arange(size + 1) - 0.5 for size in cells.shape[::-1]]
        ax.pcolormesh(*edges, np.ma.masked_invalid(cells), cmap="Blues", vmin=0, vmax=1)
        ax.invert_yaxis()
    for (row, column), share in np.ndenumerate(cells):
        if share > 0:
            color = "white" if share > 0.55 else DARK
            ax.text(column, row, f"{100 * share:.0f} %", ha="center", va="center", color=color, fontsize=9)
    ax.set_xticks(range(len(columns)), plain_names(columns))
    ax.set_yticks(range(len(rows)), plain_names(f"{name} ({n[name]:,})" for name in rows))
    ax.spines[:].set_visible(False)
    ax.tick_params(color=FAINT, length=0)
    ax.set_xlabel("After")
    ax.set_ylabel("Before (customers)")
    return ax
