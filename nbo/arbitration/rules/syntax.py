"""The grammar of conditions: text to a checked tree. Nothing of it is ever run as Python."""

from __future__ import annotations

import ast
import difflib
import math
import warnings
from functools import lru_cache
from typing import Any, Final, NoReturn

from nbo.errors import InputError

__all__ = ["FUNCTIONS", "near", "parse_condition", "refuse_at"]

#: Function -> fewest and most arguments.
FUNCTIONS: Final[dict[str, tuple[int, int]]] = {
    "abs": (1, 1),
    "between": (3, 3),
    "column": (1, 1),
    "days_since": (1, 1),
    "isnull": (1, 1),
    "lower": (1, 1),
    "max": (2, 20),
    "min": (2, 20),
    "startswith": (2, 2),
}
_FIELDS: Final = {
    "offer": (
        *("offer_id", "name", "category", "kind", "value", "cost", "customer_type", "capacity", "bundle"),
        *("subsidy", "clv_change", "valid_from", "valid_until"),
    ),
    "way": ("channel", "creative", "placement", "slot"),
}
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Not, ast.USub, ast.UAdd, ast.And, ast.Or)
_COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn)
_MOST_CHARACTERS, _MOST_DEPTH, _MOST_ITEMS, _LARGEST = 4000, 50, 1000, 2**53
_ALLOWED = (
    "names of columns, offer.<field>, way.<field>, numbers, texts, True, False, and, or, not, "
    "== != < <= > >=, in [..], + - * / and " + ", ".join(f"{name}()" for name in FUNCTIONS)
)


def parse_condition(text: str, where: str) -> ast.expr:
    """Read a condition and refuse all that is not in the grammar.

    Parameters
    ----------
    text : str
        Such as ``age >= 18 and segment in ["young", "new"]``.
    where : str
        Whose it is, for messages.

    Returns
    -------
    ast.expr
        To be walked; it is never compiled.

    Raises
    ------
    InputError
        If it is not a condition: says at which character, and what is allowed.

    Examples
    --------
    >>> parse_condition("age ** 2 > 4", "rule 'old'")
    Traceback (most recent call last):
    nbo.errors.InputError: rule 'old': an operator that is not allowed at character 1 of 'age ** 2 > 4'. Allowed are ...
    """
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"{where} must be a condition such as 'age < 18'; got {text!r}.")
    return _parsed(text, where)


@lru_cache(maxsize=1024)
def _parsed(text: str, where: str) -> ast.expr:
    if len(text) > _MOST_CHARACTERS:
        raise InputError(f"{where} must have at most {_MOST_CHARACTERS} characters; it has {len(text)}.")
    # On one line, so that a comment can hide nothing behind it; places stay the same.
    line = "".join(" " if character in "\n\r\t\f\v" else character for character in text).strip()
    tree = _tree(line, where)
    if line.encode()[tree.end_col_offset or 0 :].decode().strip(" )"):
        raise InputError(f"{where}: a comment is not allowed, in {_shown(line)}.")
    _Checker(line, where).check(tree, 0)
    return tree


def _tree(line: str, where: str) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(line, mode="eval").body
    except SyntaxError as error:
        place = f" at character {error.offset}" if error.offset else " at the end"
        message = f"{where}: no condition: {error.msg}{place} of {_shown(line)}. Allowed are {_ALLOWED}."
        raise InputError(message) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise InputError(f"{where}: no condition: {error or 'too deeply nested'}, in {_shown(line)}.") from None


def refuse_at(node: ast.expr, text: str, where: str, message: str) -> NoReturn:
    """Refuse a part of a condition and say where it stands.

    Parameters
    ----------
    node : ast.expr
        The part.
    text : str
        The whole condition.
    where : str
        Whose it is.
    message : str

    Raises
    ------
    InputError
        Always.

    Examples
    --------
    >>> refuse_at(ast.parse("age < aeg", mode="eval").body.comparators[0], "age < aeg", "rule 'old'", "no 'aeg'")
    Traceback (most recent call last):
    nbo.errors.InputError: rule 'old': no 'aeg' at character 7 of 'age < aeg'.
    """
    text = text.strip()
    place = len(text.encode()[: node.col_offset].decode(errors="ignore")) + 1
    raise InputError(f"{where}: {message} at character {place} of {_shown(text)}.")


