"""Outcomes from fetched tables: which tidy column is which series, at which level."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from attraktiv_eval.errors import SourceError
from attraktiv_eval.resources import note_input, read_input
from attraktiv_eval.statistics.reading import COUNTIES_FILE, PANEL_FILE, read_tidy

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "DOWNLOADS",
    "TABLES",
    "FileName",
    "downloads_in",
    "moves_by_month",
    "noisy_years",
    "origins_of",
    "read_fetched",
    "series_of",
    "sources_of",
]

#: The name of a file: at most 60 characters, 240 bytes in UTF-8; systems refuse to look for one of 256 bytes.
FileName = Annotated[str, StringConstraints(max_length=60)]

#: The tidy tables that a folder of statistics may hold beside the panel.
TABLES: tuple[str, ...] = (
    "moves",
    "moves_by_age",
    "changes",
    "county_moves",
    "municipality_moves",
    "moves_by_month",
    "population",
    "population_by_age",
    "households",
    "vacancies",
    "employment",
    "employment_rams",
    "workplaces",
    "workplaces_by_activity",
    "new_companies",
    "unemployment",
    "advertisements",
)

#: outcome, table, column, level. Where an outcome stands twice the later line wins, if its table is there.
#: A county's own row counts moves over its border, so border outcomes take county rows and never sums; out
#: of ``changes`` a municipality's moves over the county border are known too.
SERIES: tuple[tuple[str, str, str, str], ...] = (
    ("population", "population", "population", "municipality"),
    ("population", "population", "population", "county"),
    ("in_moves", "moves", "in_moves", "municipality"),
    ("out_moves", "moves", "out_moves", "municipality"),
    ("net_migration", "moves", "net_migration", "municipality"),
    ("net_migration", "moves", "net_migration", "county"),
    ("foreign_net", "moves", "foreign_net", "municipality"),
    ("foreign_net", "moves", "foreign_net", "county"),
    ("domestic_in_moves_over_border", "changes", "in_other_counties", "municipality"),
    ("domestic_out_moves_over_border", "changes", "out_other_counties", "municipality"),
    ("domestic_in_moves_over_border", "changes", "in_other_counties", "county"),
    ("domestic_out_moves_over_border", "changes", "out_other_counties", "county"),
    ("domestic_in_moves_over_border", "moves", "domestic_in_moves", "county"),
    ("domestic_out_moves_over_border", "moves", "domestic_out_moves", "county"),
    ("in_moves_over_border", "moves", "in_moves", "county"),
    ("out_moves_over_border", "moves", "out_moves", "county"),
    ("immigration", "moves", "immigration", "county"),
    ("domestic_in_moves_20_64_born_in_sweden", "municipality_moves", "born_in_sweden", "municipality"),
    ("domestic_in_moves_20_64_born_abroad", "municipality_moves", "born_abroad", "municipality"),
    ("households_total", "households", "households", "municipality"),
    ("households_total", "households", "households", "county"),
    ("vacancies", "vacancies", "vacancies", "county"),
    ("employment_rate", "employment", "employment_rate", "municipality"),
    ("employment_rate", "employment", "employment_rate", "county"),
    ("employment_rate_rams", "employment_rams", "employment_rate_rams", "municipality"),
    ("employment_rate_rams", "employment_rams", "employment_rate_rams", "county"),
    ("workplaces", "workplaces", "workplaces", "municipality"),
    ("workplaces", "workplaces", "workplaces", "county"),
    ("new_companies", "new_companies", "new_companies", "county"),
    ("unemployment_rate", "unemployment", "unemployment_rate", "municipality"),
    ("unemployment_rate", "unemployment", "unemployment_rate", "county"),
    ("advertisements", "advertisements", "advertisements", "municipality"),
    ("advertisements", "advertisements", "advertisements", "county"),
    ("advertised_openings", "advertisements", "openings", "municipality"),
    ("advertised_openings", "advertisements", "openings", "county"),
)

#: Endings of files downloaded by hand.
DOWNLOADS: tuple[str, ...] = (".csv", ".txt", ".px", ".xlsx")

#: Quarterly measures that are a stock at each quarter; others are summed over the year.
MEANS = ("vacancies",)

WORKING_AGE = ("20-34", "35-49", "50-64")

#: outcome, table and column summed over the ages 20–64, by county.
OF_WORKING_AGE = (
    ("domestic_in_moves_over_border_20_64", "moves_by_age", "domestic_in_moves"),
    ("population_20_64", "population_by_age", "population"),
)


def downloads_in(folder: Path) -> list[Path]:
    """Return the files of a folder that look downloaded by hand: CSV, px or xlsx, but no tidy table.

    Nor a tidy table of the user's own catalogue, which the manifest knows.
    """
    if not folder.is_dir():
        return []
    manifest = folder / "manifest.json"
    fetched = _manifest(manifest).tidy if manifest.is_file() else {}
    own = {PANEL_FILE, COUNTIES_FILE, *(f"{name}.csv" for name in TABLES), *fetched}
    return sorted(f for f in folder.iterdir() if f.suffix.lower() in DOWNLOADS and f.name not in own)


def read_fetched(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the fetched tidy tables of a folder by name.

    Raises
    ------
    SourceError
        If one of them is malformed.
    """
    found = {name: read_tidy(folder / f"{name}.csv") for name in TABLES}
    return {name: table for name, table in found.items() if table is not None}


