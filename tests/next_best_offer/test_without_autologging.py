import sys
import threading
from types import SimpleNamespace

import pytest

from nbo.next_best_offer.without_autologging import without_autologging


@pytest.fixture(params=[False, True])
def switch(monkeypatch, request):
    """MLflow's switch as it stands before: on or off."""
    stub = SimpleNamespace(_AUTOLOGGING_GLOBALLY_DISABLED=request.param)
    monkeypatch.setitem(sys.modules, "mlflow.utils.autologging_utils", stub)
    return stub


def test_it_is_off_inside_and_as_before_outside(switch):
    before = switch._AUTOLOGGING_GLOBALLY_DISABLED
    with without_autologging():
        with without_autologging():
            assert switch._AUTOLOGGING_GLOBALLY_DISABLED
        assert switch._AUTOLOGGING_GLOBALLY_DISABLED
    assert switch._AUTOLOGGING_GLOBALLY_DISABLED is before
    with pytest.raises(ZeroDivisionError, match="division"), without_autologging():
        raise ZeroDivisionError("division")
    assert switch._AUTOLOGGING_GLOBALLY_DISABLED is before


def test_it_stays_off_until_the_last_of_two_fits_is_over(switch):
    before = switch._AUTOLOGGING_GLOBALLY_DISABLED
    begun, over = threading.Event(), threading.Event()

    def other():
        with without_autologging():
            begun.set()
            over.wait(10)

    thread = threading.Thread(target=other)
    with without_autologging():
        thread.start()
        assert begun.wait(10)
    assert switch._AUTOLOGGING_GLOBALLY_DISABLED
    over.set()
    thread.join()
    assert switch._AUTOLOGGING_GLOBALLY_DISABLED is before


def test_mlflow_is_not_imported(monkeypatch):
    monkeypatch.delitem(sys.modules, "mlflow.utils.autologging_utils", raising=False)
    monkeypatch.setattr("builtins.__import__", lambda *args, **kwargs: pytest.fail("nothing is to be imported"))
    with without_autologging():
        pass
