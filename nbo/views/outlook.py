"""Where the customer stands on the way and what it is about: what a snapshot says of the way ahead."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.journeys import NextActionModel, StageModel, interests
from nbo.tables import Spine, TableColumns
from nbo.views.cut import Cut
from nbo.views.field import Field
from nbo.views.formats import plain
from nbo.views.own_rows import OwnRows, newest

__all__ = ["KnownRows", "expected_now", "stage_fields", "topics"]

_MOST = 3
# Tables of which a customer's rows all have its id.
_OF_ONE = ("transactions", "cases", "referrals", "events", "social", "surveys", "decisions")


class KnownRows:
    """What was known of one customer, as calculations read tables.

    Parameters
    ----------
    known : dict of str to Cut
        See :func:`nbo.views.known_rows.known_tables`; its events are those of the customer already.
    customer_id : str or int
    """

    def __init__(self, known: dict[str, Cut], customer_id: Any) -> None:
        self._known = {name: rows for name, rows in known.items() if name != "identities"}
        self._columns: dict[str, TableColumns] = {}
        self._kind = pd.CategoricalDtype(pd.Index([customer_id]))

    def has(self, name: str) -> bool:
        """Tell whether a table is there."""
        return name in self._known

    def columns(self, name: str) -> TableColumns:
        """Give a table column by column; what is found of a column is kept."""
        if name not in self._known:
            return TableColumns.without_rows(name)
        if name not in self._columns:
            rows = self._known[name]
            own = {c.CUSTOMER_ID: partial(self._own_id, len(rows))} if name in _OF_ONE else {}
            self._columns[name] = rows.with_made(own).columns()
        return self._columns[name]

    def _own_id(self, n: int) -> pd.Categorical:
        """Give the id of the customer, of whom all rows are: many times faster than to take and compare texts."""
        return pd.Categorical.from_codes(np.zeros(n, dtype=np.int8), dtype=self._kind, validate=False)


def stage_fields(
    journey: StageModel | None, known: KnownRows, spine: Spine, rows: dict[str, OwnRows]
) -> tuple[Field, Field]:
    """Say where the customer stands, and which stage most likely comes next.

    Parameters
    ----------
    journey : StageModel or None
        None: the default funnel says the stage, nothing the next one.
    known : KnownRows
    spine : Spine
        One row.
    rows : dict of str to OwnRows
        The same in order of time, see :func:`nbo.views.known_rows.complete_rows`.

    Returns
    -------
    stage : Field
        Dict with stage, since and days_in_stage (whole days); None for who has done nothing that leads into one.
    next_stage : Field
        Dict with stage and probability, of the stages other than this one, and step; None if it is not known.
    """
    model = StageModel() if journey is None else journey
    time = _newest(rows, "events", "transactions")
    row = model.stages(known, spine).iloc[0]
    if plain(row["stage"]) is None:
        return Field(None, "events, transactions", time), Field(None, "events, transactions", time)
    stage = {"stage": row["stage"], "since": row["since"], "days_in_stage": int(row["days_in_stage"])}
    return Field(stage, "events, transactions", time), Field(
        _next_stage(model, row["stage"]), "events, transactions", time
    )


def _next_stage(model: StageModel, stage: str) -> dict[str, Any] | None:
    if not hasattr(model, "steps_"):
        return None
    chances = model.transitions()
    others = chances[(chances["stage"] == stage) & (chances["next_stage"] != stage)]
    if others.empty:
        return None
    best = max(others.to_dict("records"), key=lambda other: other["probability"])
    return {"stage": best["next_stage"], "probability": best["probability"], "step": model.step}


def expected_now(next_action: NextActionModel | None, known: KnownRows, spine: Spine) -> Field:
    """Say what the customer most likely wants, if it calls now.

    Parameters
    ----------
    next_action : NextActionModel or None
        None: nothing is said.
    known : KnownRows
    spine : Spine
        One row.

    Returns
    -------
    Field
        List of dicts with action and probability, the most likely first; None without a model.
    """
    moment = spine.frame[c.AS_OF].iloc[0]
    if next_action is None:
        return Field(None, "model", moment)
    found = next_action.predict(known, spine, k=_MOST)
    return Field(found[["action", "probability"]].to_dict("records"), "model", moment)


def topics(known: KnownRows, spine: Spine, rows: dict[str, OwnRows]) -> dict[str, Field]:
    """Name what interests the customer most, and what pains it most.

    Parameters
    ----------
    known : KnownRows
    spine : Spine
        One row.
    rows : dict of str to OwnRows
        The same in order of time.

    Returns
    -------
    dict of str to Field
        interests and pains: lists of dicts with topic and share (of all interest, or all pain), the strongest first.
    """
    found = interests(known, spine)
    sources = {"interest": ("events", "social"), "pain": ("cases", "social", "surveys")}
    told: dict[str, list[dict[str, Any]]] = {kind: [] for kind in sources}
    for kind, topic, share in zip(found["kind"], found["topic"], found["share"].tolist(), strict=True):
        if len(told[kind]) < _MOST:
            told[kind].append({"topic": topic, "share": share})
    return {f"{kind}s": Field(told[kind], ", ".join(own), _newest(rows, *own)) for kind, own in sources.items()}


def _newest(rows: dict[str, OwnRows], *names: str) -> pd.Timestamp | None:
    """Give the time of the newest row of some tables."""
    return newest(np.concatenate([rows[name].times[-1:] for name in names]))
