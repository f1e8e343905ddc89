"""Reading a tidy region-by-year table, with errors that name the file, the row and the column."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from attraktiv_eval import regions
from attraktiv_eval.errors import DesignError, SourceError, in_file, one_of
from attraktiv_eval.resources import note_input, read_input
from attraktiv_eval.statistics.outcomes import OUTCOMES, OUTCOMES_FILE, TABLES, Outcomes, Series

if TYPE_CHECKING:
    import pandas as pd


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
#: Years before a project whose months its own stand beside.
MONTHS_BESIDE = 5
CELL_REMEDY = "correct the cell, or leave it empty where the figure is missing"

#: No count and no figure of official statistics is larger.
LARGEST = 10**12
#: The smallest count that can be; nobody's net migration has one, and no municipality is without people.
LEAST = dict.fromkeys(COUNTY_COUNTS, 0) | {"population": 1, "net_migration": -LARGEST}


def sheet_cells(path: Path, remedy: str) -> list[list[Any]]:
    """Return the cells of a workbook's first sheet.

    Raises
    ------
    SourceError
        If the file is no workbook; ``remedy`` says what to do.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(read_input(path)))
        return workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        raise SourceError(f"no readable workbook ({error})", remedy=remedy) from None


def cell_text(cell: Any) -> str:
    """Return a cell as text; a whole number without its decimals."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip() if cell is not None else ""


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
    with in_file(path):
        table = _as_text(path)
        for column in (*KEY, *columns):
            if column not in table.columns:
                raise SourceError(
                    # A first row without headings may hold anything, people too: it is not repeated here.
                    f"the column {column} is missing; a table has {', '.join((*KEY, *columns))}",
                    remedy="save it with commas between the cells, and a point for decimals"
                    if ";" in str(table.columns[0])
                    else "give the table the headings that data/README.md lists",
                )
        if table.empty:
            raise SourceError("the table has no rows", remedy="give it its figures, or take the file away")
        _check_regions(table)
        table["year"] = _years(table["year"])
        _check_unique(table)
        return table


#: What a person may call the columns of a table of her own.
_CALLED = {
    "region": (
        "region_code",
        "code",
        "kod",
        "regionkod",
        "region",
        "län",
        "county",
        "kommun",
        "municipality",
    ),
    "year": ("year", "år"),
}


def read_as_typed(path: Path, column: str = "") -> tuple[pd.DataFrame, str]:
    """Return a table of a person's own in the layout of a tidy one, as text, and its column of figures.

    Commas or semicolons between the cells (then commas may stand in the numbers), regions by code or name.

    Parameters
    ----------
    path : Path
        A CSV file in UTF-8 with a heading, a row a region and year.
    column : str, optional
        The heading of the figures; needed where several columns could be them.

    Raises
    ------
    SourceError
        If the file is no such table, or a region is none.
    """
    with in_file(path):
        table = _as_text(path)
        if table.shape[1] == 1:  # a spreadsheet in Swedish saves semicolons, and commas in the numbers
            table = _as_text(path, separator=";")
        separated = table.attrs["separator"]
        plain = {str(one).strip().casefold(): str(one) for one in table.columns}
        keys = {}
        for key, called in _CALLED.items():
            keys[key] = next((plain[one] for one in called if one in plain), "")
            if not keys[key]:
                raise SourceError(
                    f"no column says the {key}",
                    remedy=f"give it the heading {called[0]}, in a file with commas or semicolons",
                )
        apart = {*keys.values(), *(plain[one] for one in ("region_name", "quarter", "month") if one in plain)}
        figures = [str(one) for one in table.columns if one not in apart]
        if not column and len(figures) != 1:
            raise SourceError("the column of the figures is not told", remedy=f"{one_of(figures)} as column=")
        if column and column not in figures:
            raise SourceError(f"there is no column {column!r} of figures", remedy=one_of(figures, column))
        column = column or figures[0]
        codes = _codes_of(table[keys["region"]])
        numbers = table[column].str.replace(r"[\s\u00a0\u202f]", "", regex=True)
        if separated == ";":
            numbers = numbers.str.replace(",", ".")
        made = table.assign(region_code=codes, region_name=[regions.name_of(one) for one in codes])
        made["year"], made[column] = table[keys["year"]].str.strip(), numbers
        kept = [plain[one] for one in ("quarter", "month") if one in plain]
        return made[["region_code", "region_name", "year", *kept, column]], column


def _codes_of(cells: pd.Series) -> list[str]:
    """Return the codes of regions written by code, or by name: all of counties, or all of municipalities."""
    faults: list[SourceError] = []
    names = cells.str.strip()
    for among in (list(regions.COUNTIES), list(regions.names_of_municipalities())):
        found: dict[str, str] = {}
        for row, name in enumerate(names, HEADING_ROW + 1):
            if name.isdigit() or name in found:
                continue
            try:
                found[name] = regions.code_of(name, among)
            except DesignError as error:
                column = str(cells.name)
                faults.append(SourceError(error.message, remedy=error.remedy, row=row, column=column))
                break
        else:
            return [found.get(name, name) for name in names]
    raise next((one for one in faults if one.remedy.startswith("write")), faults[0])


def read_municipalities(path: Path) -> pd.DataFrame:
    """Return the panel of municipalities with its figures as numbers, in the order of code and year.

    The same bytes are read once in a process, for folders of one's own and their checks rest on the shipped
    file too.

    Raises
    ------
    SourceError
        As :func:`read_table`; also if a region is no municipality or lacks a year.
    """
    try:
        digest = note_input(path)
    except OSError:  # the reader tells what is wrong, and keeps nothing
        digest = ""
    return _municipalities(path, digest).copy()  # a view would leave its reference with what is kept


@lru_cache(maxsize=4)
def _municipalities(path: Path, _digest: str) -> pd.DataFrame:
    with in_file(path):
        table = read_table(path, (*COUNTS, "net_migration_exact"))
        for column in COUNTS:
            table[column] = _to_counts(table[column])
        table["net_migration_exact"] = to_booleans(table["net_migration_exact"])
        _check_level(
            table,
            regions.is_municipality,
            "municipality",
            "keep counties, the country and the large-city areas (0010, 0020, 0030) out of this table",
        )
        _check_no_year_missing(table)
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
    with in_file(path):
        table = read_table(path, COUNTY_COUNTS)
        for column in COUNTY_COUNTS:
            table[column] = _to_counts(table[column])
        _check_level(
            table, regions.COUNTIES.__contains__, "county", "keep all but the counties out of this table"
        )
        _check_county_sums(table)
        _check_no_year_missing(table)
        return table.sort_values(["region_code", "year"], ignore_index=True)


def _check_county_sums(table: pd.DataFrame) -> None:
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
                row=_row_of(wrong),
                column=whole,
            )


def _check_level(table: pd.DataFrame, belongs: Callable[[str], bool], level: str, remedy: str) -> None:
    outside = ~table["region_code"].map(belongs)
    if outside.any():
        code = table.loc[outside, "region_code"].iloc[0]
        raise SourceError(f"{code} is no {level}", remedy=remedy, row=_row_of(outside), column="region_code")


def _check_no_year_missing(table: pd.DataFrame) -> None:
    years = range(int(table["year"].min()), int(table["year"].max()) + 1)
    present = set(zip(table["region_code"], table["year"], strict=True))
    for code in table["region_code"].unique():
        for year in years:
            if (code, year) not in present:
                raise SourceError(
                    f"region {code} has no row for {year}",
                    remedy="add the row, with empty cells where the figures are missing",
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
    with in_file(path):
        table = read_table(path, ("noise",))
        table["noise"] = to_booleans(table["noise"]).fillna(False).astype("bool")
        for column in table.columns.difference([*KEY, "noise", "age_group", "origin_code"]):
            table[column] = to_numbers(table[column])
        return table


def _as_text(path: Path, separator: str = ",") -> pd.DataFrame:
    import pandas as pd

    try:
        content = read_input(path)
        asked: dict[str, Any] = {"dtype": "str", "keep_default_na": False, "encoding": "utf-8-sig"}
        table = pd.read_csv(BytesIO(content), sep=separator, **asked)
        table.attrs["separator"] = separator
    except FileNotFoundError:
        raise SourceError(
            "the file is missing", remedy="give a folder that holds it, or leave --statistics out"
        ) from None
    except UnicodeDecodeError:
        raise SourceError(
            "the file is not UTF-8",
            remedy="save it as CSV UTF-8; SCB's own CSV goes through fetch",
        ) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise SourceError(
            f"the file is no table: {error}", remedy="give a CSV with a heading and commas"
        ) from None
    _check_no_row_short(content, table.shape[1], separator)
    return table


def _check_no_row_short(content: bytes, width: int, separator: str) -> None:
    """Raise if a row ends early; pandas would fill it up with empty cells, which mean missing figures."""
    for number, line in enumerate(TextIOWrapper(BytesIO(content), encoding="utf-8-sig"), 1):
        if line.strip() and '"' not in line and line.count(separator) < width - 1:
            raise SourceError(
                "the row has fewer cells than there are headings",
                remedy="fetch or save the file again; it may be cut off",
                row=number,
            )


def _check_regions(table: pd.DataFrame) -> None:
    for code in table["region_code"].unique():
        try:
            regions.level_of(code)
        except SourceError as error:
            raise SourceError(
                error.message,
                remedy=error.remedy,
                row=_row_of(table["region_code"] == code),
                column="region_code",
            ) from None


def _years(years: pd.Series) -> pd.Series:
    bad = ~years.str.fullmatch(r"(19|20)\d\d")
    _refuse(years, bad, "is no year", "write the year with four digits")
    return years.astype("int64")


def _check_unique(table: pd.DataFrame) -> None:
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
            row=_row_of(twice),
        )


def to_numbers(cells: pd.Series) -> pd.Series:
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
    _refuse(cells, bad, "is no number", CELL_REMEDY)
    return numbers


def _to_counts(cells: pd.Series) -> pd.Series:
    """Return text cells of a count as ``Int64``; a fraction, or fewer than there can be, is a SourceError."""
    numbers = to_numbers(cells)
    wrong = ((numbers % 1 != 0) | (numbers < LEAST[str(cells.name)])).fillna(False)
    _refuse(
        cells,
        wrong,
        f"is no number of {cells.name}",
        CELL_REMEDY,
    )
    return numbers.astype("Int64")


def to_booleans(cells: pd.Series) -> pd.Series:
    """Return text cells ``True``, ``False`` or empty as ``boolean``; anything else is a SourceError."""
    import pandas as pd

    known = {"True": True, "False": False, "": pd.NA}
    bad = ~cells.isin(list(known))
    _refuse(cells, bad, "is neither True nor False", "write True or False, or leave the cell empty")
    return cells.map(known).astype("boolean")


def _refuse(cells: pd.Series, wrong: pd.Series, why: str, remedy: str) -> None:
    """Raise a SourceError about the first wrong cell, with its row and column; nothing where none is."""
    if wrong.any():
        raise SourceError(
            f"{cells[wrong].iloc[0]!r} {why}",
            remedy=remedy,
            row=_row_of(wrong),
            column=str(cells.name),
        )


def _row_of(mask: pd.Series) -> int:
    """Return the row of the first True as a spreadsheet shows it."""
    return int(mask.to_numpy().argmax()) + HEADING_ROW + 1


# --- Outcomes from fetched tables

#: The name of a file: at most 60 characters, 240 bytes in UTF-8; systems refuse to look for one of 256 bytes.
FileName = Annotated[str, StringConstraints(max_length=60)]

#: How long the code of a region is at each level.
LENGTHS = {"county": 2, "municipality": 4}

#: Divisions of municipalities, for pools of comparison municipalities; no table of figures.
GROUPS_FILE = "municipality_groups.csv"

#: Endings of files downloaded by hand.
DOWNLOADS: tuple[str, ...] = (".csv", ".txt", ".px", ".xlsx")


def downloads_in(folder: Path, own_tables: Collection[str] = ()) -> list[Path]:
    """Return the files of a folder that look downloaded by hand: CSV, px or xlsx, but no tidy table.

    Nor a tidy table of the user's own catalogue, which the manifest knows, or of the user's own outcomes.
    """
    if not folder.is_dir():
        return []
    manifest = folder / "manifest.json"
    fetched = _manifest(manifest).tidy if manifest.is_file() else {}
    own = {
        PANEL_FILE,
        COUNTIES_FILE,
        GROUPS_FILE,
        *(f"{name}.csv" for name in (*TABLES, *own_tables)),
        *fetched,
    }
    return sorted(f for f in folder.iterdir() if f.suffix.lower() in DOWNLOADS and f.name not in own)


def read_fetched(folder: Path, outcomes: Outcomes = OUTCOMES) -> dict[str, pd.DataFrame]:
    """Return the tidy tables of a folder by name: fetched ones, and those of outcomes of one's own.

    Raises
    ------
    SourceError
        If one of them is malformed, or lacks what an outcome of one's own asks for.
    """
    own = {name: columns for name, columns in outcomes.own_tables().items() if name not in TABLES}
    found = {name: read_tidy(folder / f"{name}.csv") for name in TABLES}
    found |= {name: _read_own(folder / f"{name}.csv", columns) for name, columns in own.items()}
    return {name: table for name, table in found.items() if table is not None}


def _read_own(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return a table that outcomes of one's own name; it needs no column of SCB's random error."""
    with in_file(path):
        if not path.is_file():
            raise SourceError(
                f"{OUTCOMES_FILE} names this table, and the file is missing",
                remedy=f"put it beside {OUTCOMES_FILE}, or correct table in the entry",
            )
        table = read_table(path, columns)
        noise = to_booleans(table["noise"]) if "noise" in table else table["year"] < 0
        table["noise"] = noise.fillna(False).astype("bool")
        for column in columns:
            table[column] = to_numbers(table[column])
        return table


