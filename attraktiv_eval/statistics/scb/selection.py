"""From the catalogue's words to the codes that a table has today, and into parts that the service allows."""

from __future__ import annotations

import re
from typing import Any

from attraktiv_eval import regions
from attraktiv_eval.errors import SourceError
from attraktiv_eval.statistics.scb.catalogue import Measure, Table
from attraktiv_eval.statistics.scb.jsonstat import codes_of, labels_of

__all__ = [
    "CATALOGUE",
    "TIME",
    "level_of_code",
    "matching",
    "measures_of",
    "plain_age",
    "resolve",
    "split",
    "year_of",
]

TIME = "Tid"
CATALOGUE = "data/statistics/catalogue.toml"
SHOWN = 12


def resolve(table: Table, metadata: dict[str, Any]) -> dict[str, list[str]]:
    """Return the codes to ask for, variable by variable, in the table's own order.

    Parameters
    ----------
    table : Table
        From the catalogue.
    metadata : dict
        json-stat2 metadata of the table as it is today.

    Raises
    ------
    SourceError
        If the table has lost a code or a year, lacks a variable that the catalogue names, or has one that
        it does not name (leaving it out would let the service sum it away without a word).
    """
    wanted = {**table.selection, TIME: [], table.measure_variable: []}
    held = list(metadata["id"])
    for name in held:
        if name not in wanted:
            raise SourceError(
                f"table {table.id} has a variable {name} that the catalogue does not name; its codes are "
                f"{_shown(labels_of(metadata['dimension'][name]))}",
                remedy=f"add {name} to the selection of {table.name}",
                file=CATALOGUE,
            )
    for name in wanted:
        if name not in held:
            raise SourceError(
                f"table {table.id} has no variable {name}; it has {', '.join(held)}",
                remedy=f"correct the selection of {table.name}",
                file=CATALOGUE,
            )
    chosen: dict[str, list[str]] = {}
    for name in held:
        dimension = metadata["dimension"][name]
        if name == TIME:
            chosen[name] = _years(table, codes_of(dimension))
        elif name == table.measure_variable:
            chosen[name] = list(measures_of(table, labels_of(dimension)).values())
        elif table.selection[name] == ["@left_out"]:
            _check_can_be_left_out(table, name, dimension)
        else:
            chosen[name] = _codes(table, name, labels_of(dimension))
    return chosen


def _check_can_be_left_out(table: Table, name: str, dimension: dict[str, Any]) -> None:
    """Raise unless the service itself sums a variable that is not asked for: the published total."""
    if not (dimension.get("extension") or {}).get("elimination"):
        raise SourceError(
            f"table {table.id}: {name} cannot be left out; it has {_shown(labels_of(dimension))}",
            remedy=f"choose its total in the selection of {table.name}",
            file=CATALOGUE,
        )


def measures_of(table: Table, labels: dict[str, str]) -> dict[str, str]:
    """Return SCB's code of each measure, found by code or, where the catalogue has none, by label.

    Raises
    ------
    SourceError
        If a measure is gone; names the codes and labels that the table has.
    """
    return {name: _measure(table, name, measure, labels) for name, measure in table.measures.items()}


def _measure(table: Table, name: str, measure: Measure, labels: dict[str, str]) -> str:
    if measure.code is not None:
        if measure.code in labels:
            return measure.code
    else:
        found = matching(measure.label, labels)
        if len(found) == 1:
            return found[0]
    raise SourceError(
        f"table {table.id} has no {table.measure_variable} {measure.code or repr(measure.label)} for {name}; "
        f"it has {_shown(labels)}",
        remedy=f"correct {table.name}.{name}; SCB has changed its codes since the catalogue was written",
        file=CATALOGUE,
    )


def _codes(table: Table, variable: str, labels: dict[str, str]) -> list[str]:
    chosen: list[str] = []
    for word in table.selection[variable]:
        codes = _expand(word, labels)
        if not codes:
            raise SourceError(
                f"table {table.id} has no {word!r} of {variable}; it has {_shown(labels)}",
                remedy=f"correct the selection of {table.name}; SCB has changed its codes",
                file=CATALOGUE,
            )
        chosen.extend(codes)
    return list(dict.fromkeys(chosen))  # a code given twice gives status 500


