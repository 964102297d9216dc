"""Policies: they state action probabilities, draw, and learn from answers."""

from nbo.policies.base import Policy
from nbo.policies.thompson import SegmentThompson
from nbo.policies.uniform import Uniform

__all__ = ["Policy", "SegmentThompson", "Uniform"]
