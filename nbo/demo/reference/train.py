"""Train the reference models: ``python -m nbo.demo.reference.train models``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from sklearn.base import clone

from nbo.demo.reference.card import model_card
from nbo.demo.reference.tasks import Task, reference_tasks
from nbo.demo.stages import Stages
from nbo.evaluation import validate_model
from nbo.models import TimeSplit, compare_uplift, uplift_at, uplift_by_decile
from nbo.simulate import World

__all__ = ["train_reference"]

_DAYS = 365
_LATER = 0.3


def train_reference(
    out: str | Path, *, customers: int = 12_000, seed: int = 7, progress: bool | None = None
) -> dict[str, dict[str, float]]:
    """Train the four reference models, and write them with their cards.

    Parameters
    ----------
    out : str or Path
        Folder; each model gets a folder in it.
    customers : int, default=12000
        Customers of the simulated world.
    seed : int, default=7
    progress : bool, optional
        Show the stages; by default on.

    Returns
    -------
    dict of str to dict of str to float
        By model, its metrics on later rows than those it was trained on.
    """
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, dict[str, float]] = {}
    with Stages(progress) as stages:
        stages.begin(f"simulate {customers:,} customers and build their features")
        world = World(customers=customers, days=_DAYS, seed=seed, live_days=1)
        features, tasks = reference_tasks(world)
        text = json.dumps(features.to_dict(), separators=(",", ":"), sort_keys=True)
        (folder / "features.json").write_text(text + "\n", encoding="utf-8", newline="\n")
        for task in tasks:
            stages.begin(f"train and measure {task.name}")
            measured, tables = _uplift_measured(task) if task.name == "uplift" else _measured(task)
            model = clone(task.model).fit(task.X, task.y, time=task.time, groups=task.groups, **task.more)
            model.to_dir(folder / task.name)
            card = model_card(task, model, world, measured, tables, customers, seed)
            (folder / task.name / "README.md").write_text(card, encoding="utf-8", newline="\n")
            figures = json.loads(measured[["metric", "value", "low", "high"]].round(5).to_json(orient="records"))
            (folder / task.name / "metrics.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
            found[task.name] = dict(zip(measured["metric"], measured["value"].astype(float), strict=True))
    return found


def _measured(task: Task) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Measure a propensity, a churn or a value model on the latest rows."""
    split = None if hasattr(task.model, "horizon") else TimeSplit(test_share=0.2, horizon="14D")
    found = validate_model(
        task.model, task.X, task.y, time=task.time, groups=task.groups, segments=task.segments, split=split,
        progress=False,
    )  # fmt: skip
    one = "auc" if "auc" in found.metrics else "level_ratio"
    by_segment = found.by_segment[found.by_segment["metric"] == one]
    tables = {f"By segment: {one}": by_segment.drop(columns=["metric", "reason"], errors="ignore")}
    if len(found.calibration):
        tables["Calibration: groups of like probability"] = found.calibration
    else:
        deciles = found.deciles.pivot_table(index="decile", columns="metric", values="value", sort=False)
        tables["By tenth, the highest predictions first"] = deciles.reset_index()
    return found.overall, tables


def _uplift_measured(task: Task) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Measure uplift on the latest contacts, against a random order and a plain response model."""
    order = np.sort(task.time.to_numpy())
    later = (task.time >= order[int((1 - _LATER) * len(order))]).to_numpy()
    more = {name: values[~later] for name, values in task.more.items()}
    model = clone(task.model).fit(task.X[~later], task.y[~later], groups=task.groups[~later], **more)
    rows, y = task.X[later], task.y[later]
    treated, probability = task.more["treatment"][later], task.more["treatment_probability"][later]
    uplift = model.predict(rows)
    response = model.predict_outcomes(rows)[:, 0]
    compared = compare_uplift(
        y, treated, {"uplift": uplift, "response": response}, response="response", treatment_probability=probability
    )
    top = uplift_at(y, treated, uplift, 0.3, treatment_probability=probability)
    average = uplift_at(y, treated, uplift, 1.0, treatment_probability=probability)
    measured = pd.DataFrame(_figures(compared, {"uplift_at_30%": top, "uplift_at_100%": average}))
    return measured, {"By tenth, the highest uplift first": uplift_by_decile(y, treated, uplift, probability)}


def _figures(compared: pd.DataFrame, others: dict[str, float]) -> list[dict[str, Any]]:
    rows = [
        {"metric": f"qini of {row['model']}", "value": row["qini"], "low": row["low"], "high": row["high"]}
        for row in compared.to_dict("records")
    ]
    return rows + [{"metric": name, "value": value, "low": np.nan, "high": np.nan} for name, value in others.items()]


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--customers", default=12_000, show_default=True)
@click.option("--seed", default=7, show_default=True)
def main(out: Path, customers: int, seed: int) -> None:
    """Train the reference models on the simulated world, and write them to OUT."""
    for name, metrics in train_reference(out, customers=customers, seed=seed).items():
        click.echo(f"{name}: " + ", ".join(f"{metric} {value:.4g}" for metric, value in metrics.items()))


if __name__ == "__main__":
    main()
