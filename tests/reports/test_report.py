"""The base of all reports: tables, page and files hold the same numbers."""

from __future__ import annotations

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.reports import Report, Section
from nbo.views import plot_acceptance


def made_up_report() -> Report:
    rates = pd.DataFrame({"segment": ["a", "a", "b"], "offer_id": ["x", "y", "x"], "rate": [0.1, 0.2, 0.3], "n": 7})
    parts = (
        Section("rates", "Rates", rates, "Shares.", rows=2, plot=plot_acceptance, caption="Percent."),
        Section("none", "Nothing", rates.head(0), columns=("segment", "not there"), plot=plot_acceptance),
    )
    return Report("Offers", "As of 2026-06-30", {"Decisions": 1234}, ("x <rose>.",), parts)


def test_the_page_shows_the_first_rows_and_says_how_many_are_left_out():
    text = made_up_report().to_page().to_html()
    assert "Shares. The first 2 of 3 rows; all are in the written tables." in text
    assert text.count("<td") == 2 * 4 + 1
    assert text.count("<figure>") == 1
    assert "<li>x &lt;rose&gt;.</li>" in text
    assert "1,234" in text


@pytest.mark.parametrize(("form", "read"), [("parquet", pd.read_parquet), ("csv", pd.read_csv)])
def test_written_tables_have_all_rows(tmp_path, form, read):
    report = made_up_report()
    paths = report.write_tables(tmp_path / "deep", form)
    assert [path.name for path in paths] == [f"rates.{form}", f"none.{form}"]
    pd.testing.assert_frame_equal(read(paths[0]), report.tables["rates"], check_dtype=form == "parquet")
    assert len(read(paths[1])) == 0


def test_a_report_shows_itself():
    report = made_up_report()
    assert repr(report) == "Report('Offers', 'As of 2026-06-30', 2 tables)"
    assert "<li>rates: 3 rows</li>" in report._repr_html_()
    assert "&lt;rose&gt;" in report._repr_html_()


def test_its_tables_cannot_be_swapped():
    with pytest.raises(TypeError, match="does not support item assignment"):
        made_up_report().tables["rates"] = pd.DataFrame()


def test_two_tables_of_one_name_and_an_unknown_format_are_refused(tmp_path):
    part = made_up_report().sections[0]
    with pytest.raises(InputError, match="sections must have different names; 'rates' stands twice"):
        Report("t", sections=(part, part))
    with pytest.raises(InputError, match="format must be one of 'parquet', 'csv'; got 'xlsx'"):
        made_up_report().write_tables(tmp_path, "xlsx")


def test_counts_stay_whole_beside_missing_numbers_and_shares_are_percent():
    frame = pd.DataFrame({"measure": ["customers", "acceptance rate", "value"], "value": [800.0, 0.0366, 819.6]})
    frame["before"] = [float("nan"), 0.05, 12.0]
    text = Report("r", sections=(Section("s", "S", frame, mixed=("value", "before")),)).to_page().to_html()
    for cell in ('data-value="800">800<', 'data-value="0.0366">3.7 %<', ">819.60<", ">5.0 %<", ">12<", ">–<"):
        assert cell in text, cell


def test_ids_are_no_quantities_and_names_of_ours_are_words():
    frame = pd.DataFrame({"customer_id": [1001], "offer_id": [2002], "driver": ["cost_to_serve"], "n": [3003]})
    text = Report("r", sections=(Section("s", "S", frame),)).to_page().to_html()
    for cell in (">1001<", ">2002<", ">cost to serve<", ">3,003<", ">Offer<", ">Number<"):
        assert cell in text, cell
