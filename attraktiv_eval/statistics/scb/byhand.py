"""A plain folder of files downloaded by hand (CSV, px, xlsx) instead of a fetch.

A part is never read as the whole: one sex, some ages, one sector, one county too few. Files of one table are
put together first; what then makes no whole is refused with what lacks.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval import regions
from attraktiv_eval.errors import SourceError, in_file
from attraktiv_eval.resources import note_input, read_input
from attraktiv_eval.statistics import checks
from attraktiv_eval.statistics.checks import RATES
from attraktiv_eval.statistics.scb.catalogue import (
    Catalogue,
    Measure,
    Table,
    age_group,
    every_region,
    join,
    level_of_code,
    matching,
    plain_age,
    tidy,
    year_of,
)
from attraktiv_eval.statistics.scb.jsonstat import Cube
from attraktiv_eval.statistics.tables import cell_text, sheet_cells

if TYPE_CHECKING:
    import pandas as pd


UNCHANGED = "download the file again and do not change it"

#: Signs in the place of a figure: SCB's own, and those that a px file may define for itself.
SYMBOLS = ("..", ".", ":", "...", "....", ".....", "......")
NAMING = "name the file after its table, such as TAB1212.csv or Flyttningar97.px; docs/fetch.md lists them"

#: Words and codes of a total: of sexes, ages, civil states, sectors, origins, periods.
TOTALS = ("tot", "hela", "hel", "samtliga", "both", "whole", "all ", "inrikes och utrikes", "sc")
TOTAL_PAIRS = ("män och kvinnor", "kvinnor och män", "1+2", "men and women", "women and men")

#: The parts that make a whole, each known by one of its words.
SEXES = ({"män", "men", "1"}, {"kvinnor", "women", "2"})
OLDEST = 100


def read_files(
    files: list[Path], *, strict: bool = True
) -> tuple[dict[str, pd.DataFrame], list[dict[str, Any]]]:
    """Return the tidy tables in downloaded files, by name, and the sources of each.

    Files of one table, for instance one for each stretch of years, sex or measure, are put together. Every
    table passes the same checks as a fetched one. With ``strict`` off, a file that is not named after a table
    is passed over.

    Raises
    ------
    SourceError
        If a file cannot be read, it is unclear which table it is of, the files of a table are not the whole
        of it, two of them disagree, or a check fails.
    """
    from attraktiv_eval.statistics.other_publishers import read_surveys, survey_of

    catalogue = Catalogue.load()
    parts: dict[str, list[tuple[Download, Table]]] = {}
    sources = []
    rest = [file for file in files if not _named(catalogue, _words(file))]
    asked = {file: own for file in rest if (own := survey_of(file, catalogue)) is not None}
    for file in files:
        if file in asked or (not strict and not _named(catalogue, _words(file))):
            continue
        with in_file(file):
            download = read_download(file)
            table = _table_of(download, catalogue)
            parts.setdefault(table.key, []).append((download, table))
            sources.append(_source(file, table, _passed_over(download, table)))
    order = [table.key for table in catalogue.tables]
    frames: dict[str, list[tuple[Table, pd.DataFrame]]] = {}
    for key in sorted(parts, key=order.index):
        table = parts[key][0][1]
        frames.setdefault(table.name, []).append((table, _whole(parts[key], table)))
    tables = {name: join(own) for name, own in frames.items()}
    checks.check_all(tables)
    surveyed, told = read_surveys(list(asked.items()))
    return tables | surveyed, [*sources, *told]


def _words(file: Path) -> set[str]:
    return {word.casefold() for word in (*re.split(r"[\s_-]+", file.stem), file.stem)}


def _named(catalogue: Catalogue, words: set[str]) -> list[Table]:
    """Return the tables whose id, old name or tidy name is among the words."""
    return [
        table
        for table in catalogue.tables
        if words & {name.casefold() for name in (table.id, table.old_name, table.name) if name}
    ]


def _table_of(download: Download, catalogue: Catalogue) -> Table:
    """Return the catalogue's table that a file is of, by its own word or its name, its ages and its years."""
    long, words = download.long, _words(download.path) | {(download.stated or "").casefold()}
    named = _named(catalogue, words)
    by_age = "Alder" in long.columns and any(age_group(_age(age)) for age in long["Alder"].unique())
    by_age_wanted = [table for table in named if bool(table.age_variable) == by_age or table.name in words]
    years = {year for period in long[TIME].unique() if (year := year_of(period))}
    within = {table.key: sum(_is_within(year, table) for year in years) for table in by_age_wanted or named}
    for table in by_age_wanted or named:
        if years and within[table.key] == len(years):
            return table
    some = [table for table in by_age_wanted or named if within[table.key]]
    if len({table.id for table in some}) == 1:
        return some[0]  # SCB's table begins before the years that are read here
    listed = ", ".join(sorted({table.id or table.old_name or table.name for table in catalogue.tables}))
    span = f"{min(years)}–{max(years)}" if years else "none"
    raise SourceError(
        f"it is unclear which table this is; its years are {span}, and the catalogue has {listed}",
        remedy=NAMING,
    )


def _is_within(year: int | None, table: Table) -> bool:
    return year is not None and table.first_year <= year <= (table.last_year or 9999)


