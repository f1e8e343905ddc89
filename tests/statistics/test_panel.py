"""The embedded panel equals the published figures, and a bad one is refused by file, row and column."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attraktiv_eval import regions, resources
from attraktiv_eval.errors import SourceError
from attraktiv_eval.statistics.panel import Panel
from attraktiv_eval.statistics.tables import read_municipalities

SHIPPED = resources.find("data/statistics/municipalities.csv")
COUNTIES = SHIPPED.parent / "counties.csv"


@pytest.fixture(scope="module")
def panel() -> Panel:
    return Panel.load()


def test_what_is_kept_between_panels_is_handed_out_as_a_copy_in_one_array(panel: Panel) -> None:
    """A view would change what is kept, and leave its reference there: a process of many runs grew by it."""
    again = Panel.load()
    for (name, level), counts in panel.series.items():
        if level == "municipality":
            other = again.series[name, level]
            assert counts.equals(other)
            assert not np.shares_memory(counts.to_numpy(), other.to_numpy()), name
            other.iloc[0, 0] = -1.0
    assert (
        Panel.load().counts("population", "municipality").equals(panel.counts("population", "municipality"))
    )
    tables = [read_municipalities(SHIPPED)["year"].to_numpy() for _ in range(2)]
    assert not np.shares_memory(*tables)


# Published figures for Jämtlands län (SCB).
NET = {2015: 688, 2016: 1365, 2017: 1065, 2018: 503, 2019: 537, 2020: 581, 2021: 909, 2022: 818, 2023: 169}
NET |= {2024: 491}
POPULATION = {2019: 130810, 2020: 131155, 2021: 132054, 2022: 132670, 2023: 132572, 2024: 132839}
IN_MOVES = {2012: 6825, 2016: 8624, 2017: 8818, 2019: 7364, 2020: 7531, 2021: 8020, 2022: 7938, 2023: 7219}
IN_MOVES |= {2024: 7545}
COUNTRY = {1997: 8847625, 2010: 9415570, 2019: 10327589, 2024: 10587710}


@pytest.mark.parametrize(
    ("outcome", "published"), [("net_migration", NET), ("population", POPULATION), ("in_moves", IN_MOVES)]
)
def test_the_county_equals_the_published_figures(
    panel: Panel, outcome: str, published: dict[int, int]
) -> None:
    assert panel.counts(outcome)["23"].loc[list(published)].to_dict() == published


def test_one_tidy_table_and_no_panel_stand_on_the_embedded_one(tmp_path):
    rows = ["region_code,region_name,year,month,in_other_counties,out_other_counties,immigration,noise"]
    rows += [
        f"{code},{name},2021,{m},{m},5,5,False"
        for code, name in regions.COUNTIES.items()
        for m in range(1, 13)
    ]
    (tmp_path / "moves_by_month.csv").write_text("\n".join(rows), encoding="utf-8")
    panel, shipped = Panel.load(tmp_path), Panel.load()
    assert panel.counts("in_moves").equals(shipped.counts("in_moves"))
    assert panel.months is not None and len(panel.months) == 252
    files = [source["file"] for source in panel.sources]
    assert files == ["municipalities.csv", "counties.csv", "moves_by_month.csv"]
    (tmp_path / "moves_by_month.csv").unlink()
    with pytest.raises(SourceError, match=r"municipalities\.csv: the file is missing"):
        Panel.load(tmp_path)


def test_the_country_equals_the_published_totals(panel: Panel) -> None:
    assert panel.population().sum(axis=1).loc[list(COUNTRY)].to_dict() == COUNTRY
    assert panel.population("municipality").sum(axis=1).loc[list(COUNTRY)].to_dict() == COUNTRY


def test_net_migration_of_2002_is_whole_though_knivsta_has_no_row_of_its_own(panel: Panel) -> None:
    """31,078 is what SCB published: 64,087 immigrations less 33,009 emigrations."""
    assert np.isnan(panel.counts("net_migration", "municipality").loc[2002, "0330"])
    assert panel.counts("net_migration").loc[2002].sum() == 31078
    assert panel.counts("net_migration").notna().all(axis=None)


def test_in_less_out_is_net(panel: Panel) -> None:
    for level in ("county", "municipality"):
        gap = (
            panel.counts("in_moves", level)
            - panel.counts("out_moves", level)
            - panel.counts("net_migration", level)
        )
        assert (gap.loc[2003:] == 0).all(axis=None)


def test_codes_keep_their_zeros_from_the_first_read_to_the_last_write(panel: Panel, tmp_path: Path) -> None:
    assert panel.table["region_code"].iloc[0] == "0114"
    assert panel.table["region_code"].str.len().eq(4).all()
    wide = panel.counts("population", "municipality")
    assert "0114" in wide.columns
    copy = tmp_path / "statistics"
    copy.mkdir()
    panel.table.to_csv(copy / "municipalities.csv", index=False)
    again = Panel.load(copy)
    assert again.counts("population", "municipality")["0114"].equals(wide["0114"])
    pd.testing.assert_frame_equal(again.table, panel.table)


def test_heby_is_counted_in_its_county_of_today(panel: Panel) -> None:
    uppsala = [code for code in panel.counts("population", "municipality") if code.startswith("03")]
    assert "0331" in uppsala
    summed = panel.counts("population", "municipality")[uppsala].sum(axis=1)
    assert (summed == panel.population()["03"]).all()


def test_a_rate_is_a_sum_over_a_sum(panel: Panel) -> None:
    county = panel.rate("net_migration")
    assert county.loc[2022, "23"] == pytest.approx(1000 * 818 / 132670)
    municipal = panel.rate("net_migration", "municipality")
    own = [code for code in municipal if code.startswith("23")]
    assert municipal.loc[2021, own].mean() != pytest.approx(county.loc[2021, "23"], rel=0.02)


def test_the_rate_of_uppsala_2002_counts_those_who_lived_in_knivsta(panel: Panel) -> None:
    people = panel.population("municipality").loc[2002]
    expected = 1000 * panel.counts("net_migration", "municipality").loc[2002, "0380"]
    expected /= people["0380"] + people["0330"]
    assert panel.rate("net_migration", "municipality").loc[2002, "0380"] == pytest.approx(expected)


def test_nothing_later_than_until(panel: Panel) -> None:
    for get in (panel.counts, panel.rate):
        assert get("in_moves", until=2020).index.max() == 2020
    assert panel.population(until=2020).index.max() == 2020
    with pytest.raises(SourceError, match="up to 1990"):
        panel.counts("in_moves", until=1990)


def test_outcomes_and_the_rule(panel: Panel) -> None:
    outcomes = panel.outcomes.set_index("id")
    assert outcomes.loc["net_migration", "first_year"] == 1997
    assert outcomes.loc["in_moves", ["first_year", "last_year"]].tolist() == [2002, 2024]
    assert {"in_moves", "out_moves", "net_migration"} <= set(outcomes.index)
    assert panel.primary_outcome("households", 2020, 2022) == "domestic_in_moves_over_border"
    assert panel.primary_outcome("companies") is None
    assert panel.primary_outcome(first_treated=2010) == "domestic_in_moves_over_border"
    assert panel.primary_outcome(first_treated=2008) is None


def test_an_outcome_that_is_not_there(panel: Panel) -> None:
    with pytest.raises(SourceError, match="no vacancies by county"):
        panel.counts("vacancies")
    with pytest.raises(SourceError, match="no immigration by municipality"):
        panel.counts("immigration", "municipality")


def test_what_is_returned_can_be_changed_without_harm(panel: Panel) -> None:
    copy = panel.counts("in_moves")
    copy.loc[2020, "23"] = -1
    assert panel.counts("in_moves").loc[2020, "23"] == 7531


def test_sources_name_tables_hash_and_licence(panel: Panel) -> None:
    (source,) = [one for one in panel.sources if one["file"] == "municipalities.csv"]
    assert source["tables"] == ["TAB638", "TAB1212"]
    assert len(source["sha256"]) == 64
    assert source["licence"].startswith("CC0")


def _changed(tmp_path: Path, old: str, new: str) -> Path:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "municipalities.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
    return tmp_path


ROW = "0114,Upplands Väsby,1998,36789,192,True,\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (",in_moves\n", ",inflyttade\n", "the column in_moves is missing"),
        ("0114,Upplands Väsby,1998,", "114,Upplands Väsby,1998,", "row 3, column region_code: '114' is no"),
        ("0114,Upplands Väsby,1998,", "0010,Upplands Väsby,1998,", "0010 is no municipality"),
        ("0114,Upplands Väsby,1998,", "1101,Upplands Väsby,1998,", "'1101' is no region code"),
        (ROW, ROW + ROW, "row 4: region 0114 year 1998 stands here a second time"),
        (ROW, "", "region 0114 has no row for 1998"),
        (ROW, ROW.replace("36789", "36 789"), "row 3, column population: '36 789' is no number"),
        (ROW, ROW.replace("36789", ".."), "row 3, column population: '..' is no number"),
        (ROW, ROW.replace("36789", "1e999"), "row 3, column population: '1e999' is no number"),
        (ROW, ROW.replace("36789", "0.5"), "row 3, column population: '0.5' is no number of population"),
        (ROW, ROW.replace("36789", "0"), "row 3, column population: '0' is no number of population"),
        (ROW, ROW.replace("192", "1.5"), "row 3, column net_migration: '1.5' is no number of net_migration"),
        (ROW, "0114,Upplands Väsby,1998,36\n", "row 3: the row has fewer cells than there are headings"),
        (ROW, ROW.replace("1998", "98"), "row 3, column year: '98' is no year"),
        (ROW, ROW.replace("True", "yes"), "column net_migration_exact: 'yes' is neither"),
    ],
)
def test_a_bad_table_names_row_and_column(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(SourceError) as caught:
        Panel.load(_changed(tmp_path, old, new))
    assert said in str(caught.value)
    assert "municipalities.csv" in str(caught.value)


def test_a_missing_figure_is_missing_in_the_county_and_never_zero(tmp_path: Path) -> None:
    folder = _changed(tmp_path, ROW, ROW.replace("192", ""))
    net = Panel.load(folder).counts("net_migration")
    assert np.isnan(net.loc[1998, "01"])
    assert net.loc[1998].drop("01").notna().all()


def test_a_missing_folder_an_empty_file_and_another_encoding(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="the file is missing"):
        Panel.load(tmp_path)
    file = tmp_path / "municipalities.csv"
    file.write_text("", encoding="utf-8")
    with pytest.raises(SourceError, match="no table"):
        Panel.load(tmp_path)
    file.write_bytes(SHIPPED.read_text(encoding="utf-8").encode("latin-1"))
    with pytest.raises(SourceError, match="not UTF-8"):
        Panel.load(tmp_path)


def test_a_table_without_rows(tmp_path: Path) -> None:
    heading = SHIPPED.read_text(encoding="utf-8").splitlines()[0]
    (tmp_path / "municipalities.csv").write_text(heading + "\n", encoding="utf-8")
    with pytest.raises(SourceError, match="the table has no rows"):
        Panel.load(tmp_path)


LONG = "x" * 300  # no system looks for a file of such a name


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("manifest.json", "{", "the manifest is damaged"),
        ("manifest.json", '{"tables": {}, "tidy": {"moves.csv": {"tables": 1}}}', "the manifest is damaged"),
        (
            "manifest.json",
            f'{{"tables": {{}}, "tidy": {{"{LONG}": {{"tables": [], "sha256": ""}}}}}}',
            "damaged",
        ),
        ("manifest.json", "[" * 100_000, "the manifest is damaged"),
        ("sources.toml", "[[sources]", "the sources cannot be read"),
        ("sources.toml", "[[sources]]\nfil = 1", "key sources.0.file"),
        ("sources.toml", "[[sources]]\nfile = 1", "key sources.0.file"),
        (
            "sources.toml",
            f'[[sources]]\nfile = "{LONG}"',
            "key sources.0.file: String should have at most 60",
        ),
    ],
)
def test_a_damaged_account_of_the_sources_is_named(tmp_path: Path, name: str, text: str, said: str) -> None:
    shutil.copy(SHIPPED, tmp_path / "municipalities.csv")
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        Panel.load(tmp_path)
    assert said in str(caught.value) and name in str(caught.value)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    shutil.copy(SHIPPED, tmp_path / "plain.csv")
    (tmp_path / "municipalities.csv").write_text(SHIPPED.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert Panel.load(tmp_path).population().loc[2024, "23"] == 132839


# Moves over the county border: published figures for Jämtlands län (SCB), and what must add up.
DOMESTIC_IN = {2017: 4151, 2018: 3903, 2019: 3860, 2020: 4210, 2021: 4596}
DOMESTIC_OUT = {2017: 4812, 2018: 4262, 2019: 3930, 2020: 3946, 2021: 4123}
IMMIGRATION = {2017: 2012, 2018: 1193, 2019: 923, 2020: 631, 2021: 688}


@pytest.mark.parametrize(
    ("outcome", "published"),
    [
        ("domestic_in_moves_over_border", DOMESTIC_IN),
        ("domestic_out_moves_over_border", DOMESTIC_OUT),
        ("immigration", IMMIGRATION),
    ],
)
def test_moves_over_the_border_equal_the_published_figures(
    panel: Panel, outcome: str, published: dict[int, int]
) -> None:
    assert panel.counts(outcome)["23"].loc[list(published)].to_dict() == published


def test_every_row_of_the_counties_adds_up() -> None:
    table = pd.read_csv(COUNTIES, dtype={"region_code": str})
    assert table.shape == (21 * 25, 11) and table.notna().all(axis=None)
    assert (table["in_moves"] == table["domestic_in_moves"] + table["immigration"]).all()
    assert (table["out_moves"] == table["domestic_out_moves"] + table["emigration"]).all()
    assert (table["net_migration"] == table["in_moves"] - table["out_moves"]).all()


def test_who_moves_within_the_country_leaves_one_county_for_another(panel: Panel) -> None:
    came, left = (panel.counts(f"domestic_{way}_moves_over_border").sum(axis=1) for way in ("in", "out"))
    assert came.index.tolist() == list(range(1997, 2022)) and (came == left).all()
    assert (panel.counts("domestic_net_over_border").sum(axis=1) == 0).all()
    assert panel.counts("immigration").sum(axis=1).loc[[2016, 2021]].tolist() == [163005, 90631]


def test_the_counties_agree_with_their_municipalities(panel: Panel) -> None:
    """But for Heby, counted in its county of the time, and nets recovered from a rate."""
    table = pd.read_csv(COUNTIES, dtype={"region_code": str})
    people = table.set_index(["year", "region_code"])["population"].unstack()  # noqa: PD010
    apart = people - panel.population().loc[people.index]
    assert set(apart.columns[(apart != 0).any()]) == {"03", "19"} and (apart.loc[2006:] == 0).all(axis=None)
    assert (apart["03"] == -apart["19"]).all()
    net = panel.counts("net_migration_over_border")
    gap = (net - panel.counts("net_migration").loc[net.index]).abs()
    assert gap.drop(columns=["03", "19"]).max(axis=None) <= 5
    assert gap["23"].max() == 0 and gap.loc[2007:].max(axis=None) <= 5


def test_in_less_out_is_net_over_the_border_and_from_abroad(panel: Panel) -> None:
    of = panel.counts
    whole, inside = of("net_migration_over_border"), of("domestic_net_over_border")
    assert (of("in_moves_over_border") - of("out_moves_over_border") == whole).all(axis=None)
    assert (of("in_moves_over_border") == of("domestic_in_moves_over_border") + of("immigration")).all(
        axis=None
    )
    assert (inside + of("foreign_net") == whole).all(axis=None)


def test_moves_and_inhabitants_are_of_the_same_division(panel: Panel) -> None:
    """Heby's inhabitants stand where its moves do, in 2006 too, when SCB counts them in the next day's."""
    heby = panel.population("municipality")["0331"]
    old = panel.base("immigration")
    assert (old.loc[:2006, "19"] == panel.population().loc[:2006, "19"] + heby.loc[:2006]).all()
    assert (old.loc[:2006, "03"] == panel.population().loc[:2006, "03"] - heby.loc[:2006]).all()
    assert (old.loc[2007:] == panel.population().loc[2007:]).all(axis=None)
    rate = panel.rate("domestic_in_moves_over_border")["19"]
    assert rate.loc[2006:2007].pct_change().abs().max() < 0.04


def _beside(tmp_path: Path, counties: str | None, *, municipalities: bool = True) -> Path:
    if municipalities:
        shutil.copy(SHIPPED, tmp_path / SHIPPED.name)
    if counties is not None:
        (tmp_path / COUNTIES.name).write_text(counties, encoding="utf-8")
    return tmp_path


def _until(last: int, codes: tuple[str, ...] = ()) -> str:
    """Return the counties' file up to a year, or only with the rows of some counties after it."""
    head, *rows = COUNTIES.read_text(encoding="utf-8").splitlines()
    cells = [row.split(",") for row in rows]
    return "\n".join([head, *(",".join(r) for r in cells if int(r[2]) <= last or r[0] in codes)]) + "\n"


