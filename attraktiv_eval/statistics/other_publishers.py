"""Figures of others than SCB, laid beside its tables: Kolada, Arbetsförmedlingen and Tillväxtverket."""

from __future__ import annotations

import contextlib
import csv
import gzip
import hashlib
import io
import json
import math
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from attraktiv_eval import regions, resources
from attraktiv_eval.errors import DesignError, SourceError, in_file
from attraktiv_eval.resources import digest_of, note_input, read_input
from attraktiv_eval.statistics.scb.catalogue import Catalogue, Counted, Indicator, Survey
from attraktiv_eval.statistics.scb.client import Answer, Client, Manifest, NotFound, write_whole
from attraktiv_eval.statistics.scb.fetch import (
    FOLDER,
    Fetched,
    alone_in,
    folder_and_catalogue,
    lay_panel,
    write_tidy,
)
from attraktiv_eval.statistics.tables import cell_text, sheet_cells

if TYPE_CHECKING:
    import pandas as pd


def _first_year_lost(table: Indicator | Counted, years: Iterable[str], manifest: Manifest) -> str | None:
    """Return the first year that the folder's table has and the new figures lack."""
    held = manifest.tables.get(table.key, {}).get("selection", {}).get("year", [])
    return min(set(held) - set(years), default=None)


def _lay_table(
    table: Indicator | Counted,
    account: dict[str, Any],
    frame: pd.DataFrame,
    measure: str,
    remarks: list[str],
    source: dict[str, str],
    manifest: Manifest,
) -> pd.DataFrame:
    """Write a table with its account and its source; return the places and times without the measure."""
    manifest.tables[table.key] = {"updated": "", "asked": "", "complete": True, "notes": [], **account}
    keys = frame.columns.intersection(["region_code", "region_name", "year", "month"], sort=False)
    missing = frame.loc[frame[measure].isna(), keys].assign(measure=measure)
    write_tidy(table.name, frame, missing, [table], remarks, manifest)
    for file in (f"{table.name}.csv", f"missing/{table.name}.csv"):
        manifest.tidy[file] |= source
    lay_panel(manifest.folder)
    manifest.save()
    return missing


# --- Kolada (RKA): key figures of municipalities and regions
# Written from the public description of API v3 and not tried against the live service. The figures are asked
# for anew at each fetch: the service does not tell when a figure was last changed.

BASE_URL = "https://api.kolada.se/v3"
KOLADA = {"publisher": "Kolada (RKA)", "licence": "free to use with the source named"}

#: The service refuses longer lists of years.
YEARS_A_CALL = 25
ROWS_A_PAGE = "5000"

Values = dict[tuple[str, int], float]


def fetch_indicators(
    names: Sequence[str],
    to: Path | str | None = None,
    base_url: str = BASE_URL,
    dry_run: bool = False,
    *,
    client: Client | None = None,
) -> list[Fetched]:
    """Bring key figures of the catalogue's ``[[kolada]]`` into a folder that ``--statistics`` can name.

    Parameters
    ----------
    names : sequence of str
        Tidy names of the catalogue, such as ``unemployment``.
    to, base_url, client
        As :func:`attraktiv_eval.statistics.scb.fetch.fetch`.
    dry_run : bool
        Ask only whether the key figures are there; write nothing.

    Returns
    -------
    list of Fetched
        ``unchanged`` where the service gives the very answers that the tidy file was made of.

    Raises
    ------
    SourceError
        If the service cannot be used, an answer is not what was asked for, a figure lies outside its bounds,
        or a year that was held is gone; what lay in the folder then stands as it was.
    """
    folder, known = folder_and_catalogue(to)
    chosen = known.indicators(names)
    service = client or Client(base_url)
    if dry_run:
        return [_planned(one, service) for one in chosen]
    with alone_in(folder):
        manifest = Manifest.load(folder)
        done = [_fetched(one, service, manifest) for one in chosen]
        lay_panel(folder)
        return done


def _planned(one: Indicator, service: Client) -> Fetched:
    _described(one, service)
    return Fetched(one.name, one.kpi, "planned", calls=1 + len(_blocks(one)))


