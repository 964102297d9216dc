"""What sells together: pairs of products as bundles, and who buys both."""

from nbo.bundles.bundle_candidates import bundle_candidates
from nbo.bundles.bundle_model import BundleModel
from nbo.bundles.candidates_result import BundleCandidates

__all__ = ["BundleCandidates", "BundleModel", "bundle_candidates"]
