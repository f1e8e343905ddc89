"""Describes a new project: a project.toml, folders and the empty workbook."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from typing import Any, get_args

import typer

from attraktiv_eval.errors import DesignError, ParameterError, PublicationError, one_of
from attraktiv_eval.project import COUNTED, OrganisationKind, Project
from attraktiv_eval.regions import COUNTIES, code_of, codes_of, name_of, names_of_municipalities
from attraktiv_eval.resources import toml_text, writing
from attraktiv_eval.texts import LANGUAGES, about, kind_of, worded

KINDS: tuple[OrganisationKind, ...] = get_args(OrganisationKind)
#: What a name says of an organisation's kind, in Swedish or English; the first that fits is taken.
GUESSES: tuple[tuple[str, OrganisationKind], ...] = (
    (r"\b(AB|HB|KB|aktiebolag(et)?)\b", "company"),
    (r"kommun(en)?\b|\bmunicipality\b", "municipality"),
    (r"^region\b|regionen\b", "region"),
    (
        r"\b(länsstyrelsen|arbetsförmedlingen|försäkringskassan|migrationsverket|skatteverket|skolverket"
        r"|skogsstyrelsen|tillväxtverket|trafikverket|polismyndigheten|county administrative board)\b",
        "public_agency",
    ),
    (r"universitet|(?<!folk)högskola|\buniversity\b", "university"),
    (r"handelskammar|\bföretagarna\b|svenskt näringsliv|\bchamber of commerce\b", "business_organisation"),
)


@dataclass(frozen=True)
class Organisation:
    """A participating organisation; ``guessed`` says that nobody stated its kind."""

    name: str
    kind: OrganisationKind
    guessed: bool = False


@dataclass(frozen=True)
class Answers:
    """What must be known of a project before it can be described."""

    name: str
    region: str
    start: date
    end: date
    goals: dict[str, int]
    organisations: list[Organisation] = field(default_factory=list)


def ask(
    name: str | None,
    region: str | None,
    start: str | None,
    end: str | None,
    goals: list[str] | None,
    organisations: list[str] | None,
) -> Answers:
    """Return the answers of the flags, and ask for those that were not given.

    Every flag is checked before the first question, and every answer at once. At a terminal a wrong answer
    is asked for again. Answers may also be piped, one a line in the order of the questions; a wrong one of
    these ends the questions, since the next line answers another. Organisations are asked for one by one,
    till an empty line or the end of what is piped; an empty flag says that there are none.

    Raises
    ------
    ParameterError
        If a flag or a piped answer is wrong, or an answer is missing and there is nobody to ask.
    """
    given = {"name": name, "region": region, "start": start, "end": end}
    given["goal"] = ",".join(goals) if goals else None
    found: dict[str, Any] = {}
    for flag, text in given.items():
        if text is not None:
            found[flag] = QUESTIONS[flag][1](text, found)
    named = None if organisations is None else _organisations(organisations)
    for flag, (question, check) in QUESTIONS.items():
        if flag not in found:
            found[flag] = _asked(question, flag, check, found)
    return Answers(
        name=found["name"],
        region=found["region"],
        start=found["start"],
        end=found["end"],
        goals=found["goal"],
        organisations=_asked_organisations() if named is None else named,
    )


def guessed_kind(name: str) -> OrganisationKind:
    """Return the kind that an organisation's name speaks for; a company where it says nothing.

    Examples
    --------
    >>> [guessed_kind(name) for name in ("Växjö kommun", "Region Kronoberg", "Linnéuniversitetet")]
    ['municipality', 'region', 'university']
    """
    fits = (kind for pattern, kind in GUESSES if re.search(pattern, name, re.IGNORECASE))
    return next(fits, "company")


# The questions, and what is wrong with an answer ----------------------------------------------------------


def _asked(question: str, flag: str, check: Check, found: dict[str, Any]) -> Any:
    while True:
        text = _line(question)
        if text is None:
            raise ParameterError(f"--{flag} is missing", remedy=f"give --{flag}")
        try:
            return check(text, found)
        except ParameterError as wrong:
            _say(wrong)


def _asked_organisations() -> list[Organisation]:
    found: list[Organisation] = []
    question = f"A participating organisation, as NAME or NAME=KIND ({', '.join(KINDS)}; empty: no more)"
    while text := (_line(question) or "").strip():
        try:
            found = _organisations([text], found)
        except ParameterError as wrong:
            _say(wrong)
    return found


def _line(question: str) -> str | None:
    """Return one line that is typed or piped, or None where there is no more."""
    try:
        if sys.stdin.isatty():
            return input(f"{question}: ")
        typer.echo(question, err=True)
        return sys.stdin.readline() or None
    except EOFError:
        return None
    except UnicodeDecodeError:
        raise ParameterError("the answers are no text in UTF-8", remedy="pipe them as UTF-8") from None


def _say(wrong: ParameterError) -> None:
    """Say what is wrong to someone who can answer again; there is nobody behind a pipe."""
    if not sys.stdin.isatty():
        raise wrong
    typer.echo(wrong.one_line(), err=True)


def _name(text: str, _found: dict[str, Any]) -> str:
    if not text.strip():
        raise ParameterError("the name is empty", remedy="say what the project is called")
    return text.strip()


def _region(text: str, _found: dict[str, Any]) -> str:
    told = [one.strip() for one in re.split(r"[,+]", text)]
    codes = [
        _code(one, COUNTIES if len(told) > 1 else (*COUNTIES, *names_of_municipalities())) for one in told
    ]
    if len(set(codes)) < len(codes):
        raise ParameterError(f"{max(codes, key=codes.count)} is given twice", remedy="give it once")
    return "+".join(codes)


def _code(text: str, among: Collection[str]) -> str:
    """Return the code of a region called by its code or name; a name of two must say which is meant."""
    found = []
    for level in (COUNTIES, names_of_municipalities()):
        with suppress(DesignError):
            found.append(code_of(text, [code for code in among if code in level]))
    word = text.casefold().split()[-1:]
    if len(found) == 2 and word in (["län"], ["county"], ["kommun"], ["municipality"]):
        return found[word in (["kommun"], ["municipality"])]
    if len(found) == 2:
        county, municipality = found
        raise ParameterError(
            f"{text!r} is both a county and a municipality", remedy=f"write {county}, or {municipality}"
        )
    if not found:
        near, told, _rest = one_of(map(name_of, among), text).partition(", or choose")
        near = f"{near}, or " if told else ""
        raise ParameterError(
            f"{text!r} is no region of Sweden",
            remedy=f"{near}give a county by its two digits ({', '.join(COUNTIES)}) or its name, several with "
            "a plus sign between, or a municipality by its four digits or its name",
        )
    return found[0]


def _start(text: str, found: dict[str, Any]) -> date:
    return _in_order(_day(text, "--start"), found.get("end"))[0]


def _end(text: str, found: dict[str, Any]) -> date:
    return _in_order(found.get("start"), _day(text, "--end"))[1]


def _in_order(start: Any, end: Any) -> tuple[Any, Any]:
    if None not in (start, end) and end < start:
        raise ParameterError(f"the end {end} lies before the start {start}", remedy="give the end after it")
    return start, end


def _day(text: str, flag: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ParameterError(f"{flag} {text!r} is no day", remedy="write it as 2020-01-31") from None


def _goals(text: str, _found: dict[str, Any]) -> dict[str, int]:
    goals: dict[str, int] = {}
    for one in text.split(","):
        kind, _, amount = one.strip().partition("=")
        kind = kind.strip()
        if kind not in COUNTED:
            raise ParameterError(
                f"{kind!r} is nothing that can be counted", remedy=f"choose among {', '.join(COUNTED)}"
            )
        if kind in goals:
            raise ParameterError(f"goal {kind} is given twice", remedy="give it once")
        if not amount.strip().isdecimal() or int(amount) < 1:
            raise ParameterError(f"{one.strip()!r} says no number", remedy=f"write it as {kind}=300")
        goals[kind] = int(amount)
    return goals


def _organisations(told: Iterable[str], known: Iterable[Organisation] = ()) -> list[Organisation]:
    found = list(known)
    for text in filter(None, (one.strip() for one in told)):
        one = _organisation_of(text)
        if one.name in [other.name for other in found]:
            raise ParameterError(f"organisation {one.name!r} is given twice", remedy="give it once")
        found.append(one)
    return found


def _organisation_of(text: str) -> Organisation:
    if "=" not in text:
        return Organisation(text, guessed_kind(text), guessed=True)
    name, _, told = (part.strip() for part in text.rpartition("="))
    kind = next((one for one in KINDS if one == told), None)
    if kind is None or not name:
        raise ParameterError(
            f"{text!r} says no name and kind", remedy=f"write NAME=KIND, with one of {', '.join(KINDS)}"
        )
    return Organisation(name, kind)


Check = Callable[[str, dict[str, Any]], Any]
#: The flags that must be answered, in the order of the questions, and what checks an answer; a check sees
#: the answers that are known.
QUESTIONS: dict[str, tuple[str, Check]] = {
    "name": ("Name of the project", _name),
    "region": (
        f"County code ({', '.join(f'{code} {county}' for code, county in COUNTIES.items())}), several as "
        "20+21, or a municipality; codes or names",
        _region,
    ),
    "start": ("First day, as 2020-01-01", _start),
    "end": ("Last day, as 2022-12-31", _end),
    "goal": ("Goals, such as persons=300, companies=50", _goals),
}


# --- Describes a new project: a project.toml, folders and the empty workbook

#: Swedish and English words for a goal of a kind, to be put into one's own; of another kind its own word.
GOAL_WORDS = {
    "households": ("Hushåll som flyttar till länet", "Households that move to the county"),
    "persons": ("Personer som flyttar till länet", "Persons that move to the county"),
    "companies": ("Företag som får tillgång till arbetskraft", "Companies that get access to labour"),
    "organisations": ("Deltagande organisationer", "Participating organisations"),
    "participations": ("Deltagande i projektets aktiviteter", "Participations in the project's activities"),
}
PHASES = (
    ("attract", "Attrahera", "Attract"),
    ("welcome", "Välkomna", "Welcome"),
    ("integrate", "Integrera", "Integrate"),
    ("brand", "Stärkt varumärke", "Strengthened brand"),
)
AREAS = (
    ("collaboration_platform", "Plattform för samverkan", "Platform for collaboration"),
    ("labour_market_marketing", "Marknadsföring", "Marketing"),
)
DAYS_TO_REPORT = 90  # a final report is due three months after the end, where nothing else was decided
HEAD = """\
# The evaluated project, as data. Written by attraktiv-eval new: put the words of your own decision into it,
# and name the source of each statement. Codes are text and stand in quotation marks.

