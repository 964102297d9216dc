"""What a run may see of all that was done with each offer, to whomever."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.history import History
from nbo.features.past import Past
from nbo.features.windows import rows_before
from nbo.tables import Spine, TableColumns

__all__ = ["OfferPast"]


class OfferPast(Past):
    """What a run may see of all that was done with each offer, to whomever.

    Parameters
    ----------
    past : Past
        Of n questions.
    offers : sequence of str
        k ids.

    Attributes
    ----------
    questions : DataFrame of k x u rows
        Each offer, as of each different moment of the run.
    """

    def __init__(self, past: Past, offers: Sequence[str]) -> None:
        moments, self._moment = np.unique(past.as_of, return_inverse=True)
        self._shape = (len(offers), len(moments))
        asked = {
            c.CUSTOMER_ID: np.repeat(np.array(offers, dtype=object), len(moments)),
            c.AS_OF: np.tile(moments.view("datetime64[us]"), len(offers)),
        }
        super().__init__(past._tables, Spine(pd.DataFrame(asked).astype({c.CUSTOMER_ID: "str"})))
        self._past = past

    def table(self, name: str) -> TableColumns:
        """Give a table as the run sees it."""
        return self._past.table(name)

    def history_of(self, table: TableColumns, time: str = "", key: str = c.CUSTOMER_ID) -> History:
        """Give the rows of a table that each offer has."""
        asked = self.questions.rename(columns={c.CUSTOMER_ID: c.OFFER_ID})
        return rows_before(table, asked, time=time, key=c.OFFER_ID)

    def by_question(self, found: np.ndarray) -> np.ndarray:
        """Give what was found for offers and moments to the questions of the run.

        Parameters
        ----------
        found : ndarray of shape (k x u, ...)

        Returns
        -------
        ndarray of shape (n, k, ...)
        """
        by_moment = np.moveaxis(found.reshape(*self._shape, *found.shape[1:]), 0, 1)
        # Most runs are of one moment, and need no copy for each row.
        several = len(by_moment) != 1
        return (
            by_moment[self._moment]
            if several
            else np.broadcast_to(by_moment, (len(self._moment), *by_moment.shape[1:]))
        )
