"""The Spark session that a build uses, and how Spark's workers answer."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from nbo import errors
from nbo.errors import InputError, MissingPackageError, NboError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = [
    "Task",
    "clear_errors",
    "found_session",
    "is_spark_frame",
    "own_python",
    "refuse_spark_frames",
    "started_session",
    "telling",
]

Task = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]

_WAY_OUT = (
    "from pyspark.sql import SparkSession; session = SparkSession.builder.master('local[*]').getOrCreate(), "
    "then build(..., engine='spark', session=session)"
)
_FROM_NBO = re.compile(r"^nbo\.errors\.(\w+): (.*)", re.DOTALL | re.MULTILINE)


def is_spark_frame(value: Any) -> bool:
    """Tell whether something is a data frame of Spark, without loading Spark for it.

    Parameters
    ----------
    value : object

    Returns
    -------
    bool
    """
    return any(kind.__module__.startswith("pyspark.") and kind.__name__ == "DataFrame" for kind in type(value).__mro__)


def refuse_spark_frames(tables: Any, spine: Any) -> None:
    """Refuse data frames of Spark where no Spark runs.

    Parameters
    ----------
    tables, spine : object

    Raises
    ------
    TypeError
        Says how to ask for Spark; or, of other frames, how to make tables of them.
    """
    if isinstance(tables, Mapping) and not any(map(is_spark_frame, tables.values())):
        raise TypeError("tables must be CustomerTables or a folder; got a mapping. Use CustomerTables(**tables).")
    if isinstance(tables, Mapping) or is_spark_frame(spine):
        raise TypeError("tables and spines that are data frames of Spark need engine='spark'.")


def found_session(session: Any, given: Iterable[Any]) -> SparkSession:
    """Find the session to use: the one named, that of a data frame, or the active one. None is started.

    Parameters
    ----------
    session : SparkSession or None
    given : iterable of object
        What was handed over; data frames of Spark among it know their session.

    Returns
    -------
    SparkSession

    Raises
    ------
    InputError
        If there is none.
    MissingPackageError
        If pyspark is not installed.
    TypeError
        If `session` is something else.
    """
    kind = _session_class()
    if session is not None and not isinstance(session, kind):
        raise TypeError(f"session must be a SparkSession; got {type(session).__name__}.")
    frames = [one for one in given if is_spark_frame(one)]
    found = session or (frames[0].sparkSession if frames else kind.getActiveSession())
    if found is None:
        raise InputError(f"engine='spark' needs a Spark session, and none is active. Make one: {_WAY_OUT}.")
    return found


def started_session() -> SparkSession:
    """Take the session that is active or that ``spark-submit`` has set up, or start one as Spark's settings say.

    Returns
    -------
    SparkSession

    Raises
    ------
    MissingPackageError
        If pyspark is not installed.
    """
    session: SparkSession = _session_class().builder.appName("nbo").getOrCreate()
    return session


def _session_class() -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise MissingPackageError("engine='spark' needs the package pyspark: pip install 'nbo[spark]'.") from error
    return SparkSession


@contextmanager
def own_python(session: SparkSession) -> Iterator[None]:
    """Let workers on this machine run the Python that runs here; the session is as before afterwards.

    Spark runs ``python3`` where neither ``PYSPARK_PYTHON`` nor ``spark.pyspark.python`` says what
    to run, and that one may lack nbo. On a cluster it is for the cluster to say.

    Parameters
    ----------
    session : SparkSession
    """
    context: Any = getattr(session, "sparkContext", None)
    if context is None or not context.master.startswith("local") or context.pythonExec != "python3":
        yield
        return
    context.pythonExec = sys.executable
    try:
        yield
    finally:
        context.pythonExec = "python3"


@contextmanager
def clear_errors() -> Iterator[None]:
    """Raise what nbo raised in a worker as if it had been raised here."""
    from pyspark.errors import PySparkException

    with warnings.catch_warnings():
        # Of conversions to pandas by Spark, which nbo does without.
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        try:
            yield
        except PySparkException as error:
            told = _FROM_NBO.search(str(error))
            kind = getattr(errors, told[1], None) if told else None
            if told is None or kind is None:
                raise
            raise kind(told[2].strip()) from None


def telling(work: Task) -> Task:
    """Make a task whose errors of nbo come back as one line, without the worker's traceback.

    Parameters
    ----------
    work : callable

    Returns
    -------
    callable
    """

    def task(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        try:
            yield from work(batches)
        except NboError:
            # Spark reads this when it writes the error out, and ends the worker then.
            os.environ["SPARK_HIDE_TRACEBACK"] = "1"
            raise

    return task