"""
FOOT = """
# An effect that nobody planned is noted here, one block each, and told in every report from that day on:
#
# [[unforeseen]]
# noted = 2021-03-01
# kind = "unwanted"    # or "wanted", "unclear"
# sv = "Vad som hände, i en mening."
# en = "What happened, in one sentence."
# source = "who noted it, and where"
#
# How the work was meant to lead to the goals, [[theory]], and what similar projects counted, [[sisters]]:
# with sv, en and source. Your own words, shown as yours: [[causes]], [[lessons]], [[next]] and [[horizontal]]
# (equality, diversity, environment), with noted besides, such as:
#
# [[causes]]
# noted = 2023-01-31
# sv = "Varför målet inte nåddes, i en mening eller två."
# en = "Why the goal was not met, in a sentence or two."
# source = "the evaluator"
"""
GUESSED = "# The kind was guessed from the name: correct it where it is wrong.\n"
OWN = "to be filled in: the decision that says so"


def check_place(directory: Path) -> None:
    """Check that a project can be described here; better before the questions than after them.

    Raises
    ------
    PublicationError
        If the folder holds something already.
    """
    with suppress(FileNotFoundError):
        directory.stat()  # what the system refuses is told before any question
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise PublicationError(
            "there is something here already", remedy="give a new or empty folder", file=directory
        )


def make_project(directory: Path, answers: Answers, languages: Sequence[str] = ("sv",)) -> list[Path]:
    """Write the description, the folders and the workbook, one a language; return the files.

    Raises
    ------
    PublicationError
        If the folder holds something already, or cannot be written.
    ProjectError
        If the answers make no valid project; nothing is written.
    """
    from attraktiv_eval.records.workbook import write_workbook

    check_place(directory)
    file, text = directory / "project.toml", project_text(answers)
    project = Project.read(text, file)
    with writing("the folder", directory):
        (directory / "records").mkdir(parents=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    written = [write_workbook(directory / "records", project, language) for language in languages]
    return [file, *chain.from_iterable(written)]


def project_text(answers: Answers) -> str:
    """Return the text of project.toml."""
    kind = kind_of(answers.region)
    inside = [one for one in names_of_municipalities() if one.startswith(codes_of(answers.region))]
    told: dict[str, Any] = {
        "name": answers.name,
        "start": answers.start,
        "end": answers.end,
        "final_report_due": answers.end + timedelta(days=DAYS_TO_REPORT),
        "source": OWN,
        "diary_number": "",
        "contact": "",
        "accessibility": {"standard": "EN 301 549, WCAG 2.1 AA", "contact": ""},
        "region": {
            "code": answers.region if kind != "counties" else list(codes_of(answers.region)),
            "name": _name_of(answers.region),
            "kind": kind,
            "source": "SCB, county and municipality codes",
            "municipalities": {one: name_of(one) for one in sorted(inside)},
        },
        "goals": [_goal(counts, target, kind) for counts, target in answers.goals.items()],
        "phases": [{"id": id, "sv": sv, "en": en} for id, sv, en in PHASES],
        "areas": [{"id": id, "sv": sv, "en": en} for id, sv, en in AREAS],
    }
    organisations = "".join(_organisation(one) for one in answers.organisations)
    return HEAD + toml_text(told) + organisations + FOOT


def _organisation(one: Organisation) -> str:
    """Return the block of a participating organisation; a guessed kind is marked as one."""
    block = "[[organisations]]\n" + toml_text({"name": one.name, "kind": one.kind, "source": OWN})
    return f"\n{GUESSED if one.guessed else ''}{block}"


def _name_of(region: str) -> str:
    """Return what a region is called: Åre kommun, or several counties by their names."""
    *first, last = [name_of(code) for code in codes_of(region)]
    if first:
        return f"{', '.join(first)} och {last}"
    genitive = "" if last[-1] in "aeiouyåäösxz" or last in ("Kalmar", "Orust") else "s"
    return last if kind_of(region) == "county" else f"{last}{genitive} kommun"


def _goal(counts: str, target: int, kind: str) -> dict[str, Any]:
    from attraktiv_eval.reporting import labels

    told = GOAL_WORDS.get(counts) or [labels.word("goal", counts, language) for language in LANGUAGES]
    with about(kind):
        sv, en = (worded(text, language) for text, language in zip(told, LANGUAGES, strict=True))
    return {
        "id": counts,
        "target": target,
        "counts": counts,
        "unit": counts,
        "label_sv": sv,
        "label_en": en,
        "source": OWN,
    }
