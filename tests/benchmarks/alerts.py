"""Precision, recall and lead time of weekly alerts in the simulated world, beside rules at the same number of alerts.

    python -m tests.benchmarks.alerts

Everything is simulated. A churn model is fitted on who left in the first part of the world. Then alerts run every week
for months, each run with the past of the earlier ones, and nobody acts on them. Beside them, with as many alerts
each week: customers at random, those with the newest complaint, and those with the highest true hazard, which
nobody knows outside a simulation.

    python -m tests.benchmarks.alerts --ceiling

measures how many of those ranked highest leave, by the model, by the newest complaint, and by complaint and true
satisfaction: what the best model could know of the world's lasting causes and their factors.

    python -m tests.benchmarks.alerts --size 1000000

measures time and memory of one run for so many customers whose scores are given.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.alerting import AlertQuality, alert_quality, alerts
from nbo.features import FeatureSet, OfferHistoryFeatures, SocialFeatures, TransactionFeatures
from nbo.models import ChurnModel
from nbo.simulate import World
from nbo.simulate.lives import COMPLAINT_FACTOR
from nbo.tables import CustomerTables, Spine

HORIZON = "60D"
ACTIONS = pd.DataFrame({"action": ["call"], "cost": [1.0], "relative_reduction": [0.5]})
VALUE = 100.0


class Season:
    """A world, who left when, and a churn model fitted on its first part.

    Parameters
    ----------
    customers, days, seed : int
        Of the world.
    weeks : int
        Weekly runs after training, the last of which is followed by a whole horizon.
    """

    def __init__(self, customers: int, days: int = 420, seed: int = 3, weeks: int = 16) -> None:
        self.world = World(customers=customers, days=days, seed=seed)
        self.tables = self.world.tables
        self.left = self._left()
        self.moments = [
            self.world.end - pd.Timedelta(HORIZON) - pd.Timedelta(weeks=week) for week in range(weeks, 0, -1)
        ]
        self._fit()

    def _left(self) -> pd.DataFrame:
        """When each customer was there for the last time, which the truth alone knows."""
        ids = self.tables.customers[c.CUSTOMER_ID].unique()
        days = pd.date_range(self.world.start, self.world.end, freq="D", inclusive="left")
        there = np.column_stack([self.world.truth.alive(ids, day) for day in days])
        first, last = days[there.argmax(axis=1)], days[len(days) - 1 - there[:, ::-1].argmax(axis=1)]
        gone = there.any(axis=1) & (last < days[-1])
        left_at = pd.Series(last + pd.Timedelta("1D")).where(gone)
        frame = pd.DataFrame({c.CUSTOMER_ID: ids, "left_at": left_at, "joined_at": first})
        return frame[there.any(axis=1)].reset_index(drop=True)

    def there(self, moment: pd.Timestamp) -> np.ndarray:
        """Ids of who is there: the owner of a contract knows that."""
        rows = ~(self.left["left_at"] <= moment) & (self.left["joined_at"] <= moment)
        return self.left.loc[rows, c.CUSTOMER_ID].to_numpy()

    def _fit(self) -> None:
        now, ahead = self.moments[0], pd.Timedelta(HORIZON)
        every = pd.date_range(now - pd.Timedelta("240D"), now - ahead, freq="15D")
        asked = pd.concat([Spine.at(moment, self.there(moment)).frame for moment in every], ignore_index=True)
        left_at = self.left.set_index(c.CUSTOMER_ID)["left_at"].reindex(asked[c.CUSTOMER_ID]).to_numpy()
        left = left_at < (asked[c.AS_OF] + ahead).to_numpy()
        self.features = FeatureSet(
            [TransactionFeatures(windows=["30D", "60D"]), SocialFeatures(windows=["180D"]), OfferHistoryFeatures()]
        )
        spine = Spine.of(asked)
        X = self.features.fit(self.tables, spine).build(self.tables, spine)
        self.columns = [name for name in X if name.startswith(("cases", "surveys", "social__sentiment", "decisions"))]
        self.model = ChurnModel(horizon=HORIZON, num_leaves=4, min_child_samples=200)
        self.model.fit(X[self.columns], left, time=asked[c.AS_OF], groups=asked[c.CUSTOMER_ID])

    def scores(self, moment: pd.Timestamp) -> pd.DataFrame:
        """The model's churn probabilities of who is there."""
        spine = Spine.at(moment, self.there(moment))
        p = self.model.predict_proba(self.features.build(self.tables, spine)[self.columns])[:, 1]
        return pd.DataFrame({c.CUSTOMER_ID: spine.frame[c.CUSTOMER_ID], c.CHURN_PROBABILITY: p})

    def run(self, share: float) -> pd.DataFrame:
        """Alert every week on at most a share of the customers, and give all that was raised."""
        past, raised = None, []
        for moment in self.moments:
            scores = self.scores(moment)
            most = int(np.ceil(share * len(scores)))
            past = alerts(
                scores,
                self.tables,
                moment,
                actions=ACTIONS,
                value=VALUE,
                customers=scores[c.CUSTOMER_ID],
                past=past,
                budget={"campaign:call": most},
                threshold=float(scores[c.CHURN_PROBABILITY].quantile(0.9)),
                horizon=HORIZON,
                causes=None,
            )
            raised.append(past.frame)
        return pd.concat(raised, ignore_index=True)

    def rule(self, raised: pd.DataFrame, name: str) -> pd.DataFrame:
        """As many alerts each week by another rule, each customer once within the horizon."""
        rng, last, found = np.random.default_rng(1), {}, []
        for moment in self.moments:
            ids = self.there(moment)
            free = np.array([moment - last.get(who, moment - pd.Timedelta("999D")) for who in ids]) >= pd.Timedelta(
                HORIZON
            )
            rank = self._ranked(ids, moment, name, rng)
            chosen = ids[np.argsort(np.where(free, -rank, np.inf), kind="stable")]
            chosen = chosen[: int((raised["raised_at"] == moment).sum())]
            last |= dict.fromkeys(chosen, moment)
            found.append(pd.DataFrame({c.CUSTOMER_ID: chosen, "raised_at": moment}))
        return pd.concat(found, ignore_index=True)

    def _ranked(self, ids: np.ndarray, moment: pd.Timestamp, name: str, rng: np.random.Generator) -> np.ndarray:
        if name == "at random":
            return rng.random(len(ids))
        if name == "true hazard":
            return self.world.truth.churn_hazard(ids, moment)
        cases = self.tables.get("cases")
        made = cases[(cases[c.KIND] == "complaint") & (cases[c.OPENED_AT] < moment)]
        newest = made.groupby(c.CUSTOMER_ID)[c.OPENED_AT].max().reindex(ids)
        # Who never complained comes last, in random order.
        return newest.fillna(pd.Timestamp("1970-01-01")).astype("int64").to_numpy(float) + rng.random(len(ids))

    def quality(self, raised: pd.DataFrame) -> AlertQuality:
        """Measure against all who left from the first run on."""
        return alert_quality(raised, self.left, horizon=HORIZON, start=self.moments[0], until=self.world.end)


