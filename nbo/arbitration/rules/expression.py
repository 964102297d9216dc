"""A condition over customers, offers and ways, as text."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.rules import operations
from nbo.arbitration.rules.kept import kept
from nbo.arbitration.rules.syntax import near, parse_condition, refuse_at
from nbo.arbitration.rules.values import Flags, KindError, Texts, Times, Value, literal_value, value_of

__all__ = ["Expression"]

_SIGNS: Final[dict[type, str]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}


class Expression:
    """A condition over customers, offers and ways, as text.

    It reads like Python and is none: the text is parsed and walked, never run. A missing value makes a comparison
    unknown, and `and`, `or`, `not` follow Kleene's three truth values.

    Parameters
    ----------
    text : str
        Such as ``age >= 18 and offer.category in ["cards", "loans"]``. The names are those of
        :attr:`nbo.arbitration.Candidates.column_names`, and ``as_of``.
    where : str, default="condition"
        Whose it is, for messages.

    Raises
    ------
    InputError
        If it is not in the grammar; says where, and what is allowed.

    References
    ----------
    .. [1] Kleene, S. C. (1952). Introduction to Metamathematics, paragraph 64. North-Holland.

    Examples
    --------
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> customers = pd.DataFrame({"customer_id": ["ann", "bob", "cid"], "age": [30.0, 16.0, None]})
    >>> spine, catalog = Spine.at("2026-06-30", customers), Catalog([Offer("card", value=40.0)])
    >>> candidates = Candidates.of(CustomerTables(customers=customers), spine, catalog)
    >>> found = Expression("age < 18 and offer.value > 10").flags(candidates)
    >>> found.true.ravel().tolist(), found.false.ravel().tolist()
    ([False, True, False], [True, False, False])
    """

    def __init__(self, text: str, where: str = "condition") -> None:
        self.text, self.where = text, where
        self._tree = parse_condition(text, where)

    @property
    def names(self) -> list[str]:
        """Columns of the customers that it reads."""
        nodes = list(ast.walk(self._tree))
        calls = [node for node in nodes if isinstance(node, ast.Call)]
        others = {id(call.func) for call in calls}
        others |= {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
        plain = [node.id for node in nodes if isinstance(node, ast.Name) and id(node) not in others]
        named = [str(getattr(call.args[0], "value", "")) for call in calls if _is_column(call)]
        return [name for name in dict.fromkeys([*plain, *named]) if name != c.AS_OF]

    def flags(self, candidates: Candidates) -> Flags:
        """Tell for which triples it holds.

        Parameters
        ----------
        candidates : Candidates
            n customers, k offers, m ways.

        Returns
        -------
        Flags
            `true` and `false`, each an ndarray of bool that broadcasts to (n, k, m); neither where a missing value
            leaves it unknown.

        Raises
        ------
        InputError
            If a column is not there, or values cannot be compared.
        """
        return _Walk(self, candidates).truth(self._tree)


def _is_column(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "column"


class _Walk:
    """One walk over the tree of a condition."""

    def __init__(self, expression: Expression, candidates: Candidates) -> None:
        self.text, self.where = expression.text, expression.where
        self.candidates = candidates

    def truth(self, node: ast.expr) -> Flags:
        found: Flags = self._done(node, operations.truth, self.value(node))
        return found

    def value(self, node: ast.expr) -> Value:
        if isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float | str):
            return literal_value(node.value)
        if isinstance(node, ast.Name):
            return self._named(node, node.id)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return self._field(node, node.value.id)
        if isinstance(node, ast.BoolOp):
            return self._joined(node)
        if isinstance(node, ast.UnaryOp):
            return self._turned(node)
        if isinstance(node, ast.BinOp):
            sides = self.value(node.left), self.value(node.right)
            return self._result(node, operations.calculate, _SIGNS[type(node.op)], *sides)
        if isinstance(node, ast.Compare):
            return self._compared(node)
        return self._called(node)

    def _done(self, node: ast.expr, do: Callable[..., Any], *given: Any) -> Any:
        try:
            return do(*given)
        except KindError as error:
            refuse_at(node, self.text, self.where, str(error))

    def _result(self, node: ast.expr, do: Callable[..., Any], *given: Any) -> Value:
        found: Value = self._done(node, do, *given)
        return found

    def _joined(self, node: ast.BoolOp) -> Flags:
        join = operations.both if isinstance(node.op, ast.And) else operations.either
        found = self.truth(node.values[0])
        for part in node.values[1:]:
            found = join(found, self.truth(part))
        return found

    def _turned(self, node: ast.UnaryOp) -> Value:
        if isinstance(node.op, ast.Not):
            return operations.negate(self.truth(node.operand))
        value = self._result(node, operations.negative, self.value(node.operand))
        return value if isinstance(node.op, ast.USub) else self._result(node, operations.negative, value)

    def _compared(self, node: ast.Compare) -> Flags:
        if isinstance(node.ops[0], ast.In | ast.NotIn):
            items = [self.value(item) for item in getattr(node.comparators[0], "elts", [])]
            found: Flags = self._done(node, operations.is_in, self.value(node.left), items)
            return operations.negate(found) if isinstance(node.ops[0], ast.NotIn) else found
        values = [self.value(part) for part in (node.left, *node.comparators)]
        steps = [
            self._done(node, operations.compare, _SIGNS[type(sign)], left, right)
            for sign, left, right in zip(node.ops, values[:-1], values[1:], strict=True)
        ]
        chain: Flags = steps[0]
        for step in steps[1:]:
            chain = operations.both(chain, step)
        return chain

    def _called(self, node: ast.expr) -> Value:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            refuse_at(node, self.text, self.where, "a part that is not allowed")
        if _is_column(node) and isinstance(node.args[0], ast.Constant):
            return self._named(node, str(node.args[0].value), quoted=True)
        values = [self.value(part) for part in node.args]
        return self._result(node, operations.call, node.func.id, values, self._as_of())

    def _as_of(self) -> Times:
        return Times(self.candidates.as_of.astype("datetime64[us]")[:, None, None])

    def _named(self, node: ast.expr, name: str, *, quoted: bool = False) -> Value:
        if name == c.AS_OF and not quoted:
            return self._as_of()
        known = self.candidates.column_names
        if name not in known:
            refuse_at(node, self.text, self.where, f"unknown column {name!r}{near(name, known)}")
        shape = (len(self.candidates.spine), 1, 1)

        def make() -> Value:
            return value_of(self.candidates.column(name), shape, f"column {name!r}")

        return self._result(node, kept, self.candidates, ("column", name), make)

    def _field(self, node: ast.Attribute, owner: str) -> Value:
        things = self.candidates.ways if owner == "way" else list(self.candidates.catalog)
        given = [getattr(thing, node.attr) for thing in things]
        shape = (1, 1, len(things)) if owner == "way" else (1, len(things), 1)
        if any(isinstance(value, str) for value in given):
            texts = list(dict.fromkeys(value for value in given if value is not None))
            codes = [-1 if value is None else texts.index(value) for value in given]
            return Texts(np.array(codes).reshape(shape), texts)
        times = node.attr in (c.VALID_FROM, c.VALID_UNTIL)
        series = pd.Series(given, dtype="datetime64[us]" if times else float)
        return self._result(node, value_of, series, shape, f"{owner}.{node.attr}")