def check_own(tables: dict[str, pd.DataFrame], outcomes: Outcomes, folder: Path) -> None:
    """Raise a SourceError where the tables have no figure that an entry of one's own asks for."""
    remedy = f"correct the entry in {OUTCOMES_FILE}, or give the table these figures"
    for id, one in outcomes.items():
        for series in one.series if one.own else ():
            table, file = tables.get(series.table), folder / f"{series.table}.csv"
            if table is None:
                raise SourceError(f"the outcome {id} needs this table", remedy="fetch it", file=file)
            lacking = [column for column in series.columns if column not in table]
            apart = {"age_group": bool(series.ages), "origin_code": False}
            if lacking:
                why = f"column {lacking[0]}, which is not there"
            elif wrong := [column for column, asked in apart.items() if (column in table) != asked]:
                why = f"{'no ' if wrong[0] in table else ''}{wrong[0]}, and the table is otherwise"
            elif _wide(table, series, one.stock).empty:
                why = f"a figure of a whole year by {series.level}, and there is none"
            else:
                continue
            raise SourceError(f"the outcome {id} asks for {why}", remedy=remedy, file=file)


def series_of(
    tables: dict[str, pd.DataFrame], outcomes: Outcomes = OUTCOMES
) -> dict[tuple[str, str], pd.DataFrame]:
    """Return the counts of every outcome that the tables hold, by year and region code, float.

    Keys are (outcome, level). Years without any figure are left out. Where an outcome stands twice the later
    series wins, if its table is there. A county's own row counts moves over its border, so border outcomes
    take county rows and never sums; out of ``changes`` a municipality's moves over the county border are
    known too.
    """
    found: dict[tuple[str, str], pd.DataFrame] = {}
    for id, series in _held(tables, outcomes):
        wide = _wide(tables[series.table], series, id in outcomes and outcomes[id].stock)
        if not wide.empty:
            found[id, series.level] = wide
    return found


