"""Register what a model has learnt from the ledger as a version of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbo.registry.aliases import aliases_of, check_alias, move_alias
from nbo.registry.loading import WATERMARK, load
from nbo.registry.logged import LoggedVersion, log
from nbo.registry.store import tracking_store
from nbo.registry.trail import written_down

if TYPE_CHECKING:
    from nbo.ledger import Ledger
    from nbo.registry.loaded import Loaded

__all__ = ["snapshot"]


def snapshot(
    name: str,
    ledger: Ledger,
    *,
    as_of: Any = None,
    version: int | str = "champion",
    alias: str | None = None,
    tracking_uri: str | None = None,
) -> LoggedVersion:
    """Register a model as it is with all answers of the ledger.

    The version holds what was learnt until `as_of`, its watermark: loaded without a ledger it is
    the same as its parent with one, and loaded with a ledger only later answers are added. The ledger loses nothing.

    Parameters
    ----------
    name : str
        The registered model.
    ledger : Ledger
        With the decisions and answers.
    as_of : Timestamp or str, optional
        Answers known before it count, UTC; now by default.
    version : int or str, default="champion"
        The parent: a version, or an alias that points to it.
    alias : str, optional
        A name that points to the new version from now on; :func:`nbo.registry.rollback` takes it back.
    tracking_uri : str, optional
        The store; by default as in :func:`nbo.registry.log`.

    Returns
    -------
    LoggedVersion
        Its tags name the parent, the watermark and the number of answers: ``nbo.parent_version``,
        ``nbo.watermark``, ``nbo.answers``.

    Raises
    ------
    BundleError
        If the parent's files were altered.
    InputError
        If there is no such model, the alias is not allowed, or the parent had seen answers after `as_of`.
    """
    if alias is not None:
        check_alias(alias)
    address = f"models:/{name}/{version}" if str(version).isdecimal() else f"models:/{name}@{version}"
    model = load(address, tracking_uri, ledger=ledger, as_of=as_of)
    parent: Loaded = vars(model)["loaded_"]
    tags = {"nbo.parent_version": parent.version, WATERMARK: parent.as_of, "nbo.answers": parent.answers}
    made = log(model, name, tracking_uri=tracking_uri, tags=tags)
    facts = {"version": made.version, "as_of": parent.as_of, "alias": alias}
    evidence = {"parent": parent.version, "parent_watermark": parent.watermark, "answers": parent.answers}
    with tracking_store(tracking_uri) as client:
        champion = aliases_of(client, name).get(alias or "")
        line = {**facts, "champion": champion, "reason": f"version {parent.version} with {parent.answers} more answers"}
        with written_down(client, tracking_uri, "snapshot", name, line, evidence):
            if alias is not None and made.version is not None:
                move_alias(client, name, alias, made.version)
    return made