def _fetched(one: Indicator, service: Client, manifest: Manifest) -> Fetched:
    described = _described(one, service)
    pages: list[tuple[str, list[int], Answer]] = []
    values: Values = {}
    for years in _blocks(one):
        answers = _pages(one, years, service)
        for row in _rows(answers):
            _take(row, one, years, values)
        stem = f"raw/kolada/{one.kpi}/{years[0]}"
        pages += [(f"{stem}-{number}.json", years, answer) for number, answer in enumerate(answers, 1)]
    if not values:
        raise SourceError(f"{_where(one)} holds no figure", remedy="choose another key figure")
    found = sorted({year for _region, year in values})
    _check_no_year_lost(one, manifest, found)
    parts = [_part(file, years, answer) for file, years, answer in pages]
    calls, held = 1 + len(pages), manifest.tables.get(one.key, {})
    same = [part["sha256"] for part in parts] == [part["sha256"] for part in held.get("parts", [])]
    if same and held.get("asked") == one.fingerprint() and manifest.is_made(one.name, [one.key]):
        return Fetched(one.name, one.kpi, "unchanged", len(values), calls)
    for file, _years, answer in pages:
        write_whole(manifest.folder / file, answer.body)
    account = {
        "id": one.kpi,
        "label": str(described.get("title") or one.title),
        "asked": one.fingerprint(),
        "selection": {"year": [str(year) for year in found]},
        "parts": parts,
    }
    frame = _tidied(one, values, range(found[0], found[-1] + 1))
    missing = _lay_table(one, account, frame, one.measure, [], KOLADA, manifest)
    return Fetched(one.name, one.kpi, "fetched", len(values), calls, _told(missing, found[-1]))


def _where(one: Indicator) -> str:
    return f"key figure {one.kpi}"


def _blocks(one: Indicator) -> list[list[int]]:
    last = one.last_year or datetime.now(UTC).year
    years = list(range(one.first_year, last + 1))
    return [years[at : at + YEARS_A_CALL] for at in range(0, len(years), YEARS_A_CALL)]


def _described(one: Indicator, service: Client) -> dict[str, Any]:
    """Return what the service says of a key figure; another one, or none, is an error."""
    remedy = "look for its id at kolada.se, and correct the catalogue"
    try:
        told = service.call(f"/kpi/{one.kpi}").document
    except NotFound as error:
        raise NotFound(f"the service has no {_where(one)}: {error.message}", remedy=remedy) from None
    if isinstance(told, dict) and isinstance(told.get("values"), list):
        told = told["values"][0] if told["values"] else None
    if not isinstance(told, dict):
        raise NotFound(f"the service has no {_where(one)}", remedy=remedy)
    if told.get("id") != one.kpi:
        raise _other(one, f"tells of {told.get('id')!r}")
    return told


def _other(one: Indicator, what: str) -> SourceError:
    return SourceError(
        f"{_where(one)}: the answer is not that of Kolada's API v3: it {what}",
        remedy="check --base-url; if it is right, report this as a fault",
    )


def _pages(one: Indicator, years: list[int], service: Client) -> list[Answer]:
    """Return every page of an answer; pages that go round, or that are not all there, are an error."""
    path = f"/data/kpi/{one.kpi}/year/{','.join(map(str, years))}"
    asked = {"per_page": ROWS_A_PAGE}
    answers: list[Answer] = []
    seen = [asked]
    while True:
        answer = service.call(path, asked)
        page = answer.document
        if not isinstance(page, dict) or not isinstance(page.get("values"), list):
            raise _other(one, "has no list of values")
        answers.append(answer)
        following = page.get("next_url") or page.get("next_page")
        if not following:
            break
        asked = dict(parse_qsl(urlsplit(str(following)).query))  # never to another host
        if asked in seen:
            raise _other(one, "leads from page to page without end")
        seen.append(asked)
    whole = sum(len(answer.document["values"]) for answer in answers)
    for answer in answers:
        stated = answer.document.get("count", whole)
        if stated not in (whole, len(answer.document["values"])):
            raise _other(one, f"states {stated} values and holds {whole}")
    return answers


def _rows(answers: Iterable[Answer]) -> Iterable[Any]:
    for answer in answers:
        yield from answer.document["values"]


