"""County and municipality codes, and the pools of comparison counties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attraktiv_eval.errors import DesignError, SourceError
from attraktiv_eval.regions import COUNTIES, POOLS, county_of, donor_pool, is_municipality, level_of


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
