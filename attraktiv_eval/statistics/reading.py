"""Reading a tidy region-by-year table, with errors that name the file, the row and the column."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from attraktiv_eval import regions
from attraktiv_eval.errors import SourceError
from attraktiv_eval.resources import read_input

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "COUNTIES_FILE",
    "COUNTS",
    "COUNTY_COUNTS",
    "KEY",
    "PANEL_FILE",
    "read_counties",
    "read_municipalities",
    "read_table",
    "read_tidy",
    "to_booleans",
    "to_numbers",
]

#: The first three columns of every table of the panel.
KEY: tuple[str, str, str] = ("region_code", "region_name", "year")

#: The panel of municipalities and its counts.
PANEL_FILE = "municipalities.csv"
COUNTS = ("population", "net_migration", "in_moves")

#: The counties' moves over their border, and their counts.
COUNTIES_FILE = "counties.csv"
COUNTY_COUNTS = (
    "population",
    "domestic_in_moves",
    "immigration",
    "in_moves",
    "domestic_out_moves",
    "emigration",
    "out_moves",
    "net_migration",
)

#: What must sum in a row of the counties' file: whole, parts and their signs.
COUNTY_SUMS: tuple[tuple[str, dict[str, int]], ...] = (
    ("in_moves", {"domestic_in_moves": 1, "immigration": 1}),
    ("out_moves", {"domestic_out_moves": 1, "emigration": 1}),
    ("net_migration", {"in_moves": 1, "out_moves": -1}),
)
#: From this year on SCB adds a small random error to each cell, so that parts need not sum to their whole.
FIRST_NOISY_YEAR = 2025
NOISE_OF_A_SUM = 9

HEADING_ROW = 1

#: No count and no figure of official statistics is larger.
LARGEST = 10**12
#: The smallest count that can be; nobody's net migration has one, and no municipality is without people.
LEAST = dict.fromkeys(COUNTY_COUNTS, 0) | {"population": 1, "net_migration": -LARGEST}


def read_table(path: Path, columns: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return a table as text, with its key columns checked and ``year`` as a whole number.

    Parameters
    ----------
    path : Path
        A CSV file in UTF-8 with comma and a heading.
    columns : tuple of str
        Headings that must be there beside the key.

    Raises
    ------
    SourceError
        If the file is missing, is not UTF-8, lacks a column, or has a region code that is no region, a year
        that is no year, or the same region and year twice.
    """
    table = _as_text(path)
    for column in (*KEY, *columns):
        if column not in table.columns:
            raise SourceError(
                # A first row without headings may hold anything, people too: it is not repeated here.
                f"the column {column} is missing; a table has {', '.join((*KEY, *columns))}",
                remedy="give the table the headings that data/README.md lists",
                file=path,
            )
    if table.empty:
        raise SourceError(
            "the table has no rows", remedy="give it its figures, or take the file away", file=path
        )
    _check_regions(table, path)
    table["year"] = _years(table["year"], path)
    _check_unique(table, path)
    return table


def read_municipalities(path: Path) -> pd.DataFrame:
    """Return the panel of municipalities with its figures as numbers, in the order of code and year.

    Raises
    ------
    SourceError
        As :func:`read_table`; also if a region is no municipality or lacks a year.
    """
    table = read_table(path, (*COUNTS, "net_migration_exact"))
    for column in COUNTS:
        table[column] = _to_counts(table[column], path)
    table["net_migration_exact"] = to_booleans(table["net_migration_exact"], path)
    _check_level(
        table,
        regions.is_municipality,
        "municipality",
        "keep counties, the country and the large-city areas (0010, 0020, 0030) out of this table",
        path,
    )
    _check_no_year_missing(table, path)
    return table.sort_values(["region_code", "year"], ignore_index=True)


def read_counties(path: Path) -> pd.DataFrame:
    """Return the counties' moves over their border as numbers, in the order of code and year.

    Raises
    ------
    SourceError
        As :func:`read_table`; also if a region is no county or lacks a year, or if a row's parts do not make
        their whole: in-moves are domestic and from abroad, out-moves domestic and abroad, the net is in less
        out.
    """
    table = read_table(path, COUNTY_COUNTS)
    for column in COUNTY_COUNTS:
        table[column] = _to_counts(table[column], path)
    _check_level(
        table, regions.COUNTIES.__contains__, "county", "keep all but the counties out of this table", path
    )
    _check_county_sums(table, path)
    _check_no_year_missing(table, path)
    return table.sort_values(["region_code", "year"], ignore_index=True)


def _check_county_sums(table: pd.DataFrame, path: Path) -> None:
    allowed = (table["year"] >= FIRST_NOISY_YEAR) * NOISE_OF_A_SUM
    for whole, parts in COUNTY_SUMS:
        summed = table[whole] * 0
        for part, sign in parts.items():
            summed = summed + sign * table[part]
        wrong = ((table[whole] - summed).abs() > allowed).fillna(False).astype("bool")
        if wrong.any():
            row = table[wrong].iloc[0]
            shown = " ".join(
                f"{'+' if sign > 0 else '-'} {part} {row[part]}" for part, sign in parts.items()
            ).removeprefix("+ ")
            raise SourceError(
                f"{whole} is {row[whole]}, but {shown} is {summed[wrong].iloc[0]}",
                remedy="correct the figure that is wrong, or leave its cell empty where it is missing",
                file=path,
                row=_row_of(wrong),
                column=whole,
            )


def _check_level(
    table: pd.DataFrame, belongs: Callable[[str], bool], level: str, remedy: str, path: Path
) -> None:
    outside = ~table["region_code"].map(belongs)
    if outside.any():
        code = table.loc[outside, "region_code"].iloc[0]
        raise SourceError(
            f"{code} is no {level}", remedy=remedy, file=path, row=_row_of(outside), column="region_code"
        )


