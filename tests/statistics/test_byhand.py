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
from attraktiv_eval.resources import python
from attraktiv_eval.statistics.panel import Panel

MEASURES = {"Inflyttningar": "in_moves", "Inrikes inflyttningar": "domestic_in_moves"}
YEARS = range(1997, 2025)
COUNTIES = [code for code in world().regions if len(code) == 2 and code != "00"]


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


def _px(folder: Path, only: str = "") -> Path:
    regions = _regions(only)
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
    for region in _regions():
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


MARKS, FORMS = (";", ",", "\t"), ("one a figure", "one a year", "code apart")
LAYOUTS = [
    pytest.param(form, mark, marks=() if MARKS.index(mark) == FORMS.index(form) else pytest.mark.prove)
    for form in FORMS
    for mark in MARKS
]


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    folder = tmp_path_factory.mktemp("wide")
    _csv(folder, "TAB1212.csv", encoding="utf-8", mark=";", title=False)
    return Panel.load(folder)


@pytest.mark.parametrize(("form", "mark"), LAYOUTS)
def test_other_layouts_of_a_csv_give_the_same_panel(
    wide: Panel, tmp_path: Path, form: str, mark: str
) -> None:
    lines = [mark.join(f'"{cell}"' for cell in row) for row in _rows(form)]
    (tmp_path / "TAB1212.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    other = Panel.load(tmp_path)
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


def test_one_county_alone_is_refused_with_what_lacks(tmp_path: Path) -> None:
    _px(tmp_path, "23")
    with pytest.raises(SourceError, match="1997: county 01, 03, 04 and 17 more lacking, though others are"):
        Panel.load(tmp_path)


def _people(**other: str) -> str:
    """The population of 2023 by municipality, as known but for some cells."""
    known = Panel.load().population("municipality").loc[2023].astype(int).astype(str).to_dict() | other
    return "\n".join(
        ['"region";"2023"', *(f'"{code} {world().names[code]}";{n}' for code, n in known.items())]
    )


def test_symbols_dashes_and_spaces(tmp_path: Path) -> None:
    text = _people(**{"2303": "..", "2305": "-", "2380": "64 714"})
    (tmp_path / "BefolkningNy.csv").write_text(text, encoding="iso-8859-1")
    with pytest.raises(SourceError, match=r"region 2305, year 2023: population is not the known figure: 0"):
        Panel.load(tmp_path)
    for sign in ("..", "....", ":", "."):
        text = _people(**{"2303": sign})
        (tmp_path / "BefolkningNy.csv").write_text(text, encoding="iso-8859-1")
        assert Panel.load(tmp_path).population("municipality").loc[2023, "2380"] > 60_000


def test_thousands_are_parted_by_commas_in_counts(tmp_path: Path) -> None:
    known = Panel.load().population("municipality").loc[2023].astype(int)
    text = _people(**{code: f"{people:,}" for code, people in known.items()})
    (tmp_path / "TAB638.csv").write_text(text, encoding="utf-8")
    panel = Panel.load(tmp_path)
    assert panel.population("municipality").loc[2023, "2380"] == known["2380"]
    assert panel.sources[-1]["file"] == "TAB638.csv"
    (tmp_path / "TAB638.csv").write_text(_people(**{"2380": "64714,5"}), encoding="utf-8")
    with pytest.raises(SourceError, match="'64714,5' is no count: it has decimals"):
        Panel.load(tmp_path)


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


def _by_sex(
    sexes: tuple[str, ...], *, regions: list[str] | None = None, measure: str = "Inflyttningar"
) -> str:
    split = {
        "män": _men,
        "kvinnor": _women,
        "totalt": lambda name, region: [int(count) for count in world().counts(name, region)],
    }
    lines = ["region;ålder;kön;" + ";".join(f"{measure} {year}" for year in YEARS)]
    for region in regions or COUNTIES:
        for sex in sexes:
            figures = ";".join(map(str, split[sex](MEASURES[measure], region)))
            lines.append(f"{region} {world().names[region]};totalt ålder;{sex};{figures}")
    return "\n".join(lines)


def _gross(panel: Panel) -> list[float]:
    return panel.counts("in_moves_over_border")["23"].loc[1997:2024].tolist()


def test_a_total_beside_its_parts_is_used_alone(tmp_path: Path) -> None:
    (tmp_path / "TAB1212.csv").write_text(_by_sex(("män", "kvinnor", "totalt")), encoding="utf-8")
    assert _gross(Panel.load(tmp_path)) == world().counts("in_moves", "23").tolist()


@pytest.mark.parametrize("sex", ["män", "kvinnor"])
def test_one_sex_is_never_the_whole(tmp_path: Path, sex: str) -> None:
    (tmp_path / "TAB1212.csv").write_text(_by_sex((sex,)), encoding="utf-8")
    other = {"män": "women", "kvinnor": "män|men"}[sex]
    with pytest.raises(SourceError, match=rf"TAB1212.csv: Kon has only {sex}; ({other}|kvinnor) is missing"):
        Panel.load(tmp_path)


def test_sexes_measures_and_regions_in_several_files_make_a_whole(tmp_path: Path) -> None:
    (tmp_path / "TAB1212_m.csv").write_text(_by_sex(("män",)), encoding="utf-8")
    (tmp_path / "TAB1212_k.csv").write_text(_by_sex(("kvinnor",)), encoding="utf-8")
    own, others = ["23"], [code for code in COUNTIES if code != "23"]
    for name, regions in (("23", own), ("rest", others)):
        text = _by_sex(("män", "kvinnor"), regions=regions, measure="Inrikes inflyttningar")
        (tmp_path / f"TAB1212 {name}.csv").write_text(text, encoding="utf-8")
    panel = Panel.load(tmp_path)
    assert _gross(panel) == world().counts("in_moves", "23").tolist()
    domestic = panel.counts("domestic_in_moves_over_border")["23"].loc[1997:2024].tolist()
    assert domestic == world().counts("domestic_in_moves", "23").tolist()


def test_a_county_that_lacks_is_named(tmp_path: Path) -> None:
    some = [code for code in COUNTIES if code != "24"]
    (tmp_path / "TAB1212.csv").write_text(_by_sex(("män", "kvinnor"), regions=some), encoding="utf-8")
    with pytest.raises(SourceError, match="1997: county 24 lacking, though others are there"):
        Panel.load(tmp_path)
    some = [code for code in _regions() if code != "2305"]
    (tmp_path / "TAB1212.csv").write_text(_by_sex(("män", "kvinnor"), regions=some), encoding="utf-8")
    with pytest.raises(SourceError, match="1997: municipality 2305 lacking, though others are there"):
        Panel.load(tmp_path)


def test_two_files_that_disagree_are_refused(tmp_path: Path) -> None:
    (tmp_path / "TAB1212.csv").write_text(_by_sex(("totalt",)), encoding="utf-8")
    text = _by_sex(("totalt",))
    changed = text.replace(
        "23 Jämtlands län;totalt ålder;totalt;", "23 Jämtlands län;totalt ålder;totalt;1", 1
    )
    (tmp_path / "TAB1212_later.csv").write_text(changed, encoding="utf-8")
    with pytest.raises(SourceError, match=r"23 .*1997.* has two figures: .*keep the later download only"):
        Panel.load(tmp_path)


def test_a_single_content_is_named_in_the_title(tmp_path: Path) -> None:
    text = _by_sex(("män", "kvinnor"), measure="Inrikes inflyttningar").replace("Inrikes inflyttningar ", "")
    file = tmp_path / "TAB1212.csv"
    file.write_text(f"Inrikes inflyttningar efter region, ålder och kön. År 1997 - 2024\n\n{text}", "utf-8")
    domestic = Panel.load(tmp_path).counts("domestic_in_moves_over_border")["23"].loc[1997:2024].tolist()
    assert domestic == world().counts("domestic_in_moves", "23").tolist()
    file.write_text(f"Flyttningar efter region, ålder och kön. År 1997 - 2024\n\n{text}", encoding="utf-8")
    with pytest.raises(SourceError, match="it has no name of what is counted"):
        Panel.load(tmp_path)


@pytest.mark.parametrize(
    "heading",
    [
        "Region;Alder;Kon;",  # the interface's CSV with codes
        "region;age;sex;",  # the page in English
    ],
)
def test_codes_of_the_interface_and_the_page_in_english(tmp_path: Path, heading: str) -> None:
    text = _by_sex(("män", "kvinnor"))
    text = text.replace("region;ålder;kön;", heading)
    if heading.startswith("Region"):
        text = text.replace("Inflyttningar", "BE0101AU").replace(";totalt ålder;", ";tot;")
        text = text.replace(";män;", ";1;").replace(";kvinnor;", ";2;")
    else:
        text = text.replace("Inflyttningar", "In-migrations").replace(";totalt ålder;", ";total all ages;")
        text = text.replace(";män;", ";men;").replace(";kvinnor;", ";women;")
    (tmp_path / "TAB1212.csv").write_text(text, encoding="iso-8859-1")
    assert _gross(Panel.load(tmp_path)) == world().counts("in_moves", "23").tolist()


def _in_english(
    sexes: dict[str, str], labels: tuple[str, str], age: str = "total all ages", form: str = ""
) -> str:
    """The page in English: the sexes in a column of their own, or in the headings as ``form`` has them."""
    split = {
        "men": _men,
        "women": _women,
        "both": lambda name, region: world().counts(name, region).astype(int),
    }
    names = tuple(MEASURES.values())
    series = [(sex, name) for sex in sexes for name in names]
    if form:
        heads = [
            form.format(sex=sexes[sex], label=labels[names.index(name)], year=year)
            for sex, name in series
            for year in YEARS
        ]
        rows = [
            [
                f"{code} {world().names[code]}",
                age,
                *(n for sex, name in series for n in split[sex](name, code)),
            ]
            for code in COUNTIES
        ]
        return "\n".join(";".join(map(str, row)) for row in [["region", "age", *heads], *rows])
    lines = ["region;age;sex;" + ";".join(f"{label} {year}" for label in labels for year in YEARS)]
    for code in COUNTIES:
        for sex, called in sexes.items():
            figures = ";".join(str(n) for name in names for n in split[sex](name, code))
            lines.append(f"{code} {world().names[code]};{age};{called};{figures}")
    return "\n".join(lines)


IN_WORDS = ("In-migrations", "Domestic in-migrations")
BOTH, APART = {"both": "both sexes"}, {"men": "men", "women": "women"}


@pytest.mark.parametrize(
    ("sexes", "labels", "age", "form"),
    [
        (BOTH, IN_WORDS, "total all ages", ""),
        ({"both": "Total"}, IN_WORDS, "total", ""),
        ({"both": "total men and women"}, ("in-migration", "domestic in-migration"), "Total, all ages", ""),
        ({"men": "Men", "women": "Women"}, ("In-migrations", "Internal in-migrations"), "total ages", ""),
        (APART, IN_WORDS, "all ages", "{sex} {label} {year}"),
        (BOTH, IN_WORDS, "total all ages", "{sex} {label} {year}"),
        (BOTH, IN_WORDS, "total all ages", "{label} {sex} {year}"),
        (APART, IN_WORDS, "total all ages", "{year} {label} {sex}"),
    ],
)
def test_labels_of_the_english_page_are_read_right(
    tmp_path: Path, sexes: dict[str, str], labels: tuple[str, str], age: str, form: str
) -> None:
    (tmp_path / "TAB1212.csv").write_text(_in_english(sexes, labels, age, form), encoding="utf-8")
    panel = Panel.load(tmp_path)
    assert _gross(panel) == world().counts("in_moves", "23").tolist()
    domestic = panel.counts("domestic_in_moves_over_border")["23"].loc[1997:2024].tolist()
    assert domestic == world().counts("domestic_in_moves", "23").tolist()
    assert panel.sources[-1]["unread"] == []


@pytest.mark.parametrize(
    ("sexes", "labels", "said"),
    [
        ({"men": "men"}, IN_WORDS, "Kon has only men; women is missing"),
        ({"men": "Women"}, IN_WORDS, "Kon has only Women; män is missing"),
        (BOTH, ("Immigrants", "Movers within"), "none of Inflyttningar"),
        ({"both": "either"}, IN_WORDS, "Kon has only either, no total and not all that make one"),
    ],
)
def test_labels_of_the_english_page_that_are_not_known_are_refused_in_one_line(
    tmp_path: Path, sexes: dict[str, str], labels: tuple[str, str], said: str
) -> None:
    (tmp_path / "TAB1212.csv").write_text(_in_english(sexes, labels), encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        Panel.load(tmp_path)
    line = caught.value.one_line()
    assert said in line and "TAB1212.csv" in line and "remedy: " in line and "\n" not in line


def test_a_measure_of_the_file_that_nobody_knows_is_told_and_not_read(tmp_path: Path) -> None:
    (tmp_path / "TAB1212.csv").write_text(
        _in_english(BOTH, ("In-migrations", "Moves within")), encoding="utf-8"
    )
    panel = Panel.load(tmp_path)
    assert panel.sources[-1]["unread"] == ["Moves within"]
    assert _gross(panel) == world().counts("in_moves", "23").tolist()


def test_years_before_those_that_are_read_are_told_and_passed_over(tmp_path: Path) -> None:
    known = Panel.load().population("municipality").loc[2023].astype(int)
    lines = ["region;1968;1996;2023", *(f"{code} {world().names[code]};1;2;{n}" for code, n in known.items())]
    (tmp_path / "TAB638.csv").write_text("\n".join(lines), encoding="utf-8")
    panel = Panel.load(tmp_path)
    assert panel.population("municipality").index.min() == 1997
    assert panel.population("municipality").loc[2023, "2380"] == known["2380"]
    assert panel.sources[-1]["unread"] == ["1968", "1996"]


@pytest.mark.parametrize("years", ["{} years", "{} year", "{}–years"])
def test_ages_of_the_english_page_are_read_or_refused(tmp_path: Path, years: str) -> None:
    """Five-year groups: 0-4 years to 100 years and older; moves of one county all in the ages of 20 to 24."""
    from attraktiv_eval.statistics.scb.byhand import read_files

    groups = [f"{age}-{age + 4}" for age in range(0, 100, 5)]
    lines = ["region;age;sex;Domestic in-migrations 2020"]
    for code in COUNTIES:
        total = int(world().counts("domestic_in_moves", code)[YEARS.index(2020)])
        for group in groups:
            lines.append(f"{code} x;{years.format(group)};both sexes;{total if group == '20-24' else 0}")
        lines.append(f"{code} x;100 years and older;both sexes;0")
    file = tmp_path / "TAB1212.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    if years == "{}–years":
        with pytest.raises(SourceError, match="is no age"):
            read_files([file])
        return
    table = read_files([file])[0]["moves_by_age"].set_index(["region_code", "age_group"])["domestic_in_moves"]
    assert table["23", "20-34"] == world().counts("domestic_in_moves", "23")[YEARS.index(2020)]
    assert table["23", "35-49"] == 0


def test_codes_and_words_in_two_columns_under_one_heading(tmp_path: Path) -> None:
    lines = _by_sex(("män", "kvinnor")).splitlines()
    head = lines[0].replace("region;ålder;kön;", "region;region;ålder;ålder;kön;kön;")
    rows = [line.replace(" ", ";", 1).split(";") for line in lines[1:]]
    sexes = {"män": "1", "kvinnor": "2"}
    text = [";".join([*r[:2], "tot", r[2], sexes[r[3]], r[3], *r[4:]]) for r in rows]
    (tmp_path / "TAB1212.csv").write_text("\n".join([head, *text]), encoding="utf-8")
    assert _gross(Panel.load(tmp_path)) == world().counts("in_moves", "23").tolist()


def test_the_changes_of_population_in_scb_s_own_layout(tmp_path: Path) -> None:
    years = range(2000, 2025)
    labels = {
        "inflyttningar från övriga län": "in_other_counties",
        "utflyttningar till övriga län": "out_other_counties",
    }
    lines = ["region;förändringar;period;kön;" + ";".join(f"Antal personer {year}" for year in years)]
    for region in _regions():
        for label, name in labels.items():
            figures = world().counts(name, region)[-len(years) :]
            told = ";".join("." if n != n else str(int(n)) for n in figures)
            lines.append(f"{region} {world().names[region]};{label};hela året;män och kvinnor;{told}")
    (tmp_path / "TAB5169.csv").write_text("\n".join(lines), encoding="iso-8859-1")
    panel = Panel.load(tmp_path)
    series = panel.counts("domestic_in_moves_over_border")["23"].loc[2000:2024].tolist()
    assert series == world().counts("in_other_counties", "23")[-len(years) :].tolist()


def test_moves_from_county_to_county_in_scb_s_own_layout(tmp_path: Path) -> None:
    from attraktiv_eval.statistics.scb.byhand import read_files

    counties = [code for code in _regions() if len(code) == 2]
    lines = ["inflyttningslän;utflyttningslän;kön;Inrikes omflyttning mellan län 2000"]
    for k, goes in enumerate(counties):
        for i, comes in enumerate(counties):
            for sex, count in (("män", k), ("kvinnor", i)):
                lines.append(f"{goes} {world().names[goes]};{comes} {world().names[comes]};{sex};{count}")
    file = tmp_path / "TAB4409.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    tables, _ = read_files([file])
    table = tables["county_moves"].set_index(["region_code", "origin_code", "year"])["moves"]
    assert table.loc["23", "01", 2000] == counties.index("23") + counties.index("01")


CHANGES = {
    "in_moves": ("samtliga inflyttningar", "In-migrations, total", "140"),
    "out_moves": ("samtliga utflyttningar", "Out-migrations, total", "150"),
    "in_other_counties": ("inflyttningar från övriga län", "In-migrations from other counties", "170"),
    "out_other_counties": ("utflyttningar till övriga län", "Out-migrations to other counties", "190"),
    "immigration": ("invandringar", "Immigrations", "175"),
    "net_migration": ("flyttningsöverskott totalt", "Net migration, total", "230"),
}


def _changes(words: list[str], head: str, *, codes: bool = False) -> str:
    """Two years of TAB5169 as the page in English gives it, with codes in columns of their own or without."""
    period, sex = ("hel;whole year", "1+2;total") if codes else ("whole year", "total")
    lines = [f"{head};Number 2022;Number 2023"]
    for code in COUNTIES:
        for word, (name, (_, _, number)) in zip(words, CHANGES.items(), strict=True):
            figures = ";".join(str(int(n)) for n in world().counts(name, code)[-3:-1])
            place, said = ("; ".join((code, world().names[code])), f"{number};{word}") if codes else ("", "")
            place, said = place or f"{code} {world().names[code]}", said or word
            lines.append(f"{place};{said};{period};{sex};{figures}")
    return "\n".join(lines)


ENGLISH_HEAD = "region;population changes;period;sex"
DOUBLED_HEAD = ";".join(f"{word};{word}" for word in ENGLISH_HEAD.split(";"))


@pytest.mark.parametrize("codes", [False, True])
def test_the_changes_of_population_in_english_are_read_by_words_or_by_codes(
    tmp_path: Path, codes: bool
) -> None:
    from attraktiv_eval.statistics.scb.byhand import read_files

    words = (
        ["what nobody knows " + chr(97 + i) for i in range(6)]
        if codes
        else [e for _, e, _ in CHANGES.values()]
    )
    file = tmp_path / "TAB5169.csv"
    file.write_text(_changes(words, DOUBLED_HEAD if codes else ENGLISH_HEAD, codes=codes), encoding="utf-8")
    tables, (source,) = read_files([file])
    table = tables["changes"].set_index(["region_code", "year"])
    for name in CHANGES:
        assert table.loc[("23", 2023), name] == world().counts(name, "23")[-2], name
    assert source["unread"] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["what nobody knows " + chr(97 + i) for i in range(6)], "none of folkmängd, folkökning"),
        (["In-migrations", "In-migrations, total", "c", "d", "e", "f"], "none of folkmängd, folkökning"),
    ],
)
def test_english_changes_that_are_not_known_or_stand_twice_are_refused_in_one_line(
    tmp_path: Path, words: list[str], said: str
) -> None:
    file = tmp_path / "TAB5169.csv"
    file.write_text(_changes(words, ENGLISH_HEAD), encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        Panel.load(tmp_path)
    line = caught.value.one_line()
    assert said in line and "in Swedish" in line and "\n" not in line


def test_no_english_word_is_of_two_measures_of_a_table() -> None:
    from attraktiv_eval.statistics.scb.byhand import _plain_words
    from attraktiv_eval.statistics.scb.catalogue import Catalogue

    for table in Catalogue.load().tables:
        own = [{_plain_words(word) for word in one.english} for one in table.measures.values()]
        assert sum(map(len, own)) == len(set().union(*own)), table.key


def _sheet(file: Path, rows: list[list[object]]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(file)


def test_a_sheet_s_rows_may_say_what_is_counted_with_codes_or_without(tmp_path: Path) -> None:
    from attraktiv_eval.statistics.scb.byhand import read_files

    file = tmp_path / "TAB5169.xlsx"
    for codes in (False, True):
        empty: list[object] = [None] * (8 if codes else 5)
        rows: list[list[object]] = [["Befolkningsstatistik efter region. År 2022 - 2023"], []]
        rows += [[*empty, "Antal personer", None], [*empty, "2022", "2023"]]
        for code in COUNTIES:
            for i, (name, (word, _, number)) in enumerate(CHANGES.items()):
                place = [None, None] if i else [code, world().names[code]]
                said = (
                    [number, word, "hel", "hela året", "1+2", "totalt"]
                    if codes
                    else [word, "hela året", "totalt"]
                )
                rows.append([*place, *said, *(int(n) for n in world().counts(name, code)[-3:-1])])
        _sheet(file, rows)
        table = read_files([file])[0]["changes"].set_index(["region_code", "year"])
        for name in CHANGES:
            assert table.loc[("23", 2023), name] == world().counts(name, "23")[-2], name


def test_a_word_of_a_sheet_s_rows_that_is_not_known_is_not_passed_over(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Lediga jobb efter region och sektor"],
        [],
        [None, None, None, "Lediga jobb"],
    ]
    rows += [[None, None, None, *(f"2020K{q}" for q in range(1, 5))]]
    rows += [[code, world().names[code], "privat sektor", 3, 3, 3, 3] for code in COUNTIES]
    _sheet(tmp_path / "TAB4429.xlsx", rows)
    with pytest.raises(SourceError, match="column 3 has only privat sektor, no total"):
        Panel.load(tmp_path)


def test_a_plain_sheet_under_one_row_of_headings_is_read_as_a_csv_is(tmp_path: Path) -> None:
    rows: list[list[object]] = [["region", "kön", "år", "Inflyttningar"]]
    for code in COUNTIES:
        for sex, split in (("män", _men), ("kvinnor", _women)):
            place = f"{code} {world().names[code]}"
            figures = split("in_moves", code)
            rows += [[place, sex, year, n] for year, n in zip(YEARS, figures, strict=True)]
    _sheet(tmp_path / "TAB1212.xlsx", rows)
    assert _gross(Panel.load(tmp_path)) == world().counts("in_moves", "23").tolist()


@pytest.mark.parametrize(
    "heads", ["county of in-migration;county of out-migration", "county;county", "to;from"]
)
def test_moves_from_county_to_county_in_english(tmp_path: Path, heads: str) -> None:
    from attraktiv_eval.statistics.scb.byhand import read_files

    lines = [f"{heads};sex;Number 2000"]
    for k, goes in enumerate(COUNTIES):
        for i, comes in enumerate(COUNTIES):
            for sex, count in (("men", k), ("women", 100 * i)):
                lines.append(
                    f"{goes} {world().names[goes]} (to);{comes} {world().names[comes]} (from);{sex};{count}"
                )
    file = tmp_path / "TAB4409.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    table = read_files([file])[0]["county_moves"].set_index(["region_code", "origin_code"])
    assert table.loc[("23", "01"), "moves"] == COUNTIES.index("23") + 100 * COUNTIES.index("01")
    assert table.loc[("23", "01"), "region_name"] == "Jämtlands län"
    text = file.read_text(encoding="utf-8").replace(" (to)", "").replace(" (from)", "")
    file.write_text(text, encoding="utf-8")
    if heads != "county of in-migration;county of out-migration":
        with pytest.raises(SourceError, match="download it again in Swedish"):
            read_files([file])


def test_rates_of_men_and_women_are_not_summed_and_ages_are_those_asked_for(tmp_path: Path) -> None:
    counties = [code for code in _regions() if len(code) == 2]

    def write(rows: list[str]) -> None:
        lines = ["region;kön;ålder;födelseregion;sysselsättningsgrad 2021"]
        lines += [f"{code} {world().names[code]};{row}" for code in counties for row in rows]
        (tmp_path / "TAB3200.csv").write_text("\n".join(lines), encoding="utf-8")

    write(["män;20-64 år;totalt;82,1", "kvinnor;20-64 år;totalt;79,0"])
    with pytest.raises(
        SourceError, match="employment_rate is given for män, kvinnor apart, and a rate cannot"
    ):
        Panel.load(tmp_path)
    write(["totalt;16-64 år;totalt;77,5"])
    with pytest.raises(SourceError, match="employment_rate is wanted for Alder 20-64; the file has 16-64"):
        Panel.load(tmp_path)
    write(["totalt;20–64 år;totalt;80,5", "totalt;16–64 år;totalt;77,5"])
    assert Panel.load(tmp_path).counts("employment_rate").loc[2021, "23"] == 80.5


def test_some_ages_or_one_sector_are_never_the_whole(tmp_path: Path) -> None:
    counties = [code for code in _regions() if len(code) == 2]
    ages = [f"{age} år" for age in range(20, 65)]
    lines = ["region;ålder;kön;Inrikes inflyttningar 2020"]
    lines += [f"{code} {world().names[code]};{age};totalt;3" for code in counties for age in ages]
    (tmp_path / "TAB1212.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SourceError, match="not all ages are there: 0–19 is missing"):
        Panel.load(tmp_path)
    (tmp_path / "TAB1212.csv").unlink()
    lines = ["region;sektor;" + ";".join(f"Lediga jobb 2020K{q}" for q in range(1, 5))]
    lines += [f"{code} {world().names[code]};privat sektor;3;3;3;3" for code in counties]
    (tmp_path / "TAB4429.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(
        SourceError, match="Sektor has only privat sektor, no total and not all that make one"
    ):
        Panel.load(tmp_path)


def test_a_px_file_with_keys_and_with_data_in_a_note(tmp_path: Path) -> None:
    regions = COUNTIES
    rows = [
        f'"{region}","{sex}",{",".join(map(str, split("in_moves", region)))}'
        for region in regions
        for sex, split in (("1", _men), ("2", _women))
    ]
    words = ",".join(f'"{world().names[c]}"' for c in regions)
    codes = ",".join(f'"{c}"' for c in regions)
    years = ",".join(f'"{year}"' for year in YEARS)
    text = f"""CHARSET="ANSI";
MATRIX="TAB1212";
NOTE="Se vidare DATA=1; och mer";
CONTENTS="Inflyttningar";
STUB="region","kön";
HEADING="år";
VALUES("region")={words};
VALUES("kön")="män","kvinnor";
VALUES("år")={years};
CODES("region")={codes};
CODES("kön")="1","2";
KEYS("region")=CODES;
KEYS("kön")=CODES;
DATA=
{chr(10).join(rows)}
;
"""
    (tmp_path / "TAB1212.px").write_text(text, encoding="iso-8859-1")
    assert _gross(Panel.load(tmp_path)) == world().counts("in_moves", "23").tolist()
    (tmp_path / "TAB1212.px").write_text(text.replace('"23","2",', '"99","2",'), encoding="iso-8859-1")
    with pytest.raises(
        SourceError, match="the key '99' is no value of region; remedy: download the table as"
    ):
        Panel.load(tmp_path)


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
    assert "(28, 21)" in said
    assert f'{python()} -m pip install "attraktiv-eval[fetch]"' in said


def test_new_companies_of_the_other_agency_with_running_numbers_for_codes(tmp_path: Path) -> None:
    """Quarters as 2023Q4, newest first, and running numbers where SCB has codes."""
    from attraktiv_eval.statistics.scb.byhand import read_files

    quarters = [f"{year}Q{quarter}" for year in (2023, 2022) for quarter in (4, 3, 2, 1)]
    counties = [code for code in _regions() if len(code) == 2]
    named = ",".join(f'"{code} {world().names[code]}"' for code in counties)
    running = ",".join(f'"{i}"' for i in range(len(counties)))
    listed, numbers = ('","'.join(map(str, words)) for words in (quarters, range(len(quarters))))
    text = (
        'CHARSET="ANSI";\nCODEPAGE="windows-1252";\nSTUB="län","kvartal";\nHEADING="variabel";\n'
        f'CONTENTS="Nystartade företag";\nVALUES("län")={named};\n'
        f'CODES("län")={running};\nVALUES("kvartal")="{listed}";\nCODES("kvartal")="{numbers}";\n'
        'VALUES("variabel")="antal nystartade företag";\n'
        f"DATA=\n{' '.join(str(100 + i) for i in range(8 * 21))};\n"
    )
    file = tmp_path / "nystartade_foretag_kvartal_lan.px"
    file.write_bytes(text.encode("windows-1252"))
    tables, _ = read_files([file])
    table = tables["new_companies"].set_index(["region_code", "year", "quarter"])["new_companies"]
    assert table.loc["23", 2022, 1] == 100 + 8 * counties.index("23") + 7
    assert table.loc["01", 2023, 4] == 100
