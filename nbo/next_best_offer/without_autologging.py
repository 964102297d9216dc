"""Keep MLflow's autologging out of the fits inside a fit."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["without_autologging"]

_MODULE = "mlflow.utils.autologging_utils"
# MLflow's own `disable_autologging` sets it, too, but forgets whether it was set before.
_FLAG = "_AUTOLOGGING_GLOBALLY_DISABLED"

_LOCK = threading.Lock()
_fits = 0
_before = False


@contextmanager
def without_autologging() -> Iterator[None]:
    """Switch MLflow's autologging off for a while; each model inside a fit would be a run of its own.

    It holds for the whole process; the last fit of several at once puts back what was before the first. Where MLflow
    was not imported there is nothing to switch, and it is not imported.
    """
    global _fits, _before
    switch = sys.modules.get(_MODULE)
    if switch is None or not hasattr(switch, _FLAG):
        yield
        return
    with _LOCK:
        _before = getattr(switch, _FLAG) if _fits == 0 else _before
        _fits += 1
        setattr(switch, _FLAG, True)
    try:
        yield
    finally:
        with _LOCK:
            _fits -= 1
            setattr(switch, _FLAG, _fits > 0 or _before)