def _age(label: str) -> str:
    """Return the code of an age in words: 20 for ``20 år``, 20-24 for ``20–24 år``, tot for a total."""
    plain = label.casefold().strip()
    if plain.startswith(("tot", "samtliga", "all")):
        return "tot"
    plain = re.sub(r"\s*(?:år|years?)?\s*(?:och|eller|and|or) (?:äldre|older|over)$", "+", plain)
    return plain_age(plain.removesuffix("years").removesuffix("year"))


def _whole(downloads: list[tuple[Download, Table]], table: Table) -> pd.DataFrame:
    """Return the tidy table that the files of one SCB table make together."""
    import pandas as pd

    prepared: list[pd.DataFrame] = []
    names: dict[str, str] = {}
    for download, _ in downloads:
        with in_file(download.path):
            long, named = _prepared(download, table)
        prepared.append(long)
        names |= named
    files = ", ".join(download.path.name for download, _ in downloads)
    where = downloads[0][0].path if len(downloads) == 1 else Path(files)
    table = table if table.id else table.model_copy(update={"id": where.name})
    frames = []
    with in_file(where):
        _check_same_variables(prepared)
        long = _without_copies(pd.concat(prepared, ignore_index=True))
        for name in table.measures:
            own = long[long[MEASURE] == name].reset_index(drop=True)
            if not own.empty:
                frames.append(_measure(own, name, table, names))
    return _merged(frames, table)


def _merged(frames: list[pd.DataFrame], table: Table) -> pd.DataFrame:
    """Return one table of several measures; where one has years that another lacks, that one is missing."""
    whole = frames[0]
    for frame in frames[1:]:
        whole = whole.merge(frame, on=[*table.keys, "noise"], how="outer")
    order = [key for key in table.keys if key != "region_name"]
    return whole.sort_values(order, ignore_index=True)


def _prepared(download: Download, table: Table) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return a file's cells with the codes of regions, plain ages and our names of the measures."""
    long = download.long.fillna("")
    long = long[[not year_of(period) or _is_within(year_of(period), table) for period in long[TIME]]]
    long = long.reset_index(drop=True)
    if table.origin_variable and ORIGIN not in long.columns:
        raise SourceError("the counties that the moves come from are not found", remedy=REMEDY)
    names: dict[str, str] = {}
    for place in filter(None, (REGION, ORIGIN if ORIGIN in long.columns else None)):
        codes = _codes(long[place])
        names |= dict(zip(codes, long[place].str.replace(r"^\d{2,4}\s*", "", regex=True), strict=True))
        long[place] = codes
    if "Alder" in long.columns:
        long["Alder"] = long["Alder"].map(_age)
    measures = _measures(long, table, download)
    long = long[long[MEASURE].isin(list(measures))].copy()
    long[MEASURE] = long[MEASURE].map(measures)
    long["number"], long["symbol"] = _numbers(long[CELL], long[MEASURE].isin(RATES))
    return long, names


def _codes(places: pd.Series) -> pd.Series:
    codes = places.str.extract(r"^(\d{2}(?:\d{2})?)(?:\s|$)", expand=False)
    if codes.isna().any():
        shown = places[codes.isna()].iloc[0]
        lost = re.match(r"\d{1,3}(?:\s|$)", shown)  # a spreadsheet makes 114 of 0114
        raise SourceError(
            f"{shown!r} has {'lost the zero of its region code' if lost else 'no region code'}",
            remedy="download the file again and do not save it in Excel"
            if lost
            else "choose to show codes and names when downloading",
        )
    return codes


def _measures(long: pd.DataFrame, table: Table, download: Download) -> dict[str, str]:
    """Return our name of each measure that the file holds, by the file's own label or code."""
    held = {label: download.codes.get(label, label) for label in long[MEASURE].unique()}
    found: dict[str, str] = {}
    for name, measure in table.measures.items():
        labels = _labelled(measure, held)
        if len(labels) == 1:
            if labels[0] in found:
                raise SourceError(
                    f"{labels[0]!r} may be {found[labels[0]]} or {name}",
                    remedy="download the table in Swedish",
                )
            found[labels[0]] = name
    if not found and len(held) == 1:
        alone = _by_title(next(iter(held)), download.title, table)
        found = {} if alone is None else {next(iter(held)): alone}
    if not found:
        wanted = ", ".join(measure.label for measure in table.measures.values())
        shown = ", ".join(label for label in list(held)[:8] if label) or "no name of what is counted"
        raise SourceError(
            f"none of {wanted} is in the file; it has {shown}",
            remedy="choose these when downloading, in Swedish",
        )
    return found


def _passed_over(download: Download, table: Table) -> list[str]:
    """Return what the file counts, and its years, that the catalogue's table does not name: told only."""
    labels = map(str, download.long[MEASURE].fillna("").unique())
    held = {label: download.codes.get(label, label) for label in labels}
    known = {label for measure in table.measures.values() for label in _labelled(measure, held)}
    years = {year for period in download.long[TIME].unique() if (year := year_of(period))}
    outside = sorted(str(year) for year in years if not _is_within(year, table))
    return [*(sorted(set(held) - known - {""}) if known else []), *outside]


def _labelled(measure: Measure, held: dict[str, str]) -> list[str]:
    """Return the file's labels that are a measure's: by SCB's words, Swedish or English, or by its code.

    ``held`` maps each label to its code, or to itself where the file tells no code. English words may stand
    in another order, in the plural or not: nobody here has seen the English page.
    """
    labels = [*matching(measure.label, dict(zip(held, held, strict=True)))]
    english = {_plain_words(word) for word in measure.english}
    codes = {measure.code, *measure.english}
    labels += [label for label, code in held.items() if _plain_words(label) in english or code in codes]
    return list(dict.fromkeys(labels))


