"""Where a customer stands on the way, what comes next, and what it is about."""

from nbo.journeys.funnel import FUNNEL, Stage
from nbo.journeys.stage_model import StageModel
from nbo.journeys.transitions import transition_table

__all__ = ["FUNNEL", "Stage", "StageModel", "transition_table"]
