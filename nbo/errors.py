"""The exceptions of nbo, each also one of Python's own kinds.

::

    NboError
     +-- TableError           (ValueError)         tables break their contracts; `.problems` lists all of it
     +-- InputError           (ValueError)         an argument or a column has values that are not allowed
     +-- LedgerError          (ValueError)         rows that the ledger refuses; nothing of the call was written
     +-- BundleError          (ValueError)         a stored model is incomplete, altered or of a newer format
     +-- OverlapError         (ValueError)         a log does not support a verdict on a policy
     +-- ConvergenceError     (ArithmeticError)    a fit ends without a maximum of its likelihood
     +-- DataSetNotFoundError (FileNotFoundError)  a public data set is not in the folder given
     +-- MissingPackageError  (ImportError)        an optional package is needed; the message names the extra
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "BundleError",
    "ConvergenceError",
    "DataSetNotFoundError",
    "InputError",
    "LedgerError",
    "MissingPackageError",
    "NboError",
    "OverlapError",
    "TableError",
]


class NboError(Exception):
    """Base of all errors that nbo raises on purpose."""


class InputError(NboError, ValueError):
    """An argument or a column has values that are not allowed."""


class TableError(NboError, ValueError):
    """Customer tables break their contracts.

    Parameters
    ----------
    message : str
        What is wrong, all of it.
    problems : DataFrame, optional
        One row per problem, as :meth:`nbo.CustomerTables.validate` returns it.
    """

    def __init__(self, message: str, problems: pd.DataFrame | None = None) -> None:
        super().__init__(message)
        self.problems = problems


class LedgerError(NboError, ValueError):
    """The ledger refuses rows; nothing of the call was written.

    Parameters
    ----------
    message : str
        What is wrong with how many rows, and the first of them.
    rejects : DataFrame, optional
        The refused rows with a column `reason`.
    """

    def __init__(self, message: str, rejects: pd.DataFrame | None = None) -> None:
        super().__init__(message)
        self.rejects = rejects


class BundleError(NboError, ValueError):
    """A stored model is incomplete, altered or of a newer format."""


class OverlapError(InputError):
    """A log does not support a verdict on a policy."""


class ConvergenceError(NboError, ArithmeticError):
    """A fit ends without a maximum of its likelihood."""


class DataSetNotFoundError(NboError, FileNotFoundError):
    """A public data set is not in the folder given."""


class MissingPackageError(NboError, ImportError):
    """An optional package is needed that is not installed."""
