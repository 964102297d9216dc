"""Every ledger owes the same, in memory and in a file."""

from __future__ import annotations

import pytest

from nbo import ledger as room
from nbo.ledger import Ledger
from nbo.testing import check_ledger
from nbo.testing.parts import parts_of

LEDGERS = parts_of(room, Ledger)


def test_these_are_all_ledgers():
    assert list(LEDGERS) == ["Ledger"]


def test_ledger_in_memory():
    with Ledger.open("sqlite://") as ledger:
        check_ledger(ledger)


def test_ledger_in_a_file(tmp_path):
    with Ledger.open(f"sqlite:///{tmp_path / 'nbo.db'}") as ledger:
        check_ledger(ledger)


class Doubling(Ledger):
    """Count what was recorded already."""

    def record(self, decisions):
        super().record(decisions)
        return len(decisions)


class Forgiving(Ledger):
    """Take answers to anything."""

    def record_outcomes(self, outcomes, now=None):
        good, _ = self.check_outcomes(outcomes, now)
        return super().record_outcomes(good, now)


@pytest.mark.parametrize(
    ("kind", "says"), [(Doubling, "must count new decisions, 3 and then 1"), (Forgiving, "must refuse an answer to no")]
)
def test_a_ledger_that_owes_something_is_found(kind, says):
    with kind.open("sqlite://") as ledger, pytest.raises(AssertionError, match=says):
        check_ledger(ledger)
