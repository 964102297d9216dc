"""Customers at risk: why, what is at stake, what to do, and who does it."""

from nbo.alerting.alerts import alerts
from nbo.alerting.cause_model import CauseModel
from nbo.alerting.result import Alerts
from nbo.alerting.trigger import Trigger

__all__ = ["Alerts", "CauseModel", "Trigger", "alerts"]
