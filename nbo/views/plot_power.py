"""What a test finds, by how many customers it has or how large the effect is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.errors import InputError
from nbo.experiments import Design
from nbo.numbers import check_number
from nbo.views.axes import COLORS, FAINT, MARKERS, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_power"]

_POINTS = 120


def plot_power(
    design: Design, effect: Any = None, treated: Any = None, ax: Axes | None = None, *, power: float = 0.8
) -> Axes:
    """Plot the chance to find an effect, against the number of customers or the size of the effect.

    Parameters
    ----------
    design : Design
        What is compared.
    effect : float or sequence of float, optional
        Effects, a line each, over the treated customers. Either this or `treated`.
    treated : int or sequence of int, optional
        Numbers of treated customers, a line each, over effects.
    ax : Axes, optional
        Where to draw; a new figure by default.
    power : float, default=0.8
        Chance that is asked for, in (0, 1); where a line reaches it there is a marker.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If not just one of `effect` and `treated` is given, or one of them is not allowed.

    Examples
    --------
    >>> from nbo.experiments import Design
    >>> ax = plot_power(Design(baseline=0.10), effect=[0.02, 0.03])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['effect 0.02: 3,841 treated', 'effect 0.03: 1,774 treated']
    """
    check_number(power, "power", "in (0, 1)", lambda share: 0 < share < 1)
    if (effect is None) == (treated is None):
        raise InputError("either effect or treated must be given.")
    lines = np.atleast_1d(np.asarray(effect if treated is None else treated, dtype=float))
    if not len(lines):
        raise InputError("effect or treated must have at least one number; got none.")
    ax = calm(new_axes(ax), grid="both")
    ax.axhline(100 * power, color=FAINT, linestyle="--", linewidth=1)
    drawn = _by_customers(design, lines, power) if treated is None else _by_effect(design, lines, power)
    for number, (label, x, y, at) in enumerate(drawn):
        color, marker = COLORS[number % len(COLORS)], MARKERS[number % len(MARKERS)]
        ax.plot(x, 100 * y, color=color, linewidth=1.8)
        ax.plot([at], [100 * power], marker, color=color, markersize=7, label=label, linestyle="")
    ax.set(ylim=(0, 100), xlim=(0, None))
    ax.set_xlabel("Treated customers" if treated is None else "Effect")
    ax.set_ylabel("Chance to find it (%)")
    if treated is None:
        ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=2)
    return ax


def _by_customers(design: Design, effects: np.ndarray, power: float) -> list[tuple[str, np.ndarray, np.ndarray, float]]:
    sizes = [design.sample_size(float(effect), power).treated for effect in effects]
    x = np.unique(np.linspace(2, 1.6 * max(sizes), _POINTS).round())
    rows = zip(effects, sizes, strict=True)
    return [(f"effect {own:g}: {n:,} treated", x, design.power(float(own), x), float(n)) for own, n in rows]


def _by_effect(design: Design, treated: np.ndarray, power: float) -> list[tuple[str, np.ndarray, np.ndarray, float]]:
    found = [design.detectable_effect(int(n), power) for n in treated]
    if np.isnan(found).all():
        raise InputError("treated is too small: no effect would be found.")
    top = 1.6 * np.nanmax(found)
    if design.baseline is not None and design.sd is None:
        top = min(top, (1 - 1e-6 - design.baseline) / design.exposed)
    x = np.linspace(0, top, _POINTS)
    rows = zip(treated, found, strict=True)
    return [
        (f"{n:,.0f} treated: effect {own:.3g}", x, np.array([design.power(float(size), float(n)) for size in x]), own)
        for n, own in rows
    ]
