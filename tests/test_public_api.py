"""What users may import: each name resolves, and each room exports what its files hold."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest
from sklearn.base import BaseEstimator

import nbo
from nbo.arbitration import Rule
from nbo.features import FeatureBuilder
from nbo.policies import Policy
from nbo.segments import Segmenter
from nbo.testing.parts import is_abstract

PACKAGE = Path(nbo.__file__).parent
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))

# Users' code and stored notebooks rely on these.
PROMISED = [
    "AcceptanceTreeSegmenter",
    "AccountFeatures",
    "Allocation",
    "Arbitration",
    "Arms",
    "AudienceFinder",
    "BGBB",
    "BGNBD",
    "BehavioralFeatures",
    "BundleModel",
    "CLVModel",
    "Catalog",
    "ChurnModel",
    "ClusterSegmenter",
    "ContactLimit",
    "Control",
    "CustomerTables",
    "DemographicFeatures",
    "Eligibility",
    "EnvironmentFeatures",
    "EpsilonGreedy",
    "Estimate",
    "Excludes",
    "FeatureSet",
    "FeatureState",
    "Follows",
    "GammaGamma",
    "Greedy",
    "HouseholdFeatures",
    "HouseholdSegmenter",
    "LeadModel",
    "Ledger",
    "Lever",
    "LifeStageSegmenter",
    "Limit",
    "LinearUCB",
    "LogisticThompson",
    "LookalikeSegmenter",
    "MBGNBD",
    "MacroFeatures",
    "MicroSegmenter",
    "NO_OFFER",
    "NetworkFeatures",
    "NextBestOffer",
    "Offer",
    "OfferCap",
    "OfferHistoryFeatures",
    "OnePer",
    "OneVoice",
    "OpenCase",
    "OpportunityModel",
    "Owned",
    "ParetoNBD",
    "Plan",
    "Playbook",
    "PropensityModel",
    "QuietHours",
    "RFMSegmenter",
    "RestAfter",
    "Rollout",
    "SegmentThompson",
    "ServicePlan",
    "ServiceReferral",
    "ShiftedBetaGeometric",
    "SocialFeatures",
    "Softmax",
    "Spine",
    "SquareCB",
    "TopTierModel",
    "TransactionFeatures",
    "Treatment",
    "Trigger",
    "Uniform",
    "UpliftModel",
    "ValueTierSegmenter",
    "Weigh",
    "When",
    "__version__",
    "ablation",
    "action_effects",
    "alerts",
    "allocate",
    "always_valid",
    "analyze_experiment",
    "assign_service",
    "batch",
    "best_actions",
    "best_variants",
    "bundle_candidates",
    "bundles",
    "campaign_verdict",
    "channel_profit",
    "check_health",
    "columns",
    "compare",
    "concentration",
    "confidence_sequence",
    "contact_preferences",
    "contradictions",
    "customer_costs",
    "customer_snapshot",
    "datasets",
    "demand_forecast",
    "draw_slates",
    "errors",
    "evaluate",
    "evaluate_by_segment",
    "evaluate_slates",
    "experiments",
    "find_audiences",
    "goal_report",
    "health",
    "households",
    "impact_experiments",
    "invest_or_stop",
    "labels",
    "leak_check",
    "loss_makers",
    "migration_matrix",
    "past_contacts",
    "personas",
    "profitability",
    "program_report",
    "prospect_targets",
    "purchase_summary",
    "qini",
    "registry",
    "sales_forecast",
    "sample_ratio",
    "segment_customers",
    "segment_drift",
    "segment_report",
    "segment_value",
    "segment_value_forecast",
    "share_of_wallet",
    "simulate",
    "solves",
    "testing",
    "uplift_at",
    "validate_model",
    "what_if",
]
# Room -> the kind of part that it collects. Whoever adds a part and forgets the line in the room's
# `__init__.py` leaves it out of the checks in tests/every, of stored models and of the documentation.
KINDS = {
    "arbitration": Rule,
    "features": FeatureBuilder,
    "models": BaseEstimator,
    "policies": Policy,
    "segments": Segmenter,
}


def exported(source: str) -> list[str]:
    """The `__all__` of a file."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["__all__"]:
            return ast.literal_eval(node.value)
    return []


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def in_order(names: list[str]) -> bool:
    """Sorted by letter, or constants before classes before functions."""
    return names in (sorted(names), sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name)))


# The names of columns.py are columns, and all of them are public.
NO_LIST = {PACKAGE / "__init__.py", PACKAGE / "columns.py"}
# A room within a room exports nothing by itself.
INNER = set(PACKAGE.glob("*/*/__init__.py"))
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path not in NO_LIST | INNER)


def files_of(room: str) -> list[Path]:
    return [path for path in FILES if PACKAGE / room in path.parents]


@pytest.mark.parametrize("name", nbo.__all__)
def test_name_resolves(name):
    assert getattr(nbo, name) is not None


def test_promised_names_are_there():
    assert [name for name in PROMISED if name not in nbo.__all__] == []
    assert sorted(PROMISED) == PROMISED


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="has no attribute 'Leger'; it has AcceptanceTreeSegmenter"):
        nbo.Leger  # noqa: B018


def test_dir_shows_the_names():
    assert dir(nbo) == sorted(nbo.__all__)


@pytest.mark.parametrize("path", FILES, ids=dotted)
def test_all_is_sorted_and_true(path):
    names = exported(path.read_text())
    module = importlib.import_module(dotted(path))
    assert names, "a file says in __all__ what it holds"
    assert in_order(names)
    assert [name for name in names if not hasattr(module, name)] == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_exports_only_what_its_files_export(room):
    held = {name for path in files_of(room) for name in exported(path.read_text())}
    held |= {path.stem for path in files_of(room)}
    assert set(importlib.import_module(f"nbo.{room}").__all__) <= held


@pytest.mark.parametrize("room", KINDS)
def test_a_room_exports_every_part_of_its_kind(room):
    parts = [
        thing
        for path in files_of(room)
        for name, thing in vars(importlib.import_module(dotted(path))).items()
        if isinstance(thing, type) and issubclass(thing, KINDS[room]) and thing.__module__ == dotted(path)
    ]
    names = [part.__name__ for part in parts if not is_abstract(part) and not unfinished(part)]
    assert names
    assert [name for name in names if name not in importlib.import_module(f"nbo.{room}").__all__] == []


def unfinished(part: type) -> bool:
    """Whether a class says of itself that it is shared by others and no part."""
    return "is not a model by itself" in (part.__doc__ or "")


def test_every_loader_of_a_data_set_is_exported():
    from nbo import datasets

    loaders = {name for path in FILES if path.parent.name == "datasets" for name in exported(path.read_text())}
    loaders = {name for name in loaders if name.startswith("load_")}
    assert loaders
    assert loaders <= set(datasets.__all__)
