"""Reports for people: segments, goals, the whole program."""

from nbo.reports.action_effects import action_effects
from nbo.reports.action_types import ACTION_TYPES, action_types
from nbo.reports.best_actions import best_actions
from nbo.reports.confident_patterns import confident_patterns
from nbo.reports.contact_pressure import contact_pressure
from nbo.reports.departments import DEPARTMENTS, departments
from nbo.reports.goal_credits import GoalReport
from nbo.reports.goal_report import goal_report
from nbo.reports.goal_results import goal_results
from nbo.reports.message_winners import message_winners
from nbo.reports.period_changes import period_changes
from nbo.reports.playbook_report import playbook_report
from nbo.reports.program_report import ProgramReport, program_report
from nbo.reports.rates_over_time import rates_over_time
from nbo.reports.report import Report
from nbo.reports.section import Section
from nbo.reports.segment_report import segment_report
from nbo.reports.value_report import ValueReport, value_report

__all__ = [
    "ACTION_TYPES",
    "DEPARTMENTS",
    "GoalReport",
    "ProgramReport",
    "Report",
    "Section",
    "ValueReport",
    "action_effects",
    "action_types",
    "best_actions",
    "confident_patterns",
    "contact_pressure",
    "departments",
    "goal_report",
    "goal_results",
    "message_winners",
    "period_changes",
    "playbook_report",
    "program_report",
    "rates_over_time",
    "segment_report",
    "value_report",
]
