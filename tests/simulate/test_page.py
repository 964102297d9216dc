import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"


def test_the_snippets_of_the_page_run_from_top_to_bottom():
    snippets = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)
    assert len(snippets) == 3
    names: dict = {}
    for snippet in snippets:
        exec(compile(snippet, str(PAGE), "exec"), names)
    assert len(names["accepted"]) > 50
