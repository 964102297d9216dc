"""Keys and texts as whole numbers, numbered in the order in which they first came."""

from __future__ import annotations

from typing import Any

from nbo.errors import InputError

__all__ = ["KeyKinds", "Numbering"]

_KINDS: dict[bool | None, str] = {True: "whole numbers", False: "texts"}


class Numbering(dict[Any, int]):
    """Keys or texts as whole numbers, in the order in which they first came; all are of one kind.

    Asked for a new one, as by ``numbering["ann"]``, it gives the next number.

    Attributes
    ----------
    values : list
        What each number stands for.
    whole : bool or None
        Whether they are whole numbers; None as long as there are none.

    Examples
    --------
    >>> numbering = Numbering()
    >>> numbering.take(["ann", "bob"])
    [0, 1]
    >>> numbering["cy"], numbering["ann"], numbering.values
    (2, 0, ['ann', 'bob', 'cy'])
    """

    def __init__(self) -> None:
        super().__init__()
        self.values: list[Any] = []  # type: ignore[assignment]
        self.whole: bool | None = None

    def __missing__(self, value: Any) -> int:
        if value is None:
            return -1
        # Of another kind, or the first at all: to be looked at more closely.
        if self.whole is not False or type(value) is not str:
            raise TypeError(value)
        return self._next(value)

    def of_whole(self, value: Any) -> int:
        """Give the number of a key that is a whole number; TypeError if it is none."""
        if value is None:
            return -1
        # True is equal to 1, so equality is not enough.
        if self.whole is not True or type(value) is not int:
            raise TypeError(value)
        number = self.get(value)
        return self._next(value) if number is None else number

    def take(self, values: list[Any]) -> list[int]:
        """Give the numbers of values, all of one kind and that of those before."""
        if values:
            self.whole = isinstance(values[0], int)
        known = self.get
        return [self._next(value) if (number := known(value)) is None else number for value in values]

    def _next(self, value: Any) -> int:
        number = self[value] = len(self.values)
        self.values.append(value)
        return number


class KeyKinds:
    """Of which kind keys are, before any is numbered: what is refused must not decide it.

    Examples
    --------
    >>> numbering, kinds = Numbering(), KeyKinds()
    >>> kinds.claim(numbering, [7], "events.customer_id")
    >>> kinds.claim(numbering, ["ann"], "social.customer_id")
    Traceback (most recent call last):
    nbo.errors.InputError: social.customer_id must hold whole numbers, as events.customer_id do; it holds texts such \
as 'ann'.
    """

    def __init__(self) -> None:
        self._claims: dict[int, tuple[bool | None, str]] = {}

    def claim(self, numbering: Numbering, values: list[Any], what: str) -> None:
        """Refuse keys of another kind than the keys before.

        Parameters
        ----------
        numbering : Numbering
        values : list of str or of int
        what : str
            Name for messages.

        Raises
        ------
        InputError
            If they are of another kind.
        """
        if not values:
            return
        whole, before = isinstance(values[0], int), (numbering.whole, "the keys before")
        known, where = self._claims.setdefault(id(numbering), (whole, what) if numbering.whole is None else before)
        if known != whole:
            raise InputError(
                f"{what} must hold {_KINDS[known]}, as {where} do; it holds {_KINDS[whole]} such as {values[0]!r}."
            )
