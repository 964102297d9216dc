"""What a batch job keeps on disk; each file appears whole or not at all."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from nbo.errors import InputError
from nbo.whole_files import whole_file

__all__ = ["digest", "is_readable", "read_json", "remove_leftovers", "stamp_of", "write_json", "write_parquet"]

_STAMP = b"nbo.batch"


def write_parquet(rows: pd.DataFrame | pa.Table, path: Path, stamp: str = "") -> None:
    """Write rows; the file has its name only once it is whole and on the disk.

    Parameters
    ----------
    rows : DataFrame or pyarrow.Table
        Dictionaries of a table are read again as texts.
    path : Path
        Its folder is made if it is not there. A file of that name is replaced.
    stamp : str, default=""
        Kept in the file; :func:`stamp_of` reads it.
    """
    framed = isinstance(rows, pd.DataFrame)
    table = pa.Table.from_pandas(rows, preserve_index=False) if framed else rows
    with (
        whole_file(path) as aside,
        pq.ParquetWriter(aside, table.schema, store_schema=framed, write_page_checksum=True) as writer,
    ):
        writer.write_table(table)
        writer.add_key_value_metadata({_STAMP: stamp})


def write_json(data: dict[str, Any], path: Path) -> None:
    """Write JSON; the file has its name only once it is whole and on the disk.

    Parameters
    ----------
    data : dict
    path : Path
        Its folder is made if it is not there. A file of that name is replaced.
    """
    with whole_file(path) as aside:
        aside.write_text(json.dumps(data, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a JSON file of :func:`write_json`.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict or None
        None if there is no such file.

    Raises
    ------
    InputError
        If it is not a JSON object.
    """
    if not path.is_file():
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path} was altered: it is not JSON ({error}). Use force=True to start over.") from error
    if not isinstance(data, dict):
        raise InputError(f"{path} was altered: it is no JSON object. Use force=True to start over.")
    return data


def stamp_of(path: Path) -> str | None:
    """Read the stamp of a Parquet file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str or None
        None if there is no such file, or it is no whole Parquet file.
    """
    try:
        metadata = pq.read_metadata(path).metadata or {}
    except (OSError, pa.ArrowInvalid):
        return None
    return metadata.get(_STAMP, b"").decode()


def is_readable(path: Path) -> bool:
    """Tell whether all pages of a Parquet file are as they were written."""
    try:
        file = pq.ParquetFile(path, page_checksum_verification=True, pre_buffer=False)
        return sum(len(batch) for batch in file.iter_batches()) == file.metadata.num_rows
    except (OSError, pa.ArrowInvalid):
        return False


def digest(path: Path) -> str:
    """Give the SHA-256 of a file, as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove_leftovers(folder: Path) -> None:
    """Remove what a killed job left half written in a folder."""
    for path in folder.glob(".*.tmp"):
        path.unlink(missing_ok=True)
