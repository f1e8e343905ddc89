"""What can be compared: the outcomes of ``outcomes.toml``, and the rule for the best of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from attraktiv_eval import resources
from attraktiv_eval.errors import SourceError
from attraktiv_eval.resources import read_toml
from attraktiv_eval.texts import translator

__all__ = [
    "OUTCOMES",
    "OUTCOMES_FILE",
    "SHARE_OF_WINDOW",
    "TABLES",
    "YEARS_BEFORE",
    "Choice",
    "Outcome",
    "Outcomes",
    "Series",
    "unit_words",
]

OUTCOMES_FILE = "outcomes.toml"

#: The tidy tables that a folder of statistics may hold beside the panel.
TABLES: tuple[str, ...] = (
    "moves",
    "moves_by_age",
    "changes",
    "county_moves",
    "municipality_moves",
    "moves_by_month",
    "population",
    "population_by_age",
    "households",
    "vacancies",
    "employment",
    "employment_rams",
    "workplaces",
    "workplaces_by_activity",
    "new_companies",
    "unemployment",
    "advertisements",
)


#: Keys that an entry of one's own has no use for: they name a place that the package fills itself.
NOT_FOR_OWN = ("figure", "every_municipality", "by_birth", "check")
#: Tables of the folder that are no tables of outcomes, and columns that are no figures.
NO_TABLES = ("municipalities", "counties", "manifest")
NO_FIGURES = ("region_code", "region_name", "year", "quarter", "month", "age_group", "origin_code", "noise")
#: The unit of what the goal on households is compared by; it is turned into households.
MOVES = "moves"


@dataclass(frozen=True)
class Series:
    """Where an outcome's figures lie: a table, the columns that are summed, a level and the age groups."""

    table: str
    columns: tuple[str, ...]
    level: str
    ages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """A series by region and year.

    ``goal`` is the promise that it bears on. ``role`` is ``outcome`` or ``negative_control``: a series that
    attraction work should leave alone. ``per_inhabitant`` is False for what is a rate already. ``unit`` is
    what an effect counts; a ``stock`` stands at a point of time, so that its years are averaged, not summed.
    ``over_border`` is True for moves over the county border, which SCB counts in the counties of the time.
    The head of ``data/statistics/outcomes.toml`` tells of the other fields. ``own`` is True for an entry of
    a folder of one's own; ``unit_sv`` and ``unit_en`` are the unit's words after a number.
    """

    id: str
    goal: str
    sv: str
    en: str
    unit: str
    unit_sv: str
    unit_en: str
    role: str = "outcome"
    per_inhabitant: bool = True
    stock: bool = False
    over_border: bool = False
    short_sv: str = ""
    short_en: str = ""
    primary: int | None = None
    beside: bool = False
    figure: bool = False
    every_municipality: bool = False
    by_birth: bool = False
    sum_to_counties: bool = False
    check: str = ""
    difference: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()
    source: str = ""
    note_sv: str = ""
    note_en: str = ""
    own: bool = False

    def label(self, language: str = "en") -> str:
        """Return the words of the report for this outcome."""
        return self.sv if language == "sv" else self.en

    def short(self, language: str = "en") -> str:
        """Return its words in tables and figures."""
        return (self.short_sv if language == "sv" else self.short_en) or self.label(language)

    def unit_words(self, language: str = "en") -> str:
        """Return what an effect counts, as it stands after a number."""
        return self.unit_sv if language == "sv" else self.unit_en

    @property
    def words(self) -> dict[str, str]:
        """The unit's words by language."""
        return {"sv": self.unit_sv, "en": self.unit_en}

    def note(self, language: str = "en") -> str:
        """Return what a reader must know of it, or nothing."""
        return self.note_sv if language == "sv" else self.note_en


