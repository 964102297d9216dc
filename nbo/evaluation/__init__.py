"""Evaluation: what a policy would have earned, how good a model is, and what each data type is worth."""

from nbo.evaluation.ablation import ablation
from nbo.evaluation.ablation_result import Ablation
from nbo.evaluation.dm import dm
from nbo.evaluation.dr import dr
from nbo.evaluation.dros import dros
from nbo.evaluation.estimate import Estimate
from nbo.evaluation.evaluate import evaluate
from nbo.evaluation.ips import ips
from nbo.evaluation.leak_check import leak_check
from nbo.evaluation.replay import replay
from nbo.evaluation.replay_run import ReplayRun, replay_run
from nbo.evaluation.snips import snips
from nbo.evaluation.switch import switch
from nbo.evaluation.validate_model import validate_model
from nbo.evaluation.validate_predictions import validate_predictions
from nbo.evaluation.validation import Validation

__all__ = [
    "Ablation",
    "Estimate",
    "ReplayRun",
    "Validation",
    "ablation",
    "dm",
    "dr",
    "dros",
    "evaluate",
    "ips",
    "leak_check",
    "replay",
    "replay_run",
    "snips",
    "switch",
    "validate_model",
    "validate_predictions",
]
