"""``nbo snapshot``: a page of its own, and customers whose ids are numbers."""

from __future__ import annotations

import pandas as pd
from click.testing import CliRunner

from nbo.cli import main
from nbo.tables import CustomerTables


def run(folder, *arguments) -> str:
    given = ["snapshot", "--data", str(folder), "--customer", "1001", "--as-of", "2026-06-30", *arguments]
    result = CliRunner().invoke(main, given)
    assert result.exit_code == 0, result.output
    return result.output


def test_html_is_a_whole_page_that_says_how_its_letters_are_written(tmp_path):
    customers = pd.DataFrame({"customer_id": [1001], "name": ["Jürgen <script>alert(1)</script>"]})
    CustomerTables(customers=customers).write(tmp_path)
    page = run(tmp_path, "--format", "html")
    assert page.startswith('<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">')
    assert page.endswith("</html>\n")
    assert "<script" not in page
    assert "Jürgen &lt;script&gt;" in page
    assert "color-scheme:light dark" in page


def test_ids_that_are_numbers_are_found_without_a_table_of_customers(tmp_path):
    sales = pd.DataFrame({"customer_id": [1001], "event_time": ["2026-01-05"], "amount": [9.5]})
    CustomerTables(transactions=sales).write(tmp_path, format="csv")
    assert "Customer 1001, as known before" in run(tmp_path)


def test_an_id_that_is_text_stays_text(tmp_path):
    CustomerTables(customers=pd.DataFrame({"customer_id": ["1001", "0007"]})).write(tmp_path)
    assert "Customer 1001" in run(tmp_path)
