"""Who gets what where offers, money or time are scarce: prices, an assignment, and how good it is."""

from nbo.arbitration.allocation.allocate import allocate
from nbo.arbitration.allocation.allocation import Allocation
from nbo.arbitration.allocation.compare_mixes import compare_mixes
from nbo.arbitration.allocation.frontier import frontier
from nbo.arbitration.allocation.limit import Limit
from nbo.arbitration.allocation.prices import Prices

__all__ = ["Allocation", "Limit", "Prices", "allocate", "compare_mixes", "frontier"]
