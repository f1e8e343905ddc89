"""The catalogue of SCB tables that can be fetched, read from ``data/statistics/catalogue.toml``."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from attraktiv_eval import regions, resources
from attraktiv_eval.errors import SourceError, one_of
from attraktiv_eval.resources import read_toml
from attraktiv_eval.statistics.scb.jsonstat import Cube, codes_of, labels_of

if TYPE_CHECKING:
    import pandas as pd


Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Measure(_Part):
    """A value of the measure variable: SCB's code where it is known, its Swedish label, its English ones."""

    label: Text
    code: Text | None = None
    english: list[Text] = Field(default_factory=list)


class Search(_Part):
    """How to find a table whose id is not known: words of the query and the folder that it lies in."""

    query: Text
    folder: Text


class Table(_Part):
    """One SCB table and what is asked of it; the keys are told at the top of the catalogue itself."""

    name: Name
    id: Annotated[str, StringConstraints(pattern=r"^TAB\d+$")] | None = None
    old_name: Text | None = None
    search: Search | None = None
    by_hand: bool = False
    url: Text | None = None
    title: Text
    unit: Text
    first_year: int = Field(ge=1900, le=2100)
    last_year: int | None = Field(default=None, ge=1900, le=2100)
    noise: bool = False
    noise_from: int | None = Field(default=None, ge=1900, le=2100)
    core: bool = False
    stock: bool = False
    quarterly: bool = False
    monthly: bool = False
    age_variable: Text | None = None
    region_variable: Text = "Region"
    origin_variable: Text | None = None
    measure_variable: Text = "ContentsCode"
    sum_over: list[Text] = Field(default_factory=list)
    selection: dict[str, list[Text]]
    measures: dict[Name, Measure] = Field(min_length=1)
    note: Text
    not_tried: Text | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Table:
        if not (self.id or self.search or self.by_hand):
            raise ValueError("give id, search or by_hand")
        if self.last_year is not None and self.last_year < self.first_year:
            raise ValueError("last_year lies before first_year")
        absent = [name for name in self.sum_over if name not in self.selection]
        if absent:
            raise ValueError(f"sum_over names {absent[0]}, which the selection lacks")
        return self

    @property
    def key(self) -> str:
        """The table's name in the manifest: tidy name and SCB id or old name."""
        return f"{self.name}/{self.id or self.old_name or (self.search and self.search.folder)}"

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that name a row of the tidy table."""
        extra = ("quarter",) if self.quarterly else ("age_group",) if self.age_variable else ()
        extra = ("month",) if self.monthly else extra
        extra = ("origin_code",) if self.origin_variable else extra
        return ("region_code", "region_name", "year", *extra)

    @property
    def first_noisy_year(self) -> int | None:
        """The first year whose cells carry the cell-key method's random error; None where none does."""
        return self.noise_from if self.noise_from is not None else self.first_year if self.noise else None

    def fingerprint(self) -> str:
        """Return the SHA-256 of everything that decides which cells are asked for."""
        parts = self.model_dump(
            exclude={"note", "not_tried", "title", "unit", "core", "url", "noise", "noise_from"}
        )
        if not self.monthly:
            del parts["monthly"]  # what was fetched before there were months stays known
        for measure in parts["measures"].values():
            del measure["english"]  # for files by hand only
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class Indicator(_Part):
    """One key figure of Kolada; the bounds are what its unit allows."""

    name: Name
    kpi: Annotated[str, StringConstraints(pattern=r"^[NU]\d{5}$")]
    measure: Name
    title: Text
    unit: Text
    first_year: int = Field(ge=1900, le=2100)
    last_year: int | None = Field(default=None, ge=1900, le=2100)
    least: float | None = None
    most: float | None = None
    note: Text
    not_tried: Text | None = None

    @property
    def key(self) -> str:
        """The key figure's name in the manifest: tidy name and id."""
        return f"{self.name}/{self.kpi}"

    def fingerprint(self) -> str:
        """Return the SHA-256 of everything that decides which figures are taken."""
        parts = self.model_dump(include={"kpi", "measure", "first_year", "last_year", "least", "most"})
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class Survey(_Part):
    """A question of a survey, in a file downloaded by hand: ``about`` and ``answer`` are its own words.

    ``columns`` are the headings of year, region, share and, where a file has one, margin; ``parts`` are words
    by which a file tells that it is about some companies only.
    """

    name: Name
    measure: Name
    title: Text
    publisher: Text
    url: Text
    unit: Text
    about: Text
    answer: Text
    other_answers: list[Text] = Field(default_factory=list)
    columns: dict[Name, list[Text]]
    parts: list[Text] = Field(default_factory=list)
    note: Text
    note_sv: Text
    not_tried: Text | None = None

    @model_validator(mode="after")
    def _names_its_columns(self) -> Survey:
        if lacking := [name for name in ("year", "region", "share") if not self.columns.get(name)]:
            raise ValueError(f"columns does not name {lacking[0]}")
        return self


