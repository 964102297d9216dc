"""The Starbucks Rewards log: ten offers, sent at random, and what came of them."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_rows
from nbo.datasets.data_set import DataSet
from nbo.datasets.files import find_layout, parse_days, read_file
from nbo.datasets.offer_instances import offer_instances
from nbo.datasets.publication import Publication
from nbo.datasets.row_ids import row_ids
from nbo.tables import Catalog, CustomerTables, Offer

__all__ = ["load_starbucks"]

_PUBLICATION = Publication(
    name="starbucks",
    title="Starbucks Rewards (Capstone Challenge)",
    publisher="Starbucks and Udacity",
    page="www.udacity.com (Data Scientist Nanodegree, capstone project)",
    terms="None stated; made for the students of that course, so do not redistribute.",
    citation="Starbucks and Udacity. Starbucks Capstone Challenge, Data Scientist Nanodegree. Simulated data.",
)
_LAYOUTS = {"": {stem: (f"{stem}.json", f"{stem}.parquet") for stem in ("portfolio", "profile", "transcript")}}
_LOG = [c.CUSTOMER_ID, "event", "time", c.OFFER_ID, c.AMOUNT, c.REWARD]
_START = pd.Timestamp("2018-07-27")
_AGE_MISSING = 118


def load_starbucks(path: str | os.PathLike[str]) -> DataSet:
    """Load the Starbucks Rewards log.

    A month of a simulated loyalty app: 17,000 customers, ten offers sent uniformly at random, views,
    completions and purchases. Good for policies and their evaluation, because the chance of every offer is known.

    Parameters
    ----------
    path : str or path
        Folder with ``portfolio``, ``profile`` and ``transcript``, each ``.json`` (JSON lines) or ``.parquet``.

    Returns
    -------
    DataSet
        `customers`, `transactions`, `events` (offers viewed and completed), `catalog`, `decisions` with
        `action_probability` and `outcomes`. An offer whose window was open at the end of the log, and which
        was not accepted until then, has no outcome.

    Raises
    ------
    DataSetNotFoundError
        If a file is not there.
    InputError
        If a file is not what it should be.

    Examples
    --------
    >>> load_starbucks("no such folder")
    Traceback (most recent call last):
    nbo.errors.DataSetNotFoundError: the data set Starbucks Rewards (Capstone Challenge) is not complete in ...
    """
    _, files = find_layout(path, _LAYOUTS, _PUBLICATION)
    portfolio, profile = read_file(files["portfolio"]), read_file(files["profile"])
    check_columns(portfolio, ["id", "offer_type", "difficulty", "reward", "duration", "channels"], "portfolio")
    check_columns(profile, ["id", "gender", "age", "income", "became_member_on"], "profile")
    log = _log(read_file(files["transcript"]))
    again = ((log["event"] == "offer completed") & log.duplicated()).to_numpy()
    log = log[~again]
    catalog = _catalog(portfolio)
    decisions, outcomes = _history(log, portfolio)
    tables = CustomerTables(
        customers=_customers(profile),
        transactions=_transactions(log),
        events=_events(log),
        catalog=_catalog_frame(catalog, portfolio),
        decisions=decisions,
        outcomes=outcomes,
    )
    return DataSet.published(_PUBLICATION, tables, catalog, _notes(int(again.sum()), len(decisions), len(outcomes)))


def _log(transcript: pd.DataFrame) -> pd.DataFrame:
    """Flatten the dicts of the column `value`; both spellings of the offer's key occur in the file."""
    log = transcript.rename(columns={"person": c.CUSTOMER_ID})
    if "value" in log.columns:
        values = log["value"]
        wrong = np.array([not isinstance(value, dict) for value in values], dtype=bool)
        check_rows(wrong, values, "transcript.value", "an object such as {'amount': 1.5}")
        offer_ids = [value.get("offer id", value.get("offer_id")) for value in values]
        log[c.OFFER_ID] = pd.Series(offer_ids, index=log.index, dtype="str")
        for name in (c.AMOUNT, c.REWARD):
            log[name] = pd.Series([value.get(name) for value in values], index=log.index, dtype=float)
    check_columns(log, _LOG, "transcript")
    texts = {name: log[name].astype("str") for name in (c.CUSTOMER_ID, "event", c.OFFER_ID)}
    return log[_LOG].assign(**texts)


def _moments(hours: pd.Series) -> pd.Series:
    return (_START + pd.to_timedelta(hours, unit="h")).astype("datetime64[us]")


