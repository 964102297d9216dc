"""Offers that come at run time: by hand."""

import pytest

from nbo.errors import InputError
from nbo.policies import LogisticThompson
from nbo.policies.more_offers import add_more_offers


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ((None, None), (None, None), (None, None)),
        (([2, 3], None), (None, None), ([2, 3, 1], None)),
        ((None, None), ([5], [0.5]), ([1, 1, 5], [0, 0, 0.5])),
    ],
)
def test_amounts_by_hand(old, new, expected):
    policy = LogisticThompson(("a", "b"), values=old[0], costs=old[1])
    add_more_offers(policy, ["c"], *new)
    assert (policy.offers, policy.values, policy.costs) == (["a", "b", "c"], *expected)


def test_what_is_not_allowed_changes_nothing():
    policy = LogisticThompson(["a", "b"])
    with pytest.raises(InputError, match="offers must be new; 1 of 2 are there already, first: 'c'"):
        add_more_offers(policy, ["c", "c"])
    with pytest.raises(InputError, match="costs must hold one number for each of the 1 offers"):
        add_more_offers(policy, ["c"], [1.0], [1.0, 2.0])
    assert (policy.offers, policy.values, policy.costs) == (["a", "b"], None, None)
