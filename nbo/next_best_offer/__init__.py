"""The whole loop as one object."""

from nbo.next_best_offer.later_rows import LaterRows
from nbo.next_best_offer.next_best_offer import NextBestOffer
from nbo.next_best_offer.training_spine import training_spine

__all__ = ["LaterRows", "NextBestOffer", "training_spine"]
