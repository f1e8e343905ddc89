"""Checks that stop a bad panel: what must sum, balance and agree with what is known already.

Every failed check names table, region, year and both numbers. Where SCB adds a small random error to each
cell (the cell-key method, from reference year 2025) the exact checks allow for it, and only there; what goes
beyond even that is reported, not stopped: nobody outside SCB can tell a large error from a wrong figure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attraktiv_eval import regions, resources
from attraktiv_eval.errors import SourceError
from attraktiv_eval.statistics.outcomes import OUTCOMES
from attraktiv_eval.statistics.tables import PANEL_FILE, read_municipalities

if TYPE_CHECKING:
    import pandas as pd


#: SCB does not publish the spread of the noise. Fitted to answers of the live service (table TAB6471, January
#: to April 2026: 924 totals less men less women): a standard deviation of 1.43 a cell, none more than 3 off.
NOISE_SD, NOISE_BOUND = 1.43, 3
#: So many standard deviations of a sum of noisy cells are allowed: a year holds some 5,000 comparisons, and a
#: right year must pass them all in at least 999 of 1,000 draws.
NOISE_SPREADS = 5.5

#: Measures with decimals; every other is a count.
RATES = OUTCOMES.rates | {"persons_per_household"}

REMEDY = "do not use these figures; fetch the table again, and ask SCB if it stays"

#: Heby moved from Västmanland (19) to Uppsala (03) in 2007: county rows of earlier years may be in either
#: division.
HEBY, HEBY_YEAR, *HEBY_COUNTIES = regions.CHANGED_COUNTY

#: measure on the left = sum of the measures on the right (a minus sign takes away), by table.
IDENTITIES: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "moves": (
        ("net_migration", ("in_moves", "-out_moves")),
        ("in_moves", ("domestic_in_moves", "immigration")),
        ("out_moves", ("domestic_out_moves", "emigration")),
        ("foreign_net", ("immigration", "-emigration")),
    ),
    "changes": (
        ("net_migration", ("in_moves", "-out_moves")),
        ("net_migration", ("net_own_county", "net_other_counties", "foreign_net")),
        ("net_own_county", ("in_own_county", "-out_own_county")),
        ("net_other_counties", ("in_other_counties", "-out_other_counties")),
        ("foreign_net", ("immigration", "-emigration")),
        ("change", ("births", "-deaths", "net_migration", "adjustment")),
    ),
}

#: Measures whose municipal figures sum to the county's.
SUMS: dict[str, tuple[str, ...]] = {
    "moves": ("net_migration", "foreign_net", "immigration", "emigration"),
    "changes": ("population", "births", "deaths", "net_migration", "net_other_counties", "in_other_counties"),
    "population": ("population",),
    "municipality_moves": ("born_in_sweden", "born_abroad"),
    "households": ("households",),
}

#: Noisy cells that one figure of a tidy table is the sum of, where it is not one: nine groups of age.
CELLS_A_FIGURE: dict[str, int] = {"municipality_moves": 9}


def noise_allowance(cells: int) -> float:
    """Return by how much an identity over so many noisy cells, both sides counted, may miss.

    The smaller of what the cells can stray together at most, and of ``NOISE_SPREADS`` standard deviations of
    their sum; the errors of the cells are taken as independent.
    """
    return min(NOISE_BOUND * float(cells), NOISE_SPREADS * NOISE_SD * float(cells) ** 0.5)


@dataclass
class Faults:
    """What the checks found in years with noise: said in the report, never a reason to stop.

    ``tables`` are the tidy names of the check at work, so that an error can tell whose figures failed.
    """

    noisy: list[str] = field(default_factory=list)
    tables: tuple[str, ...] = ()


def check_all(tables: dict[str, pd.DataFrame], faults: Faults | None = None) -> Faults:
    """Raise if one of the tidy tables fails a check alone, beside another, or against the embedded panel.

    Parameters
    ----------
    tables : dict of tidy name to table
    faults : Faults, optional
        Filled as the checks go on; after an error its ``tables`` name the tables that the check was about.

    Returns
    -------
    Faults
        What is odd in years with noise, one sentence each.

    Raises
    ------
    SourceError
        At the first fault in figures without noise.
    """
    found = faults if faults is not None else Faults()
    embedded = read_municipalities(resources.find(f"data/statistics/{PANEL_FILE}"))
    for name, table in tables.items():
        found.tables = (name,)
        check(name, table, found)
        check_against_embedded(name, table, embedded, found)
    if {"moves", "changes"} <= set(tables):
        found.tables = ("moves", "changes")
        check_between(tables["moves"], tables["changes"], found)
    if {"moves", "county_moves"} <= set(tables):
        found.tables = ("county_moves",)  # the side table, held against a core one that has passed
        check_origins(tables["moves"], tables["county_moves"], found)
    if {"moves_by_age", "municipality_moves"} <= set(tables):
        found.tables = ("municipality_moves",)
        check_births(tables["moves_by_age"], tables["municipality_moves"], found)
    return found


def check(name: str, table: pd.DataFrame, faults: Faults | None = None) -> Faults:
    """Raise if a tidy table does not hold together.

    Parameters
    ----------
    name : str
        The tidy name, which decides what must hold.
    table : DataFrame
        As :func:`attraktiv_eval.statistics.scb.catalogue.tidy` returns it.
    faults : Faults, optional
        Gets what is odd in rows with noise.

    Raises
    ------
    SourceError
        At the first fault: a missing year, a negative count, parts that do not make their whole,
        municipalities that do not sum to their county, moves inside counties that do not sum to zero.
    """
    found = faults if faults is not None else Faults()
    _check_years(name, table)
    _check_no_negative_counts(name, table, found)
    _check_whole_counts(name, table)
    for whole, parts in IDENTITIES.get(name, ()):
        _check_identity(name, table, whole, parts, found)
    for measure in SUMS.get(name, ()):
        if measure in table.columns:
            _check_sums(name, table, measure, found)
    if name == "changes":
        _check_own_county_is_zero(table, found)
    return found


def _check_years(name: str, table: pd.DataFrame) -> None:
    years = sorted(table["year"].unique())
    for year in range(years[0], years[-1] + 1):
        if year not in years:
            raise SourceError(f"table {name}: year {year} is missing altogether", remedy=REMEDY)
    for region, own in table.groupby("region_code")["year"]:
        lost = sorted(set(years) - set(own))
        if lost:
            raise SourceError(
                f"table {name}: region {region} has no year {lost[0]}, though others have", remedy=REMEDY
            )


def _check_no_negative_counts(name: str, table: pd.DataFrame, faults: Faults) -> None:
    signed = ("net", "change", "adjustment", "foreign_net")
    for measure in table.select_dtypes("Float64").columns:
        if measure.startswith(signed):
            continue
        below = (table[measure] < 0).fillna(False)
        if below.any():
            exact = below & ~table["noise"]
            row = table[exact if exact.any() else below].iloc[0]
            place = f"table {name}, region {row['region_code']}, year {row['year']}"
            said = f"{place}: {measure} is {row[measure]:.12g}, below 0"
            if exact.any():
                raise SourceError(said, remedy=REMEDY)
            faults.noisy.append(said)


def _check_whole_counts(name: str, table: pd.DataFrame) -> None:
    for measure in set(table.select_dtypes("Float64").columns) - RATES:
        broken = (table[measure] % 1 != 0).fillna(False)
        if broken.any():
            row = table[broken].iloc[0]
            place = f"table {name}, region {row['region_code']}, year {row['year']}"
            raise SourceError(f"{place}: {measure} is {row[measure]:.12g}, no whole number", remedy=REMEDY)


def _check_identity(
    name: str, table: pd.DataFrame, whole: str, parts: tuple[str, ...], faults: Faults
) -> None:
    if not {whole, *(part.lstrip("-") for part in parts)} <= set(table.columns):
        return
    total = table[whole] * 0
    for part in parts:
        total = total - table[part[1:]] if part.startswith("-") else total + table[part]
    allowed = table["noise"].map({True: noise_allowance(len(parts) + 1), False: 0.5})
    what = f"{whole} is not {' + '.join(parts)}"
    _stop_at_first(name, table, table[whole], total, allowed, what, faults)


def _check_sums(name: str, table: pd.DataFrame, measure: str, faults: Faults) -> None:
    """Raise unless municipal figures sum to the published county figure."""
    import pandas as pd

    is_county = table["region_code"].str.len() == 2
    county = table[is_county].set_index(["region_code", "year"])
    own = table[~is_county]
    formed = own["region_code"].map(lambda code: regions.FORMED_LATER.get(code, (0, ""))[0])
    own = own[(own["year"] >= formed) | own[measure].notna()]
    if own.empty or county.empty:
        return
    groups = own.groupby([own["region_code"].map(regions.county_of), "year"])[measure]
    whole = groups.sum().where(groups.count() == groups.size())  # a suppressed part makes no sum
    noisy = own.groupby([own["region_code"].map(regions.county_of), "year"])["noise"].any()
    parts = pd.DataFrame({"sum": whole, "cells": groups.size(), "noise_of_parts": noisy})
    both = parts.join(county[[measure, "noise"]]).dropna().reset_index(names=["region_code", "year"])
    both["noise"] = both["noise"].astype(bool) | both["noise_of_parts"].astype(bool)
    each = CELLS_A_FIGURE.get(name, 1)
    allowed = both["noise"] * ((both["cells"] + 1) * each).map(noise_allowance) + 0.5
    heby = own[own["region_code"] == HEBY].set_index("year")[measure].astype("float64").abs()
    older = both["region_code"].isin(HEBY_COUNTIES) & (both["year"] < HEBY_YEAR)
    allowed = allowed + older * both["year"].map(heby).fillna(0.0)
    what = f"{measure} of the county is not its municipalities' sum"
    _stop_at_first(name, both, both[measure], both["sum"], allowed, what, faults)


def _check_own_county_is_zero(table: pd.DataFrame, faults: Faults) -> None:
    """Raise unless moves between a county's own municipalities sum to zero: they leave one, reach another."""
    if "net_own_county" not in table.columns:
        return
    own = table[table["region_code"].str.len() == 4].dropna(subset=["net_own_county"])
    groups = own.groupby([own["region_code"].map(regions.county_of), "year"])
    both = groups.agg(
        net=("net_own_county", "sum"), cells=("net_own_county", "size"), noise=("noise", "any")
    ).reset_index(names=["region_code", "year"])
    allowed = both["noise"].map({True: 1.0, False: 0.0}) * both["cells"].map(noise_allowance) + 0.5
    what = "nets inside the county do not sum to 0"
    _stop_at_first("changes", both, both["net"] * 0, both["net"], allowed, what, faults)


