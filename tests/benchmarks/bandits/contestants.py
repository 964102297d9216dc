"""Who plays, in which settings, in which worlds, and where they live."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmarks.bandits.worlds import SHAPES, TIME_OUT, VARIANTS

ROOT = Path(__file__).parents[3]
SEEDS = (0, 1, 2)
# Shape, variant, seed.
Place = tuple[tuple[int, int], str, int]


def everywhere(place: Place) -> bool:
    return True


def once(place: Place) -> bool:
    return place[2] == 0


def in_many_segments(place: Place) -> bool:
    return place[0][0] == 500


def in_many_segments_once_with_many_offers(place: Place) -> bool:
    return in_many_segments(place) and (place[0][1] == 10 or place[2] == 0)


def once_outside_the_smallest(place: Place) -> bool:
    return place[0] == SHAPES[0] or place[2] == 0


def once_with_few_offers(place: Place) -> bool:
    return place[0][1] == 10 and place[2] == 0


def once_in_the_smallest(place: Place) -> bool:
    return place[0] == SHAPES[0] and place[2] == 0


@dataclass(frozen=True)
class Contestant:
    """A learner: its module and class here, its settings, its package if it has an environment of its own."""

    module: str
    learner: str
    settings: dict[str, Any] = field(default_factory=dict)
    package: str = ""
    plays: Callable[[Place], bool] = everywhere

    @property
    def places(self) -> list[Place]:
        """Where it plays; the first seed of everything comes first."""
        return [place for place in PLACES if self.plays(place)]

    @property
    def version(self) -> str:
        """What its figures hold for: for nbo, the text of its policies."""
        if self.module == "nbo_peer":
            return own_version()
        return self.package or f"numpy=={version('numpy')}"

    def python(self, folder: Path) -> str:
        """Find the interpreter; an environment is made where it is not there yet."""
        if not self.package:
            return sys.executable
        home = folder / self.package.partition("==")[0]
        if not (home / "ready").exists():
            venv.create(home, with_pip=True, clear=True)
            subprocess.run([home / "bin/python", "-m", "pip", "install", "-q", self.package, "numpy"], check=True)
            (home / "ready").touch()
        return str(home / "bin/python")


@cache
def own_version() -> str:
    """Digest the text of nbo's policy and of all policies' files that it imports."""
    texts: dict[str, str] = {}
    waiting = ["thompson"]
    while waiting:
        name = waiting.pop()
        if name not in texts:
            texts[name] = (ROOT / f"nbo/policies/{name}.py").read_text()
            waiting += re.findall(r"^from nbo\.policies\.(\w+) import", texts[name], re.MULTILINE)
    return "nbo " + hashlib.sha256("".join(texts[name] for name in sorted(texts)).encode()).hexdigest()[:12]


PLACES: list[Place] = [(shape, variant, seed) for seed in SEEDS for shape in SHAPES for variant in VARIANTS]
RIVER = "river==0.26.1"
WABBIT = "vowpalwabbit==9.11.9"
INFORMED = {"refusals": 24}
CONTESTANTS = {
    "nbo": Contestant("nbo_peer", "Nbo", {"window": f"{TIME_OUT}s"}),
    "NumPy, Beta(1, 1)": Contestant("numpy_peer", "Thompson"),
    "NumPy, Beta(1, 24)": Contestant("numpy_peer", "Thompson", INFORMED),
    "NumPy, no segments": Contestant("numpy_peer", "Thompson", INFORMED | {"pooled": True}),
    "river": Contestant("river_peer", "River", {}, RIVER, once_outside_the_smallest),
    "river, Beta(1, 24)": Contestant("river_peer", "River", INFORMED, RIVER, once),
    "river, no segments": Contestant("river_peer", "River", INFORMED | {"pooled": True}, RIVER, in_many_segments),
    "Vowpal Wabbit": Contestant(
        "vw_peer", "VowpalWabbit", {"options": "--squarecb -q so"}, WABBIT, once_outside_the_smallest
    ),
    "Vowpal Wabbit, gamma scale 100": Contestant(
        "vw_peer",
        "VowpalWabbit",
        {"options": "--squarecb -q so --gamma_scale 100"},
        WABBIT,
        in_many_segments_once_with_many_offers,
    ),
    "MABWiser": Contestant("mabwiser_peer", "MABWiser", {}, "mabwiser==2.7.4", once_with_few_offers),
    "pybandits": Contestant("pybandits_peer", "PyBandits", INFORMED, "pybandits==8.4.1", once_with_few_offers),
    "contextualbandits": Contestant(
        "contextual_peer",
        "ContextualBandits",
        {"policy": "LinUCB", "alpha": 0.1},
        "contextualbandits==0.3.30",
        once_in_the_smallest,
    ),
}
