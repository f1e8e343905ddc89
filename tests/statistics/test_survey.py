"""Companies short of labour: Tillväxtverket's file by hand, made here as its page is said to give it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest

from attraktiv_eval.errors import SourceError
from attraktiv_eval.regions import COUNTIES
from attraktiv_eval.reporting.sections.levels import _shortage
from attraktiv_eval.statistics.panel import Panel
from attraktiv_eval.statistics.tables import labour_shortage

YEARS = (2011, 2014, 2017, 2020, 2023)
WORDS = [
    "Hinder för tillväxt: Tillgång till lämplig arbetskraft",
    "Andel: Stort hinder",
    "Valda filter: inga",
]
HEADS = ["Formulär år", "Nivå 1", "Viktad andel"]
Rows = list[list[object]]


def invented(scale: float = 0.01) -> Rows:
    """Shares that nobody measured: 20 to 40 per cent and one more each survey."""
    names = {"Totalt": 30, **{name: 20 + i for i, name in enumerate(COUNTIES.values())}}
    return [
        [year, name, round((share + k) * scale, 4)]
        for name, share in names.items()
        for k, year in enumerate(YEARS)
    ]


def write(
    folder: Path,
    rows: Rows,
    *,
    heads: list[str] = HEADS,
    words: list[str] = WORDS,
    name: str = "Tillgång till lämplig arbetskraft.xlsx",
) -> Path:
    file = folder / name
    if file.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for word in words:
            book.active.append([word])
        book.active.append([])
        for row in [heads, *rows]:
            book.active.append(row)
        book.save(file)
    else:
        lines = [*words, "", ";".join(heads)]
        lines += [";".join(str(cell).replace(".", ",") for cell in row) for row in rows]
        file.write_text("\n".join(lines), encoding="iso-8859-1")
    return file


def shares(folder: Path) -> pd.Series:
    table = Panel.load(folder).shortage
    assert table is not None
    return table.set_index(["region_code", "year"])["labour_shortage"]


@pytest.mark.parametrize("name", ["Tillgång till lämplig arbetskraft.xlsx", "data (3).xlsx", "export.csv"])
@pytest.mark.parametrize("scale", [0.01, 1.0])
def test_the_file_of_the_page_is_read_whatever_its_name_and_as_parts_of_one_or_per_cent(
    tmp_path: Path, name: str, scale: float
) -> None:
    write(tmp_path, invented(scale), name=name)
    found = shares(tmp_path)
    assert len(found) == 22 * 5
    assert found["23", 2023] == pytest.approx(20 + list(COUNTIES).index("23") + 4)
    assert found["00", 2011] == pytest.approx(30)
    source = Panel.load(tmp_path).sources[-1]
    assert (source["publisher"], source["file"], source["name"]) == (
        "Tillväxtverket",
        name,
        "labour_shortage",
    )
    assert WORDS[0] in source["note"]


def test_short_names_codes_text_years_and_a_county_that_the_survey_leaves_out(tmp_path: Path) -> None:
    rows: Rows = [
        ["2020", "Jämtland", "31 %"],
        ["2020", "24 Västerbottens län", "35"],
        ["2020", "Dalarna", ".."],
    ]
    write(tmp_path, rows)
    found = shares(tmp_path)
    assert found["23", 2020] == 31 and found["24", 2020] == 35
    assert pd.isna(found["20", 2020]) and pd.isna(found["00", 2020]) and pd.isna(found["01", 2020])


def test_a_margin_of_error_and_a_count_beside_are_read_where_the_file_has_them(tmp_path: Path) -> None:
    rows = [[*row, 0.05, 1234] for row in invented()]
    write(tmp_path, rows, heads=[*HEADS, "Felmarginal", "Antal svar"])
    table = Panel.load(tmp_path).shortage
    assert table is not None and set(table["margin"]) == {5.0}
    rows = [[*row, 5] for row in invented()]
    write(tmp_path, rows, heads=[*HEADS, "Felmarginal procentenheter"])
    table = Panel.load(tmp_path).shortage
    assert table is not None and set(table["margin"]) == {5.0}


OTHER = ["Hinder för tillväxt: Konkurrens från andra företag"]
SIZE = [WORDS[0], "Valda filter: Storleksklass 10-49"]
FEW = [WORDS[0], "Andel: Inget hinder"]
PARTED = [*HEADS, "Bransch"]


@pytest.mark.parametrize(
    ("rows", "heads", "words", "said"),
    [
        (invented(), HEADS, OTHER, "it is about 'Hinder för tillväxt: Konkurrens från andra företag', not"),
        (invented(), HEADS, SIZE, "'Valda filter: Storleksklass 10-49' takes out a part of the companies"),
        (invented(), HEADS, FEW, "it counts the answer 'inget hinder'"),
        ([[2020, "Dalarna", 0.3, "Handel"]], PARTED, WORDS, "column Bransch parts the companies or their"),
        ([[2020, "Norra Norrland", 0.3]], HEADS, WORDS, "row 6: 'Norra Norrland' is no county"),
        ([[2020, "Dalarna", 0.3], [2020, "Dalarna", 0.4]], HEADS, WORDS, "20 in 2020 has two shares"),
        ([[2020, "Dalarna", 0.3], [2020, "Gotland", 31]], HEADS, WORDS, "0.3 and 31 stand in one column"),
        ([[2020, "Dalarna", 131]], HEADS, WORDS, "131 is no share"),
        ([[2020, "Dalarna", "hög"]], HEADS, WORDS, "row 6: 'hög' in Viktad andel is no number"),
        ([["2020-2023", "Dalarna", 0.3]], HEADS, WORDS, "row 6: '2020-2023' is no year of a survey"),
        ([[2099, "Dalarna", 0.3]], HEADS, WORDS, "row 6: '2099' is no year of a survey"),
        ([[2020, "Dalarna", ""]], HEADS, WORDS, "no share is found"),
        (invented(), ["År", "Plats", "Andel"], WORDS, "no row of headings with Formulär år, Nivå 1, Viktad"),
    ],
)
def test_what_is_no_share_of_all_companies_by_county_is_refused_in_one_line(
    tmp_path: Path, rows: Rows, heads: list[str], words: list[str], said: str
) -> None:
    file = write(tmp_path, rows, heads=heads, words=words)
    with pytest.raises(SourceError) as caught:
        Panel.load(tmp_path)
    line = caught.value.one_line()
    assert said in line and file.name in line and "remedy: " in line and "\n" not in line


def test_two_files_that_agree_make_one_and_two_that_do_not_are_refused(tmp_path: Path) -> None:
    write(tmp_path, invented())
    write(tmp_path, invented(1.0), name="export.csv")
    assert len(shares(tmp_path)) == 22 * 5
    write(tmp_path, [[2020, "Dalarna", 1 + 0.0], [2020, "Gotland", 99.0]], name="export.csv")
    with pytest.raises(SourceError, match=r"export.csv|lämplig arbetskraft.xlsx.*has two shares"):
        Panel.load(tmp_path)


def test_rows_of_several_answers_give_the_one_that_is_asked_for(tmp_path: Path) -> None:
    rows: Rows = [
        [2020, "Dalarna", share, answer]
        for share, answer in ((0.3, "Stort hinder"), (0.5, "Litet hinder"), (0.2, "Inget hinder"))
    ]
    write(tmp_path, rows, heads=[*HEADS, "Svar"])
    assert shares(tmp_path)["20", 2020] == pytest.approx(30)


def _said(table: pd.DataFrame | None, language: str = "en") -> str:
    from attraktiv_eval.reporting.view import View

    found = SimpleNamespace(
        tables={} if table is None else {"labour_shortage": table},
        project=SimpleNamespace(region=SimpleNamespace(name="Jämtlands län", several=False)),
    )
    return _shortage(View(found, language))  # type: ignore[arg-type]


def test_the_report_tells_it_as_context_until_its_own_year_and_says_where_it_is_missing(
    tmp_path: Path,
) -> None:
    write(tmp_path, invented())
    table = Panel.load(tmp_path).shortage
    assert table is not None
    shown = labour_shortage(table, "23", 2022)
    assert shown["year"].tolist() == [2011, 2014, 2017, 2020]
    own = 20 + list(COUNTIES).index("23")
    assert shown["short"].tolist() == pytest.approx([(own + k) / 100 for k in range(4)])
    assert shown["country"].iloc[-1] == pytest.approx(0.33) and set(shown["counties"]) == {20}
    assert (shown["lowest"].iloc[-1], shown["highest"].iloc[-1]) == pytest.approx((0.23, 0.43))
    said = _said(shown)
    assert f"survey of 2020, {own + 3} per cent" in said and "33 per cent" in said
    assert said.startswith("Context, and evidence of no level") and "gives no margin of error" in said
    assert f"2011: {own}; 2014: {own + 1}; 2017: {own + 2}" in said
    assert "margin of error is 5 percentage points" in _said(shown.assign(margin=0.05))
    assert "has no figure for Jämtlands län" in _said(shown.assign(short=float("nan")))
    assert _said(None).startswith("Not in this report: the share of companies")
    assert "hinder" in _said(shown, "sv") and "Context" not in _said(shown, "sv")
    assert labour_shortage(table, "23", 2010).empty and datetime.now().year >= 2023