def series_of(tables: dict[str, pd.DataFrame]) -> dict[tuple[str, str], pd.DataFrame]:
    """Return the counts of every outcome that the tables hold, by year and region code, float.

    Keys are (outcome, level). Years without any figure are left out.
    """
    series: dict[tuple[str, str], pd.DataFrame] = {}
    for outcome, name, column, level in SERIES:
        if name in tables and column in tables[name].columns:
            wide = _wide(tables[name], column, level)
            if not wide.empty:
                series[outcome, level] = wide
    for outcome, name, column in OF_WORKING_AGE:
        if name in tables:
            ages = tables[name]
            grown = ages[ages["age_group"].isin(WORKING_AGE)]
            groups = grown.groupby(["region_code", "year"])[column]
            summed = groups.sum().where(groups.count() == len(WORKING_AGE)).reset_index()
            series[outcome, "county"] = _wide(summed, column, "county")
    if "municipality_moves" in tables:
        moves = tables["municipality_moves"]
        whole = moves.assign(all=moves["born_in_sweden"] + moves["born_abroad"])  # a missing part: no sum
        series[OF_WORKING_AGE[0][0], "municipality"] = _wide(whole, "all", "municipality")
    return series


def origins_of(tables: dict[str, pd.DataFrame]) -> dict[tuple[str, str], str]:
    """Return which tidy table each series of :func:`series_of` comes from; keys are (outcome, level)."""
    found: dict[tuple[str, str], str] = {}
    for outcome, name, column, level in SERIES:
        if name in tables and column in tables[name].columns:
            of_level = tables[name]["region_code"].str.len() == (2 if level == "county" else 4)
            if tables[name].loc[of_level, column].notna().any():
                found[outcome, level] = name
    found |= {(outcome, "county"): name for outcome, name, _ in OF_WORKING_AGE if name in tables}
    if "municipality_moves" in tables:
        found[OF_WORKING_AGE[0][0], "municipality"] = "municipality_moves"
    return found


def _wide(table: pd.DataFrame, column: str, level: str) -> pd.DataFrame:
    length = 2 if level == "county" else 4
    own = table[table["region_code"].str.len() == length]
    if "quarter" in own.columns:
        groups = own.groupby(["region_code", "year"])[column]
        whole = groups.mean() if column in MEANS else groups.sum()
        own = whole.where(groups.count() == 4).rename(column).reset_index()
    if "month" in own.columns:  # a year without all its months, or with a missing one, is no year
        groups = own.groupby(["region_code", "year"])[column]
        own = groups.sum().where(groups.count() == 12).rename(column).reset_index()
    wide = own.pivot(index="year", columns="region_code", values=column)  # noqa: PD010
    return wide.astype("float64").dropna(how="all")


