"""From service to satisfaction, to loyalty, to value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_columns, check_frame, check_numbers, check_rows
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.rng import generator
from nbo.value.resampled_means import expanded_tail, resampled_means
from nbo.value.satisfaction_chain_result import SatisfactionChain

__all__ = ["satisfaction_chain"]

# At most this share of the replicates may tell nothing.
_LEFT_OUT = 0.05


def satisfaction_chain(
    customers: Any,
    drivers: Sequence[str],
    *,
    satisfaction: str = "satisfaction",
    loyalty: str = "loyalty",
    value: str = "value",
    n_bootstrap: int = 1000,
    level: float = 0.95,
    rng: int | np.random.Generator | None = 0,
) -> SatisfactionChain:
    """Tell what drives satisfaction, and how far it carries on to loyalty and value.

    Three linear equations in standard deviations: satisfaction by the drivers; loyalty by satisfaction and the drivers;
    value by loyalty, satisfaction and the drivers. The effect of a driver along the chain is the product of its path to
    satisfaction, that from there to loyalty, and that from there to value [1]_. How important drivers are that go
    together is told by their relative weights [2]_. Intervals are percentiles of a bootstrap over customers.

    The paths are effects only if nothing else moves two of the four at once. They show where an experiment pays.

    Parameters
    ----------
    customers : DataFrame
        Numbers; the drivers and satisfaction must have been measured before loyalty, and that before value. Rows with a
        missing number are left out, and counted.
    drivers : sequence of str
        Columns such as service quality, recognition, support.
    satisfaction, loyalty, value : str
        Columns; loyalty may be 0 and 1, such as whether the customer stayed.
    n_bootstrap : int, default=1000
        Replicates, 100 or more.
    level : float, default=0.95
        Of each interval by itself, in (0, 1).
    rng : int, numpy.random.Generator or None, default=0
        For the bootstrap.

    Returns
    -------
    SatisfactionChain

    Raises
    ------
    InputError
        If a column is missing or is named twice, a value is no number, there are too few customers, a column does not
        vary or follows from others, or an argument is not allowed.

    References
    ----------
    .. [1] Wright, S. (1934). The method of path coefficients. Annals of Mathematical Statistics 5.
    .. [2] Johnson, J. W. (2000). A heuristic method for estimating the relative weight of predictor variables in
       multiple regression. Multivariate Behavioral Research 35.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"support": rng.normal(size=2000), "price": rng.normal(size=2000)})
    >>> frame["satisfaction"] = frame["support"] + rng.normal(size=2000)
    >>> frame["loyalty"] = frame["satisfaction"] + rng.normal(size=2000)
    >>> frame["value"] = 10 * frame["loyalty"] + rng.normal(size=2000)
    >>> satisfaction_chain(frame, ["support", "price"]).importance["driver"].tolist()
    ['support', 'price']
    """
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    check_number(n_bootstrap, "n_bootstrap", "100 or more", lambda n: n >= 100, whole=True)
    names = [*drivers, satisfaction, loyalty, value]
    numbers, left_out = _numbers(customers, names)
    d, n = len(names) - 3, len(numbers)
    center, scale = numbers.mean(axis=0), numbers.std(axis=0)
    _check_scale(names, scale)
    standard = (numbers - center) / scale
    row, column = np.triu_indices(len(names))
    products = np.column_stack([standard, standard[:, row] * standard[:, column]])
    drawn = resampled_means(products, np.zeros(n, dtype=int), 1, n_bootstrap, generator(rng))[:, 0]
    found = _estimates(np.vstack([products.mean(axis=0), drawn]), len(names), names)
    tail = float(expanded_tail(np.array([n]), level)[0])

    def bounded(values: np.ndarray, name: str) -> dict[str, np.ndarray]:
        low, high = np.quantile(values[1:], [tail, 1 - tail], axis=0)
        return {name: values[0], "low": low, "high": high}

    weights = bounded(found["weights"], "weight")
    importance = pd.DataFrame({"driver": names[:d], **weights})
    importance["share"] = importance["weight"] / (importance["weight"].sum() or np.nan)
    chain = pd.DataFrame({"source": [*names[:d], satisfaction], **bounded(found["chain"], "effect")})
    return SatisfactionChain(
        importance.sort_values("weight", ascending=False, kind="stable", ignore_index=True),
        pd.DataFrame({**_ends(names), **bounded(found["paths"], "coefficient")}),
        chain.assign(money=chain["effect"] * scale[-1]),
        pd.DataFrame({"target": names[d:], "r_squared": found["fit"][0]}),
        n,
        left_out,
        level,
    )


def _numbers(customers: Any, names: list[str]) -> tuple[np.ndarray, int]:
    frame = check_frame(customers, "customers")
    if len(set(names)) < len(names) or len(names) < 4:
        raise InputError(f"drivers must be one or more, and all columns different; got {names!r}.")
    check_columns(frame, names, "customers")
    numbers = np.column_stack([check_numbers(frame[name], f"customers.{name}") for name in names])
    check_rows(np.isinf(numbers).any(axis=1), numbers.tolist(), "customers", "finite")
    whole = ~np.isnan(numbers).any(axis=1)
    if whole.sum() < 2 * len(names):
        raise InputError(
            f"customers must be {2 * len(names)} or more without a missing number; got {int(whole.sum())}."
        )
    return numbers[whole], int((~whole).sum())


def _check_scale(names: list[str], scale: np.ndarray) -> None:
    for name, spread in zip(names, scale, strict=True):
        if not spread > 0:
            raise InputError(f"customers.{name} must vary; it is the same in all rows.")


def _ends(names: list[str]) -> dict[str, list[str]]:
    """Name the paths: all that stand before loyalty, value and, of the drivers, satisfaction."""
    targets = range(len(names) - 3, len(names))
    pairs = [(names[source], names[target]) for target in targets for source in range(target)]
    return {"source": [source for source, _ in pairs], "target": [target for _, target in pairs]}


def _estimates(means: np.ndarray, p: int, names: list[str]) -> dict[str, np.ndarray]:
    """Solve the equations of each replicate from its mean products; the first axis is the replicates."""
    mean, second = means[:, :p], means[:, p:]
    row, column = np.triu_indices(p)
    moments = np.empty((len(means), p, p))
    moments[:, row, column] = moments[:, column, row] = second
    moments -= mean[:, :, None] * mean[:, None, :]
    spread = np.sqrt(np.maximum(np.einsum("bii->bi", moments), 1e-300))
    r = _solvable(moments / (spread[:, :, None] * spread[:, None, :]), spread.min(axis=1) > 1e-6, names)
    d = p - 3
    solved = [np.linalg.solve(r[:, :k, :k], r[:, :k, k, None])[:, :, 0] for k in range(d, p)]
    fit = np.stack([(b * r[:, :k, k]).sum(axis=1) for b, k in zip(solved, range(d, p), strict=True)], axis=1)
    to_loyalty_and_on = solved[1][:, d] * solved[2][:, d + 1]
    along = np.column_stack([solved[0] * to_loyalty_and_on[:, None], to_loyalty_and_on])
    return {"paths": np.concatenate(solved, axis=1), "chain": along, "fit": fit, "weights": _relative_weights(r, d)}


def _solvable(r: np.ndarray, varied: np.ndarray, names: list[str]) -> np.ndarray:
    """Leave out the replicates in which a column does not vary, or follows from others; the first is the sample."""
    r[~varied] = 1.0
    apart = np.linalg.eigvalsh(r[:, :-1, :-1]).min(axis=1) > 1e-9
    if not apart[0]:
        raise InputError(f"no column may follow from the others; {', '.join(names[:-1])} do. Leave one out.")
    if (~apart).mean() > _LEFT_OUT:
        raise InputError(
            f"customers must differ more: in {(~apart).mean():.0%} of the samples drawn of them a column is constant, "
            "or follows from others. Leave out what only a few have."
        )
    return r[apart]


def _relative_weights(r: np.ndarray, d: int) -> np.ndarray:
    """Share out R squared of the drivers by way of the nearest variables that do not go together."""
    eigenvalues, vectors = np.linalg.eigh(r[:, :d, :d])
    root = (vectors * np.sqrt(np.maximum(eigenvalues, 1e-12))[:, None, :]) @ vectors.transpose(0, 2, 1)
    beta = np.linalg.solve(root, r[:, :d, d, None])
    return (root**2 @ beta**2)[:, :, 0]
