"""The health report as one page."""

from __future__ import annotations

from nbo.health.limits import default_limits, taken_limits
from nbo.health.report import HealthReport
from nbo.views import Page, plot_calibration, plot_drift

__all__ = ["health_page"]

_ROWS = 60
# What is most needed first: on a phone the rest is a swipe away.
_FOUND = ["state", "subject", "message", "check", "value", "limit"]
_RATES = ["subject", "since", "n_before", "rate_before", "n", "rate", "low", "high", "change", "log_e"]


def health_page(report: HealthReport) -> Page:
    """Put a report on a page.

    Parameters
    ----------
    report : HealthReport

    Returns
    -------
    Page
    """
    page = Page("Health", f"As of {report.as_of:%Y-%m-%d %H:%M} UTC")
    page.add_facts({"Alarms": len(report.alarms), "Warnings": len(report.warnings), "Checks": len(report.checks)})
    bad = report.checks[report.checks["state"] != "ok"]
    if bad.empty:
        page.add_text("What was found", "No check has found anything beyond its limits.")
    else:
        page.add_table("What was found", bad[_FOUND].head(_ROWS), _left_out(len(bad), "alarms first"))
    _add_drift(page, report)
    _add_calibration(page, report)
    rates = report.details.get("response_rates")
    if rates is not None and len(rates):
        order = rates.sort_values("log_e", ascending=False, kind="stable")
        note = _left_out(len(rates), "since the likeliest day of a change; 95 % intervals after Wilson")
        page.add_table("Acceptance rates and their past", order[_RATES].head(_ROWS), note)
    counts = report.checks.groupby(["check", "state"], sort=True).size().rename("subjects").reset_index()
    page.add_table("All checks", counts, "How many subjects each check has looked at, and with what result.")
    limits = default_limits()[["check", "warning", "alarm", "unit", "meaning", "source"]]
    return page.add_table("Default limits", limits, "A look may have been given others.")


def _add_drift(page: Page, report: HealthReport) -> None:
    limits = taken_limits(None)
    for name, what, check in (("features", "Features", "psi"), ("predictions", "Predictions", "prediction_psi")):
        drift = report.details.get(name)
        if drift is not None and drift["psi"].notna().any():
            shown = plot_drift(drift, (limits[check].warning, limits[check].alarm))
            caption = (
                "Population stability index against training and the default limits. "
                "What chance or the clock may have moved is beyond one without an alarm."
            )
            page.add_plot(f"{what} that moved most", shown, caption)


def _add_calibration(page: Page, report: HealthReport) -> None:
    groups = report.details.get("calibration")
    if groups is None or groups.empty:
        return
    tenths = groups[groups["subject"].str.startswith("predictions")]
    caption = "Accepted against predicted, by tenths of the predictions; 95 % intervals."
    page.add_plot("Calibration", plot_calibration(tenths), caption)
    order = groups.sort_values("log_e", ascending=False, kind="stable").head(_ROWS)
    note = _left_out(len(groups), "ratio: accepted over predicted, less 1; log_e: evidence of a shift")
    page.add_table("Calibration by group", order, note)


def _left_out(n: int, words: str) -> str:
    return f"{words[0].upper()}{words[1:]}." + (f" {n - _ROWS:,} more rows are left out." if n > _ROWS else "")
