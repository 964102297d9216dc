from decimal import Decimal

import numpy as np
import pytest

from nbo.errors import InputError
from nbo.numbers import check_number


@pytest.mark.parametrize("value", [1, 1.5, np.float64(2), np.int64(3), Decimal("1.5")])
def test_numbers_of_any_type_are_taken(value):
    assert check_number(value, "batch", "1 or more", lambda number: number >= 1) is value


@pytest.mark.parametrize("value", ["2", None, True, [2], 1 + 2j, float("nan"), 0])
def test_all_else_is_refused(value):
    with pytest.raises(InputError, match="batch must be 1 or more; got "):
        check_number(value, "batch", "1 or more", lambda number: number >= 1)


def test_a_fraction_is_not_whole():
    with pytest.raises(InputError, match=r"batch must be a whole number; got 1\.5"):
        check_number(1.5, "batch", "a whole number", lambda number: True, whole=True)
