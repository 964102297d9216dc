"""The next-best-offer loop from end to end, on a simulated world and on a public data set."""

from nbo.demo.starbucks import run_starbucks
from nbo.demo.world import run_world

__all__ = ["run_starbucks", "run_world"]
