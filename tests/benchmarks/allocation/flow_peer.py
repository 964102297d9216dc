"""OR-tools min-cost flow in an environment of its own: reads a file of NumPy, writes a line of JSON."""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from ortools.graph.python import min_cost_flow

# Costs of arcs are whole numbers.
_UNITS = 1e9


def main(file: str) -> None:
    given = np.load(file)
    priority, capacities = given["priority"], given["capacities"]
    n, k = priority.shape
    start = time.perf_counter()
    rows, columns = np.nonzero(priority > 0)
    units = _UNITS / float(priority.max(initial=1.0))
    flow = min_cost_flow.SimpleMinCostFlow()
    source, sink = n + k, n + k + 1
    tails = np.concatenate([np.full(n, source), rows, n + np.arange(k), [source]])
    heads = np.concatenate([np.arange(n), n + columns, np.full(k, sink), [sink]])
    room = np.concatenate([np.ones(n), np.ones(len(rows)), capacities, [n]]).astype(np.int64)
    costs = np.concatenate([np.zeros(n), -np.round(priority[rows, columns] * units), np.zeros(k + 1)])
    flow.add_arcs_with_capacity_and_unit_cost(tails, heads, room, costs.astype(np.int64))
    flow.set_nodes_supplies(np.array([source, sink]), np.array([n, -n]))
    status = flow.solve()
    taken = flow.flows(np.arange(n, n + len(rows))) > 0
    value = float(priority[rows[taken], columns[taken]].sum(dtype=np.float64))
    seconds = time.perf_counter() - start
    sys.stdout.write(json.dumps({"optimal": status == flow.OPTIMAL, "value": value, "seconds": seconds}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
