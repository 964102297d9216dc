"""Which offers solve the topics of cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.errors import InputError

__all__ = ["Solutions", "check_solutions", "rows_of_topics", "solving_offers"]

#: Topic of a case -> products that solve it.
Solutions = Mapping[str, Sequence[str]]


def check_solutions(solutions: Solutions) -> None:
    """Refuse what is no mapping of topics to products.

    Raises
    ------
    InputError
        If it is none.
    """
    lists = solutions.values() if isinstance(solutions, Mapping) else [None]
    if not all(isinstance(products, list | tuple) for products in lists):
        raise InputError(f"solutions must be lists of products by topic, {{'billing': ['flat']}}; got {solutions!r}.")


def solving_offers(candidates: Candidates, solutions: Solutions) -> dict[str, dict[str, np.ndarray]]:
    """Find the offers that sell what solves each topic.

    Parameters
    ----------
    candidates : Candidates
        k offers.
    solutions : mapping of str to sequence of str
        Topic -> products.

    Returns
    -------
    dict of str to dict of str to ndarray of bool, shape (k,)
        Topic -> product -> which offers; an offer that sells several stands at the first of them.

    Raises
    ------
    InputError
        If `solutions` is no such mapping.
    """
    check_solutions(solutions)
    found: dict[str, dict[str, np.ndarray]] = {}
    for topic, products in solutions.items():
        first = [next((name for name in products if name in offer.products), None) for offer in candidates.catalog]
        sold = {name: np.array([name == one for one in first], dtype=bool) for name in products}
        found[topic] = {name: mask for name, mask in sold.items() if mask.any()}
    return found


def rows_of_topics(candidates: Candidates, cases: pd.DataFrame, topics: Sequence[str]) -> dict[str, np.ndarray]:
    """Mark the rows of a run that have a case of each topic, by topic; ndarray of bool, shape (n,)."""
    found = {topic: np.zeros(len(candidates.spine), dtype=bool) for topic in topics}
    of_case = cases[c.TOPIC].astype("str").to_numpy(dtype=object)
    for topic, rows in found.items():
        rows[cases["row"].to_numpy()[of_case == topic]] = True
    return found
