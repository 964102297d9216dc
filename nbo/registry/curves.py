"""Pictures of how good a model was on later rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nbo.models import lift_by_decile
from nbo.next_best_offer.later_rows import LaterRows
from nbo.views import plot_calibration, plot_gains, plot_lift
from nbo.wilson import wilson_interval

__all__ = ["draw_curves", "rows_of"]


def draw_curves(later: LaterRows, folder: Path) -> list[Path]:
    """Draw calibration, gains and lift of each part that was measured, as PNG files.

    Parameters
    ----------
    later : LaterRows
    folder : Path
        It is made if it is not there.

    Returns
    -------
    list of Path
        Such as ``propensity_calibration.png``.
    """
    made = []
    for part, groups in later.groups.groupby("part", sort=False):
        y, p = rows_of(groups)
        axes = {"calibration": plot_calibration(y, p), "gains": plot_gains(y, p), "lift": plot_lift(_lifts(y, p))}
        folder.mkdir(parents=True, exist_ok=True)
        for name, ax in axes.items():
            ax.set_title(f"{part}: {name}, {len(y):,} later rows")
            made.append(folder / f"{part}_{name}.png")
            figure: Any = ax.figure
            figure.savefig(made[-1])
    return made


def rows_of(groups: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Give the rows of groups of like predictions, each with the mean prediction of its group.

    Parameters
    ----------
    groups : DataFrame
        probability, n and ones.

    Returns
    -------
    y, p : ndarray of shape (sum of n,)

    Examples
    --------
    >>> rows_of(pd.DataFrame({"probability": [0.2, 0.7], "n": [2, 1], "ones": [1, 1]}))
    (array([1., 0., 1.]), array([0.2, 0.2, 0.7]))
    """
    counts = groups[["ones", "n"]].to_numpy(dtype=np.int64)
    zeros_too = np.column_stack([counts[:, 0], counts[:, 1] - counts[:, 0]]).ravel()
    y = np.repeat(np.tile([1.0, 0.0], len(groups)), zeros_too)
    return y, np.repeat(groups["probability"].to_numpy(dtype=float), counts[:, 1])


def _lifts(y: np.ndarray, p: np.ndarray) -> pd.DataFrame:
    tenths, rate = lift_by_decile(y, p), y.mean() or np.nan
    n = tenths["n"].to_numpy()
    low, high = wilson_interval(np.clip(tenths["ones"].to_numpy(), 0, n), n)
    # No bound may cross its value by a rounding error.
    bounds = {"low": np.minimum(low / rate, tenths["lift"]), "high": np.maximum(high / rate, tenths["lift"])}
    return pd.DataFrame({"decile": tenths["decile"], "metric": "lift", "value": tenths["lift"], **bounds})
