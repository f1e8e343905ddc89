"""An outcome is an entry of ``outcomes.toml``: the package's own, and those of a folder of statistics."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import attraktiv_eval as ae
from attraktiv_eval import regions, resources
from attraktiv_eval.errors import SourceError
from attraktiv_eval.evaluation import Evaluation, evaluate
from attraktiv_eval.evaluation.inputs import load_statistics
from attraktiv_eval.level3.comparison import Window, compare
from attraktiv_eval.reporting import labels
from attraktiv_eval.statistics.outcomes import OUTCOMES, Outcomes
from attraktiv_eval.statistics.panel import Panel

ENTRY = """[units]
dwellings = { sv = "bostäder", en = "dwellings" }

[[outcomes]]
id = "housing_starts"
sv = "Påbörjade bostäder"
en = "Housing starts"
goal = "households"
unit = "dwellings"
beside = true
source = "invented figures"
series = [{ table = "housing_starts", column = "started", level = "county" }]
"""


def _started(code: str, year: int) -> int:
    return 300 + 37 * int(code) % 90 + (year * int(code)) % 23


def _csv(last: int = 2022, places: dict[str, str] = regions.COUNTIES) -> str:
    rows = [
        f"{code},{name},{year},{_started(code[:2], year)}"
        for code, name in places.items()
        for year in range(2000, last + 1)
    ]
    return "\n".join(["region_code,region_name,year,started", *rows]) + "\n"


def _folder(folder: Path, entry: str = ENTRY, csv: str | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "outcomes.toml").write_text(entry, encoding="utf-8")
    (folder / "housing_starts.csv").write_text(_csv() if csv is None else csv, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _folder(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def evaluation(own: Path) -> Evaluation:
    return evaluate(year=2021, statistics=own)


def test_the_package_has_its_outcomes_in_the_order_of_the_rule() -> None:
    households, companies = OUTCOMES.best_first("households"), OUTCOMES.best_first("companies")
    assert households == ("domestic_in_moves_over_border", "in_moves_over_border", "in_moves")
    assert companies == ("vacancies", "employment_rate", "workplaces")
    assert OUTCOMES.beside(in_moves=True) == ("in_moves", "domestic_out_moves_over_border", "net_migration")
    assert OUTCOMES.beside(in_moves=False) == () and OUTCOMES.municipal == "in_moves"
    assert OUTCOMES.of_check("immigration_effect") == ("immigration",)
    assert [net for net, _came, _left in OUTCOMES.nets] == [
        "domestic_net_over_border",
        "net_migration_over_border",
    ]


def test_labels_are_word_for_word_what_they_were() -> None:
    gross, rate = OUTCOMES["in_moves"], OUTCOMES["employment_rate"]
    assert gross.label("sv") == "Inflyttningar till kommunerna, även inom länet och från utlandet"
    assert (gross.short("sv"), labels.word("outcome", "in_moves", "en")) == ("Inflyttningar", "In-moves")
    assert rate.label("en") == "Employed, per cent of inhabitants aged 20–64 (BAS)"
    assert (rate.unit_words("sv"), rate.unit_words("en")) == ("sysselsatta", "employed persons")
    assert OUTCOMES["net_migration"].short("sv") == "Flyttnetto"


def test_an_entry_and_a_csv_are_an_outcome_of_the_panel(own: Path) -> None:
    panel = Panel.load(own)
    people = panel.population().loc[2021, "23"]
    assert panel.rate("housing_starts").loc[2021, "23"] == 1000 * _started("23", 2021) / people
    row = panel.outcomes.set_index("id").loc["housing_starts"]
    assert (row["label"], row["levels"], row["last_year"]) == ("Housing starts", "county", 2022)
    assert "invented figures" in panel.tables_behind("housing_starts")
    assert "Housing starts" in panel._repr_html_()
    design = ae.Design(["23"], 2020, 2022)
    found = ae.estimate(panel.rate("housing_starts"), design, "difference_in_differences")
    assert list(found.effects.index) == [2020, 2021, 2022]


def test_an_entry_of_the_package_and_a_csv_beside_it_are_one_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A maintainer's new outcome is one entry; a folder without its file has the others as before."""
    find, folder = resources.find, tmp_path / "statistics"
    shutil.copytree(find("data/statistics"), folder)
    units, entry = ENTRY.split("\n\n")
    text = (folder / "outcomes.toml").read_text(encoding="utf-8")
    text = text.replace("\n[units]", f"\n{units}").replace(
        "\n[[background]]", f"\n{entry}\n[[background]]", 1
    )
    (folder / "outcomes.toml").write_text(text, encoding="utf-8")
    (folder / "housing_starts.csv").write_text(_csv(), encoding="utf-8")
    there = {"data/statistics": folder, "data/statistics/outcomes.toml": folder / "outcomes.toml"}
    monkeypatch.setattr(resources, "find", lambda name: there.get(name) or find(name))
    panel = Panel.load()
    assert panel.counts("housing_starts").loc[2021, "23"] == _started("23", 2021)
    assert [one["tables"] for one in panel.sources if one["name"] == "housing_starts"] == [
        ["invented figures"]
    ]
    (folder / "housing_starts.csv").unlink()
    assert ("housing_starts", "county") not in Panel.load().series


