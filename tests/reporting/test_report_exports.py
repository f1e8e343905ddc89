"""Tables as CSV and as a workbook: for Swedish Excel, the same bytes, nothing merged."""

from __future__ import annotations

from copy import copy
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from openpyxl import load_workbook

from attraktiv_eval.reporting.report import Report, write_csv
from attraktiv_eval.reporting.workbook import write_workbook


@pytest.fixture(scope="module")
def saved(swedish: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    swedish.save(folder)
    return folder


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep=";", decimal=",", encoding="utf-8-sig")


def test_csv_files_are_for_swedish_excel(saved: Path) -> None:
    content = (saved / "tables" / "estimates.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    assert content.decode("utf-8-sig").splitlines()[0].count(";") > 10


def test_numbers_survive_the_csv(saved: Path, swedish: Report) -> None:
    kept, told = swedish.view.evaluation.tables["estimates"], read(saved / "tables" / "estimates.csv")
    for column in ("effect_persons", "low", "high", "p_value", "smallest_p"):
        pd.testing.assert_series_equal(told[column].astype(float), kept[column].astype(float), rtol=1e-5)


def test_codes_stay_text_and_missing_cells_stay_empty(saved: Path) -> None:
    lines = (saved / "tables" / "placebo_gaps.csv").read_text(encoding="utf-8-sig").splitlines()
    assert ";01;" in lines[1]
    by_place = (saved / "tables" / "households_by_municipality.csv").read_text(encoding="utf-8-sig")
    assert by_place.splitlines()[-1].startswith("2380;")
    assert by_place.splitlines()[-1].endswith(";;true")


def test_a_last_column_says_of_each_row_whether_it_is_invented(
    saved: Path, evaluation_of, tmp_path: Path
) -> None:
    """What is read by the places of its columns on the example reads real records unchanged."""
    Report(evaluation_of(2022, final=True, example=False), "sv").save(tmp_path)
    for path in sorted((saved / "tables").iterdir()):
        real = (tmp_path / "tables" / path.name).read_text(encoding="utf-8-sig").splitlines()
        marked = path.read_text(encoding="utf-8-sig").splitlines()
        assert marked[0] == real[0] + ";example_data"
        if path.name != "rivals.csv":  # cells with line breaks
            assert [one.rpartition(";")[0] for one in marked] == real
        assert set(read(path)["example_data"]) <= {True, False}
    told = {
        name: set(read(saved / "tables" / f"{name}.csv")["example_data"])
        for name in ("goals", "gaps", "verdicts", "organisations")
    }
    assert told == {
        "goals": {True, False},
        "gaps": {False},
        "verdicts": {True, False},
        "organisations": {False},
    }
    for name in ("goals", "paths"):
        rows = read(saved / "tables" / f"{name}.csv")
        assert list(rows["example_data"]) == list(rows["goal"] != "organisations"), name


def test_the_package_reads_its_own_marked_csv(saved: Path) -> None:
    from attraktiv_eval.records.csv_files import read_csv

    path = saved / "tables" / "goals.csv"
    sheet = read_csv(path, path.name)
    assert list(sheet.columns[-1]) == ["example_data", "true", "true", "false"]


def test_every_sheet_of_invented_records_says_so_in_print_and_in_its_cells(
    saved: Path, evaluation_of, tmp_path: Path
) -> None:
    label = "siffrorna från SCB är verkliga"
    for sheet in load_workbook(saved / "tables.xlsx").worksheets:
        rows = list(sheet.iter_rows(max_row=3, values_only=True))
        assert label in sheet.oddHeader.left.text
        assert rows[0][-1] == "Exempeldata" or any(label in str(row[0]) for row in rows), sheet.title
    Report(evaluation_of(2022, final=True, example=False), "sv").save(tmp_path)
    real = load_workbook(tmp_path / "tables.xlsx")
    assert "Exempeldata" not in str(real.properties.title)
    for sheet in real.worksheets:
        assert not sheet.oddHeader.left.text
        assert not any("xempeldata" in str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)


def test_the_tables_are_the_same_in_both_languages(saved: Path, english: Report, tmp_path: Path) -> None:
    english.save(tmp_path)
    for path in sorted((saved / "tables").iterdir()):
        assert path.read_bytes() == (tmp_path / "tables" / path.name).read_bytes(), path.name
    assert (tmp_path / "figures" / "gaps.en.svg").is_file()
    assert (tmp_path / "tables.en.xlsx").is_file()


def test_the_workbook_has_a_cover_notes_and_a_table_a_sheet(saved: Path, swedish: Report) -> None:
    book = load_workbook(saved / "tables.xlsx")
    assert book.sheetnames[:2] == ["Försättsblad", "Anmärkningar"]
    assert len(book.sheetnames) == 2 + len(list((saved / "tables").iterdir()))
    assert book.worksheets[0]["A1"].value == "En attraktiv region: slutrapport"
    assert "påhittade" in str(book.worksheets[0]["A2"].value)
    assert all(not sheet.merged_cells.ranges for sheet in book.worksheets)
    assert all(len(name) <= 31 for name in book.sheetnames)


def test_numbers_in_the_workbook_are_numbers(saved: Path) -> None:
    book = load_workbook(saved / "tables.xlsx")
    sheet = next(one for one in book.worksheets if one.title.startswith("Vägen till varje mål"))
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:3] == ("Mål", "År", "Under året")
    assert rows[1][0] == "Hushåll"
    assert isinstance(rows[1][3], int)
    assert sheet.freeze_panes == "A2"


def test_the_workbook_has_the_same_bytes_every_time(saved: Path, swedish: Report, tmp_path: Path) -> None:
    again = write_workbook(swedish.view, tmp_path / "again.xlsx")
    assert again.read_bytes() == (saved / "tables.xlsx").read_bytes()


def test_what_begins_like_a_formula_or_holds_control_signs_is_text(swedish: Report, tmp_path: Path) -> None:
    """Names of financiers are written by others; a negative number stays a number."""
    names = ['=HYPERLINK("http://x","A")', "+1+1", "@SUM(A1)", "-2+3", "Åre\x0b kommun", "\tA"]
    table = pd.DataFrame({"financier": names, "decided_sek": [-1.5] * 6, "paid_sek": [1] * 6})
    view = copy(swedish.view)
    view.evaluation = SimpleNamespace(**vars(view.evaluation) | {"tables": {"funding": table}})
    book = load_workbook(write_workbook(view, tmp_path / "tables.xlsx"))
    sheet = next(one for one in book.worksheets if one["A2"].value == names[0])
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [cell.data_type for cell in cells] == ["s"] * 6
    assert [cell.value for cell in cells] == [*names[:4], "Åre kommun", "\tA"]
    write_csv(table, tmp_path / "funding.csv")
    told = (tmp_path / "funding.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert [one[:2].strip('"') for one in told] == ["'", "'+", "'@", "'-", "År", "'\t"]
    assert all(";-1,5;" in one for one in told)
