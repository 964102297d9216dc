"""Open Bandit: clicks on fashion items, logged with their action probabilities."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_one_of, check_probabilities
from nbo.datasets.data_set import DataSet
from nbo.datasets.files import find_layout, read_file
from nbo.datasets.publication import Publication
from nbo.datasets.row_ids import row_ids
from nbo.tables import Catalog, CustomerTables, Offer
from nbo.times import check_times

__all__ = ["load_open_bandit"]

_PUBLICATION = Publication(
    name="open_bandit",
    title="Open Bandit Dataset",
    publisher="ZOZO, Inc.",
    page="research.zozo.com/data.html",
    terms="The code of the publisher's repository is Apache-2.0; see the publisher's page for the data's terms.",
    citation=(
        "Saito, Y., Aihara, S., Matsutani, M. and Narita, Y. (2021). Open Bandit Dataset and Pipeline: towards "
        "realistic and reproducible off-policy evaluation. NeurIPS Datasets and Benchmarks. arXiv:2008.07146"
    ),
)
_POLICIES = ("random", "bts")
_CAMPAIGNS = ("men", "women", "all")
_LOGGED = ["timestamp", "item_id", "position", "click", "propensity_score"]
_USER_FEATURES = ["user_feature_0", "user_feature_1", "user_feature_2", "user_feature_3"]
# The levels of a hashed feature are few; eight hexadecimal digits tell them apart.
_DIGITS = 8


def load_open_bandit(path: str | os.PathLike[str], policy: str = "random", campaign: str = "men") -> DataSet:
    """Load one log of the Open Bandit Dataset.

    Impressions on a fashion site: one item at one of three positions, the probability with which it was chosen
    there, and whether it was clicked. Good for off-policy evaluation.

    Parameters
    ----------
    path : str or path
        Folder with ``random/men/men.csv`` and ``random/men/item_context.csv`` (other policies and campaigns
        likewise), or ``random_men.parquet`` and ``random_men_items.parquet``.
    policy : {"random", "bts"}, default="random"
        The policy that made the log: uniform, or Bernoulli Thompson sampling.
    campaign : {"men", "women", "all"}, default="men"
        34, 46 or 80 items.

    Returns
    -------
    DataSet
        `customers` (one per impression: `user_feature_*` and `user-item_affinity_*`), `catalog` (with
        `item_feature_*`), `decisions` with `action_probability`, `segment` and `position`, and `outcomes`: accept is a
        click.

    Raises
    ------
    DataSetNotFoundError
        If a file is not there.
    InputError
        If a file is not what it should be, or `policy` or `campaign` is another.

    Examples
    --------
    >>> load_open_bandit("no such folder", policy="bts", campaign="women")
    Traceback (most recent call last):
    nbo.errors.DataSetNotFoundError: the data set Open Bandit Dataset is not complete in 'no such folder'...
    """
    check_one_of(policy, _POLICIES, "policy")
    check_one_of(campaign, _CAMPAIGNS, "campaign")
    inside, stem = f"{policy}/{campaign}", f"{policy}_{campaign}"
    log_names = (f"{inside}/{campaign}.csv", f"{stem}.parquet")
    item_names = (f"{inside}/item_context.csv", f"{stem}_items.parquet")
    _, files = find_layout(path, {"": {"log": log_names, "items": item_names}}, _PUBLICATION)
    log, items = read_file(files["log"]), read_file(files["items"])
    check_columns(log, [*_LOGGED, *_USER_FEATURES], log_names[0])
    check_columns(items, ["item_id"], item_names[0])
    catalog = Catalog(Offer(_offer_id(item), value=1.0) for item in items["item_id"])
    features = {name: items[name].to_numpy() for name in items.columns if str(name).startswith("item_feature_")}
    ids = row_ids(f"{policy}-{campaign}", len(log))
    decisions = _decisions(log, ids, "uniform" if policy == "random" else "bernoulli_thompson")
    tables = CustomerTables(
        customers=_customers(log, ids),
        catalog=catalog.to_frame().assign(**features),
        decisions=decisions,
        outcomes=_outcomes(log, decisions),
    )
    return DataSet.published(_PUBLICATION, tables, catalog, _notes(policy))


def _offer_id(item: int) -> str:
    return f"item_{item}"


def _customers(log: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    affinities = [name for name in log.columns if str(name).startswith("user-item_affinity_")]
    customers = log[[*_USER_FEATURES, *affinities]].reset_index(drop=True)
    customers.insert(0, c.CUSTOMER_ID, ids)
    return customers


def _segments(log: pd.DataFrame) -> pd.Series:
    first, *others = (log[name].astype("str").str[:_DIGITS] for name in _USER_FEATURES)
    for part in others:
        first = first + "|" + part
    return first


def _decisions(log: pd.DataFrame, ids: pd.Series, policy: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            c.DECISION_ID: ids,
            c.CUSTOMER_ID: ids,
            c.DECIDED_AT: check_times(log["timestamp"], "timestamp"),
            c.OFFER_ID: log["item_id"].map(_offer_id).astype("str"),
            c.ACTION_PROBABILITY: check_probabilities(log["propensity_score"], "propensity_score", zero=False),
            c.SEGMENT: _segments(log),
            c.POLICY: policy,
            "position": log["position"],
        }
    )


def _outcomes(log: pd.DataFrame, decisions: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            c.DECISION_ID: decisions[c.DECISION_ID],
            c.OUTCOME: np.where(log["click"] == 1, c.ACCEPT, c.REJECT),
            c.OUTCOME_AT: decisions[c.DECIDED_AT],
        }
    )


def _notes(policy: str) -> tuple[str, ...]:
    known = "1 over the number of items" if policy == "random" else "the publisher's propensity_score"
    return (
        "No customer id is published: every impression is a customer of its own. The user's features hold since ever.",
        f"action_probability is {known}, for the item at its position. Those of the items not shown are not "
        "published. Making no offer was not an action.",
        "outcome_at is the time of the impression: the time of a click is not published.",
        "segment joins the first 8 digits of the user features. Their hashes are the same in all logs; those of the "
        "item features differ between policies.",
        "value of an offer = 1: values count clicks.",
        "The small version (10,000 impressions a log) has about 50 clicks: estimators can be checked with it, policies "
        "cannot be ranked.",
    )
