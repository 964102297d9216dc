"""The answers that an object may learn from."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from nbo import columns as c

if TYPE_CHECKING:
    from nbo.next_best_offer.next_best_offer import NextBestOffer

__all__ = ["own_answers"]

logger = logging.getLogger(__name__)


def own_answers(model: NextBestOffer, ledger: Any, as_of: Any, name: str | None = None) -> pd.DataFrame:
    """Read the feedback on decisions in the model's own segments.

    Parameters
    ----------
    model : NextBestOffer
    ledger : Ledger
    as_of : Timestamp or str or None
        Answers known before it count; None is now.
    name : str, optional
        Only decisions of this registered model, in any version. By default those of all models.

    Returns
    -------
    DataFrame
        Feedback, with the decisions that wait.
    """
    feedback: pd.DataFrame = ledger.feedback(as_of, window=model.window, pending=True)
    if name is not None:
        decided_by = feedback[c.MODEL_VERSION].astype("str")
        feedback = feedback[decided_by.str.fullmatch(rf"{re.escape(name)}/\d+").fillna(False)]
    if c.SEGMENT_SCHEME not in feedback:
        return feedback
    own = feedback[c.SEGMENT_SCHEME] == model.segmenter.scheme
    if not own.all():
        logger.warning("%d answers to decisions of other segments are left out", int((~own).sum()))
    return feedback[own]
