"""Counts of the employment service's historical job advertisements, from files of JSON lines got by hand.

The files (``2020.jsonl.zip`` and the like, of data.jobtechdev.se) are read as a stream; only counts are kept.
Written from the public description of the files and not tried on the whole ones.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from attraktiv_eval import regions, resources
from attraktiv_eval.errors import SourceError
from attraktiv_eval.statistics.scb.catalogue import Counted
from attraktiv_eval.statistics.scb.client import Manifest
from attraktiv_eval.statistics.scb.fetch import FOLDER, Fetched, alone_in, lay_panel, write_tidy
from attraktiv_eval.statistics.tables import PANEL_FILE, read_municipalities

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["count_advertisements"]

PUBLISHER = "Arbetsförmedlingen (JobTech)"
TABLE = Counted("advertisements", "historical")
GET_AGAIN = "get the file again, whole"
#: Names of files that hold a sample of the advertisements.
SAMPLE = re.compile(r"percent|procent|sample|\d%", re.IGNORECASE)

Place = tuple[str, int, int]


@dataclass
class _Counts:
    """Advertisements and openings by region, year and month; ``unstated``: where one tells no openings."""

    advertisements: Counter[Place] = field(default_factory=Counter)
    openings: Counter[Place] = field(default_factory=Counter)
    unstated: set[Place] = field(default_factory=set)
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
        parts.append(_part(file, year, digest, counts.advertisements.total() - before))
    if not counts.months:
        raise SourceError("the files hold no advertisement with its place and day", remedy=GET_AGAIN)
    with alone_in(folder):
        return _written(counts, parts, Manifest.load(folder))


def _written(counts: _Counts, parts: list[dict[str, Any]], manifest: Manifest) -> Fetched:
    held = manifest.tables.get(TABLE.key, {}).get("selection", {}).get("year", [])
    years = sorted({str(year) for year, _month in counts.months})
    if lost := sorted(set(held) - set(years)):
        raise SourceError(
            f"the files no longer hold {lost[0]}, which the table has",
            remedy="give the files of all years together; the table stands as it was",
        )
    manifest.tables[TABLE.key] = {
        "id": "historical advertisements",
        "label": "Historiska annonser",
        "updated": "",
        "asked": "",
        "complete": True,
        "notes": [],
        "selection": {"year": years},
        "parts": parts,
    }
    frame = _tidied(counts)
    missing = frame.loc[frame["openings"].isna(), ["region_code", "region_name", "year", "month"]]
    told = _told(counts, years)
    write_tidy(TABLE.name, frame, missing.assign(measure="openings"), [TABLE], told, manifest)
    for file in (f"{TABLE.name}.csv", f"missing/{TABLE.name}.csv"):
        manifest.tidy[file] |= {"publisher": PUBLISHER, "licence": "CC0 1.0"}
    lay_panel(manifest.folder)
    manifest.save()
    return Fetched(TABLE.name, None, "fetched", len(frame), len(parts), "; ".join(told))


def _told(counts: _Counts, years: list[str]) -> list[str]:
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


def _part(file: Path, year: int, digest: str, counted: int) -> dict[str, Any]:
    return {
        "file": file.name,
        "url": "",
        "selection": {"year": [str(year)]},
        "read": datetime.now(UTC).isoformat(timespec="seconds"),
        "sha256": digest,
        "cells": counted,
    }


def _tidied(counts: _Counts) -> pd.DataFrame:
    """Return one row a region and month; a region without an advertisement in a month of the files has 0."""
    import pandas as pd

    known = read_municipalities(resources.find(f"data/statistics/{PANEL_FILE}"))
    names = dict(zip(known["region_code"], known["region_name"], strict=True)) | regions.COUNTIES
    codes = sorted({*names, *(code for code, _year, _month in counts.advertisements)})
    rows = [
        (
            code,
            names.get(code, code),
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
