"""Who may get an offer at all: validity, customer type and consent."""

from __future__ import annotations

import numpy as np

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.rule import Rule
from nbo.checks import check_one_of

__all__ = ["Eligibility"]

_NO_CONSENT = "no consent"
_NEVER = np.datetime64("NaT", "us")


class Eligibility(Rule):
    """Refuse offers that are not valid now, not for this customer, or not consented to.

    Parameters
    ----------
    consent : {"given", "not refused"}, default="not refused"
        Whether a customer whose consent for a channel is not recorded may be contacted
        through it: "given" needs a recorded yes.

    Notes
    -----
    Reason codes: ``no consent``, which stands in the stage consent and so comes before all others; and, in the
    stage eligibility, ``not yet valid``, ``no longer valid``, ``customer type``.
    The consent for a channel is the column ``consent_<channel>`` of the customers table as of the
    moment of the decision.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> consents = pd.DataFrame({"customer_id": ["ann", "bob"], "consent_email": [True, False]})
    >>> tables, catalog = CustomerTables(customers=consents), Catalog([Offer("card", channels=("email",))])
    >>> Candidates.of(tables, Spine.at("2026-06-30", ["ann", "bob"]), catalog, (Eligibility(),)).eligible
    array([[ True],
           [False]])
    """

    def __init__(self, consent: str = "not refused") -> None:
        self.consent = consent

    def refused(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        check_one_of(self.consent, ("given", "not refused"), "consent")
        as_of = candidates.as_of[:, None]
        starts = _times(candidates, c.VALID_FROM)
        ends = _times(candidates, c.VALID_UNTIL)
        masks = {
            # A missing start or end compares false, so it never refuses.
            "not yet valid": as_of < starts,
            "no longer valid": as_of >= ends,
            "customer type": self._wrong_type(candidates),
        }
        return {
            _NO_CONSENT: self._no_consent(candidates)[:, None, :],
            **{reason: mask[:, :, None] for reason, mask in masks.items()},
        }

    def stage_of(self, reason: str) -> str:  # noqa: D102
        return Rule.STAGES[0] if reason == _NO_CONSENT else self.stage

    def _wrong_type(self, candidates: Candidates) -> np.ndarray:
        wanted = np.array([offer.customer_type or "" for offer in candidates.catalog], dtype=object)
        if c.CUSTOMER_TYPE in candidates.customers:
            types = candidates.customers[c.CUSTOMER_TYPE].astype(object).fillna("").to_numpy()
        else:
            types = np.full(len(candidates.spine), "", dtype=object)
        return (wanted[None, :] != "") & (types[:, None] != wanted[None, :])

    def _no_consent(self, candidates: Candidates) -> np.ndarray:
        columns = [self._refuses(candidates, channel) for channel in candidates.channels]
        return np.column_stack(columns)

    def _refuses(self, candidates: Candidates, channel: str) -> np.ndarray:
        if not channel:
            return self._refuses_all(candidates)
        name, unknown = c.CONSENT_PREFIX + channel, self.consent == "given"
        if name not in candidates.customers:
            return np.full(len(candidates.spine), unknown)
        consents = candidates.customers[name].astype("boolean")
        return ~consents.fillna(not unknown).to_numpy(dtype=bool)

    def _refuses_all(self, candidates: Candidates) -> np.ndarray:
        """Ask for consent by any recorded channel, for an offer that names none."""
        prefix = c.CONSENT_PREFIX
        channels = [str(name).removeprefix(prefix) for name in candidates.customers if str(name).startswith(prefix)]
        if not channels:
            return np.full(len(candidates.spine), self.consent == "given")
        refused = [self._refuses(candidates, channel) for channel in channels if channel]
        return np.asarray(np.logical_and.reduce(refused))


def _times(candidates: Candidates, name: str) -> np.ndarray:
    moments = [getattr(offer, name) for offer in candidates.catalog]
    return np.array([[_NEVER if moment is None else moment.to_datetime64() for moment in moments]], _NEVER.dtype)
