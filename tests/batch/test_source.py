from __future__ import annotations

from copy import copy

import pytest

from nbo import registry
from nbo.arbitration import Eligibility, Playbook
from nbo.batch.source import find_model
from nbo.errors import BundleError, InputError


def test_a_model_and_its_folder_are_the_same_source(model, tmp_path):
    model.to_dir(tmp_path / "model")
    given, stored = find_model(model, None), find_model(tmp_path / "model", None)
    assert given.version == stored.version == f"sha256:{given.sha256[:12]}"
    assert given.sha256 == stored.sha256


def fake_registry(model, monkeypatch, exact):
    """A registry that has one model; gives what it is asked."""
    asked = []
    of_it = {"watermark": model.as_of_, "run_id": exact.run_id}

    def load(uri, tracking_uri, **live):
        found = copy(model)
        found.loaded_ = registry.Loaded(exact.name, exact.version, exact.model_uri, **of_it)
        asked.append((uri, tracking_uri, live))
        return found

    monkeypatch.setattr(registry, "resolve", lambda uri, tracking_uri: asked.append((uri, tracking_uri)) or exact)
    monkeypatch.setattr(registry, "load", load)
    return asked


def test_an_alias_is_resolved_once(model, monkeypatch):
    exact = registry.LoggedVersion("offers", 3, "models:/offers/3", "run")
    asked = fake_registry(model, monkeypatch, exact)
    source = find_model("models:/offers@champion", "sqlite:///x.db")
    assert source.version == "offers/3"
    assert asked[0] == ("models:/offers@champion", "sqlite:///x.db")
    assert asked[1] == ("models:/offers/3", "sqlite:///x.db", {"ledger": None, "as_of": None})
    # It keeps its name where it is handed over as it was loaded.
    assert find_model(source.model).version == "offers/3"


def test_a_model_that_is_not_registered_is_named_by_its_uri(model, monkeypatch):
    fake_registry(model, monkeypatch, registry.LoggedVersion("", None, "runs:/0123/offers", "0123"))
    assert find_model("runs:/0123/offers", None).version == "runs:/0123/offers"


def test_a_playbook_takes_the_place_of_the_rules_and_makes_another_source(model):
    playbook = Playbook([Eligibility()], "strict", "2")
    found = find_model(model, playbook=playbook)
    assert found.model.rules is playbook
    assert model.rules == []
    assert found.sha256 != find_model(model).sha256
    with pytest.raises(TypeError, match="playbook must be a Playbook; got 3"):
        find_model(model, playbook=3)


def test_only_a_registered_model_lives(model, tmp_path):
    model.to_dir(tmp_path / "model")
    for given in (model, tmp_path / "model", str(tmp_path / "model")):
        with pytest.raises(InputError, match="live needs a model of the registry"):
            find_model(given, live=object())


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(BundleError, match=r"bundle\.json is missing"):
        find_model(str(tmp_path), None)


def test_what_is_no_model_is_refused():
    with pytest.raises(TypeError, match="model must be a URI such as"):
        find_model(3, None)