def test_a_comparison_and_a_board_speak_of_it_in_its_own_unit(own: Path) -> None:
    from attraktiv_eval import explore

    panel = Panel.load(own)
    found = compare(
        panel, "23", Window(2020, 2022, None), outcome="housing_starts", method="difference_in_differences"
    )
    assert (found.defined.unit, found.defined.unit_words("sv")) == ("dwellings", "bostäder")
    summed = float((found.estimate.effects * panel.population()["23"].loc[2020:2022]).sum() / 1000)
    assert found.persons == pytest.approx(summed)
    board = explore.counterfactual("sv", statistics=own)
    picture = board.choose(outcome="housing_starts", method="difference_in_differences")
    assert "bostäder" in picture.html
    assert ("Påbörjade bostäder", "housing_starts") in board.controls[0].options


def test_the_report_shows_it_beside_in_both_languages(evaluation: Evaluation) -> None:
    told = {language: ae.Report(evaluation, language).section("level3").html for language in ("sv", "en")}
    assert "Påbörjade bostäder" in told["sv"] and "bostäder" in told["sv"]
    assert "Housing starts" in told["en"] and "dwellings" in told["en"]
    assert all("table-other-estimates" in page for page in told.values())
    assert list(evaluation.tables["other_estimates"]["unit"]) == ["dwellings"]
    assert "housing_starts" not in set(evaluation.tables["estimates"]["outcome"])  # that table is in persons


def test_its_figures_carry_its_unit_and_its_source_and_its_file_name_stays_at_home(
    evaluation: Evaluation,
) -> None:
    own = [one for one in evaluation.document["figures"] if ".housing_starts." in one["id"]]
    effect = next(one for one in own if one["id"].endswith(".effect"))
    assert effect["unit"] == "dwellings" and "invented figures" in effect["sources"]
    assert effect["low"] < effect["value"] < effect["high"]
    names = {one[key] for one in evaluation.sources for key in ("file", "name")}
    assert not names & {"housing_starts", "housing_starts.csv"}


def test_the_pages_of_the_shipped_statistics_are_silent_about_such_a_table(evaluation: Evaluation) -> None:
    tables = {name: table for name, table in evaluation.tables.items() if name != "other_estimates"}
    from dataclasses import replace

    page = ae.Report(replace(evaluation, tables=tables), "en").section("level3").html
    assert "other-estimates" not in page and "each outcome in its own unit" not in page


def test_both_files_of_outcomes_are_inputs_by_their_bytes(own: Path) -> None:
    read = {(one.part, one.file): one.sha256 for one in load_statistics(own).origin.read}
    assert read["statistics", "outcomes.toml"] == resources.sha256(own / "outcomes.toml")
    shipped = resources.find("data/statistics/outcomes.toml")
    assert read["package", "outcomes.toml"] == resources.sha256(shipped)
    assert ("statistics", "housing_starts.csv") in read


def test_one_without_the_years_is_left_out_and_the_report_says_so(tmp_path: Path) -> None:
    from attraktiv_eval.evaluation.level3 import _beside

    panel = Panel.load(_folder(tmp_path, csv=_csv(last=2018)))
    primary = compare(
        panel, "23", Window(2020, 2021, 2021), outcome="in_moves", method="difference_in_differences"
    )
    found, left_out = _beside(panel, "23", Window(2020, 2021, 2021), primary)
    assert (found, left_out) == ([], {"housing_starts": "too_few_years"})


