"""Counts by group, and by how much answers of the same customer repeat each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

__all__ = ["design_effects", "tally"]


def tally(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Count answers by group.

    Parameters
    ----------
    rows : DataFrame
        As :func:`~nbo.reports.answers.read_answers` gives them.
    keys : sequence of str

    Returns
    -------
    DataFrame
        One row per group that occurs, in order: the keys as text, n, accepted, gain if there; with units, also
        customers and the sums over them of squares: `aa` (acceptances squared), `an` (acceptances times answers)
        and `nn` (answers squared).
    """
    sums = {name: (name, "sum") for name in ("accepted", "gain") if name in rows}
    groups = rows.groupby(list(keys), observed=True, sort=True)
    counted = groups.agg(n=("accepted", "size"), **sums).reset_index()
    counted = counted.assign(**{key: counted[key].astype("str") for key in keys})
    if "unit" not in rows:
        return counted
    cell = groups.ngroup().to_numpy(dtype=np.int64)
    pair, found = pd.factorize(cell * (rows["unit"].to_numpy(dtype=np.int64).max(initial=0) + 1) + rows["unit"])
    owner = np.zeros(len(found), dtype=np.int64)
    owner[pair] = cell
    n = np.bincount(pair, minlength=len(found))
    won = np.bincount(pair, rows["accepted"], minlength=len(found))
    size = len(counted)
    squares = {"aa": won * won, "an": won * n, "nn": n * n}
    return counted.assign(
        customers=np.bincount(owner, minlength=size),
        **{name: np.bincount(owner, values, minlength=size) for name, values in squares.items()},
    )


def design_effects(counted: pd.DataFrame, of: pd.Series) -> np.ndarray:
    r"""Tell how many answers weigh as much as one would if no customer answered twice.

    The answers of a customer are more alike than those of several. The variance of a rate is then larger by the
    design effect [1]_, for a group with the rate p and customers i with :math:`a_i` acceptances in :math:`n_i` answers

    .. math:: \frac{\sum_i (a_i - p n_i)^2}{n p (1 - p)}.

    Where that is noisy it may come out too low, so the largest counts of 1, that of the group, and that of all
    groups of the same `of` together.

    Parameters
    ----------
    counted : DataFrame of m groups
        As :func:`tally` gives it; without customers all effects are 1.
    of : Series of m rows
        What belongs together, such as the offer.

    Returns
    -------
    ndarray of shape (m,)
        1 or more.

    References
    ----------
    .. [1] Rao, J. N. K. and Scott, A. J. (1992). A simple method for the analysis of clustered binary data.
       Biometrics 48(2), 577-585.
    """
    if "customers" not in counted:
        return np.ones(len(counted))
    n = counted["n"].to_numpy(dtype=float)
    p = counted["accepted"].to_numpy(dtype=float) / n
    clustered = counted["aa"] - 2 * p * counted["an"] + p * p * counted["nn"]
    parts = pd.DataFrame({"clustered": clustered.to_numpy(dtype=float), "binomial": n * p * (1 - p)})
    together = parts.groupby(of.to_numpy(), sort=False).transform("sum")
    ratios = [part["clustered"] / part["binomial"].where(part["binomial"] > 0) for part in (parts, together)]
    return np.maximum.reduce([np.ones(len(n)), *(ratio.fillna(1.0).to_numpy() for ratio in ratios)])
