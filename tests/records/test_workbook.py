"""The empty workbook, the check, the dictionary, and the records as they stood on a day."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from attraktiv_eval import resources
from attraktiv_eval.errors import RecordError
from attraktiv_eval.project import Project
from attraktiv_eval.records import Records, load_records
from attraktiv_eval.records.check import check
from attraktiv_eval.records.cleaning import clean_sheet
from attraktiv_eval.records.faults import KINDS, _notes, _rules, fault_words, note_words, rule_words
from attraktiv_eval.records.files import read_file
from attraktiv_eval.records.loading import write_decisions
from attraktiv_eval.records.records import LISTS, as_of
from attraktiv_eval.records.schemas import CHOICES, COVERS, LIST_WORDS, schemas
from attraktiv_eval.records.workbook import WORKBOOKS, sheet_title, write_workbook
from scripts.dictionary import BEGIN, END, dictionary, write_dictionary

KEY = b"a key for tests, 32 bytes long.."


def fill(path: Path, language: str = "sv") -> None:
    """Fill a row of one's own into every sheet: the example's words, with other references."""
    book = openpyxl.load_workbook(path)
    for name in LISTS:
        sheet = book[sheet_title(name, language)]
        own = [cell.value for cell in sheet[2]]
        own[0] = None
        columns = list(schemas()[name].columns)
        for field in ("household_id", "contact_id", "financier", "reach"):
            if field in columns:
                own[columns.index(field) + 1] = "7" if field == "reach" else f"Eget {name}"
        if "answer" in columns:
            own[columns.index("answer") + 1] = "2"
        if name in ("companies", "organisations"):
            own[columns.index("name") + 1] = "Ett eget namn"
        for index, value in enumerate(own, 1):
            sheet.cell(3, index, value)
    book.save(path)


def test_a_filled_workbook_of_either_language_passes_the_check_and_is_read_alike(
    tmp_path: Path, project: Project
) -> None:
    """The example is not counted, and the same row, under either's headings and words, is one record."""
    read = {}
    for language, book in WORKBOOKS.items():
        folder = tmp_path / language
        file = write_workbook(folder, project, language)[0]
        fill(file, language)
        found = check(folder, project, key=KEY)
        assert found.passed, found.lines("en")
        assert found.records.missing == []
        own = found.accounting[found.accounting["file"] == book]
        assert own[["list", "read", "kept"]].to_numpy().tolist() == [[name, 1, 1] for name in LISTS]
        assert found.accounting["read"].sum() == len(LISTS)
        assert found.records.cells.empty
        read[language] = found.records
    for name in LISTS:
        one, other = (getattr(read[language], name) for language in WORKBOOKS)
        same = [column for column in one.columns if column not in ("file", "sheet", "row", "source")]
        assert len(one) and one[same].astype("string").equals(other[same].astype("string")), name


@pytest.mark.parametrize("head", ["Exempelrad;Datum;Hushålls-id", "Example row;Date;Household id"])
def test_a_mark_on_a_row_of_one_s_own_is_told_under_the_heading_of_the_file(
    load: Callable[..., Records], head: str
) -> None:
    records = load({"kontakter.csv": f"{head}\nx;2021-05-01;H3\n;2021-05-01;H4\n"})
    told = records.rejected[["column", "kind"]].to_numpy().tolist()
    assert told == [[head.split(";")[0], "marked_as_example"]] and len(records.contacts) == 1


def test_nothing_of_the_one_language_stands_in_the_workbook_of_the_other(
    tmp_path: Path, project: Project
) -> None:
    said: dict[str, set[str]] = {}
    for language in ("sv", "en"):
        book = openpyxl.load_workbook(write_workbook(tmp_path / language, project, language)[0])
        cover, words = (book[name] for name in COVERS[language])
        cells = [*cover.iter_rows(min_row=3), *words.iter_rows(min_row=2)]
        said[language] = {str(cell.value) for row in cells for cell in row if cell.value}
        for name in LISTS:
            said[language] |= {str(cell.value) for cell in book[sheet_title(name, language)][1]}
    assert said["sv"] & said["en"] <= {"Organisation", "text", "Region", "Partner", "Hushålls-id", "1", "2"}


def test_filled_csv_lists_pass_too(tmp_path: Path, project: Project) -> None:
    written = write_workbook(tmp_path, project)
    written[0].unlink()
    path = tmp_path / "csv" / "kontakter.csv"
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerow(["", "K1", "2021-05-01", "H1"])
    found = check(tmp_path, project, key=KEY)
    assert found.passed, found.lines("en")
    assert found.accounting["read"].sum() == 1


