"""The agent against the four control arms, in a simulated world whose truth can be asked."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration import Candidates
from nbo.demo.comparison import evenly
from nbo.experiments import (
    AGENT,
    ARMS,
    BUSINESS_AS_USUAL,
    CONTROL,
    HOLDOUT,
    Arms,
    ImpactReport,
    four_arms,
    impact_experiments,
)
from nbo.features import FeatureSet, known_customers
from nbo.ledger import Ledger
from nbo.ledger.feedback import resolve
from nbo.models import PropensityModel
from nbo.next_best_offer import NextBestOffer
from nbo.policies import Greedy
from nbo.rng import uniform_by_key
from nbo.simulate import World
from nbo.tables import CustomerTables, Spine

WEEK, WINDOW = pd.Timedelta("7D"), "14D"
METRICS = ("acceptance per decision", "value per decision")
HARM = "driven away per 1,000"


class Popularity:
    """Business as usual: for everybody the offer that has earned most per send in the history, for good."""

    context_columns = ()

    def __init__(self, world: World) -> None:
        tables, catalog = world.tables, world.catalog
        history = resolve(tables.decisions, tables.outcomes, world.live_from, pd.Timedelta(WINDOW))
        made = history[history[c.OFFER_ID] != c.NO_OFFER].assign(segment="all")
        self.policy = Greedy(catalog.offer_ids, catalog.values, catalog.costs).learn(made)
        self.offers = self.policy.offers

    def probabilities(self, context: pd.DataFrame, eligible: np.ndarray | None = None) -> np.ndarray:
        return self.policy.probabilities(pd.DataFrame({c.SEGMENT: ["all"] * len(context)}), eligible)


@dataclass
class Truth:
    """What the arms truly bring per decision, without the luck of the answers."""

    rounds: list[pd.DataFrame] = field(default_factory=list)

    def add(self, arms: pd.Series, chances: dict[str, np.ndarray], brings: dict[str, np.ndarray]) -> None:
        """Add a round: who is in which arm, what each arm's policy would do with everybody, and what offers bring.

        The probabilities, one matrix an arm, and the metrics have the shape (n, k).
        """
        for arm, chance in chances.items():
            metrics = {metric: (chance * one).sum(axis=1) for metric, one in brings.items()}
            self.rounds.append(pd.DataFrame({c.ARM: arm, "own": (arms == arm).to_numpy(), **metrics}))

    def table(self, own: bool = False) -> pd.DataFrame:
        """Give each metric by arm: of all customers, or of the arm's own ones."""
        rows = pd.concat(self.rounds)
        return (rows[rows["own"]] if own else rows).drop(columns="own").groupby(c.ARM).mean()


@dataclass(frozen=True)
class Played:
    """What came of the rounds of one world."""

    world: World
    arms: Arms
    people: pd.DataFrame
    feedback: pd.DataFrame
    truth: Truth

    def compared(self) -> pd.DataFrame:
        """Comparisons of the experiment, the truth (of all customers, of the arms' own), and whether it is held."""
        return compared(impact_experiments(self.feedback, self.people, self.arms), self.truth)

    def held(self, times: int) -> pd.Series:
        """Draw the answers to the same decisions anew; give the share of intervals that hold the truth of the arms."""
        decisions = self.feedback.drop(columns=[c.OUTCOME, c.OUTCOME_AT, c.REWARD])
        held = []
        for time in range(times):
            outcomes = self.world.answer(decisions, salt=f"again {time}")
            accepted = outcomes.loc[outcomes[c.OUTCOME] == c.ACCEPT, c.DECISION_ID]
            reward = decisions[c.DECISION_ID].isin(accepted).astype(float)
            again = compared(
                impact_experiments(decisions.assign(**{c.REWARD: reward}), self.people, self.arms), self.truth
            )
            again["share"] = again["own"].between(again["low"], again["high"])
            held.append(again.set_index(["experiment", "metric"])["share"])
        return pd.concat(held, axis=1).mean(axis=1)


