"""One limit on who gets what: a capacity, a budget, a minimum, or a share of a group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nbo.errors import InputError
from nbo.numbers import check_number

__all__ = ["Limit"]


@dataclass(frozen=True, eq=False)
class Limit:
    """Bound what an allocation gives, or spends, of some offers to some customers.

    A limit counts the assignments of its offers to its customers, each with its cost. So it is a capacity of an
    offer, channel, region or agent, a budget, a minimum volume, or a fair share.

    Parameters
    ----------
    offers : sequence of int or str, optional
        Columns of the priority that count, by position or by offer id. All by default.
    at_most : float, optional
        The largest amount allowed, 0 or more.
    at_least : float, optional
        The smallest amount allowed, 0 or more.
    cost : ndarray of shape (k,) or (n, k), optional
        What an assignment counts, 0 or more: money, minutes. By default each counts 1.
    name : str, optional
        For messages and tables; by default "limit 1" and so on.
    rows : ndarray of bool, shape (n,), or of int, optional
        Customers that count: a mask, or their positions. All by default.
    at_most_share : float, optional
        Instead of amounts: the customers in `rows` get at most this share, in [0, 1], of what all customers get.
    at_least_share : float, optional
        Likewise, at least this share.

    Raises
    ------
    InputError
        If no bound is given, or both amounts and a share; if a bound is negative or not finite, `at_least` is above
        `at_most`, or a share has no `rows`.

    Examples
    --------
    >>> Limit(offers=["card"], at_most=500, name="letters")
    Limit(offers=['card'], at_most=500, at_least=None, name='letters')
    >>> Limit(at_most=100, at_least=200)
    Traceback (most recent call last):
    nbo.errors.InputError: at_least must be at most at_most; got at_least=200 and at_most=100.
    """

    offers: Sequence[Any] | None = None
    at_most: float | None = None
    at_least: float | None = None
    cost: Any = None
    name: str | None = None
    rows: Any = None
    at_most_share: float | None = None
    at_least_share: float | None = None

    def __post_init__(self) -> None:
        for bound in ("at_most", "at_least"):
            if getattr(self, bound) is not None:
                check_number(getattr(self, bound), self._of(bound), "0 or more", lambda x: 0 <= x < float("inf"))
        for bound in ("at_most_share", "at_least_share"):
            if getattr(self, bound) is not None:
                check_number(getattr(self, bound), self._of(bound), "in [0, 1]", lambda x: 0 <= x <= 1)
        if self.name is not None and not isinstance(self.name, str):
            raise InputError(f"name of a limit must be a text; got {self.name!r}.")
        self._check_bounds()

    @property
    def share(self) -> float | None:
        """The share that is asked, or None where amounts are."""
        return self.at_most_share if self.at_least_share is None else self.at_least_share

    def __repr__(self) -> str:
        bounds = ["at_most", "at_least"] if self.share is None else ["at_most_share", "at_least_share"]
        return f"Limit({', '.join(f'{field}={getattr(self, field)!r}' for field in ('offers', *bounds, 'name'))})"

    def _of(self, bound: str) -> str:
        return bound if self.name is None else f"{bound} of {self.name!r}"

    def _check_bounds(self) -> None:
        amounts = self.at_most is not None or self.at_least is not None
        shares = (self.at_most_share is not None) + (self.at_least_share is not None)
        if amounts + shares != 1:
            raise InputError(
                f"a limit needs at_most, at_least or both, or else one of at_most_share and at_least_share; got {self}"
                f"{' with ' if shares else ' without '}a share. Make two limits where both are meant."
            )
        if shares and self.rows is None:
            raise InputError(f"a share needs rows, the customers who get it; got {self} without rows.")
        if self.at_most is not None and self.at_least is not None and self.at_least > self.at_most:
            raise InputError(
                f"{self._of('at_least')} must be at most at_most; got at_least={self.at_least} and "
                f"at_most={self.at_most}."
            )
