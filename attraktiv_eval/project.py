"""The evaluated project: period, goals, money, organisations and region, read from ``data/project.toml``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from operator import index
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    ValidationError,
    model_validator,
)

from attraktiv_eval import resources
from attraktiv_eval.errors import ParameterError, ProjectError
from attraktiv_eval.resources import Origin, parse_toml, text_of_input

__all__ = [
    "Funding",
    "Goal",
    "Judgement",
    "NamedOrganisation",
    "Phase",
    "Project",
    "Region",
    "SealedDraw",
    "Statement",
    "Unforeseen",
]

#: What a goal can count, and the list of records that measures it. Persons are the members of the households
#: that moved in; participations are those of the activities, where nobody is followed afterwards.
COUNTED = {
    "households": "households",
    "persons": "households",
    "companies": "companies",
    "organisations": "organisations",
    "participations": "activities",
}
#: What is counted but followed no further, and the verdict's rule that says so on levels 2 and 3.
NOT_FOLLOWED = {"organisations": "not_applicable", "participations": "not_followed"}

#: What a report on a region of another country would need.
NEEDED_ELSEWHERE = (
    "a region elsewhere would need official statistics in the form of SCB's, with comparison regions and "
    "their codes"
)

#: No goal counts to more, and no project costs more, than numbers of 64 bits hold.
MOST = 10**15

OrganisationKind = Literal[
    "region", "municipality", "public_agency", "university", "company", "business_organisation"
]

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
CountyCode = Annotated[str, StringConstraints(pattern=r"^\d{2}$")]
GoalId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
MunicipalityCode = Annotated[str, StringConstraints(pattern=r"^\d{4}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Goal(_Part):
    """A countable promise to the board.

    ``counts`` is what is counted, and so which list of records measures it; it may be left out where the id
    says it. ``unit`` stands after a number; ``name`` and ``unit`` in a language are needed only where the
    report's own words for what is counted are not the goal's.
    """

    id: GoalId
    target: int = Field(gt=0, le=MOST)
    counts: Literal["households", "persons", "companies", "organisations", "participations"]
    unit: Text
    label_sv: Text
    label_en: Text
    name_sv: Text | None = None
    name_en: Text | None = None
    unit_sv: Text | None = None
    unit_en: Text | None = None
    source: Text

    @model_validator(mode="before")
    @classmethod
    def _counts_what_its_id_says(cls, values: Any) -> Any:
        if isinstance(values, dict) and "counts" not in values:
            said = values.get("id")
            return {**values, "counts": said} if isinstance(said, str) and said in COUNTED else values
        return values

    @model_validator(mode="after")
    def _id_does_not_deceive(self) -> Goal:
        if self.id in COUNTED and self.id != self.counts:
            raise ValueError(f"a goal with the id {self.id} cannot count {self.counts}")
        return self

    @property
    def measured_by(self) -> str:
        """The list of records that the goal is counted from."""
        return COUNTED[self.counts]

    @property
    def followed(self) -> bool:
        """Whether levels 2 and 3 can say anything: each one counted can be asked, or seen in statistics."""
        return self.counts not in NOT_FOLLOWED


class Funding(_Part):
    """A financier's part; ``decided_sek`` is None where no amount was published."""

    financier: Text
    kind: Literal["grant", "own", "cash", "in_kind"]
    decided_sek: int | None = Field(default=None, ge=0, le=MOST)
    source: Text


class Phase(_Part):
    """A phase of Talent Attraction Management, or an activity area, with its Swedish and English words."""

    id: Text
    sv: Text
    en: Text


class Statement(_Part):
    """A sentence of the decision in both languages, with its source."""

    sv: Text
    en: Text
    source: Text


class Unforeseen(_Part):
    """An effect that nobody planned, good or bad, as it was noted; ``noted`` is the day of the note."""

    sv: Text
    en: Text
    kind: Literal["wanted", "unwanted", "unclear"] = "unclear"
    noted: date
    source: Text


class Judgement(_Part):
    """What the evaluator or the project has written, in both languages; ``source`` is who, ``noted`` when."""

    sv: Text
    en: Text
    noted: date
    source: Text


