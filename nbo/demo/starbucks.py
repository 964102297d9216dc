"""The loop on the Starbucks rewards set, whose sends were uniformly random."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nbo import batch, registry
from nbo import columns as c
from nbo.datasets import load_starbucks
from nbo.demo.folder import clear_folder, sqlite_address
from nbo.demo.page import write_starbucks_page
from nbo.demo.stages import Stages
from nbo.evaluation import Estimate, evaluate, replay_run
from nbo.ledger import Ledger
from nbo.ledger.feedback import resolve
from nbo.models import ChurnModel, CLVModel
from nbo.next_best_offer import NextBestOffer, training_spine
from nbo.policies import SegmentThompson, Uniform
from nbo.tables import CustomerTables, Spine

__all__ = ["run_starbucks"]

_NAME = "starbucks-next-best-offer"
_WINDOW = "10D"
_HORIZON = "7D"
# The first two of six waves of sends train; the others are decided and replayed.
_TRAINED_WAVES = 2
# Measured on the same log and the same labels, published with the description of the set.
_STATED = "stated for this set: uniform .305, best offer .602, Thompson sampling without segments .591 to .594"


def run_starbucks(path: str | Path, out: str | Path, *, seed: int = 7, progress: bool | None = None) -> str:
    """Load, train, register, score, decide wave by wave, record, learn, and replay.

    Every offer was sent uniformly at random, so a send on which the policy would have made the
    very same offer shows what would have come of it (replay).

    Parameters
    ----------
    path : str or Path
        Folder of the published files.
    out : str or Path
        Folder for the MLflow store, the scores, the ledger and the page.
    seed : int, default=7
        Of the replayed draws.
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
        stages.begin("load and validate the published files")
        data = load_starbucks(path)
        data.tables.validate(strict=True)
        sends = data.tables.decisions
        waves = sorted(sends[c.DECIDED_AT].unique())
        stages.begin("build features and train on the first waves")
        trained = _train(data.tables, waves[_TRAINED_WAVES])
        stages.begin("register the model and load it back by alias")
        store = sqlite_address(folder / "mlflow.db")
        registry.log(trained, name=_NAME, alias="champion", metrics=trained.metrics_, tracking_uri=store)
        address = f"models:/{_NAME}@champion"
        model = registry.load(address, tracking_uri=store)
        stages.begin("batch-score all customers")
        as_of = waves[_TRAINED_WAVES]
        batch.score(address, data.tables, folder / "scores", as_of=as_of, tracking_uri=store, progress=False)
        answers = _all_answers(data.tables)
        with Ledger.open(sqlite_address(folder / "ledger.db")) as ledger:
            stages.begin("decide each later wave, record, learn")
            rewards, estimates = _live(data.tables, model, ledger, answers, waves[_TRAINED_WAVES:])
        stages.begin("replay without segments over all waves")
        table = _table(rewards, estimates, answers, data.tables, seed)
        rates = model.policy.acceptance_rates()
        note = f"{data.source} {data.terms} {' '.join(data.notes)} Figures {_STATED}."
        write_starbucks_page(folder / "report.html", table, rates, note)
    return _closing(table, rates, folder / "report.html")


def _train(tables: CustomerTables, as_of: pd.Timestamp) -> NextBestOffer:
    spine = training_spine(tables, as_of, horizons=(_HORIZON,), moments=2, every="3D")
    model = NextBestOffer(
        churn=ChurnModel(horizon=_HORIZON, random_state=0),
        clv=CLVModel(horizon=_HORIZON, random_state=0),
        # Accepting counts, whatever it is worth, as in the figures stated for the set.
        policy=SegmentThompson(list(tables.catalog[c.OFFER_ID])),
        window=_WINDOW,
    )
    return model.fit(tables, spine, as_of=as_of, progress=False)


def _all_answers(tables: CustomerTables) -> pd.DataFrame:
    """Every send with its reward; one still open when the log ended counts as not accepted."""
    outcomes = tables.outcomes.assign(**{c.KNOWN_AT: tables.outcomes[c.OUTCOME_AT]})
    end = tables.decisions[c.DECIDED_AT].max() + pd.Timedelta("30D")
    return resolve(tables.decisions, outcomes, end, pd.Timedelta(_WINDOW))


