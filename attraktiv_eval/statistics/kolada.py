"""Key figures of municipalities and regions from Kolada's API v3 (RKA), laid beside SCB's tables.

Written from the public description of the interface and not tried against the live service. The figures are
asked for anew at each fetch: the service does not tell when a figure was last changed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from attraktiv_eval import regions, resources
from attraktiv_eval.errors import SourceError
from attraktiv_eval.resources import digest_of
from attraktiv_eval.statistics.scb.catalogue import Catalogue, Indicator
from attraktiv_eval.statistics.scb.client import Answer, Client, Manifest, NotFound, write_whole
from attraktiv_eval.statistics.scb.fetch import (
    CATALOGUE,
    FOLDER,
    Fetched,
    alone_in,
    lay_panel,
    need_the_extra,
    write_tidy,
)
from attraktiv_eval.statistics.tables import PANEL_FILE, read_municipalities

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BASE_URL", "LICENCE", "PUBLISHER", "fetch_indicators"]

BASE_URL = "https://api.kolada.se/v3"
PUBLISHER = "Kolada (RKA)"
LICENCE = "free to use with the source named"

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
    catalogue: Path | None = None,
    client: Client | None = None,
) -> list[Fetched]:
    """Bring key figures of the catalogue's ``[[kolada]]`` into a folder that ``--statistics`` can name.

    Parameters
    ----------
    names : sequence of str
        Tidy names of the catalogue, such as ``unemployment``.
    to, base_url, catalogue, client
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
    need_the_extra()
    folder = Path(to) if to is not None else Path.cwd() / FOLDER
    own = folder / CATALOGUE
    chosen = Catalogue.load(catalogue or (own if own.is_file() else None)).indicators(names)
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
    manifest.tables[one.key] = {
        "id": one.kpi,
        "label": str(described.get("title") or one.title),
        "updated": "",
        "asked": one.fingerprint(),
        "complete": True,
        "notes": [],
        "selection": {"year": [str(year) for year in found]},
        "parts": parts,
    }
    frame, missing = _tidied(one, values, range(found[0], found[-1] + 1))
    write_tidy(one.name, frame, missing, [one], [], manifest)
    for file in (f"{one.name}.csv", f"missing/{one.name}.csv"):
        manifest.tidy[file] |= {"publisher": PUBLISHER, "licence": LICENCE}
    manifest.save()
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
    held = manifest.tables.get(one.key, {}).get("selection", {}).get("year", [])
    lost = sorted(set(held) - {str(year) for year in found})
    if lost:
        raise SourceError(
            f"{_where(one)} no longer has {lost[0]}, which it had when it was fetched",
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


def _tidied(one: Indicator, values: Values, years: range) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row a region and year, empty where there is no figure, and the list of those."""
    import pandas as pd

    known = read_municipalities(resources.find(f"data/statistics/{PANEL_FILE}"))
    names = dict(zip(known["region_code"], known["region_name"], strict=True)) | regions.COUNTIES
    codes = sorted({*known["region_code"], *(region for region, _year in values)})
    rows = [(code, names.get(code, code), year, values.get((code, year))) for code in codes for year in years]
    frame = pd.DataFrame(rows, columns=["region_code", "region_name", "year", one.measure])
    frame[one.measure] = frame[one.measure].astype("Float64")
    frame["noise"] = False
    missing = frame.loc[frame[one.measure].isna(), ["region_code", "region_name", "year"]]
    return frame, missing.assign(measure=one.measure)


def _told(missing: pd.DataFrame, last: int) -> str:
    """Return how many municipalities lack a figure in the last year; empty where none does."""
    lacking = int(((missing["year"] == last) & (missing["region_code"].str.len() == 4)).sum())
    return f"{lacking} municipalities have no figure for {last}" if lacking else ""
