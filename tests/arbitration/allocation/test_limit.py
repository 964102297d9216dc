"""Limits that say what they cannot mean are refused."""

from __future__ import annotations

import pytest

from nbo.arbitration import Limit
from nbo.errors import InputError


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "a limit needs at_most, at_least or both"),
        ({"at_most": -1}, "at_most must be 0 or more; got -1"),
        ({"at_most": float("nan")}, "at_most must be 0 or more; got nan"),
        ({"at_least": float("inf"), "name": "a"}, "at_least of 'a' must be 0 or more; got inf"),
        ({"at_most": "many"}, "at_most must be 0 or more; got 'many'"),
        ({"at_most": 1, "at_least": 2, "name": "a"}, "at_least of 'a' must be at most at_most"),
        ({"at_most_share": 0.5}, "a share needs rows"),
        ({"at_most_share": 1.5, "rows": [0]}, r"at_most_share must be in \[0, 1\]; got 1.5"),
        ({"at_most_share": 0.5, "at_least_share": 0.1, "rows": [0]}, "Make two limits"),
        ({"at_most_share": 0.5, "at_most": 1, "rows": [0]}, "Make two limits"),
        ({"at_most": 1, "name": 3}, "name of a limit must be a text; got 3"),
    ],
)
def test_what_a_limit_cannot_mean_is_refused(given, message):
    with pytest.raises(InputError, match=message):
        Limit(**given)
