"""The embedded panel equals the published figures, and a bad one is refused by file, row and column."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attraktiv_eval import resources
from attraktiv_eval.errors import SourceError
from attraktiv_eval.statistics.panel import Panel

SHIPPED = resources.find("data/statistics/municipalities.csv")


@pytest.fixture(scope="module")
def panel() -> Panel:
    return Panel.load()


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
    assert panel.primary_outcome() == "in_moves"
    assert panel.primary_outcome("companies") is None
    assert panel.primary_outcome(first_treated=2010) is None


def test_an_outcome_that_is_not_there(panel: Panel) -> None:
    with pytest.raises(SourceError, match="no domestic_in_moves_over_border by county"):
        panel.counts("domestic_in_moves_over_border")


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
