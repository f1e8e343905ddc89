"""Goals of one's own: what each counts, which list measures it, and which the report leads with."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from attraktiv_eval import resources
from attraktiv_eval.errors import ProjectError
from attraktiv_eval.evaluation.results import told
from attraktiv_eval.metrics.level1 import COLUMNS
from attraktiv_eval.project import Project

GOAL = """
[[goals]]
id = "{id}"
target = {target}
{counts}
unit = "u"
label_sv = "s"
label_en = "e"
source = "invented"
"""


def project(folder: Path, *goals: tuple[str, str | None]) -> Project:
    """Return the shipped project with other goals: (id, counts) each."""
    text = resources.find("data/project.toml").read_text(encoding="utf-8")
    before, after = text[: text.index("[[goals]]")], text[text.index("[[phases]]") :]
    told = "".join(
        GOAL.format(id=id, target=10, counts=f'counts = "{counts}"' if counts else "") for id, counts in goals
    )
    file = folder / "project.toml"
    file.write_text(before + told + after, encoding="utf-8")
    return Project.load(file)


def test_an_id_that_says_what_it_counts_need_not_say_it_twice(tmp_path):
    found = project(tmp_path, ("persons", None), ("companies", None)).goals
    assert {id: (goal.counts, goal.measured_by) for id, goal in found.items()} == {
        "persons": ("persons", "households"),
        "companies": ("companies", "companies"),
    }


def test_figures_of_a_goal_of_ones_own_are_in_what_it_counts_and_from_the_list_that_measures_it(tmp_path):
    goals = project(tmp_path, ("newcomers", "persons"), ("visits", "participations")).goals
    rows = [(id, 2020, 5, 5, 0, 3.0) for id in goals]
    ends = [("newcomers", "deadweight_households", 1.0, 2.0, 3.0)]
    tables = {
        "paths": pd.DataFrame(rows, columns=COLUMNS),
        "tornado": pd.DataFrame(ends, columns=["goal", "assumption", "low", "base", "high"]),
    }
    made = told(tables, False, [], goals)
    units = {(one["id"].split(".")[0], one["unit"]) for one in made}
    assert units == {("newcomers", "persons"), ("visits", "participations")}
    counted = {one["id"]: one["sources"] for one in made if one["kind"] == "count"}
    assert counted == {"newcomers.known.2020": ["households"], "visits.known.2020": ["activities"]}


@pytest.mark.parametrize(
    ("goals", "main"),
    [
        ([("companies", None), ("households", None)], "households"),
        ([("organisations", None), ("students", "persons")], "students"),
        ([("participations", None), ("firms", "companies")], "firms"),
        ([("visits", "participations"), ("organisations", None)], "visits"),
    ],
)
def test_the_report_leads_with_the_goal_that_says_most(tmp_path, goals, main):
    assert project(tmp_path, *goals).main_goal == main


@pytest.mark.parametrize(
    ("goal", "says"),
    [
        (("students", None), "goals.students.counts"),
        (("students", "fish"), "goals.students.counts"),
        (("persons", "households"), "cannot count households"),
        (("Students", "persons"), "goals.Students.id"),
    ],
)
def test_a_goal_that_deceives_is_refused(tmp_path, goal, says):
    with pytest.raises(ProjectError, match=says):
        project(tmp_path, goal)


def test_two_goals_may_count_the_same_kind(tmp_path):
    found = project(tmp_path, ("families", "households"), ("couples", "households"))
    assert found.goals_that_count("households") == ["families", "couples"]
    assert [goal.followed for goal in found.goals.values()] == [True, True]


def test_a_project_needs_a_goal(tmp_path):
    with pytest.raises(ProjectError, match="goals"):
        project(tmp_path)
