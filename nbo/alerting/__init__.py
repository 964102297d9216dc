"""Customers at risk: why, what is at stake, what to do, and who does it."""

from nbo.alerting.alerts import alerts
from nbo.alerting.cause_model import CauseModel
from nbo.alerting.result import Alerts

__all__ = ["Alerts", "CauseModel", "alerts"]
