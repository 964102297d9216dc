"""Who gets what where offers, money or time are scarce: prices, an assignment, and how good it is."""

from nbo.arbitration.allocation.allocate import allocate
from nbo.arbitration.allocation.allocation import Allocation
from nbo.arbitration.allocation.limit import Limit
from nbo.arbitration.allocation.prices import Prices

__all__ = ["Allocation", "Limit", "Prices", "allocate"]
