"""The share of companies short of labour: Tillväxtverket's survey, out of a file downloaded by hand.

The survey (Företagens villkor och verklighet) is published in a page of its own, not through an interface:
the file below its line chart has some rows of words and then one row a survey and county. Written from a
public script of a region that reads that file; no file of the page was at hand.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval import regions, resources
from attraktiv_eval.errors import DesignError, SourceError
from attraktiv_eval.resources import note_input, read_input
from attraktiv_eval.statistics.scb.catalogue import Catalogue, Survey
from attraktiv_eval.statistics.tables import cell_text, sheet_cells

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["is_of", "read_surveys"]

COUNTRY = ("total", "totalt", "riket", "sverige", "hela landet", "hela riket")
NOTHING = ("", "..", ".", ":", "-", "–", "...", "none", "nan")
REMEDY = "download the file again below the line chart of all counties, as docs/fetch.md tells"

Row = list[str]
Shares = dict[tuple[str, int], tuple[float | None, float | None]]


@dataclass(frozen=True)
class _Columns:
    """The places of the columns, and of those that may part the answers."""

    year: int
    region: int
    share: int
    margin: int | None
    others: tuple[int, ...]


def is_of(file: Path, catalogue: Catalogue) -> Survey | None:
    """Return the survey that a file is of, by its name or its headings; None for another file."""
    for survey in catalogue.surveys:
        name = file.stem.casefold().replace("_", " ")
        if survey.about.casefold() in name or name.startswith(survey.name.replace("_", " ")):
            return survey
        if file.suffix.lower() in (".xlsx", ".csv", ".txt"):
            try:
                rows = _rows(file)
            except SourceError:
                continue  # no file of a survey: who reads it as another says what is wrong
            if _heading(rows, survey) is not None:
                return survey
    return None


def read_surveys(
    files: Sequence[tuple[Path, Survey]],
) -> tuple[dict[str, pd.DataFrame], list[dict[str, Any]]]:
    """Return the tidy table of each survey that the files are of, and the source of each file.

    Returns
    -------
    (dict, list of dict)
        A table has region_code ("00" for the country), region_name, year, the measure (per cent), ``margin``
        (half the width of its interval in percentage points; missing where the file gives none) and noise.
        A county without a figure in a year has a missing one.

    Raises
    ------
    SourceError
        If a file cannot be read, is about another obstacle or a part of the companies or answers, has a place
        that is no county, a share that is none, or another share of the same county and year.
    """
    import pandas as pd

    found: dict[str, Shares] = {}
    by_name: dict[str, Survey] = {}
    sources = []
    for file, survey in files:
        by_name[survey.name] = survey
        shares, said = _read(file, survey)
        held = found.setdefault(survey.name, {})
        for key, value in shares.items():
            if held.setdefault(key, value) != value:
                raise _fault(f"{key[0]} in {key[1]} has two shares", file, "keep the later download only")
        sources.append(_source(file, survey, said))
    tables = {}
    for name, shares in found.items():
        years = sorted({year for _code, year in shares})
        rows = [
            (code, called, year, *shares.get((code, year), (None, None)))
            for code, called in {regions.COUNTRY: "Riket", **regions.COUNTIES}.items()
            for year in years
        ]
        columns = ["region_code", "region_name", "year", by_name[name].measure, "margin"]
        table = pd.DataFrame(rows, columns=columns)
        table[columns[3:]] = table[columns[3:]].astype("Float64")
        tables[name] = table.assign(noise=False)
    return tables, sources


def _read(file: Path, survey: Survey) -> tuple[Shares, str]:
    """Return the shares of one file, and the words that stand above them."""
    rows = _rows(file)
    place = _heading(rows, survey)
    if place is None:
        wanted = f"{survey.columns['year'][0]}, {survey.columns['region'][0]}, {survey.columns['share'][0]}"
        raise _fault(f"no row of headings with {wanted} is found", file, REMEDY)
    above = [cell for row in rows[:place] for cell in row if cell]
    _check_words(above, file, survey)
    columns = _columns(rows[place], survey)
    body = [(number, row) for number, row in enumerate(rows[place + 1 :], place + 2) if any(row)]
    body = [one for one in body if len([cell for cell in one[1] if cell]) > 1]  # notes below the table
    body = _of_great(body, columns, rows[place], survey, file)
    return _shares(body, columns, rows[place], file), "; ".join(above)


def _check_words(above: list[str], file: Path, survey: Survey) -> None:
    """Raise where the words above are about another obstacle, or about a part of the companies."""
    about, inside = survey.about.casefold(), " ".join(above).casefold()
    said = inside if "hinder" in inside else f"{inside} {file.stem.replace('_', ' ').casefold()}"
    if about not in said:
        obstacle = next((cell for cell in above if "hinder" in cell.casefold()), "")
        told = f"it is about {obstacle!r}" if obstacle else "nothing in it tells of which obstacle it is"
        raise _fault(f"{told}, not {survey.about!r}", file, "choose this obstacle when downloading")
    other = next((word for word in survey.other_answers if word in inside), "")
    if other and survey.answer not in inside:
        raise _fault(f"it counts the answer {other!r}", file, f"choose the answer {survey.answer!r}")
    for cell in above:
        plain = cell.casefold()
        part = next((word for word in survey.parts if word in plain), None)
        if part and not any(word in plain for word in ("alla", "samtliga", "total")):
            raise _fault(f"{cell!r} takes out a part of the companies", file, "download it for all companies")


def _columns(heading: Row, survey: Survey) -> _Columns:
    places = {name: _place(heading, words) for name, words in survey.columns.items()}
    used = set(places.values())
    others = tuple(i for i, cell in enumerate(heading) if cell and i not in used)
    year, region, share = (places[name] for name in ("year", "region", "share"))
    assert year is not None and region is not None and share is not None
    return _Columns(year, region, share, places.get("margin"), others)


def _of_great(
    body: list[tuple[int, Row]], columns: _Columns, heading: Row, survey: Survey, file: Path
) -> list[tuple[int, Row]]:
    """Return the rows of the answer that is counted; a column that parts the companies is refused."""
    for i in columns.others:
        values = list(dict.fromkeys(row[i].casefold() for _number, row in body))
        answers = [value for value in values if value.startswith(survey.answer)]
        if answers:
            body = [(number, row) for number, row in body if row[i].casefold() == answers[0]]
        elif all(re.fullmatch(r"[\d\s.,%±]*", value) for value in values):
            continue  # a number beside, such as how many answered
        elif not all(value in (*NOTHING, *COUNTRY, "alla", "samtliga") for value in values):
            shown = ", ".join(values[:4])
            raise _fault(
                f"column {heading[i]} parts the companies or their answers: {shown}",
                file,
                "download the file for all companies, by year and county alone",
            )
    return body


def _shares(body: list[tuple[int, Row]], columns: _Columns, heading: Row, file: Path) -> Shares:
    found: Shares = {}
    numbers: list[tuple[tuple[str, int], float | None, float | None]] = []
    for number, row in body:
        key = (_region(row[columns.region], file, number), _year(row[columns.year], file, number))
        share = _number(row[columns.share], heading[columns.share], file, number)
        margin = None if columns.margin is None else _number(row[columns.margin], "margin", file, number)
        numbers.append((key, share, margin))
    scale = _scale([share for _key, share, _margin in numbers if share is not None], file)
    points = columns.margin is not None and "procentenheter" in heading[columns.margin].casefold()
    for key, share, margin in numbers:
        wide = None if margin is None or share is None else round(margin * (1 if points else scale), 6)
        if wide is not None and wide > 100:
            raise _fault(f"{margin:g} beside a share of {share:g} is no margin of error", file, REMEDY)
        own = (None if share is None else round(share * scale, 6), wide)
        if found.setdefault(key, own) != own:
            raise _fault(f"{key[0]} in {key[1]} has two shares", file, REMEDY)
    if not any(share is not None for share, _margin in found.values()):
        raise _fault("no share is found", file, REMEDY)
    return found


def _scale(shares: list[float], file: Path) -> float:
    """Return 100 where the shares are parts of one, 1 where they are per cent; both at once are refused."""
    if any(not 0 <= share <= 100 for share in shares):
        wrong = next(share for share in shares if not 0 <= share <= 100)
        raise _fault(f"{wrong:g} is no share", file, REMEDY)
    above = [share for share in shares if share > 1]
    small = [share for share in shares if 0 < share < 1]
    if above and small:
        raise _fault(
            f"{small[0]:g} and {above[0]:g} stand in one column: parts of one, or per cent?",
            file,
            "download the file again and do not change it",
        )
    return 1.0 if above else 100.0


def _region(cell: str, file: Path, row: int) -> str:
    plain = " ".join(cell.casefold().split())
    if plain in COUNTRY:
        return regions.COUNTRY
    coded = re.fullmatch(r"(\d{2})\s.+", cell)
    try:
        return regions.code_of(coded[1] if coded else cell, regions.COUNTIES)
    except DesignError:
        raise _fault(f"{cell!r} is no county", file, "download it by county", row) from None


def _year(cell: str, file: Path, row: int) -> int:
    if re.fullmatch(r"(?:19|20)\d\d", cell) and int(cell) <= resources.today().year:
        return int(cell)
    raise _fault(f"{cell!r} is no year of a survey", file, "download the file again", row)


def _number(cell: str, name: str, file: Path, row: int) -> float | None:
    plain = re.sub(r"[\s\u00a0\u202f%±]", "", cell).replace(",", ".")
    if plain.casefold() in NOTHING:
        return None
    if re.fullmatch(r"\d+(?:\.\d+)?(?:e-?\d+)?", plain.casefold()):
        return float(plain)
    raise _fault(f"{cell!r} in {name} is no number", file, "download the file again", row)


def _heading(rows: list[Row], survey: Survey) -> int | None:
    needed = [survey.columns[name] for name in ("year", "region", "share")]
    for place, row in enumerate(rows[:30]):
        if all(_place(row, words) is not None for words in needed):
            return place
    return None


def _place(row: Row, words: list[str]) -> int | None:
    wanted = {word.casefold() for word in words}
    plain = [" ".join(cell.casefold().replace(".", " ").split()) for cell in row]
    return next((i for i, cell in enumerate(plain) if cell in wanted), None)


def _rows(file: Path) -> list[Row]:
    """Return the cells of a workbook's first sheet, or of a CSV, as text in rows of one width."""
    if file.suffix.lower() == ".xlsx":
        rows = [[cell_text(cell) for cell in row] for row in sheet_cells(file, REMEDY)]
    else:
        content = read_input(file)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("iso-8859-1")
        lines = text.splitlines()
        mark = max(";\t,", key=lambda sign: max((line.count(sign) for line in lines[:30]), default=0))
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=mark)]
    width = max((len(row) for row in rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


def _source(file: Path, survey: Survey, said: str) -> dict[str, Any]:
    return {
        "file": file.name,
        "name": survey.name,
        "tables": [survey.title],
        "sha256": note_input(file),
        "changed": False,
        "updated": None,
        "read": None,
        "publisher": survey.publisher,
        "licence": "",
        "note": f"Downloaded by hand; the file says: {said}" if said else "Downloaded by hand",
    }


def _fault(what: str, file: Path, remedy: str, row: int | None = None) -> SourceError:
    return SourceError(what, remedy=remedy, file=file, row=row)
