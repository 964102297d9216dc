"""The personas of all segments, and the tests behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from nbo.checks import check_one_of
from nbo.segments.persona import Persona

__all__ = ["Personas"]


@dataclass(frozen=True, repr=False, eq=False)
class Personas:
    """The personas of all segments, and the tests behind them.

    Parameters
    ----------
    personas : tuple of Persona
        In the order of their names.
    tests : DataFrame
        Each feature of each segment against all other customers: segment, feature, category (missing for a
        number), measure (median, mean or share), its value here and among the others, effect in [-1, 1]
        (how much likelier a customer of the segment has more than one of the others than less; of a category
        the difference of the shares), p_value, p_adjusted over all rows, and trait, the difference in words.
    level : float
        1 minus the share of false ones among the traits named, in expectation at most.
    """

    personas: tuple[Persona, ...]
    tests: pd.DataFrame
    level: float

    def __len__(self) -> int:
        return len(self.personas)

    def __iter__(self) -> Iterator[Persona]:
        return iter(self.personas)

    def __getitem__(self, segment: str) -> Persona:
        names = [persona.segment for persona in self.personas]
        return self.personas[names.index(check_one_of(segment, names, "segment"))]

    def __repr__(self) -> str:
        return self.to_text()

    def to_text(self) -> str:
        """Tell all personas in lines of text.

        Returns
        -------
        str
        """
        return "\n\n".join(persona.to_text() for persona in self.personas)

    def to_frame(self) -> pd.DataFrame:
        """Give one row for each persona.

        Returns
        -------
        DataFrame
            As :meth:`Persona.to_dict` tells.
        """
        return pd.DataFrame([persona.to_dict() for persona in self.personas])

    def _repr_html_(self) -> str:
        return "".join(persona._repr_html_() for persona in self.personas)
