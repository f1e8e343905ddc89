"""A plain folder of files downloaded by hand: CSV, px and xlsx give the same panel as a fetch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from scb_tables import world

from attraktiv_eval.errors import SourceError
from attraktiv_eval.extras import python
from attraktiv_eval.statistics.panel import Panel

MEASURES = {"Inflyttningar": "in_moves", "Inrikes inflyttningar": "domestic_in_moves"}
YEARS = range(1997, 2025)


def _regions(only: str = "") -> list[str]:
    """Counties and municipalities; with ``only`` those of one county."""
    return [c for c in world().regions if c not in ("00", "0010", "0020", "0030") and c.startswith(only)]


def _men(measure: str, region: str) -> list[int]:
    return [int(count) // 2 for count in world().counts(measure, region)]


def _women(measure: str, region: str) -> list[int]:
    return [int(count) - int(count) // 2 for count in world().counts(measure, region)]


def _csv(folder: Path, name: str, *, encoding: str, mark: str, title: bool, only: str = "") -> Path:
    """As the page gives it: one row a region and sex, one column a measure and year."""
    heading = ["region", "ålder", "kön", *(f"{label} {year}" for label in MEASURES for year in YEARS)]
    rows = [heading]
    for region in _regions(only):
        for sex, split in (("män", _men), ("kvinnor", _women)):
            figures = [str(n) for measure in MEASURES.values() for n in split(measure, region)]
            rows.append([f"{region} {world().names[region]}", "totalt ålder", sex, *figures])
    lines = [
        mark.join(f'"{field}"' if i < 3 or row is heading else field for i, field in enumerate(row))
        for row in rows
    ]
    if title:
        lines = ['"Flyttningar efter region, ålder och kön. År 1997 - 2024"', "", *lines]
    file = folder / name
    file.write_text("\r\n".join(lines) + "\r\n", encoding=encoding)
    return file


def _px(folder: Path) -> Path:
    regions = _regions("23")
    quote = ",".join
    figures = [
        str(n)
        for region in regions
        for split in (_men, _women)
        for measure in MEASURES.values()
        for n in split(measure, region)
    ]
    text = f"""CHARSET="ANSI";
AXIS-VERSION="2013";
CODEPAGE="iso-8859-1";
LANGUAGE="sv";
MATRIX="Flyttningar97";
TITLE="Flyttningar efter region, "
"ålder och kön";
STUB="region","kön";
HEADING="tabellinnehåll","år";
VALUES("region")={quote(f'"{world().names[c]}"' for c in regions)};
VALUES("kön")="män","kvinnor";
VALUES("tabellinnehåll")={quote(f'"{label}"' for label in MEASURES)};
VALUES("år")={quote(f'"{year}"' for year in YEARS)};
CODES("region")={quote(f'"{c}"' for c in regions)};
CODES("kön")="1","2";
CODES("år")={quote(f'"{year}"' for year in YEARS)};
UNITS="antal";
DATA=
{" ".join(figures)};
"""
    file = folder / "hämtad.px"
    file.write_text(text, encoding="iso-8859-1")
    return file


def _xlsx(folder: Path) -> Path:
    """As the page gives it: a title, heading rows, codes and names, and repeated words left empty."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Flyttningar efter region, ålder och kön. År 1997 - 2024"])
    sheet.append([])
    empty = [None] * 4
    sheet.append(empty + [label if year == YEARS[0] else None for label in MEASURES for year in YEARS])
    sheet.append(empty + [str(year) for _ in MEASURES for year in YEARS])
    for region in _regions("23"):
        for sex, split in (("män", _men), ("kvinnor", _women)):
            figures = [n for measure in MEASURES.values() for n in split(measure, region)]
            first = [region, world().names[region], "totalt ålder"] if sex == "män" else [None, None, None]
            sheet.append([*first, sex, *figures])
    sheet.append([])
    sheet.append(["Källa: SCB"])
    file = folder / "TAB1212 flyttningar.xlsx"
    book.save(file)
    return file


@pytest.mark.parametrize(
    ("encoding", "mark", "title", "name"),
    [
        ("iso-8859-1", ";", False, "TAB1212.csv"),
        ("utf-8-sig", ",", True, "Flyttningar97_20260101-120000.csv"),
        ("utf-8", "\t", False, "flyttningar97.txt"),
    ],
)
def test_a_folder_of_csv(tmp_path: Path, encoding: str, mark: str, title: bool, name: str) -> None:
    _csv(tmp_path, name, encoding=encoding, mark=mark, title=title)
    panel = Panel.load(tmp_path)
    assert panel.primary_outcome() == "domestic_in_moves_over_border"
    border = panel.counts("domestic_in_moves_over_border")
    assert border["23"].tolist() == world().counts("domestic_in_moves", "23").tolist()
    assert border.shape == (28, 21)
    assert panel.counts("in_moves").loc[2023, "23"] == 7219
    source = panel.sources[-1]
    assert (source["file"], source["tables"]) == (name, ["TAB1212"])
    assert "by hand" in source["note"]
    assert panel.sources[0]["file"] == "municipalities.csv"


