"""What the operators and functions of a condition do, with three truth values: true, false and unknown."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from nbo.arbitration.rules.values import Flags, KindError, Missing, Numbers, Texts, Times, Value
from nbo.errors import InputError
from nbo.times import check_time

__all__ = ["both", "calculate", "call", "compare", "either", "is_in", "negate", "negative", "truth"]

_ORDER: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_SUMS: Final[dict[str, np.ufunc]] = {"+": np.add, "-": np.subtract, "*": np.multiply}
_NOWHERE: Final = np.zeros((1, 1, 1), dtype=bool)
_DAY: Final = 86_400_000_000


def truth(value: Value) -> Flags:
    """Take a value as true, false or unknown.

    Parameters
    ----------
    value : Value

    Returns
    -------
    Flags

    Raises
    ------
    KindError
        If it is a number, a text or a time.
    """
    if isinstance(value, Missing):
        return Flags(_NOWHERE, _NOWHERE)
    if not isinstance(value, Flags):
        raise KindError(f"{value.kind} where true or false is needed (compare it with something)")
    return value


def both(left: Flags, right: Flags) -> Flags:
    """Join by `and`: false if any is false, true if all are true."""
    return Flags(left.true & right.true, left.false | right.false)


def either(left: Flags, right: Flags) -> Flags:
    """Join by `or`: true if any is true, false if all are false."""
    return Flags(left.true | right.true, left.false & right.false)


def negate(value: Flags) -> Flags:
    """Say the opposite; the opposite of unknown is unknown."""
    return Flags(value.false, value.true)


def compare(sign: str, left: Value, right: Value) -> Flags:
    """Compare two values.

    Parameters
    ----------
    sign : str
        One of == != < <= > >=.
    left, right : Value

    Returns
    -------
    Flags
        Unknown where one is missing.

    Raises
    ------
    KindError
        If they are of different kinds, or have no order.

    Examples
    --------
    >>> found = compare("<", Numbers(np.array([[[1.0]], [[np.nan]]])), Numbers(np.full((1, 1, 1), 2.0)))
    >>> found.true.ravel().tolist(), found.false.ravel().tolist()
    ([True, False], [False, False])
    """
    left, right = _alike(left, right)
    if isinstance(left, Missing) or isinstance(right, Missing):
        return Flags(_NOWHERE, _NOWHERE)
    ordered = sign not in ("==", "!=")
    if type(left) is not type(right) or (ordered and not isinstance(left, Numbers | Times)):
        order = "in order" if ordered and type(left) is type(right) else f"by {sign}"
        raise KindError(f"{left.kind} and {right.kind} cannot be compared {order}")
    if isinstance(left, Texts) and isinstance(right, Texts):
        return _same_texts(left, right) if sign == "==" else negate(_same_texts(left, right))
    if isinstance(left, Flags) and isinstance(right, Flags):
        same = either(both(left, right), both(negate(left), negate(right)))
        return same if sign == "==" else negate(same)
    return _compared(_ORDER[sign], left, right)


def _compared(test: Callable[[Any, Any], Any], left: Any, right: Any) -> Flags:
    known = left.known & right.known
    met = np.asarray(test(left.data, right.data))
    return Flags(met & known, ~met & known)


def _alike(left: Value, right: Value) -> tuple[Value, Value]:
    """Take a text in the condition as a time where it is compared with one."""
    if isinstance(left, Times) and isinstance(right, Texts) and right.literal:
        return left, _moment(right)
    if isinstance(right, Times) and isinstance(left, Texts) and left.literal:
        return _moment(left), right
    return left, right


def _moment(text: Texts) -> Times:
    try:
        moment = check_time(text.texts[0], "what is compared with a time")
    except (InputError, OverflowError) as error:
        raise KindError(f"{text.texts[0]!r}, which is no time such as '2026-06-30',") from error
    return Times(np.full((1, 1, 1), moment.to_datetime64().astype("datetime64[us]")))


def _same_texts(left: Texts, right: Texts) -> Flags:
    if len(right.texts) == 1:
        left, right = right, left
    if len(left.texts) == 1 and left.known.all():
        return right.having([text == left.texts[0] for text in right.texts])
    numbers: dict[str, int] = {}
    shared = [
        np.array([*(numbers.setdefault(text, len(numbers)) for text in side.texts), -1])[side.codes]
        for side in (left, right)
    ]
    known = left.known & right.known
    same = (shared[0] == shared[1]) & known
    return Flags(same, known & ~same)


def is_in(value: Value, items: list[Value]) -> Flags:
    """Tell whether a value is one of a list; unknown where it is missing.

    Parameters
    ----------
    value : Value
    items : list of Value
        That stand in the condition.

    Returns
    -------
    Flags

    Raises
    ------
    KindError
        If an item is of another kind.
    """
    if isinstance(value, Texts) and all(isinstance(item, Texts) for item in items):
        wanted = {item.texts[0] for item in items if isinstance(item, Texts)}
        return value.having([text in wanted for text in value.texts])
    if isinstance(value, Numbers) and all(isinstance(item, Numbers) for item in items):
        sought = np.array([item.data.item() for item in items if isinstance(item, Numbers)])
        there = np.isin(value.data, sought)
        return Flags(there, value.known & ~there)
    found = compare("==", value, items[0])
    for item in items[1:]:
        found = either(found, compare("==", value, item))
    return found


def calculate(sign: str, left: Value, right: Value) -> Value:
    """Add, subtract, multiply or divide numbers; by zero, the result is missing.

    Parameters
    ----------
    sign : str
        One of + - * /.
    left, right : Value

    Returns
    -------
    Value

    Raises
    ------
    KindError
        If one is no number.
    """
    for side in (left, right):
        if not isinstance(side, Numbers | Missing):
            raise KindError(f"{side.kind} where a number is needed")
    if isinstance(left, Missing) or isinstance(right, Missing):
        return Missing()
    first, second = _number(left).data, _number(right).data
    with np.errstate(all="ignore"):
        if sign != "/":
            return Numbers(_SUMS[sign](first, second))
        return Numbers(np.where(second == 0, np.nan, first / second))


def _number(value: Value) -> Numbers:
    if not isinstance(value, Numbers):
        raise KindError(f"{value.kind} where a number is needed")
    return value


def negative(value: Value) -> Value:
    """Change the sign of a number."""
    return value if isinstance(value, Missing) else Numbers(-_number(value).data)


def call(name: str, values: list[Value], as_of: Times) -> Value:
    """Call a function of the language.

    Parameters
    ----------
    name : str
        But `column`, which the walker looks up.
    values : list of Value
        As many as it takes.
    as_of : Times
        Moment of each customer's decision.

    Returns
    -------
    Value

    Raises
    ------
    KindError
        If a value is of a kind that it does not take.
    """
    first = values[0]
    if name == "isnull":
        return Flags(~first.known, first.known)
    if name == "between":
        return both(compare("<=", values[1], first), compare("<=", first, values[2]))
    if any(isinstance(value, Missing) for value in values):
        return Missing()
    if name == "days_since":
        return _days_since(first, as_of)
    if name in ("lower", "startswith"):
        return _of_texts(name, first, values[1:])
    if name == "abs":
        return Numbers(np.abs(_number(first).data))
    found = _number(first).data
    for value in values[1:]:
        found = (np.minimum if name == "min" else np.maximum)(found, _number(value).data)
    return Numbers(found)


def _days_since(value: Value, as_of: Times) -> Numbers:
    moment = _moment(value) if isinstance(value, Texts) and value.literal else value
    if not isinstance(moment, Times):
        raise KindError(f"days_since() of {value.kind}, which is no time,")
    spent = (as_of.data - moment.data).astype("timedelta64[us]")
    return Numbers(np.where(np.isnat(spent), np.nan, spent.astype(np.int64) / _DAY))


def _of_texts(name: str, value: Value, more: list[Value]) -> Value:
    if not isinstance(value, Texts):
        raise KindError(f"{name}() of {value.kind}, which is no text,")
    if name == "lower":
        return Texts(value.codes, [text.lower() for text in value.texts], value.literal)
    (start,) = [text for side in more if isinstance(side, Texts) for text in side.texts]
    return value.having([text.startswith(start) for text in value.texts])