def check_against_embedded(
    name: str, table: pd.DataFrame, embedded: pd.DataFrame, faults: Faults | None = None
) -> None:
    """Raise if a fetched figure differs from the embedded one for the same municipality and year.

    Parameters
    ----------
    name : str
        Tidy name; ``moves``, ``changes`` and ``population`` are compared.
    table, embedded : DataFrame
        The fetched table, and :attr:`Panel.table` of the shipped panel. Where the embedded net migration is
        not exact, half a per cent of a thousandth of the population is allowed.
    """
    measures = {
        "moves": ("in_moves", "net_migration"),
        "changes": ("in_moves", "net_migration"),
        "population": ("population",),
    }
    shared = [m for m in measures.get(name, ()) if m in table.columns]
    if not shared:
        return
    both = table[~table["noise"]].merge(embedded, on=["region_code", "year"], suffixes=("", "_known"))
    people = both["population_known" if "population_known" in both else "population"].astype("Float64")
    inexact = ~both["net_migration_exact"].fillna(True).astype(bool)
    for measure in shared:
        allowed = people.fillna(0) * 0 + 0.5
        if measure == "net_migration":
            allowed = allowed + inexact * (people / 1000 * 0.005 + 0.5)
        known = both[f"{measure}_known"].astype("Float64")
        what = f"{measure} is not the known figure"
        _stop_at_first(name, both, both[measure], known, allowed, what, faults)