def run(seed: int, customers: int, rounds: int, share: float, wave: float) -> Played:
    """Play the rounds of one world."""
    world = World(customers=customers, days=365, seed=seed, live_days=7 * rounds + 1)
    features = FeatureSet.default(world.tables)
    model = NextBestOffer(features=features, propensity=PropensityModel(random_state=0), window=WINDOW)
    model.fit(world.tables, Spine.at(world.live_from, world.tables), as_of=world.live_from, progress=False)
    arms, usual, truth = four_arms(f"world {seed}", share, share, share), Popularity(world), Truth()
    people = []
    with tempfile.TemporaryDirectory() as folder, Ledger.open(f"sqlite:///{Path(folder) / 'ledger.db'}") as ledger:
        for number in range(rounds):
            as_of = world.live_from + number * WEEK
            tables = world.tables.added(decisions=ledger.decisions(), outcomes=ledger.outcomes())
            known = known_customers(tables, as_of).frame
            people.append(known[c.CUSTOMER_ID])
            spine = Spine.of(known[uniform_by_key(known[c.CUSTOMER_ID], salt=f"wave {number}") < wave])
            decisions = model.decide(
                tables, spine, rng=seed, run_id=f"round-{number + 1}", arms=arms, business_as_usual=usual
            )
            look_up(truth, world, model, tables, spine, decisions, usual)
            ledger.record(decisions)
            ledger.record_outcomes(world.answer(decisions))
            model.learn(ledger, as_of=as_of + WEEK)
        # Once all windows are over: of the last decisions, acceptances come in sooner than refusals by silence.
        feedback = ledger.feedback(world.live_from + rounds * WEEK + pd.Timedelta(WINDOW), WINDOW)
    everybody = pd.DataFrame({c.CUSTOMER_ID: pd.concat(people).unique()})
    everybody[c.ARM] = arms.assign(everybody[c.CUSTOMER_ID])
    return Played(world, arms, everybody, feedback, truth)


def look_up(
    truth: Truth,
    world: World,
    model: NextBestOffer,
    tables: CustomerTables,
    spine: Spine,
    decisions: pd.DataFrame,
    usual: Popularity,
) -> None:
    """Ask the truth what each arm would do with all customers of a round; no model sees it."""
    candidates = Candidates.of(tables, spine, world.catalog, tuple(model.rules))
    eligible = candidates.eligible
    served, chances = eligible.any(axis=1), {arm: np.zeros(eligible.shape) for arm in ARMS}
    chances[CONTROL] = evenly(eligible)
    for arm, policy in ((AGENT, model.policy), (BUSINESS_AS_USUAL, usual)):
        chances[arm][served] = policy.probabilities(decisions[served], eligible[served])
    ids, as_of = spine.frame[c.CUSTOMER_ID], spine.frame[c.AS_OF].max()
    accepted = world.truth.acceptance(ids, as_of, candidates.channel_names)
    worth = world.truth.expected_value(ids, as_of, candidates.channel_names)
    harm = np.broadcast_to(1000 * world.truth.contact_harm(ids)[:, None], worth.shape)
    truth.add(decisions[c.ARM], chances, {**dict(zip(METRICS, (accepted, worth), strict=True)), HARM: harm})


def by_arm(played: Played) -> pd.DataFrame:
    """What each arm did and brought, beside what it truly is worth: to all customers, and to its own."""
    feedback, truth = played.feedback, played.truth
    gain = feedback[c.REWARD] * feedback[c.VALUE].fillna(0.0) - feedback[c.COST].fillna(0.0)
    rows = feedback.assign(gain=gain, made=feedback[c.OFFER_ID] != c.NO_OFFER).groupby(c.ARM)
    measured = pd.DataFrame(
        {
            "customers": rows[c.CUSTOMER_ID].nunique(),
            "decisions": rows.size(),
            "offers": rows["made"].sum(),
            "accepted": rows[c.REWARD].mean(),
            "value": rows["gain"].mean(),
        }
    )
    names = dict(zip(METRICS, ("accepted", "value"), strict=True))
    true, own = (truth.table(of).rename(columns=names) for of in (False, True))
    shown = own.drop(columns=HARM).add_suffix(", true, its own")
    return measured.join(true.drop(columns=HARM).add_suffix(", true")).join(shown).join(true[HARM]).reindex(ARMS)


def compared(report: ImpactReport, truth: Truth) -> pd.DataFrame:
    effects = report.effects[report.effects["metric"].isin(METRICS)].reset_index(drop=True)
    pairs = list(zip(effects["arm"], effects["baseline"], effects["metric"], strict=True))
    true, own = (
        np.array([table.at[arm, metric] - table.at[base, metric] for arm, base, metric in pairs])
        for table in (truth.table(), truth.table(own=True))
    )
    found = effects[["experiment", "metric", "difference", "low", "high", "p_adjusted"]].assign(true=true, own=own)
    return found.assign(holds=found["true"].between(found["low"], found["high"]))


def harm_of(arms: pd.DataFrame) -> str:
    """Say what the holdout alone is spared."""
    away = arms[HARM]
    return (
        f"Of 1,000 decisions the agent drives {away[AGENT]:.1f} customers away, the holdout {away[HOLDOUT]:.1f}: "
        "not in the value, which is of answers only."
    )
