"""The counties of Sweden, which county a municipality lies in, and the pools of comparison counties."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from attraktiv_eval.errors import DesignError, SourceError, one_of
from attraktiv_eval.resources import find, read_input

__all__ = [
    "CHANGED_COUNTY",
    "COUNTIES",
    "COUNTRY",
    "FORMED_LATER",
    "LARGE_CITY_AREAS",
    "MUNICIPAL_POOLS",
    "NEIGHBOURS",
    "POOLS",
    "Likened",
    "Pool",
    "as_sparse_as",
    "code_of",
    "codes_of",
    "county_of",
    "donor_pool",
    "group_of_municipalities",
    "is_municipality",
    "level_of",
    "name_of",
    "names_of_municipalities",
    "pool_name",
    "pools_of",
]

COUNTRY = "00"

#: Greater Stockholm, Greater Gothenburg and Greater Malmö: four digits, yet no municipalities.
LARGE_CITY_AREAS: tuple[str, ...] = ("0010", "0020", "0030")

#: County code to name. Codes 02, 11, 15 and 16 belong to counties that no longer exist.
COUNTIES: dict[str, str] = {
    "01": "Stockholms län",
    "03": "Uppsala län",
    "04": "Södermanlands län",
    "05": "Östergötlands län",
    "06": "Jönköpings län",
    "07": "Kronobergs län",
    "08": "Kalmar län",
    "09": "Gotlands län",
    "10": "Blekinge län",
    "12": "Skåne län",
    "13": "Hallands län",
    "14": "Västra Götalands län",
    "17": "Värmlands län",
    "18": "Örebro län",
    "19": "Västmanlands län",
    "20": "Dalarnas län",
    "21": "Gävleborgs län",
    "22": "Västernorrlands län",
    "23": "Jämtlands län",
    "24": "Västerbottens län",
    "25": "Norrbottens län",
}


#: Heby: its code today, the first year in its new county, the new county and the old one.
CHANGED_COUNTY: tuple[str, int, str, str] = ("0331", 2007, "03", "19")

#: Municipalities formed within the years of the statistics: first year of their own moves, and the
#: municipality that they were a part of until then, which holds their counts before. Their population stands
#: from the year before, as SCB gives it in the division of the day after 31 December.
FORMED_LATER: dict[str, tuple[int, str]] = {"0140": (1999, "0181"), "0330": (2003, "0380")}


#: County code to the counties that it has a border with on land.
NEIGHBOURS: dict[str, tuple[str, ...]] = {
    "01": ("03", "04"),
    "03": ("01", "19", "21"),
    "04": ("01", "05", "18", "19"),
    "05": ("04", "06", "08", "14", "18"),
    "06": ("05", "07", "08", "13", "14"),
    "07": ("06", "08", "10", "12", "13"),
    "08": ("05", "06", "07", "10"),
    "09": (),
    "10": ("07", "08", "12"),
    "12": ("07", "10", "13"),
    "13": ("06", "07", "12", "14"),
    "14": ("05", "06", "13", "17", "18"),
    "17": ("14", "18", "20"),
    "18": ("04", "05", "14", "17", "19", "20"),
    "19": ("03", "04", "18", "20", "21"),
    "20": ("17", "18", "19", "21", "23"),
    "21": ("03", "19", "20", "22", "23"),
    "22": ("21", "23", "24"),
    "23": ("20", "21", "22", "24"),
    "24": ("22", "23", "25"),
    "25": ("24",),
}


@dataclass(frozen=True)
class Pool:
    """A pool of comparison counties: all but ``excluded``, or ``only`` the listed ones."""

    id: str
    sv: str
    en: str
    excluded: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None


#: Stockholm, Skåne and Västra Götaland hold the metropolitan areas, whose flows COVID turned. Västerbotten
#: and Norrbotten had the green-industry boom and bust. Sparsely populated: fewer inhabitants per square
#: kilometre of land than the country as a whole (about 25 at the end of 2019, SCB).
POOLS: dict[str, Pool] = {
    pool.id: pool
    for pool in (
        Pool("all", "Alla övriga län", "All other counties"),
        Pool(
            "no_metropolitan",
            "Utan storstadslänen",
            "Without the metropolitan counties",
            excluded=("01", "12", "14"),
        ),
        Pool(
            "no_metropolitan_no_green",
            "Utan storstadslänen, Västerbotten och Norrbotten",
            "Without the metropolitan counties, Västerbotten and Norrbotten",
            excluded=("01", "12", "14", "24", "25"),
        ),
        Pool(
            "sparsely_populated",
            "Glest befolkade län",
            "Sparsely populated counties",
            only=("07", "08", "09", "17", "20", "21", "22", "23", "24", "25"),
        ),
    )
}

#: The pools of a municipality, by SKR's division of 2023, the widest first.
MUNICIPAL_POOLS: dict[str, Pool] = {
    pool.id: pool
    for pool in (
        Pool("main_group", "Kommuner i samma huvudgrupp (SKR 2023)", "Municipalities of the same main group"),
        Pool("own_group", "Kommuner i samma kommungrupp (SKR 2023)", "Municipalities of the same group"),
        Pool(
            "own_group_outside",
            "Kommuner i samma kommungrupp, utanför länet",
            "Municipalities of the same group, outside the county",
        ),
    )
}


def codes_of(region: str) -> tuple[str, ...]:
    """Return the codes that a region is made of: several counties are joined by a plus sign.

    Examples
    --------
    >>> codes_of("20+21"), codes_of("2321")
    (('20', '21'), ('2321',))
    """
    return tuple(region.split("+"))


def pools_of(region: str) -> tuple[str, ...]:
    """Return the pools that a region can be compared with, the widest first.

    Examples
    --------
    >>> pools_of("2321"), pools_of("23")[0]
    (('main_group', 'own_group', 'own_group_outside'), 'all')
    """
    return tuple(MUNICIPAL_POOLS if is_municipality(region) else POOLS)


def pool_name(pool: str, language: str) -> str:
    """Return a pool in words; an unknown one as it is.

    Examples
    --------
    >>> pool_name("all", "en")
    'All other counties'
    """
    found = (POOLS | MUNICIPAL_POOLS).get(pool)
    return pool if found is None else str(getattr(found, language))


def level_of(code: str) -> str:
    """Return ``"country"``, ``"county"``, ``"large_city_area"`` or ``"municipality"`` for an SCB region code.

    Raises
    ------
    SourceError
        If the code is no region: not text, the wrong length, or in no county of today.
    """
    if isinstance(code, str) and code.isascii() and code.isdigit():
        if code == COUNTRY:
            return "country"
        if code in COUNTIES:
            return "county"
        if code in LARGE_CITY_AREAS:
            return "large_city_area"
        if len(code) == 4 and code[:2] in COUNTIES and code[2:] != "00":
            return "municipality"
    raise SourceError(
        f"{code!r} is no region code",
        remedy='use SCB\'s codes as text with all their digits: "07" for a county, "0114" for a municipality',
    )


def is_municipality(code: str) -> bool:
    """Return whether a code has the form of a municipality of one of today's counties."""
    try:
        return level_of(code) == "municipality"
    except SourceError:
        return False