def _expand(word: str, labels: dict[str, str]) -> list[str]:
    from pxweb.api import expand_wildcards

    if word.startswith(("label:", "contains:")):
        found = matching(word.removeprefix("label:"), labels)
        return found if len(found) < 2 or word.startswith("label:") else []
    if word in ("@counties", "@municipalities", "@country"):
        level = {"@counties": "county", "@municipalities": "municipality", "@country": "country"}[word]
        return [code for code in labels if level_of_code(code) == level]
    if word == "@single_years":
        return [code for code in labels if re.fullmatch(r"\d{1,2}|100\+1?", plain_age(code))]
    if word == "@five_years":
        return [code for code in labels if _is_five_years(code)]
    if within := re.fullmatch(r"@(single|five)_years:(\d+)-(\d+)", word):
        return _ages_within(list(labels), int(within[2]), int(within[3]), five=within[1] == "five")
    if "*" in word:
        spread: list[str] = expand_wildcards({"x": [word]}, {"x": {"category": {"label": labels}}})["x"]
        return spread
    return [word] if word in labels else []


def _ages_within(codes: list[str], low: int, high: int, *, five: bool) -> list[str]:
    """Return single years or five-year groups that together make the ages from low to high, or none."""
    kept = []
    for code in codes:
        ends = re.fullmatch(r"(\d+)-(\d+)" if five else r"((\d+))", plain_age(code))
        if ends and low <= int(ends[1]) and int(ends[2]) <= high and (not five or _is_five_years(code)):
            kept.append((int(ends[1]), int(ends[2]), code))
    covered = [age for first, last, _ in kept for age in range(first, last + 1)]
    return [code for _, _, code in kept] if sorted(covered) == list(range(low, high + 1)) else []


def plain_age(code: str) -> str:
    """Return an age code with a hyphen for any dash, and without blanks and the word ``år``."""
    return re.sub(r"\s*(?:år)?\s*", "", re.sub("[\u2010-\u2015\u2212]", "-", code))


def _is_five_years(code: str) -> bool:
    plain = plain_age(code)
    if plain in ("-4", "0-4", "100+5"):
        return True
    ends = re.fullmatch(r"(\d+)-(\d+)", plain)
    return bool(ends) and int(ends[2]) - int(ends[1]) == 4  # type: ignore[index]


def level_of_code(code: str) -> str:
    """Return county, municipality or country, as a code of a region has it, or other."""
    try:
        return regions.level_of(code)
    except SourceError:
        return "other"


def year_of(period: str) -> int | None:
    """Return the year of a period code such as 2024, 2024K1 or 2024M01; None where it has none."""
    found = re.fullmatch(r"(\d{4})(?:[KQMH]\d{1,2})?", period)
    return int(found[1]) if found else None


def _years(table: Table, periods: list[str]) -> list[str]:
    """Return the periods of the catalogue's years; in a core table none may be missing."""
    last = table.last_year
    kept = [p for p in periods if (y := year_of(p)) and y >= table.first_year and (last is None or y <= last)]
    present = {year_of(period) for period in kept}
    newest = max((year for year in present if year), default=table.first_year)
    first = table.first_year if table.core else min((year for year in present if year), default=newest)
    until = last if table.core and last is not None else newest
    for year in range(first, until + 1):
        if year not in present:
            raise SourceError(
                f"table {table.id} has no year {year}; it has {periods[0]} to {periods[-1]}",
                remedy=f"look at SCB's page; then correct first_year or last_year of {table.name}",
                file=CATALOGUE,
            )
    return kept


def split(selection: dict[str, list[str]], cells: int) -> list[dict[str, list[str]]]:
    """Return parts of a selection with at most so many cells each, in order (pxwebpy's splitting)."""
    from pxweb.api import split_value_codes

    parts: list[dict[str, list[str]]] = split_value_codes(selection, cells)
    return parts


def matching(words: str, labels: dict[str, str]) -> list[str]:
    """Return the codes whose label is these words, contains them (``contains:``), or is any (``*``)."""
    if words == "*":
        return list(labels)
    if words.startswith("contains:"):
        part = _plain(words.removeprefix("contains:"))
        return [code for code, label in labels.items() if part in _plain(label)]
    return [code for code, label in labels.items() if _plain(label) == _plain(words)]


def _plain(label: str) -> str:
    return " ".join(label.casefold().split())


def _shown(labels: dict[str, str]) -> str:
    listed = [f"{code} ({label})" if label != code else code for code, label in labels.items()]
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more
