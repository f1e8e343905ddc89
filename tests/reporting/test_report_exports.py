"""Tables as CSV and as a workbook: for Swedish Excel, the same bytes, nothing merged."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from copy import copy
from datetime import date
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag
from docx import Document
from openpyxl import load_workbook
from pages import write_page

from attraktiv_eval.disclosure import scan
from attraktiv_eval.reporting.downloads import write_word, write_workbook
from attraktiv_eval.reporting.evidence import carried
from attraktiv_eval.reporting.report import Report, write_csv


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
        for name in ("goals", "gaps", "rivals", "assumptions", "bounds", "verdicts", "organisations")
    }
    assert told == {
        "goals": {True, False},
        "gaps": {False},
        "rivals": {False},
        "assumptions": {False},
        "bounds": {True},
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


# --- The body as a Word document


def main_text(page: Path) -> list[Tag]:
    """Return what stands in a page before its appendix, read apart from the package."""
    main = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").find(id="main")
    kept: list[Tag] = []
    for one in main.find_all(True):
        if one.name == "h2" and one.get_text().startswith(("Bilaga", "Appendix")):
            break
        kept += [] if one.find_parent("nav") or one.name == "nav" else [one]
    return kept


def all_of(document: Path) -> str:
    """Return the words of every paragraph of a Word document: text, cells, running lines."""
    with zipfile.ZipFile(document) as packed:
        parts = [packed.read(one).decode("utf-8") for one in packed.namelist() if one.endswith(".xml")]
    paragraphs = [one for part in parts for one in re.findall(r"<w:p[ >].*?</w:p>", part, re.DOTALL)]
    return "\n".join(unescape("".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)", one))) for one in paragraphs)


@pytest.fixture(scope="module", params=["sv", pytest.param("en", marks=pytest.mark.prove)])
def written(request, evaluation_of, run: dict, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a final report with its Word document beside it, as a run writes them."""
    folder = tmp_path_factory.mktemp("final")
    (folder / "results.json").write_text('{"until": "2022-12-31"}', encoding="utf-8")
    told = {**run, "word": True, "publisher": ["Region Jämtland Härjedalen"]}
    (folder / "run.json").write_text(json.dumps(told), encoding="utf-8")
    return write_page(evaluation_of(2022, final=True), folder, request.param, told)


def test_the_word_document_has_styles_headings_and_a_language(written: Path) -> None:
    document = Document(written.with_suffix(".docx"))
    styles = [(one.style.name, one.text) for one in document.paragraphs]
    assert styles[0][0] == "Intense Quote"
    assert re.search("påhittade|invented", styles[0][1])
    assert [name for name, _text in styles].count("Title") == 1
    shown = {one.get_text() for one in main_text(written) if one.name == "h2"}
    assert {text for name, text in styles if name == "Heading 1"} == shown and shown
    (section,) = document.sections
    assert section.header.paragraphs[0].text == styles[0][1]
    assert section.footer._element.xpath(".//w:fldSimple/@w:instr") == ["PAGE", "NUMPAGES"]
    assert "Region Jämtland Härjedalen" in section.footer.paragraphs[0].text
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    page = BeautifulSoup(written.read_text(encoding="utf-8"), "html.parser")
    spoken = {"sv": "sv-SE", "en": "en-GB"}[page.html["lang"]]
    assert document.styles.element.xpath(".//w:lang/@w:val") == [spoken]
    told = document.core_properties
    assert (told.title, told.author, told.last_modified_by, told.language, told.comments) == (
        page.title.get_text(), "Region Jämtland Härjedalen", "Region Jämtland Härjedalen", spoken, "",
    )  # fmt: skip
    assert told.created.date() == told.modified.date() == date(2022, 12, 31)
    leads = [one.target_ref for one in document.part.rels.values() if one.is_external]
    assert leads == [written.name]


