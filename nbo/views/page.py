"""One page of HTML with facts, text, tables and plots, complete in one file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterable, Mapping
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from nbo.checks import check_frame
from nbo.views.formats import shown
from nbo.views.inline_svg import figure_of, inline_svg
from nbo.views.page_table import table_html
from nbo.whole_files import whole_file

__all__ = ["Page"]

# Plots are drawn a second time this wide, in inches; on a phone their letters are then large enough.
_PHONE_INCHES = 4.3


class Page:
    """Build one page of HTML that needs no other file and no network.

    Sections stand in the order in which they are added; facts stand on top. Tables can be
    sorted, plots are drawn in as SVG, and the page follows the reader's choice of light or
    dark, fits a phone, and prints. All text is escaped: nothing given is taken as HTML.

    Parameters
    ----------
    title : str
    subtitle : str, default=""
        A line below the title, such as what the page is about and as of when.
    lang : str, default="en"
        Language of the text, as in HTML.

    Examples
    --------
    >>> import pandas as pd
    >>> page = Page("Offers", "As of 2026-06-30")
    >>> page.add_facts({"Decisions": 1200}).add_table("By offer", pd.DataFrame({"offer": ["card"], "rate": [0.12]}))
    Page('Offers', 1 section)
    >>> "<td>card</td>" in page.to_html()
    False
    >>> page.to_html().count("<table>")
    1
    """

    def __init__(self, title: str, subtitle: str = "", *, lang: str = "en") -> None:
        self.title, self.subtitle, self.lang = title, subtitle, lang
        self._facts: dict[str, str] = {}
        self._sections: list[tuple[str, str]] = []

    def __repr__(self) -> str:
        return f"Page({self.title!r}, {len(self._sections)} section{'s' if len(self._sections) != 1 else ''})"

    def add_facts(self, facts: Mapping[str, Any]) -> Page:
        """Put large numbers with their labels at the top of the page.

        Parameters
        ----------
        facts : mapping of str to object
            Label -> value. Numbers are written for people; text such as "12 %" stays as it is.

        Returns
        -------
        Page
            The same.
        """
        self._facts.update({name: shown(value) for name, value in facts.items()})
        return self

    def add_text(self, heading: str, text: str) -> Page:
        """Add paragraphs; an empty line parts them.

        Parameters
        ----------
        heading : str
        text : str
            Plain text.

        Returns
        -------
        Page
            The same.
        """
        paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
        return self._add(heading, "".join(f"<p>{escape(part)}</p>" for part in paragraphs if part))

    def add_list(self, heading: str, sentences: Iterable[str]) -> Page:
        """Add sentences as a list, such as what was found.

        Parameters
        ----------
        heading : str
        sentences : iterable of str
            Plain text.

        Returns
        -------
        Page
            The same.
        """
        return self._add(heading, f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in sentences)}</ul>")

    def add_table(
        self,
        heading: str,
        frame: Any,
        note: str = "",
        plot: Any = None,
        caption: str = "",
        percent: Collection[str] = (),
    ) -> Page:
        """Add a frame as a table that can be sorted by a click on a header.

        Parameters
        ----------
        heading : str
        frame : DataFrame
            Shown without its index. Floats of a column get the same decimals.
        note : str, default=""
            Below the table: units, where the numbers come from.
        plot : Axes or Figure, optional
            Of the same numbers, drawn above the table.
        caption : str, default=""
            Below the plot.
        percent : collection of str, optional
            Columns of shares, to be shown as percent.

        Returns
        -------
        Page
            The same.

        Raises
        ------
        TypeError
            If it is not a frame, or the plot is neither Axes nor Figure.
        """
        table = table_html(check_frame(frame, "frame"), self._next_id(), percent)
        figure = "" if plot is None else self._figure(plot, caption, caption or heading)
        return self._add(heading, figure + table + (f'<p class="note">{escape(note)}</p>' if note else ""))

    def add_plot(self, heading: str, plot: Any, caption: str = "", alt: str = "") -> Page:
        """Add a plot, as it is now, as SVG.

        Parameters
        ----------
        heading : str
        plot : Axes or Figure
            Of matplotlib.
        caption : str, default=""
            Below the plot.
        alt : str, default=""
            What the plot shows, for who cannot see it; the caption or the heading by default.

        Returns
        -------
        Page
            The same.

        Raises
        ------
        TypeError
            If it is neither Axes nor Figure.
        InputError
            If heading, caption and alt are all empty.
        """
        return self._add(heading, self._figure(plot, caption, alt or caption or heading))

    def to_html(self) -> str:
        """Write the page.

        Returns
        -------
        str
            A whole HTML document; the same sections always give the same text.
        """
        style, script = (files("nbo.views").joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        # Nothing may be fetched, and no script but this one runs.
        policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:"
        return (
            f'<!doctype html>\n<html lang="{escape(self.lang)}">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n<link rel="icon" href="data:,">\n'
            f"<title>{escape(self.title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
            f"{self._header()}{self._contents()}<main>\n{self._body()}</main>\n<script>{script}</script>\n</body>\n</html>\n"
        )

    def write(self, path: str | Path) -> Path:
        """Write the page to a file, which appears whole or not at all.

        Parameters
        ----------
        path : str or Path
            Its folder is made if it is not there; a file of that name is replaced.

        Returns
        -------
        Path
        """
        place = Path(path)
        with whole_file(place) as aside:
            aside.write_text(self.to_html(), encoding="utf-8")
        return place

    def _next_id(self) -> str:
        return f"section{len(self._sections) + 1}"

    def _add(self, heading: str, content: str) -> Page:
        self._sections.append((heading, content))
        return self

    def _figure(self, plot: Any, caption: str, says: str) -> str:
        drawn = self._drawn(plot, says)
        below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
        box = f'<div class="plot" role="group" aria-labelledby="{self._next_id()}" tabindex="0">{drawn}</div>'
        return f"<figure>{box}{below}</figure>"

    def _drawn(self, plot: Any, says: str) -> str:
        number, figure = len(self._sections) + 1, figure_of(plot)
        drawn = inline_svg(plot, f"plot{number}", says)
        if figure.get_figwidth() <= _PHONE_INCHES:
            return drawn
        if figure.get_layout_engine() is None:
            # What does not lay itself out cannot be drawn anew for a phone; it moves sideways there.
            return drawn.replace("<svg", '<svg class="rigid"', 1)
        phone = inline_svg(plot, f"phone{number}", says, _PHONE_INCHES)
        return drawn.replace("<svg", '<svg class="wide"', 1) + phone.replace("<svg", '<svg class="narrow"', 1)

    def _header(self) -> str:
        subtitle = f'<p class="subtitle">{escape(self.subtitle)}</p>' if self.subtitle else ""
        facts = "".join(
            f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in self._facts.items()
        )
        row = f'<dl class="facts">{facts}</dl>' if facts else ""
        return f"<header>\n<h1>{escape(self.title)}</h1>{subtitle}{row}\n</header>\n"

    def _contents(self) -> str:
        """Link to the sections, where there are enough to get lost."""
        if len(self._sections) < 4:
            return ""
        links = (f'<li><a href="#section{n}">{escape(name)}</a></li>' for n, (name, _) in enumerate(self._sections, 1))
        return f'<nav aria-label="Contents"><ul>{"".join(links)}</ul></nav>\n'

    def _body(self) -> str:
        return "".join(
            f'<section aria-labelledby="section{n}">\n<h2 id="section{n}">{escape(name)}</h2>\n{content}\n</section>\n'
            for n, (name, content) in enumerate(self._sections, 1)
        )
