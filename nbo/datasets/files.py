"""Find and read the files of a published data set, in the layouts in which they are handed out."""

from __future__ import annotations

import importlib.util
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from nbo.checks import check_rows
from nbo.datasets.publication import Publication
from nbo.errors import DataSetNotFoundError, InputError, MissingPackageError

__all__ = ["Layout", "find_layout", "parse_days", "read_file"]

# What a file is for -> the names under which it is handed out, the publisher's own first.
Layout = Mapping[str, Sequence[str]]

# Publishers' archives unpack into folders of their own; deeper than this nothing is looked for.
_DEPTH = 3
_SHOWN = 8


def find_layout(
    path: str | os.PathLike[str], layouts: Mapping[str, Layout], publication: Publication
) -> tuple[str, dict[str, Path]]:
    """Find all files of a data set under a folder.

    Parameters
    ----------
    path : str or path
        A folder. Folders in it are searched too, three levels down.
    layouts : mapping of str to Layout
        The forms in which the set is handed out, the preferred one first. A name may hold
        folders (``random/men/men.csv``); letters match in any case.
    publication : Publication
        For the message where files are missing.

    Returns
    -------
    str
        The first layout of which all files are there.
    dict of str to Path
        Its files.

    Raises
    ------
    DataSetNotFoundError
        If no layout is complete. The message says what is expected, where it is published and what
        the folder has.
    """
    if not isinstance(path, str | Path):
        raise TypeError(f"path must be a folder, as text or Path; got {path!r}.")
    folder = Path(path)
    there = _walk(folder)
    for layout, names in layouts.items():
        found = {what: _match(there, accepted, folder) for what, accepted in names.items()}
        complete = {what: file for what, file in found.items() if file is not None}
        if len(complete) == len(names):
            return layout, complete
    raise DataSetNotFoundError(_not_found(folder, there, layouts, publication))


def read_file(path: Path, *, separator: str = ",", columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read a published file: Parquet, JSON lines, Excel, or text with a separator.

    Parameters
    ----------
    path : Path
        The ending says the format: ``.parquet``, ``.json``, ``.xlsx``, else text.
    separator : str, default=","
        Separator of a text file.
    columns : sequence of str, optional
        Names of the columns of a text file that has no header.

    Returns
    -------
    DataFrame
        Without index columns that were written along.

    Raises
    ------
    InputError
        If the file is not of its format.
    MissingPackageError
        If an Excel file is to be read and openpyxl is not installed.
    """
    if path.suffix.lower() == ".xlsx":
        _need_openpyxl(path)
    try:
        frame = _read(path, separator, columns)
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        # openpyxl raises KeyError for an archive that is no workbook.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"cannot read {str(path)!r} as {path.suffix or 'text'}: {reason}. Get the file anew."
        ) from error
    return frame.loc[:, [not str(name).startswith("Unnamed:") for name in frame.columns]]


def parse_days(values: pd.Series, what: str) -> pd.Series:
    """Take days written as YYYYMMDD, or as times already.

    Parameters
    ----------
    values : Series
        Such as 19970101.
    what : str
        Name for messages.

    Returns
    -------
    Series of datetime64[us]

    Raises
    ------
    InputError
        If a row is not a day.

    Examples
    --------
    >>> parse_days(pd.Series([19970101]), "date").iloc[0]
    Timestamp('1997-01-01 00:00:00')
    """
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values.astype("datetime64[us]")
    days = pd.to_datetime(values.astype("str"), format="%Y%m%d", errors="coerce")
    check_rows(days.isna().to_numpy(), values, what, "days such as 19970101")
    return days.astype("datetime64[us]")


def _read(path: Path, separator: str, columns: Sequence[str] | None) -> pd.DataFrame:
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return pd.read_parquet(path)
    if suffix == ".json":
        # Without `dtype=False`, ids of digits would turn into numbers.
        return pd.read_json(path, lines=True, dtype=False, precise_float=True)
    if suffix == ".xlsx":
        return pd.read_excel(path)
    if columns is None:
        return pd.read_csv(path, sep=separator)
    return pd.read_csv(path, sep=separator, header=None, names=list(columns))


def _need_openpyxl(path: Path) -> None:
    if importlib.util.find_spec("openpyxl") is None:
        raise MissingPackageError(
            f"reading {path.name} needs the package openpyxl: pip install 'nbo[excel]'. Parquet files need no extra."
        )


def _walk(folder: Path) -> list[str]:
    """All files under a folder with their path in it, the nearest first."""
    files = []
    for root, folders, names in os.walk(folder):
        inside = Path(root).relative_to(folder)
        if len(inside.parts) >= _DEPTH:
            folders.clear()
        files += [(inside / name).as_posix() for name in names]
    return sorted(files, key=lambda file: (file.count("/"), file))


def _match(there: list[str], accepted: Sequence[str], folder: Path) -> Path | None:
    for name in accepted:
        for file in there:
            if f"/{file}".lower().endswith(f"/{name}".lower()):
                return folder / file
    return None


def _not_found(folder: Path, there: list[str], layouts: Mapping[str, Layout], publication: Publication) -> str:
    expected = "; or ".join(
        ", ".join(" or ".join(accepted) for accepted in names.values()) for names in layouts.values()
    )
    if not folder.is_dir():
        has = "That is a file; give its folder" if folder.is_file() else "There is no such folder"
    else:
        more = f" and {len(there) - _SHOWN} more" if len(there) > _SHOWN else ""
        has = f"The folder has: {', '.join(there[:_SHOWN])}{more}" if there else "The folder is empty"
    return (
        f"the data set {publication.title} is not complete in {str(folder)!r}. Expected: {expected}. {has}. "
        f"It is published by {publication.source}. Terms: {publication.terms} nbo downloads nothing: get the files "
        f"there and give their folder."
    )
