"""Which offers a customer may get, and which of them it is."""

from nbo.arbitration.candidates import Candidates
from nbo.arbitration.decide import decide
from nbo.arbitration.eligibility import Eligibility
from nbo.arbitration.explanation import Explanation, explain
from nbo.arbitration.rule import Rule

__all__ = ["Candidates", "Eligibility", "Explanation", "Rule", "decide", "explain"]
