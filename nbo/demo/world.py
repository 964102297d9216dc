"""The loop on a simulated world, where the truth can be asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration import Candidates
from nbo.batch import open_result
from nbo.demo.comparison import Comparison, best_by, evenly
from nbo.demo.customer_view import write_customer_view
from nbo.demo.folder import clear_folder, sqlite_address
from nbo.demo.page import write_world_page
from nbo.demo.serving import register_and_score
from nbo.demo.stages import Stages
from nbo.features import FeatureSet, known_customers
from nbo.ledger import Ledger
from nbo.ledger.feedback import resolve
from nbo.models import ChurnModel, CLVModel
from nbo.next_best_offer import NextBestOffer, training_spine
from nbo.rng import uniform_by_key
from nbo.simulate import World
from nbo.tables import CustomerTables, Spine

__all__ = ["run_world"]

_NAME = "next-best-offer"
_WEEK = pd.Timedelta("7D")
_HORIZON = "90D"
# Share of the customers that are decided in a weekly round, by a keyed draw.
_WAVE = 0.25


def run_world(
    out: str | Path, *, customers: int = 20_000, rounds: int = 8, seed: int = 7, progress: bool | None = None
) -> str:
    """Simulate, train, register, score, decide, record, learn and report.

    Parameters
    ----------
    out : str or Path
        Folder for the tables, the MLflow store, the scores, the ledger and the page; what an
        earlier run left there is replaced, but for the versions in the store.
    customers : int, default=20000
        Customers of the world.
    rounds : int, default=8
        Weekly rounds of decisions and answers, 1 or more.
    seed : int, default=7
        Another seed makes another world.
    progress : bool, optional
        Show the stages; by default on.

    Returns
    -------
    str
        The closing tables, for the terminal.
    """
    folder = Path(out)
    clear_folder(folder)
    with Stages(progress) as stages:
        stages.begin(f"simulate {customers:,} customers")
        world = World(customers=customers, days=365, seed=seed, live_days=7 * rounds + 1)
        world.tables.write(folder / "tables")
        stages.begin("read and validate the tables")
        tables = CustomerTables.read(folder / "tables")
        tables.validate(strict=True, as_of=world.end + 2 * _WEEK)
        stages.begin("build features and train propensity, churn, lifetime value and policy")
        trained = _train(tables, world)
        model = register_and_score(trained, _NAME, tables, world.live_from, folder, stages)
        comparison = Comparison()
        with Ledger.open(sqlite_address(folder / "ledger.db")) as ledger:
            for number in range(rounds):
                stages.begin(f"round {number + 1} of {rounds}: decide, record, answers, learn")
                _round(world, tables, model, ledger, comparison, number)
            # Once all windows are over: of the last decisions, acceptances come in sooner than refusals by silence.
            feedback = ledger.feedback(world.live_from + rounds * _WEEK + pd.Timedelta(model.window), model.window)
        stages.begin("write the pages")
        page = folder / "report.html"
        write_world_page(page, model, comparison, feedback, _note(world, feedback))
        scores = open_result(folder / "scores", world.live_from).read_scores()
        customers_page = write_customer_view(folder / "customers.html", tables, scores, world.live_from)
    return _closing(comparison, model, page, customers_page)


def _train(tables: CustomerTables, world: World) -> NextBestOffer:
    spine = training_spine(tables, world.live_from, horizons=(_HORIZON,), moments=2)
    churn, clv = ChurnModel(horizon=_HORIZON, random_state=0), CLVModel(horizon=_HORIZON, random_state=0)
    model = NextBestOffer(features=FeatureSet.default(tables), churn=churn, clv=clv)
    return model.fit(tables, spine, as_of=world.live_from, progress=False)


def _round(
    world: World, tables: CustomerTables, model: NextBestOffer, ledger: Ledger, comparison: Comparison, number: int
) -> None:
    """Decide for a quarter of the customers, record, take the answers in, and learn."""
    as_of = world.live_from + number * _WEEK
    # Features of past offers must see the rounds before, as they saw the logged contacts in training.
    tables = tables.added(decisions=ledger.decisions(), outcomes=ledger.outcomes())
    known = known_customers(tables, as_of).frame
    spine = Spine.of(known[uniform_by_key(known[c.CUSTOMER_ID], salt=f"wave {number}") < _WAVE])
    decisions = model.decide(tables, spine, rng=7, run_id=f"round-{number + 1}", model_version=_NAME)
    _compare(world, tables, model, comparison, spine, decisions)
    ledger.record(decisions)
    ledger.record_outcomes(world.answer(decisions))
    model.learn(ledger, as_of=as_of + _WEEK)


def _compare(
    world: World,
    tables: CustomerTables,
    model: NextBestOffer,
    comparison: Comparison,
    spine: Spine,
    decisions: pd.DataFrame,
) -> None:
    """Ask the truth what each policy's choices in this round are worth; the model never sees it."""
    candidates = Candidates.of(tables, spine, world.catalog, tuple(model.rules))
    eligible = candidates.eligible
    served = eligible.any(axis=1)
    worth = world.truth.expected_value(
        spine.frame[c.CUSTOMER_ID], spine.frame[c.AS_OF].max(), channels=candidates.channel_names
    )
    learning = model.policy.probabilities(decisions[served], eligible[served])
    popular = _popularity(tables, model, world, spine.frame[c.AS_OF].max())
    policies = {
        "learning": learning,
        "popularity": best_by(popular, eligible[served]),
        "uniform": evenly(eligible[served]),
        "oracle": best_by(worth[served], eligible[served]),
    }
    comparison.add(worth[served], policies, spine.frame[c.CUSTOMER_ID].to_numpy()[served])


