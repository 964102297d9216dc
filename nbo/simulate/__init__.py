"""A simulated world with known truth: all five data types, logged contacts, and what is really so."""

from nbo.simulate.truth import Truth
from nbo.simulate.world import World

__all__ = ["Truth", "World"]
