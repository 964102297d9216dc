"""One measured run in a process of its own, which writes what it took as one line of JSON."""

from __future__ import annotations

import argparse
import gc
import json
import resource
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.features import peers, spines


class Meter:
    """CPU seconds of this process, all its threads and all processes under it; the clock; the peak memory."""

    def __init__(self) -> None:
        self.under = psutil.Process().children(recursive=True)
        self.over = threading.Event()
        self.peak_under = 0
        self.watch = threading.Thread(target=self._watch, daemon=True)
        if self.under:
            self.watch.start()
        self.cpu, self.wall = -self._cpu(), -time.perf_counter()

    def stop(self) -> dict[str, float]:
        """Give what was used since the start; the peak is that of the whole process, imports included."""
        self.cpu, self.wall = self.cpu + self._cpu(), self.wall + time.perf_counter()
        self.over.set()
        return {"cpu": self.cpu, "wall": self.wall, "peak_mb": (own_peak() + self.peak_under) / 2**20}

    def _cpu(self) -> float:
        own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        under = [process.cpu_times() for process in psutil.Process().children(recursive=True)]
        alive = sum(t.user + t.system + t.children_user + t.children_system for t in under)
        return alive + sum(usage.ru_utime + usage.ru_stime for usage in own)

    def _watch(self) -> None:
        while not self.over.wait(0.25):
            self.peak_under = max(self.peak_under, sum(map(resident, psutil.Process().children(recursive=True))))


def resident(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0


def own_peak() -> int:
    """Bytes; Linux's own count, as getrusage's begins with what the parent process had."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def run(peer: str, folder: Path, case: str, customers: int, keep: Path | None) -> dict[str, Any]:
    """Build once; imports, the start of a session and the making of the spine are not measured."""
    spine = spines.spine(case, customers)
    build = peers.builder(peer)
    getattr(peers.module(peer), "prepare", lambda: None)()
    gc.collect()
    meter = Meter()
    answer = build(folder, spine)
    if hasattr(answer, "toPandas"):
        answer.write.format("noop").mode("overwrite").save()
    used = meter.stop()
    if keep:
        peers.keyed(answer, spine).to_parquet(keep)
    return {"peer": peer, "rows": len(spine), **used}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=peers.PEERS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("case")
    parser.add_argument("customers", type=int)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    taken = run(given.peer, given.folder, given.case, given.customers, given.keep)
    sys.stdout.write(json.dumps(taken) + "\n")


if __name__ == "__main__":
    main()