def origins_of(tables: dict[str, pd.DataFrame], outcomes: Outcomes = OUTCOMES) -> dict[tuple[str, str], str]:
    """Return which tidy table each series of :func:`series_of` comes from; keys are (outcome, level)."""
    found: dict[tuple[str, str], str] = {}
    for id, series in _held(tables, outcomes):
        table = tables[series.table]
        of_level = table["region_code"].str.len() == LENGTHS[series.level]
        if table.loc[of_level, list(series.columns)].notna().any(axis=None):
            found[id, series.level] = series.table
    return found


def _held(tables: dict[str, pd.DataFrame], outcomes: Outcomes) -> Iterator[tuple[str, Series]]:
    """Yield the series whose table is there with its columns."""
    for id, series in outcomes.series:
        if series.table in tables and {*series.columns} <= {*tables[series.table].columns}:
            yield id, series


def _wide(table: pd.DataFrame, series: Series, stock: bool) -> pd.DataFrame:
    """Return a series by year and region; a sum with a missing part is missing, and so is a short year."""
    own = table[table["region_code"].str.len() == LENGTHS[series.level]]
    first, *rest = series.columns
    figures = own[first]
    for column in rest:
        figures = figures + own[column]
    own = own.assign(figure=figures)
    if series.ages:
        own = _whole(own[own["age_group"].isin(series.ages)], len(series.ages))
    if "quarter" in own.columns:
        own = _whole(own, 4, mean=stock)
    if "month" in own.columns:
        own = _whole(own, 12, mean=stock)
    wide = own.pivot(index="year", columns="region_code", values="figure")  # noqa: PD010
    return wide.astype("float64").dropna(how="all")


