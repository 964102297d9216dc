from __future__ import annotations

import numpy as np

from nbo.models.trees.flat_trees import leaf_spans
from nbo.models.trees.model_text import read_trees
from nbo.models.trees.walker import TreeWalker

# Column 0 above 1.5 (missing goes left) to leaf 1; then column 1 among {1, 33} to leaf 0, else leaf 2.
TEXT = """tree
num_tree_per_iteration=1

Tree=0
num_leaves=3
num_cat=1
split_feature=0 1
threshold=1.5 0
decision_type=10 1
left_child=1 -1
right_child=-2 -3
leaf_value=0.5 -2 0.25
internal_value=0 0.125
cat_boundaries=0 2
cat_threshold=2 2
is_linear=0

Tree=1
num_leaves=1
leaf_value=4

end of trees

feature_importances:
"""


def test_what_the_text_says():
    first, second = read_trees(TEXT)
    assert first.split_feature.tolist() == [0, 1]
    assert first.threshold[0] == 1.5
    assert (first.left_child.tolist(), first.right_child.tolist()) == ([1, -1], [-2, -3])
    assert first.categories(1).tolist() == [1, 33]
    assert first.internal_value.tolist() == [0, 0.125]
    assert second.leaf_value.tolist() == [4]
    assert not len(second.split_feature)


def test_leaves_are_counted_from_left_to_right():
    # The root has leaves 0 and 2 on its left, the second node leaf 0.
    assert leaf_spans(read_trees(TEXT)[0]).tolist() == [[0, 2, 3], [0, 1, 2], [0, 0, 1], [2, 2, 3], [1, 1, 2]]


def test_scores_by_hand():
    rows = np.array([[1.5, 1.0], [np.nan, 33.9], [1.0, 2.0], [1.0, np.nan], [1.0, -1.0], [1.6, 1.0], [np.inf, 33.0]])
    expected = 4 + np.array([0.5, 0.5, 0.25, 0.25, 0.25, -2.0, -2.0])
    np.testing.assert_array_equal(TreeWalker(read_trees(TEXT), 2).score(rows), expected)
