"""Score and decide for all customers, part by part."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbo.batch.plan import MANIFEST, PLAN, check_same, make_plan
from nbo.batch.rejects import set_aside
from nbo.batch.result import BatchResult
from nbo.batch.source import find_model
from nbo.batch.writer import KINDS, REJECTS, Writer
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.features import known_customers
from nbo.next_best_offer import NextBestOffer
from nbo.tables import CustomerTables, Spine
from nbo.times import check_time

if TYPE_CHECKING:
    from nbo.ledger import Ledger

__all__ = ["score"]


def score(
    model: str | Path | NextBestOffer,
    tables: str | Path | CustomerTables,
    out: str | Path,
    *,
    as_of: Any,
    engine: str = "local",
    rng: int | str = 7,
    run_id: str | None = None,
    chunk_size: int = 50_000,
    limit: int | None = None,
    force: bool = False,
    dry_run: bool = False,
    ledger: Ledger | None = None,
    progress: bool | None = None,
    tracking_uri: str | None = None,
) -> BatchResult:
    """Score every offer for every customer, decide, and write both to a folder.

    The folder gets ``scores/`` and ``decisions/`` as Parquet parts, ``rejects.parquet`` with the
    rows that were set aside, and at the very end ``manifest.json`` with counts and checksums:
    without it the job is not done. A file has its name only once it is whole. A job that was
    killed goes on where it stopped when it is called again; one that is done does nothing. A
    draw depends on the run and the customer alone, so neither `chunk_size` nor a restart
    changes a decision.

    Parameters
    ----------
    model : str, Path or NextBestOffer
        A URI such as ``models:/offers@champion`` (an alias is resolved once), a folder of
        ``NextBestOffer.to_dir``, or the model itself.
    tables : str, Path or CustomerTables
        A folder of tables, or the tables.
    out : str or Path
        The folder to write to.
    as_of : Timestamp or str
        The moment to decide for, UTC; only what was known strictly before it counts, and only
        customers who were known by then are decided for.
    engine : {"local"}, default="local"
        Where it runs.
    rng : int or str, default=7
        Names the draws, together with the run and the customer.
    run_id : str, optional
        Name of the decision run; by default made of the moment and the inputs.
    chunk_size : int, default=50_000
        Customers per part. Each part looks at all tables, so small parts take longer.
    limit : int, optional
        Only the first so many customers.
    force : bool, default=False
        Write anew what the folder holds of other inputs, or of the same.
    dry_run : bool, default=False
        Check everything and write nothing.
    ledger : Ledger, optional
        Where to record the decisions, before the manifest is written. Repeating records
        nothing twice.
    progress : bool, optional
        Show progress; by default on a terminal.
    tracking_uri : str, optional
        Store of the registry, where `model` is a URI.

    Returns
    -------
    BatchResult

    Raises
    ------
    InputError
        If an argument is not allowed, there are no customers' rows at all, or the folder
        holds a job of other inputs.
    BundleError
        If the stored model was altered.

    Examples
    --------
    >>> import tempfile
    >>> from nbo.simulate import World
    >>> world = World(customers=150, days=90, seed=1)
    >>> model = NextBestOffer().fit(world.tables, Spine.at(world.end, world.tables), as_of=world.end)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     first = score(model, world.tables, folder, as_of=world.end)
    ...     again = score(model, world.tables, folder, as_of=world.end)
    ...     decisions = first.read_decisions()
    >>> first.status, again.status, len(decisions)
    ('complete', 'already complete', 150)
    """
    moment, out = check_time(as_of), Path(out)
    _check(engine, chunk_size, limit, tables, out)
    read = tables if isinstance(tables, CustomerTables) else CustomerTables.read(tables)
    source = find_model(model, tracking_uri)
    plan = make_plan(source, read, moment, rng, run_id, limit)
    if not force:
        check_same(plan, out)
    usable, rejects = set_aside(read, moment)
    spine = Spine.of(known_customers(usable, moment).frame.iloc[:limit])
    writer = Writer(plan, source.model, usable, rejects, spine, chunk_size, out)
    if dry_run:
        return writer.result("planned")
    if force:
        _clear(out)
    return writer.write(ledger, progress)


def _check(engine: str, chunk_size: Any, limit: Any, tables: Any, out: Path) -> None:
    check_one_of(engine, ("local",), "engine")
    for what, value in (("chunk_size", chunk_size), ("limit", limit)):
        if value is None and what == "limit":
            continue
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise InputError(f"{what} must be a whole number of customers, at least 1; got {value!r}.")
    if out.exists() and not out.is_dir():
        raise InputError(f"out must be a folder; {out} is a file.")
    if isinstance(tables, str | Path) and Path(tables).resolve() == out.resolve():
        raise InputError(f"out must not be the folder of the tables, {out}: its decisions would be read as a table.")


def _clear(out: Path) -> None:
    """Remove what a job writes; the manifest first, for it says that the rest is whole."""
    for name in (MANIFEST, PLAN, REJECTS):
        (out / name).unlink(missing_ok=True)
    for kind in KINDS:
        shutil.rmtree(out / kind, ignore_errors=True)