def _whole(table: pd.DataFrame, parts: int, *, mean: bool = False) -> pd.DataFrame:
    """Return the sum or mean of a region's parts in a year; missing where one of the parts is."""
    groups = table.groupby(["region_code", "year"])["figure"]
    whole = groups.mean() if mean else groups.sum()
    return whole.where(groups.count() == parts).reset_index()


def moves_by_month(months: pd.DataFrame, region: str, years: tuple[int, int]) -> pd.DataFrame:
    """Return a county's in-moves from other counties by month, beside the same months before.

    Parameters
    ----------
    months : DataFrame
        The tidy table of that name.
    region : str
        The county.
    years : (int, int)
        First and last year shown; the five years before the first are what they stand beside.

    Returns
    -------
    DataFrame
        One row a year and month that has a figure: year, month, moves, before_mean, before_low and
        before_high (of the same month in the years before; missing where one of them is), before_first,
        before_last, whole_year (whether all twelve months have a figure) and noise.
    """
    own = months[(months["region_code"] == region) & months["in_other_counties"].notna()]
    own = own.astype({"year": "int64", "month": "int64", "in_other_counties": "float64"})
    first = years[0] - MONTHS_BESIDE
    base = own[own["year"].between(first, years[0] - 1)].groupby("month")["in_other_counties"]
    known = base.agg(before_mean="mean", before_low="min", before_high="max").where(
        base.count() == MONTHS_BESIDE
    )
    shown = own[own["year"].between(*years)].rename(columns={"in_other_counties": "moves"})
    shown = shown[["year", "month", "moves", "noise"]].merge(
        known, how="left", left_on="month", right_index=True
    )
    shown["before_first"], shown["before_last"] = first, years[0] - 1
    shown["whole_year"] = shown.groupby("year")["month"].transform("size") == 12
    columns = ["year", "month", "moves", "before_mean", "before_low", "before_high"]
    columns += ["before_first", "before_last", "whole_year", "noise"]
    return shown[columns].sort_values(["year", "month"], ignore_index=True)


