"""Policies: they state action probabilities, draw, and learn from answers."""

from nbo.policies.base import Policy
from nbo.policies.compare_arms import compare_arms
from nbo.policies.control import Control
from nbo.policies.epsilon_greedy import EpsilonGreedy
from nbo.policies.greedy import Greedy
from nbo.policies.lin_ucb import LinearUCB
from nbo.policies.logistic import LogisticThompson
from nbo.policies.slate_probabilities import slate_probabilities
from nbo.policies.slates import draw_slates
from nbo.policies.softmax import Softmax
from nbo.policies.square_cb import SquareCB
from nbo.policies.thompson import SegmentThompson
from nbo.policies.uniform import Uniform

__all__ = [
    "Control",
    "EpsilonGreedy",
    "Greedy",
    "LinearUCB",
    "LogisticThompson",
    "Policy",
    "SegmentThompson",
    "Softmax",
    "SquareCB",
    "Uniform",
    "compare_arms",
    "draw_slates",
    "slate_probabilities",
]
