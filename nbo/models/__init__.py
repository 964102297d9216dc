"""Models of the customer: propensity, churn and customer lifetime value."""

from nbo.models.churn import ChurnModel
from nbo.models.clv import CLVModel
from nbo.models.empc import ExpectedProfit, empc
from nbo.models.metrics import lift_by_decile, model_metrics, reliability
from nbo.models.profit_curve import profit_curve
from nbo.models.propensity import PropensityModel
from nbo.models.splits import TimeSplit

__all__ = [
    "CLVModel",
    "ChurnModel",
    "ExpectedProfit",
    "PropensityModel",
    "TimeSplit",
    "empc",
    "lift_by_decile",
    "model_metrics",
    "profit_curve",
    "reliability",
]
