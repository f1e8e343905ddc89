"""The panel of the assumptions for projects whose goals are not households."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest
from invented_lists import write_lists

from attraktiv_eval import explore
from attraktiv_eval.errors import ParameterError
from attraktiv_eval.project import Project
from attraktiv_eval.texts import span

HERE = Path(__file__).parent


@pytest.fixture(scope="module", params=["kronoberg", "kalmar"])
def file(request, tmp_path_factory) -> Path:
    """The project file of another region, with invented lists beside it."""
    folder = tmp_path_factory.mktemp(request.param)
    for name in ("project.toml", "analysis_plan.toml"):
        shutil.copy(HERE / request.param / name, folder / name)
    write_lists(folder / "records", Project.load(folder / "project.toml"))
    return folder / "project.toml"


def test_a_goal_of_persons_has_level_2_in_its_panel(file):
    board, project = explore.assumptions("en", project=file), explore.opened(file).project
    picture = board.choose()
    *statements, last = ast.parse(picture.call).body
    known: dict = {}
    exec(compile(ast.Module(statements, []), "cell", "exec"), known)
    found = eval(compile(ast.Expression(last.value), "cell", "eval"), known)
    assert [found.goal] == project.goals_that_count("persons") and found.applies and board.controls
    assert project.goals[found.goal].label_en in picture.html
    assert span(found.low, found.high, "en") in picture.html and "<svg" in picture.html


def test_there_is_a_panel_for_every_goal_that_is_followed_and_no_other(file):
    goals = explore.opened(file).project.goals.values()
    calls = [one.choose().call for one in explore.assumptions_by_goal("en", project=file)]
    followed = [goal.id for goal in goals if goal.followed]
    assert followed and all(f'"{goal}"' in call for goal, call in zip(followed, calls, strict=True))
    for goal in ["households", *(goal.id for goal in goals if not goal.followed)]:
        with pytest.raises(ParameterError, match="does not apply"):
            explore.assumptions("en", goal, project=file)


def test_a_project_with_no_goal_that_is_followed_is_one_line(tmp_path, monkeypatch):
    shutil.copy(HERE / "kalmar" / "project.toml", tmp_path / "project.toml")
    text = (tmp_path / "project.toml").read_text(encoding="utf-8")
    text = text.replace('counts = "persons"', 'counts = "participations"')
    (tmp_path / "project.toml").write_text(text, encoding="utf-8")
    write_lists(tmp_path / "records", Project.load(tmp_path / "project.toml"))
    with pytest.raises(ParameterError, match="applies to no goal"):
        explore.assumptions_by_goal("en", project=tmp_path / "project.toml")
