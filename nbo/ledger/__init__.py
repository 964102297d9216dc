"""The ledger: decisions with their action probabilities, and what came of them."""

from nbo.ledger.ledger import Ledger

__all__ = ["Ledger"]