def _take(row: Any, one: Indicator, years: list[int], values: Values) -> None:
    """Take the figure of both sexes out of a row; groups of municipalities and the country are left out."""
    try:
        kpi, place, year = row["kpi"], str(row["municipality"]), int(row["period"])
        figures = [dict(figure) for figure in row["values"]]
    except (KeyError, TypeError, ValueError):
        raise _other(one, "has a row without kpi, municipality, period and values") from None
    if kpi != one.kpi or year not in years:
        raise _other(one, f"has a row of {kpi} in {year}, which was not asked for")
    code = _region(place)
    if code is None:
        return
    whole = [figure for figure in figures if figure.get("gender") == "T" and not figure.get("isdeleted")]
    if not whole or whole[0].get("value") is None:
        return
    value = whole[0]["value"]
    told = f"{_where(one)}, region {code}, year {year}"
    if len(whole) > 1 or (code, year) in values:
        raise SourceError(f"{told}: two figures", remedy="wait a while and run the same command again")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise SourceError(f"{told}: {value!r} is no number", remedy="report it to Kolada")
    low, high = one.least, one.most
    if (low is not None and value < low) or (high is not None and value > high):
        raise SourceError(
            f"{told}: {value:g} lies outside {low if low is not None else '–'} to "
            f"{high if high is not None else '–'}",
            remedy="look at kolada.se whether the key figure has another unit, and correct the catalogue",
        )
    values[code, year] = float(value)


def _region(place: str) -> str | None:
    """Return a municipality's code, or a county's for the region of four digits that begins with 00."""
    if regions.is_municipality(place):
        return place
    return place[2:] if len(place) == 4 and place[:2] == "00" and place[2:] in regions.COUNTIES else None


def _check_no_year_lost(one: Indicator, manifest: Manifest, found: list[int]) -> None:
    if lost := _first_year_lost(one, map(str, found), manifest):
        raise SourceError(
            f"{_where(one)} no longer has {lost}, which it had when it was fetched",
            remedy="look at kolada.se; the figures fetched before stand as they were",
        )


def _part(file: str, years: list[int], answer: Answer) -> dict[str, Any]:
    return {
        "file": file,
        "url": answer.url,
        "selection": {"year": [str(year) for year in years]},
        "read": answer.read,
        "sha256": digest_of(answer.body),
        "cells": len(answer.document["values"]),
    }


def _tidied(one: Indicator, values: Values, years: range) -> pd.DataFrame:
    """Return one row a region and year, empty where there is no figure; counties only where they have one."""
    import pandas as pd

    municipalities = regions.names_of_municipalities()
    codes = sorted({*municipalities, *(region for region, _year in values)})
    names = {code: regions.name_of(code) for code in codes}
    rows = [(code, names[code], year, values.get((code, year))) for code in codes for year in years]
    frame = pd.DataFrame(rows, columns=["region_code", "region_name", "year", one.measure])
    return frame.astype({one.measure: "Float64"}).assign(noise=False)


def _told(missing: pd.DataFrame, last: int) -> str:
    """Return how many municipalities lack a figure in the last year; empty where none does."""
    lacking = int(((missing["year"] == last) & (missing["region_code"].str.len() == 4)).sum())
    return f"{lacking} municipalities have no figure for {last}" if lacking else ""


# --- Arbetsförmedlingen: historical job advertisements, from files of JSON lines got by hand
# The files (``2020.jsonl.zip`` and the like, of data.jobtechdev.se) are read as a stream; only counts are
# kept. Written from the public description of the files and not tried on the whole ones.


JOBTECH = {"publisher": "Arbetsförmedlingen (JobTech)", "licence": "CC0 1.0"}
TABLE = Counted("advertisements", "historical")
GET_AGAIN = "get the file again, whole"
#: Names of files that hold a sample of the advertisements.
SAMPLE = re.compile(r"percent|procent|sample|\d%", re.IGNORECASE)

Month = tuple[str, int, int]


@dataclass
class _Counts:
    """Advertisements and openings by region, year and month; ``unstated``: where one tells no openings."""

    advertisements: Counter[Month] = field(default_factory=Counter)
    openings: Counter[Month] = field(default_factory=Counter)
    unstated: set[Month] = field(default_factory=set)
    months: set[tuple[int, int]] = field(default_factory=set)
    placeless: int = 0
    other_years: int = 0
    twice: int = 0


