"""By how much the arms of an experiment differ, with intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_numbers, check_one_of, check_rows
from nbo.newcombe import newcombe_interval
from nbo.numbers import check_number

__all__ = ["compare_arms"]


def compare_arms(
    feedback: pd.DataFrame,
    baseline: str = "control",
    by: str | None = None,
    reward: str = c.REWARD,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Report the difference of the mean reward between each arm and a baseline.

    Arms are drawn by a hash of the customer, see :class:`~nbo.Control`; so the difference is
    what the policy caused. Where rewards are 0 or 1 and no customer comes twice, the interval
    is Newcombe's [1]_, made of the Wilson intervals of both rates; it holds for few and rare
    acceptances, too. Otherwise it is normal, by the delta method for the ratio of summed
    rewards to decisions, with customers as the units: decisions of one customer may be alike.

    Parameters
    ----------
    feedback : DataFrame
        Columns `arm` and the reward, of decisions that are answered; `customer_id` where there
        is one. Rows with a missing reward, such as pending ones, are left out.
    baseline : str, default="control"
        Arm to compare with.
    by : str, optional
        Column, such as `segment`, of whose values each is reported alone.
    reward : str, default="reward"
        Column of numbers, such as acceptance or profit.
    level : float, default=0.95
        How often an interval shall hold the true difference, in (0, 1).

    Returns
    -------
    DataFrame
        A row for each other arm that is there, for each value of `by`: `arm`, `n` (decisions),
        `mean` (reward), `baseline_n`, `baseline_mean`, `difference`, `low` and `high`; NaN
        where an arm has fewer than two customers.

    Raises
    ------
    InputError
        If a column is missing, a reward is not a finite number, the baseline is not among the
        arms, or the level is not in (0, 1).

    References
    ----------
    .. [1] Newcombe, R. G. (1998). Interval estimation for the difference between independent
       proportions: comparison of eleven methods. Statistics in Medicine 17, 873-890, method 10.

    Examples
    --------
    Newcombe's first example, 56 of 70 against 48 of 80.

    >>> answers = pd.DataFrame({"arm": ["policy"] * 70 + ["control"] * 80,
    ...                         "reward": [1.0] * 56 + [0.0] * 14 + [1.0] * 48 + [0.0] * 32})
    >>> compare_arms(answers)[["difference", "low", "high"]].round(4).values.tolist()
    [[0.2, 0.0524, 0.3339]]
    """
    frame, values = _answered(check_frame(feedback, "feedback"), by, reward)
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    arms = frame[c.ARM].to_numpy(dtype=object)
    if len(frame):
        check_one_of(baseline, sorted(set(arms)), "baseline")
    customers = frame[c.CUSTOMER_ID].to_numpy() if c.CUSTOMER_ID in frame else np.arange(len(frame))
    table = []
    for key, rows in _parts(frame, by):
        own = {arm: rows[arms[rows] == arm] for arm in sorted({*arms[rows], baseline})}
        each = {arm: _Arm(values[of], customers[of]) for arm, of in own.items()}
        base = each.pop(baseline)
        table += [(*key, name, *_row(arm, base, level)) for name, arm in each.items()]
    groups = [] if by is None else [by]
    names = [*groups, c.ARM, "n", "mean", "baseline_n", "baseline_mean", "difference", "low", "high"]
    return pd.DataFrame(table, columns=names)


def _answered(frame: pd.DataFrame, by: str | None, reward: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Take the rows that have a reward, and the rewards."""
    keys = [c.ARM] if by is None else [c.ARM, by]
    check_columns(frame, [*keys, reward], "feedback")
    values = check_numbers(frame[reward], f"feedback.{reward}")
    check_rows(np.isinf(values), values, f"feedback.{reward}", "finite")
    for key in keys:
        check_keys(frame[key], f"feedback.{key}")
    known = ~np.isnan(values)
    return frame[known].reset_index(drop=True), values[known]


def _parts(frame: pd.DataFrame, by: str | None) -> list[tuple[tuple[object, ...], np.ndarray]]:
    """Give the rows to be reported together, with their name."""
    if by is None:
        return [((), np.arange(len(frame)))]
    codes, names = pd.factorize(frame[by], sort=True)
    return [((name,), np.flatnonzero(codes == code)) for code, name in enumerate(names)]


class _Arm:
    """Decisions of one arm."""

    def __init__(self, rewards: np.ndarray, customers: np.ndarray) -> None:
        self.rewards = rewards
        self.n = len(rewards)
        self.mean = float(rewards.mean()) if self.n else np.nan
        self.unit, _ = pd.factorize(customers)
        self.n_units = int(self.unit.max(initial=-1)) + 1

    @property
    def plain(self) -> bool:
        """Whether rewards are 0 or 1, and all customers differ."""
        return self.n_units == self.n and bool(np.isin(self.rewards, (0, 1)).all())

    @property
    def variance(self) -> float:
        """Of the mean, by the delta method over customers."""
        off = np.bincount(self.unit, self.rewards - self.mean)
        return float(self.n_units / (self.n_units - 1) * (off**2).sum() / self.n**2)


def _row(arm: _Arm, base: _Arm, level: float) -> tuple[float, ...]:
    difference, low, high = arm.mean - base.mean, np.nan, np.nan
    if min(arm.n_units, base.n_units) > 1 and arm.plain and base.plain:
        ends = newcombe_interval(arm.rewards.sum(), arm.n, base.rewards.sum(), base.n, level)
        low, high = (float(end) for end in ends)
    elif min(arm.n_units, base.n_units) > 1:
        half = special.ndtri((1 + level) / 2) * np.sqrt(arm.variance + base.variance)
        low, high = difference - half, difference + half
    return arm.n, arm.mean, base.n, base.mean, difference, low, high
