"""Read what was done before once for all rules of a run."""

from __future__ import annotations

from typing import Final
from weakref import WeakKeyDictionary

from nbo.arbitration.candidates import Candidates
from nbo.arbitration.contact.contact_log import ContactLog
from nbo.tables import Spine

__all__ = ["past_contacts"]

_KNOWN: Final[WeakKeyDictionary[Spine, ContactLog]] = WeakKeyDictionary()


def past_contacts(candidates: Candidates) -> ContactLog:
    """Read what was done before, as each row of a run may know it, once for all rules.

    Parameters
    ----------
    candidates : Candidates
        n rows; the tables `decisions` and `outcomes` say what was done.

    Returns
    -------
    ContactLog
        Kept as long as the spine of the run is.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import Catalog, CustomerTables, Offer
    >>> done = pd.DataFrame({"decision_id": ["a", "b"], "customer_id": ["ann", "ann"], "offer_id": ["card", "loan"]})
    >>> tables = CustomerTables(decisions=done.assign(decided_at=["2026-06-01", "2026-06-29"], channel="email"))
    >>> catalog = Catalog([Offer("card", channels=("email",)), Offer("loan", channels=("email",))])
    >>> log = past_contacts(Candidates.of(tables, Spine.at("2026-06-30", ["ann", "bob"]), catalog))
    >>> log.count("7D").tolist(), log.count(per="offer").tolist()
    ([1, 0], [[1, 1], [0, 0]])
    >>> log.last().astype(str).tolist()
    ['2026-06-29T00:00:00.000000', 'NaT']
    """
    log = _KNOWN.get(candidates.spine)
    if log is None or not log.fits(candidates):
        log = _KNOWN[candidates.spine] = ContactLog(candidates)
    return log