def _plain_words(label: str) -> frozenset[str]:
    """Return the words of an English label in the singular, without those that only join."""
    words = re.findall(r"[\w-]+", label.casefold())
    plain = [re.sub(r"(?<=\w\w)s$", "", re.sub(r"ies$", "y", word)) for word in words]
    return frozenset(plain) - {"of", "from", "to", "the"}


def _by_title(label: str, title: str, table: Table) -> str | None:
    """Return the only measure of a file that names it in its title: the page leaves it out of the columns.

    The longest words that the title begins with: ``Inrikes inflyttningar efter region`` are not
    ``Inflyttningar``. A table of one measure needs no title.
    """
    if len(table.measures) == 1 and not label:
        return next(iter(table.measures))
    if label:
        return None
    words = {
        word.casefold(): name
        for name, measure in table.measures.items()
        for word in (measure.label, *measure.english)
        if not word.startswith(("contains:", "*"))
    }
    plain = " ".join(title.casefold().split())
    found = [word for word in words if re.match(rf"{re.escape(word)}\b", plain)]
    return words[max(found, key=len)] if found else None


def _numbers(cells: pd.Series, rates: pd.Series) -> tuple[Any, Any]:
    """Return figures and symbols of cells; ``-`` is a true zero at SCB, an empty cell is not available.

    The column decides what a comma is: in counts it parts thousands (``1,862``), and a count with decimals is
    refused; in rates it is the decimal mark.
    """
    import numpy as np
    import pandas as pd

    text = cells.str.replace(r"[\s\u00a0\u202f]", "", regex=True).replace({"-": "0", "–": "0", "": ".."})
    text = text.str.replace("\u2212", "-", regex=False)
    symbols = text.map({symbol: i + 1 for i, symbol in enumerate(SYMBOLS)}).fillna(0).to_numpy(dtype=np.int8)
    grouped = ~rates & text.str.fullmatch(r"-?\d{1,3}(?:[.,]\d{3})+")
    whole = text.str.replace(r"[.,]", "", regex=True).where(grouped, text.str.replace(",", ".", regex=False))
    plain = whole.str.fullmatch(r"-?\d+(?:\.\d+)?")
    numbers = pd.to_numeric(whole.where(plain & (symbols == 0)), errors="coerce").to_numpy(dtype=float)
    wrong = np.isnan(numbers) & (symbols == 0)
    if wrong.any():
        raise SourceError(
            f"{cells.iloc[int(wrong.argmax())]!r} is no number",
            remedy=UNCHANGED,
        )
    broken = ~rates.to_numpy(dtype=bool) & ~np.isnan(numbers) & (numbers % 1 != 0)
    if broken.any():
        raise SourceError(
            f"{cells.iloc[int(broken.argmax())]!r} is no count: it has decimals",
            remedy=UNCHANGED,
        )
    return numbers, symbols


def _check_same_variables(prepared: list[pd.DataFrame]) -> None:
    """Raise where one file of a table splits by what another does not: they cannot be put together."""
    first = set(prepared[0].columns)
    for other in prepared[1:]:
        apart = sorted(first ^ set(other.columns))
        if apart:
            raise SourceError(
                f"one of the files has {apart[0]}, another has not",
                remedy="download them with the same variables",
            )


def _without_copies(long: pd.DataFrame) -> pd.DataFrame:
    """Return each cell once; the same cell with two figures is refused."""
    axes = [name for name in long.columns if name not in (CELL, "number", "symbol")]
    held = long.drop_duplicates([*axes, "number", "symbol"])
    twice = held.duplicated(axes, keep=False)
    if twice.any():
        row = held[twice].iloc[0]
        said = " ".join(str(row[name]) for name in axes)
        figures = " and ".join(held[twice & (held[axes] == row[axes]).all(axis=1)][CELL])
        raise SourceError(f"{said} has two figures: {figures}", remedy="keep the later download only")
    return held


def _measure(long: pd.DataFrame, name: str, table: Table, names: dict[str, str]) -> pd.DataFrame:
    """Return the tidy table of one measure, of all its parts."""
    keys = {REGION, TIME, MEASURE, CELL, "number", "symbol", *([ORIGIN] if table.origin_variable else [])}
    summed = []
    for variable in [column for column in long.columns if column not in keys]:
        if variable == table.age_variable:
            long = _all_ages(long, variable)
            continue
        long, is_sum = _total(long, variable, name, table)
        summed += [variable] if is_sum else []
    _check_regions(long, table)
    known = table.model_copy(
        update={
            "measures": {name: Measure(label=name)},
            "measure_variable": MEASURE,
            "region_variable": REGION,
            "sum_over": summed,
        }
    )
    frame, _ = tidy(_cube(long, names), known)
    return frame


def _is_total(value: str) -> bool:
    plain = value.casefold().strip()
    return plain.startswith(TOTALS) or plain in TOTAL_PAIRS