def labour_shortage(shares: pd.DataFrame, region: str, last: int) -> pd.DataFrame:
    """Return a county's share of companies short of labour, beside the country's and the other counties'.

    Parameters
    ----------
    shares : DataFrame
        As :func:`attraktiv_eval.statistics.other_publishers.read_surveys` returns them.
    region : str
        The county.
    last : int
        The last year that counts: surveys after it are left out.

    Returns
    -------
    DataFrame
        One row a survey, parts of one: year, short, margin, country, lowest and highest (of the other
        counties) and counties (how many of them have a figure). What the file lacks is missing.
    """
    held = shares[shares["year"] <= last]
    own = held[held["region_code"] == region].set_index("year")
    country = held[held["region_code"] == regions.COUNTRY].set_index("year")["labour_shortage"]
    others = held[~held["region_code"].isin([region, regions.COUNTRY])].groupby("year")["labour_shortage"]
    table = own[["labour_shortage", "margin"]].rename(columns={"labour_shortage": "short"})
    table = table.assign(country=country, lowest=others.min(), highest=others.max()) / 100
    return table.assign(counties=others.count()).reset_index().sort_values("year", ignore_index=True)


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
    id: str = ""
    selection: dict[str, list[str]] = {}

    @property
    def first_year(self) -> int | None:
        """The first year that was asked for; None where the account does not tell."""
        years = [int(period[:4]) for period in self.selection.get("Tid", []) if period[:4].isdecimal()]
        return min(years, default=None)


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
            "begins": {table.id: table.first_year for table in own if table.first_year},
            "scb_notes": list(dict.fromkeys(note for table in own for note in table.notes)),
            "remarks": [] if tidy is None else tidy.remarks,
            "updated": max((table.updated for table in own), default=None),
            "read": max((part.read for table in own for part in table.parts), default=None),
            "licence": "" if tidy is None else tidy.licence or held.licence,
            "publisher": None if tidy is None else tidy.publisher,
            "note": "; ".join(table.label for table in own),
        }


def used_until(source: dict[str, Any], until: int | None) -> list[str]:
    """Return the tables of a source whose figures are not all of years after ``until``."""
    tables = [source["tables"]] if isinstance(source["tables"], str) else source["tables"]
    begins = source.get("begins", {})
    return [table for table in tables if until is None or begins.get(table, until) <= until]


def _manifest(file: Path) -> _Manifest:
    try:
        return _Manifest.model_validate_json(read_input(file))
    except (ValidationError, OSError):
        raise SourceError(
            "the manifest is damaged",
            remedy="fetch the tables again, or remove it: they are then shown without their source",
            file=file,
        ) from None
