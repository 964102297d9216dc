"""Reports for people: segments, goals, the whole program."""

from nbo.reports.report import Report
from nbo.reports.section import Section
from nbo.reports.segment_report import segment_report

__all__ = ["Report", "Section", "segment_report"]