def check_between(moves: pd.DataFrame, changes: pd.DataFrame, faults: Faults | None = None) -> None:
    """Raise unless two tables of SCB's that count the same moves agree.

    A county's domestic in-moves of one table are the in-moves from other counties of the other: that they
    agree shows that both count moves over the county border.
    """
    both = moves.merge(changes, on=["region_code", "year"], suffixes=("", "_changes"))
    both["noise"] |= both["noise_changes"]
    allowed = both["noise"].map({True: noise_allowance(2), False: 0.5})
    older = both["region_code"].isin(HEBY_COUNTIES) & (both["year"] < HEBY_YEAR)
    county = (both["region_code"].str.len() == 2) & ~older
    for one, other, rows in (
        ("net_migration", "net_migration_changes", both["region_code"].str.len() == 4),
        ("domestic_in_moves", "in_other_counties", county),
        ("domestic_out_moves", "out_other_counties", county),
    ):
        if {one, other} <= set(both.columns):
            what = f"{one} is not {other.removesuffix('_changes')} of table changes"
            own = both[rows]
            _stop_at_first("moves", own, own[one], own[other], allowed[rows], what, faults)


def check_origins(moves: pd.DataFrame, county_moves: pd.DataFrame, faults: Faults | None = None) -> None:
    """Raise unless a county's domestic in-moves are the sum of those from each other county."""
    import pandas as pd

    others = county_moves[county_moves["region_code"] != county_moves["origin_code"]]
    groups = others.groupby(["region_code", "year"])
    whole = groups["moves"].sum().where(groups["moves"].count() == groups.size()).rename("sum")
    cells = pd.DataFrame({"sum": whole, "cells": groups.size(), "noise_of_parts": groups["noise"].any()})
    both = moves.merge(cells.reset_index(), on=["region_code", "year"])
    both["noise"] = (both["noise"] | both["noise_of_parts"]).astype(bool)
    allowed = both["noise"] * (both["cells"] + 1).map(noise_allowance) + 0.5
    what = "domestic_in_moves is not the sum of those from the other counties"
    _stop_at_first("county_moves", both, both["domestic_in_moves"], both["sum"], allowed, what, faults)


