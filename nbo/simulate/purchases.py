"""What customers buy until they leave, and what they give back."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.simulate.clock import DAY, YEAR, Clock
from nbo.simulate.customers import People
from nbo.simulate.labels import named, numbered
from nbo.simulate.lives import Lives
from nbo.simulate.offers import CATEGORIES

__all__ = ["Sales", "accepted_sales", "draw_sales", "poisson_moments", "present", "transactions_frame"]

_MARGIN_RATE = np.array([0.20, 0.45, 0.15, 0.35, 0.40, 0.12])
_PRODUCTS = 8
_PLACES = ("web", "app", "store", "phone")
_RETURN_SHARE = 0.05
_PENDING_DAYS = 1.5


@dataclass(frozen=True, eq=False)
class Sales:
    """Sales as arrays, one entry a sale.

    Attributes
    ----------
    customer, second, category : ndarray of int, shape (m,)
    amount, margin : ndarray of float, shape (m,)
        Money.
    """

    customer: np.ndarray
    second: np.ndarray
    category: np.ndarray
    amount: np.ndarray
    margin: np.ndarray

    def joined_with(self, other: Sales) -> Sales:
        """Put two sets of sales in one, in order of time."""
        parts = [np.concatenate([getattr(self, f.name), getattr(other, f.name)]) for f in fields(self)]
        order = np.argsort(parts[1], kind="stable")
        return Sales(*(part[order] for part in parts))


def present(people: People, lives: Lives, clock: Clock) -> tuple[np.ndarray, np.ndarray]:
    """Give the part of the world's time in which each customer is there.

    Parameters
    ----------
    people : People
    lives : Lives
    clock : Clock

    Returns
    -------
    first, last : ndarray of int, shape (n,)
        Seconds; the last is not included.
    """
    first = np.maximum(people.joined, 0)
    return first, np.maximum(np.minimum(lives.left, clock.end), first)


def draw_sales(rng: np.random.Generator, people: People, lives: Lives, clock: Clock) -> Sales:
    """Draw what customers buy of their own accord.

    Purchases are Poisson at each customer's own rate, which is gamma distributed over
    customers, until the customer leaves: the buy-till-you-die process [1]_.

    Parameters
    ----------
    rng : Generator
    people : People
    lives : Lives
    clock : Clock

    Returns
    -------
    Sales
        In order of time.

    References
    ----------
    .. [1] Schmittlein, D. C., Morrison, D. G. and Colombo, R. (1987). Counting your customers:
       who are they and what will they do next? Management Science 33(1).
    """
    customer, second = poisson_moments(rng, people.rate, *present(people, lives, clock))
    edges = np.cumsum(people.taste, axis=1)[customer]
    category = (rng.random((len(customer), 1)) > edges[:, :-1]).sum(axis=1)
    amount = np.exp(people.spend[customer] + 0.5 * rng.normal(size=len(customer)))
    rate = _MARGIN_RATE[category] * rng.uniform(0.8, 1.2, len(customer))
    return Sales(customer, second, category, amount, amount * rate)


def poisson_moments(
    rng: np.random.Generator, rate: np.ndarray, first: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Draw moments at a rate of each customer's own, in order of time.

    Parameters
    ----------
    rng : Generator
    rate : ndarray of float, shape (n,)
        A year.
    first, last : ndarray of int, shape (n,)
        Seconds between which the moments fall.

    Returns
    -------
    customer, second : ndarray of int, shape (m,)
    """
    customer = np.repeat(np.arange(len(rate)), rng.poisson(rate * (last - first) / YEAR))
    second = (first[customer] + rng.random(len(customer)) * (last - first)[customer]).astype(np.int64)
    order = np.argsort(second, kind="stable")
    return customer[order], second[order]


def accepted_sales(
    rng: np.random.Generator, customer: np.ndarray, second: np.ndarray, category: np.ndarray, value: np.ndarray
) -> Sales:
    """Make the sales that accepted offers bring; their margin is the offers' value.

    Parameters
    ----------
    rng : Generator
    customer, second, category : ndarray of int, shape (m,)
    value : ndarray of float, shape (m,)

    Returns
    -------
    Sales
    """
    amount = value / _MARGIN_RATE[category] * np.exp(0.1 * rng.normal(size=len(value)))
    return Sales(customer, second, category, np.maximum(amount, value), value)


def transactions_frame(
    rng: np.random.Generator, sales: Sales, ids: pd.api.extensions.ExtensionArray, lives: Lives, clock: Clock
) -> pd.DataFrame:
    """Make the table of transactions: the sales, and the returns of some.

    Parameters
    ----------
    rng : Generator
    sales : Sales
        In order of time.
    ids : array of str, shape (n,)
        Customer ids.
    lives : Lives
    clock : Clock

    Returns
    -------
    DataFrame
        In order of time.
    """
    m = len(sales.second)
    place = np.minimum(rng.geometric(0.5, m) - 1, len(_PLACES) - 1)
    discount = np.where(rng.random(m) < 0.25, rng.uniform(0.05, 0.30, m), 0.0) * sales.amount
    amount, margin = np.round(sales.amount, 2), np.round(sales.margin, 2)
    sold = pd.DataFrame(
        {
            "customer": sales.customer,
            "second": sales.second,
            c.AMOUNT: amount,
            c.MARGIN: margin,
            c.COST: np.round(amount - margin, 2),
            c.QUANTITY: 1 + rng.poisson(0.3, m),
            "discount": np.round(discount, 2),
            "product": sales.category * _PRODUCTS + rng.integers(0, _PRODUCTS, m),
            "place": place,
            "returned": 0,
        }
    )
    table = pd.concat([sold, _returns(rng, sold, lives, clock)], ignore_index=True)
    table = table.sort_values("second", kind="stable", ignore_index=True)
    pending = (clock.end - table["second"]) / DAY < rng.exponential(_PENDING_DAYS, len(table))
    return _named_transactions(table, pending.to_numpy(), ids, clock)


def _returns(rng: np.random.Generator, sold: pd.DataFrame, lives: Lives, clock: Clock) -> pd.DataFrame:
    """Rows that take back some sales, after them and while the customer is there."""
    back = sold[rng.random(len(sold)) < _RETURN_SHARE]
    second = back["second"] + rng.integers(2 * DAY, 30 * DAY, len(back))
    back = back.assign(second=second, returned=1, margin=-back[c.MARGIN], discount=0.0)
    return back[second < np.minimum(lives.left[back["customer"].to_numpy()], clock.end)]


def _named_transactions(
    table: pd.DataFrame, pending: np.ndarray, ids: pd.api.extensions.ExtensionArray, clock: Clock
) -> pd.DataFrame:
    product = table["product"].to_numpy()
    products = [f"{name[:3].upper()}{number}" for name in CATEGORIES for number in range(_PRODUCTS)]
    return pd.DataFrame(
        {
            c.TRANSACTION_ID: numbered("T", np.arange(len(table)), 8),
            c.CUSTOMER_ID: named(ids, table["customer"].to_numpy()),
            c.EVENT_TIME: clock.times(table["second"].to_numpy()),
            c.KIND: named((c.SALE, c.RETURN), table["returned"].to_numpy()),
            **{name: table[name] for name in (c.AMOUNT, c.MARGIN, c.COST, c.QUANTITY, "discount")},
            c.PRODUCT_ID: named(products, product),
            c.CATEGORY: named(CATEGORIES, product // _PRODUCTS),
            c.CHANNEL: named(_PLACES, table["place"].to_numpy()),
            c.STATUS: named((c.COMPLETED, c.PENDING), pending.astype(np.int64)),
        }
    )