class Outcomes(Mapping[str, Outcome]):
    """The outcomes by id, in the order of their files: the package's own, then those of a folder.

    Examples
    --------
    >>> OUTCOMES.best_first("households")
    ('domestic_in_moves_over_border', 'in_moves_over_border', 'in_moves')
    >>> OUTCOMES["vacancies"].stock
    True
    """

    def __init__(
        self, entries: Mapping[str, Outcome], background: Mapping[str, tuple[Series, ...]] | None = None
    ) -> None:
        self._entries = dict(entries)
        self._background = dict(background or {})

    def __getitem__(self, key: str) -> Outcome:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        """Return how many there are."""
        return f"Outcomes({len(self)})"

    @classmethod
    def load(cls, directory: Path | None = None) -> Outcomes:
        """Read the package's outcomes, and those of a folder's own ``outcomes.toml`` where it has one.

        An entry of the package on a table that is not fetched is read as one's own is, where its file lies.

        Raises
        ------
        SourceError
            If an entry is wrong, with the file, the entry, its key and what to write instead.
        """
        shipped = resources.find(f"data/statistics/{OUTCOMES_FILE}")
        found = _read(shipped, own=False)
        folder = shipped.parent if directory is None else Path(directory)
        file = folder / OUTCOMES_FILE
        if file.is_file() and file.resolve() != shipped.resolve():
            found = _read(file, own=True, beside=found)
        lying = {id: replace(one, own=True) for id, one in found.items() if _lies_in(folder, one)}
        return Outcomes(dict(found) | lying, found._background)

    def best_first(self, goal: str) -> tuple[str, ...]:
        """Return the rule for the primary outcome of a goal: the first that the data hold for long enough."""
        placed = [(one.primary, id) for id, one in self.items() if one.goal == goal and one.primary]
        return tuple(id for _place, id in sorted(placed))

    def of_municipalities(self) -> Outcomes:
        """Return the outcomes as one municipality's goals ask for them: none over the county border first."""
        border = {id for id, one in self.items() if one.over_border}
        own = {
            id: replace(one, primary=None, beside=False) if id in border else one for id, one in self.items()
        }
        return Outcomes(own, self._background)

    def marked(self, mark: str) -> tuple[str, ...]:
        """Return the ids of those that have a mark, such as ``beside`` or ``figure``."""
        return tuple(id for id, one in self.items() if getattr(one, mark))

    def beside(self, *, in_moves: bool) -> tuple[str, ...]:
        """Return what is shown beside the primary outcome: in moves, as it is, or in what else it counts."""
        return tuple(id for id in self.marked("beside") if _as_moves(self[id]) == in_moves)

    def of_check(self, check: str) -> tuple[str, ...]:
        """Return the series that a check of a rival explanation asks for, the best first."""
        return tuple(id for id, one in self.items() if one.check == check)

    @property
    def municipal(self) -> str:
        """The outcome that every panel holds by municipality."""
        return self.marked("every_municipality")[0]

    @property
    def nets(self) -> tuple[tuple[str, str, str], ...]:
        """Net moves, and the in-moves and out-moves that they are the difference of."""
        return tuple((id, *one.difference) for id, one in self.items() if len(one.difference) == 2)  # type: ignore[misc]

    @property
    def series(self) -> tuple[tuple[str, Series], ...]:
        """Every series of an outcome or of the background, with its id."""
        of_outcomes = ((id, one) for id, outcome in self.items() for one in outcome.series)
        of_background = ((id, one) for id, series in self._background.items() for one in series)
        return tuple(chain(of_background, of_outcomes))

    @property
    def rates(self) -> frozenset[str]:
        """The columns that hold per cents and not counts."""
        rates = (one for one in self.values() if not one.per_inhabitant)
        return frozenset(name for one in rates for series in one.series for name in series.columns)

    def own_tables(self) -> dict[str, tuple[str, ...]]:
        """Return the tables that a folder's own entries name, with the columns that they ask for."""
        found: dict[str, dict[str, None]] = {}
        for one in self.values():
            for series in one.series if one.own else ():
                found.setdefault(series.table, {}).update(dict.fromkeys(series.columns))
        return {table: tuple(columns) for table, columns in found.items()}


def _lies_in(folder: Path, outcome: Outcome) -> bool:
    """Return whether an outcome rests on files in a folder alone, and on no table that is fetched."""
    tables = {series.table for series in outcome.series} or set(TABLES)
    return not tables & set(TABLES) and all((folder / f"{table}.csv").is_file() for table in tables)


def _as_moves(outcome: Outcome) -> bool:
    return outcome.goal == "households" and outcome.unit == MOVES and outcome.role == "outcome"


