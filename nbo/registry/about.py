"""What is told about a model beside it: card, measures, profile and pictures."""

from __future__ import annotations

from pathlib import Path

from nbo.next_best_offer import NextBestOffer
from nbo.registry.curves import draw_curves

__all__ = ["write_about"]


def write_about(model: NextBestOffer, card: str, folder: Path) -> None:
    """Write ``model_card.md``, tables as CSV and curves as PNG.

    Parameters
    ----------
    model : NextBestOffer
        Fitted.
    card : str
    folder : Path
        It is made if it is not there. Gets ``validation.csv`` (measures by segment), ``predictions.csv`` (groups of
        like predictions), ``profile.csv`` and ``curves/``, as far as the model knows them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model_card.md").write_text(card, encoding="utf-8")
    later, profile = model.validation_, model.profile_
    tables = {} if later is None else {"validation": later.scores, "predictions": later.groups}
    if profile is not None:
        tables["profile"] = profile.to_frame()
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    if later is not None:
        draw_curves(later, folder / "curves")
