"""What customers bring in and what they cost, to the cent."""

from nbo.value.profitability import profitability
from nbo.value.profitability_result import Profitability

__all__ = ["Profitability", "profitability"]
