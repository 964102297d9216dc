"""How far customers come on the way to an order, and carts that they leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nbo import columns as c
from nbo.errors import InputError
from nbo.features.combined import ratio, since
from nbo.features.conditions import Condition
from nbo.features.feature import Feature, feature_name
from nbo.features.past import Past
from nbo.features.window import Window

__all__ = ["FUNNEL", "funnel_features"]

FUNNEL: Final = ("page_view|search", "product_view", "cart", "checkout|purchase")


def funnel_features(past: Past, funnel: Sequence[str], window: str) -> list[Feature]:
    """Choose the features of the steps that occur.

    Parameters
    ----------
    past : Past
        Types known before its latest moment count.
    funnel : sequence of str
        Steps such as "checkout|purchase", each of one type of event or several, in the order in
        which customers take them; the last one is the order.
    window : str

    Returns
    -------
    list of Feature
        Events of each step, the furthest step, each step per event of the step before, and days of
        an open cart; nothing where fewer than two steps occur.

    Raises
    ------
    InputError
        If `funnel` is no sequence of texts, or a type stands in it twice.
    """
    given, known = _read(funnel), past.value_counts("events", c.EVENT_TYPE)
    there = [tuple(text for text in step if text in known) for step in given]
    steps = [step for step in there if step]
    if len(steps) < 2:
        return []
    counts = [Feature.of("events", "count", window, pivot=(_is(step),)) for step in steps]
    features = [*counts, _furthest(steps, window)]
    for before, after, above, below in zip(steps, steps[1:], counts[1:], counts, strict=False):
        name = feature_name("events", "conversion", window, f"{'_or_'.join(after)}_per_{'_or_'.join(before)}")
        meaning = f"Events of {' or '.join(after)} per event of {' or '.join(before)} {Window.of(window).words}."
        features.append(ratio(name, above, below, meaning, column=c.EVENT_TYPE, pivot=()))
    return [*features, _open_cart(there[-2], there[-1])] if there[-2] else features


def _read(funnel: Sequence[str]) -> list[tuple[str, ...]]:
    """Take steps such as "checkout|purchase", each of one type of event or several."""
    if isinstance(funnel, str) or not all(isinstance(step, str) for step in funnel):
        raise InputError(f"funnel must be a sequence of texts such as {FUNNEL}; got {funnel!r}.")
    steps = [tuple(step.split("|")) for step in funnel]
    types = [text for step in steps for text in step]
    if len(set(types)) < len(types):
        raise InputError(f"a type of event must stand in one step of the funnel; got {list(funnel)}.")
    return steps


def _is(step: tuple[str, ...]) -> Condition:
    return (c.EVENT_TYPE, step[0]) if len(step) == 1 else (c.EVENT_TYPE, "in", step)


def _furthest(steps: list[tuple[str, ...]], window: str) -> Feature:
    named = ", ".join(f"{number} {' or '.join(step)}" for number, step in enumerate(steps, start=1))
    weights = tuple((text, float(number)) for number, step in enumerate(steps, start=1) for text in step)
    meaning = f"Furthest step {Window.of(window).words}: {named}; 0 for other events, missing without any."
    name = feature_name("events", "furthest_step", window)
    return Feature(name, "events", c.EVENT_TYPE, "max", window, unit="step", weights=weights, meaning=meaning)


def _open_cart(cart: tuple[str, ...], order: tuple[str, ...]) -> Feature:
    left = _last("events", (c.EVENT_TYPE, "in", cart))
    ordered = [_last("transactions", (c.KIND, c.SALE))]
    ordered += [_last("events", (c.EVENT_TYPE, "in", order))] if order else []
    after = " or ".join((*order, "sale"))
    meaning = f"Days from the last {' or '.join(cart)} to as_of, where no {after} came since; else missing."
    return since("events__open_cart_days", left, tuple(ordered), meaning)


def _last(table: str, *where: Condition) -> Feature:
    return Feature.of(table, "recency_days", where=where)
