"""Policies: they state action probabilities, draw, and learn from answers."""

from nbo.policies.base import Policy
from nbo.policies.epsilon_greedy import EpsilonGreedy
from nbo.policies.greedy import Greedy
from nbo.policies.logistic import LogisticThompson
from nbo.policies.thompson import SegmentThompson
from nbo.policies.uniform import Uniform

__all__ = ["EpsilonGreedy", "Greedy", "LogisticThompson", "Policy", "SegmentThompson", "Uniform"]