def test_an_empty_workbook_says_that_it_has_no_rows(tmp_path: Path, project: Project) -> None:
    write_workbook(tmp_path, project)
    found = check(tmp_path, project, key=KEY)
    assert found.exit_code == 2
    assert "no rows" in found.lines("en")[0]


def test_a_workbook_that_is_there_is_never_replaced(tmp_path: Path, project: Project) -> None:
    file = write_workbook(tmp_path, project)[0]
    before = file.read_bytes()
    with pytest.raises(RecordError, match="is there already"):
        write_workbook(tmp_path, project)
    assert file.read_bytes() == before


def test_the_workbook_has_a_cover_a_sheet_a_list_and_words_to_choose(
    tmp_path: Path, project: Project
) -> None:
    book = openpyxl.load_workbook(write_workbook(tmp_path, project)[0])
    sheets = [sheet_title(name, "sv") for name in LISTS]
    assert book.sheetnames == ["Om arbetsboken", *sheets, "Ord att välja"]
    assert project.name in book["Om arbetsboken"]["A1"].value
    sheet = book["Hushåll"]
    sources = {rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert len(sources) == len(
        {c.metadata["choice"] for c in schemas()["households"].columns.values()} - {None}
    )
    words = book["Ord att välja"]
    assert [cell.value for cell in words["A"]][1:4] == ["Ja", "Nej", "Okänt"]
    assert sheet["B2"].number_format == "@"


def test_two_workbooks_are_the_same_bytes(tmp_path: Path, project: Project) -> None:
    one, two = write_workbook(tmp_path / "a", project), write_workbook(tmp_path / "b", project)
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_the_check_says_what_a_run_would_do(example_folder: Path, project: Project) -> None:
    found = check(example_folder, project)
    assert found.exit_code == 0
    assert not found.passed
    swedish, english = found.lines("sv", most=3), found.lines("en", most=3)
    assert len(swedish) == len(english)
    assert any(line.startswith("avvisad: aktiviteter.csv, rad 120") for line in swedish)
    assert any("… and" in line for line in english)


def test_the_dictionary_is_the_schemas() -> None:
    text = resources.find("data/README.md").read_text(encoding="utf-8")
    inside = text.split(BEGIN)[1].split(END)[0].strip()
    assert inside == dictionary().strip(), "run scripts/dictionary.py"
    for name in LISTS:
        assert all(f"`{field}`" in inside for field in schemas()[name].columns)


def test_the_dictionary_needs_its_marks(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(f"before {BEGIN} old {END} after\n", encoding="utf-8")
    assert write_dictionary(path)
    assert not write_dictionary(path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before")
    assert text.endswith("after\n")
    path.write_text("no marks", encoding="utf-8")
    with pytest.raises(RecordError, match="marks"):
        write_dictionary(path)


def test_no_heading_means_two_fields_of_a_list_and_no_example_is_wrong() -> None:
    from attraktiv_eval.records.headings import plain_heading
    from attraktiv_eval.records.values import Reader

    for name in LISTS:
        seen: dict[str, str] = {}
        for field, column in schemas()[name].columns.items():
            meta = column.metadata
            for heading in {plain_heading(h) for h in (*meta["heading"].values(), field, *meta["also"])}:
                assert seen.setdefault(heading, field) == field, (name, heading)
            for example in filter(None, meta["example"].values()):
                read = Reader(meta["kind"], meta["choice"], date(2015, 1, 1), date(2027, 1, 1))(example)
                assert read.fault is None, (name, field)
                assert read.value is not None


def test_every_list_is_known_by_each_of_its_names() -> None:
    from attraktiv_eval.records.headings import named_list

    for name, words in LIST_WORDS.items():
        assert {named_list(f"{word} 2021.csv") for word in words} == {name}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_fault_note_and_rule_has_words(language: str) -> None:
    for kind in KINDS:
        assert all(fault_words(kind, language))
        assert note_words(f"cells_{kind}", "3", language)
    if language == "sv":
        assert all(fault_words(kind, "sv") != fault_words(kind, "en") for kind in KINDS)
        assert all(note_words(kind, "3", "sv") != note_words(kind, "3", "en") for kind in _notes(str))
        assert all(rule_words(rule, "sv") != rule_words(rule, "en") for rule in _rules(str))


def test_every_rule_of_linkage_has_words(example: Records) -> None:
    assert all(rule_words(rule, "sv") for rule in example.linkage["rule"])


def test_the_choices_are_the_projects_own(project: Project) -> None:
    assert list(CHOICES["phase"]) == [phase.id for phase in project.phases]
    assert list(CHOICES["area"]) == [area.id for area in project.areas]
    assert {one.kind for one in project.organisations} <= set(CHOICES["organisation_type"])
    assert {one.kind for one in project.funding} <= set(CHOICES["funding_kind"])


def test_the_grey_zone_can_be_written_and_read_back(
    tmp_path: Path, example: Records, project: Project
) -> None:
    (tmp_path / "kontakter.csv").write_text("Datum;Hushålls-id\n2021-03-01;H1\n", encoding="utf-8")
    write_decisions(example.grey_zone, tmp_path / "decisions.csv")
    table = pd.read_csv(tmp_path / "decisions.csv", sep=";")
    assert table.columns.tolist() == [
        "list",
        "left",
        "right",
        "score",
        "decision",
        "left_rows",
        "right_rows",
        "speaks_for",
        "speaks_against",
    ]
    assert len(load_records(tmp_path, project, key=KEY).households) == 1


def test_the_check_writes_what_to_mend_and_keeps_what_was_decided(
    tmp_path: Path, example_folder: Path, project: Project
) -> None:
    found = check(example_folder, project)
    names = [path.name for path in found.write(tmp_path)]
    assert names == ["rejected_rows.csv", "joined_rows.csv", "decisions.csv"]
    rows = pd.read_csv(tmp_path / "rejected_rows.csv", sep=";")
    assert (rows["left_out"] == "row").sum() == len(found.records.rejected)
    assert (rows["left_out"] == "cell").sum() == len(found.records.cells)
    path = tmp_path / "decisions.csv"
    decided = path.read_text(encoding="utf-8-sig").replace("95.7;\n", "95.7;olika\n", 1)
    path.write_text(decided, encoding="utf-8-sig")
    found.write(tmp_path)
    assert path.read_text(encoding="utf-8-sig") == decided


def test_nothing_later_is_known_as_of_a_day(example: Records) -> None:
    day = date(2021, 12, 31)
    then = as_of(example, day)
    stamp = pd.Timestamp(day)
    for table, column in (
        ("contacts", "date"),
        ("activities", "date"),
        ("funding", "date"),
        ("residence", "checked"),
    ):
        assert getattr(then, table)[column].max() <= stamp
    for table in ("survey_households", "survey_companies"):
        assert getattr(then, table)["date"].max() <= stamp
    assert then.households["moved_in"].max() <= stamp
    assert then.companies["first_hire"].max() <= stamp
    moved = example.households
    known = moved[(moved["moved"] == "yes") & (moved["moved_in"] <= stamp)]
    assert (then.households["moved"] == "yes").sum() == len(known)
    assert as_of(then, day).households.equals(then.households)


def test_load_until_is_the_same(example_folder: Path, project: Project, example: Records) -> None:
    until = load_records(example_folder, project, until=date(2020, 12, 31))
    assert until.households.equals(as_of(example, date(2020, 12, 31)).households)
    assert until.accounting.equals(example.accounting)


def test_missing_lists_are_named(load: Callable[..., Records]) -> None:
    records = load({"kontakter.csv": "Datum;Hushålls-id\n2021-03-01;H1\n"})
    assert records.missing == [name for name in LISTS if name != "contacts"]
    assert records.companies is None
    assert records.households["moved"].tolist() == ["unknown"]
    assert not records.example_data


def test_a_workbook_of_blanks_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    """A small file whose sheet is a long list of cells without values; benchmarks/records.py tries 3 GB."""
    path = tmp_path / "kontakter.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b'<c r="A1" s="1"/>' * 200_000)
    assert path.stat().st_size < 50_000
    monkeypatch.setattr("attraktiv_eval.records.excel_files._LARGEST", 3_000_000)
    with pytest.raises(RecordError, match="unpacks to more than 1 GB; remedy: save only the lists"):
        read_file(path, path.name)


def test_thousands_of_unknown_headings_are_told_and_only_the_first_compared(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("attraktiv_eval.records.cleaning.nearest", lambda *heading: asked.append(heading))
    path = tmp_path / "kontakter.csv"
    heads = ["Datum", "Hushålls-id", *(f"Fråga {n}" for n in range(3_000))]
    path.write_text(";".join(heads) + "\n2021-03-01;H1" + ";x" * 3_000, encoding="utf-8")
    found = clean_sheet(read_file(path, path.name)[0], date(2015, 1, 1), date(2027, 12, 31))
    assert found is not None and found.read == len(found.frame) == 1
    assert len(found.notes) >= 3_000 and len(asked) == 200
