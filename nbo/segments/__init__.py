"""Segments: customers who are alike, by name."""

from nbo.segments.acceptance_tree import AcceptanceTreeSegmenter
from nbo.segments.align_services import align_services
from nbo.segments.assign_service import assign_service
from nbo.segments.audiences.audiences import Audiences
from nbo.segments.audiences.find_audiences import find_audiences
from nbo.segments.audiences.finder import AudienceFinder
from nbo.segments.base import Segmenter
from nbo.segments.clusters.cluster_segmenter import ClusterSegmenter
from nbo.segments.compare_schemes import compare_schemes
from nbo.segments.drift_result import SegmentDrift
from nbo.segments.household_segmenter import HouseholdSegmenter
from nbo.segments.household_totals import household_totals
from nbo.segments.households import households
from nbo.segments.labels.label_match import LabelMatch
from nbo.segments.life_stage import LifeStageSegmenter
from nbo.segments.lookalike_segmenter import LookalikeSegmenter
from nbo.segments.match_labels import match_labels
from nbo.segments.micro_segments import MicroSegmenter
from nbo.segments.migration_counts import MigrationMatrix
from nbo.segments.migration_matrix import migration_matrix
from nbo.segments.persona import Persona
from nbo.segments.persona_set import Personas
from nbo.segments.personas import personas
from nbo.segments.resegment import resegment
from nbo.segments.resegmentation import Resegmentation
from nbo.segments.rfm import RFMSegmenter
from nbo.segments.scheme_comparison import SchemeComparison
from nbo.segments.segment_customers import segment_customers
from nbo.segments.segment_drift import segment_drift
from nbo.segments.segment_needs import segment_needs
from nbo.segments.service_assignment import ServiceAssignment
from nbo.segments.service_plan import ServicePlan
from nbo.segments.value_tiers import ValueTierSegmenter

__all__ = [
    "AcceptanceTreeSegmenter",
    "AudienceFinder",
    "Audiences",
    "ClusterSegmenter",
    "HouseholdSegmenter",
    "LabelMatch",
    "LifeStageSegmenter",
    "LookalikeSegmenter",
    "MicroSegmenter",
    "MigrationMatrix",
    "Persona",
    "Personas",
    "RFMSegmenter",
    "Resegmentation",
    "SchemeComparison",
    "SegmentDrift",
    "Segmenter",
    "ServiceAssignment",
    "ServicePlan",
    "ValueTierSegmenter",
    "align_services",
    "assign_service",
    "compare_schemes",
    "find_audiences",
    "household_totals",
    "households",
    "match_labels",
    "migration_matrix",
    "personas",
    "resegment",
    "segment_customers",
    "segment_drift",
    "segment_needs",
]
