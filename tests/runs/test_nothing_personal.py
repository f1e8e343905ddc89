"""Persons planted in every place of a folder of lists, and looked for in everything that a run writes."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from attraktiv_eval import resources
from attraktiv_eval.disclosure.personal_data import _texts
from attraktiv_eval.evaluation import load_inputs
from attraktiv_eval.project import Project
from attraktiv_eval.records.check import check
from attraktiv_eval.records.tables import by_list, write_rejected
from attraktiv_eval.records.workbook import write_csv
from attraktiv_eval.runs.execution import RunParameters, checked
from attraktiv_eval.runs.pipeline import run
from scripts.example_records import write_example

SYLLABLES = ["ka", "ru", "mi", "to", "ne", "vi", "sa", "lo"]
#: Invented names that no word of a report holds: the person's own mark in each place.
NAMES = [f"Zq{a}{b} Xw{b}{a}sson" for a in SYLLABLES for b in SYLLABLES]
#: Identity numbers as people write them: dashes, spaces, coordination numbers, wrong check digits.
WAYS = [
    "19{0}-{1}", "{0}-{1}", "{0} {1}", "19{0}{1}", "{0}\u2011{1}", "{0}\u2013{1}", "{0} - {1}", "{0}+{1}",
    "19{0}/{1}", "{0}\u30fc{1}", "{0}\u00ad{1}", "{0}_{1}",
]  # fmt: skip
NUMBERS = [
    WAYS[n % 12].format(f"85{1 + n % 12:02d}{1 + n % 28 + 60 * (n % 5 == 4):02d}", 4321 + n)
    for n in range(24)
]
DIALLED = [
    "070-17{0} {1}",
    "07017{0}{1}",
    "070.17{0}.{1}",
    "+46 (0)7017{0} {1}",
    "0046 70 17{0} {1}",
    "070/17{0}{1}",
]
PHONES = [DIALLED[n % 6].format(40 + n, 600 + n) for n in range(20)]
EMAILS = [f"zqpost{n}@xwmail{n}.example.org" for n in range(20)]


def plant(place: Path, project: Project) -> tuple[Path, list[str]]:
    """Write the example's lists with over 60 personal items in them; return folder and items."""
    name, number, phone, email = (iter(one) for one in (NAMES, NUMBERS, PHONES, EMAILS))
    used: list[str] = []

    def one(items: Iterator[str]) -> str:
        used.append(next(items))
        return used[-1]

    records = place / f"listor från {one(name)}"
    write_example(records, project)
    (records / "EXEMPELDATA.txt").unlink()
    folder = records / f"{one(name)} {one(number)}"
    folder.mkdir()
    head = "Hushålls-id;Vuxna;Första kontakt;Flyttat;Inflyttningsdatum;Ursprung;Kommun;Källa"
    rows = [
        f"{one(number)};1;2021-03-01;ja;2021-06-01;Lund;Åre;{one(name)} ringde {one(phone)}" for _ in range(3)
    ]
    rows += [
        f"{one(email)};2;2021-31-31;nej;;Lund;Berg;{one(name)}",
        f"H7;x{one(number)};2021-04-01;ja;;Lund;;",
    ]
    (folder / f"hushåll {one(name)} {one(phone)}.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    extra = (
        f"Kontakt-id;Datum;Hushålls-id;{one(name)};Kanal;{one(email)};Namn;Telefon;E-post;Adress;Organisation"
    )
    cells = (
        f"K9;2021-03-01;H7;{one(name)};{one(name)};ja;{one(name)};{one(phone)};{one(email)};{one(name)} 7;A"
    )
    (folder / f"kontakter {one(name)}.csv").write_text(f"{extra}\n{cells}\n", encoding="utf-8")
    (records / f"kontakter utan rubriker {one(name)}.csv").write_text(
        f"{one(name)};{one(number)};2021-03-01\n{one(name)};{one(number)};2021-03-02\n", encoding="utf-8"
    )
    answers = f"Hushålls-id;Svar;Datum;Andra projekt\nH7;4;2022-01-01;{one(name)} hjälpte oss, {one(phone)}\n"
    (records / "enkat_hushall.csv").write_text(answers, encoding="utf-8")
    firms = "Organisationsnummer;Företag;Kommun;Anställningar;Första anställning\n"
    firms += f"{one(number)};{one(name)};Åre;1;2021-05-01\n;{one(name)} {one(number)};Berg;1;2021-05-01\n"
    (records / f"företag {one(name)}.csv").write_text(firms, encoding="utf-8")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = f"Hushåll {one(name)}"
    sheet.append([f"Lista av {one(name)}, {one(email)}"])
    sheet.append([])
    sheet.append([*head.split(";"), one(name)])
    sheet.append([f"{one(name)}", 1, "2021-03-01", "ja", "2021-07-01", "Lund", "Berg", one(name), one(name)])
    sheet["A4"].comment = Comment(f"{one(name)} {one(number)}", one(name))
    hidden = book.create_sheet(one(name))
    hidden.sheet_state = "hidden"
    hidden.append([one(name), one(email)])
    hidden["B2"].comment = Comment(one(name), one(name))
    sheet.merge_cells("A1:D1")
    sheet.oddHeader.center.text, sheet.evenFooter.left.text = one(name), f"{one(name)} {one(phone)}"
    sheet["B4"].hyperlink = f"mailto:{one(email)}"
    sheet["B4"].hyperlink.tooltip = one(name)
    rule = DataValidation(type="list", formula1='"ja,nej"', promptTitle=one(name), prompt=one(number))
    sheet.add_data_validation(rule)
    rule.add("D4")
    chart = BarChart()
    chart.title = one(name)
    chart.add_data(Reference(sheet, min_col=2, min_row=3, max_row=4), titles_from_data=True)
    sheet.add_chart(chart, "M2")
    marked = one(name).replace(" ", "_")
    used[-1] = marked
    book.defined_names[marked] = DefinedName(marked, attr_text=f"'{sheet.title}'!$A$4")
    book.custom_doc_props.append(StringProperty(name="Ansvarig", value=one(name)))
    book.properties.category, book.properties.description = one(name), f"{one(name)} {one(phone)}"
    book.properties.subject, book.properties.keywords = one(name), one(email)
    book.properties.creator, book.properties.title, book.properties.lastModifiedBy = (
        one(name),
        one(name),
        one(name),
    )
    book.save(records / f"{one(name)} hushåll.xlsx")
    decided = pd.DataFrame(
        {
            "list": "companies",
            "left": [one(name)],
            "right": [one(name)],
            "score": ["90"],
            "decision": ["same"],
            "left_rows": [one(name)],
            "right_rows": [""],
        }
    )
    write_csv(decided, records / "decisions.csv")
    return records, used