def compare(season: Season, share: float) -> dict[str, AlertQuality]:
    """Measure alerts and the other rules at the same number of alerts.

    Parameters
    ----------
    season : Season
    share : float
        Of the customers, at most so many alerts a week.

    Returns
    -------
    dict of str to AlertQuality
    """
    raised = season.run(share)
    ways = {"alerts": raised}
    ways |= {name: season.rule(raised, name) for name in ("complaint only", "at random", "true hazard")}
    return {name: season.quality(rows) for name, rows in ways.items()}


def ceiling(season: Season, share: float) -> pd.Series:
    """Share of leavers among those ranked highest, the mean of all weeks.

    Parameters
    ----------
    season : Season
    share : float
        Of the customers, how many count as ranked highest.

    Returns
    -------
    Series
    """
    left_at, rng = season.left.set_index(c.CUSTOMER_ID)["left_at"], np.random.default_rng(1)
    cases = season.tables.get("cases")
    made = cases[cases[c.KIND] == "complaint"]
    people = season.world.truth._responses.people
    weeks = []
    for moment in season.moments:
        scores = season.scores(moment)
        ids = scores[c.CUSTOMER_ID].to_numpy()
        recent = (made[c.OPENED_AT] < moment) & (made[c.OPENED_AT] >= moment - pd.Timedelta("60D"))
        upset = np.isin(ids, made.loc[recent, c.CUSTOMER_ID])
        satisfaction = people.satisfaction[season.world.truth._rows(ids)]
        ranks = {
            "churn model": scores[c.CHURN_PROBABILITY].to_numpy(),
            "newest complaint": season._ranked(ids, moment, "complaint only", rng),
            "complaint and true satisfaction": np.where(upset, COMPLAINT_FACTOR, 1.0) * np.exp(-0.3 * satisfaction),
            "true hazard": season._ranked(ids, moment, "true hazard", rng),
        }
        leaves = (left_at.reindex(ids) < moment + pd.Timedelta(HORIZON)).to_numpy()
        most = int(np.ceil(share * len(ids)))
        weeks.append({name: leaves[np.argsort(-rank, kind="stable")[:most]].mean() for name, rank in ranks.items()})
    return pd.DataFrame(weeks).mean()


