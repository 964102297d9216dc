"""What people look at: the card of a customer, reports by segment, plots and pages."""

from nbo.views.customer_snapshot import customer_snapshot
from nbo.views.segment_report import segment_report
from nbo.views.snapshot import Snapshot

__all__ = ["Snapshot", "customer_snapshot", "segment_report"]
