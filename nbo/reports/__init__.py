"""Reports for people: segments, goals, the whole program."""

from nbo.reports.segment_report import segment_report

__all__ = ["segment_report"]