def _total(long: pd.DataFrame, variable: str, measure: str, table: Table) -> tuple[pd.DataFrame, bool]:
    """Return the rows of a variable's total, or all parts where they are a whole that may be summed."""
    values = list(long[variable].unique())
    if variable == "ContentsCode" and table.measure_variable != variable and len(values) == 1:
        return long, False  # the only content, beside the variable that says what is counted
    wanted = table.selection.get(variable, [])
    asked = [value for value in values if value in wanted and not _is_total(value)]
    if asked and len(wanted) == 1:
        return long[long[variable] == asked[0]], False
    fixed = len(wanted) == 1 and re.fullmatch(r"\d+-\d+", wanted[0])
    if fixed:
        raise SourceError(
            f"{measure} is wanted for {variable} {wanted[0]}; the file has {', '.join(values[:6])}",
            remedy=f"choose {wanted[0]} when downloading",
        )
    total = long[variable].map({value: _is_total(value) for value in values})
    if total.any():
        return long[total], False
    lacking = _lacking(variable, values)
    if lacking is None:
        said = f"{variable} has only {', '.join(values[:6])}, no total and not all that make one"
    elif lacking:
        said = f"{variable} has only {', '.join(values[:6])}; {lacking} is missing"
    elif measure in RATES:
        said = f"{measure} is given for {', '.join(values[:6])} apart, and a rate cannot be summed"
    else:
        return long, True
    raise SourceError(said, remedy="choose the total, or all parts, when downloading")


def _lacking(variable: str, values: list[str]) -> str | None:
    """Return what parts lack to make a whole: "" where nothing does, None where that is not known."""
    plain = {value.casefold().strip() for value in values}
    if variable == "Kon":
        absent = [sorted(sex)[-1] for sex in SEXES if not sex & plain]
        strange = plain - set().union(*SEXES)
        return None if strange else ", ".join(absent)
    if variable == "Civilstand":
        if plain - set(CIVIL):
            return None
        held = {CIVIL[value] for value in plain}
        return ", ".join(sorted({"OG", "G", "SK", "ÄNKL"} - held))
    if variable == "Alder":
        return _age_gap(list(plain))
    return None


def _all_ages(long: pd.DataFrame, variable: str) -> pd.DataFrame:
    long = long[long[variable] != "tot"]
    lacking = _age_gap(list(long[variable].unique()))
    if lacking:
        raise SourceError(
            f"not all ages are there: {lacking}",
            remedy="choose every age, or every five-year group, when downloading",
        )
    return long


def _age_gap(ages: list[str]) -> str:
    """Return what lacks, or stands twice, for ages to make a whole from 0 up; "" where nothing does."""
    spans = []
    for age in ages:
        found = re.fullmatch(r"(\d*)(?:-(\d+))?(\+\d{0,2})?", age)
        if not found or not (found[1] or found[2]):
            return f"{age!r} is no age"
        first = int(found[1] or 0)
        last = 10_000 if found[3] else int(found[2] or first)
        spans.append((first, last))
    following = 0
    for first, last in sorted(spans):
        if first > following:
            return (
                f"{following} is missing" if first == following + 1 else f"{following}–{first - 1} is missing"
            )
        if first < following:
            return f"{first} stands in two groups"
        following = last + 1
    return "" if following > OLDEST else f"{following} and older is missing"


def _check_regions(long: pd.DataFrame, table: Table) -> None:
    """Raise unless every county, or every municipality, is there where one is, in each period."""
    known = every_region()
    places = [place for place in (REGION, ORIGIN if table.origin_variable else None) if place]
    for place in places:
        by_period = long.groupby(TIME)[place].agg(set)
        for period, held in by_period.items():
            year = year_of(str(period)) or 0
            for level, all_of in known.items():
                formed = {c for c, (first, _) in regions.FORMED_LATER.items() if year < first}
                lacking = sorted(all_of - held - formed)
                if held & all_of and lacking:
                    more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
                    raise SourceError(
                        f"{period}: {level} {', '.join(lacking[:3])}{more} lacking, though others are there",
                        remedy="choose every county, and every municipality or none, when downloading",
                    )


def _cube(long: pd.DataFrame, names: dict[str, str]) -> Cube:
    import numpy as np

    axes = [name for name in long.columns if name not in (CELL, "number", "symbol")]
    codes = {name: list(dict.fromkeys(long[name])) for name in axes}
    shape = tuple(len(values) for values in codes.values())
    if len(long) != int(np.prod(shape)):
        _raise_first_gap(long, axes, codes)
    place = tuple(long[name].map({c: i for i, c in enumerate(codes[name])}).to_numpy() for name in axes)
    cube = Cube(codes, np.full(shape, np.nan), np.zeros(shape, dtype=np.int8), ["", *SYMBOLS])
    cube.numbers[place], cube.symbols[place] = long["number"].to_numpy(), long["symbol"].to_numpy()
    cube.labels = {name: {code: code for code in values} for name, values in codes.items()}
    cube.labels[REGION] = names
    return cube


def _raise_first_gap(long: pd.DataFrame, axes: list[str], codes: dict[str, list[str]]) -> None:
    import pandas as pd

    every = pd.MultiIndex.from_product([codes[name] for name in axes], names=axes)
    absent = every.difference(pd.MultiIndex.from_frame(long[axes]), sort=False)
    first = " ".join(map(str, absent[0])) if len(absent) else "a figure"
    raise SourceError(
        f"{len(absent)} of {len(every)} figures are missing, the first {first}",
        remedy="download every combination, each once",
    )


