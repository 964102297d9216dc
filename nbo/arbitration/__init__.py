"""Which offers a customer may get, and which of them it is."""

from nbo.arbitration.allocation import Allocation, Limit, Prices, allocate
from nbo.arbitration.arbitration import Arbitration
from nbo.arbitration.armed import armed
from nbo.arbitration.beliefs import Beliefs
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.decide import decide
from nbo.arbitration.eligibility import Eligibility
from nbo.arbitration.explanation import Explanation, explain
from nbo.arbitration.offer_terms import offer_terms
from nbo.arbitration.plan import Plan
from nbo.arbitration.priority import Priority
from nbo.arbitration.replay import Replay, replay
from nbo.arbitration.rule import Rule
from nbo.arbitration.rules.excludes import Excludes
from nbo.arbitration.rules.expression import Expression
from nbo.arbitration.rules.follows import Follows
from nbo.arbitration.rules.lever import Lever
from nbo.arbitration.rules.never_together import never_together
from nbo.arbitration.rules.owned import Owned
from nbo.arbitration.rules.playbook import Playbook
from nbo.arbitration.rules.weigh import Weigh
from nbo.arbitration.rules.when import When

__all__ = [
    "Allocation",
    "Arbitration",
    "Beliefs",
    "Candidates",
    "Eligibility",
    "Excludes",
    "Explanation",
    "Expression",
    "Follows",
    "Lever",
    "Limit",
    "Owned",
    "Plan",
    "Playbook",
    "Prices",
    "Priority",
    "Replay",
    "Rule",
    "Weigh",
    "When",
    "allocate",
    "armed",
    "decide",
    "explain",
    "never_together",
    "offer_terms",
    "replay",
]