def test_counts_by_municipality_are_summed_and_a_missing_one_leaves_its_county_missing(
    tmp_path: Path,
) -> None:
    names = {code: code for code in Panel.load().population("municipality").columns}
    text = _csv(places=names).replace(f"2305,2305,2021,{_started('23', 2021)}", "2305,2305,2021,")
    entry = ENTRY.replace('level = "county"', 'level = "municipality"')
    entry = entry.replace("beside = true", "beside = true\nsum_to_counties = true")
    counts = Panel.load(_folder(tmp_path, entry, text)).counts("housing_starts")
    assert counts.loc[2020, "23"] == 8 * _started("23", 2020)
    assert counts["23"].isna()[2021] and counts.loc[2021, "22"] == 7 * _started("22", 2021)


def test_a_copy_of_the_shipped_file_says_nothing_new_and_an_entry_may_follow_it(tmp_path: Path) -> None:
    shipped = resources.find("data/statistics/outcomes.toml")
    shutil.copyfile(shipped, tmp_path / "outcomes.toml")
    assert dict(Outcomes.load(tmp_path)) == dict(OUTCOMES)
    text = shipped.read_text(encoding="utf-8")
    units, entry = ENTRY.split("\n\n", 1)
    text = text.replace("[units]\n", units + "\n") + "\n" + entry
    assert list(Panel.load(_folder(tmp_path, text)).defined)[-1] == "housing_starts"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("beside = true", 'beside = "yes"', "key beside: cannot be 'yes'"),
        ("beside = true", "besides = true", "key besides: is no key of an entry"),
        ('en = "Housing starts"', "", "key en: is missing"),
        ('"housing_starts"\nsv', '"in_moves"\nsv', "outcome in_moves, key id: stands already"),
        ('"housing_starts"\nsv', '"population"\nsv', "outcome population, key id: stands already"),
        ('unit = "dwellings"', 'unit = "houses"', "key unit: houses is no unit"),
        ("beside = true", "primary = 5", "compared by moves alone"),
        ("beside = true", "figure = true", "key figure: is for the package's own outcomes"),
        ("Påbörjade", "<b>", "key sv: cannot be"),
        ('level = "county"', 'level = "kommun"', "key series.1.level: cannot be 'kommun'"),
        ('level = "county"', 'level = "municipality"', "asks for a figure of a whole year by municipality"),
        ('column = "started"', 'column = "year"', "year is no column of figures"),
        ('column = "started"', 'column = "begun"', "the column begun is missing"),
        ('table = "housing_starts"', 'table = "../x"', "key series.1.table: cannot be '../x'"),
        ('table = "housing_starts"', 'table = "starts"', "starts.csv: outcomes.toml names this table"),
        ("[units]", "units", "the outcomes cannot be read"),
        ("[units]", "[[unit]]", "key unit: is none of its parts"),
        (', en = "dwellings"', "", "unit dwellings, key en: is missing"),
        ("dwellings = {", "moves = {", "unit moves: is a unit of the package with other words"),
    ],
)
def test_a_wrong_entry_is_one_line_with_its_file_and_key(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in ENTRY
    with pytest.raises(SourceError) as refused:
        Panel.load(_folder(tmp_path, ENTRY.replace(old, new)))
    line = refused.value.one_line()
    assert told in line and str(tmp_path) in line and "; remedy: " in line and "\n" not in line


@pytest.mark.parametrize(
    ("csv", "told"),
    [
        (_csv().replace(f",2000,{_started('01', 2000)}", ",2000,många", 1), "row 2, column started: 'många'"),
        (_csv().replace(",", ";"), "save it with commas between the cells"),
        ("region_code,region_name,year,started\n", "the table has no rows"),
        (_csv() + "23,Jämtlands län,2022,5\n", "region 23 year 2022 stands here a second time"),
    ],
)
def test_a_wrong_table_is_one_line_with_its_row(tmp_path: Path, csv: str, told: str) -> None:
    with pytest.raises(SourceError, match=r"housing_starts\.csv") as refused:
        Panel.load(_folder(tmp_path, csv=csv))
    assert told in refused.value.one_line()


def test_an_entry_on_a_table_that_was_not_fetched_says_to_fetch_it(tmp_path: Path) -> None:
    entry = ENTRY.replace('table = "housing_starts"', 'table = "moves"')
    (tmp_path / "outcomes.toml").write_text(entry, encoding="utf-8")
    with pytest.raises(SourceError, match=r"moves\.csv: the outcome housing_starts needs this table"):
        Panel.load(tmp_path)


def as_saved_in_swedish(file: Path, *, without: str = "", more: float = 0.0) -> Path:
    """Write housing starts of every county as a Swedish spreadsheet saves them, names for codes."""
    rows = ["Län;År;Antal"]
    for place, name in enumerate(regions.COUNTIES.values()):
        for year in range(2000, 2025):
            count = f"{1000 + place * 10 + year % 7 + more:.1f}".replace(".", ",")
            rows.append(f"{name};{year};{'' if name == without else count}")
    file.write_text("\n".join(rows) + "\n", encoding="utf-8-sig")
    return file


WORDS = {"label": ("Påbörjade bostäder", "Housing starts"), "unit": ("bostäder", "dwellings")}


def test_one_call_puts_a_table_of_ones_own_into_the_panel_and_a_second_brings_newer_figures(tmp_path: Path):
    first = as_saved_in_swedish(tmp_path / "Påbörjade bostäder.csv", without="Gotlands län")
    panel = ae.add_outcome(first, tmp_path / "own", **WORDS)
    id = "paborjade_bostader"
    assert panel.defined[id].unit_words("sv") == "bostäder" and panel.defined[id].en == "Housing starts"
    counts = panel.counts(id)
    assert counts.loc[2021, "01"] == 1000 + 2021 % 7 and counts["09"].isna().all()  # missing, never zero
    again = ae.add_outcome(as_saved_in_swedish(first, more=0.5), tmp_path / "own", **WORDS)
    assert again.counts(id).loc[2021, "01"] == 1000.5 + 2021 % 7
    entries = (tmp_path / "own" / "outcomes.toml").read_text(encoding="utf-8")
    assert entries.count(f'id = "{id}"') == 1
    assert "in_moves" in set(again.outcomes["id"])


@pytest.mark.parametrize(
    ("csv", "told"),
    [
        ("Region;Year;x\nJemtland;2001;1\n", "row 2, column Region: 'Jemtland' is no region here"),
        ("Region;Year;x\nJämtland;2001;a\n", "row 2, column x: 'a' is no number"),
        ("Region,Year,x\n7,2001,1\n", "'7' is no region code"),
        ("Region;Year;x;y\nJämtland;2001;1;2\n", "choose one of x, y"),
        ("a,b\n1,2\n", "no column says the region"),
    ],
)
def test_a_table_that_cannot_be_used_leaves_the_folder_as_it_was(tmp_path: Path, csv: str, told: str):
    file, own = tmp_path / "mine.csv", tmp_path / "own"
    file.write_text(csv, encoding="utf-8")
    with pytest.raises(SourceError) as fault:
        ae.add_outcome(file, own, **WORDS)
    assert told in fault.value.one_line() and fault.value.one_line().startswith(str(file))
    assert not own.exists()


@pytest.mark.parametrize("word", ["label", "unit"])
def test_figures_without_words_are_refused_in_a_line(tmp_path: Path, word: str):
    file, own = as_saved_in_swedish(tmp_path / "starts.csv"), tmp_path / "own"
    with pytest.raises(SourceError, match=f'no {word} says what the figures are; remedy: give label="'):
        ae.add_outcome(file, own, **{**WORDS, word: ""})
    assert not own.exists()


def test_another_table_or_outcome_of_the_name_is_not_overwritten(tmp_path: Path):
    file, own = as_saved_in_swedish(tmp_path / "starts.csv"), tmp_path / "own"
    own.mkdir()
    (own / "starts.csv").write_text("notes\n", encoding="utf-8")
    with pytest.raises(SourceError, match="give another id"):
        ae.add_outcome(file, own, **WORDS)
    assert (own / "starts.csv").read_text(encoding="utf-8") == "notes\n"
    with pytest.raises(SourceError, match="outcome in_moves, key id: stands already"):
        ae.add_outcome(file, own, id="in_moves", **WORDS)