def test_tables_of_the_word_document_have_headings_and_figures_their_words(written: Path) -> None:
    document = Document(written.with_suffix(".docx"))
    body = main_text(written)
    every = [one for one in body if one.name == "table"]
    tables = [one for one in every if len(one.find_all("tr")) <= 25 or not one.find_parent("figure")]
    assert len(document.tables) == len(tables) >= 4
    left = [
        one.text for one in document.paragraphs if re.match("Figurens tabell|The table of this fig", one.text)
    ]
    assert len(left) == len(every) - len(tables)
    for made, table in zip(document.tables, tables, strict=True):
        rows = [[cell.get_text() for cell in row.find_all(["td", "th"])] for row in table.find_all("tr")]
        kept = [[cell.text for cell in row.cells] for row in made.rows]
        assert kept == [[re.sub(r"[ \n]+", " ", one).strip(" ") for one in row] for row in rows]
        assert made._tbl.tr_lst[0].xpath("./w:trPr/w:tblHeader")
        assert made._tbl.tblPr.xpath("./w:tblCaption/@w:val") == [table.caption.get_text()]
    figures = [one for one in body if one.name == "figure"]
    shapes = [one._inline.docPr for one in document.inline_shapes]
    assert [one.get("name") for one in shapes] == [
        one["id"].removeprefix("fig-").replace("-", "_") for one in figures
    ]
    for shape, figure in zip(shapes, figures, strict=True):
        headline, what = (figure.select_one(one).get_text() for one in (".headline", ".what"))
        assert shape.get("descr").endswith(f": {headline}. {what}")
    for made in document.tables:  # the columns fill the room between the margins, each as its words ask
        widths = [one.w.mm for one in made._tbl.tblGrid.gridCol_lst]
        assert sum(widths) == pytest.approx(160, abs=1)
        longest = [
            max(len(word) for cell in one.cells for word in [*cell.text.split(), ""]) for one in made.columns
        ]
        assert [
            one for one in zip(longest, widths, strict=True) if one[0] <= 12 and one[1] < 1.9 * one[0]
        ] == []


def test_the_word_document_says_all_that_the_body_says(written: Path) -> None:
    said, body = all_of(written.with_suffix(".docx")), main_text(written)
    numbers = [one.get_text() for one in body if one.name == "data"]
    assert len(numbers) > 40 and [one for one in numbers if one not in said] == []
    words = [one for one in body if one.name == "p" and "files" not in one.get("class", [])]
    plain = [re.sub(r"[ \n]+", " ", one.get_text()).strip() for one in words]
    assert len(plain) > 20 and [one for one in plain if one not in said] == []


def test_the_word_document_has_the_same_bytes_every_time_and_is_in_the_page(
    written: Path, tmp_path: Path
) -> None:
    page, first = written.read_text(encoding="utf-8"), written.with_suffix(".docx").read_bytes()
    shutil.copytree(written.parent / "figures", tmp_path / "figures")
    name = written.with_suffix(".docx").name
    assert write_word(page, tmp_path / name, language=re.search('lang="(..)"', page)[1]).read_bytes() == first
    assert dict(carried(page.encode("utf-8"), "").links)[name] == first
    assert len(page.encode("utf-8")) <= 2_000_000
    with zipfile.ZipFile(tmp_path / name) as packed:
        everything = b"".join(packed.read(one) for one in packed.namelist())
        assert {one.date_time for one in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert str(written.parent).encode() not in everything and b"python-docx" not in everything
    assert len(first) < 200_000


def test_what_looks_personal_is_found_in_a_word_document(written: Path, tmp_path: Path) -> None:
    page = written.read_text(encoding="utf-8")
    planted = page.replace('<p class="sender">', '<p class="sender">Ring <b>070</b>-174 06 05. ', 1)
    write_word(planted, tmp_path / "final_report.docx", language="sv")
    assert {one.kind for one in scan(tmp_path)} == {"telephone"}
