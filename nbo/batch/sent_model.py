"""A model on its way to other processes: the bytes of its stored form, never a pickle of the object."""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from nbo.next_best_offer import NextBestOffer

__all__ = ["SentModel"]


@dataclass(frozen=True)
class SentModel:
    """A model on its way to other processes.

    Parameters
    ----------
    files : bytes
        The files of ``NextBestOffer.to_dir`` in a zip archive.
    """

    files: bytes = field(repr=False)

    @classmethod
    def of(cls, model: NextBestOffer) -> SentModel:
        """Pack a model.

        Parameters
        ----------
        model : NextBestOffer
            Fitted.

        Returns
        -------
        SentModel
        """
        held = BytesIO()
        with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            place = Path(folder) / "bundle"
            model.to_dir(place)
            for path in sorted(place.rglob("*")):
                archive.write(path, path.relative_to(place))
        return cls(held.getvalue())

    def load(self) -> NextBestOffer:
        """Make the model again, once in a process.

        Returns
        -------
        NextBestOffer

        Raises
        ------
        BundleError
            If a file was altered.
        """
        return _loaded(self.files)


@lru_cache(maxsize=2)
def _loaded(files: bytes) -> NextBestOffer:
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(BytesIO(files)) as archive:
            archive.extractall(folder)
        return NextBestOffer.from_dir(folder)