def _source(file: Path, table: Table, passed_over: list[str]) -> dict[str, Any]:
    changed = datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat(timespec="seconds")
    return {
        "file": file.name,
        "name": table.name,
        "tables": [table.id or table.old_name or table.name],
        "sha256": note_input(file),
        "changed": False,
        "updated": None,
        "read": changed,
        "licence": "CC0 1.0" if not table.by_hand else "",
        "note": f"Downloaded by hand; {table.title}",
        "unread": passed_over,
    }


# --- Files downloaded by hand from a statistics page

MEASURE, CELL, REGION, TIME, ORIGIN = "Measure", "cell", "Region", "Tid", "UtflyttningsL"
#: SCB's code of what is counted, where a file gives it beside the words.
CODE = "Measure code"
CONTENTS = ("Forandringar", "ContentsCode", "Variabel")

#: Words of the page's headings to the names of the variables.
WORDS = {
    word: variable
    for variable, words in {
        REGION: ("region", "län", "county", "inflyttningslän", "inflyttningsl", "county of in-migration"),
        ORIGIN: ("utflyttningslän", "utflyttningsl", "county of out-migration"),
        "Alder": ("ålder", "alder", "age"),
        "Kon": ("kön", "kon", "sex"),
        "Civilstand": ("civilstånd", "civilstand", "marital status"),
        "Forandringar": ("förändringar", "forandringar", "changes", "population changes"),
        "Period": ("period",),
        "Sektor": ("sektor", "sector"),
        "Fodelseregion": ("födelseregion", "fodelseregion", "region of birth"),
        "InrikesUtrikes": ("inrikes/utrikes född", "inrikesutrikes"),
        "Variabel": ("variabel",),
        "ContentsCode": ("tabellinnehåll", "contentscode", "observations", "contents", "table contents"),
        TIME: ("år", "tid", "year", "kvartal", "quarter", "month", "månad"),
    }.items()
    for word in words
}

#: A column of a variable's codes beside the one of its words.
CODES = re.compile(r"(.*?)[\s_-]*(?:kod(?:er)?|codes?)", re.IGNORECASE)

PERIOD = re.compile(r"\b((?:19|20)\d\d(?:[KQ][1-4]|M(?:0[1-9]|1[0-2]))?)\b")
SEX_WORDS = ("män", "kvinnor", "totalt", "men", "women", "total")
#: The words of a sex, or of both, at the beginning or the end of a heading.
_SEX = "|".join([*TOTAL_PAIRS, "both sexes", *SEX_WORDS]).replace("1+2|", "")
SEX = re.compile(rf"^(?P<first>{_SEX})\s+(?=\S)|(?<=\S)\s+(?P<last>{_SEX})$", re.IGNORECASE)
#: The civil states: their words and codes.
CIVIL = {
    word: code
    for code, words in {
        "OG": ("ogifta", "single", "og"),
        "G": ("gifta", "married", "g"),
        "SK": ("skilda", "divorced", "sk"),
        "ÄNKL": ("änkor/änklingar", "widowers/widows", "widows/widowers", "änkl"),
    }.items()
    for word in words
}

#: The words of an age in the rows of a sheet, and of a whole year.
AGE_WORDS = re.compile(
    r"\d*[-–]?\d+\+?\d* (?:år|years?)(?: (?:och|or|and) (?:äldre|older|over))?|"
    r"totalt,? (?:ålder|samtliga åldrar)|total,? (?:all )?ages?|all ages"
)
WHOLE_YEAR = {"hela året", "whole year", "full year"}
#: What SCB's codes look like in a column before their words, by variable.
CODED = {
    "Kon": r"1|2|1\+2|TotSa",
    "Alder": r"\d*[-–]?\d+\+?\d*|tot\w*",
    "Period": "hel",
    "Civilstand": "OG|G|SK|ÄNKL|SC",
    MEASURE: r"\w{2,10}",
}

REMEDY = "download it again in Swedish, regions in the rows with codes and names, as docs/fetch.md shows"


@dataclass(frozen=True)
class Download:
    """A downloaded file: its cells in long form, the table that it states itself, and its title.

    ``codes`` are SCB's codes of what is counted, by the file's words, where the file tells them.
    """

    path: Path
    long: pd.DataFrame
    stated: str | None = None
    title: str = ""
    codes: dict[str, str] = field(default_factory=dict)


def read_download(path: Path) -> Download:
    """Return a downloaded file in long form, with the table id or name that it states itself, if any.

    Raises
    ------
    SourceError
        If the file cannot be read, or no region, period or figure is found in it.
    """
    import pandas as pd

    stated = None
    if path.suffix.lower() == ".px":
        rows, stated, title = read_px(path)
    elif path.suffix.lower() == ".xlsx":
        rows, title = _from_sheet(sheet_cells(path, REMEDY))
    else:
        lines, title = _lines(path)
        rows = _from_lines(lines)
    table = pd.DataFrame(rows, dtype="str")
    codes = {}
    if CODE in table.columns:
        codes = dict(zip(table[MEASURE].fillna(""), table.pop(CODE).fillna(""), strict=True))
    for column in (REGION, TIME):
        if column not in table.columns:
            raise SourceError(f"no {'region' if column == REGION else 'year'} is found", remedy=REMEDY)
    table[REGION] = table[REGION].str.strip()
    return Download(path, table, stated, title, codes)


