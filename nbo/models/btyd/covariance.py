"""The uncertainty of parameters, from the curvature of the likelihood."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.models.btyd.optimum import Optimum

__all__ = ["natural_covariance", "parameter_draws"]


def natural_covariance(optimum: Optimum, back: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Turn the curvature at the optimum into the covariance of the parameters, by the delta method.

    Parameters
    ----------
    optimum : Optimum
    back : ndarray of shape (k, k)
        From the coordinates of the search to those of the log-parameters.
    slope : ndarray of shape (k,)
        Derivative of each parameter by its coordinate.

    Returns
    -------
    ndarray of shape (k, k)
        NaN in the rows and columns of parameters at a bound; all NaN where the likelihood does not
        bend downwards.
    """
    covariance = np.full(optimum.hessian.shape, np.nan)
    free = np.flatnonzero(optimum.free)
    inner = optimum.hessian[np.ix_(free, free)]
    if len(free) and np.linalg.eigvalsh(inner)[0] > 1e-8:
        covariance[np.ix_(free, free)] = np.linalg.inv(inner)
    # A parameter at its bound makes what is computed from it NaN, and nothing else.
    used = (back != 0).astype(float)
    lost = (used @ np.isnan(np.diag(covariance))) > 0
    result = back @ np.nan_to_num(covariance) @ back.T * np.outer(slope, slope)
    result[lost] = np.nan
    result[:, lost] = np.nan
    return result


def parameter_draws(
    params: dict[str, float], covariance: pd.DataFrame, logs: Sequence[str], n: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw parameters from the normal approximation of their log (Laplace's method).

    Parameters
    ----------
    params : dict of str to float
    covariance : DataFrame of shape (k, k)
        Of the parameters.
    logs : sequence of str
        Parameters that are above 0; the others are normal as they are.
    n : int
    rng : Generator

    Returns
    -------
    DataFrame of shape (n, k)

    Raises
    ------
    InputError
        If the data do not tell all parameters.
    """
    numbers = np.array(list(params.values()))
    positive = np.isin(list(params), logs)
    slope = np.where(positive, numbers, 1.0)
    inner = covariance.to_numpy() / np.outer(slope, slope)
    if not np.isfinite(inner).all():
        told = np.isfinite(np.diag(inner))
        lost = ", ".join(name for name, fine in zip(params, told, strict=True) if not fine)
        raise InputError(f"the data do not tell the parameters {lost}, so they can't be drawn. Use `bootstrap`.")
    curvature, vectors = np.linalg.eigh(inner)
    noise = rng.standard_normal((n, len(numbers))) * np.sqrt(np.maximum(curvature, 0.0)) @ vectors.T
    # Along a ridge the normal approximation runs far away; a factor of e**7 is the end of it.
    noise = np.clip(noise, -7.0, 7.0)
    drawn = np.where(positive, numbers * np.exp(np.where(positive, noise, 0.0)), numbers + noise)
    return pd.DataFrame(drawn, columns=list(params))
