"""Files downloaded by hand from a statistics page: CSV, xlsx and px, read to one long form.

The long form has a column for each variable (``Region``, ``Alder``, ``Kon``, ``Tid`` ...), the label of what
is measured in ``Measure``, and the cell as text in ``cell``.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval.errors import SourceError
from attraktiv_eval.resources import read_input

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CELL", "CONTENTS", "MEASURE", "REGION", "TIME", "WORDS", "read_download"]

MEASURE, CELL, REGION, TIME = "Measure", "cell", "Region", "Tid"
CONTENTS = ("ContentsCode", "Forandringar", "Variabel")

#: Words of the page's headings to the names of the variables.
WORDS: dict[str, str] = {
    "region": REGION,
    "län": REGION,
    "ålder": "Alder",
    "kön": "Kon",
    "civilstånd": "Civilstand",
    "förändringar": "Forandringar",
    "period": "Period",
    "sektor": "Sektor",
    "födelseregion": "Fodelseregion",
    "inrikes/utrikes född": "InrikesUtrikes",
    "variabel": "Variabel",
    "tabellinnehåll": "ContentsCode",
    "år": TIME,
    "kvartal": TIME,
}

#: A column of codes beside the one of names.
CODES = re.compile(r"(?:region|läns?|kommun)?[\s_-]*kod(?:er)?", re.IGNORECASE)

PERIOD = re.compile(r"\b((?:19|20)\d\d(?:[KQ][1-4])?)\b")
SEXES = ("män", "kvinnor", "totalt")
REMEDY = "download the table again in Swedish with codes and names of regions, as docs/fetch.md shows"


def read_download(path: Path) -> tuple[pd.DataFrame, str | None]:
    """Return a downloaded file in long form, and the table id or name that it states itself, if any.

    Raises
    ------
    SourceError
        If the file cannot be read, or no region, period or figure is found in it.
    """
    import pandas as pd

    stated = None
    if path.suffix.lower() == ".px":
        from attraktiv_eval.statistics.scb.pxfile import read_px

        rows, stated = read_px(path)
    elif path.suffix.lower() == ".xlsx":
        rows = _from_sheet(_sheet(path), path)
    else:
        rows = _from_lines(_lines(path), path)
    table = pd.DataFrame(rows, dtype="str")
    for column in (REGION, TIME):
        if column not in table.columns:
            raise SourceError(
                f"no {'region' if column == REGION else 'year'} is found", remedy=REMEDY, file=path
            )
    table[REGION] = table[REGION].str.strip()
    return table, stated


def _text(path: Path) -> str:
    content = read_input(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("iso-8859-1")  # what SCB's own CSV is written in


def _lines(path: Path) -> list[list[str]]:
    """Return the rows of a CSV from its heading on; lines above it (a title) are passed over."""
    lines = [line for line in _text(path).splitlines() if line.strip()]
    for i, line in enumerate(lines[:20]):
        for mark in (";", "\t", ","):
            fields = next(csv.reader([line], delimiter=mark))
            if len(fields) > 1 and (
                fields[0].strip().casefold() in WORDS or CODES.fullmatch(fields[0].strip())
            ):
                return [row for row in csv.reader(lines[i:], delimiter=mark) if len(row) == len(fields)]
    raise SourceError("no heading with region, year or another variable is found", remedy=REMEDY, file=path)


def _from_lines(rows: list[list[str]], path: Path) -> list[dict[str, str]]:
    heading = [field.strip() for field in rows[0]]
    stub = {i: WORDS[field.casefold()] for i, field in enumerate(heading) if field.casefold() in WORDS}
    codes = next((i for i, field in enumerate(heading) if CODES.fullmatch(field)), None)
    columns = {i: _place(field, path) for i, field in enumerate(heading) if i not in stub and i != codes}
    said = next((i for i, name in stub.items() if name in CONTENTS), None) if len(columns) == 1 else None
    found = []
    for row in rows[1:]:
        held = {name: row[i].strip() for i, name in stub.items() if i != said}
        if codes is not None:  # the code in a column of its own, beside the name or alone
            held[REGION] = f"{row[codes].strip()} {held.get(REGION, '')}".strip()
        for i, place in columns.items():
            measure = {} if said is None else {MEASURE: row[said].strip()}
            found.append({**held, **place, **measure, CELL: row[i]})
    return found


def _place(heading: str, path: Path) -> dict[str, str]:
    """Return period, sex and measure of a heading such as ``män Inflyttningar 1997``."""
    place: dict[str, str] = {}
    period = PERIOD.findall(heading)
    rest = heading
    if period:
        place[TIME] = period[-1]
        rest = PERIOD.sub("", rest)
    words = rest.split()
    for sex in SEXES:
        if words and (words[0].casefold() == sex or words[-1].casefold() == sex):
            place["Kon"] = sex
            words = [word for word in words if word.casefold() != sex]
    place[MEASURE] = " ".join(words)
    return place


def _sheet(path: Path) -> list[list[Any]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(read_input(path)))
        return workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        raise SourceError(f"no readable workbook ({error})", remedy=REMEDY, file=path) from None


def _from_sheet(rows: list[list[Any]], path: Path) -> list[dict[str, str]]:
    """Read the page's sheet: a title, heading rows, then rows whose repeated words are left empty."""
    grid = [[_cell(cell) for cell in row] for row in rows]
    width = max((len(row) for row in grid), default=0)
    grid = [row + [""] * (width - len(row)) for row in grid]
    first = next((i for i, row in enumerate(grid) if row and row[0] and _figures(row)), None)
    if first is None:
        raise SourceError("no row with words and figures is found", remedy=REMEDY, file=path)
    start = _first_figure(grid[first])
    heads = [_filled(row[start:]) for row in grid[1:first] if any(row[start:]) and not any(row[1:start])]
    places = [_place(" ".join(part for part in column if part), path) for column in zip(*heads, strict=True)]
    held: dict[str, str] = {}
    found = []
    for row in grid[first:]:
        if not _figures(["", *row[start:]]):
            continue
        held |= _stub(row[:start])
        found += [{**held, **place, CELL: cell} for place, cell in zip(places, row[start:], strict=False)]
    return found


def _cell(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip() if cell is not None else ""


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


def _stub(cells: list[str]) -> dict[str, str]:
    """Return the variables of a row's words, known by how they look; empty ones stand as in the row above."""
    held = {}
    for cell in cells:
        if re.fullmatch(r"\d{2}(\d{2})?(\s.+)?", cell) and REGION not in held:
            held[REGION] = cell
        elif PERIOD.fullmatch(cell):
            held[TIME] = cell
        elif cell.casefold() in SEXES or cell.casefold().startswith("totalt, samtliga män"):
            held["Kon"] = cell
        elif re.fullmatch(r"\d+(-\d+|\+)? år|totalt,? (ålder|samtliga åldrar)", cell):
            held["Alder"] = cell
        elif cell.casefold() == "hela året":
            held["Period"] = cell
    return held
