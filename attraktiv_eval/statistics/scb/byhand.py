"""A plain folder of files downloaded by hand (CSV, px, xlsx) instead of a fetch."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval.errors import SourceError
from attraktiv_eval.resources import note_input
from attraktiv_eval.statistics import checks
from attraktiv_eval.statistics.scb.catalogue import Catalogue, Measure, Table
from attraktiv_eval.statistics.scb.downloads import CELL, MEASURE, REGION, TIME, read_download
from attraktiv_eval.statistics.scb.jsonstat import Cube
from attraktiv_eval.statistics.scb.selection import matching, year_of
from attraktiv_eval.statistics.scb.tidy import age_group, join, tidy

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_files"]

SYMBOLS = ("..", ".", ":")
NAMING = "name the file after its table, such as TAB1212.csv or Flyttningar97.px; docs/fetch.md lists them"


def read_files(
    files: list[Path], *, strict: bool = True
) -> tuple[dict[str, pd.DataFrame], list[dict[str, Any]]]:
    """Return the tidy tables in downloaded files, by name, and the sources of each.

    Files of one table, for instance one for each stretch of years, are joined. Every table passes the same
    checks as a fetched one. With ``strict`` off, a file that is not named after a table is passed over.

    Raises
    ------
    SourceError
        If a file cannot be read, it is unclear which table it is of, or a check fails.
    """
    catalogue = Catalogue.load()
    parts: dict[str, list[tuple[Table, pd.DataFrame]]] = {}
    sources = []
    for file in files:
        if not strict and not _named(catalogue, _words(file)):
            continue
        long, stated = read_download(file)
        table = _table_of(file, stated, long, catalogue)
        parts.setdefault(table.name, []).append((table, _tidied(long, table, file)))
        sources.append(_source(file, table))
    order = [table.key for table in catalogue.tables]
    tables = {
        name: join(sorted(own, key=lambda part: order.index(part[0].key))) for name, own in parts.items()
    }
    checks.check_all(tables)
    return tables, sources


def _words(file: Path) -> set[str]:
    return {word.casefold() for word in (*re.split(r"[\s_-]+", file.stem), file.stem)}


def _named(catalogue: Catalogue, words: set[str]) -> list[Table]:
    """Return the tables whose id, old name or tidy name is among the words."""
    return [
        table
        for table in catalogue.tables
        if words & {name.casefold() for name in (table.id, table.old_name, table.name) if name}
    ]


def _table_of(file: Path, stated: str | None, long: pd.DataFrame, catalogue: Catalogue) -> Table:
    """Return the catalogue's table that a file is of, by its own word or its name, its ages and its years."""
    words = _words(file) | {(stated or "").casefold()}
    named = _named(catalogue, words)
    by_age = "Alder" in long.columns and any(age_group(_age(age)) for age in long["Alder"].unique())
    by_age_wanted = [table for table in named if bool(table.age_variable) == by_age or table.name in words]
    years = {year for period in long[TIME].unique() if (year := year_of(period))}
    for table in by_age_wanted:
        if years and all(table.first_year <= year <= (table.last_year or 9999) for year in years):
            return table
    listed = ", ".join(sorted({table.id or table.old_name or table.name for table in catalogue.tables}))
    span = f"{min(years)}–{max(years)}" if years else "none"
    raise SourceError(
        f"it is unclear which table this is; its years are {span}, and the catalogue has {listed}",
        remedy=NAMING,
        file=file,
    )


def _age(label: str) -> str:
    """Return the code of an age in words: 20 for ``20 år``, 20-24 for ``20-24 år``, tot for a total."""
    return "tot" if label.casefold().startswith("totalt") else label.removesuffix(" år").strip()