# --- Reading the entries

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Name = Annotated[str, StringConstraints(pattern=r"^\w[\w -]{0,55}$")]
Words = Annotated[str, StringConstraints(pattern=r"^[^<>$\r\n]{1,200}$", strip_whitespace=True)]
Prose = Annotated[str, StringConstraints(pattern=r"^[^<>$\r\n]{0,600}$", strip_whitespace=True)]
Levels = Literal["county", "municipality"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Unit(_Strict):
    sv: Words
    en: Words


class _Series(_Strict):
    table: Name
    column: Name | Annotated[list[Name], Field(min_length=1)]
    level: Levels | Annotated[list[Levels], Field(min_length=1)]
    ages: list[Words] = []


class _Background(_Strict):
    id: Id
    series: Annotated[list[_Series], Field(min_length=1)]


class _Entry(_Strict):
    id: Id
    sv: Words
    en: Words
    goal: Literal["households", "companies"]
    unit: Id
    role: Literal["outcome", "negative_control"] = "outcome"
    per_inhabitant: bool = True
    stock: bool = False
    over_border: bool = False
    short_sv: Words = ""
    short_en: Words = ""
    primary: Annotated[int, Field(ge=1, le=1000)] | None = None
    beside: bool = False
    figure: bool = False
    every_municipality: bool = False
    by_birth: bool = False
    sum_to_counties: bool = False
    check: Id | Literal[""] = ""
    difference: Annotated[list[Id], Field(min_length=2, max_length=2)] | None = None
    series: list[_Series] = []
    source: Prose = ""
    note_sv: Prose = ""
    note_en: Prose = ""


#: What may stand at each key, as a remedy says it.
_MAY_STAND = {
    "id": "small letters a to z, digits and _, such as housing_starts",
    "unit": "the id of a unit under [units], such as dwellings",
    "goal": '"households" or "companies"',
    "role": '"outcome" or "negative_control", or leave it out',
    "level": '"county", "municipality", or both in a list',
    "table": "the name of a CSV file beside it without its ending, such as housing_starts",
    "column": "the heading of the table's column, or several in a list",
    "series": '[{ table = "housing_starts", column = "housing_starts", level = "county" }]',
    "primary": "a whole number from 1, or leave it out",
    "difference": "the ids of two outcomes, or leave it out",
} | dict.fromkeys(
    ("stock", "per_inhabitant", "over_border", "beside", "sum_to_counties"), "true or false without quotes"
)


class _Reader:
    """Reads one file of outcomes; every fault is one line with the file, the entry and the key."""

    def __init__(self, file: Path, beside: Outcomes | None) -> None:
        self.file, self.beside = file, beside

    def fault(self, entry: str, key: str, what: str, remedy: str) -> SourceError:
        place = ", ".join(part for part in (entry, f"key {key}" if key else "") if part)
        return SourceError(f"{place}: {what}", remedy=remedy, file=self.file)

    def raw(self) -> dict[str, Any]:
        try:
            content = read_toml(self.file)
        except (ValueError, OSError) as error:
            raise SourceError(
                f"the outcomes cannot be read: {error}",
                remedy="write it as data/statistics/outcomes.toml is written",
                file=self.file,
            ) from None
        shapes = {"units": dict, "outcomes": list, "background": list}
        for key, value in content.items():
            if key not in shapes or not isinstance(value, shapes[key]):
                raise self.fault(
                    "the file",
                    key,
                    "is none of its parts",
                    "write [units] and [[outcomes]], and nothing else",
                )
        return content

    def entries(self, kind: str, raw: list[Any], model: type[BaseModel]) -> Iterator[Any]:
        for number, one in enumerate(raw, 1):
            id = one.get("id") if isinstance(one, dict) else None
            name = f"{kind} {id}" if isinstance(id, str) and id else f"{kind} number {number}"
            yield self.valid(name, one, model)

    def valid(self, name: str, raw: Any, model: type[BaseModel]) -> Any:
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            known = [part for part in first["loc"] if isinstance(part, int) or part in _KEYS]
            keys = [str(part + 1) if isinstance(part, int) else part for part in known]
            key, last = (
                ".".join(keys) or str(first["loc"][0] if first["loc"] else ""),
                _last_key(first["loc"]),
            )
            what, remedy = {
                "missing": ("is missing", f"write {last} = {_MAY_STAND.get(last, 'words in quotes')}"),
                "extra_forbidden": (
                    "is no key of an entry",
                    f"take it away; the keys are {', '.join(model.model_fields)}",
                ),
            }.get(
                first["type"],
                (
                    f"cannot be {_shown(first.get('input'))}",
                    f"write {_MAY_STAND.get(last, 'words in quotes, on one line, without <, > and $')}",
                ),
            )
            raise self.fault(name, key or "id", what, remedy) from None


_KEYS = frozenset({*_Entry.model_fields, *_Series.model_fields, *_Unit.model_fields})


def _last_key(place: tuple[int | str, ...]) -> str:
    return next((str(part) for part in reversed(place) if part in _KEYS), str(place[-1]) if place else "")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


def _read(file: Path, *, own: bool, beside: Outcomes | None = None) -> Outcomes:
    """Return the outcomes of a file, after those that stand beside it."""
    reader = _Reader(file, beside)
    raw = reader.raw()
    units = {} if beside is None else {one.unit: (one.unit_sv, one.unit_en) for one in beside.values()}
    for id, words in raw.get("units", {}).items():
        unit = reader.valid(f"unit {id}", words, _Unit)
        if units.setdefault(id, (unit.sv, unit.en)) != (unit.sv, unit.en):
            raise reader.fault(
                f"unit {id}", "", "is a unit of the package with other words", "give yours another id"
            )
    entries = {} if beside is None else dict(beside)
    background = {} if beside is None else dict(beside._background)
    for one in reader.entries("background", raw.get("background", []), _Background):
        if background.get(one.id) == _series(one.series):
            continue  # the package's own, in a copy of its file
        if own or one.id in background:
            raise reader.fault(
                f"background {one.id}", "id", "is for the package alone", "write it as [[outcomes]]"
            )
        background[one.id] = _series(one.series)
    for one in reader.entries("outcome", raw.get("outcomes", []), _Entry):
        words = units.get(one.unit)
        if own and words and entries.get(one.id) == _outcome(one, words, own=False):
            continue  # the package's own, in a copy of its file
        _check(reader, one, entries, background, units, own=own)
        entries[one.id] = _outcome(one, units[one.unit], own=own)
    return Outcomes(entries, background)


def _series(given: list[_Series]) -> tuple[Series, ...]:
    return tuple(
        Series(
            one.table,
            (one.column,) if isinstance(one.column, str) else tuple(one.column),
            level,
            tuple(one.ages),
        )
        for one in given
        for level in ([one.level] if isinstance(one.level, str) else one.level)
    )


def _outcome(one: _Entry, words: tuple[str, str], *, own: bool) -> Outcome:
    given = {name: getattr(one, name) for name in _Entry.model_fields}
    given |= {"series": _series(one.series), "difference": tuple(one.difference or ())}
    return Outcome(**given, unit_sv=words[0], unit_en=words[1], own=own)


def _check(
    reader: _Reader,
    one: _Entry,
    entries: Mapping[str, Outcome],
    background: Mapping[str, Any],
    units: Mapping[str, Any],
    *,
    own: bool,
) -> None:
    """Raise a SourceError about the first thing that an entry says and cannot mean."""
    name = f"outcome {one.id}"
    for wrong, key, what, remedy in (
        *_faults_of_names(one, entries, background, units),
        *_faults_of_series(one, entries),
        *(_faults_of_own(one) if own else ()),
    ):
        if wrong:
            raise reader.fault(name, key, what, remedy)


#: Whether something is wrong, at which key, what, and the remedy.
_Fault = tuple[object, str, str, str]


def _faults_of_names(
    one: _Entry, entries: Mapping[str, Outcome], background: Mapping[str, Any], units: Mapping[str, Any]
) -> Iterator[_Fault]:
    others = [other for other in entries.values() if other.goal == one.goal]
    taken = next((other.id for other in others if one.primary and other.primary == one.primary), "")
    unit = f'write under [units]: {one.unit} = {{ sv = "...", en = "..." }}'
    yield one.id in entries or one.id in background, "id", "stands already", "give the outcome another id"
    yield one.unit not in units, "unit", f"{one.unit} is no unit", unit
    yield taken, "primary", f"the place is that of {taken}", "write another number"


def _faults_of_series(one: _Entry, entries: Mapping[str, Outcome]) -> Iterator[_Fault]:
    unknown = next((id for id in one.difference or () if id not in entries), "")
    figures = next((name for part in _series(one.series) for name in part.columns if name in NO_FIGURES), "")
    table = next((part.table for part in one.series if part.table in NO_TABLES), "")
    both, neither = one.series and one.difference, not one.series and not one.difference
    two = "write the ids of two outcomes that stand above"
    yield neither, "series", "is missing", f"write series = {_MAY_STAND['series']}"
    yield both, "difference", "stands beside series", "take one of them away"
    yield unknown, "difference", f"{unknown} is no outcome above", two
    yield (
        table,
        "series",
        f"{table}.csv is no table of outcomes",
        "put the figures in a CSV file of their own",
    )
    yield figures, "series", f"{figures} is no column of figures", "name the column that holds the figures"
    yield one.over_border and one.unit != MOVES, "over_border", "is for moves", "take it away"


def _faults_of_own(one: _Entry) -> Iterator[_Fault]:
    kept = next((key for key in NOT_FOR_OWN if getattr(one, key)), "")
    no_moves = one.unit != MOVES or one.stock or not one.per_inhabitant
    what = "the goal on households is compared by moves alone"
    remedy = "take primary away and write beside = true: it is then shown in its own unit"
    yield kept, kept, "is for the package's own outcomes", "take it away"
    yield one.primary and one.goal == "households" and no_moves, "primary", what, remedy


#: The package's own outcomes. A panel has these and those of its folder: :attr:`Panel.defined`.
OUTCOMES: Outcomes = Outcomes.load()

#: Years before the project that an outcome of a goal needs to be the primary one. The statistics on
#: companies begin later than those on moves; their candidates race on what there is.
YEARS_BEFORE: dict[str, int] = {"households": 12, "companies": 8}

#: The share of the window's years, its first among them, that an outcome needs to be the primary one.
SHARE_OF_WINDOW = Fraction(2, 3)


def unit_words(unit: str, language: str) -> str:
    """Return the words of a unit of the package's own, as they stand after a number; else its id."""
    return next((one.unit_words(language) for one in OUTCOMES.values() if one.unit == unit), unit)


@dataclass(frozen=True)
class Choice:
    """The primary outcome of a goal and why: ``id`` is None where the data hold none.

    Attributes
    ----------
    goal : str
    id : str or None
    lacking : tuple of str
        The better outcomes that the data do not hold for long enough, in the order of the rule.
    window : (int, int)
        First and last year that the report asks about.
    years : (int, int) or None
        The years of the window that the outcome covers: the comparison is about them.
    beside : str or None
        The next best outcome that covers the whole window, where the primary one does not.
    defined : Outcomes
        What the rule chose among.
    """

    goal: str
    id: str | None
    lacking: tuple[str, ...]
    window: tuple[int, int]
    years: tuple[int, int] | None = None
    beside: str | None = None
    defined: Outcomes = field(default_factory=lambda: OUTCOMES, repr=False, compare=False)

    @property
    def shortened(self) -> bool:
        """Whether the comparison is about fewer years than the report asks about."""
        return self.years is not None and self.years != self.window

    def sentence(self, language: str = "en") -> str:
        """Return the choice, the years compared, the rule and what was lacking, in words of the report."""
        _ = translator(language)
        labels = {id: one.label(language) for id, one in self.defined.items()}
        rule = _(
            "It is the first in a list that has figures for every county, for at least {years} years "
            "before the project, for its first year and for two thirds of the years of the report "
            "({window}). The list: {outcomes}."
        ).format(
            years=YEARS_BEFORE[self.goal],
            window=_span(self.window),
            outcomes="; ".join(labels[id] for id in self.defined.best_first(self.goal)),
        )
        if self.id is None or self.years is None:
            return _("No series in the statistics is long enough for this goal.") + " " + rule
        parts = [
            _("What is compared first: {outcome}, {years}.").format(
                outcome=labels[self.id], years=_span(self.years)
            ),
            rule,
        ]
        if self.lacking:
            parts.append(
                _(
                    "Better, but not in the statistics of this run, or too short, with holes or without any "
                    "change there: {outcomes}."
                ).format(outcomes="; ".join(labels[id] for id in self.lacking))
            )
        if self.shortened:
            parts.append(
                _("The statistics on it end in {last}, so the comparison is about {years} alone.").format(
                    last=self.years[1], years=_span(self.years)
                )
            )
        return " ".join(parts)


def _span(years: tuple[int, int]) -> str:
    return str(years[0]) if years[0] == years[1] else f"{years[0]}–{years[1]}"
