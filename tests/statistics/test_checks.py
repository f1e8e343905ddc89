"""Each check stops the panel at the fault it is there for, and names both numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attraktiv_eval.errors import SourceError
from attraktiv_eval.statistics.checks import check, check_all, check_between, noise_allowance
from attraktiv_eval.statistics.tables import read_tidy


@pytest.fixture(scope="module")
def tables(fetched: Path) -> dict[str, pd.DataFrame]:
    found = {name: read_tidy(fetched / f"{name}.csv") for name in ("moves", "changes", "population")}
    return {name: table for name, table in found.items() if table is not None}


def _spoil(table: pd.DataFrame, region: str, year: int, measure: str, by: float) -> pd.DataFrame:
    spoilt = table.copy()
    row = (spoilt["region_code"] == region) & (spoilt["year"] == year)
    assert row.sum() == 1
    spoilt.loc[row, measure] += by
    return spoilt


def test_good_tables_pass(tables: dict[str, pd.DataFrame]) -> None:
    check_all(tables)


@pytest.mark.parametrize(
    ("name", "region", "year", "measure", "said"),
    [
        ("moves", "2380", 2020, "in_moves", "region 2380, year 2020: net_migration is not in_moves"),
        ("moves", "23", 2020, "immigration", "region 23, year 2020: in_moves is not domestic_in_moves"),
        ("changes", "2380", 2011, "births", "region 2380, year 2011: change is not births"),
        ("changes", "2303", 2011, "in_own_county", "net_own_county is not in_own_county"),
        ("changes", "23", 2011, "population", "population of the county is not its municipalities' sum"),
        ("population", "2303", 2011, "population", "region 23, year 2011"),
    ],
)
def test_one_unit_too_many_is_found(
    tables: dict[str, pd.DataFrame], name: str, region: str, year: int, measure: str, said: str
) -> None:
    with pytest.raises(SourceError) as caught:
        check(name, _spoil(tables[name], region, year, measure, 1))
    assert said in str(caught.value)
    assert " against " in str(caught.value)


def test_a_count_with_decimals_is_named_and_a_rate_may_have_them(tables: dict[str, pd.DataFrame]) -> None:
    spoilt = _spoil(tables["population"], "2303", 2011, "population", 0.25)
    with pytest.raises(SourceError, match=r"region 2303, year 2011: population is \d+\.25, no whole number"):
        check("population", spoilt)
    check("employment", spoilt.rename(columns={"population": "employment_rate"}))


def test_municipal_nets_that_miss_the_county_s(tables: dict[str, pd.DataFrame]) -> None:
    moves = tables["moves"]
    for measure in ("net_migration", "in_moves", "domestic_in_moves"):
        moves = _spoil(moves, "2380", 2020, measure, 7)
    with pytest.raises(
        SourceError, match=r"region 23, year 2020: net_migration of the county is not.* 581 against 588"
    ):
        check("moves", moves)


def test_moves_inside_a_county_that_do_not_sum_to_zero(tables: dict[str, pd.DataFrame]) -> None:
    changes = tables["changes"]
    more = {"in_own_county": 3, "net_own_county": 3, "in_moves": 3, "net_migration": 3, "adjustment": -3}
    less = {"immigration": -3, "foreign_net": -3, "in_moves": -3, "net_migration": -3, "adjustment": 3}
    for region, spoilt in (("2380", more), ("2303", less)):
        for measure, by in spoilt.items():
            changes = _spoil(changes, region, 2020, measure, by)
    with pytest.raises(
        SourceError, match="region 23, year 2020: nets inside the county do not sum to 0: 0 against 3"
    ):
        check("changes", changes)


def test_a_year_that_lacks(tables: dict[str, pd.DataFrame]) -> None:
    moves = tables["moves"]
    with pytest.raises(SourceError, match="table moves: year 2009 is missing altogether"):
        check("moves", moves[moves["year"] != 2009])
    gone = (moves["year"] == 2009) & (moves["region_code"] == "2303")
    with pytest.raises(SourceError, match="region 2303 has no year 2009, though others have"):
        check("moves", moves[~gone])


def test_a_negative_count(tables: dict[str, pd.DataFrame]) -> None:
    people = _spoil(tables["population"], "2303", 2011, "population", -1e6)
    with pytest.raises(SourceError, match="region 2303, year 2011: population is -99"):
        check("population", people)


def test_two_tables_of_the_same_moves_that_disagree(tables: dict[str, pd.DataFrame]) -> None:
    """If a county's row counted moves inside the county, this is where it would show."""
    moves = _spoil(tables["moves"], "23", 2020, "domestic_in_moves", 2500)
    with pytest.raises(SourceError, match="domestic_in_moves is not in_other_counties of table changes"):
        check_between(moves, tables["changes"])