def check_births(
    moves_by_age: pd.DataFrame, municipality_moves: pd.DataFrame, faults: Faults | None = None
) -> None:
    """Raise unless a county's in-moves by region of birth make its domestic in-moves at ages 20–64."""
    ages = moves_by_age[moves_by_age["age_group"].isin(("20-34", "35-49", "50-64"))]
    groups = ages.groupby(["region_code", "year"])
    whole = groups.agg(noise_of_ages=("noise", "any")).assign(
        whole=groups["domestic_in_moves"].sum().where(groups["domestic_in_moves"].count() == 3)
    )
    both = municipality_moves.merge(whole.reset_index(), on=["region_code", "year"])
    both = both[~(both["region_code"].isin(HEBY_COUNTIES) & (both["year"] < HEBY_YEAR))]
    both = both.assign(noise=both["noise"] | both["noise_of_ages"])
    allowed = both["noise"].map({True: noise_allowance(3 * CELLS_A_FIGURE["municipality_moves"]), False: 0.5})
    what = "in-moves of those born in Sweden and abroad are not all domestic in-moves at ages 20–64"
    own = both["born_in_sweden"] + both["born_abroad"]
    _stop_at_first("municipality_moves", both, own, both["whole"], allowed, what, faults)


def _stop_at_first(
    name: str,
    rows: pd.DataFrame,
    one: pd.Series,
    other: pd.Series,
    allowed: pd.Series,
    what: str,
    faults: Faults | None,
) -> None:
    """Raise at the first row that misses by more than is allowed; a row with noise is only noted."""
    apart = (one.astype("Float64") - other.astype("Float64")).abs() > allowed.astype("Float64")
    wrong = apart.fillna(False).to_numpy(dtype=bool)
    exact = wrong & ~rows["noise"].to_numpy(dtype=bool)
    if not wrong.any():
        return
    counted = exact if exact.any() else wrong
    at = int(counted.argmax())
    row = rows.iloc[at]
    more = f" (and {int(counted.sum()) - 1} more)" if counted.sum() > 1 else ""
    said = (
        f"table {name}, region {row['region_code']}, year {row['year']}: {what}: "
        f"{float(one.iloc[at]):.12g} against {float(other.iloc[at]):.12g}{more}"
    )
    if exact.any():
        raise SourceError(said, remedy=REMEDY)
    if faults is not None:
        faults.noisy.append(said)
