"""Evaluation: what a policy would have earned, from what another one did, and what each data type is worth."""

from nbo.evaluation.ablation import ablation
from nbo.evaluation.ablation_result import Ablation
from nbo.evaluation.estimate import Estimate
from nbo.evaluation.evaluate import evaluate
from nbo.evaluation.ips import ips
from nbo.evaluation.replay import replay
from nbo.evaluation.replay_run import ReplayRun, replay_run
from nbo.evaluation.snips import snips

__all__ = ["Ablation", "Estimate", "ReplayRun", "ablation", "evaluate", "ips", "replay", "replay_run", "snips"]
