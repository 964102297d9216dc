"""What a rule owes: masks with reasons, that only ever take away."""

from __future__ import annotations

import json

import numpy as np
from sklearn.base import clone

from nbo import columns as c
from nbo.arbitration import Candidates, Rule
from nbo.tables import Catalog, CustomerTables, Spine
from nbo.testing.owed import owed, same, unchanged

__all__ = ["check_rule"]


def check_rule(rule: Rule, tables: CustomerTables, spine: Spine, catalog: Catalog | None = None) -> None:
    """Check all that a rule owes.

    Each reason has a mask that broadcasts to (customers, offers, channels). A rule takes offers
    away and never adds one; which, does not depend on other customers or their order. Its
    arguments are stored as given and are JSON values, so that it is stored with the model as
    data.

    Parameters
    ----------
    rule : Rule
    tables : CustomerTables
    spine : Spine of n rows
        Two rows or more.
    catalog : Catalog, optional
        By default the table `catalog`.

    Raises
    ------
    AssertionError
        Says what the rule owes, and what was seen.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.arbitration import Eligibility
    >>> from nbo.tables import Offer
    >>> tables = CustomerTables(customers=pd.DataFrame({"customer_id": ["ann", "bob"], "consent_email": [True, False]}))
    >>> catalog = Catalog([Offer("card", channels=("email",)), Offer("loan", channels=("email", "phone"))])
    >>> check_rule(Eligibility(), tables, Spine.at("2026-06-30", ["ann", "bob"]), catalog)
    """
    catalog = Catalog.from_frame(tables.get("catalog")) if catalog is None else catalog
    candidates = Candidates.of(tables, spine, catalog)
    name = type(rule).__name__
    with unchanged(name, spine=spine.frame, customers=candidates.customers):
        masks = _full_masks(rule, candidates)
    _check_arguments(rule)
    _check_only_takes(rule, tables, spine, catalog)
    order = np.random.default_rng(0).permutation(len(spine))
    half = len(spine) // 2
    for rows, what in ((order, "their order"), (np.arange(half), "who else is there"), (order[:0], "there being any")):
        part = _full_masks(rule, Candidates.of(tables, Spine.of(spine.frame.iloc[rows]), catalog))
        owed(list(part) == list(masks), f"{name} must have the same reasons for all customers; it has {list(part)}")
        for reason, mask in part.items():
            same(mask, masks[reason][rows], f"{name} must refuse {reason!r} for a customer whatever {what}")


def _full_masks(rule: Rule, candidates: Candidates) -> dict[str, np.ndarray]:
    name, refused = type(rule).__name__, rule.refused(candidates)
    owed(
        isinstance(refused, dict), f"{name}.refused must give a dict of masks by reason; gave {type(refused).__name__}"
    )
    masks = {}
    for reason, mask in refused.items():
        owed(isinstance(reason, str) and bool(reason), f"{name}'s reasons must be texts; one is {reason!r}")
        mask = np.asarray(mask)
        owed(mask.dtype == bool, f"{name}'s mask for {reason!r} must hold True and False; it holds {mask.dtype}")
        try:
            masks[reason] = np.broadcast_to(mask, candidates.shape)
        except ValueError:
            raise AssertionError(
                f"{name}'s mask for {reason!r} must broadcast to (customers, offers, channels) = {candidates.shape}; "
                f"it has the shape {mask.shape}"
            ) from None
    return masks


def _check_arguments(rule: Rule) -> None:
    name, params = type(rule).__name__, rule.get_params(deep=False)
    owed(clone(rule).get_params(deep=False) == params, f"{name} must store its arguments as they are given")
    try:
        stored = json.loads(json.dumps(params, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise AssertionError(f"{name}'s arguments must be JSON values; {error}") from None
    again = type(rule)(**stored).get_params(deep=False)
    owed(json.dumps(again) == json.dumps(stored), f"{name} must be made again from its arguments as JSON")


def _check_only_takes(rule: Rule, tables: CustomerTables, spine: Spine, catalog: Catalog) -> None:
    name = type(rule).__name__
    without, alone = Candidates.of(tables, spine, catalog), Candidates.of(tables, spine, catalog, (rule,))
    twice = Candidates.of(tables, spine, catalog, (rule, rule))
    added = int((alone.eligible & ~without.eligible).sum())
    owed(added == 0, f"{name} must only take offers away; it adds {added} of them for {c.CUSTOMER_ID}s")
    same(twice.eligible, alone.eligible, f"{name} must refuse the same when it is asked twice")
    refused_without_reason = int(((alone.codes > 0) & (alone.codes > len(alone.reasons))).sum())
    owed(refused_without_reason == 0, f"{name} refuses {refused_without_reason} triples without a reason")
