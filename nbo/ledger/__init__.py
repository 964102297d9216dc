"""The ledger: decisions with their action probabilities, and what came of them."""

from nbo.ledger.ledger import Ledger
from nbo.ledger.verification import Verification

__all__ = ["Ledger", "Verification"]
