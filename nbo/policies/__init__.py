"""Policies: they state action probabilities, draw, and learn from answers."""

from nbo.policies.base import Policy
from nbo.policies.epsilon_greedy import EpsilonGreedy
from nbo.policies.greedy import Greedy
from nbo.policies.lin_ucb import LinearUCB
from nbo.policies.logistic import LogisticThompson
from nbo.policies.softmax import Softmax
from nbo.policies.square_cb import SquareCB
from nbo.policies.thompson import SegmentThompson
from nbo.policies.uniform import Uniform

__all__ = [
    "EpsilonGreedy",
    "Greedy",
    "LinearUCB",
    "LogisticThompson",
    "Policy",
    "SegmentThompson",
    "Softmax",
    "SquareCB",
    "Uniform",
]