class Division(_Part):
    """A division of the municipalities into groups: SCB's code list, and how many groups it has."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    codelist: Text
    groups: int = Field(gt=1)
    title: Text
    not_tried: Text | None = None


@dataclass(frozen=True)
class Counted:
    """A tidy table that is counted from files in the place of being asked for."""

    name: str
    of: str

    @property
    def key(self) -> str:
        """The table's name in the manifest."""
        return f"{self.name}/{self.of}"


class Catalogue(_Part):
    """All tables of SCB, Kolada's key figures and surveys, in the order of the file."""

    tables: list[Table]
    kolada: list[Indicator] = Field(default_factory=list)
    surveys: list[Survey] = Field(default_factory=list)
    divisions: list[Division] = Field(default_factory=list)

    def division(self, name: str) -> Division:
        """Return a division by its name; a SourceError names those that there are."""
        for one in self.divisions:
            if one.name == name:
                return one
        raise SourceError(
            f"the catalogue has no division {name!r}",
            remedy=one_of([one.name for one in self.divisions], name),
        )

    def indicators(self, names: Sequence[str]) -> list[Indicator]:
        """Return the key figures of the given tidy names.

        Raises
        ------
        SourceError
            If a name is not among them.
        """
        known = {one.name: one for one in self.kolada}
        for name in names:
            if name not in known:
                raise SourceError(
                    f"the catalogue has no key figure {name!r}",
                    remedy=f"choose among {', '.join(known) or 'none: it has no [[kolada]]'}",
                )
        return [known[name] for name in dict.fromkeys(names)]

    def named(self, names: list[str] | None = None) -> list[Table]:
        """Return the tables of the given tidy names, or every table.

        Raises
        ------
        SourceError
            If a name is not in the catalogue.
        """
        if not names:
            return list(self.tables)
        known = list(dict.fromkeys(table.name for table in self.tables))
        for name in names:
            if name not in known:
                raise SourceError(
                    f"the catalogue has no table {name!r}", remedy=f"choose among {', '.join(known)}"
                )
        return [table for table in self.tables if table.name in names]

    @classmethod
    def load(cls, path: Path | None = None) -> Catalogue:
        """Read the catalogue; None reads the shipped ``data/statistics/catalogue.toml``.

        Raises
        ------
        SourceError
            If the file is missing, no TOML, or a table in it is incomplete; names the table and the key.
        """
        file = resources.find("data/statistics/catalogue.toml") if path is None else Path(path)
        try:
            return cls.model_validate(read_toml(file))
        except OSError as error:
            raise SourceError(
                f"the catalogue cannot be read ({error.strerror})", remedy="give its path", file=file
            ) from None
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            key = ".".join(str(part) for part in first["loc"])
            what = first["msg"].removeprefix("Value error, ")
            raise SourceError(
                f"{key}: {what}", remedy="see the words at the top of the catalogue", file=file
            ) from None
        except ValueError as error:
            raise SourceError(f"no valid TOML: {error}", remedy="mend the line", file=file) from None


# --- From the catalogue's words to the codes that a table has today

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
            places = name in (table.region_variable, table.origin_variable)
            if places and {"*", "@counties", "@municipalities"} & set(table.selection[name]):
                _check_no_region_lost(table, chosen[name])
    return chosen


def _check_no_region_lost(table: Table, codes: list[str]) -> None:
    """Raise unless all that were wanted are all there are: every county, and every municipality or none."""
    for level, every in every_region().items():
        lost = sorted(every - set(codes))
        if lost and every & set(codes):
            more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
            raise SourceError(
                f"table {table.id} has no {level} {', '.join(lost[:3])}{more}, though it has others",
                remedy="try again another day; if it stays, look at SCB's page: the division has changed",
            )