def moves_by_month(
    months: pd.DataFrame, region: str, years: tuple[int, int], before: int = 5
) -> pd.DataFrame:
    """Return a county's in-moves from other counties by month, beside the same months before.

    Parameters
    ----------
    months : DataFrame
        The tidy table of that name.
    region : str
        The county.
    years : (int, int)
        First and last year shown; the years before the first are what they stand beside.
    before : int
        So many years before.

    Returns
    -------
    DataFrame
        One row a year and month that has a figure: year, month, moves, before_mean, before_low and
        before_high (of the same month in the years before; missing where one of them is), before_first,
        before_last, whole_year (whether all twelve months have a figure) and noise.
    """
    own = months[(months["region_code"] == region) & months["in_other_counties"].notna()]
    own = own.astype({"year": "int64", "month": "int64", "in_other_counties": "float64"})
    first = years[0] - before
    base = own[own["year"].between(first, years[0] - 1)].groupby("month")["in_other_counties"]
    known = base.agg(before_mean="mean", before_low="min", before_high="max").where(base.count() == before)
    shown = own[own["year"].between(*years)].rename(columns={"in_other_counties": "moves"})
    shown = shown[["year", "month", "moves", "noise"]].merge(
        known, how="left", left_on="month", right_index=True
    )
    shown["before_first"], shown["before_last"] = first, years[0] - 1
    shown["whole_year"] = shown.groupby("year")["month"].transform("size") == 12
    columns = ["year", "month", "moves", "before_mean", "before_low", "before_high"]
    columns += ["before_first", "before_last", "whole_year", "noise"]
    return shown[columns].sort_values(["year", "month"], ignore_index=True)


def noisy_years(tables: dict[str, pd.DataFrame]) -> list[int]:
    """Return the years in which SCB's figures carry the cell-key method's random error."""
    years = {int(year) for table in tables.values() for year in table.loc[table["noise"], "year"].unique()}
    return sorted(years)


class _Told(BaseModel):
    """What is read of the manifest; what else it holds is for the fetch."""

    model_config = ConfigDict(frozen=True, strict=True)


class _Part(_Told):
    read: str


class _Table(_Told):
    label: str
    updated: str
    parts: list[_Part]
    notes: list[str] = []


class _Tidy(_Told):
    tables: list[str]
    sha256: str
    remarks: list[str] = []
    publisher: str | None = None
    licence: str | None = None


class _Manifest(_Told):
    tables: dict[str, _Table]
    tidy: dict[FileName, _Tidy]
    licence: str = ""


def sources_of(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what is known of each tidy file that is read: its SHA-256, and what the manifest says of it.

    The hash is of the bytes as they lie there. ``changed`` says that the manifest vouches for others: the
    file was changed after the fetch. A file that no manifest knows has no tables and no date.

    Raises
    ------
    SourceError
        If the manifest is damaged.
    """
    file = folder / "manifest.json"
    held = _manifest(file) if file.is_file() else _Manifest(tables={}, tidy={})
    for name in sorted(f"{table}.csv" for table in TABLES):
        if not (folder / name).is_file():
            continue
        tidy, digest = held.tidy.get(name), note_input(folder / name)
        own = [table for key, table in held.tables.items() if key.split("/")[0] == Path(name).stem]
        yield {
            "file": name,
            "name": Path(name).stem,
            "tables": [] if tidy is None else tidy.tables,
            "sha256": digest,
            "changed": tidy is not None and digest != tidy.sha256,
            "scb_notes": list(dict.fromkeys(note for table in own for note in table.notes)),
            "remarks": [] if tidy is None else tidy.remarks,
            "updated": max((table.updated for table in own), default=None),
            "read": max((part.read for table in own for part in table.parts), default=None),
            "licence": "" if tidy is None else tidy.licence or held.licence,
            "publisher": None if tidy is None else tidy.publisher,
            "note": "; ".join(table.label for table in own),
        }


def _manifest(file: Path) -> _Manifest:
    try:
        return _Manifest.model_validate_json(read_input(file))
    except (ValidationError, OSError):
        raise SourceError(
            "the manifest is damaged",
            remedy="fetch the tables again, or remove it: they are then shown without their source",
            file=file,
        ) from None