def _text(path: Path) -> str:
    content = read_input(path)
    try:
        return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("iso-8859-1")  # what SCB's own CSV is written in


def _lines(path: Path) -> tuple[list[list[str]], str]:
    """Return the rows of a CSV from its heading on, and the line above it: the title."""
    lines = [line for line in _text(path).splitlines() if line.strip()]
    for i, line in enumerate(lines[:20]):
        for mark in (";", "\t", ","):
            fields = next(csv.reader([line], delimiter=mark))
            below = next(csv.reader(lines[i + 1 : i + 2], delimiter=mark), [""])
            known = _variable(fields[0]) or _coded(fields[0]) or _place_of_moves(below[0])
            if len(fields) > 1 and known:
                title = lines[i - 1].strip(' ";,\t') if i else ""
                return _of_width(list(csv.reader(lines[i:], delimiter=mark)), i), title
    raise SourceError("no heading with region, year or another variable is found", remedy=REMEDY)


def _of_width(rows: list[list[str]], above: int) -> list[list[str]]:
    """Return the rows as wide as the heading; notes below the table are passed over, a broken row is not."""
    width = len(rows[0])
    for place, row in enumerate(rows):
        if len(row) != width and len([cell for cell in row if cell.strip()]) > 1:
            later = any(len(other) == width for other in rows[place + 1 :])
            if later:
                raise SourceError(
                    f"{len(row)} cells where the heading has {width}",
                    remedy=UNCHANGED,
                    row=above + place + 1,
                )
    return [row for row in rows if len(row) == width]


def _variable(heading: str) -> str | None:
    return WORDS.get(heading.strip().casefold())


def _coded(heading: str) -> str | None:
    """Return the variable whose codes a column holds: ``regionkod``, ``kommunkod``, ``sex code``."""
    found = CODES.fullmatch(heading.strip())
    if not found:
        return None
    words = found[1].strip().casefold()
    return REGION if words in ("", "kommun", "läns", "municipality") else WORDS.get(words)


def _from_lines(rows: list[list[str]]) -> list[dict[str, str]]:
    heading = [field.strip() for field in rows[0]]
    codes, stub, doubled = _stub_columns(heading, [cell.strip() for cell in rows[1]] if rows[1:] else [])
    used = {*stub, *codes.values(), *doubled.values()}
    columns = {i: _place(field) for i, field in enumerate(heading) if i not in used}
    places = {name: i for i, name in stub.items()}
    counted = next((name for name in CONTENTS if name in places), None)
    said = None if counted is None else places[counted]
    if said is None:
        said = next((codes[name] for name in CONTENTS if name in codes), None)
    beside = doubled.get(counted or "")
    found = []
    for row in rows[1:]:
        held = {name: row[i].strip() for i, name in stub.items() if i != said}
        for name, i in codes.items():  # the code in a column of its own, beside the word or alone
            code = row[i].strip()
            held[name] = f"{code} {held.get(name, '')}".strip() if name in (REGION, ORIGIN) else code
        measure = {} if said is None else {MEASURE: row[said].strip()}
        if beside is not None:
            measure[CODE] = row[beside].strip()
        for i, place in columns.items():
            found.append({**held, **place, **measure, CELL: row[i]})
    return found


def _stub_columns(
    heading: list[str], first: list[str]
) -> tuple[dict[str, int], dict[int, str], dict[str, int]]:
    """Return the columns of codes, by variable, those of words, by place, and codes that words say as well.

    SCB's page gives codes and words in two columns: under a heading of their own for the codes, or under the
    same heading twice, the codes first. ``first`` is the first row: its regions may say themselves whether
    the moves go there or come from there.
    """
    codes: dict[str, int] = {}
    stub: dict[int, str] = {}
    for i, words in enumerate(heading):
        name, coded = _place_of_moves(first[i] if i < len(first) else "") or _variable(words), _coded(words)
        if name is None and coded is not None:
            codes[coded] = i
        elif name is not None and name in stub.values():
            before = next(place for place, held in stub.items() if held == name)
            codes[name] = before
            del stub[before]
            stub[i] = name
        elif name is not None:
            stub[i] = name
    doubled = {}
    for name in list(codes):
        if name not in (REGION, ORIGIN) and name in stub.values():  # the words say it, and people read them
            doubled[name] = codes.pop(name)
    return codes, stub, doubled


def _place_of_moves(cell: str) -> str | None:
    """Return the variable of a county with a code that says whether moves go there or come from there."""
    found = re.fullmatch(r"\d{2} .*\((to|from|inflyttningslän|utflyttningslän)\)", cell.casefold())
    return None if found is None else REGION if found[1] in ("to", "inflyttningslän") else ORIGIN


def _place(heading: str) -> dict[str, str]:
    """Return period, sex and measure of a heading such as ``män Inflyttningar 1997``."""
    place: dict[str, str] = {}
    period = PERIOD.findall(heading)
    rest = heading
    if period:
        place[TIME] = period[-1]
        rest = PERIOD.sub("", rest)
    words = " ".join(rest.split())
    if words.casefold() in (*SEX_WORDS, *TOTAL_PAIRS, "both sexes"):
        place["Kon"], words = words.casefold(), ""
    elif found := SEX.search(words):
        place["Kon"] = (found["first"] or found["last"]).casefold()
        words = SEX.sub("", words, count=1)
    place[MEASURE] = words
    return place


