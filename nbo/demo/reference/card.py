"""The card of a reference model: what it is, how good, for what, and for what not."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from nbo.demo.reference.tasks import Task
from nbo.registry.markdown import markdown_table
from nbo.simulate import World

__all__ = ["model_card"]

_CARD = """# {name}: a reference model

`{kind}` that predicts {title}.

**Trained on simulated data**, `nbo.simulate.World(customers={customers}, days=365, seed={seed}, live_days=1)`: no row
is of a real person. Made by `make models`; `nbo.models.load_reference("{name}")` loads it.

## Data

- Rows: {n:,} {rows}; {n_customers:,} customers.
- Moments: {first} to {last}; features know only what was known strictly before each (`as_of`).
- Features: {n_columns} columns, of `models/features.json` (`nbo.models.reference_features()`){beside}.
- The model stored here is trained on all rows; its figures are of the same model trained without the latest rows.

## Measured on later rows

{measured}

Intervals: 95 %, by a bootstrap over customers.

{tables}

## Made with

```python
{model!r}
```

## For what

To start from, to compare with, and to try nbo's decisions without training. Its columns are those of the simulated
world; on your tables, train your own.

## Not for what

- Decisions about people: it has never seen any.
- Other horizons, offers or seasons than those above.
- {limits}
"""
_LIMITS: Final[dict[str, str]] = {
    "propensity": "An offer that it has not seen is scored by its category, kind, value and cost alone.",
    "churn": "It says nothing of customers without a sale in the last 90 days: they are lost already.",
    "clv": "The level ratio says by how much the sum over all customers is off; a budget made of the sum needs it.",
    "uplift": "The other contacts are the control, so it is not the effect against no contact at all.",
}


def model_card(
    task: Task,
    model: Any,
    world: World,
    measured: pd.DataFrame,
    tables: dict[str, pd.DataFrame],
    customers: int,
    seed: int,
) -> str:
    """Write a card in Markdown.

    Parameters
    ----------
    task : Task
    model : estimator
        Fitted.
    world : World
    measured : DataFrame
        metric, value, low and high.
    tables : dict of str to DataFrame
        More, by heading.
    customers, seed : int
        Of the world.

    Returns
    -------
    str
    """
    beside = {"propensity": ", with the offer, its attributes and the channel", "clv": " and the purchase summary"}
    return _CARD.format(
        name=task.name,
        kind=type(model).__name__,
        title=task.title,
        customers=customers,
        seed=seed,
        n=len(task.X),
        rows=task.rows,
        n_customers=len(np.unique(task.groups)),
        first=f"{task.time.min():%Y-%m-%d}",
        last=f"{task.time.max():%Y-%m-%d}",
        n_columns=task.X.shape[1],
        beside=beside.get(task.name, ""),
        measured=markdown_table(measured[["metric", "value", "low", "high"]]),
        tables="\n\n".join(f"### {heading}\n\n{markdown_table(table)}" for heading, table in tables.items()),
        model=task.model,
        limits=_LIMITS[task.name],
    )
