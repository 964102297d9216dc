"""Compare powers with statsmodels, and survey estimates with samplics: ``python -m tests.benchmarks.experiment_peers``.

The peers live in a virtual environment of their own that the command makes. What is printed is the largest difference.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import venv
from itertools import product
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from nbo.experiments import Design, survey_estimate, survey_weights

PEERS = ("statsmodels==0.15.0", "samplics==0.6.1")
MEANS = list(product((0.05, 0.2, 0.5, 1.0), (5, 20, 64, 400, 3000), (0.5, 1, 3), (1, 2)))
RATES = list(product((0.02, 0.1, 0.5), (0.01, 0.05), (200, 2000, 9000), (0.5, 1, 3)))
SIZES = {"a": 300, "b": 200, "c": 150}
MARGINS = {"stratum": SIZES, "group": {"x": 400, "y": 250}}
# Runs in the peers' environment; reads the cases, writes what the peers say.
SCRIPT = """
import json, sys, warnings
import numpy as np
warnings.simplefilter("ignore")
from samplics import PopParam, SampleWeight, TaylorEstimator
from statsmodels.stats.power import TTestIndPower
from statsmodels.stats.proportion import power_proportions_2indep
given = json.load(sys.stdin)
says = {"means": [], "rates": []}
for d, n, r, sides in given["means"]:
    side = "two-sided" if sides == 2 else "larger"
    says["means"].append(float(TTestIndPower().power(d, n, 0.05, ratio=r, alternative=side)))
for p, d, n, r in given["rates"]:
    says["rates"].append(float(power_proportions_2indep(d, p, n, ratio=r, alpha=0.05, return_results=False)))
rows = {name: np.array(values) for name, values in given["rows"].items()}
left = {name: 1 - (rows["stratum"] == name).sum() / size for name, size in given["sizes"].items()}
for name in ("amount", "yes"):
    found = TaylorEstimator(PopParam.mean)
    found.estimate(rows[name], samp_weight=rows["weight"], stratum=rows["stratum"], fpc=left)
    says[name] = [float(found.point_est), float(found.stderror)]
    by = TaylorEstimator(PopParam.mean)
    by.estimate(rows[name], samp_weight=rows["weight"], stratum=rows["stratum"], domain=rows["group"])
    says[name + "_by"] = [[float(part[key]) for part in (by.point_est, by.stderror)] for key in ("x", "y")]
raked = SampleWeight().rake(rows["weight"], {name: rows[name] for name in given["margins"]}, given["margins"],
                            tol=1e-11, ctrl_tol=1e-11, max_iter=1000)
says["raked"] = np.asarray(raked).tolist()
json.dump(says, sys.stdout)
"""


def answers() -> pd.DataFrame:
    """Simulated answers of a survey."""
    rng, n = np.random.default_rng(1), 200
    frame = pd.DataFrame({"stratum": rng.choice(list(SIZES), n), "group": rng.choice(["x", "y"], n)})
    frame["amount"] = rng.normal(5, 2, n) + (frame["stratum"] == "b")
    return frame.assign(weight=rng.uniform(1, 4, n), yes=(rng.random(n) < 0.3).astype(float))


def ask_peers(rows: pd.DataFrame) -> dict[str, Any]:
    given = {"means": MEANS, "rates": RATES, "sizes": SIZES, "margins": MARGINS, "rows": rows.to_dict("list")}
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "bin" / "python"
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS], check=True)
        text = json.dumps(given)
        done = subprocess.run([python, "-c", SCRIPT], input=text, capture_output=True, text=True, check=True)
    # A peer greets on the first line.
    return json.loads(done.stdout[done.stdout.index("{") :])


def furthest(mine: Any, theirs: Any) -> float:
    """Give the largest difference, where the peer gives a number at all."""
    own, other = np.asarray(mine, dtype=float), np.asarray(theirs, dtype=float)
    return float(np.where(np.isnan(other), 0.0, np.abs(own - other)).max())


@click.command()
def main() -> None:
    """Print the largest differences."""
    rows = answers()
    says = ask_peers(rows)
    means = [Design(sd=1.0, ratio=r, sides=sides).power(d, n) for d, n, r, sides in MEANS]
    blank = int(np.isnan(says["means"]).sum())
    click.echo(f"power of {len(MEANS)} t-tests, statsmodels ({blank} NaN): {furthest(means, says['means']):.0e}")
    rates = [Design(baseline=p, ratio=r).power(d, n) for p, d, n, r in RATES]
    click.echo(f"power of {len(RATES)} tests of rates, statsmodels: {furthest(rates, says['rates']):.0e}")
    for name in ("amount", "yes"):
        columns = ["mean", "standard_error"]
        own = survey_estimate(rows[name], rows["weight"], strata=rows["stratum"], sizes=SIZES)
        by = survey_estimate(rows[name], rows["weight"], strata=rows["stratum"], by=rows["group"])
        difference = max(furthest(own[columns].iloc[0], says[name]), furthest(by[columns], says[f"{name}_by"]))
        click.echo(f"means and standard errors of {name}, samplics: {difference:.0e}")
    raked = survey_weights(rows, MARGINS, base=rows["weight"])
    click.echo(f"raked weights, samplics: {furthest(raked, says['raked']):.0e}")


if __name__ == "__main__":
    main()
