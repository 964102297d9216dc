"""What people look at: the card of a customer, reports by segment, plots and pages."""

from nbo.views.customer_index import CustomerIndex, customer_index
from nbo.views.customer_snapshot import customer_snapshot
from nbo.views.page import Page
from nbo.views.plot_ablation import plot_ablation
from nbo.views.plot_acceptance import plot_acceptance
from nbo.views.plot_acceptance_rates import plot_acceptance_rates
from nbo.views.plot_alert_quality import plot_alert_quality
from nbo.views.plot_always_valid import plot_always_valid
from nbo.views.plot_amounts import plot_amounts
from nbo.views.plot_bundles import plot_bundles
from nbo.views.plot_calibration import plot_calibration
from nbo.views.plot_channel_profit import plot_channel_profit
from nbo.views.plot_concentration import plot_concentration
from nbo.views.plot_confidence_sequence import plot_confidence_sequence
from nbo.views.plot_distribution import plot_distribution
from nbo.views.plot_drift import plot_drift
from nbo.views.plot_effects import plot_effects
from nbo.views.plot_estimates import plot_estimates
from nbo.views.plot_forecast import plot_forecast
from nbo.views.plot_frequency import plot_frequency
from nbo.views.plot_frontier import plot_frontier
from nbo.views.plot_funnel import plot_funnel
from nbo.views.plot_gains import plot_gains
from nbo.views.plot_invest_curve import plot_invest_curve
from nbo.views.plot_journey import plot_journey
from nbo.views.plot_lift import plot_lift
from nbo.views.plot_migration import plot_migration
from nbo.views.plot_offer_heat import plot_offer_heat
from nbo.views.plot_over_time import plot_over_time
from nbo.views.plot_pipeline import plot_pipeline
from nbo.views.plot_power import plot_power
from nbo.views.plot_prices import plot_prices
from nbo.views.plot_profit import plot_profit
from nbo.views.plot_qini import plot_qini
from nbo.views.plot_rate_changes import plot_rate_changes
from nbo.views.plot_rates import plot_rates
from nbo.views.plot_regret import plot_regret
from nbo.views.plot_rollout import plot_rollout
from nbo.views.plot_scorecard import plot_scorecard
from nbo.views.plot_segment_drift import plot_segment_drift
from nbo.views.plot_segment_forecast import plot_segment_forecast
from nbo.views.plot_segment_profile import plot_segment_profile
from nbo.views.plot_segment_value import plot_segment_value
from nbo.views.plot_spread import plot_spread
from nbo.views.plot_stability import plot_stability
from nbo.views.plot_timeline import plot_timeline
from nbo.views.plot_tracking import plot_tracking
from nbo.views.plot_uplift import plot_uplift_by_decile
from nbo.views.plot_value import plot_value
from nbo.views.plot_wallet import plot_wallet
from nbo.views.plot_whale_curve import plot_whale_curve
from nbo.views.plot_what_if import plot_what_if
from nbo.views.rate_changes import rate_changes
from nbo.views.roles import PERSONAL, ROLES, hidden_from
from nbo.views.snapshot import Snapshot
from nbo.views.stored_scores import StoredScores

__all__ = [
    "PERSONAL",
    "ROLES",
    "CustomerIndex",
    "Page",
    "Snapshot",
    "StoredScores",
    "customer_index",
    "customer_snapshot",
    "hidden_from",
    "plot_ablation",
    "plot_acceptance",
    "plot_acceptance_rates",
    "plot_alert_quality",
    "plot_always_valid",
    "plot_amounts",
    "plot_bundles",
    "plot_calibration",
    "plot_channel_profit",
    "plot_concentration",
    "plot_confidence_sequence",
    "plot_distribution",
    "plot_drift",
    "plot_effects",
    "plot_estimates",
    "plot_forecast",
    "plot_frequency",
    "plot_frontier",
    "plot_funnel",
    "plot_gains",
    "plot_invest_curve",
    "plot_journey",
    "plot_lift",
    "plot_migration",
    "plot_offer_heat",
    "plot_over_time",
    "plot_pipeline",
    "plot_power",
    "plot_prices",
    "plot_profit",
    "plot_qini",
    "plot_rate_changes",
    "plot_rates",
    "plot_regret",
    "plot_rollout",
    "plot_scorecard",
    "plot_segment_drift",
    "plot_segment_forecast",
    "plot_segment_profile",
    "plot_segment_value",
    "plot_spread",
    "plot_stability",
    "plot_timeline",
    "plot_tracking",
    "plot_uplift_by_decile",
    "plot_value",
    "plot_wallet",
    "plot_whale_curve",
    "plot_what_if",
    "rate_changes",
]