class NamedOrganisation(_Part):
    """A participating organisation that is named in public."""

    name: Text
    organisation_number: Annotated[str, StringConstraints(pattern=r"^\d{6}-\d{4}$")] | None = None
    kind: OrganisationKind
    role: Text | None = None
    funding_kind: Literal["grant", "own", "cash", "in_kind"] | None = None
    source: Text


class SealedDraw(_Part):
    """A sealed draw among the project's applicants; paths are relative to the project's file.

    ``outcomes`` is the list of what became of them, and ``asked`` the day on which they were asked: no
    earlier yearly report tells of it. ``key`` is the pseudonyms' key, empty for the one beside the folder.
    """

    folder: Text
    outcomes: Text
    asked: date
    key: str = ""


class Region(_Part):
    """The region that the project worked for: a county, a municipality, or several counties together.

    Attributes
    ----------
    code : str
        "23" for a county, "2321" for a municipality; those of several counties joined by a plus sign.
    starts : dict of code to year
        The first year of counties that began later than the project, among several.
    """

    code: Annotated[str, StringConstraints(pattern=r"^(\d{2}(\+\d{2})*|\d{4})$")]
    name: Text
    kind: Literal["county", "municipality", "counties"]
    source: Text
    municipalities: dict[MunicipalityCode, Text]
    starts: dict[CountyCode, int] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _is_of_sweden(cls, values: Any) -> Any:
        """Read several codes as one, and refuse what no report can be about, with what would be needed."""
        if not isinstance(values, dict):
            return values
        code, kind = values.get("code"), values.get("kind")
        if isinstance(code, list):
            code = "+".join(str(one).strip() for one in code)
        elif isinstance(code, str) and kind == "counties":
            code = "+".join(part.strip() for part in re.split(r"[,+]", code))
        if isinstance(code, str):
            _refuse_elsewhere(code, kind)
        return {**values, "code": code}

    @model_validator(mode="after")
    def _its_municipalities_lie_in_it(self) -> Region:
        if not self.municipalities:
            raise ValueError("the region has no municipality")
        outside = sorted(code for code in self.municipalities if not code.startswith(self.codes))
        if outside:
            where = "is not the project's" if self.kind == "municipality" else "does not lie in"
            named = "" if self.kind == "municipality" else f" {self._named}"
            raise ValueError(f"municipality {outside[0]} {where}{named}")
        for code in self.codes:
            if not any(one.startswith(code) for one in self.municipalities):
                raise ValueError(f"county {code} has no municipality; name those of every county")
        unknown = sorted(set(self.starts) - set(self.codes if self.several else ()))
        if unknown:
            raise ValueError(
                f"starts names {unknown[0]}, which is none of several counties; only they have own starts"
            )
        return self

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of its counties, or of the municipality."""
        return tuple(self.code.split("+"))

    @property
    def several(self) -> bool:
        """Whether it is several counties."""
        return len(self.codes) > 1

    @property
    def _named(self) -> str:
        return f"county {self.code}" if not self.several else f"the counties {', '.join(self.codes)}"


def _refuse_elsewhere(code: str, kind: object) -> None:
    """Refuse a code that is no region of Sweden of its kind."""
    codes = code.split("+")
    digits = 4 if kind == "municipality" else 2
    elsewhere = [one for one in codes if not re.fullmatch(r"\d{2}|\d{4}", one)]
    if elsewhere:
        raise ValueError(f"{elsewhere[0]!r} is no county of Sweden; {NEEDED_ELSEWHERE}")
    if kind in ("county", "municipality", "counties") and any(len(one) != digits for one in codes):
        other = "municipality" if digits == 2 else "county"
        raise ValueError(
            f'{codes[0]} is the code of a {other}, and kind says {kind}; write kind = "{other}", or the code '
            f"of a {kind if kind != 'counties' else 'county'}"
        )
    if len(set(codes)) < len(codes):
        raise ValueError(f"county {max(codes, key=codes.count)} is named twice")
    if kind == "counties" and len(codes) < 2:
        raise ValueError('one county is no group; write its code as text and kind = "county"')
    if kind in ("county", "municipality") and len(codes) > 1:
        raise ValueError(
            'several codes are given; write kind = "counties", or the code of one'
            + (": municipalities are not pooled in a report" if kind == "municipality" else "")
        )


class Project(_Part):
    """The evaluated project.

    Amounts are in SEK. An empty ``diary_number`` or ``contact`` means that the Region has not filled it in.
    ``licence`` is the address of the licence that the reports are published under, for archives.

    Examples
    --------
    >>> project = Project.load()
    >>> project.years, project.main_goal, project.goals["households"].target
    ([2020, 2021, 2022], 'households', 400)
    """

    name: Text
    start: date
    end: date
    final_report_due: date
    source: Text
    diary_number: str = ""
    licence: str = ""
    contact: str = ""
    #: Whether the project was never there: a county shown as if it had had it, in a portfolio.
    as_if: bool = False
    background: Statement | None = None
    method: Statement | None = None
    accessibility: dict[str, str] = Field(default_factory=dict)
    region: Region
    draw: SealedDraw | None = None
    goals: dict[str, Goal]
    funding: list[Funding] = Field(default_factory=list)
    phases: list[Phase] = Field(min_length=1)
    areas: list[Phase] = Field(min_length=1)
    organisations: list[NamedOrganisation] = Field(default_factory=list)
    unforeseen: list[Unforeseen] = Field(default_factory=list)
    #: How the work was meant to lead to the goals, and what similar projects have counted.
    theory: list[Statement] = Field(default_factory=list)
    sisters: list[Statement] = Field(default_factory=list)
    #: The evaluator's own words: why it went as it did, what was learnt, what happens now, equal terms.
    causes: list[Judgement] = Field(default_factory=list)
    lessons: list[Judgement] = Field(default_factory=list)
    next: list[Judgement] = Field(default_factory=list)
    horizontal: list[Judgement] = Field(default_factory=list)
    _origin: Origin = PrivateAttr(default_factory=Origin)

    @model_validator(mode="before")
    @classmethod
    def _goals_by_id(cls, values: Any) -> Any:
        """Key the list of goals by id; a goal given twice would be lost without a word."""
        goals = values.get("goals") if isinstance(values, dict) else None
        if not isinstance(goals, list):
            return values
        ids = [goal.get("id") for goal in goals if isinstance(goal, dict)]
        twice = sorted({str(one) for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"goal {twice[0]} is given twice")
        return {**values, "goals": {str(goal.get("id")): goal for goal in goals if isinstance(goal, dict)}}

    @model_validator(mode="after")
    def _is_consistent(self) -> Project:
        if self.end < self.start:
            raise ValueError(f"the end {self.end} lies before the start {self.start}")
        if self.final_report_due < self.end:
            raise ValueError(f"the final report is due {self.final_report_due}, before the end {self.end}")
        late = [
            code for code, year in self.region.starts.items() if not self.start.year <= year <= self.end.year
        ]
        if late:
            raise ValueError(
                f"county {late[0]} starts in {self.region.starts[late[0]]}, outside the project's years "
                f"{self.start.year} to {self.end.year}"
            )
        if self.region.several and self.start.year not in map(self.first_year, self.region.codes):
            raise ValueError(f"no county starts in {self.start.year}, the project's first year")
        for name, day in (("start", self.start), ("final_report_due", self.final_report_due)):
            if not 1900 <= day.year <= 2200:
                raise ValueError(f"{name} {day} is no day of a project")
        if not self.goals:
            raise ValueError("the project has no goal")
        for kind, parts in (("phase", self.phases), ("area", self.areas)):
            ids = [part.id for part in parts]
            twice = sorted({one for one in ids if ids.count(one) > 1})
            if twice:
                raise ValueError(f"{kind} {twice[0]} is given twice")
        return self

    @property
    def years(self) -> list[int]:
        """The calendar years that the project ran in."""
        return list(range(self.start.year, self.end.year + 1))

    def first_year(self, code: str) -> int:
        """Return the first year of a county of the project: its own, or the project's."""
        return self.region.starts.get(code, self.start.year)

    @property
    def starts(self) -> dict[str, int]:
        """The first year of each of several counties; empty for one region."""
        return {code: self.first_year(code) for code in self.region.codes} if self.region.several else {}

    def goals_that_count(self, *counts: str) -> list[str]:
        """Return the ids of the goals that count one of these, in the order of the file."""
        return [goal.id for goal in self.goals.values() if goal.counts in counts]

    def names_all(self, organisations: Iterable[object]) -> bool:
        """Return whether the project itself names all of these organisations; False where there are none."""
        asked, named = list(organisations), {one.name for one in self.organisations}
        return bool(asked) and all(one in named for one in asked)

    @property
    def counted(self) -> set[str]:
        """What the goals count, each once."""
        return {goal.counts for goal in self.goals.values()}

    @property
    def counts_movers(self) -> bool:
        """Whether a goal counts households or persons, so that moves and their statistics are asked about."""
        return bool(self.goals_that_count("households", "persons"))

    @property
    def counts_hires(self) -> bool:
        """Whether a goal counts companies, so that hires are asked about."""
        return bool(self.goals_that_count("companies"))

    def asked_for(self, lists: Iterable[str]) -> list[str]:
        """Return those of some lists of records that a goal of the project asks for."""
        asked = {"households": self.counts_movers, "companies": self.counts_hires}
        return [name for name in lists if asked.get(name.removeprefix("survey_"), True)]

    @property
    def main_goal(self) -> str:
        """The goal that the report leads with: of households, else of persons, of companies, or the first."""
        order = ("households", "persons", "companies")
        found = (goal for counts in order for goal in self.goals_that_count(counts))
        return next(found, next(iter(self.goals)))

    def __repr__(self) -> str:
        """Return name, region, period and goals in one line."""
        goals = ", ".join(f"{goal.id}={goal.target}" for goal in self.goals.values())
        return f"Project({self.name!r}, {self.region.code}, {self.start} to {self.end}, {goals})"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """Return period and goals, as a notebook shows them."""
        import pandas as pd

        from attraktiv_eval.texts import as_html, headed, shown_in, translator

        language = shown_in()
        _ = translator(language)
        goals = pd.DataFrame([goal.model_dump() for goal in self.goals.values()])
        told = _(
            "{name}, {region}, {start} to {end}: {organisations} organisations and {municipalities} "
            "municipalities."
        ).format(
            name=self.name,
            region=self.region.name,
            start=self.start,
            end=self.end,
            organisations=len(self.organisations),
            municipalities=len(self.region.municipalities),
        )
        names = {"id": "id", "target": _("Goal"), "counts": _("Counts"), f"label_{language}": _("In words")}
        return as_html([told], {_("Goals"): headed(goals, names)})

    @property
    def origin(self) -> Origin:
        """The file that it was read from."""
        return self._origin

    def came_from(self, origin: Origin) -> Project:
        """Return the same project with the file that it was read from."""
        known = self.model_copy()
        known._origin = origin
        return known

    @property
    def years_over(self) -> list[int]:
        """The years of the project that are over: only of these is a report made."""
        return [year for year in self.years if self.last_day(year) < resources.today()]

    @property
    def ended(self) -> bool:
        """Whether the project's last day has passed."""
        return self.end < resources.today()

    def refuse_unfinished(self, year: int | None) -> None:
        """Refuse a report on a year, or on the whole project (None), that is not over.

        Raises
        ------
        ParameterError
            With the day from which the report can be made, and the years that are over.
        """
        last = self.last_day(year) if year is not None else self.end
        if last < resources.today():
            return
        over = ", ".join(map(str, self.years_over)) or "none yet"
        what = "the project" if year is None else str(year)
        raise ParameterError(
            f"{what} is not over: its last day is {last}",
            remedy=f"make the report from {last + timedelta(days=1)} on; years that are over: {over}",
        )

    def year_of(self, year: int | str | None) -> int | None:
        """Return a year of the project as a number, also where it was written as text; None stays None.

        Raises
        ------
        ParameterError
            If it is no year, or none of the project's.

        Examples
        --------
        >>> Project.load().year_of("2021")
        2021
        """
        if year is None:
            return None
        try:
            stated = int(year) if isinstance(year, str) else index(year)
        except (TypeError, ValueError):
            stated = None
        if stated is None or isinstance(year, bool):
            raise ParameterError(f"the year {year!r} is no whole number", remedy="write it as 2021")
        if stated not in self.years:
            choice = ", ".join(map(str, self.years))
            raise ParameterError(f"{stated} is not a year of the project", remedy=f"choose one of {choice}")
        return stated

    def last_day(self, until: date | int | str | None = None) -> date:
        """Return the last day that counts: of a year of the project, or of the whole project.

        Parameters
        ----------
        until : date, int or str, optional
            A year of the project, or a day ("2021-12-31"), returned as it is; None is the project's
            end, of a running project today.

        Raises
        ------
        ParameterError
            If the year is no year of the project, or the text no day.

        Examples
        --------
        >>> Project.load().last_day(2021).isoformat()
        '2021-12-31'
        """
        if until is None:
            return self.end if self.ended else max(self.start, min(self.end, resources.today()))
        if isinstance(until, datetime):
            return until.date()
        if isinstance(until, date):
            return until
        if isinstance(until, str) and "-" in until:
            try:
                return date.fromisoformat(until.strip())
            except ValueError:
                raise ParameterError(f"{until!r} is no day", remedy="write it as 2021-12-31") from None
        year = self.year_of(until)
        assert year is not None
        return min(date(year, 12, 31), self.end)

    @classmethod
    def load(cls, path: Path | None = None) -> Project:
        """Read a project from TOML; None reads the shipped ``data/project.toml``.

        Raises
        ------
        ProjectError
            If the file is missing, is no TOML, or a key is missing, unknown or of the wrong kind;
            the error names the file and the key.

        Examples
        --------
        >>> Project.load().region.name
        'Jämtlands län'
        """
        file = resources.find("data/project.toml") if path is None else Path(path)
        try:
            text = text_of_input(file)
        except OSError as error:
            raise ProjectError(
                f"the project file cannot be read ({error.strerror or 'no such file'})",
                remedy="give the path of a project.toml; data/project.toml is an example",
                file=file,
            ) from None
        except UnicodeDecodeError as error:
            raise _no_toml(error, file) from None
        return cls.read(text, file)

    @classmethod
    def read(cls, text: str, file: Path) -> Project:
        """Return the project that a text describes; ``file`` is named where the text is wrong."""
        try:
            return cls.model_validate(parse_toml(text))
        except ValidationError as error:
            raise _project_error(error, file) from None
        except ValueError as error:
            raise _no_toml(error, file) from None


def _no_toml(error: ValueError, file: Path) -> ProjectError:
    return ProjectError(
        f"the file is no valid TOML: {error}", remedy="mend the line; UTF-8 is needed", file=file
    )


def _project_error(error: ValidationError, file: Path) -> ProjectError:
    """Return one fault as a line with its key, and how many more there are; a misspelt key goes first."""
    faults = error.errors(include_url=False)
    first = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
    key = ".".join(str(part) for part in first["loc"] if part != "[key]")
    what = first["msg"].removeprefix("Value error, ")
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    message = f"key {key}: {what}{more}" if key else f"{what}{more}"
    return ProjectError(message, remedy=_remedy(first["type"]), file=file)


def _remedy(kind: str) -> str:
    remedies = {
        "missing": "add the key; data/project.toml shows every key",
        "extra_forbidden": "remove the key, or spell it as in data/project.toml",
        "string_type": "put the value in quotation marks; codes are text",
        "string_pattern_mismatch": "write the code with all its digits, in quotation marks",
        "date_type": "write the day as 2020-01-31, without quotation marks",
    }
    return remedies.get(kind, "correct the value in the project file")
