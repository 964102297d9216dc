"""A floor imports only floors below it; heavy libraries have their rooms; `import nbo` is light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "nbo"

# Rooms of one floor do not see each other. The garden (simulate, datasets) sees floors 0 and 1.
FLOORS = [
    {"columns", "errors", "rng", "checks", "whole_files", "times", "states", "numbers", "progress"}
    | {"wilson", "newcombe", "e_bh", "locked_folder", "stated_offers"},
    {"tables", "ledger"},
    {"features"},
    {"segments", "models", "policies", "experiments"},
    {"arbitration", "value", "prospects", "journeys", "bundles", "alerting"},
    {"evaluation", "views"},
    {"next_best_offer", "reports"},
    {"health"},
    {"registry"},
    {"batch"},
    {"cli", "testing", "demo"},
]
GARDEN = {"simulate", "datasets"}
ROOF = len(FLOORS) - 1
HEAVY = {
    "lightgbm": ["models"],
    "mlflow": ["registry"],
    "matplotlib": ["views"],
    "sqlalchemy": ["ledger"],
    "pyspark": ["features", "batch"],
}


def floor_of(room: str) -> int:
    return next(i for i, rooms in enumerate(FLOORS) if room in rooms)


def allowed(importer: str, imported: str) -> bool:
    if importer == imported:
        return True
    if imported in GARDEN:
        return importer in FLOORS[ROOF]
    if importer in GARDEN:
        return floor_of(imported) <= 1
    if floor_of(importer) == 0 or floor_of(importer) == ROOF:
        # The ground's and the roof's files may use each other.
        return floor_of(imported) <= floor_of(importer)
    return floor_of(imported) < floor_of(importer)


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(source: str) -> list[tuple[int, str]]:
    """Line and full name of all that a file imports, inside functions too."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found


def files() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def wrong_imports(source: str, room: str) -> list[str]:
    wrong = []
    for line, name in imports_of(source):
        parts = name.split(".")
        if parts[0] == "nbo" and len(parts) > 1 and parts[1] != "__version__" and not allowed(room, parts[1]):
            wrong.append(f"line {line}: {room} imports {name}")
        if room not in HEAVY.get(parts[0], [room]):
            wrong.append(f"line {line}: only {' and '.join(HEAVY[parts[0]])} imports {parts[0]}")
    return wrong


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(path):
    assert wrong_imports(path.read_text(), room_of(path)) == []


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("tables", "from nbo.features import FeatureSet"),
        ("models", "from nbo import policies"),
        ("registry", "import nbo.batch"),
        ("simulate", "from nbo.features.windows import Windows"),
        ("features", "def f():\n    import lightgbm"),
        ("models", "from pyspark.sql import SparkSession"),
    ],
)
def test_an_import_that_goes_up_or_sideways_is_found(room, line):
    assert len(wrong_imports(line, room)) == 1


def test_every_file_has_a_floor_and_every_floor_a_file():
    rooms = {room_of(path) for path in files()}
    known = set().union(*FLOORS, GARDEN)
    assert rooms == known


def test_files_and_functions_stay_short():
    long = []
    for path in files():
        source = path.read_text()
        if source.count("\n") > 300:
            long.append(f"{path}: {source.count(chr(10))} lines")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                if body and node.end_lineno - body[0].lineno + 1 > 40:
                    long.append(f"{path}:{node.lineno} {node.name}")
    assert long == []


def test_importing_nbo_is_light():
    code = (
        "import sys, time; start = time.process_time(); import nbo; spent = time.process_time() - start;"
        "heavy = {'mlflow', 'lightgbm', 'matplotlib', 'sqlalchemy', 'pyspark', 'pandas', 'sklearn'} & set(sys.modules);"
        "assert not heavy, heavy; assert spent < 0.5, spent"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
