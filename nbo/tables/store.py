"""A folder of Parquet or CSV, one file a table, read and written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.tables.contracts import CONTRACTS
from nbo.tables.schema import Column
from nbo.tables.typed import typed_frame, untypable
from nbo.times import parsed_times
from nbo.whole_files import whole_file

__all__ = ["read_folder", "read_table", "table_places", "write_folder"]

_SUFFIXES = (".parquet", ".csv")


def read_folder(folder: Path, names: Collection[str] | None = None) -> dict[str, pd.DataFrame]:
    """Read each table that a folder holds.

    Parameters
    ----------
    folder : Path
    names : collection of str, optional
        Only these tables, as far as they are there.

    Returns
    -------
    dict of str to DataFrame

    Raises
    ------
    InputError
        If the folder has no table, a table in two forms, or a file that cannot be read.
    """
    found = {name: place for name, place in table_places(folder).items() if names is None or name in names}
    frames = {name: _read(place) for name, place in found.items()}
    csv = {name for name, place in found.items() if place.suffix == ".csv"}
    return {**frames, **_csv_types({name: frames[name] for name in csv})}


def table_places(folder: Path) -> dict[str, Path]:
    """Find the file, or the folder of files, of each table that a folder holds.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    dict of str to Path

    Raises
    ------
    InputError
        If the folder has no table, or a table in two forms.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder. Give a folder with files such as customers.parquet.")
    places = {name: _place(folder, name) for name in CONTRACTS}
    found = {name: place for name, place in places.items() if place is not None}
    if not found:
        files = ", ".join(sorted(path.name for path in folder.iterdir())[:10]) or "nothing"
        names = ", ".join(CONTRACTS)
        raise InputError(
            f"{folder} holds no table; it has {files}. "
            f"Files are named <table>.parquet or <table>.csv, with <table> one of {names}."
        )
    return found


def read_table(place: Path, name: str) -> pd.DataFrame:
    """Read one table from one file, with the types of its contract.

    Parameters
    ----------
    place : Path
        A Parquet or CSV file (by its ending), or a folder of Parquet files.
    name : str
        The table that it is.

    Returns
    -------
    DataFrame

    Raises
    ------
    InputError
        If it cannot be read.
    """
    frames = {name: _read(place)}
    if place.suffix == ".csv":
        frames = _csv_types(frames)
    return typed_frame(frames[name], CONTRACTS[name])[0]


def write_folder(frames: Mapping[str, pd.DataFrame], folder: Path, format: str) -> None:
    """Write each table to its file; each appears whole or not at all.

    Parameters
    ----------
    frames : mapping of str to DataFrame
    folder : Path
    format : {"parquet", "csv"}

    Raises
    ------
    InputError
        If the folder holds tables that are not written now.
    """
    own = {folder / f"{name}.{format}" for name in frames}
    others = [place for name in CONTRACTS for place in _places(folder, name) if place not in own]
    if others:
        names = ", ".join(sorted(place.name for place in others))
        raise InputError(
            f"{folder} already holds {names}, which would be read with the tables written now. Choose an empty folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        _write(frame, folder / f"{name}.{format}")


def _places(folder: Path, name: str) -> list[Path]:
    places = [folder / f"{name}{suffix}" for suffix in _SUFFIXES]
    return [place for place in places if place.is_file()] + [folder / name] * (folder / name).is_dir()


def _place(folder: Path, name: str) -> Path | None:
    places = _places(folder, name)
    if len(places) > 1:
        raise InputError(
            f"{folder} holds the table {name} in several forms: {', '.join(p.name for p in places)}. Keep one."
        )
    return places[0] if places else None


def _read(place: Path) -> pd.DataFrame:
    try:
        if place.suffix == ".csv":
            # As text first: a postcode or id such as 00123 must keep its zeros.
            return pd.read_csv(place, dtype=str, keep_default_na=False, na_values=[""])
        return pd.read_parquet(place)
    except (OSError, ValueError) as error:
        raise InputError(f"{place} cannot be read: {error}") from error


def _write(frame: pd.DataFrame, place: Path) -> None:
    with whole_file(place) as aside:
        if place.suffix == ".csv":
            lists = {str(name): frame[name].map(_joined) for name in frame if frame[name].dtype == object}
            frame.assign(**lists).to_csv(aside, index=False)
        else:
            frame.to_parquet(aside, index=False)


def _joined(value: object) -> object:
    return "|".join(map(str, value)) if isinstance(value, list | tuple | set | np.ndarray) else value


def _csv_types(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Give extra columns the type that all their values have, and integer keys theirs."""
    integers = {domain: _all_integers(frames, domain) for domain in _key_columns(frames)}
    typed = {}
    for name, frame in frames.items():
        columns: dict[str, pd.Series] = {}
        for column in map(str, frame.columns):
            known = CONTRACTS[name].column(column)
            if known is None:
                columns[column] = _inferred(frame[column])
            elif known.kind == "key" and integers[_domain(column)]:
                columns[column] = frame[column].astype("Int64" if frame[column].isna().any() else "int64")
        typed[name] = frame.assign(**columns)
    return typed


def _domain(column: str) -> str:
    """Keys that are compared with each other share a domain, and so a type."""
    return "customer_id" if column in ("related_id", "referred_id", "anonymous_id") else column


def _key_columns(frames: dict[str, pd.DataFrame]) -> set[str]:
    known = ((CONTRACTS[name].column(column), column) for name, frame in frames.items() for column in frame.columns)
    return {_domain(column) for contract, column in known if contract is not None and contract.kind == "key"}


def _all_integers(frames: dict[str, pd.DataFrame], domain: str) -> bool:
    columns = [frame[column] for frame in frames.values() for column in frame.columns if _domain(column) == domain]
    values = [column.dropna() for column in columns]
    plain = all(column.str.fullmatch(r"0|-?[1-9]\d{0,17}").all() for column in values)
    return plain and any(len(column) for column in values)


def _inferred(values: pd.Series) -> pd.Series:
    if values.isna().all():
        return values
    if not untypable(values, Column("", "number", "")).any() and not values.str.match(r"0\d").any():
        return pd.to_numeric(values)
    if not untypable(values, Column("", "time", "")).any():
        return parsed_times(values)
    if values.dropna().isin(["True", "False"]).all():
        return values.map({"True": True, "False": False}).astype("boolean")
    return values
