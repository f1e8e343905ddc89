"""Describes a new project: a project.toml, folders and the empty workbook."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from attraktiv_eval.errors import ParameterError, PublicationError
from attraktiv_eval.project import COUNTED, Project
from attraktiv_eval.regions import COUNTIES

__all__ = ["Answers", "ask", "make_project"]

#: Swedish and English words for a goal of each kind, to be put into one's own.
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
"""
OWN = "to be filled in: the decision that says so"


@dataclass(frozen=True)
class Answers:
    """What must be known of a project before it can be described."""

    name: str
    region: str
    start: date
    end: date
    goals: dict[str, int]
    organisations: list[str] = field(default_factory=list)


def ask(
    name: str | None,
    region: str | None,
    start: str | None,
    end: str | None,
    goals: list[str] | None,
    organisations: list[str] | None,
) -> Answers:
    """Return the answers of the flags, and ask at the terminal for those that were not given.

    Raises
    ------
    ParameterError
        If an answer is wrong, or one is missing and nobody can be asked.
    """
    counties = ", ".join(f"{code} {county}" for code, county in COUNTIES.items())
    told = goals or _asked("Goals, such as persons=300, companies=50", "--goal").split(",")
    return checked(
        name or _asked("Name of the project", "--name"),
        region or _asked(f"County code ({counties})", "--region"),
        start or _asked("First day, as 2020-01-01", "--start"),
        end or _asked("Last day, as 2022-12-31", "--end"),
        told,
        organisations or [],
    )


def _asked(question: str, flag: str) -> str:
    import sys

    import typer

    if not sys.stdin.isatty():
        raise ParameterError(f"{flag} is missing", remedy=f"give {flag}")
    answer: str = typer.prompt(question)
    return answer


def checked(
    name: str, region: str, start: str, end: str, goals: list[str], organisations: list[str]
) -> Answers:
    """Return the answers as values, or say in one line what is wrong with them."""
    if region not in COUNTIES:
        raise ParameterError(
            f"{region!r} is no county code", remedy=f"give one of {', '.join(COUNTIES)}, with both digits"
        )
    return Answers(
        name.strip(), region, _day(start, "--start"), _day(end, "--end"), _goals(goals), organisations
    )


def _day(text: str, flag: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ParameterError(f"{flag} {text!r} is no day", remedy="write it as 2020-01-31") from None


def _goals(told: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in told:
        kind, _, amount = one.strip().partition("=")
        kind = kind.strip()
        if kind not in COUNTED:
            raise ParameterError(
                f"{kind!r} is nothing that can be counted", remedy=f"choose among {', '.join(COUNTED)}"
            )
        if kind in found:
            raise ParameterError(f"goal {kind} is given twice", remedy="give it once")
        if not amount.strip().isdigit() or int(amount) < 1:
            raise ParameterError(f"{one.strip()!r} says no number", remedy=f"write it as {kind}=300")
        found[kind] = int(amount)
    return found


def make_project(directory: Path, answers: Answers) -> list[Path]:
    """Write the description, the folders and the workbook; return the files.

    Raises
    ------
    PublicationError
        If the folder holds something already, or cannot be written.
    ProjectError
        If the answers make no valid project; nothing is left behind.
    """
    from attraktiv_eval.records.workbook import write_workbook

    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise PublicationError(
            "there is something here already", remedy="give a new or empty folder", file=directory
        )
    file = directory / "project.toml"
    try:
        (directory / "records").mkdir(parents=True)
        file.write_text(project_text(answers), encoding="utf-8", newline="\n")
    except OSError as denied:
        raise PublicationError(
            f"the folder cannot be written ({denied.strerror or denied})",
            remedy="choose another folder",
            file=directory,
        ) from None
    try:
        project = Project.load(file)
    except Exception:
        file.unlink()
        (directory / "records").rmdir()
        raise
    return [file, *write_workbook(directory / "records", project)]


def project_text(answers: Answers) -> str:
    """Return the text of project.toml."""
    from attraktiv_eval.runs.as_if import toml_text

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
            "code": answers.region,
            "name": COUNTIES[answers.region],
            "kind": "county",
            "source": "SCB, county and municipality codes",
            "municipalities": _municipalities(answers.region),
        },
        "goals": [_goal(kind, target) for kind, target in answers.goals.items()],
        "phases": [{"id": id, "sv": sv, "en": en} for id, sv, en in PHASES],
        "areas": [{"id": id, "sv": sv, "en": en} for id, sv, en in AREAS],
        "organisations": [{"name": one, "kind": "company", "source": OWN} for one in answers.organisations],
    }
    return HEAD + toml_text({key: value for key, value in told.items() if value != []}) + FOOT


def _goal(kind: str, target: int) -> dict[str, Any]:
    sv, en = GOAL_WORDS[kind]
    return {
        "id": kind,
        "target": target,
        "counts": kind,
        "unit": kind,
        "label_sv": sv,
        "label_en": en,
        "source": OWN,
    }


def _municipalities(region: str) -> dict[str, str]:
    from attraktiv_eval.statistics.panel import Panel

    table = Panel.load().table
    latest = table[(table["year"] == table["year"].max()) & table["region_code"].str.startswith(region)]
    named = dict(zip(latest["region_code"].astype(str), latest["region_name"].astype(str), strict=True))
    return dict(sorted(named.items()))
