"""Score and decide for all customers, part by part."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from nbo.arbitration import Limit, Playbook
from nbo.arbitration.allocation.couple import positions_of
from nbo.arbitration.asking import check_rng
from nbo.batch.feature_rows import FeatureRows, feature_paths
from nbo.batch.ledger_past import LedgerPast, refuse_second
from nbo.batch.plan import KINDS, MANIFEST, PLAN, check_same, make_plan
from nbo.batch.rejects import set_aside
from nbo.batch.result import BatchResult
from nbo.batch.routed_part import REJECT_PARTS
from nbo.batch.rows import Rows, TableRows
from nbo.batch.source import find_model
from nbo.batch.spark import SparkJob
from nbo.batch.wishes import Wishes
from nbo.batch.writer import REJECTS, Writer
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.experiments import Arms
from nbo.features.engines.spark_session import refuse_spark_frames
from nbo.locked_folder import locked_folder
from nbo.next_best_offer import NextBestOffer
from nbo.numbers import check_number
from nbo.policies import Policy
from nbo.tables import CustomerTables
from nbo.times import check_time

if TYPE_CHECKING:
    from nbo.ledger import Ledger

__all__ = ["score"]

# What rules look up; where features are given, no other table is read.
_RULE_TABLES = ("customers", "transactions", "cases", "catalog", "decisions", "outcomes")
# Customers of a part where none are asked for; it does not depend on the machine.
_SMALLEST, _LARGEST = 5_000, 50_000


def score(
    model: str | Path | NextBestOffer,
    tables: str | Path | CustomerTables | Mapping[str, Any] | None,
    out: str | Path,
    *,
    as_of: Any,
    engine: str = "local",
    features: Any = None,
    rng: int | str = 7,
    run_id: str | None = None,
    limits: Sequence[Limit] = (),
    slots: int = 1,
    arms: Arms | None = None,
    business_as_usual: Policy | None = None,
    playbook: Playbook | None = None,
    reasons: int = 0,
    n_jobs: int = -1,
    chunk_size: int | None = None,
    limit: int | None = None,
    force: bool = False,
    dry_run: bool = False,
    ledger: Ledger | None = None,
    live: bool = False,
    progress: bool | None = None,
    tracking_uri: str | None = None,
    session: Any = None,
) -> BatchResult:
    """Score every offer for every customer, decide, and write both to a folder.

    The folder gets ``scores/`` and ``decisions/`` as Parquet parts, ``rejects.parquet`` with the
    rows that were set aside, and at the very end ``manifest.json`` with counts and checksums:
    without it the job is not done. A file has its name only once it is whole. A job that was
    killed goes on where it stopped when it is called again; one that is done does nothing. A
    draw depends on the run and the customer alone, so neither `chunk_size`, `n_jobs` nor a restart
    changes a decision.

    Parameters
    ----------
    model : str, Path or NextBestOffer
        A URI such as ``models:/offers@champion`` (an alias is resolved once), a folder of
        ``NextBestOffer.to_dir``, or the model itself.
    tables : str, Path, CustomerTables, mapping of str to DataFrame of Spark, or None
        A folder of tables, or the tables; on Spark also data frames of Spark by name. None where `features` are
        given and no rule looks anything up.
    out : str or Path
        The folder to write to.
    as_of : Timestamp or str
        The moment to decide for, UTC; only what was known strictly before it counts, and only
        customers who were known by then are decided for.
    engine : {"local", "spark"}, default="local"
        Where it runs. On Spark workers write the parts; `out` must be a folder that all of them reach.
    features : str, Path or DataFrame of Spark, optional
        A Parquet file, or a folder of some, with the model's features as of the moment and the column `customer_id`,
        such as ``model.features.build(tables, spine, out=folder)`` writes. Its customers are decided for. They are
        read a bounded number of rows at a time, and of the tables only what rules look up is read.
    rng : int or str, default=7
        Names the draws, together with the run and the customer.
    run_id : str, optional
        Name of the decision run; by default made of the moment and the inputs.
    limits : sequence of Limit, default=()
        Capacities, budgets and minimums of the whole run. Then all customers are held in memory at once.
    slots : int, default=1
        Most offers of a customer.
    arms : Arms, optional
        An experiment.
    business_as_usual : Policy, optional
        Decides for that arm.
    playbook : Playbook, optional
        Rules in place of the model's own.
    reasons : int, default=0
        How many reasons of its propensity each decision tells, as JSON in the column `reasons`.
    n_jobs : int, default=-1
        Parts that are worked on at once, in threads; -1 is one for each core. On Spark its cores count instead.
    chunk_size : int, optional
        Customers per part; by default an eighth of them, from 5,000 to 50,000. Each part looks at all tables, so
        small parts take longer.
    limit : int, optional
        Only the first so many customers.
    force : bool, default=False
        Write anew what the folder holds of other inputs, or of the same.
    dry_run : bool, default=False
        Check everything and write nothing.
    ledger : Ledger, optional
        Where to record the decisions, before the manifest is written. Repeating records
        nothing twice. What it knows from before the moment is added to the tables.
    live : bool, default=False
        Decide with what the ledger's answers have taught a registered model since; see :func:`nbo.registry.load`.
    progress : bool, optional
        Show progress; by default on a terminal.
    tracking_uri : str, optional
        Store of the registry, where `model` is a URI.
    session : SparkSession, optional
        Of engine="spark"; by default that of the data frames given, or the active one.

    Returns
    -------
    BatchResult

    Raises
    ------
    InputError
        If an argument is not allowed, there are no customers' rows at all, features are missing, or the folder
        holds a job of other inputs; on Spark also where customers compete.
    BundleError
        If the stored model was altered.

    Examples
    --------
    >>> import tempfile
    >>> from nbo.simulate import World
    >>> from nbo.tables import Spine
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
    _check(engine, chunk_size, limit, n_jobs, tables, features, out)
    rng, limit = check_rng(rng), None if limit is None else int(limit)
    wishes = Wishes(limits, slots, arms, business_as_usual, reasons)
    if live and ledger is None:
        raise InputError("live needs a ledger: its answers are what the model has not seen.")
    source = find_model(model, tracking_uri, playbook, ledger if live else None, moment)
    for limit_ in wishes.limits:
        positions_of(limit_.offers, source.model.catalog.offer_ids, limit_.name or "limit")
    past = None if ledger is None else LedgerPast.of(ledger, moment, out, force)
    if tables is None:
        _refuse_rules(source.model)
    writer: Writer
    if engine == "spark":
        job = SparkJob.of(source, wishes, tables, features, session, _RULE_TABLES, past)
        writer = job.writer(moment, rng, run_id, int(chunk_size or _LARGEST), out.resolve())
    else:
        read = _read(tables, features)
        read = read if past is None else past.added(read)
        files = () if features is None else feature_paths(features)
        seen = None if past is None else past.rows
        plan = make_plan(source, read, moment, rng, run_id, limit, wishes, files, seen)
        rows = _rows(source.model, read, features, moment, limit)
        size = int(chunk_size or min(max(-(-rows.n_rows // 8), _SMALLEST), _LARGEST))
        writer = Writer(plan, source.model, rows, wishes, size, out, n_jobs)
    if dry_run:
        if not force:
            check_same(writer.plan, out)
        return writer.result("planned")
    with locked_folder(out, "job"):
        if force:
            if ledger is not None and run_id is None:
                refuse_second(ledger, out, writer.plan.run_id, moment)
            _clear(out)
        check_same(writer.plan, out)
        return writer.write(ledger, progress)


def _check(engine: str, chunk_size: Any, limit: Any, n_jobs: Any, tables: Any, features: Any, out: Path) -> None:
    check_one_of(engine, ("local", "spark"), "engine")
    if engine == "local":
        refuse_spark_frames(tables, features)
    elif limit is not None:
        raise InputError("limit needs engine='local': rows on Spark have no first.")
    for what, number in (("chunk_size", chunk_size), ("limit", limit)):
        if number is not None:
            check_number(number, what, "a whole number of customers, at least 1", lambda n: n >= 1, whole=True)
    check_number(n_jobs, "n_jobs", "a whole number other than 0", lambda n: n != 0, whole=True)
    if tables is None and features is None:
        raise InputError("tables must be given where no features are.")
    if out.exists() and not out.is_dir():
        raise InputError(f"out must be a folder; {out} is a file.")
    for what, place in (("tables", tables), ("features", features)):
        if isinstance(place, str | Path) and Path(place).resolve() == out.resolve():
            raise InputError(f"out must not be the folder of the {what}, {out}: its decisions would be read as input.")


def _read(tables: Any, features: Any) -> CustomerTables:
    if tables is None:
        return CustomerTables()
    if isinstance(tables, CustomerTables):
        return tables
    return CustomerTables.read(tables, None if features is None else _RULE_TABLES)


def _rows(model: NextBestOffer, read: CustomerTables, features: Any, as_of: pd.Timestamp, limit: int | None) -> Rows:
    usable, rejects = set_aside(read, as_of)
    if features is None:
        return TableRows(model, usable, rejects, as_of, limit)
    return FeatureRows(model, features, usable, rejects, as_of, limit)


def _refuse_rules(model: NextBestOffer) -> None:
    """Without tables, no rule may pass because it finds nothing, least of all that of consents."""
    looking = [type(rule).__name__ for rule in model.rules]
    if looking:
        raise InputError(
            f"tables must be given: {len(looking)} rules may look something up, such as consents, first {looking[0]}. "
            "Where none is wanted, say playbook=Playbook([])."
        )


def _clear(out: Path) -> None:
    """Remove what a job writes; the manifest first, for it says that the rest is whole."""
    for name in (MANIFEST, PLAN, REJECTS):
        (out / name).unlink(missing_ok=True)
    for kind in (*KINDS, REJECT_PARTS):
        if (out / kind).exists():
            shutil.rmtree(out / kind)
