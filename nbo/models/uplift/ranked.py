"""Customers in the order of a score, and what treating them from the top down gains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbo.models.uplift.measured import Measured

__all__ = ["Ranked", "rank"]


@dataclass(frozen=True)
class Ranked:
    """Customers from the highest score down.

    Parameters
    ----------
    y, treated, weight, inverse : ndarray of float, shape (n,)
        Outcome, whether treated (0 or 1), weight, and weight over the probability of the own arm; all in the order.
    ends : ndarray of int, shape (m,)
        The last row of each score: customers of the same score come in no order.
    order : ndarray of int, shape (n,)
        The rows that they were.
    """

    y: np.ndarray
    treated: np.ndarray
    weight: np.ndarray
    inverse: np.ndarray
    ends: np.ndarray
    order: np.ndarray

    def curve(self, times: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Give the gain of treating the first ones, per customer of all.

        Parameters
        ----------
        times : ndarray of float, shape (n,), optional
            How often each row counts, in the caller's order; for a bootstrap.

        Returns
        -------
        share, gain : ndarray of shape (m + 1,)
            From no one to all. The gain is 0 as long as an arm is missing.
        """
        counted = np.ones(len(self.y)) if times is None else times[self.order]
        inverse = self.inverse * counted
        share = np.cumsum(self.weight * counted)[self.ends]
        means = []
        for arm in (self.treated, 1 - self.treated):
            total = np.cumsum(inverse * arm)[self.ends]
            earned = np.cumsum(inverse * arm * self.y)[self.ends]
            means.append(np.divide(earned, total, out=np.full(len(total), np.nan), where=total > 0))
        share = share / share[-1]
        return np.append(0.0, share), np.append(0.0, np.nan_to_num(share * (means[0] - means[1])))

    def area(self, times: np.ndarray | None = None) -> float:
        """Give the area under the curve.

        Parameters
        ----------
        times : ndarray of float, shape (n,), optional
            As for :meth:`curve`.

        Returns
        -------
        float
        """
        share, gain = self.curve(times)
        return float(np.trapezoid(gain, share))

    def area_above_random(self, times: np.ndarray | None = None) -> float:
        """Give the area between the curve and the straight line to its end.

        Parameters
        ----------
        times : ndarray of float, shape (n,), optional
            As for :meth:`curve`.

        Returns
        -------
        float
        """
        share, gain = self.curve(times)
        return float(np.trapezoid(gain, share) - gain[-1] / 2)


def rank(measured: Measured, uplift: np.ndarray) -> Ranked:
    """Order customers by a score.

    Parameters
    ----------
    measured : Measured
        Of one treatment.
    uplift : ndarray of float, shape (n,)

    Returns
    -------
    Ranked
    """
    order = np.argsort(-uplift, kind="stable")
    ends = np.flatnonzero(np.diff(uplift[order], append=np.nan) != 0)
    treated = (measured.arm == 1).astype(float)
    return Ranked(measured.y[order], treated[order], measured.weight[order], measured.inverse[order], ends, order)
