"""Load a published data set by its name."""

from __future__ import annotations

import os

from nbo.checks import check_one_of
from nbo.datasets.data_set import DataSet

__all__ = ["load"]

_PREFIX = "load_"


def load(name: str, path: str | os.PathLike[str]) -> DataSet:
    """Load a published data set by its name.

    Parameters
    ----------
    name : str
        Such as "starbucks": what stands behind ``load_`` in the loader's name. A loader has options
        that this function leaves at their defaults.
    path : str or path
        Folder with the publisher's files.

    Returns
    -------
    DataSet

    Raises
    ------
    InputError
        If there is no loader of that name, or the files are not what they should be.
    DataSetNotFoundError
        If the files are not in the folder.

    Examples
    --------
    >>> load("mnist", "data")
    Traceback (most recent call last):
    nbo.errors.InputError: name must be one of 'bank_marketing', 'cdnow', 'hillstrom', ...; got 'mnist'.
    """
    # The room's own list says which loaders there are; it is complete only once all of it is imported.
    from nbo import datasets

    names = [loader.removeprefix(_PREFIX) for loader in datasets.__all__ if loader.startswith(_PREFIX)]
    check_one_of(name, names, "name")
    data_set: DataSet = getattr(datasets, _PREFIX + name)(path)
    return data_set
