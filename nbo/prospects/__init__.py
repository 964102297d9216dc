"""Scores for people who are not yet customers, and what sales to expect."""

from nbo.prospects.lead_model import LeadModel
from nbo.prospects.lead_rows import lead_rows
from nbo.prospects.opportunity_model import OpportunityModel
from nbo.prospects.opportunity_rows import opportunity_rows

__all__ = ["LeadModel", "OpportunityModel", "lead_rows", "opportunity_rows"]