def marks(item: str) -> list[str]:
    """Return what of an item is looked for: each word of a name, digits together, all of an address."""
    if "@" in item:
        return [item, item.partition("@")[0]]
    if item[0].isdigit() or item[0] == "+":
        digits = "".join(filter(str.isdigit, item))
        return [item, digits[-10:], digits[-9:]]
    return item.split()


def found_in(folder: Path, items: list[str]) -> list[tuple[str, str]]:
    """Return file and item of every item that a folder's files or their names tell, packed ones opened."""
    wanted = {mark.casefold(): item for item in items for mark in marks(item)}
    found = []
    for path in sorted(folder.rglob("*")):
        texts = [path.name, *(text for _, text in _texts(path))] if path.is_file() else [path.name]
        everything = "\n".join(texts).casefold()
        found += [(path.name, item) for mark, item in wanted.items() if mark in everything]
    return found


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    return plant(tmp_path_factory.mktemp("planted"), Project.load())


def given(records: Path, output: Path) -> RunParameters:
    return checked(Project.load(), years=[2021], final=False, languages=["sv", "en"], project_file=None,
                   records=records, statistics=None, output=output)  # fmt: skip


def test_the_search_finds_what_is_planted(planted) -> None:
    records, items = planted
    assert len(items) == len(set(items)) >= 60
    told = {item for _, item in found_in(records.parent, items)}
    assert set(items) - told == set()


def test_what_is_published_of_the_records_tells_of_nobody(planted, tmp_path: Path) -> None:
    """The quick part of the run below: all that a report takes from the lists without counting."""
    records, items = planted
    inputs = load_inputs(None, records, None)
    assert not inputs.records.example_data
    for name, table in by_list(inputs.records).items():
        write_csv(table, tmp_path / f"{name}.csv")
    write_rejected(inputs.records, tmp_path / "rejected_rows.csv", published=True)
    told = [inputs.files(), inputs.published_sources(), repr(inputs), inputs._repr_html_()]
    told.append(given(records, tmp_path).for_notebook("2021", "sv", tmp_path))
    for name in ("organisations", "funding"):
        told.append(getattr(inputs.records, name).to_csv())
    (tmp_path / "told.txt").write_text("\n".join(map(str, told)), encoding="utf-8")
    assert found_in(tmp_path, items) == []
    assert inputs.records.rejected["row"].size > 0
    accounts = by_list(inputs.records)["accounting"]
    assert (accounts["read"] == accounts[["kept", "merged", "rejected"]].sum(axis=1)).all()


def test_what_a_check_says_of_cells_is_where_and_never_what(planted) -> None:
    """The evaluator has to mend his lists: files and headings are named to him, the cells' values never."""
    records, _ = planted
    lines = "\n".join(check(records, Project.load()).lines("sv", most=10_000)).casefold()
    cells = [*NUMBERS[1:5], *PHONES[:3], *EMAILS[:1]]
    assert [one for one in cells if one.casefold() in lines] == []
    assert "hushåll" in lines and records.name.casefold() not in lines


@pytest.mark.prove
def test_the_command_writes_of_planted_cells_nothing_to_its_terminal_either(planted, tmp_path: Path) -> None:
    """Files and headings are named to the evaluator; what stands in cells is repeated nowhere."""
    records, _ = planted
    told = ""
    for words in (["check"], ["check", "--write", str(tmp_path / "faults")], ["run", "--year", "2021"]):
        output = ["--output", str(tmp_path / "outputs")] if words == ["run", "--year", "2021"] else []
        command = [sys.executable, "-m", "attraktiv_eval", *words, "--records", str(records), *output]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
        told += done.stdout + done.stderr
        assert "Traceback" not in told
    assert [one for one in [*NUMBERS[1:5], *PHONES[:3], *EMAILS[:1]] if one in told] == []
    assert found_in(tmp_path / "outputs", planted[1]) == []


@pytest.mark.prove
def test_sixty_planted_persons_stand_in_nothing_that_a_run_writes(planted, tmp_path: Path) -> None:
    records, items = planted
    run(given(records, tmp_path / "outputs"), Project.load())
    assert found_in(tmp_path, items) == []
    published = tmp_path / "outputs" / "2021"
    with zipfile.ZipFile(published / "tables.xlsx") as book:
        assert b"attraktiv_eval" in book.read("docProps/core.xml")
    names = {path.name for path in published.iterdir()}
    assert "decisions.csv" not in names
    assert resources.find("data/project.toml").name in (published / "run.json").read_text(encoding="utf-8")
