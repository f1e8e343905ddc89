"""A new project from flags: described, read again, and refused where an answer is wrong."""

from __future__ import annotations

from datetime import date

import pytest
from typer.testing import CliRunner

from attraktiv_eval.cli import app
from attraktiv_eval.errors import EvaluationError, ParameterError, PublicationError
from attraktiv_eval.project import Project
from attraktiv_eval.runs.new_project import ask, make_project

FLAGS = {"name": "Påhittat", "region": "07", "start": "2019-01-01", "end": "2021-06-30"}


def answers(**other):
    told = FLAGS | {"goals": ["persons=300", "companies=40"], "organisations": ["Påhittade AB"]} | other
    return ask(**told)


def test_what_is_written_is_what_was_said(tmp_path):
    made = make_project(tmp_path / "mitt projekt å", answers())
    project = Project.load(made[0])
    assert (project.name, project.region.code, project.region.name) == ("Påhittat", "07", "Kronobergs län")
    assert (project.start, project.end) == (date(2019, 1, 1), date(2021, 6, 30))
    assert {id: goal.target for id, goal in project.goals.items()} == {"persons": 300, "companies": 40}
    assert len(project.region.municipalities) == 8 and project.region.municipalities["0780"] == "Växjö"
    assert [one.name for one in project.organisations] == ["Påhittade AB"]
    assert project.years == [2019, 2020, 2021]
    assert any(file.suffix == ".xlsx" for file in made)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"region": "7"}, "no county code"),
        ({"region": "02"}, "no county code"),
        ({"start": "1 januari"}, "no day"),
        ({"goals": ["fish=3"]}, "nothing that can be counted"),
        ({"goals": ["persons=many"]}, "says no number"),
        ({"goals": ["persons=0"]}, "says no number"),
        ({"goals": ["persons=1", "persons=2"]}, "given twice"),
    ],
)
def test_a_wrong_answer_is_said_in_one_line(wrong, says):
    with pytest.raises(ParameterError, match=says):
        answers(**wrong)


def test_nothing_is_left_behind_where_the_answers_make_no_project(tmp_path):
    with pytest.raises(EvaluationError, match="before the start"):
        make_project(tmp_path / "p", answers(end="2018-01-01"))
    assert not any((tmp_path / "p").iterdir())


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "here.txt").write_text("mine")
    with pytest.raises(PublicationError):
        make_project(tmp_path, answers())
    assert [file.name for file in tmp_path.iterdir()] == ["here.txt"]


def test_what_is_missing_is_asked_for_or_named(tmp_path):
    done = CliRunner().invoke(app, ["new", str(tmp_path / "p"), "--name", "x"])
    assert isinstance(done.exception, ParameterError) and "--goal is missing" in str(done.exception)
