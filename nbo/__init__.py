"""nbo: next-best-offer machine learning.

From five types of customer data to the one offer each customer should get next, and a
policy that learns from every answer. ``import nbo`` is light: each name below is loaded when it is
first used.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

# Public name -> the module that holds it. Only this table knows where things live.
_HOMES = {
    "CustomerTables": "nbo.tables",
    "Spine": "nbo.tables",
    "Offer": "nbo.tables",
    "Treatment": "nbo.tables",
    "Arbitration": "nbo.arbitration",
    "Plan": "nbo.arbitration",
    "Catalog": "nbo.tables",
    "Ledger": "nbo.ledger",
    "FeatureFiles": "nbo.features",
    "FeatureSet": "nbo.features",
    "FeatureState": "nbo.features",
    "AccountFeatures": "nbo.features",
    "AggregateFeatures": "nbo.features",
    "DemographicFeatures": "nbo.features",
    "TransactionFeatures": "nbo.features",
    "EnvironmentFeatures": "nbo.features",
    "MacroFeatures": "nbo.features",
    "BehavioralFeatures": "nbo.features",
    "SocialFeatures": "nbo.features",
    "OfferHistoryFeatures": "nbo.features",
    "HouseholdFeatures": "nbo.features",
    "NetworkFeatures": "nbo.features",
    "PropensityModel": "nbo.models",
    "ChurnModel": "nbo.models",
    "CLVModel": "nbo.models",
    "BGBB": "nbo.models",
    "BGNBD": "nbo.models",
    "GammaGamma": "nbo.models",
    "MBGNBD": "nbo.models",
    "ParetoNBD": "nbo.models",
    "ShiftedBetaGeometric": "nbo.models",
    "purchase_summary": "nbo.models",
    "UpliftModel": "nbo.models",
    "qini": "nbo.models",
    "uplift_at": "nbo.models",
    "RFMSegmenter": "nbo.segments",
    "ValueTierSegmenter": "nbo.segments",
    "ClusterSegmenter": "nbo.segments",
    "MicroSegmenter": "nbo.segments",
    "LifeStageSegmenter": "nbo.segments",
    "ServicePlan": "nbo.segments",
    "assign_service": "nbo.segments",
    "segment_customers": "nbo.segments",
    "AcceptanceTreeSegmenter": "nbo.segments",
    "AudienceFinder": "nbo.segments",
    "find_audiences": "nbo.segments",
    "LookalikeSegmenter": "nbo.segments",
    "migration_matrix": "nbo.segments",
    "segment_drift": "nbo.segments",
    "personas": "nbo.segments",
    "households": "nbo.segments",
    "HouseholdSegmenter": "nbo.segments",
    "always_valid": "nbo.experiments",
    "analyze_experiment": "nbo.experiments",
    "best_variants": "nbo.experiments",
    "campaign_verdict": "nbo.experiments",
    "impact_experiments": "nbo.experiments",
    "sample_ratio": "nbo.experiments",
    "Uniform": "nbo.policies",
    "draw_slates": "nbo.policies",
    "Control": "nbo.policies",
    "SquareCB": "nbo.policies",
    "LinearUCB": "nbo.policies",
    "Softmax": "nbo.policies",
    "LogisticThompson": "nbo.policies",
    "EpsilonGreedy": "nbo.policies",
    "Greedy": "nbo.policies",
    "SegmentThompson": "nbo.policies",
    "Eligibility": "nbo.arbitration",
    "ContactLimit": "nbo.arbitration",
    "OfferCap": "nbo.arbitration",
    "OnePer": "nbo.arbitration",
    "OneVoice": "nbo.arbitration",
    "OpenCase": "nbo.arbitration",
    "QuietHours": "nbo.arbitration",
    "RestAfter": "nbo.arbitration",
    "ServiceReferral": "nbo.arbitration",
    "contradictions": "nbo.arbitration",
    "past_contacts": "nbo.arbitration",
    "solves": "nbo.arbitration",
    "Allocation": "nbo.arbitration",
    "Limit": "nbo.arbitration",
    "allocate": "nbo.arbitration",
    "Arms": "nbo.experiments",
    "Rollout": "nbo.experiments",
    "Excludes": "nbo.arbitration",
    "Follows": "nbo.arbitration",
    "Lever": "nbo.arbitration",
    "Owned": "nbo.arbitration",
    "Playbook": "nbo.arbitration",
    "Weigh": "nbo.arbitration",
    "When": "nbo.arbitration",
    "NextBestOffer": "nbo.next_best_offer",
    "ablation": "nbo.evaluation",
    "compare": "nbo.evaluation",
    "confidence_sequence": "nbo.evaluation",
    "evaluate": "nbo.evaluation",
    "evaluate_by_segment": "nbo.evaluation",
    "evaluate_slates": "nbo.evaluation",
    "Estimate": "nbo.evaluation",
    "leak_check": "nbo.evaluation",
    "validate_model": "nbo.evaluation",
    "customer_index": "nbo.views",
    "channel_profit": "nbo.value",
    "concentration": "nbo.value",
    "customer_costs": "nbo.value",
    "loss_makers": "nbo.value",
    "profitability": "nbo.value",
    "customer_snapshot": "nbo.views",
    "NextActionModel": "nbo.journeys",
    "StageModel": "nbo.journeys",
    "interests": "nbo.journeys",
    "plot_distribution": "nbo.views",
    "plot_funnel": "nbo.views",
    "known_customers": "nbo.features",
    "training_spine": "nbo.next_best_offer",
    "segment_report": "nbo.reports",
    "LeadModel": "nbo.prospects",
    "OpportunityModel": "nbo.prospects",
    "demand_forecast": "nbo.prospects",
    "invest_or_stop": "nbo.prospects",
    "prospect_targets": "nbo.prospects",
    "sales_forecast": "nbo.prospects",
    "value_report": "nbo.reports",
    "check_health": "nbo.health",
    "Trigger": "nbo.alerting",
    "alerts": "nbo.alerting",
}
_MODULES = {
    "alerting": "nbo.alerting",
    "arbitration": "nbo.arbitration",
    "batch": "nbo.batch",
    "columns": "nbo.columns",
    "datasets": "nbo.datasets",
    "errors": "nbo.errors",
    "evaluation": "nbo.evaluation",
    "experiments": "nbo.experiments",
    "features": "nbo.features",
    "health": "nbo.health",
    "journeys": "nbo.journeys",
    "labels": "nbo.features.labels",
    "ledger": "nbo.ledger",
    "models": "nbo.models",
    "policies": "nbo.policies",
    "prospects": "nbo.prospects",
    "registry": "nbo.registry",
    "reports": "nbo.reports",
    "rng": "nbo.rng",
    "segments": "nbo.segments",
    "simulate": "nbo.simulate",
    "tables": "nbo.tables",
    "testing": "nbo.testing",
    "value": "nbo.value",
    "views": "nbo.views",
}
_NAMES = {"NO_OFFER": "nbo.columns", "uniform_by_key": "nbo.rng"}

__all__ = sorted([*_HOMES, *_MODULES, *_NAMES, "__version__"])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    home = _HOMES.get(name) or _NAMES.get(name)
    if home is None:
        raise AttributeError(f"module 'nbo' has no attribute {name!r}; it has {', '.join(__all__)}.")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
