"""County and municipality codes, and the pools of comparison counties."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attraktiv_eval.errors import DesignError, EvaluationError, SourceError
from attraktiv_eval.regions import (
    COUNTIES,
    POOLS,
    as_sparse_as,
    county_of,
    donor_pool,
    group_of_municipalities,
    is_municipality,
    level_of,
)
from attraktiv_eval.statistics.panel import Panel


def test_twenty_one_counties() -> None:
    assert len(COUNTIES) == 21
    assert COUNTIES["23"] == "Jämtlands län"
    assert not {"02", "11", "15", "16"} & set(COUNTIES)


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("00", "country"),
        ("0010", "large_city_area"),
        ("0020", "large_city_area"),
        ("0030", "large_city_area"),
        ("01", "county"),
        ("0114", "municipality"),
        ("2380", "municipality"),
    ],
)
def test_what_a_code_is(code: str, level: str) -> None:
    assert level_of(code) == level
    assert is_municipality(code) is (level == "municipality")


@pytest.mark.parametrize("code", ["114", "2", "1101", "02", "2300", "XX", "", "01140", "٢٣", 114, None])
def test_what_is_no_region(code: str) -> None:
    with pytest.raises(SourceError, match="no region code"):
        level_of(code)
    assert not is_municipality(code)


def test_heby_and_the_first_two_digits() -> None:
    assert county_of("0331") == "03"
    assert county_of("0114") == "01"
    assert county_of("23") == "23"
    with pytest.raises(SourceError, match="no single county"):
        county_of("0010")


def test_pools() -> None:
    assert len(donor_pool()) == 20
    assert set(donor_pool()) - set(donor_pool("no_metropolitan")) == {"01", "12", "14"}
    assert set(donor_pool("no_metropolitan")) - set(donor_pool("no_metropolitan_no_green")) == {"24", "25"}
    assert {"22", "24", "25"} <= set(donor_pool("sparsely_populated"))
    assert not {"01", "12", "14"} & set(donor_pool("sparsely_populated"))


@given(st.sampled_from(sorted(POOLS)), st.sampled_from(sorted(COUNTIES)))
def test_the_treated_county_is_never_its_own_donor(pool: str, treated: str) -> None:
    donors = donor_pool(pool, treated)
    assert treated not in donors
    assert donors == sorted(set(donors))
    assert set(donors) <= set(COUNTIES)


def test_an_unknown_pool_or_county() -> None:
    with pytest.raises(DesignError, match="unknown donor pool"):
        donor_pool("best")
    with pytest.raises(DesignError, match="no county"):
        donor_pool("all", "2380")


GROUPS = (
    "region_code;skr_2023;la\n2380;Mindre stad;Östersund\n2321;Landsbygd;Östersund\n0114;Förort;Stockholm\n"
)


def groups(folder, text=GROUPS):
    file = folder / "groups.csv"
    file.write_text(text, encoding="utf-8-sig")
    return file


def test_a_group_of_municipalities_is_a_pool_without_the_treated(tmp_path):
    file = groups(tmp_path)
    assert group_of_municipalities(file, "la", "Östersund") == ["2321", "2380"]
    assert group_of_municipalities(file, "la", "Östersund", ["2380"]) == ["2321"]
    assert group_of_municipalities(groups(tmp_path, GROUPS.replace(";", ",")), "la", "Stockholm") == ["0114"]


@pytest.mark.parametrize(
    ("old", "new", "group", "said"),
    [
        ("0114", "114", "Östersund", "row 4, column region_code: '114' lost its first zero"),
        ("0114", "23", "Östersund", "'23' is no municipality"),
        ("0114", "2380", "Östersund", "2380 stands here a second time"),
        (";Stockholm", ";", "Östersund", "0114 has no group"),
        (";la", ";LA", "Östersund", "the column la is missing; the file has region_code, skr_2023, LA"),
        (
            "",
            "",
            "Umeå",
            "no municipality is of the group 'Umeå'; remedy: choose one of Stockholm, Östersund",
        ),
        ("2321", "2326", "Stockholm", "all municipalities of 'Stockholm' are treated"),
    ],
)
def test_a_file_of_groups_that_does_not_do_is_one_line(tmp_path, old, new, group, said):
    file = groups(tmp_path, GROUPS.replace(old, new) if old else GROUPS)
    with pytest.raises(EvaluationError) as caught:
        group_of_municipalities(file, "la", group, ["0114"])
    line = caught.value.one_line()
    assert said in line and "remedy: " in line and "\n" not in line


def test_the_shipped_groups_are_whole_and_as_large_as_skr_s():
    """Sizes by main group and of the rural groups, as SKR's list of 2023 was counted elsewhere."""
    from csv import DictReader

    from attraktiv_eval.resources import find

    with find("data/regions/municipality_groups.csv").open(encoding="utf-8", newline="") as file:
        rows = list(DictReader(file))
    with find("data/statistics/municipalities.csv").open(encoding="utf-8-sig", newline="") as file:
        known = {row["region_code"]: row["region_name"] for row in DictReader(file)}
    assert {row["region_code"]: row["region_name"] for row in rows} == known
    assert len(rows) == len(known) == 290
    sizes = Counter(row["skr_2023"] for row in rows)
    expected = {"A1": 3, "A2": 43, "B3": 23, "B4": 63, "B5": 24, "C6": 27, "C7": 51, "C8": 35, "C9": 21}
    assert sizes == expected
    assert Counter(row["skr_2023"][0] for row in rows) == {"A": 46, "B": 110, "C": 134}
    assert sizes["C8"] + sizes["C9"] == 56


