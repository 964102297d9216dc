"""Models of the customer: propensity, churn, customer lifetime value and uplift."""

from nbo.models.btyd import (
    BGBB,
    BGNBD,
    MBGNBD,
    GammaGamma,
    ParetoNBD,
    ShiftedBetaGeometric,
    purchase_frequencies,
    purchase_summary,
    purchase_tracking,
)
from nbo.models.churn import ChurnModel
from nbo.models.clv import CLVModel
from nbo.models.empc import ExpectedProfit, empc
from nbo.models.expected_outcomes import ExpectedOutcomes
from nbo.models.forecast import Forecast
from nbo.models.life_table import life_table
from nbo.models.metrics import lift_by_decile, model_metrics, reliability
from nbo.models.profit_curve import profit_curve
from nbo.models.propensity import PropensityModel
from nbo.models.reference import load_reference, reference_features
from nbo.models.search import search
from nbo.models.seasonal_forecast import SeasonalForecast
from nbo.models.splits import TimeSplit
from nbo.models.uplift import (
    UpliftModel,
    auuc,
    compare_uplift,
    policy_value,
    qini,
    qini_curve,
    uplift_at,
    uplift_by_decile,
    uplift_by_group,
    uplift_groups,
)

__all__ = [
    "BGBB",
    "BGNBD",
    "CLVModel",
    "ChurnModel",
    "ExpectedOutcomes",
    "ExpectedProfit",
    "Forecast",
    "GammaGamma",
    "MBGNBD",
    "ParetoNBD",
    "PropensityModel",
    "SeasonalForecast",
    "ShiftedBetaGeometric",
    "TimeSplit",
    "UpliftModel",
    "auuc",
    "compare_uplift",
    "empc",
    "life_table",
    "lift_by_decile",
    "load_reference",
    "model_metrics",
    "policy_value",
    "profit_curve",
    "purchase_frequencies",
    "purchase_summary",
    "purchase_tracking",
    "qini",
    "qini_curve",
    "reference_features",
    "reliability",
    "search",
    "uplift_at",
    "uplift_by_decile",
    "uplift_by_group",
    "uplift_groups",
]
