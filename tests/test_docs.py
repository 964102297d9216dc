"""What the pages show runs: their Python, in order, and their commands."""

from __future__ import annotations

import doctest
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from nbo.cli import main

ROOT = Path(__file__).parents[1]
PAGES = {path.relative_to(ROOT).as_posix(): path for path in [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]}
FENCE = re.compile(r"^```(\w*)\s*$")
NOT_EXECUTED = re.compile(r"^<!-- not executed: \S.* -->$")


@dataclass(frozen=True)
class Fence:
    """A block of code: its language, the number of its first line, its text."""

    language: str
    line: int
    text: str


def fences(source: str) -> list[Fence]:
    """Blocks to run: all fences but those behind a comment that says why not."""
    found: list[Fence] = []
    lines, before, opened = source.splitlines(), "", None
    for number, line in enumerate(lines):
        match = FENCE.match(line)
        if opened is None and match and match[1]:
            opened = (match[1], number + 1, NOT_EXECUTED.match(before) is None)
        elif opened is not None and line.rstrip() == "```":
            language, start, executed = opened
            if executed:
                found.append(Fence(language, start + 1, "\n".join(lines[start:number]) + "\n"))
            opened = None
        before = line if line.strip() else before
    return found


def run_python(fence: Fence, page: Path, namespace: dict) -> None:
    if ">>>" in fence.text:
        test = doctest.DocTestParser().get_doctest(fence.text, namespace, page.name, str(page), fence.line - 1)
        flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
        failed = doctest.DebugRunner(optionflags=flags, verbose=False).run(test, clear_globs=False)
        assert failed.failed == 0
        namespace.update(test.globs)
        return
    # Empty lines before it, so that an error names the line of the page.
    code = compile("\n" * (fence.line - 1) + fence.text, str(page), "exec")
    exec(code, namespace)  # noqa: S102 -- our own pages


def commands(source: str) -> list[str]:
    """Lines ``$ nbo ...`` of console blocks, with the lines that they go on in."""
    blocks = [fence.text.replace("\\\n", " ") for fence in fences(source) if fence.language == "console"]
    lines = [line for block in blocks for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ nbo ")]


def test_these_are_all_pages():
    assert list(PAGES) == [
        "README.md",
        "docs/ablation.md",
        "docs/alerts.md",
        "docs/allocation.md",
        "docs/api.md",
        "docs/architecture.md",
        "docs/batch.md",
        "docs/benchmark_bandits.md",
        "docs/benchmarks.md",
        "docs/bundles.md",
        "docs/campaigns.md",
        "docs/churn.md",
        "docs/clv.md",
        "docs/contact_policy.md",
        "docs/contributing.md",
        "docs/customer_360.md",
        "docs/customer_worth.md",
        "docs/data_dictionary.md",
        "docs/datasets.md",
        "docs/decisions.md",
        "docs/demo.md",
        "docs/experiments.md",
        "docs/feature_dictionary.md",
        "docs/features.md",
        "docs/glossary.md",
        "docs/health.md",
        "docs/index.md",
        "docs/large_features.md",
        "docs/learning_loop.md",
        "docs/ledger.md",
        "docs/lookalikes.md",
        "docs/models.md",
        "docs/notebooks.md",
        "docs/off_policy_evaluation.md",
        "docs/online_features.md",
        "docs/policies.md",
        "docs/propensity.md",
        "docs/prospects.md",
        "docs/registry.md",
        "docs/reports.md",
        "docs/rules.md",
        "docs/segments.md",
        "docs/simulation.md",
        "docs/simulator.md",
        "docs/spark_features.md",
        "docs/spread.md",
        "docs/uplift.md",
        "docs/validation.md",
        "docs/value.md",
        "docs/views.md",
    ]


@pytest.mark.parametrize("page", PAGES)
def test_python_of_the_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace: dict = {"__name__": "__main__"}
    for fence in fences(PAGES[page].read_text()):
        if fence.language == "python":
            run_python(fence, PAGES[page], namespace)


WITH_COMMANDS = [page for page, path in PAGES.items() if commands(path.read_text())]


@pytest.mark.parametrize("page", WITH_COMMANDS)
def test_commands_of_the_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command in commands(PAGES[page].read_text()):
        result = CliRunner().invoke(main, shlex.split(command, comments=True)[1:])
        assert result.exit_code == 0, f"$ {command}\n{result.output}\n{result.exception!r}"


def test_the_readme_shows_commands():
    assert "README.md" in WITH_COMMANDS


@pytest.mark.parametrize("page", PAGES)
def test_links_to_other_pages_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)", PAGES[page].read_text())
    assert [link for link in links if not (PAGES[page].parent / link).exists()] == []


SAMPLE = """
```python
a = 1
```
<!-- not executed: takes an hour -->

```python
a = undefined
```
<!-- an ordinary comment -->
```python
>>> a + 1
2
```
```console
$ nbo simulate \\
    tables
$ make demo
```
"""


def test_fences_are_found_and_comments_heeded():
    assert [(fence.language, fence.line) for fence in fences(SAMPLE)] == [
        ("python", 3),
        ("python", 12),
        ("console", 16),
    ]
    assert commands(SAMPLE) == ["nbo simulate      tables"]


def test_a_wrong_line_of_a_page_is_named(tmp_path):
    page = tmp_path / "page.md"
    with pytest.raises(NameError, match="undefined") as caught:
        run_python(Fence("python", 7, "a = undefined\n"), page, {})
    assert caught.traceback[-1].lineno + 1 == 7


def test_a_wrong_output_of_a_page_is_found(tmp_path):
    with pytest.raises(doctest.DocTestFailure):
        run_python(Fence("python", 1, ">>> 1 + 1\n3\n"), tmp_path / "page.md", {})
