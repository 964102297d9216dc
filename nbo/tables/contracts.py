"""The contracts of all tables, as data. `docs/data_dictionary.md` is generated from them.

An event counts for a moment `as_of` when it happened before it and was known before it:
``event_time < as_of`` and ``known_at < as_of`` (`known_at` is the event's time where it is
missing). A row of an attribute table holds from `valid_from` until the customer's next row.
"""

from __future__ import annotations

from typing import Final

from nbo.tables.interaction_contracts import INTERACTION_CONTRACTS
from nbo.tables.profile_contracts import PROFILE_CONTRACTS
from nbo.tables.schema import TableContract

__all__ = ["CONTRACTS"]

CONTRACTS: Final[dict[str, TableContract]] = {
    contract.name: contract for contract in (*PROFILE_CONTRACTS, *INTERACTION_CONTRACTS)
}
