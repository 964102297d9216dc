"""One segment as a person: who is typical, what sets its customers apart, what they say and need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

__all__ = ["Persona"]


@dataclass(frozen=True, repr=False, eq=False)
class Persona:
    """One segment as a person.

    Parameters
    ----------
    segment : str
    n : int
        Customers of the segment.
    share : float
        Of all customers, in [0, 1].
    medoid : object
        The customer in the middle, as the index of the features names it.
    profile : dict
        The features of that customer.
    traits : DataFrame
        What sets the segment apart, the strongest first: feature, category, measure, here, others, effect, p_adjusted,
        trait, as of :class:`~nbo.segments.Personas`. Empty where nothing is sure.
    worth : dict of str to float
        total, mean, median and share of the values of its customers; empty without values.
    needs : tuple of str
        Needs that its customers have more than others, the strongest first.
    quotes : tuple of str
        What customers next to the medoid have said, the nearest first.
    """

    segment: str
    n: int
    share: float
    medoid: Any
    profile: Mapping[str, Any]
    traits: pd.DataFrame
    worth: Mapping[str, float]
    needs: tuple[str, ...]
    quotes: tuple[str, ...]

    def __repr__(self) -> str:
        return self.to_text()

    def to_text(self) -> str:
        """Tell the persona in lines of text.

        Returns
        -------
        str
        """
        lines = [self.segment, self._size()]
        lines += [f"  - {trait}" for trait in self._told()]
        lines += [f"  needs: {', '.join(self.needs)}"] if self.needs else []
        lines += [f"  “{quote}”" for quote in self.quotes]
        return "\n".join([*lines, f"  in the middle: {self.medoid}"])

    def to_dict(self) -> dict[str, Any]:
        """Give one row of a table.

        Returns
        -------
        dict
            segment, n, share, medoid, the parts of `worth` as value_total ..., and traits, needs and quotes
            as texts.
        """
        row: dict[str, Any] = {"segment": self.segment, "n": self.n, "share": self.share, "medoid": self.medoid}
        row |= {f"value_{name}": value for name, value in self.worth.items()}
        row["traits"] = "; ".join(self.traits["trait"])
        return row | {"needs": ", ".join(self.needs), "quotes": " | ".join(self.quotes)}

    def _repr_html_(self) -> str:
        traits = "".join(f"<li>{escape(trait)}</li>" for trait in self._told())
        needs = f"<p><b>Needs</b> {escape(', '.join(self.needs))}</p>" if self.needs else ""
        quotes = "".join(f"<blockquote>{escape(quote)}</blockquote>" for quote in self.quotes)
        return (
            f"<section><h3>{escape(self.segment)}</h3><p>{escape(self._size())}</p><ul>{traits}</ul>{needs}{quotes}"
            f"<p>In the middle: {escape(str(self.medoid))}</p></section>"
        )

    def _size(self) -> str:
        size = f"{self.n:,} customers, {100 * self.share:.0f} % of all"
        if not self.worth:
            return size
        return f"{size}; {100 * self.worth['share']:.0f} % of the value, typically {self.worth['median']:,.2f}"

    def _told(self) -> list[str]:
        return list(self.traits["trait"]) or ["nothing sets these customers apart for sure"]
