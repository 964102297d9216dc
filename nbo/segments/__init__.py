"""Segments: customers who are alike, by name."""

from nbo.segments.acceptance_tree import AcceptanceTreeSegmenter
from nbo.segments.base import Segmenter
from nbo.segments.rfm import RFMSegmenter

__all__ = ["AcceptanceTreeSegmenter", "RFMSegmenter", "Segmenter"]
