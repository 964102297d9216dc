"""Names of the arms that come again and again, written once.

``AGENT`` is what is being tried: the whole of `nbo` decides. Three arms beside it tell what it is worth:
``CONTROL`` (an offer at random among the eligible ones), ``BUSINESS_AS_USUAL`` (what would have been done
without it) and ``HOLDOUT`` (no contact). Four more each take one part out of the decision: ``PROPENSITY_ONLY``
(priority is the propensity alone), ``NO_LEVERS`` (levers count 1), ``ELIGIBILITY_ONLY`` (no rules of applicability
and suitability) and ``RANDOM_PROPENSITY`` (a random number for the propensity). ``OUTSIDE`` are customers that an
experiment leaves alone.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "AGENT",
    "ARMS",
    "BUSINESS_AS_USUAL",
    "CONTROL",
    "ELIGIBILITY_ONLY",
    "HOLDOUT",
    "IMPACT_ARMS",
    "NO_LEVERS",
    "OUTSIDE",
    "PROPENSITY_ONLY",
    "RANDOM_PROPENSITY",
]

AGENT: Final = "agent"
CONTROL: Final = "control"
BUSINESS_AS_USUAL: Final = "business_as_usual"
HOLDOUT: Final = "holdout"
PROPENSITY_ONLY: Final = "propensity_only"
NO_LEVERS: Final = "no_levers"
ELIGIBILITY_ONLY: Final = "eligibility_only"
RANDOM_PROPENSITY: Final = "random_propensity"
OUTSIDE: Final = "outside"

ARMS: Final = (AGENT, CONTROL, BUSINESS_AS_USUAL, HOLDOUT)
# Five experiments need them: the agent against each of the next four, and the second against the last.
IMPACT_ARMS: Final = (AGENT, CONTROL, PROPENSITY_ONLY, NO_LEVERS, ELIGIBILITY_ONLY, RANDOM_PROPENSITY)