def near(name: str, known: list[str]) -> str:
    """Name what is meant by a name that is not known, as a sentence behind it.

    Parameters
    ----------
    name : str
    known : list of str

    Returns
    -------
    str

    Examples
    --------
    >>> near("aeg", ["age", "clv"]), near("x", ["age"])
    (" (did you mean 'age'?)", " (known are 'age')")
    """
    close = difflib.get_close_matches(name, known, n=3)
    if close:
        return f" (did you mean {' or '.join(map(repr, close))}?)"
    more = f" and {len(known) - 20} more" if len(known) > 20 else ""
    return f" (known are {', '.join(map(repr, known[:20])) or 'none'}{more})"


def _shown(text: str) -> str:
    return repr(text if len(text) <= 120 else text[:117] + "...")


class _Checker:
    """Walks a tree and refuses the first part that is not in the grammar."""

    def __init__(self, text: str, where: str) -> None:
        self.text, self.where = text, where

    def _refuse(self, node: ast.expr, what: str) -> NoReturn:
        try:
            refuse_at(node, self.text, self.where, what)
        except InputError as error:
            raise InputError(f"{error} Allowed are {_ALLOWED}.") from None

    def check(self, node: ast.expr, depth: int) -> None:
        if depth > _MOST_DEPTH:
            self._refuse(node, f"parts nested more than {_MOST_DEPTH} deep")
        checks: dict[type, Any] = {
            ast.Constant: self._constant,
            ast.Attribute: self._attribute,
            ast.Call: self._call,
            ast.Compare: self._compare,
        }
        if type(node) in checks:
            parts = checks[type(node)](node)
        elif isinstance(node, ast.BoolOp):
            parts = node.values
        elif isinstance(node, ast.BinOp | ast.UnaryOp):
            if not isinstance(node.op, _OPERATORS):
                self._refuse(node, "an operator that is not allowed")
            parts = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.operand]
        elif isinstance(node, ast.Name):
            parts = []
        else:
            self._refuse(node, f"a {type(node).__name__}, which is not allowed,")
        for part in parts:
            self.check(part, depth + 1)

    def _constant(self, node: ast.Constant) -> list[ast.expr]:
        value = node.value
        if value is None:
            self._refuse(node, "None; ask isnull(column)")
        if not isinstance(value, bool | int | float | str):
            self._refuse(node, f"{value!r}, which is not allowed,")
        if isinstance(value, int | float) and (abs(value) > _LARGEST if isinstance(value, int) else math.isinf(value)):
            self._refuse(node, "a number that is too large")
        return []

    def _attribute(self, node: ast.Attribute) -> list[ast.expr]:
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        if owner not in _FIELDS:
            self._refuse(node, "a dot that stands neither behind offer nor behind way")
        if node.attr not in _FIELDS[owner]:
            self._refuse(node, f"unknown {owner}.{node.attr}{near(node.attr, list(_FIELDS[owner]))}")
        return []

    def _call(self, node: ast.Call) -> list[ast.expr]:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS:
            self._refuse(node, f"unknown function{' ' + repr(name) + near(name, list(FUNCTIONS)) if name else ''}")
        fewest, most = FUNCTIONS[name]
        if node.keywords or not fewest <= len(node.args) <= most:
            count = str(fewest) if fewest == most else f"{fewest} to {most}"
            self._refuse(node, f"{name}() that does not have {count} plain arguments")
        literal = {"column": node.args[:1], "startswith": node.args[1:]}.get(name, [])
        for part in literal:
            if not (isinstance(part, ast.Constant) and isinstance(part.value, str)):
                self._refuse(part, f"{name}() that does not name a text in quotes")
        return node.args

    def _compare(self, node: ast.Compare) -> list[ast.expr]:
        parts = [node.left]
        for operator, part in zip(node.ops, node.comparators, strict=True):
            if not isinstance(operator, _COMPARISONS):
                self._refuse(node, "'is'; write ==, or isnull(column)")
            if isinstance(operator, ast.In | ast.NotIn):
                if len(node.ops) > 1:
                    self._refuse(node, "'in' within a chain of comparisons; use brackets and 'and'")
                parts += self._items(part)
            else:
                parts.append(part)
        return parts

    def _items(self, node: ast.expr) -> list[ast.expr]:
        if not isinstance(node, ast.List | ast.Tuple) or not node.elts or len(node.elts) > _MOST_ITEMS:
            self._refuse(node, f"'in' without a list such as ['a', 'b'] of 1 to {_MOST_ITEMS} values")
        for item in node.elts:
            plain = item.operand if isinstance(item, ast.UnaryOp) and isinstance(item.op, ast.USub) else item
            if not isinstance(plain, ast.Constant):
                self._refuse(item, "an item of a list that is no number and no text")
        return list(node.elts)