def _check_no_year_missing(table: pd.DataFrame, path: Path) -> None:
    years = range(int(table["year"].min()), int(table["year"].max()) + 1)
    present = set(zip(table["region_code"], table["year"], strict=True))
    for code in table["region_code"].unique():
        for year in years:
            if (code, year) not in present:
                raise SourceError(
                    f"region {code} has no row for {year}",
                    remedy="add the row, with empty cells where the figures are missing",
                    file=path,
                )


def read_tidy(path: Path) -> pd.DataFrame | None:
    """Return a fetched tidy table with its measures as numbers; None where there is no such file.

    Raises
    ------
    SourceError
        As :func:`read_table` and :func:`to_numbers`.
    """
    if not path.is_file():
        return None
    table = read_table(path, ("noise",))
    table["noise"] = to_booleans(table["noise"], path).fillna(False).astype("bool")
    for column in table.columns.difference([*KEY, "noise", "age_group", "origin_code"]):
        table[column] = to_numbers(table[column], path)
    return table


def _as_text(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        content = read_input(path)
        table = pd.read_csv(BytesIO(content), dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise SourceError(
            "the file is missing", remedy="give a folder that holds it, or leave --statistics out", file=path
        ) from None
    except UnicodeDecodeError:
        raise SourceError(
            "the file is not UTF-8",
            remedy="save it as CSV UTF-8; SCB's own CSV goes through fetch",
            file=path,
        ) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise SourceError(
            f"the file is no table: {error}", remedy="give a CSV with a heading and commas", file=path
        ) from None
    _check_no_row_short(content, table.shape[1], path)
    return table


def _check_no_row_short(content: bytes, width: int, path: Path) -> None:
    """Raise if a row ends early; pandas would fill it up with empty cells, which mean missing figures."""
    for number, line in enumerate(TextIOWrapper(BytesIO(content), encoding="utf-8-sig"), 1):
        if line.strip() and '"' not in line and line.count(",") < width - 1:
            raise SourceError(
                "the row has fewer cells than there are headings",
                remedy="fetch or save the file again; it may be cut off",
                file=path,
                row=number,
            )


def _check_regions(table: pd.DataFrame, path: Path) -> None:
    for code in table["region_code"].unique():
        try:
            regions.level_of(code)
        except SourceError as error:
            raise SourceError(
                error.message,
                remedy=error.remedy,
                file=path,
                row=_row_of(table["region_code"] == code),
                column="region_code",
            ) from None


def _years(years: pd.Series, path: Path) -> pd.Series:
    bad = ~years.str.fullmatch(r"(19|20)\d\d")
    if bad.any():
        raise SourceError(
            f"{years[bad].iloc[0]!r} is no year",
            remedy="write the year with four digits",
            file=path,
            row=_row_of(bad),
            column="year",
        )
    return years.astype("int64")


def _check_unique(table: pd.DataFrame, path: Path) -> None:
    key = [
        "region_code",
        "year",
        *(extra for extra in ("quarter", "month", "age_group", "origin_code") if extra in table.columns),
    ]
    twice = table.duplicated(key)
    if twice.any():
        first = table[twice].iloc[0]
        raise SourceError(
            f"region {first['region_code']} year {first['year']} stands here a second time",
            remedy="keep one row for each region and year",
            file=path,
            row=_row_of(twice),
        )


def to_numbers(cells: pd.Series, path: Path) -> pd.Series:
    """Return text cells as ``Float64``; an empty cell is missing, any other that is no number an error.

    Raises
    ------
    SourceError
        With the row and the column of the first cell that is no number.
    """
    import pandas as pd

    text = cells.str.strip()
    numbers = pd.to_numeric(text.where(text != ""), errors="coerce").astype("Float64")
    bad = numbers.isna() & (text != "")
    bad |= text.str.contains(r"[^0-9eE.+\-]", regex=True)
    bad |= (numbers.abs() > LARGEST).fillna(False).astype("bool")
    _refuse(
        cells, bad, "is no number", "correct the cell, or leave it empty where the figure is missing", path
    )
    return numbers


def _to_counts(cells: pd.Series, path: Path) -> pd.Series:
    """Return text cells of a count as ``Int64``; a fraction, or fewer than there can be, is a SourceError."""
    numbers = to_numbers(cells, path)
    wrong = ((numbers % 1 != 0) | (numbers < LEAST[str(cells.name)])).fillna(False)
    _refuse(
        cells,
        wrong,
        f"is no number of {cells.name}",
        "correct the cell, or leave it empty where the figure is missing",
        path,
    )
    return numbers.astype("Int64")


def to_booleans(cells: pd.Series, path: Path) -> pd.Series:
    """Return text cells ``True``, ``False`` or empty as ``boolean``; anything else is a SourceError."""
    import pandas as pd

    known = {"True": True, "False": False, "": pd.NA}
    bad = ~cells.isin(list(known))
    _refuse(cells, bad, "is neither True nor False", "write True or False, or leave the cell empty", path)
    return cells.map(known).astype("boolean")


def _refuse(cells: pd.Series, wrong: pd.Series, why: str, remedy: str, path: Path) -> None:
    """Raise a SourceError about the first wrong cell, with its row and column; nothing where none is."""
    if wrong.any():
        raise SourceError(
            f"{cells[wrong].iloc[0]!r} {why}",
            remedy=remedy,
            file=path,
            row=_row_of(wrong),
            column=str(cells.name),
        )


def _row_of(mask: pd.Series) -> int:
    """Return the row of the first True as a spreadsheet shows it."""
    return int(mask.to_numpy().argmax()) + HEADING_ROW + 1
