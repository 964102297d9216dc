"""What customers bring in and what they cost, to the cent."""

from nbo.value.predicted_value import predicted_value
from nbo.value.profitability import profitability
from nbo.value.profitability_result import Profitability
from nbo.value.segment_value import segment_value

__all__ = [
    "Profitability",
    "predicted_value",
    "profitability",
    "segment_value",
]
