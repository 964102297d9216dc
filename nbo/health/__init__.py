"""Health: whether a model, its data and its answers are still what they were."""

from nbo.health.check_health import check_health
from nbo.health.limits import LIMITS, HealthLimit, default_limits
from nbo.health.report import HealthReport

__all__ = ["LIMITS", "HealthLimit", "HealthReport", "check_health", "default_limits"]
