"""Two other regions, with goals that are not households: from project file to published page."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from invented_lists import write_lists

from attraktiv_eval.errors import RecordError
from attraktiv_eval.evaluation import Evaluation, evaluate
from attraktiv_eval.project import Project
from attraktiv_eval.reporting.report import Report

HERE = Path(__file__).parent
REGIONS = ("kronoberg", "kalmar")
MOVED, OPEN, PERSONS = 12, 3, 3


@pytest.fixture(scope="module", params=REGIONS)
def found(request, tmp_path_factory) -> Evaluation:
    folder = tmp_path_factory.mktemp(request.param)
    for name in ("project.toml", "analysis_plan.toml"):
        shutil.copy(HERE / request.param / name, folder / name)
    project = Project.load(folder / "project.toml")
    write_lists(folder / "records", project, MOVED, OPEN)
    return evaluate(project.years[-1], project=folder / "project.toml")


def test_the_goals_are_the_projects_own(found: Evaluation):
    goals = found.project.goals
    assert "households" not in goals
    assert set(found.verdicts) == set(goals) == set(found.tables["goals"]["goal"])
    units = {one["id"]: one["unit"] for one in found.document["figures"]}
    assert all(units[f"{id}.known"] == goal.counts for id, goal in goals.items())


def test_persons_are_the_members_of_those_who_moved_in(found: Evaluation):
    [goal] = found.project.goals_that_count("persons")
    count = found.goals[goal]
    assert (count.known, count.unknown) == (MOVED * PERSONS, OPEN * PERSONS)
    second = found.contributions[goal]
    assert second.has_survey and 0 < second.low < second.median < second.high < MOVED * PERSONS
    path = found.tables["paths"].query("goal == @goal")
    assert int(path["cumulated"].iloc[-1]) == MOVED * PERSONS


def test_level_3_of_persons_is_what_statistics_count(found: Evaluation):
    [goal] = found.project.goals_that_count("persons")
    figures = {one["id"]: one for one in found.document["figures"]}
    third = figures[f"{goal}.level3"]
    method, pool, outcome = third["method"].split("/")
    assert third["value"] == figures[f"county.{outcome}.{method}.{pool}.effect"]["value"]
    assert third["assumptions"] == []


def test_what_happened_in_one_county_is_told_of_that_county_alone(found: Evaluation):
    events = set(found.tables["rivals"]["event"])
    assert "covid" in events and not events & {"regiment", "covid_tourism"}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_no_page_of_another_region_speaks_of_jamtland(found: Evaluation, language):
    report = Report(found, language)
    keys = (
        "title",
        "project",
        "level1",
        "level2",
        "level3",
        "limits",
        "money",
        "municipalities",
        "phases",
        "method",
    )
    parts = [report.first_screen(), *(report.text(key) for key in keys)]
    parts += [report.table(id) for id in ("goals", "rivals", "paths", "weights")]
    parts += [report.figure(id) for id in ("path_to_goals", "municipality_map", "tornado")]
    text = "\n".join(part.html for part in parts)
    for word in ("Östersund", "Härjedalen", "fältjägar"):
        assert word not in text
    assert found.project.region.name in text
    [goal] = found.project.goals_that_count("persons")
    assert str(found.goals[goal].known) in text


def test_examples_of_another_county_are_not_taken_for_its_records():
    with pytest.raises(RecordError, match="of another county"):
        evaluate(2021, project=HERE / "kalmar" / "project.toml")


def test_participations_are_counted_and_followed_no_further():
    project = Project.load(HERE / "kalmar" / "project.toml")
    assert project.main_goal == "students" and not project.goals["participations"].followed


def test_kalmar_counts_what_its_activities_held(found: Evaluation):
    if "participations" not in found.project.goals:
        assert found.goals["organisations"].known == 1 and found.goals["companies"].known == 7
        return
    assert found.goals["participations"].known == sum(range(100, 106))
    assert found.verdicts["participations"][2].rule == "not_followed"


@pytest.mark.prove
@pytest.mark.parametrize("region", REGIONS)
def test_a_whole_run_in_another_region(region, tmp_path):
    import subprocess
    import sys

    shutil.copytree(HERE / region, tmp_path / "p")
    file = tmp_path / "p" / "project.toml"
    project = Project.load(file)
    write_lists(tmp_path / "p" / "records", project)
    command = [sys.executable, "-m", "attraktiv_eval", "run", "--project", str(file), "--final"]
    command += ["--year", str(project.years[0])]
    command += ["--language", "sv", "--language", "en", "--output", str(tmp_path / "out")]
    done = subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8", timeout=900)
    assert done.returncode == 0, done.stderr
    for name, stem in ((str(project.years[0]), "evaluation"), ("final", "final_report")):
        run = json.loads((tmp_path / "out" / name / "run.json").read_text(encoding="utf-8"))
        for ending in ("", ".en"):
            page = (tmp_path / "out" / name / f"{stem}{ending}.html").read_text(encoding="utf-8")
            assert run["run_id"] in page and project.name in page
            assert "Östersund" not in page and "Jämtland Härjedalen" not in page


def test_a_project_of_companies_alone_says_nothing_of_moves(tmp_path):
    from datetime import date

    from attraktiv_eval.runs.new_project import Answers, make_project

    given = ("Företag i Kalmar", "08", date(2020, 1, 1), date(2022, 12, 31), {"companies": 20})
    make_project(tmp_path / "p", Answers(*given))
    shutil.rmtree(tmp_path / "p" / "records")
    project = Project.load(tmp_path / "p" / "project.toml")
    write_lists(tmp_path / "p" / "records", project)
    found = evaluate(2021, project=tmp_path / "p" / "project.toml")
    assert found.county is None and not [name for name in found.tables if name.startswith("households_")]
    report = Report(found, "en")
    parts = [
        report.first_screen(),
        *(report.section(name) for name in ("level1", "level3", "municipalities")),
    ]
    text = "\n".join(part.html for part in parts)
    assert "household" not in text.casefold() and "moved in" not in text
    assert "No goal counts those who move in" in text
    assert "Known until 31 December 2021: 7 companies" in text and "not reached yet" in text