def count_advertisements(files: Sequence[Path], to: Path | str | None = None) -> Fetched:
    """Count advertisements by municipality, county and month, and lay the table beside SCB's.

    Parameters
    ----------
    files : sequence of Path
        Files of JSON lines, plain, ``.gz`` or ``.zip``, each named after its year. Those of all years are
        given together: the table is made anew of them.
    to : path, optional
        The folder; None is ``statistics`` in the current folder.

    Returns
    -------
    Fetched
        ``advertisements.csv`` has region_code, region_name, year, month, advertisements and openings. A month
        is there where the files hold an advertisement of it; a municipality without one in it has 0. Openings
        are missing where an advertisement does not state them. An advertisement without a municipality counts
        in its county where that is stated; one of another year than its file's is set aside, and told.

    Raises
    ------
    SourceError
        If a file cannot be read to its end, is a sample, is named after no year or given twice, or a year
        that was held is gone; what lay in the folder stands as it was.
    """
    if not files:
        raise SourceError("no file of advertisements", remedy="give files such as 2020.jsonl.zip")
    folder = Path(to) if to is not None else Path.cwd() / FOLDER
    counts = _Counts()
    parts: list[dict[str, Any]] = []
    for file in files:
        year = _year_of(file)
        digest = _digest(file)
        if digest in {part["sha256"] for part in parts}:
            raise SourceError("the same file is given twice", remedy="give each once", file=file)
        before = counts.advertisements.total()
        _count(file, year, counts)
        parts.append(_part_of_file(file, year, digest, counts.advertisements.total() - before))
    if not counts.months:
        raise SourceError("the files hold no advertisement with its place and day", remedy=GET_AGAIN)
    with alone_in(folder):
        return _written(counts, parts, Manifest.load(folder))


def _written(counts: _Counts, parts: list[dict[str, Any]], manifest: Manifest) -> Fetched:
    years = sorted({str(year) for year, _month in counts.months})
    if lost := _first_year_lost(TABLE, years, manifest):
        raise SourceError(
            f"the files no longer hold {lost}, which the table has",
            remedy="give the files of all years together; the table stands as it was",
        )
    account = {
        "id": "historical advertisements",
        "label": "Historiska annonser",
        "selection": {"year": years},
        "parts": parts,
    }
    frame, told = _tidied_counts(counts), _told_of_counts(counts, years)
    _lay_table(TABLE, account, frame, "openings", told, JOBTECH, manifest)
    return Fetched(TABLE.name, None, "fetched", len(frame), len(parts), "; ".join(told))


def _told_of_counts(counts: _Counts, years: list[str]) -> list[str]:
    told = [
        (counts.placeless, "advertisements without a municipality or county in Sweden are not counted"),
        (counts.other_years, "advertisements of another year than their file's are not counted"),
        (counts.twice, "advertisements stand twice in a file and count once"),
    ]
    part = [year for year in years if sum(str(of) == year for of, _month in counts.months) < 12]
    said = [f"{number} {what}" for number, what in told if number]
    return [*said, f"not whole: {', '.join(part)}"] if part else said


def _year_of(file: Path) -> int:
    if SAMPLE.search(file.name):
        raise SourceError(
            "by its name the file is a sample of the advertisements",
            remedy="get the file of all advertisements of the year",
            file=file,
        )
    years = set(re.findall(r"(?<!\d)(20\d\d)(?!\d)", file.name))
    if len(years) != 1:
        raise SourceError(
            "the file is not named after one year",
            remedy="name it as it came, such as 2020.jsonl.zip",
            file=file,
        )
    return int(years.pop())


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise SourceError(
            f"the file cannot be read ({error.strerror})", remedy="correct its path", file=file
        ) from None


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    if file.suffix.casefold() == ".gz":
        with gzip.open(file) as stream:
            yield io.BufferedReader(stream)  # type: ignore[type-var]
    elif file.suffix.casefold() == ".zip":
        with zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if name.casefold().endswith((".jsonl", ".json"))]
            if len(names) != 1:
                raise SourceError(
                    f"the archive holds {len(names)} files of JSON, not one", remedy=GET_AGAIN, file=file
                )
            with archive.open(names[0]) as stream:
                yield stream
    else:
        with file.open("rb") as stream:
            yield stream


def _count(file: Path, year: int, counts: _Counts) -> None:
    seen: set[str] = set()
    row = 0
    try:
        with _opened(file) as lines:
            for row, line in enumerate(lines, 1):
                if line.strip():
                    _add(_advertisement(line, file, row), file, row, year, seen, counts)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        raise SourceError(
            f"the file cannot be read to its end ({error})", remedy=GET_AGAIN, file=file, row=row + 1
        ) from None


def _advertisement(line: bytes, file: Path, row: int) -> dict[str, Any]:
    try:
        found = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise SourceError(
            "the line is no JSON; the file may be cut off, or is one list in the place of lines",
            remedy=f"{GET_AGAIN}, as JSON lines",
            file=file,
            row=row,
        ) from None
    if not isinstance(found, dict):
        raise SourceError(
            "the line is no advertisement", remedy=f"{GET_AGAIN}, as JSON lines", file=file, row=row
        )
    return found


