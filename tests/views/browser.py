"""Pages in headless Chromium, as wide as a desk's screen and as a phone's."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

# Around the page: it watches for errors, measures, and does what a test asks for.
_WATCH = """<script>
  window.errors = [];
  addEventListener("error", (event) => window.errors.push(event.message));
</script>"""
_WRAPPER = """<!doctype html><body>
<iframe id="wide" style="width: 1280px; height: 900px" srcdoc="{page}"></iframe>
<iframe id="narrow" style="width: 390px; height: 844px" srcdoc="{page}"></iframe>
<script>
  const measure = (frame) => ({{
    inner: frame.contentWindow.innerWidth,
    scroll: frame.contentDocument.documentElement.scrollWidth,
    errors: frame.contentWindow.errors,
    plots: [...frame.contentDocument.querySelectorAll("svg")].filter((plot) => plot.getClientRects().length).length,
    tallest: Math.max(...[...frame.contentDocument.querySelectorAll("tbody tr")].map((row) => row.offsetHeight)),
  }});
  const column = (table, place) => [...table.tBodies[0].rows].map((row) => row.cells[place].textContent);
  const click = (table, place) => {{
    const head = table.tHead.rows[0].cells[place];
    head.querySelector("button").click();
    const sorted = table.querySelectorAll("[aria-sort]").length;
    return {{ sort: head.getAttribute("aria-sort"), cells: column(table, place), sorted }};
  }};
  addEventListener("load", () => {{
    const found = {{}};
    for (const name of ["wide", "narrow"]) found[name] = measure(document.getElementById(name));
    const inside = document.getElementById("wide").contentDocument;
    {script}
    const result = document.createElement("pre");
    result.id = "found";
    result.textContent = JSON.stringify(found);
    document.body.append(result);
  }});
</script>
"""


def need_chromium() -> None:
    """Skip the test without Chromium; where tests run by themselves it must be there."""
    if shutil.which("chromium") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is not installed, and in continuous integration the page must be opened in it")
        pytest.skip("chromium is not installed")


def browse(folder: Path, page: Path, dark: bool = False) -> tuple[str, str]:
    """Open a page in headless Chromium; give the document it became, and what the console said."""
    # fmt: off
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update", f"--user-data-dir={folder / 'profile'}",
             "--enable-logging=stderr", "--v=0", "--virtual-time-budget=5000", "--window-size=1400,900", "--dump-dom"]
    # fmt: on
    # 0 is dark, 1 is light.
    flags += ["--blink-settings=preferredColorScheme=0"] if dark else []
    done = subprocess.run(["chromium", *flags, page.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


def on_both_screens(folder: Path, page: Path, script: str = "", dark: bool = False) -> dict:
    """Measure a page on both screens; the script fills `found` from the document `inside` of the wide one."""
    # The page forbids all scripts but its own, also those that only watch.
    text, n_removed = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', _WATCH, page.read_text("utf-8"))
    assert n_removed == 1
    wrapper = folder / "wrapper.html"
    wrapper.write_text(_WRAPPER.format(page=html.escape(text), script=script), encoding="utf-8")
    document, _ = browse(folder, wrapper, dark)
    return json.loads(html.unescape(re.search(r'<pre id="found">(.*?)</pre>', document, re.DOTALL).group(1)))
