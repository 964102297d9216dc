"""Randomized experiments: their design, arms, sizes and stages, and what they show."""

from nbo.experiments.adjusted_p_values import adjusted_p_values
from nbo.experiments.allocate_survey import allocate_survey
from nbo.experiments.always_valid import always_valid
from nbo.experiments.analyze_experiment import analyze_experiment
from nbo.experiments.arm_names import (
    AGENT,
    ARMS,
    BUSINESS_AS_USUAL,
    CONTROL,
    ELIGIBILITY_ONLY,
    HOLDOUT,
    IMPACT_ARMS,
    NO_LEVERS,
    OUTSIDE,
    PROPENSITY_ONLY,
    RANDOM_PROPENSITY,
)
from nbo.experiments.arms import Arms
from nbo.experiments.best_variants import best_variants
from nbo.experiments.boundaries import sequential_boundaries
from nbo.experiments.campaign_verdict import campaign_verdict
from nbo.experiments.crossing import crossing_probabilities
from nbo.experiments.cuped import cuped
from nbo.experiments.customer_totals import customer_totals
from nbo.experiments.decide_stage import StageDecision, decide_stage
from nbo.experiments.design import ArmSizes, Design
from nbo.experiments.draw_survey import draw_survey
from nbo.experiments.duration import duration_days
from nbo.experiments.effect import Effect
from nbo.experiments.goal_scorecard import goal_scorecard
from nbo.experiments.impact_experiments import IMPACT_EXPERIMENTS, impact_experiments
from nbo.experiments.impact_report import ImpactReport
from nbo.experiments.layers import exclusive_layer
from nbo.experiments.mean_difference import mean_difference
from nbo.experiments.migration import TierMigration
from nbo.experiments.normal_mixture import NormalMixture
from nbo.experiments.plan_experiment import plan_experiment
from nbo.experiments.pool_effects import pool_effects
from nbo.experiments.presets import four_arms, impact_arms
from nbo.experiments.rate_difference import rate_difference
from nbo.experiments.ratio_check import RatioCheck
from nbo.experiments.ratio_values import ratio_values
from nbo.experiments.relative_interval import relative_interval
from nbo.experiments.rollout import Rollout
from nbo.experiments.rollout_metrics import Goal, Guardrail
from nbo.experiments.rollout_outlook import rollout_outlook
from nbo.experiments.sample_ratio import sample_ratio
from nbo.experiments.stage_report import stage_report
from nbo.experiments.survey_estimate import survey_estimate
from nbo.experiments.survey_plan import SurveyPlan, survey_plan
from nbo.experiments.survey_weights import effective_sample_size, survey_weights
from nbo.experiments.tier_migration import tier_migration
from nbo.experiments.verdict import CampaignVerdict
from nbo.experiments.watch_segments import watch_segments
from nbo.newcombe import newcombe_interval

__all__ = [
    "AGENT",
    "ARMS",
    "BUSINESS_AS_USUAL",
    "CONTROL",
    "ELIGIBILITY_ONLY",
    "HOLDOUT",
    "IMPACT_ARMS",
    "IMPACT_EXPERIMENTS",
    "NO_LEVERS",
    "OUTSIDE",
    "PROPENSITY_ONLY",
    "RANDOM_PROPENSITY",
    "ArmSizes",
    "Arms",
    "CampaignVerdict",
    "Design",
    "Effect",
    "Goal",
    "Guardrail",
    "ImpactReport",
    "NormalMixture",
    "RatioCheck",
    "Rollout",
    "StageDecision",
    "SurveyPlan",
    "TierMigration",
    "adjusted_p_values",
    "allocate_survey",
    "always_valid",
    "analyze_experiment",
    "best_variants",
    "campaign_verdict",
    "crossing_probabilities",
    "cuped",
    "customer_totals",
    "decide_stage",
    "draw_survey",
    "duration_days",
    "effective_sample_size",
    "exclusive_layer",
    "four_arms",
    "goal_scorecard",
    "impact_arms",
    "impact_experiments",
    "mean_difference",
    "newcombe_interval",
    "plan_experiment",
    "pool_effects",
    "rate_difference",
    "ratio_values",
    "relative_interval",
    "rollout_outlook",
    "sample_ratio",
    "sequential_boundaries",
    "stage_report",
    "survey_estimate",
    "survey_plan",
    "survey_weights",
    "tier_migration",
    "watch_segments",
]
