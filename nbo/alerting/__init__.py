"""Customers at risk: why, what is at stake, what to do, and who does it."""

from nbo.alerting.alert_quality import alert_quality
from nbo.alerting.alerts import alerts
from nbo.alerting.cause_model import CauseModel
from nbo.alerting.quality import AlertQuality
from nbo.alerting.result import Alerts
from nbo.alerting.trigger import Trigger
from nbo.alerting.uplift_actions import uplift_actions

__all__ = ["AlertQuality", "Alerts", "CauseModel", "Trigger", "alert_quality", "alerts", "uplift_actions"]
