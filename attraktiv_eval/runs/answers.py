"""What must be known of a project before it can be described: given as flags, or asked for one by one."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, get_args

import typer

from attraktiv_eval.errors import ParameterError
from attraktiv_eval.project import COUNTED, OrganisationKind
from attraktiv_eval.regions import COUNTIES

__all__ = ["Answers", "Organisation", "ask", "guessed_kind"]

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
    code = text.strip()
    if code not in COUNTIES:
        raise ParameterError(
            f"{code!r} is no county code", remedy=f"give one of {', '.join(COUNTIES)}, with both digits"
        )
    return code


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
        one = _organisation(text)
        if one.name in [other.name for other in found]:
            raise ParameterError(f"organisation {one.name!r} is given twice", remedy="give it once")
        found.append(one)
    return found


def _organisation(text: str) -> Organisation:
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
        f"County code ({', '.join(f'{code} {county}' for code, county in COUNTIES.items())})",
        _region,
    ),
    "start": ("First day, as 2020-01-01", _start),
    "end": ("Last day, as 2022-12-31", _end),
    "goal": ("Goals, such as persons=300, companies=50", _goals),
}