def county_of(code: str) -> str:
    """Return the county of today that a municipality, or a county itself, belongs to.

    Heby (0331) came to Uppsala län in 2007 and is counted there in every year.

    Raises
    ------
    SourceError
        If the code is neither a county nor a municipality.

    Examples
    --------
    >>> county_of("2380")
    '23'
    """
    if level_of(code) in ("county", "municipality"):
        return code[:2]
    raise SourceError(
        f"{code!r} lies in no single county", remedy="give the code of a county or of a municipality"
    )


@cache
def _names() -> dict[str, str]:
    """Return the name of every county and municipality of the shipped statistics by its code."""
    with find("data/statistics/municipalities.csv").open(encoding="utf-8-sig", newline="") as file:
        return COUNTIES | {row["region_code"]: row["region_name"] for row in csv.DictReader(file)}


def names_of_municipalities() -> dict[str, str]:
    """Return the name of every municipality of the shipped statistics by its code."""
    return {code: name for code, name in _names().items() if len(code) == 4}


def name_of(code: str) -> str:
    """Return the name of a region by its code, of several joined by a plus sign; else the code as it is.

    Examples
    --------
    >>> name_of("2321"), name_of("20+21")
    ('Åre', 'Dalarnas län + Gävleborgs län')
    """
    return " + ".join(_names().get(one, one) for one in codes_of(code))