def _tidied(long: pd.DataFrame, table: Table, file: Path) -> pd.DataFrame:
    long = long.copy()
    codes = long[REGION].str.extract(r"^(\d{2}(?:\d{2})?)(?:\s|$)", expand=False)
    if codes.isna().any():
        shown = long.loc[codes.isna(), REGION].iloc[0]
        lost = re.match(r"\d{1,3}(?:\s|$)", shown)  # a spreadsheet makes 114 of 0114
        raise SourceError(
            f"{shown!r} has {'lost the zero of its region code' if lost else 'no region code'}",
            remedy="download the file again and do not save it in Excel"
            if lost
            else "choose to show codes and names when downloading",
            file=file,
        )
    names = dict(zip(codes, long[REGION].str.replace(r"^\d{2,4}\s*", "", regex=True), strict=True))
    long[REGION] = codes
    if "Alder" in long.columns:
        long["Alder"] = long["Alder"].map(_age)
    if set(long[MEASURE]) == {""} and len(table.measures) == 1:  # the page leaves out the only content
        long[MEASURE] = next(iter(table.measures.values())).label
    measures = _measures(long, table, file)
    long = long[long[MEASURE].isin([measure.label for measure in measures.values()])]
    long, summed = _without_parts(long, table)
    known = table.model_copy(
        update={
            "measures": measures,
            "measure_variable": MEASURE,
            "sum_over": summed,
            "id": table.id or file.name,
        }
    )
    frame, _ = tidy(_cube(long, names, file), known)
    return frame


def _measures(long: pd.DataFrame, table: Table, file: Path) -> dict[str, Measure]:
    """Return the catalogue's measures that the file holds, under the file's own labels."""
    held = {label: label for label in long[MEASURE].unique()}
    found = {
        name: Measure(label=labels[0])
        for name, measure in table.measures.items()
        if len(labels := matching(measure.label, held)) == 1
    }
    if not found:
        wanted = ", ".join(measure.label for measure in table.measures.values())
        raise SourceError(
            f"none of {wanted} is in the file; it has {', '.join(list(held.values())[:8])}",
            remedy="choose these when downloading, in Swedish",
            file=file,
        )
    return found


def _without_parts(long: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, list[str]]:
    """Keep totals where the file has them; name the variables that are to be summed instead."""
    summed = []
    for name in long.columns.difference([REGION, TIME, MEASURE, CELL, table.age_variable or ""]):
        values = long[name].str.casefold()
        total = values.str.startswith(("tot", "hela", "samtliga")) | values.isin(["män och kvinnor", "1+2"])
        if total.any():
            long = long[total]
        elif (long[name] != long[name].iloc[0]).any():
            summed.append(name)
    if table.age_variable:
        long = long[long[table.age_variable] != "tot"]
    return long, summed


def _cube(long: pd.DataFrame, names: dict[str, str], file: Path) -> Cube:
    import numpy as np

    axes = [name for name in long.columns if name != CELL]
    codes = {name: list(dict.fromkeys(long[name])) for name in axes}
    shape = tuple(len(values) for values in codes.values())
    if len(long) != int(np.prod(shape)) or long.duplicated(axes).any():
        raise SourceError(
            f"{len(long)} figures for {int(np.prod(shape))} combinations of {', '.join(axes)}",
            remedy="download every combination, each once",
            file=file,
        )
    place = tuple(long[name].map({c: i for i, c in enumerate(codes[name])}).to_numpy() for name in axes)
    cube = Cube(codes, np.full(shape, np.nan), np.zeros(shape, dtype=np.int8), ["", *SYMBOLS])
    numbers, symbols = _numbers(long[CELL], file)
    cube.numbers[place], cube.symbols[place] = numbers, symbols
    cube.labels = {name: {code: code for code in values} for name, values in codes.items()}
    cube.labels[REGION] = names
    return cube


def _numbers(cells: pd.Series, file: Path) -> tuple[Any, Any]:
    """Return figures and symbols of cells; ``-`` is a true zero at SCB, an empty cell is not available."""
    import numpy as np
    import pandas as pd

    text = cells.str.replace(r"[\s\u00a0]", "", regex=True).replace({"-": "0", "–": "0", "": ".."})
    symbols = text.map({symbol: i + 1 for i, symbol in enumerate(SYMBOLS)}).fillna(0).to_numpy(dtype=np.int8)
    plain = text.where(symbols == 0).str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=float)
    wrong = np.isnan(numbers) & (symbols == 0)
    if wrong.any():
        raise SourceError(
            f"{cells.iloc[int(wrong.argmax())]!r} is no number", remedy="download the file again", file=file
        )
    return numbers, symbols


def _source(file: Path, table: Table) -> dict[str, Any]:
    changed = datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat(timespec="seconds")
    return {
        "file": file.name,
        "tables": [table.id or table.old_name or table.name],
        "sha256": note_input(file),
        "changed": False,
        "updated": None,
        "read": changed,
        "licence": "CC0 1.0" if not table.by_hand else "",
        "note": f"Downloaded by hand; {table.title}",
    }
