"""Scores for people who are not yet customers, and what sales to expect."""

from nbo.prospects.demand_forecast import demand_forecast
from nbo.prospects.demand_result import DemandForecast
from nbo.prospects.fit_and_interest import FitAndInterest, fit_and_interest
from nbo.prospects.invest_or_stop import invest_or_stop
from nbo.prospects.investment import Investment
from nbo.prospects.lead_model import LeadModel
from nbo.prospects.lead_rows import lead_rows
from nbo.prospects.opportunity_model import OpportunityModel
from nbo.prospects.opportunity_rows import opportunity_rows
from nbo.prospects.probability_interval import probability_interval
from nbo.prospects.prospect_targets import ProspectTargets, prospect_targets
from nbo.prospects.sales_forecast import sales_forecast
from nbo.prospects.sales_result import SalesForecast

__all__ = [
    "DemandForecast",
    "FitAndInterest",
    "Investment",
    "LeadModel",
    "OpportunityModel",
    "ProspectTargets",
    "SalesForecast",
    "demand_forecast",
    "fit_and_interest",
    "invest_or_stop",
    "lead_rows",
    "opportunity_rows",
    "probability_interval",
    "prospect_targets",
    "sales_forecast",
]
