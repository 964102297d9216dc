"""The card of a model: what it is for, what it learnt from, how good it was, and what it is not for."""

from __future__ import annotations

import platform
from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.arbitration import Playbook
from nbo.models import reliability
from nbo.next_best_offer import NextBestOffer
from nbo.registry.curves import rows_of
from nbo.registry.markdown import markdown_table
from nbo.registry.signature import requirements

__all__ = ["PARTS", "model_card", "shortened"]

PARTS = ("propensity", "churn", "clv", "uplift", "segmenter", "policy")

_SHOWN = ["rate", "mean_probability", "auc", "log_loss", "ece"]
_LONGEST = 300
# The registries of MLflow keep so many letters of a description.
_ROOM = 5000


def model_card(model: NextBestOffer, name: str) -> str:
    """Write the card of a model in Markdown; of how good it is, it says only what was measured.

    Parameters
    ----------
    model : NextBestOffer
        Fitted.
    name : str
        What it is registered as.

    Returns
    -------
    str
    """
    sections = {
        "For what": _purpose(model),
        "Learnt from": _data(model),
        "Measured on later rows": _measured(model),
        "Not for what": _limits(model),
        "Parts": _parts(model),
        "Offers": _offers(model),
        "Rules": _rules(model),
        "By offer, channel and segment": _by_segment(model),
        "Calibration: groups of like probability": _calibration(model),
        "Made with": f"Python {platform.python_version()}, {', '.join(requirements())}",
    }
    told = [f"## {heading}\n\n{text}" for heading, text in sections.items() if text]
    return "\n\n".join([f"# {name}: a next-best-offer model", *told]) + "\n"


def shortened(card: str) -> str:
    """Give the first sections of a card, as many as a description has room for.

    Parameters
    ----------
    card : str

    Returns
    -------
    str
        5000 letters or fewer.
    """
    if len(card) <= _ROOM:
        return card
    rest = "\n\nThe rest is in model_card.md of the run.\n"
    return card[: card.rfind("\n\n## ", 0, _ROOM - len(rest))] + rest


def _purpose(model: NextBestOffer) -> str:
    lines = [
        f"- P(accept) of each of {len(model.catalog)} offers by each customer, where no answer in {model.window} "
        "counts as a refusal; from it the priority of each offer, in money.",
        f"- Decisions by `{type(model.policy).__name__}`, each with the probability with which it was drawn.",
    ]
    if model.churn is not None:
        lines.append(f"- P(leaves) within {model.churn.horizon}.")
    if model.clv is not None:
        lines.append(f"- What a customer brings within {model.clv.horizon}, in money.")
    if model.uplift is not None:
        lines.append("- What offers change, of those that were tried in an experiment.")
    return "\n".join(lines)


def _data(model: NextBestOffer) -> str:
    lines, told = [f"- What was known before {model.as_of_}, and nothing later."], model.trained_on_
    if told:
        first, last = told["decided"]
        lines += [
            f"- {told['answers']:,} answered decisions of {told['customers']:,} customers, made from {first} to "
            f"{last}; {told['accepted']:,} were accepted.",
            *(f"- {n:,} labeled rows for {part}." for part, n in told["labels"].items()),
            f"- Rows: {', '.join(f'{name} {n:,}' for name, n in told['rows'].items())}.",
        ]
    return "\n".join([*lines, f"- {len(model.features.feature_names)} features."])


def _measured(model: NextBestOffer) -> str:
    parts = [part for part in ("propensity", "churn") if f"{part}_auc" in model.metrics_]
    missing = [part for part in PARTS if getattr(model, part) is not None and part not in parts]
    unmeasured = f"Not measured: {', '.join(missing)}."
    if not parts:
        return unmeasured
    names = [name.removeprefix(f"{parts[0]}_") for name in model.metrics_ if name.startswith(f"{parts[0]}_")]
    columns = {part: [model.metrics_.get(f"{part}_{name}") for name in names] for part in parts}
    since = "" if model.validation_ is None else _since(model.validation_.scores)
    table = markdown_table(pd.DataFrame({"metric": names, **columns}))
    how = (
        "The model is trained on all rows; these figures are of copies trained without the latest quarter of them, "
        "and measured there."
    )
    return f"{how} {since}{unmeasured}\n\n{table}"


def _since(scores: pd.DataFrame) -> str:
    begins = scores.groupby("part", sort=False)["since"].first()
    return "".join(f"The later rows of {part} begin at {begin}. " for part, begin in begins.items())


def _limits(model: NextBestOffer) -> str:
    lines = [
        "- Other customers, offers, channels or seasons than those it has learnt from: nothing here says how good it "
        "is for them.",
        "- The figures are of what was offered then, to whom it was offered then. What another choice brings, only an "
        "off-policy evaluation or an experiment tells.",
        "- The segments were made with the rows that they are measured on among the rest.",
    ]
    if model.uplift is None:
        lines.append("- What an offer changes: who accepts might have bought anyway. That needs a model of uplift.")
    return "\n".join(lines)


def _parts(model: NextBestOffer) -> str:
    kinds = [(part, getattr(model, part)) for part in PARTS]
    rows = [(part, f"`{_short(kind)}`") for part, kind in kinds if kind is not None]
    return markdown_table(pd.DataFrame(rows, columns=["part", "settings"]))


def _short(part: Any) -> str:
    text = " ".join(repr(part).split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " ..."


def _offers(model: NextBestOffer) -> str:
    frame = model.catalog.to_frame()
    told = [c.OFFER_ID, c.NAME, c.CATEGORY, c.VALUE, c.COST, c.CHANNELS, c.VALID_FROM, c.VALID_UNTIL]
    return markdown_table(frame[told].dropna(axis="columns", how="all"))


def _rules(model: NextBestOffer) -> str:
    rules = [f"- `{_short(rule)}`" for rule in model.rules] or ["None: every offer may be made to everybody."]
    if isinstance(model.rules, Playbook):
        book = model.rules
        rules.insert(0, f"Playbook {book.name}, version {book.version}, {book.hash}:\n")
    return "\n".join(rules)


def _by_segment(model: NextBestOffer) -> str:
    if model.validation_ is None:
        return ""
    scores = model.validation_.scores
    rows = scores[scores["segmentation"] != "all"]
    table = markdown_table(rows[["part", "segmentation", c.SEGMENT, "n", *_SHOWN]])
    return f"Without intervals: what a few rows say is mostly chance.\n\n{table}" if len(rows) else ""


def _calibration(model: NextBestOffer) -> str:
    if model.validation_ is None or model.validation_.groups.empty:
        return ""
    tables = [
        reliability(*rows_of(groups)).assign(part=part)
        for part, groups in model.validation_.groups.groupby("part", sort=False)
    ]
    return markdown_table(pd.concat(tables)[["part", "probability", "rate", "n"]])