def _rows(form: str) -> list[list[str]]:
    """One row a figure, or one a year; the region's code beside its name or in a column of its own."""
    apart = form == "code apart"
    head = ["regionkod", "region"] if apart else ["region"]
    ends = ["tabellinnehåll", "år", "värde"] if form == "one a figure" else ["år", *MEASURES]
    rows = [[*head, "ålder", "kön", *ends]]
    for region in _regions():
        name = world().names[region]
        first = [region, name] if apart else [f"{region} {name}"]
        for sex, split in (("män", _men), ("kvinnor", _women)):
            found = [split(measure, region) for measure in MEASURES.values()]
            for place, year in enumerate(YEARS):
                figures = [str(series[place]) for series in found]
                words = [*first, "totalt ålder", sex]
                if form == "one a figure":
                    rows += [
                        [*words, label, str(year), n] for label, n in zip(MEASURES, figures, strict=True)
                    ]
                else:
                    rows.append([*words, str(year), *figures])
    return rows


@pytest.mark.parametrize("mark", [";", ",", "\t"])
@pytest.mark.parametrize("form", ["one a figure", "one a year", "code apart"])
def test_other_layouts_of_a_csv_give_the_same_panel(tmp_path: Path, form: str, mark: str) -> None:
    (tmp_path / "wide").mkdir()
    _csv(tmp_path / "wide", "TAB1212.csv", encoding="utf-8", mark=";", title=False)
    (tmp_path / "other").mkdir()
    lines = [mark.join(f'"{cell}"' for cell in row) for row in _rows(form)]
    (tmp_path / "other" / "TAB1212.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    wide, other = Panel.load(tmp_path / "wide"), Panel.load(tmp_path / "other")
    assert wide.series.keys() == other.series.keys()
    for key, series in wide.series.items():
        pd.testing.assert_frame_equal(series, other.series[key])


def test_a_code_that_lost_its_zero_in_a_spreadsheet_is_named(tmp_path: Path) -> None:
    text = '"regionkod";"region";"år";"Inflyttningar"\n114;"Upplands Väsby";"2023";1\n'
    (tmp_path / "TAB1212.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match="'114 Upplands Väsby' has lost the zero of its region code"):
        Panel.load(tmp_path)


@pytest.mark.parametrize("write", [_px, _xlsx])
def test_px_and_xlsx(tmp_path: Path, write) -> None:  # type: ignore[no-untyped-def]
    write(tmp_path)
    panel = Panel.load(tmp_path)
    border = panel.counts("domestic_in_moves_over_border")
    assert border["23"].tolist() == world().counts("domestic_in_moves", "23").tolist()
    own = panel.counts("in_moves", "municipality")
    assert own.loc[2024, "2380"] == world().counts("in_moves", "2380")[-1]


def test_one_county_alone_is_no_primary_outcome(tmp_path: Path) -> None:
    _px(tmp_path)
    assert Panel.load(tmp_path).primary_outcome() == "in_moves"


def test_symbols_dashes_and_spaces(tmp_path: Path) -> None:
    people = [
        f'"{c} {n}";{v}'
        for c, n, v in (("2303", "Ragunda", ".."), ("2305", "Bräcke", "-"), ("2380", "Östersund", "63 985"))
    ]
    lines = ['"region";"2023"', *people]
    (tmp_path / "BefolkningNy.csv").write_text("\n".join(lines), encoding="iso-8859-1")
    with pytest.raises(
        SourceError, match=r"region 2305, year 2023: population is not the known figure: 0 against"
    ):
        Panel.load(tmp_path)
    people[1] = '"2305 Bräcke";6161'
    (tmp_path / "BefolkningNy.csv").write_text("\n".join([lines[0], *people]), encoding="iso-8859-1")
    with pytest.raises(SourceError) as caught:
        Panel.load(tmp_path)
    assert "2303" not in str(caught.value)


def test_a_wrong_figure_in_a_file_by_hand_is_stopped(tmp_path: Path) -> None:
    file = _csv(tmp_path, "TAB1212.csv", encoding="utf-8", mark=";", title=False)
    text = file.read_text(encoding="utf-8")
    line = next(x for x in text.splitlines() if x.startswith('"2380') and "kvinnor" in x)
    parts = line.split(";")
    parts[3 + 27] += "0"  # in-moves of women in 2024, ten times too many
    file.write_text(text.replace(line, ";".join(parts)), encoding="utf-8")
    with pytest.raises(SourceError, match="table moves, region 2380, year 2024: in_moves is not the known"):
        Panel.load(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("siffror.csv", '"region";"2023"\n"2380 Östersund";1\n', "it is unclear which table this is"),
        ("TAB1212.csv", '"region";"Inflyttningar 2023"\n"Östersund";1\n', "'Östersund' has no region code"),
        ("TAB1212.csv", '"region";"Antal bin 2023"\n"2380 Östersund";1\n', "none of Inflyttningar"),
        ("TAB1212.csv", '"region";"Inflyttningar"\n"2380 Östersund";1\n', "no year is found"),
        ("TAB1212.csv", '"region";"Inflyttningar 2031"\n"2380 Östersund";1\n', "its years are 2031–2031"),
        ("TAB1212.csv", '"region";"Inflyttningar 2023"\n"2380 Östersund";x\n', "'x' is no number"),
        ("TAB1212.csv", "hej\nhå\n", "no heading"),
        ("TAB1212.px", 'CHARSET="ANSI";\nDATA=\n1 2;', "no px file"),
        (
            "TAB1212.px",
            'STUB="region";HEADING="år";CONTENTS="Inflyttningar";\nVALUES("region")="Åre";CODES("region")="2321";\n'
            'VALUES("år")="2023","2024";DATA=\n1;',
            "1 figures for 2 cells",
        ),
        ("TAB1212.xlsx", "no workbook", "no readable workbook"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_file(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        Panel.load(tmp_path)
    assert said in str(caught.value)
    assert name in str(caught.value)
    assert "remedy:" in str(caught.value)


def test_files_of_both_sexes_or_of_a_total(tmp_path: Path) -> None:
    """A total beside its parts is used alone, never added to them."""
    rows = [f'"2380 Östersund";"{sex}";{{}}' for sex in ("män", "kvinnor", "totalt")]
    total = "\n".join(['"region";"kön";"2023"', *rows])
    people = int(Panel.load().population("municipality").loc[2023, "2380"])
    text = total.format(people // 2, people - people // 2, people)
    (tmp_path / "TAB638.csv").write_text(text, encoding="utf-8")
    assert Panel.load(tmp_path).population("municipality").loc[2023, "2380"] == people


def test_the_light_core_reads_files_by_hand_and_says_what_a_fetch_needs(tmp_path: Path) -> None:
    """Without the packages of the extra: run in a process where they cannot be found."""
    _px(tmp_path)
    code = f"""
import sys
for name in ("pxweb", "requests", "tenacity"):
    sys.modules[name] = None
from pathlib import Path
from attraktiv_eval.errors import SourceError
from attraktiv_eval.statistics.panel import Panel
from attraktiv_eval.statistics.scb.fetch import fetch
print(Panel.load(Path({str(tmp_path)!r})).counts("in_moves_over_border").shape)
try:
    fetch(["moves"], "nowhere")
except SourceError as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "(28, 1)" in said
    assert f'{python()} -m pip install "attraktiv-eval[fetch]"' in said


def test_new_companies_of_the_other_agency_with_running_numbers_for_codes(tmp_path: Path) -> None:
    """Quarters as 2023Q4, newest first, and running numbers where SCB has codes."""
    from attraktiv_eval.statistics.scb.byhand import read_files

    quarters = [f"{year}Q{quarter}" for year in (2023, 2022) for quarter in (4, 3, 2, 1)]
    listed, numbers = ('","'.join(map(str, words)) for words in (quarters, range(len(quarters))))
    text = (
        'CHARSET="ANSI";\nCODEPAGE="windows-1252";\nSTUB="län","kvartal";\nHEADING="variabel";\n'
        'CONTENTS="Nystartade företag";\nVALUES("län")="20 Dalarnas län","23 Jämtlands län";\n'
        f'CODES("län")="0","1";\nVALUES("kvartal")="{listed}";\nCODES("kvartal")="{numbers}";\n'
        'VALUES("variabel")="antal nystartade företag";\n'
        f"DATA=\n{' '.join(str(100 + i) for i in range(16))};\n"
    )
    file = tmp_path / "nystartade_foretag_kvartal_lan.px"
    file.write_bytes(text.encode("windows-1252"))
    tables, _ = read_files([file])
    table = tables["new_companies"].set_index(["region_code", "year", "quarter"])["new_companies"]
    assert table.loc["23", 2022, 1] == 115
    assert table.loc["20", 2023, 4] == 100
