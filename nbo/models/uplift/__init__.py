"""Uplift: what a treatment changes for each customer, learnt and measured."""

from nbo.models.uplift.compare_uplift import compare_uplift
from nbo.models.uplift.policy_value import policy_value
from nbo.models.uplift.qini import auuc, qini, qini_curve
from nbo.models.uplift.uplift_at import uplift_at
from nbo.models.uplift.uplift_by_decile import uplift_by_decile
from nbo.models.uplift.uplift_by_group import uplift_by_group
from nbo.models.uplift.uplift_groups import uplift_groups
from nbo.models.uplift.uplift_model import UpliftModel

__all__ = [
    "UpliftModel",
    "auuc",
    "compare_uplift",
    "policy_value",
    "qini",
    "qini_curve",
    "uplift_at",
    "uplift_by_decile",
    "uplift_by_group",
    "uplift_groups",
]