def _plain(name: str) -> str:
    """Return a region's name as it is compared: Jämtlands län, jämtlands and Jämtland are one."""
    words = unicodedata.normalize("NFC", name).casefold().split()
    if len(words) > 1 and words[-1] in ("län", "county", "kommun", "municipality"):
        words = words[:-1]
    return " ".join(words)


def code_of(region: str, among: Collection[str]) -> str:
    """Return the code of a county or municipality that is called by its name, or by its code.

    Parameters
    ----------
    region : str
        Its code, or its name with or without "län" or "kommun"; several counties by their codes, "20+21".
    among : collection of str
        The codes that it can have.

    Raises
    ------
    DesignError
        If there is no such region among them; the remedy names the one most like it.

    Examples
    --------
    >>> code_of("Jämtland", COUNTIES), code_of("krokom", ["2309", "2380"]), code_of("20+21", COUNTIES)
    ('23', '2309', '20+21')
    """
    if region in among:
        return region
    if isinstance(region, str) and "+" in region and all(one in among for one in region.split("+")):
        return region
    named = {name: code for code, name in _names().items() if code in among}
    if isinstance(region, str):
        wanted = _plain(region)
        for shorten in (str, lambda text: text.removesuffix("s")):
            found = [code for name, code in named.items() if shorten(_plain(name)) == shorten(wanted)]
            if len(found) == 1:
                return found[0]
    raise DesignError(f"{region!r} is no region here", remedy=one_of(sorted(named) or sorted(among), region))


class Likened(Protocol):
    """Says which regions were most like one, as a panel of statistics does."""

    def similar(self, region: str, before: int, **options: Any) -> Any:
        """Return a table with ``region_code``, the region itself first."""
        ...


