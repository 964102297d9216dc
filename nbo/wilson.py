"""The interval of an acceptance rate."""

from __future__ import annotations

import numpy as np
from scipy import special

from nbo.errors import InputError

__all__ = ["wilson_interval"]


def wilson_interval(accepted: np.ndarray, n: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    r"""Bound a rate from how often something happened among n cases, after Wilson [1]_.

    With :math:`\hat p = accepted / n` and z the normal quantile of the level, the bounds are

    .. math:: \frac{\hat p + z^2 / 2n \pm z \sqrt{\hat p (1 - \hat p) / n + z^2 / 4n^2}}{1 + z^2 / n}.

    Unlike :math:`\hat p \pm z \cdot` standard error, they stay in [0, 1] and hold for few cases.

    Parameters
    ----------
    accepted : ndarray of any shape
        How often, 0 to n.
    n : ndarray of the same shape
        Cases; 0 gives the bounds 0 and 1.
    level : float, default=0.95
        How often the interval shall hold the true rate, in (0, 1).

    Returns
    -------
    low : ndarray of the same shape
        In [0, 1].
    high : ndarray of the same shape
        In [0, 1].

    Raises
    ------
    InputError
        If the level is not in (0, 1).

    References
    ----------
    .. [1] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
       inference. Journal of the American Statistical Association 22(158), 209-212.

    Examples
    --------
    >>> low, high = wilson_interval(np.array([0, 5]), np.array([10, 10]))
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0, 0.2366], [0.2775, 0.7634])
    """
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise InputError(f"level must be in (0, 1), such as 0.95; got {level!r}.")
    accepted, n = np.asarray(accepted, dtype=float), np.asarray(n, dtype=float)
    z2 = special.ndtri((1 + level) / 2) ** 2
    # Both sides times n, so that no cases at all need no exception: they give 0 and 1.
    middle = accepted + z2 / 2
    spread = np.sqrt(z2) * np.sqrt(accepted * (1 - accepted / np.maximum(n, 1)) + z2 / 4)
    return np.clip((middle - spread) / (n + z2), 0, 1), np.clip((middle + spread) / (n + z2), 0, 1)
