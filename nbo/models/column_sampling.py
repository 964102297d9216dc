"""Trees that look at a part of the columns each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbo.models.boosting_settings import BoostingSettings, Objective

__all__ = ["ColumnSampling"]

# With fewer, a tree could not see how two columns work together.
_FEWEST_COLUMNS = 8


@dataclass(frozen=True)
class ColumnSampling(BoostingSettings):
    """How trees are grown that look at a part of the columns each.

    They differ more from each other, and so their sum errs less.

    Parameters
    ----------
    column_share : float, default=1
        Share of the columns that each tree may look at, in (0, 1]; at least eight.
    n_columns : int, default=1
        Columns of the matrix.
    **settings
        As for :class:`~nbo.models.boosting_settings.BoostingSettings`.

    Examples
    --------
    >>> settings = ColumnSampling(100, 0.1, 8, 20, 0, 1, 0, column_share=0.4, n_columns=10)
    >>> settings.parameters("binary")["feature_fraction"]
    0.8
    """

    column_share: float = 1.0
    n_columns: int = 1

    def parameters(self, objective: Objective) -> dict[str, Any]:
        """Give the parameters in LightGBM's words.

        Parameters
        ----------
        objective : {"binary", "gamma", "regression"}

        Returns
        -------
        dict
        """
        share = min(1.0, max(self.column_share, _FEWEST_COLUMNS / self.n_columns))
        return {**super().parameters(objective), "feature_fraction": share}
