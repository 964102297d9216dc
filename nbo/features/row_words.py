"""What rows are called that meet some conditions, such as "completed sales"."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from nbo import columns as c
from nbo.features.conditions import Condition, in_words

__all__ = ["row_words"]

_COMPLETED, _SALE, _RETURN = (c.STATUS, c.COMPLETED), (c.KIND, c.SALE), (c.KIND, c.RETURN)
_OFFER = (c.OFFER_ID, "not in", (c.NO_OFFER,))
_NOUNS: Final[tuple[tuple[str, tuple[Condition, ...], str], ...]] = (
    ("transactions", (_SALE, _COMPLETED), "completed sales"),
    ("transactions", (_RETURN, _COMPLETED), "completed returns"),
    ("transactions", (_SALE, (c.STATUS, c.PENDING)), "pending orders"),
    ("transactions", (_COMPLETED,), "completed sales and returns"),
    ("cases", ((c.KIND, "complaint"),), "complaints"),
    ("cases", ((c.KIND, "inquiry"),), "inquiries"),
    ("cases", ((c.KIND, "request"),), "requests"),
    ("decisions", (_OFFER,), "contacts"),
    ("decisions", ((c.OFFER_ID, c.NO_OFFER),), "decisions to make no offer"),
    ("outcomes", (_OFFER, (c.OUTCOME, c.ACCEPT)), "accepts"),
    ("outcomes", (_OFFER, (c.OUTCOME, c.REJECT)), "rejects"),
    ("outcomes", (_OFFER,), "answers"),
    ("social", (), "social actions"),
    ("surveys", (), "survey answers"),
)


def row_words(table: str, conditions: Iterable[Condition], time: str = "", open_until: str = "") -> str:
    """Say what rows are called that meet some conditions.

    Parameters
    ----------
    table : str
    conditions : iterable of tuple
    time : str, optional
        Column that says when a row counts, where it is not the table's own time.
    open_until : str, optional
        Column with the end of a row; only rows that go on are meant.

    Returns
    -------
    str

    Examples
    --------
    >>> row_words("transactions", [("kind", "sale"), ("status", "completed"), ("category", "books")])
    'completed sales with category = books'
    >>> row_words("cases", [], time="closed_at")
    'cases (by closed_at)'
    """
    left = list(conditions)
    noun = table
    for name, needed, called in _NOUNS:
        if name == table and all(condition in left for condition in needed):
            noun, left = called, [condition for condition in left if condition not in needed]
            break
    words = f"{noun} with {' and '.join(in_words(left))}" if left else noun
    words += f" (by {time})" if time else ""
    # An outcome that another has taken the place of is no answer any more, so that goes without saying.
    return f"{words} that are open at as_of" if open_until and table != "outcomes" else words
