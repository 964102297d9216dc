"""Randomized experiments: their design, arms, sizes and stages, and what they show."""

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
from nbo.experiments.design import ArmSizes, Design
from nbo.experiments.duration import duration_days
from nbo.experiments.layers import exclusive_layer
from nbo.experiments.plan_experiment import plan_experiment
from nbo.experiments.presets import four_arms, impact_arms

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
    "ArmSizes",
    "Arms",
    "Design",
    "duration_days",
    "exclusive_layer",
    "four_arms",
    "impact_arms",
    "plan_experiment",
]
