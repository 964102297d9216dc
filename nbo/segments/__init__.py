"""Segments: customers who are alike, by name."""

from nbo.segments.acceptance_tree import AcceptanceTreeSegmenter
from nbo.segments.audiences.audiences import Audiences
from nbo.segments.audiences.find_audiences import find_audiences
from nbo.segments.audiences.finder import AudienceFinder
from nbo.segments.base import Segmenter
from nbo.segments.household_segmenter import HouseholdSegmenter
from nbo.segments.household_totals import household_totals
from nbo.segments.households import households
from nbo.segments.rfm import RFMSegmenter

__all__ = [
    "AcceptanceTreeSegmenter",
    "AudienceFinder",
    "Audiences",
    "HouseholdSegmenter",
    "RFMSegmenter",
    "Segmenter",
    "find_audiences",
    "household_totals",
    "households",
]
