"""Whether single decisions are computed by compiled loops."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

__all__ = ["LOOPS", "LiveLoops"]

# Reading what was compiled takes half a second, compiling it two: that is not for a few decisions.
_PAYS: Final = 5_000


class LiveLoops:
    """Give the compiled loops, once they were asked for so often that they pay.

    Attributes
    ----------
    kernels : module, optional
        :mod:`nbo.policies.live_kernels`; None before, and where numba is not installed. What they compute differs from
        what NumPy computes by rounding alone.

    Examples
    --------
    >>> loops = LiveLoops()
    >>> loops.ask(), loops.kernels
    (None, None)
    """

    def __init__(self) -> None:
        self.kernels: Any = None
        self._asked = 0

    def ask(self) -> Any:
        """Give the kernels, or note that something was computed without.

        Returns
        -------
        module, optional
        """
        if self.kernels is None:
            self._asked += 1
            if self._asked == _PAYS:
                try:
                    self.kernels = import_module("nbo.policies.live_kernels")
                except ImportError:
                    return None
        return self.kernels


LOOPS: Final = LiveLoops()