def _add(found: dict[str, Any], file: Path, row: int, year: int, seen: set[str], counts: _Counts) -> None:
    id = str(found.get("original_id") or found.get("id") or "")
    if id and id in seen:
        counts.twice += 1
        return
    seen.add(id)
    day = re.match(r"(\d{4})-(\d\d)-\d\d", str(found.get("publication_date") or ""))
    if day is None or not 1 <= int(day[2]) <= 12:
        raise SourceError(
            f"publication_date {found.get('publication_date')!r} is no day",
            remedy=GET_AGAIN,
            file=file,
            row=row,
        )
    if int(day[1]) != year:
        counts.other_years += 1
        return
    places = _places(found.get("workplace_address"))
    if not places:
        counts.placeless += 1
        return
    month = int(day[2])
    counts.months.add((year, month))
    openings = found.get("number_of_vacancies")
    for code in places:
        place = (code, year, month)
        counts.advertisements[place] += 1
        if isinstance(openings, int) and not isinstance(openings, bool) and openings > 0:
            counts.openings[place] += openings
        else:
            counts.unstated.add(place)


def _places(address: Any) -> list[str]:
    """Return the municipality and its county, or the county alone where no municipality is stated."""
    if not isinstance(address, dict):
        return []
    code, county = (str(address.get(name) or "") for name in ("municipality_code", "region_code"))
    if regions.is_municipality(code):
        return [code, regions.county_of(code)]
    return [county] if county in regions.COUNTIES else []


def _part_of_file(file: Path, year: int, digest: str, counted: int) -> dict[str, Any]:
    return {
        "file": file.name,
        "url": "",
        "selection": {"year": [str(year)]},
        "read": datetime.now(UTC).isoformat(timespec="seconds"),
        "sha256": digest,
        "cells": counted,
    }