def donor_pool(
    pool: str = "all",
    treated: str | Collection[str] | None = None,
    groups: Path | str | None = None,
    *,
    panel: Likened | None = None,
    before: int | None = None,
    **options: Any,
) -> list[str]:
    """Return the codes of a pool of comparison regions, the treated left out, in order.

    Parameters
    ----------
    pool : str
        A key of :data:`POOLS`, for counties, or of :data:`MUNICIPAL_POOLS`, for one municipality; or for
        municipalities ``"group:skr_2023"``, those of the treated one's own group in a division, or
        ``"group:skr_2023=C8"``, those of the group named; or for one county or municipality ``"similar"``,
        those most like it before a project, the most alike first.
    treated : str or collection of str, optional
        A county, several counties ("20+21"), or municipalities, by code or name; default the shipped
        project's county.
    groups : path, optional
        A file with other divisions, as :func:`group_of_municipalities` reads it; None is the shipped
        ``data/regions/municipality_groups.csv``, which has SKR's municipality groups of 2023.
    panel, before, options
        For ``"similar"``: the statistics, the first year of the project, and what
        :meth:`attraktiv_eval.Panel.similar` takes beside (``outcome``, ``years``, ``count``).

    Raises
    ------
    DesignError
        If the pool is unknown, a treated region is not of its level, the treated municipalities are of
        several groups, or nobody else is of theirs.
    SourceError
        If the file of groups is faulty, or has no such division.

    Examples
    --------
    >>> donor_pool("sparsely_populated", "23")[:4]
    ['07', '08', '09', '17']
    >>> pool = donor_pool("group:skr_2023", "Krokom")
    >>> len(pool), "2309" in pool, "0319" in pool
    (62, False, True)
    """
    if pool == "similar":
        return _similar(treated, panel, before, options)
    if panel is not None or before is not None or options:
        named = ", ".join(["panel", "before", *options])
        raise DesignError(f"the pool {pool!r} takes no {named}", remedy='leave them out, or choose "similar"')
    kind, _colon, division = pool.partition(":") if isinstance(pool, str) else ("", "", "")
    if kind == "group":
        return _group_pool(division, treated, groups)
    if pool in MUNICIPAL_POOLS:
        return _municipal_pool(pool, treated)
    if pool not in POOLS:
        raise DesignError(
            f"unknown donor pool {pool!r}",
            remedy=one_of([*POOLS, "group:skr_2023", "similar"], pool),
        )
    if treated is None:
        from attraktiv_eval.project import Project

        treated = Project.load().region.code
    several = isinstance(treated, Collection) and not isinstance(treated, str)
    asked = tuple(treated) if several else codes_of(str(treated))
    try:
        own = [code_of(one, COUNTIES) for one in asked]
    except DesignError as error:
        raise DesignError(
            f"{treated!r} is no county",
            remedy=f'give a county code as text, such as "07" for Kronobergs län, or a name: {error.remedy}; '
            'municipalities have pools such as "group:skr_2023"',
        ) from None
    chosen = POOLS[pool]
    codes = chosen.only if chosen.only is not None else tuple(COUNTIES)
    return [code for code in codes if code not in own and code not in chosen.excluded]


def _municipal_pool(pool: str, treated: str | Collection[str] | None) -> list[str]:
    """Return the municipalities of the same group as one, or of its main group."""
    groups = _groups(find("data/regions/municipality_groups.csv"), "skr_2023")
    asked = [treated] if isinstance(treated, str) else list(treated or ())
    if len(asked) != 1:
        raise DesignError(f"the pool {pool!r} is of one municipality", remedy="name it by code or name")
    own = code_of(asked[0], groups)
    if pool == "main_group":
        return [code for code in as_sparse_as(own) if code != own]
    found = sorted(code for code, group in groups.items() if group == groups[own] and code != own)
    return found if pool == "own_group" else [one for one in found if county_of(one) != county_of(own)]


def _similar(
    treated: str | Collection[str] | None,
    panel: Likened | None,
    before: int | None,
    options: dict[str, Any],
) -> list[str]:
    """Return the regions most like the treated one, which must be one alone."""
    asked = [treated] if isinstance(treated, str) else list(treated or ())
    if panel is None or before is None or len(asked) != 1:
        raise DesignError(
            "likeness is to one region before a year",
            remedy='write it as donor_pool("similar", "Krokom", panel=panel, before=2020)',
        )
    unknown = sorted(set(options) - {"outcome", "years", "count"})
    if unknown:
        raise DesignError(
            f"there is no option {unknown[0]!r}", remedy=one_of(["outcome", "years", "count"], unknown[0])
        )
    return [str(code) for code in panel.similar(asked[0], before, **options)["region_code"][1:]]


def as_sparse_as(code: str) -> list[str]:
    """Return the regions of a region's own level that are as sparse, itself among them, in order.

    For a county those on its side of the pool ``sparsely_populated``; for a municipality those of its main
    group (A, B or C) in SKR's division of 2023.

    Examples
    --------
    >>> as_sparse_as("23") == list(POOLS["sparsely_populated"].only)
    True
    """
    if code in COUNTIES:
        sparse = POOLS["sparsely_populated"].only or ()
        return [one for one in COUNTIES if (one in sparse) == (code in sparse)]
    groups = _groups(find("data/regions/municipality_groups.csv"), "skr_2023")
    return sorted(one for one, group in groups.items() if group[0] == groups[code][0])


