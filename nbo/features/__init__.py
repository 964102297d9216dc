"""Point-in-time features and labels."""

from nbo.features import labels
from nbo.features.base import FeatureBuilder
from nbo.features.builders.account import AccountFeatures
from nbo.features.builders.aggregate_features import AggregateFeatures
from nbo.features.builders.behavioral import BehavioralFeatures
from nbo.features.builders.demographic import DemographicFeatures
from nbo.features.builders.environment import EnvironmentFeatures
from nbo.features.builders.household import HouseholdFeatures
from nbo.features.builders.macro import MacroFeatures
from nbo.features.builders.network import NetworkFeatures
from nbo.features.builders.offer_history import OfferHistoryFeatures
from nbo.features.builders.social import SocialFeatures
from nbo.features.builders.transaction import TransactionFeatures
from nbo.features.engines.feature_files import FeatureFiles
from nbo.features.feature import Feature
from nbo.features.feature_set import FeatureSet
from nbo.features.known_customers import known_customers
from nbo.features.online.feature_state import FeatureState
from nbo.features.profile import FeatureProfile

__all__ = [
    "AccountFeatures",
    "AggregateFeatures",
    "BehavioralFeatures",
    "DemographicFeatures",
    "EnvironmentFeatures",
    "Feature",
    "FeatureBuilder",
    "FeatureFiles",
    "FeatureProfile",
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
