"""The loop on the Starbucks rewards set, whose sends were uniformly random."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.datasets import load_starbucks
from nbo.demo.folder import clear_folder, sqlite_address
from nbo.demo.page import write_starbucks_page
from nbo.demo.serving import register_and_score
from nbo.demo.stages import Stages
from nbo.evaluation import Estimate, evaluate, replay_run
from nbo.ledger import Ledger
from nbo.ledger.feedback import resolve
from nbo.models import ChurnModel, CLVModel
from nbo.next_best_offer import NextBestOffer, training_spine
from nbo.policies import SegmentThompson
from nbo.tables import CustomerTables, Spine

__all__ = ["run_starbucks"]

# Value, standard error, number of sends.
_Figure = tuple[float, float, int]

_NAME = "starbucks-next-best-offer"
_WINDOW = "10D"
_HORIZON = "7D"
# At the fourth of six waves of sends the windows of the first two are over: they train.
_TRAINED_WAVES = 3
# Sends decided between two updates; in a replay their answers are known at once.
_BATCH = 1000
_AT_ONCE = f"In the replay a send's answer is learnt after at most {_BATCH:,} sends, as if it came at once."
# Share of the sends that the policy spreads evenly, so that every offer stays measurable.
_EXPLORED = 0.02
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
        as_of = waves[_TRAINED_WAVES]
        trained = _train(data.tables, as_of)
        model = register_and_score(trained, _NAME, data.tables, as_of, folder, stages)
        answers = _all_answers(data.tables)
        with Ledger.open(sqlite_address(folder / "ledger.db")) as ledger:
            stages.begin("decide each later wave, record, learn")
            later = answers[answers[c.DECIDED_AT] >= as_of]
            rewards, estimates = _live(data.tables, model, ledger, later)
        stages.begin("replay without segments over all waves")
        table = _table(
            _mean(rewards), _pooled(estimates), answers, later, replayed=_replayed(data.tables, answers, seed)
        )
        rates = model.policy.acceptance_rates()
        note = "\n\n".join([f"{data.source}. Terms: {data.terms}", *data.notes, f"{_AT_ONCE} Figures {_STATED}."])
        write_starbucks_page(folder / "report.html", table, rates, note)
    return _closing(table, rates, folder / "report.html")


def _train(tables: CustomerTables, as_of: pd.Timestamp) -> NextBestOffer:
    spine = training_spine(tables, as_of, horizons=(_HORIZON,), moments=2, every="3D")
    model = NextBestOffer(
        churn=ChurnModel(horizon=_HORIZON, random_state=0),
        clv=CLVModel(horizon=_HORIZON, random_state=0),
        # Accepting counts, whatever it is worth, as in the figures stated for the set.
        policy=_policy(tables),
        window=_WINDOW,
    )
    return model.fit(tables, spine, as_of=as_of, progress=False)


def _policy(tables: CustomerTables) -> SegmentThompson:
    offers = list(tables.catalog[c.OFFER_ID])
    return SegmentThompson(offers, min_probability=_EXPLORED / len(offers))


def _all_answers(tables: CustomerTables) -> pd.DataFrame:
    """Every send with its reward; one still open when the log ended counts as not accepted."""
    end = tables.decisions[c.DECIDED_AT].max() + pd.Timedelta("30D")
    return resolve(tables.decisions, tables.outcomes, end, pd.Timedelta(_WINDOW))


def _live(
    tables: CustomerTables, model: NextBestOffer, ledger: Ledger, answers: pd.DataFrame
) -> tuple[np.ndarray, list[Estimate]]:
    """Decide batch by batch; where the policy makes the offer that was sent, its answer is learnt."""
    end = answers[c.OUTCOME_AT].max() + pd.Timedelta(_WINDOW)
    rewards, estimates = [], []
    for wave, sends in answers.groupby(c.DECIDED_AT):
        for start in range(0, len(sends), _BATCH):
            sent = sends.iloc[start : start + _BATCH].set_index(c.CUSTOMER_ID)
            run = f"{wave:%Y-%m-%d}-{start // _BATCH}"
            decisions = model.decide(tables, Spine.at(wave, sent.index), run_id=run, model_version=_NAME)
            estimates.append(_off_policy(model, decisions, sent))
            same = decisions[c.OFFER_ID].to_numpy() == sent[c.OFFER_ID].to_numpy()
            rewards.append(sent.loc[same, c.REWARD].to_numpy())
            ledger.record(decisions[same])
            ledger.record_outcomes(_answers_to(decisions[same], tables, sent[same]))
            model.learn(ledger, as_of=end)
    return np.concatenate(rewards), estimates


def _off_policy(model: NextBestOffer, decisions: pd.DataFrame, sent: pd.DataFrame) -> Estimate:
    """Weigh every send of the wave by the chance that the policy would have sent the same."""
    log = sent.reset_index()[[c.CUSTOMER_ID, c.OFFER_ID, c.ACTION_PROBABILITY, c.REWARD]]
    segments = decisions[c.SEGMENT].to_numpy()
    # One batch says little, whatever its overlap; all of them together do.
    return evaluate(model.policy, log.assign(**{c.SEGMENT: segments}), estimator="ips", on_no_support="report")


def _answers_to(decisions: pd.DataFrame, tables: CustomerTables, sent: pd.DataFrame) -> pd.DataFrame:
    """Take the logged outcomes of the sends as answers to our own decisions."""
    own = pd.Series(decisions[c.DECISION_ID].to_numpy(), index=sent[c.DECISION_ID])
    known = tables.outcomes[tables.outcomes[c.DECISION_ID].isin(own.index)]
    return known.assign(**{c.DECISION_ID: own.loc[known[c.DECISION_ID]].to_numpy()})


def _replayed(tables: CustomerTables, answers: pd.DataFrame, seed: int) -> _Figure:
    """One pass over all waves, as in the stated figures: no segments, nothing known, nothing spread evenly."""
    offers = list(tables.catalog[c.OFFER_ID])
    run = replay_run(
        SegmentThompson(offers, min_probability=0.0), answers.assign(**{c.SEGMENT: "all"}), batch=200, rng=seed
    )
    return run.estimate.value, run.estimate.standard_error, run.estimate.matched


def _mean(rewards: np.ndarray | pd.Series) -> _Figure:
    return float(rewards.mean()), float(rewards.std(ddof=1) / np.sqrt(len(rewards))), len(rewards)


def _pooled(estimates: list[Estimate]) -> _Figure:
    n = np.array([estimate.n for estimate in estimates])
    values, errors = np.array([(estimate.value, estimate.standard_error) for estimate in estimates]).T
    return float((n * values).sum() / n.sum()), float(np.sqrt(((n * errors) ** 2).sum()) / n.sum()), int(n.sum())


def _best(answers: pd.DataFrame) -> _Figure:
    rates = answers.groupby(c.OFFER_ID)[c.REWARD].mean()
    return _mean(answers.loc[answers[c.OFFER_ID] == rates.idxmax(), c.REWARD])


def _table(
    live: _Figure, weighed: _Figure, answers: pd.DataFrame, later: pd.DataFrame, replayed: _Figure
) -> pd.DataFrame:
    figures = {
        "later waves: learning, by segment (replay)": live,
        "later waves: learning, by segment (IPS)": weighed,
        "later waves: best offer for everybody": _best(later),
        "later waves: uniform": _mean(later[c.REWARD]),
        "all waves: learning, no segments, no floor (replay)": replayed,
        "all waves: best offer for everybody": _best(answers),
        "all waves: uniform": _mean(answers[c.REWARD]),
    }
    rows = [
        {"policy": policy, "value": value, "standard_error": error, "n": n}
        for policy, (value, error, n) in figures.items()
    ]
    table = pd.DataFrame(rows)
    margin = 1.96 * table["standard_error"]
    return table.assign(low=table["value"] - margin, high=table["value"] + margin)


def _closing(table: pd.DataFrame, rates: pd.DataFrame, page: Path) -> str:
    most = rates.drop(columns="updated_at").sort_values("n", ascending=False).head(12)
    top = most.sort_values(["segment", "rate"], ascending=[True, False])
    return "\n".join(
        [
            "",
            "Accepted per send (the set is simulated by its publisher; sends were uniformly random)",
            table.round(4).to_string(index=False),
            _AT_ONCE,
            _STATED,
            "",
            f"Acceptance rates, the 12 cells (segment x offer) with most answers of {len(rates)}, 95 % intervals",
            top.round(4).to_string(index=False),
            "",
            f"page: {page}",
        ]
    )