def _tidied_counts(counts: _Counts) -> pd.DataFrame:
    """Return one row a region and month; a region without an advertisement in a month of the files has 0."""
    import pandas as pd

    known = {*regions.names_of_municipalities(), *regions.COUNTIES}
    codes = sorted({*known, *(code for code, _year, _month in counts.advertisements)})
    rows = [
        (
            code,
            regions.name_of(code),
            *month,
            counts.advertisements[code, *month],
            None if (code, *month) in counts.unstated else counts.openings[code, *month],
        )
        for code in codes
        for month in sorted(counts.months)
    ]
    columns = ["region_code", "region_name", "year", "month", "advertisements", "openings"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["openings"] = frame["openings"].astype("Int64")
    return frame.assign(noise=False)


# --- Tillväxtverket: the share of companies short of labour, from a file downloaded by hand
# The survey (Företagens villkor och verklighet) is published in a page of its own, not through an
# interface: the file below its line chart has some rows of words and then one row a survey and county.
# Written from a public script of a region that reads that file; no file of the page was at hand.


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


def survey_of(file: Path, catalogue: Catalogue) -> Survey | None:
    """Return the survey that a file is of, by its name or its headings; None for another file."""
    for survey in catalogue.surveys:
        name = file.stem.casefold().replace("_", " ")
        if survey.about.casefold() in name or name.startswith(survey.name.replace("_", " ")):
            return survey
        if file.suffix.lower() in (".xlsx", ".csv", ".txt"):
            try:
                rows = _rows_of_file(file)
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
        held = found.setdefault(survey.name, {})
        with in_file(file):
            shares, said = _read(file, survey)
            for key, value in shares.items():
                if held.setdefault(key, value) != value:
                    raise _fault(f"{key[0]} in {key[1]} has two shares", "keep the later download only")
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
    rows = _rows_of_file(file)
    place = _heading(rows, survey)
    if place is None:
        wanted = f"{survey.columns['year'][0]}, {survey.columns['region'][0]}, {survey.columns['share'][0]}"
        raise _fault(f"no row of headings with {wanted} is found")
    above = [cell for row in rows[:place] for cell in row if cell]
    _check_words(above, file, survey)
    columns = _columns(rows[place], survey)
    body = [(number, row) for number, row in enumerate(rows[place + 1 :], place + 2) if any(row)]
    body = [one for one in body if len([cell for cell in one[1] if cell]) > 1]  # notes below the table
    body = _of_great(body, columns, rows[place], survey)
    return _shares(body, columns, rows[place]), "; ".join(above)


def _check_words(above: list[str], file: Path, survey: Survey) -> None:
    """Raise where the words above are about another obstacle, or about a part of the companies."""
    about, inside = survey.about.casefold(), " ".join(above).casefold()
    said = inside if "hinder" in inside else f"{inside} {file.stem.replace('_', ' ').casefold()}"
    if about not in said:
        obstacle = next((cell for cell in above if "hinder" in cell.casefold()), "")
        told = f"it is about {obstacle!r}" if obstacle else "nothing in it tells of which obstacle it is"
        raise _fault(f"{told}, not {survey.about!r}", "choose this obstacle when downloading")
    other = next((word for word in survey.other_answers if word in inside), "")
    if other and survey.answer not in inside:
        raise _fault(f"it counts the answer {other!r}", f"choose the answer {survey.answer!r}")
    for cell in above:
        plain = cell.casefold()
        part = next((word for word in survey.parts if word in plain), None)
        if part and not any(word in plain for word in ("alla", "samtliga", "total")):
            raise _fault(f"{cell!r} takes out a part of the companies", "download it for all companies")


def _columns(heading: Row, survey: Survey) -> _Columns:
    places = {name: _place(heading, words) for name, words in survey.columns.items()}
    used = set(places.values())
    others = tuple(i for i, cell in enumerate(heading) if cell and i not in used)
    year, region, share = (places[name] for name in ("year", "region", "share"))
    assert year is not None and region is not None and share is not None
    return _Columns(year, region, share, places.get("margin"), others)


def _of_great(
    body: list[tuple[int, Row]], columns: _Columns, heading: Row, survey: Survey
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
                "download the file for all companies, by year and county alone",
            )
    return body


def _shares(body: list[tuple[int, Row]], columns: _Columns, heading: Row) -> Shares:
    found: Shares = {}
    numbers: list[tuple[tuple[str, int], float | None, float | None]] = []
    for number, row in body:
        key = (_county(row[columns.region], number), _year(row[columns.year], number))
        share = _number(row[columns.share], heading[columns.share], number)
        margin = None if columns.margin is None else _number(row[columns.margin], "margin", number)
        numbers.append((key, share, margin))
    scale = _scale([share for _key, share, _margin in numbers if share is not None])
    points = columns.margin is not None and "procentenheter" in heading[columns.margin].casefold()
    for key, share, margin in numbers:
        wide = None if margin is None or share is None else round(margin * (1 if points else scale), 6)
        if wide is not None and wide > 100:
            raise _fault(f"{margin:g} beside a share of {share:g} is no margin of error")
        own = (None if share is None else round(share * scale, 6), wide)
        if found.setdefault(key, own) != own:
            raise _fault(f"{key[0]} in {key[1]} has two shares")
    if not any(share is not None for share, _margin in found.values()):
        raise _fault("no share is found")
    return found


def _scale(shares: list[float]) -> float:
    """Return 100 where the shares are parts of one, 1 where they are per cent; both at once are refused."""
    if any(not 0 <= share <= 100 for share in shares):
        wrong = next(share for share in shares if not 0 <= share <= 100)
        raise _fault(f"{wrong:g} is no share")
    above = [share for share in shares if share > 1]
    small = [share for share in shares if 0 < share < 1]
    if above and small:
        raise _fault(
            f"{small[0]:g} and {above[0]:g} stand in one column: parts of one, or per cent?",
            "download the file again and do not change it",
        )
    return 1.0 if above else 100.0


def _county(cell: str, row: int) -> str:
    plain = " ".join(cell.casefold().split())
    if plain in COUNTRY:
        return regions.COUNTRY
    coded = re.fullmatch(r"(\d{2})\s.+", cell)
    try:
        return regions.code_of(coded[1] if coded else cell, regions.COUNTIES)
    except DesignError:
        raise _fault(f"{cell!r} is no county", "download it by county", row) from None


def _year(cell: str, row: int) -> int:
    if re.fullmatch(r"(?:19|20)\d\d", cell) and int(cell) <= resources.today().year:
        return int(cell)
    raise _fault(f"{cell!r} is no year of a survey", "download the file again", row)


def _number(cell: str, name: str, row: int) -> float | None:
    plain = re.sub(r"[\s\u00a0\u202f%±]", "", cell).replace(",", ".")
    if plain.casefold() in NOTHING:
        return None
    if re.fullmatch(r"\d+(?:\.\d+)?(?:e-?\d+)?", plain.casefold()):
        return float(plain)
    raise _fault(f"{cell!r} in {name} is no number", "download the file again", row)


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


def _rows_of_file(file: Path) -> list[Row]:
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


def _fault(what: str, remedy: str = REMEDY, row: int | None = None) -> SourceError:
    return SourceError(what, remedy=remedy, row=row)
