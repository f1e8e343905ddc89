"""Describes a new project: a project.toml, folders and the empty workbook."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from attraktiv_eval.errors import PublicationError
from attraktiv_eval.project import Project
from attraktiv_eval.regions import COUNTIES
from attraktiv_eval.runs.answers import Answers, Organisation

__all__ = ["check_place", "make_project"]

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
GUESSED = "# The kind was guessed from the name: correct it where it is wrong.\n"
OWN = "to be filled in: the decision that says so"


def check_place(directory: Path) -> None:
    """Check that a project can be described here; better before the questions than after them.

    Raises
    ------
    PublicationError
        If the folder holds something already.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise PublicationError(
            "there is something here already", remedy="give a new or empty folder", file=directory
        )


def make_project(directory: Path, answers: Answers) -> list[Path]:
    """Write the description, the folders and the workbook; return the files.

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
    try:
        (directory / "records").mkdir(parents=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as denied:
        raise PublicationError(
            f"the folder cannot be written ({denied.strerror or denied})",
            remedy="choose another folder",
            file=directory,
        ) from None
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
    }
    organisations = "".join(_organisation(one) for one in answers.organisations)
    return HEAD + toml_text(told) + organisations + FOOT


def _organisation(one: Organisation) -> str:
    """Return the block of a participating organisation; a guessed kind is marked as one."""
    from attraktiv_eval.runs.as_if import toml_text

    block = "[[organisations]]\n" + toml_text({"name": one.name, "kind": one.kind, "source": OWN})
    return f"\n{GUESSED if one.guessed else ''}{block}"


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
