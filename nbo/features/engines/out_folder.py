"""The folder that a build writes to, and what may be taken as done in it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from nbo.errors import InputError
from nbo.locked_folder import locked_folder
from nbo.whole_files import whole_file

__all__ = ["OutFolder", "is_unfinished", "read_manifest"]

_MANIFEST, _WORK, _PLAN = "manifest.json", "_work", "plan.json"
_BEGUN = ("build", "partitions")
_DONE = (*_BEGUN, "rows", "columns", "features", "dictionary", "parts")
_OURS = re.compile(r"(manifest\.json|part-\d{5,}\.parquet|_work|\..*)")
_STAMP = b"nbo_build"


def read_manifest(out: Path) -> dict[str, Any]:
    """Read what a build that is done says of itself.

    Parameters
    ----------
    out : Path

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If no build is done there.
    """
    if not (out / _MANIFEST).exists():
        raise InputError(f"{out} holds no features that are done: there is no {_MANIFEST}. Build them again.")
    return _read(out / _MANIFEST, _DONE)


def is_unfinished(out: Path) -> bool:
    """Tell whether a build was begun in a folder and is not done.

    Parameters
    ----------
    out : Path

    Returns
    -------
    bool
    """
    return (out / _WORK).exists()


class OutFolder:
    """The folder that a build writes to, and what may be taken as done in it.

    While a build goes on, ``_work/plan.json`` says which it is. Each part carries the build's
    stamp in its footer, and gets its name only once it is whole. The manifest comes last, and then
    the work folder goes.

    Parameters
    ----------
    path : Path
        Made by :meth:`begin` if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.work = path, path / _WORK
        self._plan: dict[str, Any] = {}

    def check(self) -> None:
        """Refuse a place that holds what no build wrote.

        Raises
        ------
        InputError
            If it is a file, or has other files.
        """
        if self.path.exists() and not self.path.is_dir():
            raise InputError(f"{self.path} is a file; `out` must be a folder, which is made if it is not there.")
        names = sorted(path.name for path in self.path.iterdir()) if self.path.exists() else []
        foreign = [name for name in names if not _OURS.fullmatch(name)]
        if foreign:
            raise InputError(f"{self.path} holds files that no build of features wrote, such as {foreign[0]!r}.")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep the folder for one build at a time, as long as its process lives.

        Raises
        ------
        InputError
            If another build is at work here.
        """
        with locked_folder(self.path, "build"):
            yield

    def is_done(self, build: dict[str, str], partitions: int | None, overwrite: bool) -> bool:
        """Tell whether this very build is done here; if not, nothing of another is left.

        Parameters
        ----------
        build : dict of str to str
            What it goes by.
        partitions : int or None
            How many are asked for.
        overwrite : bool
            Whether to take away what another build wrote.

        Returns
        -------
        bool

        Raises
        ------
        InputError
            If another build is here, or a part of this one is gone or has changed, and it is not
            to be overwritten.
        """
        try:
            return self._is_done(build, partitions)
        except InputError as error:
            if not overwrite:
                raise InputError(f"{error} Choose another folder, or overwrite=True to build anew.") from error
            self._clear()
            return False

    def _is_done(self, build: dict[str, str], partitions: int | None) -> bool:
        manifest, plan = self.path / _MANIFEST, self.work / _PLAN
        if manifest.exists():
            done = _read(manifest, _DONE)
            self._check_same(done, build, partitions)
            for part in done["parts"]:
                path = self.path / part["file"]
                if not path.exists() or path.stat().st_size != part["bytes"]:
                    raise InputError(f"{path} is not as it was written.")
            self._remove_work()
            return True
        if plan.exists():
            self._check_same(_read(plan, _BEGUN), build, partitions)
        elif any(self.path.glob("part-*")):
            raise InputError(f"{self.path} holds parts, and nothing says of which build.")
        return False

    def begin(self, build: dict[str, str], partitions: int) -> int:
        """Begin a build, or go on with it.

        Parameters
        ----------
        build : dict of str to str
            What it goes by.
        partitions : int
            How many to make, if it is not begun yet.

        Returns
        -------
        int
            How many partitions there are.
        """
        plan = self.work / _PLAN
        if not plan.exists():
            with whole_file(plan) as aside:
                aside.write_text(json.dumps({"build": build, "partitions": partitions}))
        self._plan = _read(plan, _BEGUN)
        return int(self._plan["partitions"])

    def has_part(self, number: int) -> bool:
        """Tell whether a part of this build is there, and whole."""
        path = self.path / _part_name(number)
        if not path.exists():
            return False
        try:
            metadata = pq.read_metadata(path).metadata or {}
        except (OSError, pa.ArrowException):
            return False
        return bool(metadata.get(_STAMP) == self._stamp)

    def write_part(self, table: pa.Table, number: int) -> None:
        """Write a part; it appears whole or not at all."""
        texts = [field.name for field in table.schema if pa.types.is_string(field.type)]
        table = table.replace_schema_metadata({_STAMP: self._stamp})
        with whole_file(self.path / _part_name(number)) as aside:
            pq.write_table(table, aside, compression="zstd", compression_level=1, use_dictionary=texts)

    def finish(self, about: dict[str, Any]) -> None:
        """Say that all parts are there, and remove the work folder.

        Parameters
        ----------
        about : dict
            What else the manifest says, as JSON values.
        """
        names = [_part_name(number) for number in range(self._plan["partitions"])]
        metadata = [pq.read_metadata(self.path / name) for name in names]
        parts = [
            {"file": name, "rows": about_part.num_rows, "bytes": (self.path / name).stat().st_size}
            for name, about_part in zip(names, metadata, strict=True)
        ]
        with whole_file(self.path / _MANIFEST) as aside:
            aside.write_text(json.dumps({**self._plan, **about, "parts": parts}, indent=1))
        self._remove_work()

    @property
    def _stamp(self) -> bytes:
        return json.dumps(self._plan, sort_keys=True).encode()

    def _check_same(self, before: dict[str, Any], build: dict[str, str], partitions: int | None) -> None:
        other = [what for what in build if before["build"].get(what) != build[what]]
        if partitions not in (None, before["partitions"]):
            other.append("partitions")
        if other:
            raise InputError(f"{self.path} holds a build of other {', '.join(other)}.")

    def _clear(self) -> None:
        """Take away all that a build wrote here."""
        (self.path / _MANIFEST).unlink(missing_ok=True)
        for path in self.path.glob("part-*.parquet"):
            path.unlink()
        self._remove_work()

    def _remove_work(self) -> None:
        # What a killed run was writing when it ended.
        for name in ("part-", _MANIFEST):
            for path in self.path.glob(f".{name}*.tmp"):
                path.unlink()
        if self.work.exists():
            shutil.rmtree(self.work)


def _read(path: Path, keys: tuple[str, ...]) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
        return {key: dict(found[key]) if key == "build" else found[key] for key in keys}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(f"{path} cannot be read: {error!r}.") from error


def _part_name(number: int) -> str:
    return f"part-{number:05}.parquet"