@cache
def every_region() -> dict[str, frozenset[str]]:
    """Return the codes of all counties, and of all municipalities of the embedded panel."""
    from attraktiv_eval.statistics.tables import PANEL_FILE, read_municipalities

    table = read_municipalities(resources.find(f"data/statistics/{PANEL_FILE}"))
    return {"county": frozenset(regions.COUNTIES), "municipality": frozenset(table["region_code"])}


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


# --- From SCB's cubes to tidy region-by-year tables

#: Groups of age, by their first and last year.
AGE_GROUPS: dict[str, tuple[int, int]] = {
    "0-19": (0, 19),
    "20-34": (20, 34),
    "35-49": (35, 49),
    "50-64": (50, 64),
    "65+": (65, 200),
}

#: What SCB's symbols say of a cell that has no number.
MEANINGS: dict[str, str] = {
    "..": "not available, or too uncertain to be given",
    ".": "cannot occur",
    ":": "suppressed",
    "not formed": "the municipality did not exist yet",
}


def tidy(cube: Cube, table: Table) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a tidy table and the list of its missing cells.

    Parameters
    ----------
    cube : Cube
        Every cell of the selection.
    table : Table
        Says what is summed and what is measured.

    Returns
    -------
    table : DataFrame
        The key columns, one ``Float64`` column a measure, and ``noise``. Counties and municipalities only:
        the country and the large-city areas 0010, 0020 and 0030 are left out. A sum with a missing part
        is missing.
    missing : DataFrame
        The key columns, measure, symbol and meaning of every cell without a number.
    """
    import numpy as np
    import pandas as pd

    values, symbols, codes = _reduce(cube, table)
    measures = measures_of(table, cube.labels[table.measure_variable])
    areas, periods = codes[table.region_variable], codes[TIME]
    further = table.age_variable or table.origin_variable
    ages = codes.get(further or "", [""])
    axes = [table.region_variable, TIME, *([further] if further else []), table.measure_variable]
    order = [list(codes).index(axis) for axis in axes]
    values, symbols = values.transpose(order), symbols.transpose(order)
    rows = len(areas) * len(periods) * len(ages)
    index: Any = np.unravel_index(np.arange(rows), (len(areas), len(periods), len(ages)))
    names = cube.labels[table.region_variable]
    frame = pd.DataFrame(
        {
            "region_code": pd.Series(np.array(areas, dtype=object)[index[0]], dtype="str"),
            "region_name": pd.Series(
                np.array([_name(names[code]) for code in areas], dtype=object)[index[0]], dtype="str"
            ),
            "year": np.array([year_of(p) for p in periods])[index[1]],
        }
    )
    if table.quarterly:
        frame["quarter"] = np.array([int(p[-1]) for p in periods])[index[1]]
    if table.monthly:
        frame["month"] = np.array([int(p[-2:]) for p in periods])[index[1]]
    if table.age_variable:
        frame["age_group"] = pd.Series(np.array(ages, dtype=object)[index[2]], dtype="str")
    if table.origin_variable:
        frame["origin_code"] = pd.Series(np.array(ages, dtype=object)[index[2]], dtype="str")
    position = {code: i for i, code in enumerate(codes[table.measure_variable])}
    flat, marks = values.reshape(rows, -1), symbols.reshape(rows, -1)
    signs = [*cube.signs, "not formed"]
    unformed = _not_formed(frame, table)
    absent = []
    for name, code in measures.items():
        column, mark = flat[:, position[code]].copy(), marks[:, position[code]].copy()
        column[unformed], mark[unformed] = np.nan, len(signs) - 1
        frame[name] = pd.Series(column).astype("Float64")
        gone = np.isnan(column)
        absent.append(_missing(frame.loc[gone, list(table.keys)], name, mark[gone], signs))
    noisy_from = table.first_noisy_year
    frame["noise"] = frame["year"] >= noisy_from if noisy_from is not None else False
    return _without_empty_years(frame, pd.concat(absent, ignore_index=True), list(measures))


def _without_empty_years(
    frame: pd.DataFrame, absent: pd.DataFrame, measures: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leave out the last years without any figure: SCB lays a year out before it is over."""
    held = frame.loc[frame[measures].notna().any(axis=1), "year"]
    last = held.max() if len(held) else frame["year"].max()
    return (
        frame[frame["year"] <= last].reset_index(drop=True),
        absent[absent["year"] <= last].reset_index(drop=True),
    )


