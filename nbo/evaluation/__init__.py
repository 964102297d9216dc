"""Evaluation: what a policy would have earned, how good a model is, and what each data type is worth."""

from nbo.evaluation.ablation import ablation
from nbo.evaluation.ablation_result import Ablation
from nbo.evaluation.bernstein_interval import bernstein_interval
from nbo.evaluation.bootstrap_interval import bootstrap_interval
from nbo.evaluation.clipped import clipped
from nbo.evaluation.compare import compare
from nbo.evaluation.comparison import Comparison
from nbo.evaluation.confidence_sequence import confidence_sequence
from nbo.evaluation.dm import dm
from nbo.evaluation.dr import dr
from nbo.evaluation.dros import dros
from nbo.evaluation.estimate import Estimate
from nbo.evaluation.evaluate import evaluate
from nbo.evaluation.evaluate_by_segment import evaluate_by_segment
from nbo.evaluation.evaluate_slates import evaluate_slates
from nbo.evaluation.ips import ips
from nbo.evaluation.leak_check import leak_check
from nbo.evaluation.normal_interval import normal_interval
from nbo.evaluation.replay import replay
from nbo.evaluation.replay_run import ReplayRun, replay_run
from nbo.evaluation.sndr import sndr
from nbo.evaluation.snips import snips
from nbo.evaluation.support import Support
from nbo.evaluation.switch import switch
from nbo.evaluation.validate_model import validate_model
from nbo.evaluation.validate_predictions import validate_predictions
from nbo.evaluation.validation import Validation

__all__ = [
    "Ablation",
    "Comparison",
    "Estimate",
    "ReplayRun",
    "Support",
    "Validation",
    "ablation",
    "bernstein_interval",
    "bootstrap_interval",
    "clipped",
    "compare",
    "confidence_sequence",
    "dm",
    "dr",
    "dros",
    "evaluate",
    "evaluate_by_segment",
    "evaluate_slates",
    "ips",
    "leak_check",
    "normal_interval",
    "replay",
    "replay_run",
    "sndr",
    "snips",
    "switch",
    "validate_model",
    "validate_predictions",
]
