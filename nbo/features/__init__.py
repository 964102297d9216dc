"""Point-in-time features and labels."""

from nbo.features import labels
from nbo.features.account import AccountFeatures
from nbo.features.aggregate_features import AggregateFeatures
from nbo.features.base import FeatureBuilder
from nbo.features.behavioral import BehavioralFeatures
from nbo.features.demographic import DemographicFeatures
from nbo.features.environment import EnvironmentFeatures
from nbo.features.feature import Feature
from nbo.features.feature_files import FeatureFiles
from nbo.features.feature_set import FeatureSet
from nbo.features.feature_state import FeatureState
from nbo.features.household import HouseholdFeatures
from nbo.features.known_customers import known_customers
from nbo.features.macro import MacroFeatures
from nbo.features.network import NetworkFeatures
from nbo.features.offer_history import OfferHistoryFeatures
from nbo.features.social import SocialFeatures
from nbo.features.transaction import TransactionFeatures

__all__ = [
    "AccountFeatures",
    "AggregateFeatures",
    "BehavioralFeatures",
    "DemographicFeatures",
    "EnvironmentFeatures",
    "Feature",
    "FeatureBuilder",
    "FeatureFiles",
    "FeatureSet",
    "FeatureState",
    "HouseholdFeatures",
    "MacroFeatures",
    "NetworkFeatures",
    "OfferHistoryFeatures",
    "SocialFeatures",
    "TransactionFeatures",
    "known_customers",
    "labels",
]
