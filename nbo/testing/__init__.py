"""What all parts of a kind owe, as checks that run on ours and on yours."""

from nbo.testing.builder import check_builder
from nbo.testing.estimator import check_estimator
from nbo.testing.ledger import check_ledger
from nbo.testing.model import check_model
from nbo.testing.policy import check_policy
from nbo.testing.rule import check_rule
from nbo.testing.segmenter import check_segmenter

__all__ = [
    "check_builder",
    "check_estimator",
    "check_ledger",
    "check_model",
    "check_policy",
    "check_rule",
    "check_segmenter",
]
