"""Which offers a customer may get, and which of them it is."""

from nbo.arbitration.allocation import Allocation, Limit, Prices, allocate, compare_mixes, frontier
from nbo.arbitration.arbitration import Arbitration
from nbo.arbitration.armed import armed
from nbo.arbitration.beliefs import Beliefs
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.contact.contact_limit import ContactLimit
from nbo.arbitration.contact.contact_log import ContactLog
from nbo.arbitration.contact.contradictions import contradictions
from nbo.arbitration.contact.offer_cap import OfferCap
from nbo.arbitration.contact.one_per import OnePer
from nbo.arbitration.contact.one_voice import OneVoice
from nbo.arbitration.contact.open_case import OpenCase
from nbo.arbitration.contact.past_contacts import past_contacts
from nbo.arbitration.contact.quiet_hours import QuietHours
from nbo.arbitration.contact.rest_after import RestAfter
from nbo.arbitration.contact.scope import Scope
from nbo.arbitration.contact.service_referral import ServiceReferral
from nbo.arbitration.contact.solves import solves
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
from nbo.arbitration.simulation.bias_check import bias_check
from nbo.arbitration.simulation.distribution import offer_distribution
from nbo.arbitration.simulation.funnel_table import decision_funnel
from nbo.arbitration.simulation.rule_costs import rule_costs
from nbo.arbitration.simulation.scenario import Scenario
from nbo.arbitration.simulation.sensitivity import arbitration_sensitivity, optionality, win_loss
from nbo.arbitration.simulation.simulate import simulate
from nbo.arbitration.simulation.simulation import Simulation
from nbo.arbitration.simulation.value_finder import relevant_from, value_finder

__all__ = [
    "Allocation",
    "Arbitration",
    "Beliefs",
    "Candidates",
    "ContactLimit",
    "ContactLog",
    "Eligibility",
    "Excludes",
    "Explanation",
    "Expression",
    "Follows",
    "Lever",
    "Limit",
    "OfferCap",
    "OnePer",
    "OneVoice",
    "OpenCase",
    "Owned",
    "Plan",
    "Playbook",
    "Prices",
    "Priority",
    "QuietHours",
    "Replay",
    "RestAfter",
    "Rule",
    "Scenario",
    "Scope",
    "ServiceReferral",
    "Simulation",
    "Weigh",
    "When",
    "allocate",
    "arbitration_sensitivity",
    "armed",
    "bias_check",
    "compare_mixes",
    "contradictions",
    "decide",
    "decision_funnel",
    "explain",
    "frontier",
    "never_together",
    "offer_distribution",
    "offer_terms",
    "optionality",
    "past_contacts",
    "relevant_from",
    "replay",
    "rule_costs",
    "simulate",
    "solves",
    "value_finder",
    "win_loss",
]