def _reduce(cube: Cube, table: Table) -> tuple[Any, Any, dict[str, list[str]]]:
    """Leave out what is no county or municipality, sum what has no total, and group ages."""
    import numpy as np

    values, symbols, codes = cube.numbers, cube.symbols, dict(cube.codes)
    for place in filter(None, (table.region_variable, table.origin_variable)):
        keep = [i for i, code in enumerate(codes[place]) if _is_kept(code)]
        axis = list(codes).index(place)
        values, symbols = values.take(keep, axis), symbols.take(keep, axis)
        codes[place] = [codes[place][i] for i in keep]
    if table.age_variable:
        axis = list(codes).index(table.age_variable)
        parts = [
            [i for i, code in enumerate(codes[table.age_variable]) if age_group(code) == group]
            for group in AGE_GROUPS
        ]
        values = np.stack([values.take(part, axis).sum(axis) for part in parts], axis)
        symbols = np.stack([symbols.take(part, axis).max(axis, initial=0) for part in parts], axis)
        codes[table.age_variable] = list(AGE_GROUPS)
    measured = {
        table.region_variable,
        table.origin_variable,
        TIME,
        table.age_variable,
        table.measure_variable,
    }
    for name in [name for name in codes if name not in measured]:
        axis = list(codes).index(name)
        if len(codes[name]) > 1 and name not in table.sum_over:
            raise SourceError(
                f"table {table.id}: {name} has {len(codes[name])} values and is not summed",
                remedy=f"choose one code of {name}, or name it in sum_over of {table.name}",
                file="data/statistics/catalogue.toml",
            )
        values, symbols = values.sum(axis), symbols.max(axis)
        del codes[name]
    return values, symbols, codes


def _is_kept(code: str) -> bool:
    try:
        return regions.level_of(code) in ("county", "municipality")
    except SourceError:
        return False


def age_group(code: str) -> str | None:
    """Return the group of an age code such as 7, 20-24, -4, 100+ or 100+5; None for a total.

    SCB writes the dash as a hyphen or an en dash, and some tables add the word ``år``.
    """
    plain = plain_age(code)
    found = re.fullmatch(r"(\d*)(?:-(\d+))?(\+\d{0,2})?", plain)
    if not found or not (found[1] or found[2]):
        return None
    first = int(found[1] or 0)
    return next((name for name, (low, high) in AGE_GROUPS.items() if low <= first <= high), None)


def _name(label: str) -> str:
    """Return a region's name without the code before it or the word behind it that some tables have."""
    return re.sub(r"^\d{2,4}\s+|\s+\((?:(?:In|Ut)flyttningslän|to|from)\)$", "", label.strip())


def _not_formed(frame: pd.DataFrame, table: Table) -> Any:
    """Say in which rows a municipality did not exist yet: SCB gives 0 there, which is no count."""
    import numpy as np

    rows = np.zeros(len(frame), dtype=bool)
    for code, (moves, _) in regions.FORMED_LATER.items():
        first = moves - 1 if table.stock else moves
        rows |= ((frame["region_code"] == code) & (frame["year"] < first)).to_numpy()
    return rows


def _missing(keys: pd.DataFrame, measure: str, marks: Any, signs: list[str]) -> pd.DataFrame:
    listed = keys.copy()
    listed["measure"] = measure
    listed["symbol"] = [signs[mark] or ".." for mark in marks]
    listed["meaning"] = [MEANINGS.get(symbol, "no number given") for symbol in listed["symbol"]]
    return listed


def join(parts: list[tuple[Table, pd.DataFrame]]) -> pd.DataFrame:
    """Join tables of the same name; where periods meet, the later table of the catalogue stands.

    The ``noise`` column tells the rows that carry the cell-key method's random error.
    """
    import pandas as pd

    kept: list[pd.DataFrame] = []
    taken: set[tuple[int, ...]] = set()
    own = parts[0][0]
    when = ["year", *(["quarter"] if own.quarterly else ["month"] if own.monthly else [])]
    for _, frame in reversed(parts):
        periods = list(map(tuple, frame[when].to_numpy().tolist()))
        kept.insert(0, frame[[period not in taken for period in periods]])
        taken |= set(periods)
    keys = list(parts[0][0].keys)
    order = [key for key in keys if key != "region_name"]
    return pd.concat(kept, ignore_index=True).sort_values(order, ignore_index=True)