def _is_both(words: str) -> bool:
    """Say whether words are those of both sexes together."""
    plain = words.casefold()
    return plain in TOTAL_PAIRS or plain.startswith(("both sexes", "total men", "totalt, samtliga män"))


def _from_sheet(rows: list[list[Any]]) -> tuple[list[dict[str, str]], str]:
    """Read a sheet: the page's, or a plain table under one row of headings.

    The page's has a title, heading rows, then rows whose repeated words are left empty; it does not name the
    variables of its rows.
    """
    grid = [[cell_text(cell) for cell in row] for row in rows]
    width = max((len(row) for row in grid), default=0)
    grid = [row + [""] * (width - len(row)) for row in grid]
    title = next((row[0] for row in grid if row and row[0]), "")
    for i, row in enumerate(grid[:20]):
        if (_variable(row[0]) or _coded(row[0])) and sum(map(bool, row)) > 1:
            return _from_lines([one for one in grid[i:] if sum(map(bool, one)) > 1]), title
    first = next((i for i, row in enumerate(grid) if row and row[0] and _figures(row)), None)
    if first is None:
        raise SourceError("no row with words and figures is found", remedy=REMEDY)
    heads = [row for row in grid[1:first] if any(row) and not row[0]]
    start = min((next(i for i, cell in enumerate(row) if cell) for row in heads), default=0)
    start = start or _first_figure(grid[first])
    heads = [_filled(row[start:]) for row in heads]
    places = [_place(" ".join(part for part in column if part)) for column in zip(*heads, strict=True)]
    body = [row for row in grid[first:] if _figures(["", *row[start:]])]
    stub = _stub([list(column) for column in zip(*(row[:start] for row in body), strict=True)])
    found = []
    for k, row in enumerate(body):
        held = {name: words[k] for name, words in stub.items()}
        found += [{**place, **held, CELL: cell} for place, cell in zip(places, row[start:], strict=False)]
    return found, title


def _figures(row: list[str]) -> bool:
    return any(re.fullmatch(r"-?\d[\d\s.,]*|\.\.?|:|-", cell) for cell in row[1:])


def _first_figure(row: list[str]) -> int:
    """Return the first column of figures: after the words of the row, and not a year."""
    for i in range(1, len(row)):
        if re.fullmatch(r"-?\d[\d\s.,]*|\.\.?|:|-", row[i]) and not PERIOD.fullmatch(row[i]):
            return i
    return len(row)


def _filled(row: list[str]) -> list[str]:
    last, filled = "", []
    for cell in row:
        last = cell or last
        filled.append(last)
    return filled


def _stub(columns: list[list[str]]) -> dict[str, list[str]]:
    """Return the words of each variable of the rows, row by row; an empty cell stands as the one above.

    A column is known by how all its words look, not by one of them. A column that is not known is a variable
    too, so that a part is never taken for the whole. Codes before their words are left, but for the regions',
    which are put before the names, and those of what is counted.
    """
    stub: dict[str, list[str]] = {}
    columns = [_filled(column) for column in columns]
    for i, words in enumerate(columns):
        before = columns[i - 1] if i else []
        name = _variable_of(words, stub)
        place = next((one for one in (REGION, ORIGIN) if before and stub.get(one) == before), None)
        if name is None and place and len(set(words)) == len(set(before)):
            stub[place] = [f"{code} {word}" for code, word in zip(before, words, strict=True)]
            continue
        if name in CODED and _are_codes(before, words, CODED[name]):
            stub.pop(f"column {i}", None)
            stub |= {CODE: before} if name == MEASURE else {}
        stub[name or f"column {i + 1}"] = words
    return stub


def _variable_of(words: list[str], stub: dict[str, list[str]]) -> str | None:
    """Return the variable that a column of words is of; None where it is not known, or known already."""
    plain = {word.casefold() for word in words}
    if all(level_of_code(word.split(" ")[0]) != "other" for word in plain):
        return REGION if REGION not in stub else ORIGIN if ORIGIN not in stub else None
    kinds = {
        TIME: all(PERIOD.fullmatch(word) for word in words),
        "Kon": all(word in SEX_WORDS or _is_both(word) for word in plain),
        "Alder": all(AGE_WORDS.fullmatch(word) for word in plain),
        "Period": plain <= WHOLE_YEAR,
        "Civilstand": plain <= set(CIVIL) - {code.casefold() for code in CIVIL.values()},
        MEASURE: plain <= _measure_words(),
    }
    return next((name for name, is_so in kinds.items() if is_so and name not in stub), None)


def _are_codes(before: list[str], words: list[str], form: str) -> bool:
    """Say whether a column holds the codes of the words beside it: of their form, and one for each."""
    pairs = set(zip(before, words, strict=False))
    alike = len(pairs) == len(set(before)) == len(set(words))
    return alike and all(re.fullmatch(form, code, re.IGNORECASE) for code in before)


@cache
def _measure_words() -> frozenset[str]:
    """Return SCB's words, Swedish and English, for what the catalogue's tables count."""
    measures = [measure for table in Catalogue.load().tables for measure in table.measures.values()]
    words = (word.casefold() for one in measures for word in (one.label, *one.english))
    return frozenset(word for word in words if not word.isdigit())


# --- The px format: keywords, then all figures of a cube in one list

DATA = re.compile(r"(?<![A-Z-])DATA\s*=")

