"""Several builders as one, on what a spine may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, cast

import pandas as pd

from nbo.errors import InputError
from nbo.features.base import FeatureBuilder
from nbo.features.event_plan import rows_read
from nbo.features.needs import is_plain, needs
from nbo.features.past import Past

__all__ = ["build_together", "check_builders", "fit_together", "refuse_twins"]

# Fewer rows take less memory than it takes time to let go of them.
_MANY = 1 << 16


def fit_together(builders: Sequence[FeatureBuilder], past: Past) -> None:
    """Fix the columns of all builders.

    Parameters
    ----------
    builders : sequence of FeatureBuilder
    past : Past

    Raises
    ------
    InputError
        If there are no builders, a builder has none of its tables, or two builders give
        columns of one name.
    """
    if not builders:
        raise InputError("a FeatureSet needs one builder or more; see FeatureSet.default(tables).")
    for builder in builders:
        builder.fit_past(past)
    refuse_twins(builders)


def build_together(builders: Sequence[FeatureBuilder], past: Past) -> pd.DataFrame:
    """Compute the columns of all builders; what only one of them found is let go after it.

    Parameters
    ----------
    builders : sequence of FeatureBuilder
        Fitted.
    past : Past of a spine of n rows

    Returns
    -------
    DataFrame of shape (n, k)
    """
    found: dict[str, Any] = {}
    for number, builder in enumerate(builders):
        columns = builder.columns(past)
        if past.n_rows > _MANY:
            _let_go(past, builders[number + 1 :])
        found |= past.given(columns)
        del columns
    return past.frame(found)


def _let_go(past: Past, later: Sequence[FeatureBuilder]) -> None:
    """Let go of what no later builder reads."""
    rows = rows_read([feature for builder in later if is_plain(builder) for feature in builder.features_])
    tables = needs(builder for builder in later if not is_plain(builder))
    past.keep(needs(later), lambda which: which in rows or which[0] in tables)


def check_builders(builders: Any) -> list[FeatureBuilder]:
    """Take feature builders as a list; one that is given is not copied.

    Parameters
    ----------
    builders : sequence of FeatureBuilder

    Returns
    -------
    list of FeatureBuilder

    Raises
    ------
    TypeError
        If it is none, such as a builder alone or a class.
    """
    given = builders if isinstance(builders, list) or not isinstance(builders, Iterable) else list(builders)
    wrong = [one for one in given if not isinstance(one, FeatureBuilder)] if isinstance(given, list) else [given]
    if wrong:
        shown = f"the class {wrong[0].__name__}" if isinstance(wrong[0], type) else repr(wrong[0])
        raise TypeError(f"builders must be a sequence such as [TransactionFeatures()]; got {shown}.")
    return cast("list[FeatureBuilder]", given)


def refuse_twins(builders: Sequence[FeatureBuilder]) -> None:
    """Refuse fitted builders that give columns of one name.

    Parameters
    ----------
    builders : sequence of FeatureBuilder

    Raises
    ------
    InputError
        Names such a column.
    """
    names = Counter(feature.feature for builder in builders for feature in builder.features_)
    twice = [name for name, n in names.items() if n > 1]
    if twice:
        raise InputError(
            f"two builders give the same columns, such as {twice[0]!r}, {len(twice)} in all; "
            "give all windows to one builder of a kind."
        )
