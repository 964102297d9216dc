"""Who a batch job decides for, part by part: from tables, or from features that were built before."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from functools import partial

import pandas as pd

from nbo.experiments import Arms
from nbo.features import known_customers
from nbo.next_best_offer import NextBestOffer
from nbo.next_best_offer.asked import Asked
from nbo.tables import CustomerTables, Spine

__all__ = ["Ask", "Rows", "TableRows"]

# Makes what the model says to the customers of one part; asked where the part is worked on.
Ask = Callable[[], Asked]


class Rows(ABC):
    """Who a batch job decides for, part by part.

    Attributes
    ----------
    n_rows : int
        Rows that are cut into parts.
    n_customers : int
        Those of them who are decided for.
    rejects : DataFrame
        Rows that are set aside, each with its reason.
    """

    n_rows: int
    n_customers: int
    rejects: pd.DataFrame

    @abstractmethod
    def parts(self, size: int, wanted: Collection[int], arms: Arms | None) -> Iterator[tuple[int, Ask]]:
        """Give the parts that are wanted, each with its number.

        Parameters
        ----------
        size : int
            Rows of a part.
        wanted : collection of int
        arms : Arms or None

        Yields
        ------
        int
        callable
            Asks the model.
        """

    @abstractmethod
    def whole(self, arms: Arms | None) -> Asked:
        """Ask the model for all of them together."""


class TableRows(Rows):
    """All customers known by a moment, from tables in memory.

    Parameters
    ----------
    model : NextBestOffer
    tables : CustomerTables
        Rows that can be used.
    rejects : DataFrame
        The others.
    as_of : Timestamp
    limit : int or None
        Only the first so many customers.
    """

    def __init__(
        self,
        model: NextBestOffer,
        tables: CustomerTables,
        rejects: pd.DataFrame,
        as_of: pd.Timestamp,
        limit: int | None,
    ) -> None:
        self._model, self._tables, self.rejects = model, tables, rejects
        self._spine = Spine.of(known_customers(tables, as_of).frame.iloc[:limit])
        self.n_rows = self.n_customers = len(self._spine)

    def parts(self, size: int, wanted: Collection[int], arms: Arms | None) -> Iterator[tuple[int, Ask]]:  # noqa: D102
        for number in sorted(wanted):
            some = Spine.of(self._spine.frame.iloc[number * size : (number + 1) * size])
            yield number, partial(self._ask, some, arms)

    def whole(self, arms: Arms | None) -> Asked:  # noqa: D102
        return self._ask(self._spine, arms)

    def _ask(self, spine: Spine, arms: Arms | None) -> Asked:
        return Asked.of(self._model, self._tables, spine, arms=arms)
