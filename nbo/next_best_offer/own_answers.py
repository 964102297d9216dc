"""The answers that an object may learn from."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pandas as pd

from nbo import columns as c

if TYPE_CHECKING:
    from nbo.next_best_offer.next_best_offer import NextBestOffer

__all__ = ["own_answers"]

logger = logging.getLogger(__name__)


def own_answers(model: NextBestOffer, ledger: Any, as_of: Any) -> pd.DataFrame:
    """Read the feedback on decisions in the model's own segments.

    Parameters
    ----------
    model : NextBestOffer
    ledger : Ledger
    as_of : Timestamp or str or None
        Answers known before it count; None is now.

    Returns
    -------
    DataFrame
        Feedback, with the decisions that wait.
    """
    feedback: pd.DataFrame = ledger.feedback(as_of, window=model.window, pending=True)
    if c.SEGMENT_SCHEME not in feedback:
        return feedback
    own = feedback[c.SEGMENT_SCHEME] == model.segmenter.scheme
    if not own.all():
        logger.warning("%d answers to decisions of other segments are left out", int((~own).sum()))
    return feedback[own]