def _group_pool(division: str, treated: str | Collection[str] | None, groups: Path | str | None) -> list[str]:
    """Return the municipalities of a named group, or of the one that the treated municipalities are of."""
    column, _equals, group = (part.strip() for part in division.partition("="))
    if not column:
        raise DesignError("the pool names no division", remedy='write it as "group:skr_2023"')
    file = find("data/regions/municipality_groups.csv") if groups is None else Path(groups)
    of = _groups(file, column)
    asked = [treated] if isinstance(treated, str) else list(treated or ())
    codes = [code_of(one, of) for one in asked]
    if not group:
        own = sorted({of[code] for code in codes})
        if len(own) != 1:
            held = f"are of the groups {', '.join(own)}" if own else "are not named"
            raise DesignError(
                f"the treated municipalities {held}",
                remedy=f'name them, or the group, as "group:{column}={min(own or of.values())}"',
            )
        group = own[0]
    return group_of_municipalities(file, column, group, codes)


def group_of_municipalities(file: Path, column: str, group: str, treated: Collection[str] = ()) -> list[str]:
    """Return the municipalities of a group as a pool of comparison municipalities, the treated left out.

    Parameters
    ----------
    file : Path
        A CSV (comma or semicolon, UTF-8) with ``region_code`` and a column a division. Shipped is
        ``data/regions/municipality_groups.csv`` with SKR's municipality groups of 2023; labour-market
        regions of SCB come from a file of one's own. Divisions change with their edition: the column says
        which.
    column : str
        The division.
    group : str
        A value of that column, as it stands there.
    treated : collection of str
        Codes of municipalities.

    Raises
    ------
    SourceError
        If the file cannot be read, lacks a column, or a row has no municipality's code, no group, or the code
        of an earlier row.
    DesignError
        If no municipality is of the group, or all that are, are treated.
    """
    found = _groups(file, column)
    if group not in found.values():
        known = sorted(set(found.values()))
        raise DesignError(f"no municipality is of the group {group!r}", remedy=one_of(known, group))
    pool = sorted(code for code, value in found.items() if value == group and code not in set(treated))
    if not pool:
        raise DesignError(f"all municipalities of {group!r} are treated", remedy="choose another group")
    return pool


def _groups(file: Path, column: str) -> dict[str, str]:
    """Return the group of each municipality of a file, by code."""
    found: dict[str, str] = {}
    for row, cells in _rows_of(file, column):
        code, value = (cells.get("region_code") or "").strip(), (cells.get(column) or "").strip()
        if not is_municipality(code):
            why = (
                "lost its first zero"
                if len(code) == 3 and is_municipality(f"0{code}")
                else "is no municipality"
            )
            raise SourceError(
                f"{code!r} {why}",
                remedy="keep the codes as text of four digits, one row a municipality",
                file=file,
                row=row,
                column="region_code",
            )
        if code in found:
            raise SourceError(
                f"{code} stands here a second time",
                remedy="keep one row",
                file=file,
                row=row,
                column="region_code",
            )
        if not value:
            raise SourceError(
                f"{code} has no group",
                remedy="fill it in, or take the row out",
                file=file,
                row=row,
                column=column,
            )
        found[code] = value
    return found


def _rows_of(file: Path, column: str) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a CSV with their numbers, once it has a code and the column."""
    try:
        text = read_input(file).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(
            f"the file cannot be read ({error})", remedy="give a CSV in UTF-8", file=file
        ) from None
    mark = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.DictReader(io.StringIO(text), delimiter=mark)
    heads = reader.fieldnames or []
    for name in ("region_code", column):
        if name not in heads:
            raise SourceError(
                f"the column {name} is missing; the file has {', '.join(heads) or 'none'}",
                remedy="give the column its name in the first row",
                file=file,
            )
    return [(reader.line_num, cells) for cells in reader]