def _customers(profile: pd.DataFrame) -> pd.DataFrame:
    age = profile[c.AGE].astype(float)
    return pd.DataFrame(
        {
            c.CUSTOMER_ID: profile["id"],
            c.GENDER: profile[c.GENDER].astype("str"),
            c.AGE: age.mask(age == _AGE_MISSING),
            "income": profile["income"].astype(float),
            c.SIGNED_UP_AT: parse_days(profile["became_member_on"], "profile.became_member_on"),
        }
    )


def _transactions(log: pd.DataFrame) -> pd.DataFrame:
    rows = log[log["event"] == "transaction"]
    return pd.DataFrame(
        {
            c.TRANSACTION_ID: row_ids("purchase", len(rows)),
            c.CUSTOMER_ID: rows[c.CUSTOMER_ID].to_numpy(),
            c.EVENT_TIME: _moments(rows["time"]).to_numpy(),
            c.KIND: c.SALE,
            c.AMOUNT: rows[c.AMOUNT].to_numpy(),
        }
    )


def _events(log: pd.DataFrame) -> pd.DataFrame:
    rows = log[log["event"].isin(["offer viewed", "offer completed"])]
    return pd.DataFrame(
        {
            c.CUSTOMER_ID: rows[c.CUSTOMER_ID].to_numpy(),
            c.EVENT_TIME: _moments(rows["time"]).to_numpy(),
            c.EVENT_TYPE: rows["event"].str.replace(" ", "_").to_numpy(),
            c.OFFER_ID: rows[c.OFFER_ID].to_numpy(),
        }
    )


def _catalog(portfolio: pd.DataFrame) -> Catalog:
    return Catalog(
        Offer(
            row["id"],
            value=float(max(row["difficulty"] - row["reward"], 0)),
            name=f"{row['offer_type']} {row['difficulty']}/{row['reward']}/{row['duration']}",
            kind=row["offer_type"],
            channels=tuple(row["channels"]),
        )
        for row in portfolio.to_dict("records")
    )


def _catalog_frame(catalog: Catalog, portfolio: pd.DataFrame) -> pd.DataFrame:
    extra = {name: portfolio[name].to_numpy() for name in ("difficulty", "reward")}
    return catalog.to_frame().assign(**extra, duration_days=portfolio["duration"].to_numpy())


def _history(log: pd.DataFrame, portfolio: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    sent = offer_instances(log, dict(zip(portfolio["id"], portfolio["duration"], strict=True)))
    decisions = pd.DataFrame(
        {
            c.DECISION_ID: row_ids("starbucks", len(sent)),
            c.CUSTOMER_ID: sent[c.CUSTOMER_ID],
            c.DECIDED_AT: _moments(sent["received_at"]),
            c.OFFER_ID: sent[c.OFFER_ID],
            c.ACTION_PROBABILITY: 1 / len(portfolio),
            c.POLICY: "uniform",
            "window_end": _moments(sent["window_end"]),
            "viewed": sent["viewed"],
            "completed": sent["completed"],
        }
    )
    outcomes = pd.DataFrame(
        {
            c.DECISION_ID: decisions[c.DECISION_ID],
            c.OUTCOME: np.where(sent["accepted"], c.ACCEPT, c.REJECT),
            c.OUTCOME_AT: _moments(sent["completed_at"].where(sent["accepted"], sent["window_end"])),
        }
    )
    over = sent["accepted"] | (sent["window_end"] <= log["time"].max())
    return decisions, outcomes[over].reset_index(drop=True)


def _notes(again: int, sent: int, resolved: int) -> tuple[str, ...]:
    return (
        "Simulated by the publisher, not real customers.",
        f"The log counts hours; here hour 0 is 2018-07-27 00:00, the day after the last sign-up (nominal). "
        f"Age {_AGE_MISSING} stands for missing and is missing here.",
        "Offers were sent uniformly at random: action_probability is 1 over the number of offers. Making no offer "
        "was not an action.",
        "accept: viewed and completed within the window, viewed first; outcome_at is the completion. reject: the "
        "window ended without that; outcome_at is its end. A window ends one hour before the same offer is sent again.",
        f"{sent - resolved} of {sent} offers were open when the log ended and have no outcome. Among the last sends "
        "those with an outcome are mostly accepted: compare rates only over windows that end within the log.",
        "value of an offer = difficulty - reward: the least spend that accepting takes, net of the reward. It is 0 for "
        "informational offers, which cannot be completed, and for buy-one-get-one offers.",
        "decisions.viewed and decisions.completed were known only afterwards: not features.",
        f"{again} exact repetitions of a completion are left out.",
    )