def _popularity(tables: CustomerTables, model: NextBestOffer, world: World, as_of: pd.Timestamp) -> np.ndarray:
    """Value per offer made, over all answers known so far: what everybody likes best, whoever it is."""
    answers = resolve(tables.decisions, tables.outcomes, as_of, pd.Timedelta(model.window))
    rates = answers.groupby(c.OFFER_ID)[c.REWARD].mean()
    return rates.reindex(world.catalog.offer_ids).fillna(0.0).to_numpy() * world.catalog.values - world.catalog.costs


def _note(world: World, feedback: pd.DataFrame) -> str:
    contacted = feedback.loc[feedback[c.OFFER_ID] != c.NO_OFFER, c.CUSTOMER_ID]
    left = float(world.truth.contact_harm(contacted).sum())
    return (
        f"All of this is simulated: {world.customers:,} customers, {world.days} days, seed {world.seed}. A quarter of "
        "the customers is decided each week, answers come in over the days that follow, and every accept or reject "
        "updates the acceptance rate of the offer in the customer's segment before the next week's decisions. The "
        "uniform policy draws evenly from the eligible offers; popularity makes everybody the offer that has earned "
        "most per send so far; the oracle knows the truth. Value is the expected margin of an offer less its cost. "
        "What it does not count: some customers leave when contacted; these decisions drove away about "
        f"{left:.0f} of {contacted.nunique():,} customers, and no policy here was asked to spare them."
    )


def _closing(comparison: Comparison, model: NextBestOffer, page: Path, customers_page: Path) -> str:
    values = comparison.values().round(4)
    regret = comparison.regret().pivot(index="round", columns="policy", values="regret")
    rates = model.policy.acceptance_rates()
    most = rates.drop(columns="updated_at").sort_values("n", ascending=False).head(12)
    top = most.sort_values(["segment", "rate"], ascending=[True, False])
    last = dict(zip(values["policy"], values["last_regret"], strict=True))
    return "\n".join(
        [
            "",
            "Value per decision, in money (simulated world; true expected value of what each policy chooses)",
            values.to_string(index=False),
            "",
            "Regret by round: value per decision lost against the oracle",
            regret[["learning", "popularity", "uniform"]].round(4).to_string(),
            f"last round: learning loses {last['learning'] / last['uniform']:.0%} of what uniform loses",
            "",
            f"Acceptance rates, the 12 most offered of {len(rates)} cells (segment x offer), 95 % intervals",
            top.round(4).to_string(index=False),
            "",
            f"page: {page}",
            f"customers: {customers_page}",
        ]
    )
