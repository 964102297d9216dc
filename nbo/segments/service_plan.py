"""Which service is meant for which tier: who looks after the customer, what they are entitled to, what it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_numbers, check_rows
from nbo.errors import InputError

__all__ = ["ServicePlan"]

# What an optional column holds where it is missing.
_TEXTS: Final = (c.SEGMENT, c.CUSTOMER_TYPE, c.CHANNEL, "pool")
_NUMBERS: Final = {"minutes": 0.0, "cost": 0.0, "response_hours": np.nan}
_FLAGS: Final = ("events", "special_care")


@dataclass(frozen=True, eq=False, repr=False)
class ServicePlan:
    """Levels of service from the best to the plainest, with entitlements and the staff time they take.

    Parameters
    ----------
    levels : DataFrame
        One row per level of service, the best first: `level` (its name, once) and `owner` (who looks after the
        customer, such as "named representative", "experienced team", "center" or "self-service"). Optional:
        `segment`, the tier for which it is meant: customers of this tier and of better ones can have it, and tiers
        are better the sooner they are named (missing: every tier); `customer_type`, who can have it (missing: every
        type); `channel`; `pool`, the staff that does it; `minutes` of their time per customer and month; `cost` in
        money per customer and month; `response_hours`; `events` (invited to events) and `special_care` (flag at
        the point of sale). Other columns are kept as further entitlements. For each type of customer, the last
        level must be for every tier and need no staff, so that everybody has one.

    Raises
    ------
    InputError
        If a column or the level without staff is missing, a level comes twice, or a number is below 0.

    Examples
    --------
    >>> plan = ServicePlan(pd.DataFrame({
    ...     "level": ["representative", "team", "online"],
    ...     "owner": ["named representative", "experienced team", "self-service"],
    ...     "segment": ["high", "middle", "low"], "pool": ["reps", "desk", None], "minutes": [60, 10, 0]}))
    >>> plan.levels_of("consumer", tier="middle")
    ['team', 'online']
    """

    levels: pd.DataFrame

    def __post_init__(self) -> None:
        frame = check_frame(self.levels, "levels").reset_index(drop=True)
        check_columns(frame, ["level", "owner"], "levels")
        frame = _filled(frame)
        for name in ("level", "owner"):
            check_rows((frame[name] == "").to_numpy(), frame[name], f"levels.{name}", "a name")
        check_rows(frame["level"].duplicated().to_numpy(), frame["level"], "levels.level", "there once")
        unstaffed = (frame["minutes"] > 0) & (frame["pool"] == "")
        check_rows(unstaffed.to_numpy(), frame["level"], "levels", "with a pool where they need minutes")
        object.__setattr__(self, "levels", frame)
        self._check_last()

    def _check_last(self) -> None:
        worst = self.tiers[-1:]
        for kind in sorted(set(self.levels[c.CUSTOMER_TYPE])) or [""]:
            own = self.levels[self.levels[c.CUSTOMER_TYPE].isin(["", kind])].tail(1)
            everybody = own[c.SEGMENT].isin(["", *worst]) & (own["minutes"] == 0)
            if not everybody.any():
                who = f" (customers of type {kind!r})" if kind else ""
                raise InputError(
                    f"levels must end with one for every tier that needs no minutes of staff{who}; "
                    f"the last is {own['level'].tolist()}. Add one such as self-service."
                )

    @property
    def tiers(self) -> list[str]:
        """The tiers that the plan names, best first."""
        return [tier for tier in dict.fromkeys(self.levels[c.SEGMENT]) if tier]

    @property
    def pools(self) -> list[str]:
        """The pools of staff, in the order of the levels."""
        return [pool for pool in dict.fromkeys(self.levels["pool"]) if pool]

    def levels_of(self, customer_type: str = "", tier: str = "") -> list[str]:
        """Name the levels that a customer can have.

        Parameters
        ----------
        customer_type : str, optional
            Without it, or for a type that the plan does not name, the levels for every type.
        tier : str, optional
            By default levels are not kept for some tiers.

        Returns
        -------
        list of str
            The best first.

        Raises
        ------
        InputError
            If the plan does not name the tier.
        """
        fits = self.levels[c.CUSTOMER_TYPE].isin(["", customer_type])
        if tier and self.tiers:
            if tier not in self.tiers:
                raise InputError(f"tier must be one of {', '.join(map(repr, self.tiers))}; got {tier!r}.")
            fits &= self.levels[c.SEGMENT].isin(["", *self.tiers[self.tiers.index(tier) :]])
        return self.levels.loc[fits, "level"].tolist()

    def _repr_html_(self) -> str:
        return self.levels.to_html(index=False, border=0, na_rep="")


def _filled(frame: pd.DataFrame) -> pd.DataFrame:
    """Give all columns their type, and what is missing its meaning."""
    columns: dict[str, Any] = {}
    for name in ("level", "owner", *_TEXTS):
        texts = frame[name] if name in frame else pd.Series([None] * len(frame), dtype="str")
        columns[name] = texts.astype("str").fillna("").str.strip()
    for name, missing in _NUMBERS.items():
        numbers = check_numbers(frame[name], f"levels.{name}") if name in frame else np.full(len(frame), np.nan)
        check_rows((numbers < 0) | np.isinf(numbers), numbers, f"levels.{name}", "0 or more")
        columns[name] = np.where(np.isnan(numbers), missing, numbers)
    for name in _FLAGS:
        flags = check_numbers(frame[name], f"levels.{name}", "flags") if name in frame else np.zeros(len(frame))
        columns[name] = np.nan_to_num(flags) != 0
    return pd.DataFrame(columns).join(frame[[name for name in frame if name not in columns]])
