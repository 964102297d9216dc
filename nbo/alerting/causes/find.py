"""All causes that the tables can tell of."""

from __future__ import annotations

from typing import Final

from nbo.alerting.causes.complaints import complaint_signals
from nbo.alerting.causes.contract import contract_signals
from nbo.alerting.causes.habits import habit_signals
from nbo.alerting.causes.service import service_signals
from nbo.alerting.causes.signal import Signal
from nbo.tables import CustomerTables, Spine

__all__ = ["CAUSES", "UNKNOWN", "find_causes"]

# What one can act on comes first; so it is told where nobody has measured which cause weighs most.
CAUSES: Final = (
    "open complaint",
    "contract end",
    "payment",
    "bad service",
    "recent complaint",
    "bad survey",
    "falling engagement",
    "silence",
)
UNKNOWN: Final = "unknown"


def find_causes(tables: CustomerTables, spine: Spine, contract_end: str = "contract_end") -> list[Signal]:
    """Find for which known causes customers may leave, as of each row's moment.

    Parameters
    ----------
    tables : CustomerTables
        A table or column that is not there shows no cause.
    spine : Spine of n rows
    contract_end : str, default="contract_end"
        Column of customers with the end of the contract.

    Returns
    -------
    list of Signal
        In the order of `CAUSES`.

    Examples
    --------
    >>> import pandas as pd
    >>> case = {"customer_id": "ann", "opened_at": "2026-06-20", "kind": "complaint", "topic": "billing"}
    >>> spine = Spine.at("2026-06-30", ["ann", "bob"])
    >>> signal = find_causes(CustomerTables(cases=pd.DataFrame([case])), spine)[0]
    >>> signal.name, signal.holds.tolist(), signal.evidence(0)
    ('open complaint', [True, False], 'complaint on billing open for 10 days, since 2026-06-20')
    """
    found = [
        *complaint_signals(tables, spine),
        *contract_signals(tables, spine, contract_end),
        *service_signals(tables, spine),
        *habit_signals(tables, spine),
    ]
    return sorted(found, key=lambda signal: CAUSES.index(signal.name))