def _live(
    tables: CustomerTables, model: NextBestOffer, ledger: Ledger, answers: pd.DataFrame, waves: list[pd.Timestamp]
) -> tuple[np.ndarray, list[Estimate]]:
    """Decide wave by wave; where the policy makes the offer that was sent, its answer is learnt."""
    rewards, estimates = [], []
    for number, (wave, until) in enumerate(zip(waves, [*waves[1:], answers[c.OUTCOME_AT].max()], strict=True)):
        sent = answers[answers[c.DECIDED_AT] == wave].set_index(c.CUSTOMER_ID)
        spine = Spine.at(wave, sent.index)
        decisions = model.decide(tables, spine, run_id=f"wave-{number}", model_version=_NAME)
        sent = sent.loc[decisions[c.CUSTOMER_ID]]
        estimates.append(_off_policy(model, decisions, sent))
        same = decisions[c.OFFER_ID].to_numpy() == sent[c.OFFER_ID].to_numpy()
        rewards.append(sent.loc[same, c.REWARD].to_numpy())
        ledger.record(decisions[same])
        ledger.record_outcomes(_answers_to(decisions[same], tables, sent[same]))
        model.learn(ledger, as_of=until)
    return np.concatenate(rewards), estimates


def _off_policy(model: NextBestOffer, decisions: pd.DataFrame, sent: pd.DataFrame) -> Estimate:
    """Weigh every send of the wave by the chance that the policy would have sent the same."""
    log = sent.reset_index()[[c.CUSTOMER_ID, c.OFFER_ID, c.ACTION_PROBABILITY, c.REWARD]]
    segments = decisions[c.SEGMENT].to_numpy()
    return evaluate(model.policy, log.assign(**{c.SEGMENT: segments}), estimator="ips")


def _answers_to(decisions: pd.DataFrame, tables: CustomerTables, sent: pd.DataFrame) -> pd.DataFrame:
    """Take the logged outcomes of the sends as answers to our own decisions."""
    own = pd.Series(decisions[c.DECISION_ID].to_numpy(), index=sent[c.DECISION_ID])
    known = tables.outcomes[tables.outcomes[c.DECISION_ID].isin(own.index)]
    return known.assign(**{c.DECISION_ID: own.loc[known[c.DECISION_ID]].to_numpy()})


def _table(
    rewards: np.ndarray, estimates: list[Estimate], answers: pd.DataFrame, tables: CustomerTables, seed: int
) -> pd.DataFrame:
    offers, one = list(tables.catalog[c.OFFER_ID]), answers.assign(**{c.SEGMENT: "all"})
    whole = replay_run(SegmentThompson(offers), one, batch=200, rng=seed).estimate
    n = np.array([estimate.n for estimate in estimates])
    value = float((n * [estimate.value for estimate in estimates]).sum() / n.sum())
    error = float(np.sqrt(((n * [estimate.standard_error for estimate in estimates]) ** 2).sum()) / n.sum())
    uniform = evaluate(Uniform(offers), one)
    best = answers.groupby(c.OFFER_ID)[c.REWARD].agg(["mean", "std", "size"]).sort_values("mean").iloc[-1]
    error_of_mean = float(rewards.std(ddof=1) / np.sqrt(len(rewards)))
    rows = [
        ("learning, by segment (replay, later waves)", float(rewards.mean()), error_of_mean, len(rewards)),
        ("learning, by segment (IPS, later waves)", value, error, int(n.sum())),
        ("learning, no segments (replay, all waves)", whole.value, whole.standard_error, whole.matched),
        ("best offer for everybody", best["mean"], best["std"] / np.sqrt(best["size"]), int(best["size"])),
        ("uniform", uniform.value, uniform.standard_error, uniform.n),
    ]
    return pd.DataFrame(_with_intervals(rows))


def _with_intervals(rows: list[tuple[str, float, float, int]]) -> Iterator[dict[str, Any]]:
    for policy, value, error, n in rows:
        ends = {"low": value - 1.96 * error, "high": value + 1.96 * error}
        yield {"policy": policy, "value": value, "standard_error": error, **ends, "n": n}


def _closing(table: pd.DataFrame, rates: pd.DataFrame, page: Path) -> str:
    top = rates.sort_values("n", ascending=False).head(12).sort_values(["segment", "rate"], ascending=[True, False])
    return "\n".join(
        [
            "",
            "Accepted per send (the set is simulated by its publisher; sends were uniformly random)",
            table.round(4).to_string(index=False),
            _STATED,
            "",
            f"Acceptance rates, the 12 cells (segment x offer) with most answers of {len(rates)}, 95 % intervals",
            top.round(4).to_string(index=False),
            "",
            f"page: {page}",
        ]
    )
