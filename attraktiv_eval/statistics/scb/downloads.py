"""Files downloaded by hand from a statistics page: CSV, xlsx and px, read to one long form.

The long form has a column for each variable (``Region``, ``Alder``, ``Kon``, ``Tid`` ...), the label of what
is measured in ``Measure``, and the cell as text in ``cell``. Headings may be the page's words, in Swedish or
English, or the interface's codes.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval.errors import SourceError
from attraktiv_eval.resources import read_input

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CELL", "CONTENTS", "MEASURE", "ORIGIN", "REGION", "TIME", "WORDS", "Download", "read_download"]

MEASURE, CELL, REGION, TIME, ORIGIN = "Measure", "cell", "Region", "Tid", "UtflyttningsL"
CONTENTS = ("ContentsCode", "Forandringar", "Variabel")

#: Words of the page's headings to the names of the variables.
WORDS: dict[str, str] = {
    "region": REGION,
    "län": REGION,
    "county": REGION,
    "inflyttningslän": REGION,
    "inflyttningsl": REGION,
    "county of in-migration": REGION,
    "utflyttningslän": ORIGIN,
    "utflyttningsl": ORIGIN,
    "county of out-migration": ORIGIN,
    "ålder": "Alder",
    "alder": "Alder",
    "age": "Alder",
    "kön": "Kon",
    "kon": "Kon",
    "sex": "Kon",
    "civilstånd": "Civilstand",
    "civilstand": "Civilstand",
    "marital status": "Civilstand",
    "förändringar": "Forandringar",
    "forandringar": "Forandringar",
    "changes": "Forandringar",
    "population changes": "Forandringar",
    "period": "Period",
    "sektor": "Sektor",
    "sector": "Sektor",
    "födelseregion": "Fodelseregion",
    "fodelseregion": "Fodelseregion",
    "region of birth": "Fodelseregion",
    "inrikes/utrikes född": "InrikesUtrikes",
    "inrikesutrikes": "InrikesUtrikes",
    "variabel": "Variabel",
    "tabellinnehåll": "ContentsCode",
    "contentscode": "ContentsCode",
    "observations": "ContentsCode",
    "contents": "ContentsCode",
    "table contents": "ContentsCode",
    "år": TIME,
    "tid": TIME,
    "year": TIME,
    "kvartal": TIME,
    "quarter": TIME,
    "month": TIME,
    "månad": TIME,
}

#: A column of a variable's codes beside the one of its words.
CODES = re.compile(r"(.*?)[\s_-]*(?:kod(?:er)?|codes?)", re.IGNORECASE)

PERIOD = re.compile(r"\b((?:19|20)\d\d(?:[KQ][1-4]|M(?:0[1-9]|1[0-2]))?)\b")
SEXES = ("män", "kvinnor", "totalt", "men", "women", "total")
#: The civil states: their words and codes.
CIVIL = {
    "ogifta": "OG",
    "gifta": "G",
    "skilda": "SK",
    "änkor/änklingar": "ÄNKL",
    "single": "OG",
    "married": "G",
    "divorced": "SK",
    "widowers/widows": "ÄNKL",
    "widows/widowers": "ÄNKL",
    "og": "OG",
    "g": "G",
    "sk": "SK",
    "änkl": "ÄNKL",
}

REMEDY = "download the table again in Swedish with codes and names of regions, as docs/fetch.md shows"


@dataclass(frozen=True)
class Download:
    """A downloaded file: its cells in long form, the table that it states itself, and its title."""

    path: Path
    long: pd.DataFrame
    stated: str | None = None
    title: str = ""


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
        from attraktiv_eval.statistics.scb.pxfile import read_px

        rows, stated, title = read_px(path)
    elif path.suffix.lower() == ".xlsx":
        rows, title = _from_sheet(_sheet(path), path)
    else:
        lines, title = _lines(path)
        rows = _from_lines(lines, path)
    table = pd.DataFrame(rows, dtype="str")
    for column in (REGION, TIME):
        if column not in table.columns:
            raise SourceError(
                f"no {'region' if column == REGION else 'year'} is found", remedy=REMEDY, file=path
            )
    table[REGION] = table[REGION].str.strip()
    return Download(path, table, stated, title)


def _text(path: Path) -> str:
    content = read_input(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("iso-8859-1")  # what SCB's own CSV is written in


def _lines(path: Path) -> tuple[list[list[str]], str]:
    """Return the rows of a CSV from its heading on, and the line above it: the title."""
    lines = [line for line in _text(path).splitlines() if line.strip()]
    for i, line in enumerate(lines[:20]):
        for mark in (";", "\t", ","):
            fields = next(csv.reader([line], delimiter=mark))
            if len(fields) > 1 and (_variable(fields[0]) or _coded(fields[0])):
                title = lines[i - 1].strip(' ";,\t') if i else ""
                return _of_width(list(csv.reader(lines[i:], delimiter=mark)), path, i), title
    raise SourceError("no heading with region, year or another variable is found", remedy=REMEDY, file=path)


def _of_width(rows: list[list[str]], path: Path, above: int) -> list[list[str]]:
    """Return the rows as wide as the heading; notes below the table are passed over, a broken row is not."""
    width = len(rows[0])
    for place, row in enumerate(rows):
        if len(row) != width and len([cell for cell in row if cell.strip()]) > 1:
            later = any(len(other) == width for other in rows[place + 1 :])
            if later:
                raise SourceError(
                    f"{len(row)} cells where the heading has {width}",
                    remedy="download the file again and do not change it",
                    file=path,
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


def _from_lines(rows: list[list[str]], path: Path) -> list[dict[str, str]]:
    heading = [field.strip() for field in rows[0]]
    codes, stub, doubled = _stub_columns(heading)
    used = {*stub, *codes.values(), *doubled}
    columns = {i: _place(field, path) for i, field in enumerate(heading) if i not in used}
    said = next((i for i, name in stub.items() if name in CONTENTS), None)
    if (
        said is None
        and (coded := next((codes[name] for name in CONTENTS if name in codes), None)) is not None
    ):
        said = coded
    found = []
    for row in rows[1:]:
        held = {name: row[i].strip() for i, name in stub.items() if i != said}
        for name, i in codes.items():  # the code in a column of its own, beside the word or alone
            code = row[i].strip()
            held[name] = f"{code} {held.get(name, '')}".strip() if name in (REGION, ORIGIN) else code
        measure = {} if said is None else {MEASURE: row[said].strip()}
        for i, place in columns.items():
            found.append({**held, **place, **measure, CELL: row[i]})
    return found


def _stub_columns(heading: list[str]) -> tuple[dict[str, int], dict[int, str], list[int]]:
    """Return the columns of codes, by variable, those of words, by place, and codes that words say as well.

    SCB's page gives codes and words in two columns: under a heading of their own for the codes, or under the
    same heading twice, the codes first.
    """
    codes: dict[str, int] = {}
    stub: dict[int, str] = {}
    for i, field in enumerate(heading):
        name, coded = _variable(field), _coded(field)
        if name is None and coded is not None:
            codes[coded] = i
        elif name is not None and name in stub.values():
            first = next(place for place, held in stub.items() if held == name)
            codes[name] = first
            del stub[first]
            stub[i] = name
        elif name is not None:
            stub[i] = name
    doubled = []
    for name in list(codes):
        if name not in (REGION, ORIGIN):  # the words say it as well, and people read them
            own = next((i for i, held in stub.items() if held == name), None)
            if own is not None:
                doubled.append(codes.pop(name))
    return codes, stub, doubled


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


def _from_sheet(rows: list[list[Any]], path: Path) -> tuple[list[dict[str, str]], str]:
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
    return found, next((row[0] for row in grid[:first] if row and row[0]), "")


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
        if re.fullmatch(r"\d{2}(\d{2})?(\s.+)?", cell) and (REGION not in held or ORIGIN not in held):
            held[REGION if REGION not in held else ORIGIN] = cell
        elif PERIOD.fullmatch(cell):
            held[TIME] = cell
        elif cell.casefold() in SEXES or cell.casefold().startswith(("totalt, samtliga män", "total men")):
            held["Kon"] = cell
        elif re.fullmatch(
            r"\d*[-–]?\d+\+?\d* (?:år|years)|totalt,? (?:ålder|samtliga åldrar)|total ages?", cell.casefold()
        ):
            held["Alder"] = cell
        elif cell.casefold() in ("hela året", "whole year"):
            held["Period"] = cell
        elif cell.casefold() in CIVIL:
            held["Civilstand"] = cell
    return held
