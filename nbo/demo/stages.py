"""Say on standard error which stage a long run is in, and how long the last one took."""

from __future__ import annotations

import os
import sys
import time

__all__ = ["Stages"]


class Stages:
    """One line per stage, with the seconds it took.

    Parameters
    ----------
    progress : bool, optional
        True shows, False hides; by default shown unless ``NBO_PROGRESS`` is ``0``.

    Examples
    --------
    >>> with Stages(progress=False) as stages:
    ...     stages.begin("simulate")
    """

    def __init__(self, progress: bool | None = None) -> None:
        self.shown = os.environ.get("NBO_PROGRESS", "1") != "0" if progress is None else progress
        self._begun: float | None = None
        self._start = time.monotonic()

    def __enter__(self) -> Stages:
        return self

    def __exit__(self, *error: object) -> None:
        self._end()
        if error[0] is None:
            self._say(f"done in {time.monotonic() - self._start:.0f} s\n")

    def begin(self, what: str) -> None:
        """Begin a stage; the one before is over."""
        self._end()
        self._begun = time.monotonic()
        self._say(f"{what} ... ")

    def _end(self) -> None:
        if self._begun is not None:
            self._say(f"{time.monotonic() - self._begun:.1f} s\n")
        self._begun = None

    def _say(self, text: str) -> None:
        if self.shown:
            sys.stderr.write(text)
            sys.stderr.flush()
