"""What was found: who accepts which offer more often, how sure that is, and who else is like them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_frame, check_one_of
from nbo.numbers import check_number
from nbo.segments.audiences.report import TYPES
from nbo.segments.audiences.subgroup import Subgroup
from nbo.states import check_state

__all__ = ["Audiences"]

_FORMAT = 1
_LIKE: Final = {
    c.OFFER_ID: "str",
    "expected_rate": "float64",
    "low": "float64",
    "high": "float64",
    c.REASON: "str",
}
_SHOWN: Final = [
    c.OFFER_ID,
    "rule",
    "n",
    "accepted",
    "rate",
    "rate_outside",
    "lift",
    "low",
    "high",
    "found_at",
    "stable",
]


@dataclass(frozen=True, repr=False, eq=False)
class Audiences:
    """Subgroups that accept an offer more often than everybody.

    Parameters
    ----------
    frame : DataFrame
        One row per audience, the surest first: offer_id, rule, share (of the customers who could
        get the offer), n and accepted (first answers of its customers), e_value, found_at (time of
        the last decision when it was first found), found_after (decisions seen by then), periods,
        periods_held and stable (lift above 1 in at least three quarters of the periods).
        Measured on customers whom the search has not seen: rate and rate_outside, weighted by one
        over the action probability, lift (rate over that of everybody), low and high (95 % interval
        of the lift). expected_rate, expected_low and expected_high: the rate drawn towards that
        of everybody, with a 95 % interval.
    by_period : DataFrame
        The audience's answers in each of four periods of as many answers to the offer: offer_id,
        rule, period, start, end, n, accepted, rate, rate_outside, lift, low, high. The answers
        by which it was found are among them, so these lifts are a little too large.
    subgroups : tuple of Subgroup
        Who is in it, in the order of `frame`.
    looked_at : dict of str to (int, float)
        Answers and acceptances of each offer.
    n_candidates : int
        Subgroups looked at for each offer.
    alpha : float
        Rate of false discoveries.
    """

    frame: pd.DataFrame
    by_period: pd.DataFrame
    subgroups: tuple[Subgroup, ...]
    looked_at: dict[str, tuple[int, float]]
    n_candidates: int
    alpha: float

    @classmethod
    def of(
        cls,
        rows: Sequence[Mapping[str, Any]],
        periods: Sequence[Mapping[str, Any]],
        subgroups: tuple[Subgroup, ...],
        looked_at: dict[str, tuple[int, float]],
        n_candidates: int,
        alpha: float,
    ) -> Self:
        """Make the tables from their rows.

        Parameters
        ----------
        rows, periods : sequence of mapping
            Rows of `frame` and of `by_period`.
        subgroups, looked_at, n_candidates, alpha
            As in the class.

        Returns
        -------
        Audiences
        """
        frame, by_period = (_typed(given, name) for name, given in (("frame", rows), ("periods", periods)))
        return cls(frame, by_period, subgroups, looked_at, n_candidates, alpha)

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        return f"{self._told()}\n{self.frame[_SHOWN].to_string(index=False)}" if len(self) else self._told()

    def _repr_html_(self) -> str:
        table = self.frame[_SHOWN].to_html(index=False, float_format="{:.3g}".format) if len(self) else ""
        return f"<p>{self._told()}</p>{table}"

    def like_customers(self, offer: str, X: pd.DataFrame, top: int | None = None) -> pd.DataFrame:
        """List the customers who are in an audience of an offer, the likeliest to accept first.

        Parameters
        ----------
        offer : str
            One of those looked at.
        X : DataFrame of shape (n, any)
            Features of customers, with an index that names them.
        top : int, optional
            At most so many; all by default.

        Returns
        -------
        DataFrame
            With the index of `X`, for those in an audience: offer_id, expected_rate with low and
            high (of the audience that accepts most, of those the customer is in), and the reason
            in words. Equal rates keep the order of `X`. Where the offer has no audience it is
            empty, and ``.attrs["why"]`` says why.

        Raises
        ------
        InputError
            If the offer was not looked at, `top` is below 1, or a feature is missing.
        """
        check_one_of(offer, list(self.looked_at), "offer")
        if top is not None:
            check_number(top, "top", "1 or more", lambda number: number >= 1, whole=True)
        X = check_frame(X, "X")
        rows = self.frame[self.frame[c.OFFER_ID] == offer].sort_values("expected_rate", ascending=False, kind="stable")
        best, reasons = np.full(len(X), -1), np.full(len(X), "", dtype=object)
        for rank, position in enumerate(rows.index):
            inside = self.subgroups[position].holds(X)
            best[inside & (best < 0)] = rank
            told = _reason(self.frame.loc[position])
            reasons[inside] = [f"{said}; {told}" if said else told for said in reasons[inside]]
        chosen = np.flatnonzero(best >= 0)
        chosen = chosen[np.argsort(best[chosen], kind="stable")][:top]
        expected = rows[["expected_rate", "expected_low", "expected_high"]].to_numpy()[best[chosen]]
        columns = [np.full(len(chosen), offer, dtype=object), *expected.T, reasons[chosen]]
        result = pd.DataFrame(dict(zip(_LIKE, columns, strict=True)), index=X.index[chosen]).astype(_LIKE)
        if not len(rows):
            result.attrs["why"] = self.why(offer)
        return result

    def why(self, offer: str) -> str:
        """Say what was found of an offer, or why nothing was.

        Parameters
        ----------
        offer : str
            One of those looked at.

        Returns
        -------
        str

        Raises
        ------
        InputError
            If the offer was not looked at.
        """
        check_one_of(offer, list(self.looked_at), "offer")
        n, accepted = self.looked_at[offer]
        found = int((self.frame[c.OFFER_ID] == offer).sum())
        if found:
            return f"{found} audience{'s' if found > 1 else ''} of {offer} found on {n:,} answers."
        if not accepted:
            return f"Nobody has accepted {offer} yet ({n:,} answers), so nobody is like those who did."
        return (
            f"No subgroup is sure to accept {offer} more often than everybody: {accepted:,.0f} of {n:,} customers have "
            f"accepted, and {self.n_candidates:,} subgroups were looked at with a rate of false discoveries of "
            f"{self.alpha:g}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Give all as JSON values.

        Returns
        -------
        dict
        """
        return {
            "audiences": "Audiences",
            "format": _FORMAT,
            "frame": _plain(self.frame),
            "by_period": _plain(self.by_period),
            "subgroups": [subgroup.to_dict() for subgroup in self.subgroups],
            "looked_at": {offer: list(counts) for offer, counts in self.looked_at.items()},
            "n_candidates": self.n_candidates,
            "alpha": self.alpha,
        }

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Rebuild.

        Parameters
        ----------
        state : dict
            Of :meth:`to_dict`, also after a way through JSON text.

        Returns
        -------
        Audiences

        Raises
        ------
        InputError
            If the state is of something else, of another format, or incomplete.
        """
        parts = {"frame": list, "by_period": list, "subgroups": list, "looked_at": dict}
        state = check_state(state, "audiences", "Audiences", _FORMAT, parts)
        subgroups = tuple(Subgroup.from_dict(subgroup) for subgroup in state["subgroups"])
        looked_at = {offer: (int(n), float(accepted)) for offer, (n, accepted) in state["looked_at"].items()}
        numbers = int(state["n_candidates"]), float(state["alpha"])
        return cls.of(state["frame"], state["by_period"], subgroups, looked_at, *numbers)

    def _told(self) -> str:
        n = sum(n for n, _ in self.looked_at.values())
        offers = self.frame[c.OFFER_ID].nunique()
        count = f"{len(self)} audience{'' if len(self) == 1 else 's'} of {offers} of {len(self.looked_at)} offers"
        return f"{count}, found in {n:,} answers among {self.n_candidates:,} subgroups of each (alpha {self.alpha:g})."


def _reason(row: pd.Series) -> str:
    counted = f"{row['accepted']:.0f} of {row['n']:,} accepted"
    if np.isnan(row["lift"]):
        return f"{row['rule']}: accepts more often than everybody, how much is not known yet ({counted})"
    between = f"{row['low']:.1f} to {row['high']:.1f}"
    return f"{row['rule']}: accepts {row['lift']:.1f} times as often as everybody ({between}; {counted})"


def _typed(rows: Sequence[Mapping[str, Any]], table: str) -> pd.DataFrame:
    if not rows:
        return _empty(table).copy()
    return pd.DataFrame({name: _column([row[name] for row in rows], type_) for name, type_ in TYPES[table].items()})


@cache
def _empty(table: str) -> pd.DataFrame:
    """Make the table without rows, which most looks give, only once."""
    return pd.DataFrame({name: pd.Series(dtype=type_) for name, type_ in TYPES[table].items()})


def _column(values: list[Any], type_: str) -> pd.Series:
    if type_ == "float64":
        return pd.Series([np.nan if value is None else float(value) for value in values], dtype=float)
    column = pd.Series(values, dtype=object)
    return (pd.to_datetime(column) if type_.startswith("datetime") else column).astype(type_)  # type: ignore[call-overload]


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): _json_value(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _json_value(value: Any) -> Any:
    if pd.isna(value) or value in (np.inf, -np.inf):
        return None if pd.isna(value) else str(value)
    return value.isoformat() if isinstance(value, pd.Timestamp) else value