def test_a_figure_that_is_not_the_embedded_one(tables: dict[str, pd.DataFrame]) -> None:
    people = _spoil(tables["population"], "2303", 2011, "population", 1)
    people = _spoil(people, "23", 2011, "population", 1)
    with pytest.raises(SourceError, match="region 2303, year 2011: population is not the known figure"):
        check_all({"population": people})


def test_noise_is_allowed_for_in_noisy_years_only(tables: dict[str, pd.DataFrame]) -> None:
    moves = tables["moves"]
    small = noise_allowance(3) - 6
    assert check("moves", _spoil(moves, "2380", 2025, "in_moves", small)).noisy == []
    with pytest.raises(SourceError, match="year 2024"):
        check("moves", _spoil(moves, "2380", 2024, "in_moves", small))


def test_what_goes_beyond_the_noise_is_reported_and_does_not_stop(tables: dict[str, pd.DataFrame]) -> None:
    odd = check("moves", _spoil(tables["moves"], "2380", 2025, "in_moves", 100)).noisy
    assert len(odd) == 2  # the net, and the parts of the in-moves
    assert "table moves, region 2380, year 2025: net_migration is not in_moves + -out_moves" in odd[0]


def test_a_fault_in_an_exact_year_stops_though_a_noisy_one_is_odd_too(
    tables: dict[str, pd.DataFrame],
) -> None:
    moves = _spoil(tables["moves"], "0114", 2025, "in_moves", 100)
    with pytest.raises(SourceError, match=r"region 2380, year 2024: .*"):
        check("moves", _spoil(moves, "2380", 2024, "in_moves", 1))


@pytest.mark.parametrize(("cells", "allowed"), [(1, 3), (2, 6), (3, 9), (9, 5.5 * 1.43 * 3), (400, 157.3)])
def test_noisy_cells_stray_by_three_each_and_never_all_together(cells: int, allowed: float) -> None:
    assert noise_allowance(cells) == pytest.approx(allowed)


def _noisy(tables: dict[str, pd.DataFrame], rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """The year 2024 as SCB publishes years from 2025: every cell with an error of its own."""
    steps = np.arange(-3, 4)
    odds = np.exp(-(steps**2) / (2 * 1.54**2))  # cut off at 3, its standard deviation is the recorded 1.43
    odds /= odds.sum()
    assert np.sqrt((odds * steps**2).sum()) == pytest.approx(1.43, abs=0.005)
    found = {}
    for name, table in tables.items():
        year = table[table["year"] == 2024].reset_index(drop=True).assign(noise=True)
        for measure in year.select_dtypes("Float64").columns:
            published = year[measure] + rng.choice(steps, len(year), p=odds)
            signed = measure.startswith(("net", "change", "adjustment", "foreign_net"))
            year[measure] = published if signed else published.clip(lower=0)
        found[name] = year
    return found


def _refused(tables: dict[str, pd.DataFrame], draws: int, seed: int) -> list[list[str]]:
    rng = np.random.default_rng(seed)
    return [odd for _ in range(draws) if (odd := check_all(_noisy(tables, rng)).noisy)]


def test_right_years_with_noise_pass(tables: dict[str, pd.DataFrame]) -> None:
    assert _refused(tables, 10, 1) == []


@pytest.mark.prove
def test_a_thousand_right_years_with_noise_pass_but_for_one(tables: dict[str, pd.DataFrame]) -> None:
    assert len(_refused(tables, 1000, 2)) <= 1


def test_heby_may_stand_in_either_county_before_2007(tables: dict[str, pd.DataFrame]) -> None:
    """SCB's county rows of older years may be in the division of the time."""
    people = tables["population"]
    of_heby = people.set_index(["region_code", "year"])["population"].loc["0331"]
    older = people
    for year in range(1997, 2007):
        older = _spoil(older, "03", year, "population", -float(of_heby[year]))
        older = _spoil(older, "19", year, "population", float(of_heby[year]))
    check("population", older)
    with pytest.raises(SourceError, match="region 03, year 2007"):
        check("population", _spoil(people, "03", 2007, "population", -float(of_heby[2007])))
