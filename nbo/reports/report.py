"""What all reports have in common: numbers on top, a summary, tables, plots, one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.reports.section import Section
from nbo.views import Page
from nbo.whole_files import whole_file

__all__ = ["Report"]

_FORMATS = ("parquet", "csv")


@dataclass(frozen=True)
class Report:
    """Numbers on top, a summary in words, and tables with their plots.

    Parameters
    ----------
    title : str
    subtitle : str, default=""
        What it is about, and as of when.
    facts : mapping of str to object, optional
        Label -> large number at the top of the page.
    summary : tuple of str, default=()
        What has changed and what to do, one sentence each.
    sections : tuple of Section, default=()
        In the order of the page; their names differ.

    Raises
    ------
    InputError
        If two sections have one name.

    Examples
    --------
    >>> offers = pd.DataFrame({"offer": ["card"], "n": [7]})
    >>> report = Report("Offers", facts={"Decisions": 7}, sections=(Section("offers", "By offer", offers),))
    >>> report.tables["offers"].values.tolist()
    [['card', 7]]
    >>> "By offer" in report.to_page().to_html()
    True
    """

    title: str
    subtitle: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    summary: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()

    def __post_init__(self) -> None:
        names = [section.name for section in self.sections]
        twice = [name for at, name in enumerate(names) if name in names[:at]]
        if twice:
            raise InputError(f"sections must have different names; {twice[0]!r} stands twice.")

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Name -> all rows of the table."""
        return MappingProxyType({section.name: section.frame for section in self.sections})

    def to_page(self) -> Page:
        """Put the report on a page.

        Returns
        -------
        Page
        """
        page = Page(self.title, self.subtitle).add_facts(self.facts)
        if self.summary:
            page.add_list("What changed, and what to do", self.summary)
        for section in self.sections:
            section.add_to(page)
        return page

    def to_html(self, path: str | Path) -> Path:
        """Write the page: one file, which needs no other and no network.

        Parameters
        ----------
        path : str or Path
            A file of that name is replaced.

        Returns
        -------
        Path
        """
        return self.to_page().write(path)

    def write_tables(self, folder: str | Path, format: str = "parquet") -> list[Path]:
        """Write all rows of all tables, a file each: the numbers of the page.

        Parameters
        ----------
        folder : str or Path
            Made if it is not there; files of the same names are replaced.
        format : {"parquet", "csv"}, default="parquet"

        Returns
        -------
        list of Path
            In the order of the page.

        Raises
        ------
        InputError
            If the format is another.
        """
        check_one_of(format, _FORMATS, "format")
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        paths = [place / f"{name}.{format}" for name in self.tables]
        for path, frame in zip(paths, self.tables.values(), strict=True):
            with whole_file(path) as aside:
                frame.to_parquet(aside, index=False) if format == "parquet" else frame.to_csv(aside, index=False)
        return paths

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.title!r}, {self.subtitle!r}, {len(self.sections)} tables)"

    def _repr_html_(self) -> str:
        facts = "".join(
            f"<li>{escape(str(name))}: <b>{escape(str(value))}</b></li>" for name, value in self.facts.items()
        )
        said = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.summary)
        tables = "".join(f"<li>{escape(part.name)}: {len(part.frame):,} rows</li>" for part in self.sections)
        head = f"<h3>{escape(self.title)}</h3><p>{escape(self.subtitle)}</p>"
        return f"{head}<ul>{facts}</ul><ul>{said}</ul><p>Tables</p><ul>{tables}</ul>"
