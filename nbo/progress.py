"""Progress of long work, shown on a terminal and silent elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

__all__ = ["track"]

T = TypeVar("T")


def track(
    items: Iterable[T],
    what: str,
    *,
    total: int | None = None,
    unit: str = "it",
    progress: bool | None = None,
    size: Callable[[T], int] | None = None,
) -> Iterator[T]:
    """Walk through `items` and show how far it is, how fast, and the time left.

    Parameters
    ----------
    items : iterable
        What to walk through.
    what : str
        A word or two for the work.
    total : int, optional
        Number of items, where `len(items)` does not tell.
    unit : str, default="it"
        What one item is, such as "rows".
    progress : bool, optional
        True shows, False hides. By default shown when standard error is a terminal and the
        environment variable ``NBO_PROGRESS`` is not ``0``.
    size : callable, optional
        How many units an item is, once it is done; 1 by default.

    Yields
    ------
    object
        The items, in order.

    Examples
    --------
    >>> list(track([1, 2], "counting", progress=False))
    [1, 2]
    """
    if progress is None:
        progress = sys.stderr.isatty() and os.environ.get("NBO_PROGRESS", "1") != "0"
    if not progress:
        yield from items
        return
    from tqdm import tqdm

    if size is None:
        yield from tqdm(items, desc=what, total=total, unit=unit, file=sys.stderr)
        return
    with tqdm(desc=what, total=total, unit=f" {unit}", unit_scale=True, file=sys.stderr) as bar:
        for item in items:
            yield item
            bar.update(size(item))
