"""Experiments that share no customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nbo.errors import InputError
from nbo.experiments.arms import Arms
from nbo.experiments.lanes import check_shares

__all__ = ["exclusive_layer"]


def exclusive_layer(layer: str, experiments: Sequence[Arms], shares: Sequence[float]) -> list[Arms]:
    """Give each experiment customers of its own, so that none meets another's effects.

    A hash by the layer's name gives each experiment the next part of the customers. An experiment that is added at
    the end changes nothing for the others.

    Parameters
    ----------
    layer : str
        Name; experiments of another layer are independent of these.
    experiments : sequence of Arms
        With different names.
    shares : sequence of float
        Share of all customers that each has, in (0, 1], at most 1 together.

    Returns
    -------
    list of Arms
        In the order given.

    Raises
    ------
    InputError
        If names come twice, there is not one share for each, or shares are above 1 together.

    Examples
    --------
    >>> wording, price = Arms("wording", {"new": 0.5}, rest="old"), Arms("price", {"low": 0.5}, rest="same")
    >>> wording, price = exclusive_layer("mails", [wording, price], [0.3, 0.5])
    >>> wording.within, price.within
    ((0.0, 0.3), (0.3, 0.8))
    """
    names = [arms.name for arms in experiments]
    if len(set(names)) < len(names):
        raise InputError(f"experiments must have different names; got {', '.join(map(repr, names))}.")
    if len(shares) != len(names):
        raise InputError(f"shares must be one for each of {len(names)} experiments; got {len(shares)}.")
    taken = check_shares(dict(zip(names, shares, strict=True)), "shares")
    empty = [name for name, share in taken.items() if share == 0]
    if empty:
        raise InputError(f"shares must be above 0; that of {empty[0]!r} is 0.")
    edges = np.minimum(np.cumsum([0.0, *taken.values()]), 1.0).tolist()
    slices = zip(edges[:-1], edges[1:], strict=True)
    return [replace(arms, layer=layer, within=ends) for arms, ends in zip(experiments, slices, strict=True)]
