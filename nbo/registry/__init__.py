"""Models kept and promoted in MLflow. Importing this is light: MLflow is loaded by the first call."""

from nbo.registry.history import rollback, versions
from nbo.registry.loaded import Loaded
from nbo.registry.loading import load, resolve
from nbo.registry.logged import LoggedVersion, log
from nbo.registry.promotion import promote
from nbo.registry.snapshot import snapshot
from nbo.registry.trail import verdicts
from nbo.registry.training_runs import train
from nbo.registry.verdict import Verdict

__all__ = [
    "Loaded",
    "LoggedVersion",
    "Verdict",
    "load",
    "log",
    "promote",
    "resolve",
    "rollback",
    "snapshot",
    "train",
    "verdicts",
    "versions",
]
