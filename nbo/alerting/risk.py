"""Risk and value at stake of each customer, from a model or from scores made before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.alerting import alert_columns as a
from nbo.alerting.matching import rows_of
from nbo.checks import check_columns, check_frame, check_keys, check_numbers, check_rows
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.tables import CustomerTables, Spine
from nbo.times import check_times

__all__ = ["customer_risk", "retention_actions", "scored"]

_RETENTION = "retention"
_CONTACT = "personal contact"


def scored(model: Any, tables: CustomerTables, spine: Spine, moment: pd.Timestamp) -> pd.DataFrame:
    """Ask a model for scores, or take scores made before.

    Parameters
    ----------
    model : object with ``score(tables, spine)``, or DataFrame
        Of a frame with `as_of`, each customer's last rows at or before the moment count.
    tables : CustomerTables
    spine : Spine
    moment : Timestamp

    Returns
    -------
    DataFrame
        customer_id, churn_probability and what else there is.

    Raises
    ------
    InputError
        If it is neither or has no churn model, a column is missing, or a customer has several rows that are not of
        several offers.
    """
    if getattr(model, "churn", model) is None:
        raise InputError("model has no churn model, so nobody's risk is known: fit it with churn=ChurnModel().")
    if hasattr(model, "predict_proba"):
        raise InputError(
            f"model must be a NextBestOffer, a CauseModel or a frame of scores; got {type(model).__name__}. Give "
            "its predictions as a frame with customer_id and churn_probability."
        )
    frame = model.score(tables, spine) if hasattr(model, "score") else check_frame(model, "model")
    check_columns(frame, [c.CUSTOMER_ID, c.CHURN_PROBABILITY], "the scores")
    check_keys(frame[c.CUSTOMER_ID], "scores.customer_id")
    if c.AS_OF in frame:
        times = check_times(frame[c.AS_OF], "scores.as_of")
        frame, times = frame[(times <= moment).to_numpy()], times[times <= moment]
        frame = frame[(times == times.groupby(frame[c.CUSTOMER_ID].to_numpy()).transform("max")).to_numpy()]
    keys = [c.CUSTOMER_ID, *([c.OFFER_ID] if c.OFFER_ID in frame else [])]
    twice = frame.duplicated(keys).to_numpy()
    check_rows(twice, frame[c.CUSTOMER_ID], "scores.customer_id", f"there once for each {' and '.join(keys)}")
    return frame


def customer_risk(model: Any, scores: pd.DataFrame, spine: Spine, value: Any) -> pd.DataFrame:
    """Set risk and value at stake beside the customers of a spine.

    Parameters
    ----------
    model : object
        What gave the scores; one without a CLV model knows no "clv".
    scores : DataFrame
        As :func:`scored` gives them.
    spine : Spine of n rows
    value : str, float or DataFrame
        Column of the scores, one number for all, or a frame with customer_id and value.

    Returns
    -------
    DataFrame of n rows
        customer_id, churn_probability and value_at_stake; missing where nobody knows.

    Raises
    ------
    InputError
        If the value is none of these or the model does not know it, or a probability is not in [0, 1].
    """
    if isinstance(value, str) and value == c.CLV and getattr(model, "clv", model) is None:
        raise InputError(
            "model has no CLV model, so nobody knows what is at stake: fit it with clv=CLVModel(), or give value, a "
            "number for all or a frame with customer_id and value."
        )
    one = scores if c.OFFER_ID not in scores else scores.drop_duplicates(c.CUSTOMER_ID)
    place = rows_of(spine.frame[c.CUSTOMER_ID], one[c.CUSTOMER_ID], "scores.customer_id")
    risk = check_numbers(one[c.CHURN_PROBABILITY], "scores.churn_probability")
    check_rows((risk < 0) | (risk > 1), risk, "scores.churn_probability", "in [0, 1], or missing")
    at_stake = _values(one, place, spine.frame[c.CUSTOMER_ID], value)
    check_rows(np.isinf(at_stake), at_stake, "value at stake", "a finite number, or missing")
    return pd.DataFrame(
        {
            c.CUSTOMER_ID: spine.frame[c.CUSTOMER_ID],
            c.CHURN_PROBABILITY: np.append(risk, np.nan)[place],
            a.VALUE_AT_STAKE: at_stake,
        }
    )


def _values(scores: pd.DataFrame, place: np.ndarray, ids: pd.Series, value: Any) -> np.ndarray:
    if isinstance(value, str):
        if value not in scores:
            have = ", ".join(map(str, scores.columns))
            raise InputError(
                "value must be a column of the scores, a number, or a frame with customer_id and value; got "
                f"{value!r}, and the scores have {have}."
            )
        return np.append(check_numbers(scores[value], f"scores.{value}"), np.nan)[place]
    if hasattr(value, "columns"):
        frame = check_frame(value, "value")
        check_columns(frame, [c.CUSTOMER_ID, c.VALUE], "value")
        check_rows(frame[c.CUSTOMER_ID].duplicated().to_numpy(), frame[c.CUSTOMER_ID], "value.customer_id", "different")
        places = rows_of(ids, frame[c.CUSTOMER_ID], "value.customer_id")
        return np.append(check_numbers(frame[c.VALUE], "value.value"), np.nan)[places]
    allowed = "a column of the scores, a number above 0, or a frame with customer_id and value"
    return np.full(len(place), float(check_number(value, "value", allowed, lambda money: 0 < money < np.inf)))


def retention_actions(model: Any, scores: pd.DataFrame, assumed: float | None) -> pd.DataFrame:
    """Take the offers of kind "retention" as actions, for the customers who may get them.

    Where the catalog has none, a personal contact stands for all that can be done, at the cost of the dearest offer.

    Parameters
    ----------
    model : object
        Its `catalog` says which offers these are; of a frame of scores, its column `kind`.
    scores : DataFrame
        By customer and offer, with the `uplift` of the chance to stay, and `cost`.
    assumed : float or None
        Share of the risk that each is taken to remove where the uplift of none is known.

    Returns
    -------
    DataFrame
        customer_id, action, cost, and churn_reduction; or relative_reduction where it is assumed.

    Raises
    ------
    InputError
        If there is no such offer, or the uplift of none is known and nothing is assumed.
    """
    found, general = _retention_rows(model, scores), _personal_contact(model, scores, assumed)
    if general is not None:
        return general
    known = found[c.UPLIFT].notna() if c.UPLIFT in found else pd.Series(False, index=found.index)
    if found.empty or not (known.any() or assumed is not None):
        lacks = "there is no offer of kind 'retention' that anybody may get" if found.empty else "no uplift is known"
        raise InputError(
            f"no action is known that keeps customers: {lacks}. Give actions, a frame with action, cost and "
            "relative_reduction or churn_reduction; or a model with offers of kind 'retention'."
        )
    found = found[known] if known.any() else found
    effect = {a.CHURN_REDUCTION: found[c.UPLIFT]} if known.any() else {a.RELATIVE_REDUCTION: assumed}
    cost = found.get(c.COST, 0.0)
    columns = {c.CUSTOMER_ID: found[c.CUSTOMER_ID], a.ACTION: found[c.OFFER_ID], **effect, c.COST: cost}
    return pd.DataFrame(columns).reset_index(drop=True)


def _retention_rows(model: Any, scores: pd.DataFrame) -> pd.DataFrame:
    if c.OFFER_ID not in scores:
        return scores.iloc[:0]
    allowed = scores["eligible"].to_numpy(dtype=bool) if "eligible" in scores else np.ones(len(scores), dtype=bool)
    return scores[_made_to_keep(model, scores) & allowed]


def _made_to_keep(model: Any, scores: pd.DataFrame) -> np.ndarray:
    if c.KIND in scores:
        return (scores[c.KIND] == _RETENTION).to_numpy(dtype=bool)
    offers = [offer.offer_id for offer in getattr(model, "catalog", None) or () if offer.kind == _RETENTION]
    return scores[c.OFFER_ID].isin(offers).to_numpy()


def _personal_contact(model: Any, scores: pd.DataFrame, assumed: float | None) -> pd.DataFrame | None:
    """Take a contact with each customer as the action; None where offers to keep them, or no costs, are known."""
    if assumed is None or c.OFFER_ID not in scores or c.COST not in scores or _made_to_keep(model, scores).any():
        return None
    dearest = float(scores[c.COST].max())
    if not dearest > 0:
        return None
    customers = scores[c.CUSTOMER_ID].drop_duplicates().reset_index(drop=True)
    return pd.DataFrame({c.CUSTOMER_ID: customers, a.ACTION: _CONTACT, a.RELATIVE_REDUCTION: assumed, c.COST: dearest})
