"""A plot as a piece of SVG that fits into a page, in light and in dark."""

from __future__ import annotations

import io
import re
import textwrap
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from nbo.errors import InputError
from nbo.views.axes import COLORS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["figure_of", "inline_svg"]

_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}"
# Colors that would be hard to see on one of the two grounds. The page says what they are.
_COLORS_OF_PAGE = {"#000000": "currentColor", COLORS[0].lower(): f"var(--blue, {COLORS[0]})"}
# Pixels of CSS in a point.
_PIXELS = 4 / 3
# Letters of a name beside the axes that fit in a line on a phone.
_LONG = 26
# How much higher a plot is for each further line of its names.
_LINE = 0.45
# On a phone, where long numbers below the axes would run into each other.
_TICKS = 4


def inline_svg(plot: Any, prefix: str, alt: str, width: float | None = None) -> str:
    """Draw a plot as SVG to stand inside HTML.

    Its ground is transparent, and what was black takes the color of the text around it. Ids get
    a prefix, so that several plots on a page do not mix up their parts.

    Parameters
    ----------
    plot : Axes or Figure
        Of matplotlib; not changed.
    prefix : str
        Differs from plot to plot.
    alt : str
        What the plot shows, for who cannot see it.
    width : float, optional
        Draw it this wide, in inches; as it is by default.

    Returns
    -------
    str
        One ``svg`` element.

    Raises
    ------
    TypeError
        If it is neither Axes nor Figure.
    InputError
        If `alt` is empty.
    """
    if not alt.strip():
        raise InputError("alt must say what the plot shows, for who cannot see it; got an empty text.")
    root = ET.fromstring(_drawn(figure_of(plot), width))
    for metadata in root.findall(f"{_SVG}metadata"):
        root.remove(metadata)
    for parent in list(root.iter()):
        # matplotlib's style is for every element of the page; the page has its own rule instead.
        for style in parent.findall(f"{_SVG}style"):
            parent.remove(style)
        legend = parent.get("id", "").startswith("legend")
        for element in parent.iter() if legend else [parent]:
            _adapt_colors(element, legend)
    for element in root.iter():
        _rename(element, prefix)
    root.attrib.pop("version", None)
    size = {side: f"{float(root.attrib.pop(side).removesuffix('pt')) * _PIXELS:.0f}" for side in ("width", "height")}
    root.attrib.update({**size, "role": "img", "aria-label": alt, "fill": "currentColor"})
    return ET.tostring(root, encoding="unicode")


def figure_of(plot: Any) -> Figure:
    """Give the figure that Axes are on; a figure is given as it is.

    Parameters
    ----------
    plot : Axes or Figure

    Returns
    -------
    Figure

    Raises
    ------
    TypeError
        If it is neither.
    """
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    figure = plot.get_figure(root=True) if isinstance(plot, Axes) else plot
    if not isinstance(figure, Figure):
        raise TypeError(f"a plot must be matplotlib Axes or a Figure; got {type(plot).__name__}.")
    return figure


def _drawn(figure: Figure, width: float | None) -> str:
    from matplotlib import rc_context

    as_it_was = (float(figure.get_figwidth()), float(figure.get_figheight()))
    text = io.StringIO()

    # The salt makes ids, and so the page, the same from run to run; letters stay letters.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "nbo"}):
        bring_back: list[Callable[[], Any]] = []
        try:
            lines = 1
            if width is not None:
                _fewer_ticks(figure, bring_back)
                lines = _wrap_labels(figure, bring_back)
            height = as_it_was[1] * (1 + _LINE * (lines - 1))
            figure.set_size_inches(as_it_was[0] if width is None else width, height)
            figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
        finally:
            figure.set_size_inches(*as_it_was)
            for change in bring_back:
                change()
    return text.getvalue()


def _fewer_ticks(figure: Figure, bring_back: list[Callable[[], Any]]) -> None:
    """Leave a few round numbers below the axes, where matplotlib chose them."""
    from matplotlib.ticker import AutoLocator, MaxNLocator

    for ax in figure.axes:
        locator = ax.xaxis.get_major_locator()
        if isinstance(locator, AutoLocator):
            bring_back.append(partial(ax.xaxis.set_major_locator, locator))
            ax.xaxis.set_major_locator(MaxNLocator(_TICKS, steps=[1, 2, 2.5, 5, 10]))


def _wrap_labels(figure: Figure, bring_back: list[Callable[[], Any]]) -> int:
    """Break long names beside and below the axes into lines; give the most lines that a name has."""
    from matplotlib.ticker import FixedFormatter, FixedLocator

    lines = 1
    for ax in figure.axes:
        below, axis, formatter = ax.get_xlabel(), ax.yaxis, ax.yaxis.get_major_formatter()
        bring_back.append(partial(ax.set_xlabel, below))
        ax.set_xlabel("\n".join(textwrap.fill(line, _LONG) for line in below.split("\n")))
        names = [label.get_text() for label in ax.get_yticklabels()]
        if isinstance(axis.get_major_locator(), FixedLocator) and max(map(len, names), default=0) > _LONG:
            bring_back.append(partial(axis.set_major_formatter, formatter))
            wrapped = [textwrap.fill(name, _LONG) for name in names]
            lines = max(lines, *(name.count("\n") + 1 for name in wrapped))
            axis.set_major_formatter(FixedFormatter(wrapped))
    return lines


def _adapt_colors(element: ET.Element, in_legend: bool) -> None:
    style = element.get("style")
    if style is None:
        return
    for color, name in _COLORS_OF_PAGE.items():
        style = style.replace(color, name)
    if in_legend:
        # The ground of a legend would stay white at night, under text that turns light.
        style = style.replace("fill: #ffffff", "fill: none")
    element.set("style", style)


def _rename(element: ET.Element, prefix: str) -> None:
    # HTML knows no namespaces.
    element.tag = element.tag.removeprefix(_SVG)
    for name in list(element.attrib):
        value = element.attrib.pop(name)
        value = re.sub(r"url\(#", f"url(#{prefix}-", value)
        if name in (f"{_XLINK}href", "href"):
            name, value = "href", re.sub("^#", f"#{prefix}-", value)
        elif name == "id":
            value = f"{prefix}-{value}"
        element.set(name, value)
