"""Models of how often customers buy, what they spend, and when they stop: "buy till you die"."""

from nbo.models.btyd.bgbb import BGBB
from nbo.models.btyd.bgnbd import BGNBD
from nbo.models.btyd.gamma_gamma import GammaGamma
from nbo.models.btyd.mbgnbd import MBGNBD
from nbo.models.btyd.pareto_nbd import ParetoNBD
from nbo.models.btyd.purchase_frequencies import purchase_frequencies
from nbo.models.btyd.purchase_summary import purchase_summary
from nbo.models.btyd.purchase_tracking import purchase_tracking
from nbo.models.btyd.shifted_beta_geometric import ShiftedBetaGeometric

__all__ = [
    "BGBB",
    "BGNBD",
    "GammaGamma",
    "MBGNBD",
    "ParetoNBD",
    "ShiftedBetaGeometric",
    "purchase_frequencies",
    "purchase_summary",
    "purchase_tracking",
]
