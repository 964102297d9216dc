"""What the world sells: categories, channels, and the twelve offers with their planted popularity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo.simulate.clock import Clock
from nbo.tables import Catalog, Offer

__all__ = ["CATEGORIES", "CHANNELS", "OfferBook", "draw_offers"]

CATEGORIES = ("electronics", "fashion", "groceries", "home", "sports", "travel")
CHANNELS = ("email", "sms", "app", "phone")

# Offer, name, category, kind, value, cost, channels with the preferred one first, log odds of acceptance.
_OFFERS: tuple[tuple[str, str, str, str, float, float, tuple[str, ...], float], ...] = (
    ("groceries_coupon", "Groceries coupon", "groceries", "discount", 5.0, 0.0, ("app", "email"), -2.3),
    ("delivery_pass", "Delivery pass", "groceries", "subscription", 18.0, 0.2, ("email", "app"), -2.9),
    ("fashion_sale", "Private sale", "fashion", "discount", 8.0, 0.1, ("email", "sms"), -2.4),
    ("fashion_stylist", "Personal stylist", "fashion", "service", 25.0, 1.5, ("phone", "email"), -3.2),
    ("device_upgrade", "Device upgrade", "electronics", "upgrade", 45.0, 0.5, ("email", "app", "phone"), -3.6),
    ("device_cover", "Device cover", "electronics", "service", 20.0, 0.3, ("sms", "email"), -3.0),
    ("home_bundle", "Home bundle", "home", "bundle", 30.0, 0.4, ("email",), -3.1),
    ("home_visit", "Home visit", "home", "service", 35.0, 3.0, ("phone",), -2.9),
    ("sports_trial", "Sports trial", "sports", "trial", 10.0, 0.1, ("app", "sms"), -2.4),
    ("sports_club", "Sports club", "sports", "subscription", 28.0, 0.3, ("app", "sms", "email"), -2.8),
    ("travel_deal", "Travel deal", "travel", "discount", 60.0, 1.0, ("email", "phone"), -3.7),
    ("travel_cover", "Travel cover", "travel", "bundle", 15.0, 0.2, ("sms", "email", "app"), -3.3),
)
_LAUNCHED_LATE = "sports_club"
_LAUNCH_SHARE = 0.5
# Pairs of like price: a dear offer that got the acceptance of a coupon would be best for nearly everybody.
_SWAPS = (("device_upgrade", "travel_deal"), ("delivery_pass", "travel_cover"))
_DRIFT_SHARE = 0.6


@dataclass(frozen=True, eq=False)
class OfferBook:
    """The offers with what drives their acceptance, in the catalog's order.

    Attributes
    ----------
    catalog : Catalog
    category : ndarray of int, shape (k,)
        Position in `CATEGORIES`.
    channels : tuple of tuple of int
        Positions in `CHANNELS`, the preferred one first.
    launch : ndarray of int, shape (k,)
        Second from which the offer is valid.
    drift : int
        Second at which some offers swap their audiences.
    audience : ndarray of int, shape (2, k)
        Column of the effects below that holds for each offer before and after the drift.
    base : ndarray of float, shape (k,)
        Log odds of acceptance.
    segment_effect : ndarray of float, shape (6, k)
        What the segment adds.
    age_slope, affluence_slope : ndarray of float, shape (k,)
        What a standard score of age and of income adds.
    weekday : ndarray of float, shape (7,)
        What the day of the week adds, Monday first.
    """

    catalog: Catalog
    category: np.ndarray
    channels: tuple[tuple[int, ...], ...]
    launch: np.ndarray
    drift: int
    audience: np.ndarray
    base: np.ndarray
    segment_effect: np.ndarray
    age_slope: np.ndarray
    affluence_slope: np.ndarray
    weekday: np.ndarray

    def __len__(self) -> int:
        return len(self.launch)

    def reachable(self, consent: np.ndarray) -> np.ndarray:
        """Tell which offers have a channel that the customer consents to.

        Parameters
        ----------
        consent : ndarray of bool, shape (n, 4)

        Returns
        -------
        ndarray of bool, shape (n, k)
        """
        return np.stack([consent[:, list(channels)].any(axis=1) for channels in self.channels], axis=1)

    def first_channel(self, consent: np.ndarray) -> np.ndarray:
        """Give each offer's first channel that the customer consents to, else its first.

        Parameters
        ----------
        consent : ndarray of bool, shape (n, 4)

        Returns
        -------
        ndarray of int, shape (n, k)
            Positions in `CHANNELS`.
        """
        # argmax of no consent at all is 0: the first.
        places = [np.array(channels)[consent[:, list(channels)].argmax(axis=1)] for channels in self.channels]
        return np.stack(places, axis=1).astype(np.int8)


def draw_offers(rng: np.random.Generator, n_segments: int, clock: Clock) -> OfferBook:
    """Make the catalog, and draw how segments and customers differ in what they accept.

    Parameters
    ----------
    rng : Generator
    n_segments : int
    clock : Clock

    Returns
    -------
    OfferBook
    """
    ids = [row[0] for row in _OFFERS]
    launch = np.array([int(clock.end * _LAUNCH_SHARE) if offer_id == _LAUNCHED_LATE else 0 for offer_id in ids])
    after = np.arange(len(ids))
    for one, other in _SWAPS:
        pair = [ids.index(one), ids.index(other)]
        after[pair] = pair[::-1]
    return OfferBook(
        catalog=Catalog(_offer(row, second, clock) for row, second in zip(_OFFERS, launch, strict=True)),
        category=np.array([CATEGORIES.index(row[2]) for row in _OFFERS]),
        channels=tuple(tuple(CHANNELS.index(channel) for channel in row[6]) for row in _OFFERS),
        launch=launch,
        drift=int(clock.end * _DRIFT_SHARE),
        audience=np.stack([np.arange(len(ids)), after]),
        base=np.array([row[7] for row in _OFFERS]),
        segment_effect=rng.normal(0, 0.6, (n_segments, len(ids))),
        age_slope=rng.normal(0, 0.25, len(ids)),
        affluence_slope=rng.normal(0, 0.25, len(ids)),
        weekday=rng.normal(0, 0.1, 7),
    )


def _offer(row: tuple[str, str, str, str, float, float, tuple[str, ...], float], launch: int, clock: Clock) -> Offer:
    offer_id, name, category, kind, value, cost, channels, _ = row
    return Offer(
        offer_id,
        value=value,
        cost=cost,
        channels=channels,
        name=name,
        category=category,
        kind=kind,
        valid_from=clock.start + pd.Timedelta(seconds=int(launch)) if launch else None,
    )
