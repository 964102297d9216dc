"""Whether groups of customers get offers as often as others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from nbo.arbitration.rules.syntax import near
from nbo.arbitration.simulation.concentration_index import concentration_index
from nbo.arbitration.simulation.rate_ratio import rate_ratio
from nbo.arbitration.simulation.scenario import Scenario
from nbo.errors import InputError
from nbo.experiments import adjusted_p_values
from nbo.numbers import check_number

__all__ = ["bias_check"]

_MOST_GROUPS, _FEWEST, _FEWEST_EXPECTED = 20, 30, 5.0
_MISSING = "(missing)"
_NUMBERS = ("rate", "rest", "value", "low", "high", "p_value")
_COLUMNS = ["attribute", "group", "customers", "what", "rate", "rest", "measure", "value", "low", "high", "p_value"]


def bias_check(
    scenario: Scenario,
    attributes: Sequence[str],
    *,
    largest_ratio: float = 1.25,
    largest_index: float = 0.05,
    alpha: float = 0.05,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare how often groups of customers get an offer, and each offer.

    A category is compared with all other customers by the ratio of their rates, a number by the concentration
    index: above 0, those with more get more. A finding is flagged if it is beyond its limit, and not by chance:
    its p-value is adjusted for all findings of the call, whatever they have to do with each other, so that of a
    call without any bias at most the share `alpha` has a flag.

    Parameters
    ----------
    scenario : Scenario
    attributes : sequence of str
        Columns of the customers, features or the segment. Texts and flags are categories, of which the 20 largest
        are told apart; numbers and times are numbers.
    largest_ratio : float, default=1.25
        A ratio from 1 / this to this is no matter, 1 or more; 1.25 is the four-fifths rule.
    largest_index : float, default=0.05
        An index up to this, either way, is no matter, 0 or more.
    alpha : float, default=0.05
        In (0, 1).
    level : float, default=0.95
        Of the intervals, in (0, 1).

    Returns
    -------
    DataFrame
        `attribute`, `group`, `customers` in it, `what` ("an offer", or an offer id), their expected `rate` and that
        of the `rest`, `measure` ("rate ratio" or "concentration index"), `value`, `low`, `high`, `p_value`,
        `adjusted_p_value` (after Benjamini and Yekutieli) and `flag`. There is no p-value, and no flag, for groups
        of fewer than 30 customers, or of whom fewer than 5 would be expected with it, or without it, at the rate of
        all.

    Raises
    ------
    InputError
        If an attribute is not there, or a limit is not allowed.

    Examples
    --------
    >>> from nbo.arbitration import Candidates, Scenario, When
    >>> from nbo.policies import Uniform
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> people = pd.DataFrame({"customer_id": range(400), "city": ["north", "south"] * 200, "id": range(400)})
    >>> rules = (When("far", refuse="city == 'south' and id < 100"),)
    >>> spine, catalog = Spine.at("2026-06-30", people), Catalog([Offer("card")])
    >>> tables, segments = CustomerTables(customers=people), np.full(400, "s")
    >>> candidates = Candidates.of(tables, spine, catalog, rules, segments=segments)
    >>> found = bias_check(Scenario.of(candidates, np.full((400, 1), 0.1), Uniform(["card"])), ["city"])
    >>> found.loc[found["what"] == "an offer", ["group", "value", "flag"]].round(3).values.tolist()
    [['north', 1.333, False], ['south', 0.75, False]]
    """
    check_number(largest_ratio, "largest_ratio", "1 or more", lambda given: given >= 1)
    check_number(largest_index, "largest_index", "0 or more", lambda given: given >= 0)
    check_number(alpha, "alpha", "in (0, 1)", lambda given: 0 < given < 1)
    check_number(level, "level", "in (0, 1)", lambda given: 0 < given < 1)
    if isinstance(attributes, str):
        raise InputError(f"attributes must be a list of columns, such as [{attributes!r}]; got {attributes!r}.")
    known = scenario.candidates.column_names
    for name in attributes:
        if name not in known:
            raise InputError(f"attributes name {name!r}, which no column of the customers has{near(name, known)}.")
    made = np.column_stack([scenario.made.sum(axis=1), scenario.made])
    what = ["an offer", *scenario.candidates.catalog.offer_ids]
    rows: list[tuple[object, ...]] = []
    for name in attributes:
        column = scenario.candidates.column(name)
        compare = _numbers if _is_number(column) else _categories
        limit = largest_index if _is_number(column) else largest_ratio
        rows += [(name, *row) for row in compare(column, made, what, limit, level)]
    found = pd.DataFrame(rows, columns=_COLUMNS).astype(dict.fromkeys(_NUMBERS, float))
    adjusted = adjusted_p_values(found["p_value"].to_numpy(), method="by")
    return found.assign(adjusted_p_value=adjusted, flag=adjusted < alpha)


def _is_number(column: pd.Series) -> bool:
    kinds = pd.api.types
    plain = kinds.is_numeric_dtype(column) or kinds.is_datetime64_any_dtype(column)
    return bool(plain and not kinds.is_bool_dtype(column))


def _categories(
    column: pd.Series, made: np.ndarray, what: list[str], largest: float, level: float
) -> Iterator[tuple[object, ...]]:
    texts = column.astype("str").where(column.notna(), _MISSING).to_numpy(dtype=object)
    names = pd.Series(texts).value_counts().index.tolist()
    for group in names[:_MOST_GROUPS] if len(names) > 1 else []:
        member = texts == group
        n, rest = int(member.sum()), int((~member).sum())
        for at, outcome in enumerate(what):
            rates = made[:, at]
            value, low, high, p_value = rate_ratio(rates, member, largest, level)
            mean = rates.mean()
            expected = min(n, rest) * min(mean, 1 - mean)
            # Where nothing varies within the groups there is no chance in it.
            sure = np.ptp(rates[member]) < 1e-12 and np.ptp(rates[~member]) < 1e-12
            told = min(n, rest) >= _FEWEST and (expected >= _FEWEST_EXPECTED or sure)
            numbers = (value, low, high, p_value if told else np.nan)
            yield group, n, outcome, rates[member].mean(), rates[~member].mean(), "rate ratio", *numbers


def _numbers(
    column: pd.Series, made: np.ndarray, what: list[str], largest: float, level: float
) -> Iterator[tuple[object, ...]]:
    there = column.notna().to_numpy()
    amounts = column[there].to_numpy()
    amounts = amounts.astype("int64" if amounts.dtype.kind == "M" else float)
    n = len(amounts)
    for at, outcome in enumerate(what):
        rates = made[there, at]
        value, low, high, p_value = concentration_index(rates, amounts, largest, level)
        mean = rates.mean() if n else np.nan
        sure = n > 0 and np.ptp(rates) < 1e-12
        told = n >= _FEWEST and (n * min(mean, 1 - mean) >= _FEWEST_EXPECTED or sure)
        yield "", n, outcome, mean, np.nan, "concentration index", value, low, high, p_value if told else np.nan
