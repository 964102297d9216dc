"""The trees of LightGBM's text: read, and walked without LightGBM."""

from nbo.models.trees.checked_walker import CheckedWalker
from nbo.models.trees.model_text import Tree, read_trees

__all__ = ["CheckedWalker", "Tree", "read_trees"]