def test_a_municipality_against_those_of_its_group(tmp_path):
    pool = donor_pool("group:skr_2023", "Krokom")
    assert len(pool) == 62 and "2309" not in pool and {"0319", "2460"} <= set(pool)
    assert donor_pool("group:skr_2023=C9", ["2361", "Åre"]) == donor_pool("group:skr_2023", ["2321", "2361"])
    assert len(donor_pool("group:skr_2023=C8")) == 35
    assert donor_pool("group:la", "2380", groups=groups(tmp_path)) == ["2321"]


@pytest.mark.parametrize(
    ("pool", "treated", "said"),
    [
        ("group:", "2309", 'write it as "group:skr_2023"'),
        (
            "group:skr_2017",
            "2309",
            "the column skr_2017 is missing; the file has region_code, region_name, skr",
        ),
        ("group:skr_2023", "23", "'23' is no region here"),
        ("group:skr_2023", None, "the treated municipalities are not named"),
        ("group:skr_2023", ["2309", "2380"], "the treated municipalities are of the groups B3, B4"),
        ("group:skr_2023=C10", "2309", "no municipality is of the group 'C10'"),
        ("groups", "23", "unknown donor pool 'groups'; remedy: write 'group:skr_2023'"),
    ],
)
def test_a_pool_by_group_that_does_not_do_is_one_line(pool, treated, said):
    with pytest.raises(EvaluationError) as caught:
        donor_pool(pool, treated)
    assert said in caught.value.one_line()


def test_krokom_is_compared_with_its_group_in_three_lines():
    import attraktiv_eval as ae

    rates = ae.Panel.load().rate("in_moves", "municipality").loc[2004:]  # all of today's are formed
    design = ae.Design(["2309"], 2020, 2022, donor_pool("group:skr_2023", "Krokom"))
    estimate = ae.estimate(rates, design, "difference_in_differences")
    gap = rates["2309"] - rates[donor_pool("group:skr_2023=B4", "2309")].mean(axis=1)
    assert estimate.effect == pytest.approx(gap.loc[2020:2022].mean() - gap.loc[:2019].mean())


def test_a_file_of_groups_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        group_of_municipalities(tmp_path / "none.csv", "la", "x")


def test_the_municipalities_most_like_one_are_chosen_by_what_was_known_before():
    panel = Panel.load()
    table = panel.similar("Krokom", 2020)
    assert table.region_code[0] == "2309" and table.distance[0] == 0 and len(table) == 21
    assert table.distance.is_monotonic_increasing and set(table.region_code) <= set(as_sparse_as("2309"))
    pool = donor_pool("similar", ["2309"], panel=panel, before=2020)
    assert pool == table.region_code[1:].tolist()
    later = panel.series["in_moves", "municipality"].copy()
    later.loc[2020:] = 10 * later.loc[2020:][sorted(later.columns, reverse=True)].to_numpy()
    changed = replace(panel, series={**panel.series, ("in_moves", "municipality"): later})
    assert donor_pool("similar", "Krokom", panel=changed, before=2020) == pool


def test_a_twin_is_the_most_alike_and_a_region_without_a_year_is_not_in_the_pool():
    panel = Panel.load()
    series = {key: frame.copy() for key, frame in panel.series.items()}
    for (_, level), frame in series.items():
        if level == "municipality" and {"2309", "0319"} <= set(frame.columns):
            frame["0319"] = frame["2309"]  # Älvkarleby is of the same main group
    series["in_moves", "municipality"].loc[2015, "0840"] = float("nan")
    table = replace(panel, series=series).similar("2309", 2020)
    assert table.region_code[1] == "0319" and table.distance[1] == pytest.approx(0)
    assert "0840" not in set(table.region_code)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "likeness is to one region before a year"),
        ({"panel": "shipped"}, "likeness is to one region before a year"),
        ({"panel": "shipped", "before": "2020"}, "before='2020'"),
        ({"panel": "shipped", "before": 2020, "count": 0}, "count=0"),
        (
            {"panel": "shipped", "before": 2020, "cuont": 9},
            "there is no option 'cuont'; remedy: write 'count'",
        ),
        ({"panel": "shipped", "before": 1990}, "the panel holds no in_moves up to 1989"),
        ({"panel": "shipped", "before": 2004, "years": 9}, "lacks a year of 1995 to 2003"),
        ({"panel": "shipped", "before": 2020, "outcome": "in_move"}, "write 'in_moves'"),
    ],
)
def test_a_pool_of_the_most_alike_that_does_not_do_is_one_line(given, said):
    if "panel" in given:
        given = given | {"panel": Panel.load()}
    with pytest.raises(EvaluationError) as caught:
        donor_pool("similar", "Krokom", **given)
    assert said in caught.value.one_line()


def test_only_the_pool_of_the_most_alike_takes_statistics():
    with pytest.raises(DesignError, match="takes no panel"):
        donor_pool("all", "23", panel=Panel.load(), before=2020)
