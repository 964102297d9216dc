"""Where a customer stands on the way, what comes next, and what it is about."""

from nbo.journeys.contact_preferences import contact_preferences
from nbo.journeys.funnel import FUNNEL, Stage
from nbo.journeys.interests import PAIN_WEIGHTS, interests
from nbo.journeys.next_action import NextActionModel
from nbo.journeys.stage_model import StageModel
from nbo.journeys.transitions import transition_table

__all__ = [
    "FUNNEL",
    "PAIN_WEIGHTS",
    "NextActionModel",
    "Stage",
    "StageModel",
    "contact_preferences",
    "interests",
    "transition_table",
]