STATEMENT = re.compile(
    r'([A-Z0-9-]+)(?:\[[a-z]{2}\])?(?:\("([^"]*)"[^)]*\))?=((?:"[^"]*"|[^;"])*);', re.DOTALL
)


def read_px(path: Path) -> tuple[list[dict[str, str]], str | None, str]:
    """Return a px file's cells in long form, the table id or matrix that it states, and its title.

    A file with KEYS gives only some of its rows, each with the words of its stub before the figures.

    Raises
    ------
    SourceError
        If keywords lack, or the figures are not as many as the cells.
    """
    content = read_input(path)
    charset = "utf-8-sig" if b"utf-8" in content[:2000].lower() else "iso-8859-1"
    text = content.decode(charset, errors="replace")
    start = DATA.search(re.sub(r'"[^"]*"', lambda quoted: "x" * len(quoted[0]), text))  # a note may say DATA=
    mark = start is not None
    head, data = (text[: start.start()], text[start.end() :]) if start else (text, "")
    keys: dict[tuple[str, str], list[str]] = {}
    for found in STATEMENT.finditer(head):
        keys.setdefault((found[1], found[2] or ""), _values(found[3]))
    variables = keys.get(("STUB", ""), []) + keys.get(("HEADING", ""), [])
    if not mark or not variables:
        raise SourceError("no px file: STUB, HEADING or DATA is missing", remedy="download it again")
    labels = [_labels(keys, variable) for variable in variables]
    if any(key == "KEYS" for key, _ in keys):
        rows, cells = _keyed(data, keys, labels)
    else:
        cells = re.findall(r'"[^"]*"|[^\s;",]+', data)
        rows = list(product(*labels))
    if len(rows) != len(cells):
        raise SourceError(
            f"{len(cells)} figures for {len(rows)} cells",
            remedy="the file is cut off or changed: download it again, as CSV if it stays",
        )
    names = [WORDS.get(variable.casefold(), variable) for variable in variables]
    counted = next((name for name in CONTENTS if name in names), None)
    measure = None if counted is None else names.index(counted)
    sole = (keys.get(("CONTENTS", ""), [""]) or [""])[0]
    told = [] if measure is None else keys.get(("CODES", variables[measure]), [])
    codes = dict(zip(labels[measure], told, strict=False)) if measure is not None and told else {}
    long = []
    for row, cell in zip(rows, cells, strict=True):
        place = {name: value for i, (name, value) in enumerate(zip(names, row, strict=True)) if i != measure}
        place[MEASURE] = row[measure] if measure is not None else sole
        if place[MEASURE] in codes:
            place[CODE] = codes[place[MEASURE]]
        place[CELL] = cell.strip('"')
        long.append(place)
    stated = next((v[0] for k in ("TABLEID", "MATRIX") if (v := keys.get((k, "")))), None)
    title = " ".join((keys.get(("TITLE", "")) or keys.get(("DESCRIPTION", "")) or [""])[:1])
    return long, stated, title


def _keyed(
    data: str, keys: dict[tuple[str, str], list[str]], labels: list[list[str]]
) -> tuple[list[tuple[str, ...]], list[str]]:
    """Return rows and figures of a file whose rows begin with the codes or words of their stub."""
    stub = keys.get(("STUB", ""), [])
    rest = list(product(*labels[len(stub) :]))
    rows: list[tuple[str, ...]] = []
    cells: list[str] = []
    for line in data.split("\n"):
        items = re.findall(r'"([^"]*)"|([^\s;",]+)', line)
        if not items:
            continue
        words, figures = [a for a, b in items[: len(stub)]], [a or b for a, b in items[len(stub) :]]
        if len(words) < len(stub) or len(figures) != len(rest):
            raise SourceError(
                f"a row has {len(figures)} figures for {len(rest)} columns, after {len(words)} keys",
                remedy="this px file has KEYS, and its rows do not fit them: download the table as CSV",
            )
        first = []
        for variable, word, known in zip(stub, words, labels, strict=False):
            codes = keys.get(("CODES", variable), [])
            values = keys.get(("VALUES", variable), [])
            place = codes.index(word) if word in codes else values.index(word) if word in values else None
            if place is None:
                raise SourceError(
                    f"the key {word!r} is no value of {variable}",
                    remedy="download the table as CSV",
                )
            first.append(known[place])
        rows += [(*first, *columns) for columns in rest]
        cells += figures
    return rows, cells


def _labels(keys: dict[tuple[str, str], list[str]], variable: str) -> list[str]:
    """Return codes for regions and periods, words for the rest: the catalogue has the page's words."""
    labels = keys.get(("VALUES", variable), [])
    codes = keys.get(("CODES", variable), labels)
    name = WORDS.get(variable.casefold(), variable)
    looks_like_code = all(re.fullmatch(r"\d{2}(\d{2})?", code) for code in codes)
    dated = all(PERIOD.fullmatch(code) for code in codes)
    if name in (REGION, ORIGIN) and looks_like_code:
        return [f"{code} {label}" for code, label in zip(codes, labels, strict=True)]
    return codes if name == TIME and dated else labels


def _values(text: str) -> list[str]:
    """Return quoted words; words broken over lines are put together, words after a comma are apart."""
    if '"' not in text:
        return [text.strip()]
    return ["".join(re.findall(r'"([^"]*)"', part)) for part in re.split(r'(?<="),\s*(?=")', text.strip())]
