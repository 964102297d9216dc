from pathlib import Path

from nbo.demo.feature_dictionary import feature_dictionary

ROOT = Path(__file__).parents[2]


def test_the_feature_dictionary_is_fresh():
    written = (ROOT / "docs" / "feature_dictionary.md").read_text(encoding="utf-8")
    assert written == feature_dictionary(), "run `make dictionary`"


def test_every_column_says_what_it_means():
    rows = [line for line in feature_dictionary().splitlines() if line.startswith("| `")]
    assert all(row.rstrip(" |").rsplit("| ", 1)[1].endswith(".") for row in rows)