def test_a_folder_of_ones_own_holds_both_files_or_either(tmp_path: Path) -> None:
    text = COUNTIES.read_text(encoding="utf-8")
    for name, counties, municipalities, outcome in (
        ("both", text, True, "domestic_in_moves_over_border"),
        ("counties", text, False, "domestic_in_moves_over_border"),
        ("municipalities", None, True, "in_moves"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        panel = Panel.load(_beside(folder, counties, municipalities=municipalities))
        assert panel.choice("households", 2020, 2022).id == outcome, name
        wanted = {"both": 2, "counties": 2, "municipalities": 1}[name]
        assert len([one for one in panel.sources if one["file"].endswith(".csv")]) == wanted


@pytest.mark.parametrize(
    ("last", "window", "outcome", "years", "beside"),
    [
        (2021, (2020, 2022), "domestic_in_moves_over_border", (2020, 2021), "in_moves"),
        (2021, (2020, 2021), "domestic_in_moves_over_border", (2020, 2021), None),
        (2021, (2020, 2023), "in_moves", (2020, 2023), None),
        (2020, (2020, 2022), "in_moves", (2020, 2022), None),
        (2020, (2020, 2020), "domestic_in_moves_over_border", (2020, 2020), None),
        (2019, (2020, 2020), "in_moves", (2020, 2020), None),
    ],
)
def test_better_data_never_make_level_3_disappear(
    tmp_path: Path,
    last: int,
    window: tuple[int, int],
    outcome: str,
    years: tuple[int, int],
    beside: str | None,
) -> None:
    """Two thirds of the years asked about, the first among them, or the next outcome is taken."""
    choice = Panel.load(_beside(tmp_path, _until(last))).choice("households", *window)
    assert (choice.id, choice.years, choice.beside) == (outcome, years, beside)
    assert choice.shortened == (years != window)
    for language in ("en", "sv"):
        said = choice.sentence(language)
        assert (str(years[0]) if years[0] == years[1] else f"{years[0]}–{years[1]}") in said


def test_a_hole_in_one_county_ends_the_years_compared(tmp_path: Path) -> None:
    text = COUNTIES.read_text(encoding="utf-8")
    (row,) = [line for line in text.splitlines() if line.startswith("09,Gotlands län,2021,")]
    cells = row.split(",")
    hole = ",".join([*cells[:4], "", cells[5], "", *cells[7:10], ""])
    panel = Panel.load(_beside(tmp_path, text.replace(row, hole)))
    assert np.isnan(panel.counts("domestic_in_moves_over_border").loc[2021, "09"])
    assert panel.choice("households", 2020, 2022).id == "in_moves"
    assert panel.choice("households", 2020, 2020).id == "domestic_in_moves_over_border"


def _with_a_hole(folder: Path) -> Path:
    """Return statistics in which the county lacks 2010."""
    text = COUNTIES.read_text(encoding="utf-8")
    (row,) = [line for line in text.splitlines() if line.startswith("23,Jämtlands län,2010,")]
    hole = ",".join([*row.split(",")[:4], *[""] * 7])
    return _beside(folder, text.replace(row, hole))


def test_a_hole_in_the_county_itself_leaves_level_3_to_the_next_outcome(tmp_path: Path) -> None:
    """Better data with a year that lacks may not make the comparison disappear."""
    panel = Panel.load(_with_a_hole(tmp_path))
    assert panel.choice("households", 2020, 2022).id == "domestic_in_moves_over_border"
    assert panel.choice("households", 2020, 2022, "24").id == "domestic_in_moves_over_border"
    assert panel.choice("households", 2020, 2022, "23").id == "in_moves"


@pytest.mark.prove
def test_a_report_on_a_county_with_a_hole_compares_the_next_outcome(tmp_path: Path) -> None:
    from attraktiv_eval.evaluation import evaluate

    found = evaluate(statistics=_with_a_hole(tmp_path))
    assert found.county is not None
    assert found.county.outcome == "in_moves"


COUNTY_ROW = "23,Jämtlands län,2021,132054,4596,688,5284,4123,252,4375,909\n"


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (
            COUNTY_ROW.replace("5284", "5285"),
            "column in_moves: in_moves is 5285, but domestic_in_moves 4596 +",
        ),
        (COUNTY_ROW.replace("909", "919"), "column net_migration: net_migration is 919"),
        (COUNTY_ROW.replace("688", "6,8"), ""),
        (COUNTY_ROW.replace("688", "många"), "column immigration: 'många' is no number"),
        (COUNTY_ROW.replace("688", "-1"), "column immigration: '-1' is no number of immigration"),
        (COUNTY_ROW.replace("23,J", "2380,J"), "column region_code: 2380 is no county"),
        (COUNTY_ROW.replace("23,J", "00,J"), "column region_code: "),
        (COUNTY_ROW * 2, "region 23 year 2021 stands here a second time"),
        ("", "region 23 has no row for 2021"),
    ],
)
def test_a_bad_table_of_counties_names_row_and_column(tmp_path: Path, new: str, said: str) -> None:
    text = COUNTIES.read_text(encoding="utf-8")
    assert COUNTY_ROW in text
    with pytest.raises(SourceError) as caught:
        Panel.load(_beside(tmp_path, text.replace(COUNTY_ROW, new)))
    assert said in str(caught.value) and "counties.csv" in str(caught.value)
    if "column" in said:
        row = text.splitlines().index(COUNTY_ROW.rstrip("\n")) + 1
        assert f"row {row}" in str(caught.value)


def test_noise_of_later_years_is_no_fault(tmp_path: Path) -> None:
    """From 2025 SCB adds a small random error to each cell: parts need not make their whole."""
    rows = [
        f"{code},x,{year},1000,10,5,{17 if year > 2024 else 15},10,5,15,0"
        for code in ("23", "01")
        for year in (2024, 2025)
    ]
    head = COUNTIES.read_text(encoding="utf-8").splitlines()[0]
    folder = _beside(tmp_path, "\n".join([head, *rows]) + "\n", municipalities=False)
    assert Panel.load(folder).counts("in_moves_over_border").loc[2025, "23"] == 17
    with pytest.raises(SourceError, match="in_moves is 17"):
        Panel.load(
            _beside(tmp_path, "\n".join([head, *rows]).replace(",15,10,5,15,0", ",17,10,5,15,0") + "\n")
        )
