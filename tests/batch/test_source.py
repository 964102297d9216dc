from __future__ import annotations

import pytest

from nbo.batch.source import find_model
from nbo.errors import BundleError


def test_a_model_and_its_folder_are_the_same_source(model, tmp_path):
    model.to_dir(tmp_path / "model")
    given, stored = find_model(model, None), find_model(tmp_path / "model", None)
    assert given.version == stored.version == f"sha256:{given.sha256[:12]}"
    assert given.sha256 == stored.sha256


def test_an_alias_is_resolved_once(model, monkeypatch):
    from nbo import registry

    asked = []
    exact = registry.LoggedVersion("offers", 3, "models:/offers/3", "run")
    monkeypatch.setattr(registry, "resolve", lambda uri, tracking_uri: asked.append((uri, tracking_uri)) or exact)
    monkeypatch.setattr(registry, "load", lambda uri, tracking_uri: asked.append((uri, tracking_uri)) or model)
    assert find_model("models:/offers@champion", "sqlite:///x.db").version == "offers/3"
    assert asked == [("models:/offers@champion", "sqlite:///x.db"), ("models:/offers/3", "sqlite:///x.db")]


def test_a_model_that_is_not_registered_is_named_by_its_uri(model, monkeypatch):
    from nbo import registry

    exact = registry.LoggedVersion("", None, "runs:/0123/offers", "0123")
    monkeypatch.setattr(registry, "resolve", lambda uri, tracking_uri: exact)
    monkeypatch.setattr(registry, "load", lambda uri, tracking_uri: model)
    assert find_model("runs:/0123/offers", None).version == "runs:/0123/offers"


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(BundleError, match=r"bundle\.json is missing"):
        find_model(str(tmp_path), None)


def test_what_is_no_model_is_refused():
    with pytest.raises(TypeError, match="model must be a URI such as"):
        find_model(3, None)
