from __future__ import annotations

from nbo.registry.signature import input_example, requirements


def test_the_example_names_every_feature_and_holds_no_value(model):
    assert input_example(model) == dict.fromkeys(model.features.feature_names)


def test_every_requirement_is_pinned():
    assert all(line.count("==") == 1 for line in requirements())
