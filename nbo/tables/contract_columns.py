"""Columns that several contracts share."""

from __future__ import annotations

from typing import Final

from nbo import columns as c
from nbo.tables.schema import Column

__all__ = [
    "CUSTOMER_LINK",
    "KNOWN_AT",
    "VALID_FROM",
    "customer_column",
    "happened_column",
    "kind_column",
    "money_column",
]


def customer_column(meaning: str = "Who.") -> Column:
    """Say whose row it is."""
    return Column(c.CUSTOMER_ID, "key", meaning, required=True)


def happened_column(name: str = c.EVENT_TIME, meaning: str = "When it happened.") -> Column:
    """Say when it happened."""
    return Column(name, "time", meaning, required=True)


def money_column(name: str, meaning: str, low: float | None = None) -> Column:
    """Make a column of money."""
    return Column(name, "number", meaning, unit="money", low=low)


def kind_column(name: str, meaning: str, *values: str) -> Column:
    """Make a category whose first value is what a missing one stands for."""
    return Column(name, "category", meaning, values=values, missing=values[0])


KNOWN_AT: Final = Column(c.KNOWN_AT, "time", "When we came to know the row; the row's own time if missing.")
VALID_FROM: Final = Column(c.VALID_FROM, "time", "From when the row holds; since ever if missing.")
CUSTOMER_LINK: Final = (c.CUSTOMER_ID, "customers", c.CUSTOMER_ID)
