"""The hash of a row: that of its literal, whatever is in it, as in ledgers that were written before."""

import hashlib
import itertools

import pytest

from nbo.ledger.layout import DECISION_LAYOUT, ERASURE_LAYOUT, OUTCOME_LAYOUT

VALUES = ["plain", "it's", 'a "b"', "%d %a %%", "größer\n☃", "", None, 0, -5, 2**70, 1e300, float("inf"), b"\x00'%"]


@pytest.mark.parametrize("layout", [DECISION_LAYOUT, OUTCOME_LAYOUT, ERASURE_LAYOUT])
@pytest.mark.parametrize("digest", [None, b"'%\xff" * 8])
def test_a_row_is_chained_by_its_literal(layout, digest):
    before, values = hashlib.sha256(b"%a").digest(), itertools.cycle(VALUES)
    for number in range(1, 40):
        row = tuple(itertools.islice(values, len(layout.columns)))
        content = tuple(value for place, value in enumerate(row) if place not in layout.personal)
        expected = hashlib.sha256(before + ascii((number, digest, content)).encode()).digest()
        before = layout.link(before, number, row, digest)
        assert before == expected