def one_run(size: int) -> str:
    """Time one run for many customers whose scores are given."""
    rng = np.random.default_rng(1)
    ids, now = np.arange(size), pd.Timestamp("2026-06-30")
    n_cases, n_events, n_sales = size // 5, 3 * size, 3 * size

    def times(n: int, days: int = 180) -> pd.Series:
        return pd.Series(now - pd.to_timedelta(rng.integers(1, days * 86_400, n), unit="s")).astype("datetime64[us]")

    tables = CustomerTables(
        customers=pd.DataFrame({c.CUSTOMER_ID: ids, "owner": rng.choice([None, *"abcdefghij"], size)}),
        cases=pd.DataFrame(
            {c.CUSTOMER_ID: rng.choice(ids, n_cases), c.OPENED_AT: times(n_cases), c.KIND: "complaint"}
        ).assign(topic=rng.choice(["delivery", "billing"], n_cases), closed_at=pd.NaT),
        events=pd.DataFrame({c.CUSTOMER_ID: rng.choice(ids, n_events), c.EVENT_TIME: times(n_events)}),
        transactions=pd.DataFrame({c.CUSTOMER_ID: rng.choice(ids, n_sales), c.EVENT_TIME: times(n_sales, 365)}),
    )
    scores = pd.DataFrame(
        {c.CUSTOMER_ID: ids, c.CHURN_PROBABILITY: rng.beta(1, 9, size), "clv": rng.gamma(2, 300, size)}
    )
    actions = pd.DataFrame({"action": ["call", "letter"], "cost": [20.0, 2.0], "relative_reduction": [0.4, 0.05]})
    begin = time.perf_counter()
    found = alerts(scores, tables, now, actions=actions, budget=1000, threshold=0.2)
    first = time.perf_counter() - begin
    again = alerts(scores, tables, now + pd.Timedelta("7D"), actions=actions, budget=1000, threshold=0.2, past=found)
    second = time.perf_counter() - begin - first
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return f"{found!r}\n{again!r}\nfirst run {first:.1f} s, second {second:.1f} s, peak memory {peak:.2f} GiB"


def main() -> None:
    """Print the comparison, or the time of one run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--ceiling", action="store_true")
    parser.add_argument("--size", type=int, default=0)
    given = parser.parse_args()
    if given.size:
        sys.stdout.write(one_run(given.size) + "\n")
        return
    if given.ceiling:
        sys.stdout.write(ceiling(Season(given.customers, seed=given.seed), given.share).to_string() + "\n")
        return
    for name, quality in compare(Season(given.customers, seed=given.seed), given.share).items():
        sys.stdout.write(f"{name}\n{quality.frame.to_string(index=False)}\n")


if __name__ == "__main__":
    main()
