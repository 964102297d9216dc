"""What a caller hears while trees are grown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from nbo.errors import InputError
from nbo.progress import track

__all__ = ["RoundCallback", "take_callbacks"]

RoundCallback = Callable[[int, int, float | None], object]


def take_callbacks(callbacks: Sequence[RoundCallback] | None, progress: bool = False) -> tuple[RoundCallback, ...]:
    """Take what is called after each tree.

    Parameters
    ----------
    callbacks : sequence of callable, optional
        Each is called with the number of the tree, from 1; the most trees; and the loss on the rows
        that stop the training, or None where there are none. The count begins anew with each
        training of a fit.
    progress : bool, default=False
        Whether to show a bar as well.

    Returns
    -------
    tuple of callable

    Raises
    ------
    InputError
        If one of them can't be called.

    Examples
    --------
    >>> heard = []
    >>> (callback,) = take_callbacks([lambda tree, most, loss: heard.append((tree, most, loss))])
    >>> callback(1, 300, 0.41)
    >>> heard
    [(1, 300, 0.41)]
    """
    given = [callbacks] if callable(callbacks) else list(callbacks or ())
    for callback in given:
        if not callable(callback):
            raise InputError(f"callbacks must be functions of (tree, most trees, loss); got {callback!r}.")
    return (*given, _Bar()) if progress else tuple(given)


class _Bar:
    def __init__(self) -> None:
        self._steps: Iterator[int] = iter(())

    def __call__(self, tree: int, most: int, loss: float | None) -> None:
        if tree == 1:
            self._steps = track(range(most), "trees", total=most, unit="tree", progress=True)
            # The bar stands at what was handed out before, so it runs one ahead.
            next(self._steps)
        next(self._steps, None)
