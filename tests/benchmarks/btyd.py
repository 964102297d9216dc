"""Measure the models of purchase histories: ``python -m tests.benchmarks.btyd --help``.

Simulated customers like those of CDNOW, on a grid of days. Each figure is CPU seconds of one process, the best of some
runs; ratios are of one run of this command. The peers, lifetimes and pymc-marketing, live in a virtual environment of
their own that the command makes. Log-likelihoods are compared before anything is timed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

HERE = Path(__file__)
PEERS = {"lifetimes": "lifetimes==0.11.3", "pymc": "pymc-marketing==0.19.2"}
TRUTH = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}


def customers(n: int) -> pd.DataFrame:
    """Histories of weeks with a mean spend, drawn from the BG/NBD and the gamma-gamma model."""
    rng = np.random.default_rng(0)
    rate, p = rng.gamma(TRUTH["r"], 1 / TRUTH["alpha"], n), rng.beta(TRUTH["a"], TRUTH["b"], n)
    end = rng.integers(27 * 7, 39 * 7, n)
    would = rng.poisson(rate * end / 7)
    x = np.minimum(would, rng.geometric(np.maximum(p, 1e-9)))
    last = np.ceil(end * np.where(x > 0, rng.beta(np.maximum(x, 1), would - x + 1), 0.0))
    x = np.where(last > 0, x, 0)
    own = rng.gamma(3.74, 1 / 15.44, n)
    spend = rng.gamma(6.25 * np.maximum(x, 1)) / (own * np.maximum(x, 1))
    return pd.DataFrame({"frequency": x, "recency": last / 7, "T": end / 7, "monetary": np.round(spend + 0.01, 2)})


def seconds(run: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Give the least CPU seconds of some runs, and what the last one gave."""
    best, result = float("inf"), None
    for _ in range(repeats):
        start = time.process_time()
        result = run()
        best = min(best, time.process_time() - start)
    return best, result


def nbo_case(frame: pd.DataFrame, repeats: int) -> dict[str, float]:
    """Fit and score with nbo."""
    from nbo.models import BGNBD, GammaGamma

    fit, model = seconds(lambda: BGNBD(unit="M").fit(frame), repeats)
    spend, amounts = seconds(lambda: GammaGamma().fit(frame), repeats)
    month = 365.25 / 7 / 12

    def value() -> np.ndarray:
        weekly = BGNBD.from_dir(folder)
        return weekly.discounted_purchases(frame, 12 * month, 1.01**12 - 1, step=month) * amounts.expected_spend(frame)

    with tempfile.TemporaryDirectory() as folder:
        model.set_params(unit="W").to_dir(folder)
        clv, total = seconds(value, repeats)
    return {"fit": fit, "spend": spend, "value": clv, "log_likelihood": model.log_likelihood_, "total": total.sum()}


def lifetimes_case(frame: pd.DataFrame, repeats: int) -> dict[str, float]:
    """Fit and score with lifetimes."""
    import warnings

    warnings.simplefilter("ignore")
    from lifetimes import BetaGeoFitter, GammaGammaFitter

    x, recency, end, money = (frame[name] for name in ("frequency", "recency", "T", "monetary"))
    fit, model = seconds(lambda: BetaGeoFitter().fit(x, recency, end), repeats)
    some = x > 0
    spend, amounts = seconds(lambda: GammaGammaFitter().fit(x[some], money[some]), repeats)
    clv, total = seconds(
        lambda: amounts.customer_lifetime_value(model, x, recency, end, money, time=12, discount_rate=0.01, freq="W"), 1
    )
    scale = 1 / end.max()
    likelihood = -model._negative_log_likelihood_ * len(frame) + x.sum() * np.log(scale)
    return {"fit": fit, "spend": spend, "value": clv, "log_likelihood": likelihood, "total": float(total.sum())}


def pymc_case(frame: pd.DataFrame, repeats: int) -> dict[str, float]:
    """Find the maximum a posteriori under flat priors with pymc-marketing; the first, compiling run is not counted."""
    from pymc_extras.prior import Prior
    from pymc_marketing.clv import BetaGeoModel

    flat = {name: Prior("HalfFlat") for name in ("r", "alpha", "a", "b")}
    data = frame.assign(customer_id=np.arange(len(frame)))

    def run() -> Any:
        model = BetaGeoModel(data=data, model_config=flat)
        model.fit(method="map", progressbar=False)
        return model

    run()
    fit, _ = seconds(run, repeats)
    return {"fit": fit}


CASES = {"nbo": nbo_case, "lifetimes": lifetimes_case, "pymc": pymc_case}


def measured(python: str, case: str, n: int, repeats: int) -> dict[str, float]:
    """Run one case in a process of its own."""
    done = subprocess.run(
        [python, str(HERE), "--one", case, "--sizes", str(n), "--repeats", str(repeats)],
        capture_output=True,
        text=True,
        check=False,
        cwd=HERE.parents[2],
    )
    if done.returncode:
        raise click.ClickException(f"{case} failed on {n} customers:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def peer_python(folder: Path, peer: str) -> str:
    """Make the environment of a peer, once."""
    home = folder / peer
    if not (home / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(home / "bin/pip"), "install", "-q", "click", PEERS[peer]], check=True)
        (home / "ready").touch()
    return str(home / "bin/python")


@click.command()
@click.option("--sizes", default="2357,1000000", show_default=True, help="Numbers of customers.")
@click.option("--repeats", default=3, show_default=True, help="Runs of each; the best counts.")
@click.option("--peers", default="lifetimes", show_default=True, help="lifetimes, pymc; several with commas.")
@click.option("--folder", default="/tmp/nbo_btyd_peers", show_default=True, help="Where the peers are installed.")
@click.option("--one", type=click.Choice(list(CASES)), hidden=True)
def main(sizes: str, repeats: int, peers: str, folder: str, one: str | None) -> None:
    """Compare fits and discounted values, in CPU seconds of one core."""
    if one:
        figures = CASES[one](customers(int(sizes)), repeats)
        click.echo(json.dumps({name: float(value) for name, value in figures.items()}))
        return
    for n in map(int, sizes.split(",")):
        own = measured(sys.executable, "nbo", n, repeats)
        click.echo(
            f"{n} customers, nbo: " + ", ".join(f"{name} {own[name]:.4g} s" for name in ("fit", "spend", "value"))
        )
        for peer in peers.split(","):
            other = measured(peer_python(Path(folder), peer), peer, n, repeats if n < 100_000 else 1)
            if "log_likelihood" in other and other["log_likelihood"] > own["log_likelihood"] + 0.01:
                raise click.ClickException(f"{peer} found a higher likelihood: {other} against {own}")
            for name in sorted({"fit", "spend", "value"} & other.keys()):
                click.echo(f"  {peer} {name} {other[name]:.4g} s, {other[name] / own[name]:.1f} times")
            if "spend" in other:
                both = (other["fit"] + other["spend"]) / (own["fit"] + own["spend"])
                worth = other["total"] / own["total"]
                click.echo(f"  {peer} fit and spend {both:.1f} times; its total value is {worth:.4f} times")


if __name__ == "__main__":
    main()
