"""Find all parts of a kind that a room exports."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

__all__ = ["is_abstract", "parts_of"]


def parts_of(room: ModuleType, kind: type) -> dict[str, Any]:
    """Find all classes of a kind that a room exports and that can be made.

    Parameters
    ----------
    room : module
        With `__all__`.
    kind : type
        Their common base.

    Returns
    -------
    dict of str to type
        In the order of the names.

    Examples
    --------
    >>> from nbo import policies
    >>> "Policy" in parts_of(policies, policies.Policy)     # abstract, so it cannot be made
    False
    """
    exported = {name: getattr(room, name) for name in sorted(room.__all__)}
    return {
        name: part
        for name, part in exported.items()
        if inspect.isclass(part) and issubclass(part, kind) and not is_abstract(part)
    }


def is_abstract(part: type) -> bool:
    """Tell whether a class leaves methods to its subclasses.

    Parameters
    ----------
    part : type

    Returns
    -------
    bool

    Examples
    --------
    >>> from nbo.policies import Policy, Uniform
    >>> is_abstract(Policy), is_abstract(Uniform)
    (True, False)
    """
    # Not inspect.isabstract: a base may mark methods without having the metaclass that enforces it.
    return any(getattr(inspect.getattr_static(part, name), "__isabstractmethod__", False) for name in dir(part))
