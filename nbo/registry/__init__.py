"""Models kept and promoted in MLflow. Importing this is light: MLflow is loaded by the first call."""

from nbo.registry.history import rollback, versions
from nbo.registry.loading import load, resolve
from nbo.registry.logged import LoggedVersion, log
from nbo.registry.promotion import promote
from nbo.registry.verdict import Verdict

__all__ = ["LoggedVersion", "Verdict", "load", "log", "promote", "resolve", "rollback", "versions"]
