"""Measure policies on features in simulated worlds: ``python -m tests.benchmarks.contextual --help``.

Customers differ in two numbers and a text; the log-odds that they accept an offer are linear in these. Regret is the
acceptance lost against always making the best offer, as a share of what the uniform policy loses. The peers, MABWiser
and contextualbandits, live in a virtual environment of their own that the command makes. They get the features
standardized by the truth, decide each batch with what they have learnt from those before, and learn the first one from
random offers.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[2]
PEERS = ("mabwiser==2.7.4", "contextualbandits==0.3.30", "click")


class ContextWorld:
    """Simulated customers whose features decide what they accept.

    `effect` 0 makes a world in which no feature matters, and offers differ a little.
    """

    def __init__(self, seed: int, offers: int = 5, effect: float = 1.0) -> None:
        rng = np.random.default_rng(seed)
        self.offers = [f"offer {number}" for number in range(offers)]
        self.level = -3.0 + 0.3 * rng.normal(size=offers)
        self.slopes = 0.7 * effect * rng.normal(size=(3, offers))
        self.features = ["age", "balance", "city"]

    def customers(self, rng: np.random.Generator, n: int, first: int = 0) -> pd.DataFrame:
        """Draw customers, with a decision for each."""
        return pd.DataFrame(
            {
                "decision_id": np.arange(first, first + n),
                "customer_id": np.arange(first, first + n),
                "segment": "all",
                "age": rng.uniform(20, 80, n),
                "balance": rng.normal(1000, 400, n),
                "city": rng.choice(["A", "B"], n),
            }
        )

    def standard(self, frame: pd.DataFrame) -> np.ndarray:
        """Give the features as the truth takes them, shape (n, 3)."""
        city = np.where(frame["city"] == "B", 1.0, -1.0)
        return np.column_stack([(frame["age"] - 50) / 17.3, (frame["balance"] - 1000) / 400, city])

    def rates(self, frame: pd.DataFrame) -> np.ndarray:
        """Give the true acceptance rates, shape (n, n_offers)."""
        return 1 / (1 + np.exp(-(self.level + self.standard(frame) @ self.slopes)))

    def regret(self, policy: Any, seed: int, decisions: int = 5000, batch: int = 250) -> float:
        """Acceptance lost, as a share of what the uniform policy loses."""
        rng, lost, uniform = np.random.default_rng(seed), 0.0, 0.0
        for start in range(0, decisions, batch):
            frame = self.customers(rng, batch, start)
            frame["offer_id"] = policy.draw(frame, rng=rng)["offer_id"]
            rates = self.rates(frame)
            chosen = rates[np.arange(batch), [self.offers.index(offer) for offer in frame["offer_id"]]]
            policy.learn(frame.assign(reward=(rng.random(batch) < chosen).astype(float)))
            lost += (rates.max(axis=1) - chosen).sum()
            uniform += (rates.max(axis=1) - rates.mean(axis=1)).sum()
        return lost / uniform


class Peer:
    """A peer's object behind the two calls that the world makes."""

    def __init__(self, world: ContextWorld, made: Any) -> None:
        self.world, self.made, self.begun = world, made, False

    def draw(self, frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        offers = self.chosen(frame) if self.begun else rng.choice(self.world.offers, len(frame))
        return pd.DataFrame({"offer_id": offers}, index=frame.index)


class MABWiser(Peer):
    def chosen(self, frame: pd.DataFrame) -> list[str]:
        return self.made.predict(self._matrix(frame))

    def learn(self, frame: pd.DataFrame) -> None:
        learn = self.made.partial_fit if self.begun else self.made.fit
        learn(frame["offer_id"].tolist(), frame["reward"].tolist(), self._matrix(frame))
        self.begun = True

    def _matrix(self, frame: pd.DataFrame) -> np.ndarray:
        return np.column_stack([np.ones(len(frame)), self.world.standard(frame)])


class ContextualBandits(Peer):
    """Goes on from batch to batch, or is fitted anew to all answers where it cannot."""

    def __init__(self, world: ContextWorld, made: Any, goes_on: bool) -> None:
        super().__init__(world, made)
        self.goes_on = goes_on
        self.seen: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def chosen(self, frame: pd.DataFrame) -> np.ndarray:
        return np.array(self.world.offers)[np.asarray(self.made.predict(self.world.standard(frame))).astype(int)]

    def learn(self, frame: pd.DataFrame) -> None:
        offers = np.array([self.world.offers.index(offer) for offer in frame["offer_id"]])
        rows = (self.world.standard(frame), offers, frame["reward"].to_numpy())
        self.begun = True
        if self.goes_on:
            self.made.partial_fit(*rows)
            return
        self.seen.append(rows)
        self.made.fit(*(np.concatenate(part) for part in zip(*self.seen, strict=True)))


def mabwiser(name: str, alpha: float) -> Callable[[ContextWorld], Any]:
    def make(world: ContextWorld) -> MABWiser:
        from mabwiser.mab import MAB, LearningPolicy

        return MABWiser(world, MAB(world.offers, getattr(LearningPolicy, name)(alpha=alpha), seed=1))

    return make


def contextual(name: str, **settings: float) -> Callable[[ContextWorld], Any]:
    def make(world: ContextWorld) -> ContextualBandits:
        from contextualbandits import online

        made = getattr(online, name)(len(world.offers), random_state=1, **settings)
        return ContextualBandits(world, made, goes_on=name.startswith("Lin"))

    return make


def own(name: str, **settings: float) -> Callable[[ContextWorld], Any]:
    def make(world: ContextWorld) -> Any:
        from nbo import policies

        features = {} if name == "SegmentThompson" else {"features": world.features}
        return getattr(policies, name)(world.offers, **features, **settings)

    return make


LEARNERS = {
    "LogisticThompson": own("LogisticThompson"),
    "LogisticThompson, no floor": own("LogisticThompson", min_probability=0.0),
    "LinearUCB": own("LinearUCB"),
    "LinearUCB, no floor": own("LinearUCB", min_probability=0.0),
    "SquareCB": own("SquareCB"),
    "SegmentThompson, one segment": own("SegmentThompson"),
    "MABWiser LinTS, alpha 0.1": mabwiser("LinTS", 0.1),
    "MABWiser LinTS, alpha 1": mabwiser("LinTS", 1.0),
    "MABWiser LinUCB, alpha 0.3": mabwiser("LinUCB", 0.3),
    "MABWiser LinUCB, alpha 1": mabwiser("LinUCB", 1.0),
    "contextualbandits LinUCB, alpha 0.3": contextual("LinUCB", alpha=0.3),
    "contextualbandits LogisticTS": contextual("LogisticTS"),
    "contextualbandits LogisticUCB": contextual("LogisticUCB"),
}


def peer_python(folder: Path) -> str:
    """Make the environment of the peers, once."""
    home = folder / "contextual"
    if not (home / "ready").exists():
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([home / "bin/python", "-m", "pip", "install", "-q", *PEERS], check=True)
        (home / "ready").touch()
    return str(home / "bin/python")


def played(name: str, decisions: int, batch: int, seeds: int) -> dict[str, Any]:
    """Play all worlds here."""
    import warnings

    warnings.simplefilter("ignore")
    start, lost = time.process_time(), []
    for seed in range(seeds):
        world = ContextWorld(seed)
        lost.append(world.regret(LEARNERS[name](world), 100 + seed, decisions, batch))
    return {"regret": lost, "cpu": time.process_time() - start}


@click.command(help=__doc__)
@click.option("--decisions", default=5000, show_default=True)
@click.option("--batch", default=250, show_default=True, help="Decisions between two updates.")
@click.option("--seeds", default=6, show_default=True, help="Number of worlds.")
@click.option("--only", default="", help="Play those with this in their name.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path(tempfile.gettempdir()) / "nbo_bandit_peers",
    show_default=True,
    help="Keeps the peers' environment.",
)
@click.option("--one", type=click.Choice(list(LEARNERS)), hidden=True)
def main(decisions: int, batch: int, seeds: int, only: str, folder: Path, one: str | None) -> None:
    if one:
        click.echo(json.dumps(played(one, decisions, batch, seeds)))
        return
    numbers = ["--decisions", str(decisions), "--batch", str(batch), "--seeds", str(seeds)]
    for name in (name for name in LEARNERS if only in name):
        is_peer = name.startswith(("MABWiser", "contextualbandits"))
        command = [
            peer_python(folder) if is_peer else sys.executable,
            "-m",
            "tests.benchmarks.contextual",
            "--one",
            name,
        ]
        done = subprocess.run([*command, *numbers], capture_output=True, text=True, check=False, cwd=ROOT)
        if done.returncode:
            raise click.ClickException(f"{name} failed:\n{done.stderr[-2000:]}")
        found = json.loads(done.stdout.splitlines()[-1])
        lost = np.array(found["regret"])
        error = lost.std(ddof=1) / np.sqrt(len(lost)) if len(lost) > 1 else float("nan")
        click.echo(f"{name:<38} {lost.mean():.3f} +- {error:.3f}   {found['cpu']:.1f} s CPU")


if __name__ == "__main__":
    main()
