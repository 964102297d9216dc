"""Whether the arms have as many customers as they should."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from nbo.checks import check_keys, check_rows
from nbo.errors import InputError
from nbo.experiments.arm_names import OUTSIDE
from nbo.experiments.normal_mixture import NormalMixture
from nbo.experiments.ratio_check import RatioCheck
from nbo.numbers import check_number

__all__ = ["sample_ratio"]


def sample_ratio(
    arms: Any, shares: Mapping[str, float], *, limit: float = 0.001, planned: float = 10_000
) -> RatioCheck:
    r"""Test whether customers came into the arms with the chances that they should.

    Where they did not, who is counted depends on the arm: rows were lost, or arms were drawn otherwise. Then
    nothing that the arms differ by can be believed [1]_. The test is Pearson's chi-square; its p-value holds
    for one look. Another holds at all looks together: with the counts :math:`n_j` of n customers, the shares
    :math:`p_j` and a prior strength k,

    .. math:: e = \frac{\Gamma(k)}{\Gamma(k + n)} \prod_j \frac{\Gamma(k p_j + n_j)}{\Gamma(k p_j) p_j^{n_j}}

    is the evidence of a Dirichlet mixture against the shares, and :math:`1 / e` a p-value at any time [2]_.

    Parameters
    ----------
    arms : array-like of shape (n,)
        Arm of each customer, each customer once. Those "outside" do not count.
    shares : mapping of str to float
        What each arm should have, above 0; they are brought to a sum of 1. Of ``Arms``,
        ``arms.table().set_index("arm")["share"]``.
    limit : float, default=0.001
        Alarm at p-values below it, in (0, 1).
    planned : float, default=10000
        Customers at which the test for all times shall be sharpest, chosen without looking.

    Returns
    -------
    RatioCheck

    Raises
    ------
    InputError
        If an arm is not among the shares, or a share is not above 0.

    References
    ----------
    .. [1] Fabijan, A., Gupchup, J., Gupta, S., Omhover, J., Qin, W., Vermeer, L. and Dmitriev, P. (2019). Diagnosing
       sample ratio mismatch in online controlled experiments. KDD.
    .. [2] Lindon, M. and Malek, A. (2022). Anytime-valid inference for multinomial count data. NeurIPS 35.

    Examples
    --------
    >>> check = sample_ratio(["agent"] * 5200 + ["control"] * 4800, {"agent": 0.5, "control": 0.5})
    >>> round(check.chi_square, 2), check.alarm
    (16.0, True)
    """
    check_number(limit, "limit", "in (0, 1)", lambda share: 0 < share < 1)
    expected = _expected(shares)
    given = pd.Series(arms).reset_index(drop=True)
    check_keys(given, "arms")
    given = given[(given != OUTSIDE).to_numpy(dtype=bool)]
    known = ", ".join(map(repr, expected.index))
    check_rows(~given.isin(expected.index).to_numpy(dtype=bool), given, "arms", f"one of {known}")
    counts = given.value_counts().reindex(expected.index, fill_value=0).to_numpy(dtype=float)
    n, parts = counts.sum(), expected.to_numpy()
    chi_square = float(((counts - n * parts) ** 2 / (n * parts)).sum()) if n else 0.0
    # The planned number and the strength of the prior go together as in the normal mixture.
    strength = planned / NormalMixture(planned, 1 - limit).spread
    evidence = special.gammaln(strength) - special.gammaln(strength + n)
    evidence += (special.gammaln(strength * parts + counts) - special.gammaln(strength * parts)).sum()
    evidence -= (counts * np.log(parts)).sum()
    return RatioCheck(
        table=pd.DataFrame({"arm": expected.index, "n": counts.astype(int), "expected": n * parts}),
        chi_square=chi_square,
        p_value=float(special.chdtrc(max(len(parts) - 1, 1), chi_square)),
        p_value_any_time=float(np.exp(-max(evidence, 0.0))),
        limit=limit,
    )


def _expected(shares: Mapping[str, float]) -> pd.Series:
    given = {arm: share for arm, share in dict(shares).items() if arm != OUTSIDE}
    if not given:
        raise InputError("shares must name the arms; got none.")
    for arm, share in given.items():
        check_number(share, f"shares[{arm!r}]", "above 0 and finite", lambda part: 0 < part < np.inf)
    expected = pd.Series(given, dtype=float)
    return expected / expected.sum()
