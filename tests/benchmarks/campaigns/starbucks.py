"""A budgeted campaign on the Starbucks set, planned on earlier waves and measured on the last one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration import Limit, allocate, frontier
from nbo.datasets import load_starbucks, offer_instances
from nbo.evaluation import Comparison, Estimate, Support, compare, evaluate
from nbo.features import FeatureSet
from nbo.models import PropensityModel
from nbo.tables import CustomerTables, Spine
from nbo.views import plot_frontier

# An answer counts within these days: those of the last wave are then all known when the log ends.
DAYS = 5
# Money that sending an offer costs, whatever comes of it: assumed, the set names none.
CONTACT = 0.05
# No offer goes to more than this share of the customers: assumed.
MOST = 0.25
# Making no offer brings and costs nothing, so that the mean weight need not be 1.
KNOWN = Support(max_weight_gap=np.inf)


@dataclass(frozen=True)
class Campaign:
    """The customers of the last wave, what the models say of them, and what the log says.

    Parameters
    ----------
    accepts : ndarray of shape (n, k)
        P(the offer is viewed, then completed, in time).
    costs : ndarray of shape (n, k)
        Expected money: the reward times P(completed in time, viewed or not), and the contact.
    log : DataFrame of n rows
        The random sends of the wave: `offer_id`, `action_probability`, `accepted` and `paid`.
    names : list of str
        Kind, difficulty, reward and days of each of the k offers.
    """

    accepts: np.ndarray
    costs: np.ndarray
    log: pd.DataFrame
    offer_ids: list[str]
    names: list[str]

    @property
    def cap(self) -> int:
        """Most customers of an offer."""
        return int(MOST * len(self.log))

    @property
    def sent(self) -> np.ndarray:
        """Column of the offer that was sent, shape (n,)."""
        return pd.Index(self.offer_ids).get_indexer(pd.Index(self.log[c.OFFER_ID]))

    def limits(self, budget: float) -> list[Limit]:
        """A budget, and a most for each offer."""
        caps = [Limit(offers=[j], at_most=self.cap, name=name) for j, name in enumerate(self.names)]
        return [Limit(at_most=budget, cost=self.costs, name="budget"), *caps]


def prepare(folder: Path, trees: int = 300, train_waves: int = 4) -> Campaign:
    """Train on the latest of the earlier waves whose answers are all known, and score the last wave."""
    data = load_starbucks(folder)
    tables, sends = data.tables, answered(data.tables)
    waves = sorted(sends[c.DECIDED_AT].unique())
    known = [wave for wave in waves if wave + pd.Timedelta(days=DAYS) < waves[-1]][-train_waves:]
    earlier, last = sends[sends[c.DECIDED_AT].isin(known)], sends[sends[c.DECIDED_AT] == waves[-1]]
    features, spine = FeatureSet.default(tables), asked(earlier)
    X = features.fit(tables, spine).build(tables, spine)
    X_last = features.build(tables, asked(last))
    scores = {}
    for label in ("accepted", "completed"):
        model = PropensityModel(n_estimators=trees, random_state=0)
        y, when, who = earlier[label].to_numpy(), earlier[c.DECIDED_AT], earlier[c.CUSTOMER_ID]
        offers = earlier[c.OFFER_ID].to_numpy()
        model.fit(X.assign(**{c.OFFER_ID: offers}), y, time=when, groups=who, catalog=data.catalog)
        scores[label] = model.score_offers(X_last, data.catalog)
    rewards = tables.catalog["reward"].to_numpy(dtype=float)
    paid = last["completed"] * last[c.OFFER_ID].map(dict(zip(tables.catalog[c.OFFER_ID], rewards, strict=True)))
    log = last.assign(accepted=last["accepted"].astype(float), paid=paid + CONTACT).reset_index(drop=True)
    names = [offer.name for offer in data.catalog]
    return Campaign(scores["accepted"], scores["completed"] * rewards + CONTACT, log, data.catalog.offer_ids, names)


def answered(tables: CustomerTables) -> pd.DataFrame:
    """All sends, with what came of them within the days that count."""
    sends, events = tables.decisions, tables.events
    kinds = events[c.EVENT_TYPE].str.replace("_", " ")
    columns = [c.CUSTOMER_ID, c.OFFER_ID, "event", "time"]
    received = sends.assign(event="offer received", time=sends[c.DECIDED_AT])[columns]
    seen = events.assign(event=kinds, time=events[c.EVENT_TIME])[columns]
    rows = pd.concat([received, seen], ignore_index=True)
    rows["time"] = (rows["time"] - rows["time"].min()) // pd.Timedelta("1h")
    found = offer_instances(rows, dict.fromkeys(tables.catalog[c.OFFER_ID], DAYS))
    return sends.drop(columns=["viewed", "completed"]).assign(
        accepted=found["accepted"].to_numpy(), completed=found["completed"].to_numpy()
    )


def asked(sends: pd.DataFrame) -> Spine:
    return Spine.of(sends[[c.CUSTOMER_ID, c.DECIDED_AT]].rename(columns={c.DECIDED_AT: c.AS_OF}))


def best(campaign: Campaign, budget: float) -> np.ndarray:
    """Offers of :func:`nbo.allocate`, shape (n,), -1 for none."""
    return allocate(campaign.accepts, campaign.limits(budget), progress=False).assignment[:, 0]


def in_order(campaign: Campaign, budget: float, score: np.ndarray) -> np.ndarray:
    """Offers given pair by pair, the highest score first, where nothing stands against it."""
    n, k = score.shape
    given, room, left = np.full(n, -1), [campaign.cap] * k, budget
    costs = campaign.costs.ravel().tolist()
    for pair in np.argsort(-score.ravel(), kind="stable").tolist():
        i, j = divmod(pair, k)
        if given[i] < 0 and room[j] > 0 and costs[pair] <= left:
            given[i], room[j], left = j, room[j] - 1, left - costs[pair]
    return given


def chosen(given: np.ndarray, k: int) -> np.ndarray:
    """Probabilities of offers given, with that of none behind; shape (n, k + 1)."""
    return np.eye(k + 1)[given]


def evenly(campaign: Campaign, budget: float) -> np.ndarray:
    """The budget spread over random customers and all offers that can be completed, shape (n, k + 1)."""
    real = np.array([not name.startswith("informational") for name in campaign.names])
    share = min(budget / campaign.costs[:, real].mean(axis=1).sum(), 1.0)
    chances = np.append(share * real / real.sum(), 1.0 - share)
    return np.tile(chances, (len(campaign.log), 1))


def plans(campaign: Campaign, budget: float) -> dict[str, np.ndarray]:
    """Ways to spend a budget, as probabilities of shape (n, k + 1)."""
    k = len(campaign.names)
    return {
        "allocate": chosen(best(campaign, budget), k),
        "greedy by pairs": chosen(in_order(campaign, budget, campaign.accepts), k),
        "greedy by pairs, per cost": chosen(in_order(campaign, budget, campaign.accepts / campaign.costs), k),
        "evenly": evenly(campaign, budget),
    }


def expected(campaign: Campaign, plan: np.ndarray) -> tuple[float, float]:
    """Accepted offers and money spent, as the models say."""
    own = plan[:, :-1]
    return float((own * campaign.accepts).sum()), float((own * campaign.costs).sum())


def measured(campaign: Campaign, plan: np.ndarray, what: str = "accepted", estimator: str = "dr") -> Estimate:
    """Mean per customer of what a plan would have brought on the random sends of the last wave."""
    return evaluate(plan, campaign.log, estimator, **_given(campaign, what, estimator))


def difference(campaign: Campaign, a: np.ndarray, b: np.ndarray) -> Comparison:
    """How many more offers one plan would have had accepted than another, per customer; doubly robust."""
    return compare(a, b, campaign.log, "dr", **_given(campaign, "accepted", "dr"))


def _given(campaign: Campaign, what: str, estimator: str) -> dict[str, object]:
    models = {"accepted": campaign.accepts, "paid": campaign.costs}[what]
    # No offer, no acceptance and no cost.
    predicted = np.column_stack([models, np.zeros(len(models))]) if estimator == "dr" else None
    offers = [*campaign.offer_ids, c.NO_OFFER]
    return {"reward": what, "offers": offers, "support": KNOWN, "predicted_rewards": predicted}


def beside(campaign: Campaign, budgets: list[float]) -> pd.DataFrame:
    """Compare ways to spend budgets: expected, and measured with intervals of 95 %; sums over the customers."""
    n, rows = len(campaign.log), []
    for budget in budgets:
        ways = plans(campaign, budget)
        for name, plan in ways.items():
            accepted, spent = expected(campaign, plan)
            told, paid = measured(campaign, plan), measured(campaign, plan, "paid")
            weighed = measured(campaign, plan, estimator="ips")
            more = {}
            if name != "allocate":
                apart = difference(campaign, ways["allocate"], plan)
                more = {"allocate gains": n * apart.difference, "from": n * apart.low, "to": n * apart.high}
            rows.append(
                {
                    "budget": budget,
                    "plan": name,
                    "sent": plan[:, :-1].sum(),
                    "expected": accepted,
                    "spent": spent,
                    "accepted": n * told.value,
                    "low": n * told.low,
                    "high": n * told.high,
                    "by ips": n * weighed.value,
                    "paid": n * paid.value,
                    "paid low": n * paid.low,
                    "paid high": n * paid.high,
                    **more,
                }
            )
    return pd.DataFrame(rows)


def swept(campaign: Campaign, budgets: list[float]) -> pd.DataFrame:
    """Give the frontier over budgets, with the acceptances measured beside the expected ones."""
    found = frontier(campaign.accepts, campaign.limits(budgets[0]), "budget", budgets, progress=False)
    n, k = len(campaign.log), len(campaign.names)
    told = [measured(campaign, chosen(best(campaign, budget), k)) for budget in found["budget"]]
    numbers = pd.DataFrame([{"measured": n * one.value, "low": n * one.low, "high": n * one.high} for one in told])
    columns = ["budget", "value", "bound", "price", "used", "served"]
    return found[columns].assign(gap=found["bound"] / found["value"] - 1).join(numbers)


def draw(found: pd.DataFrame, table: pd.DataFrame, path: Path) -> None:
    """Write the frontier as a picture, with what was measured on the log."""
    ax = plot_frontier(found)
    ax.get_lines()[0].set_label("allocate, expected")
    bars = [found["measured"] - found["low"], found["high"] - found["measured"]]
    ax.errorbar(
        found["budget"], found["measured"], bars, fmt="s", color="#D55E00", capsize=3, label="allocate, measured (95 %)"
    )
    marks = {"greedy by pairs": "v#CC79A7", "greedy by pairs, per cost": "D#56B4E9", "evenly": "^#009E73"}
    for name, mark in marks.items():
        rows = table[table["plan"] == name]
        ax.plot(rows["budget"], rows["accepted"], mark[0], color=mark[1:], markersize=6, label=f"{name}, measured")
    ax.set(xlabel="Budget for rewards and contacts", ylabel="Offers accepted")
    ax.set_title("Starbucks set, last wave: offers accepted by budget")
    ax.legend(frameon=False, loc="upper left", fontsize=8)
    ax.get_figure().savefig(path, dpi=120)
