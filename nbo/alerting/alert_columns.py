"""The columns of alerts and of the actions that they choose from."""

from __future__ import annotations

from typing import Final

import pandas as pd

from nbo import columns as c

__all__ = [
    "ACTION",
    "ACTION_COST",
    "ACTION_GAIN",
    "ALERT_ID",
    "ALERT_TYPES",
    "CAMPAIGN",
    "CAUSE",
    "CHURN_REDUCTION",
    "ENDED_AT",
    "EPISODE_TYPES",
    "EVIDENCE",
    "EXPECTED_LOSS",
    "NET_GAIN",
    "OWNER",
    "RAISED_AT",
    "RELATIVE_REDUCTION",
    "ROUTE",
    "STARTED_AT",
    "STATE",
    "TO_CAMPAIGN",
    "TO_OWNER",
    "VALUE_AT_STAKE",
    "empty_alerts",
]

ALERT_ID: Final = "alert_id"
RAISED_AT: Final = "raised_at"
STARTED_AT: Final = "episode_started_at"
ENDED_AT: Final = "episode_ended_at"
STATE: Final = "state"
CAUSE: Final = "cause"
EVIDENCE: Final = "evidence"
VALUE_AT_STAKE: Final = "value_at_stake"
EXPECTED_LOSS: Final = "expected_loss"
ACTION: Final = "action"
ACTION_GAIN: Final = "action_gain"
ACTION_COST: Final = "action_cost"
NET_GAIN: Final = "net_gain"
OWNER: Final = "owner"
ROUTE: Final = "route"
CAMPAIGN: Final = "campaign"
CHURN_REDUCTION: Final = "churn_reduction"
RELATIVE_REDUCTION: Final = "relative_reduction"

# The values of `route` of an alert that an owner gets, and how that of a campaign begins.
TO_OWNER: Final = "owner"
TO_CAMPAIGN: Final = "campaign:"

ALERT_TYPES: Final = {
    ALERT_ID: "str",
    c.CUSTOMER_ID: "str",
    RAISED_AT: "datetime64[us]",
    STARTED_AT: "datetime64[us]",
    CAUSE: "str",
    EVIDENCE: "str",
    c.CHURN_PROBABILITY: "float64",
    VALUE_AT_STAKE: "float64",
    EXPECTED_LOSS: "float64",
    ACTION: "str",
    ACTION_GAIN: "float64",
    ACTION_COST: "float64",
    NET_GAIN: "float64",
    OWNER: "str",
    ROUTE: "str",
    c.REASON: "str",
}
EPISODE_TYPES: Final = {
    ALERT_ID: "str",
    c.CUSTOMER_ID: "str",
    STARTED_AT: "datetime64[us]",
    RAISED_AT: "datetime64[us]",
    CAUSE: "str",
    OWNER: "str",
    ROUTE: "str",
    STATE: "str",
    ENDED_AT: "datetime64[us]",
}


def empty_alerts(types: dict[str, str]) -> pd.DataFrame:
    """Make a frame without rows that has all columns with their types.

    Parameters
    ----------
    types : dict of str to str
        `ALERT_TYPES` or `EPISODE_TYPES`.

    Returns
    -------
    DataFrame
    """
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})
