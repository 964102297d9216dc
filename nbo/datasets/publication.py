"""Where a data set comes from."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Publication"]


@dataclass(frozen=True)
class Publication:
    """Where a data set comes from, and on which terms.

    Parameters
    ----------
    name : str
        Name of the set, as :func:`nbo.datasets.load` takes it.
    title : str
        What people call it.
    publisher : str
        Who hands it out.
    page : str
        Address of the publisher's page.
    terms : str
        What its publisher allows, as far as it is stated.
    citation : str
        What to cite.

    Examples
    --------
    >>> Publication("toy", "Toy set", "Nobody", "example.org", "Free.", "Nobody (2020).").source
    'Nobody, example.org'
    """

    name: str
    title: str
    publisher: str
    page: str
    terms: str
    citation: str

    @property
    def source(self) -> str:
        """Publisher and page in one line."""
        return f"{self.publisher}, {self.page}"
