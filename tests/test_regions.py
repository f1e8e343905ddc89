"""County and municipality codes, and the pools of comparison counties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attraktiv_eval.errors import DesignError, EvaluationError, SourceError
from attraktiv_eval.regions import (
    COUNTIES,
    POOLS,
    county_of,
    donor_pool,
    group_of_municipalities,
    is_municipality,
    level_of,
)


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


def test_a_file_of_groups_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        group_of_municipalities(tmp_path / "none.csv", "la", "x")
