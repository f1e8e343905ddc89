"""A new project from flags and answers: described, read again, and refused where an answer is wrong."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from datetime import date

import pytest
from typer.testing import CliRunner

import attraktiv_eval as ae
from attraktiv_eval.cli import app
from attraktiv_eval.errors import EvaluationError, ParameterError, PublicationError
from attraktiv_eval.project import Project
from attraktiv_eval.records.records import LISTS
from attraktiv_eval.runs.new_project import Answers, _region, ask, guessed_kind, make_project

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
        ({"region": "7"}, "no region of Sweden"),
        ({"region": "02"}, "no region of Sweden"),
        ({"start": "1 januari"}, "no day"),
        ({"goals": ["fish=3"]}, "nothing that can be counted"),
        ({"goals": ["persons=many"]}, "says no number"),
        ({"goals": ["persons=0"]}, "says no number"),
        ({"goals": ["persons=1", "persons=2"]}, "given twice"),
        ({"end": "2018-01-01"}, "before the start"),
        ({"name": " "}, "name is empty"),
        ({"organisations": ["Påhittade AB=shop"]}, "NAME=KIND, with one of region, municipality"),
        ({"organisations": ["=company"]}, "no name and kind"),
        ({"organisations": ["Påhittade AB", "Påhittade AB=company"]}, "given twice"),
    ],
)
def test_a_wrong_answer_is_said_in_one_line(wrong, says):
    with pytest.raises(ParameterError, match=says):
        answers(**wrong)


def test_nothing_is_left_behind_where_the_answers_make_no_project(tmp_path):
    wrong = Answers("Påhittat", "07", date(2020, 1, 1), date(2019, 1, 1), {"persons": 300})
    with pytest.raises(EvaluationError, match=r"project.toml: .*before the start"):
        make_project(tmp_path / "p", wrong)
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Växjö kommun", "municipality"),
        ("Exempelkommunen", "municipality"),
        ("Region Kronoberg", "region"),
        ("Västra Götalandsregionen", "region"),
        ("Länsstyrelsen i Kronobergs län", "public_agency"),
        ("Arbetsförmedlingen", "public_agency"),
        ("Linnéuniversitetet", "university"),
        ("Högskolan i Halmstad", "university"),
        ("Handelskammaren Mittsverige", "business_organisation"),
        ("Påhittade AB", "company"),
        ("Växjö kommunföretag AB", "company"),
        ("Universitetets hotell AB", "company"),
    ],
)
def test_a_kind_is_guessed_from_the_name(name, kind):
    assert guessed_kind(name) == kind


def test_a_guessed_kind_is_marked_in_the_description_and_a_stated_one_is_not(tmp_path):
    told = ["Växjö kommun", "Föreningen A=B=business_organisation", "Påhittade AB", ""]
    file = make_project(tmp_path / "p", answers(organisations=told))[0]
    kinds = {one.name: one.kind for one in Project.load(file).organisations}
    assert kinds == {
        "Växjö kommun": "municipality", "Föreningen A=B": "business_organisation", "Påhittade AB": "company"
    }  # fmt: skip
    lines = file.read_text(encoding="utf-8").splitlines()
    above = {lines[at + 1]: lines[at - 1] for at, line in enumerate(lines) if line == "[[organisations]]"}
    assert {name: "guessed" in line for name, line in above.items()} == {
        'name = "Växjö kommun"': True, 'name = "Föreningen A=B"': False, 'name = "Påhittade AB"': True
    }  # fmt: skip


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "here.txt").write_text("mine")
    with pytest.raises(PublicationError):
        make_project(tmp_path, answers())
    assert [file.name for file in tmp_path.iterdir()] == ["here.txt"]


def new(folder, *flags, told=""):
    return CliRunner().invoke(app, ["new", str(folder), *flags], input=told)


ANSWERS = "Påhittat\n07\n2019-01-01\n2021-06-30\npersons=300, companies=40\n"


@pytest.mark.parametrize("after", ["Växjö kommun\nPåhittade AB=company\n", "Växjö kommun\nPåhittade AB\n\nx"])
def test_answers_are_read_from_a_pipe(tmp_path, after):
    done = new(tmp_path / "p", told=ANSWERS + after)
    assert done.exit_code == 0, done.output
    project = Project.load(tmp_path / "p" / "project.toml")
    assert project.name == "Påhittat" and project.region.code == "07"
    assert {id: goal.target for id, goal in project.goals.items()} == {"persons": 300, "companies": 40}
    assert [one.kind for one in project.organisations] == ["municipality", "company"]
    assert "correct it in project.toml if wrong: Växjö kommun (municipality)" in done.output
    assert f"--output {tmp_path / 'p' / 'outputs'}" in done.output


def test_only_what_no_flag_says_is_asked_for(tmp_path):
    flags = [word for key, value in FLAGS.items() for word in (f"--{key}", value)]
    done = new(tmp_path / "p", *flags, "--goal", "persons=300", "--organisation", "", told="not read")
    assert done.exit_code == 0, done.output
    assert "Name of the project" not in done.output and "A participating" not in done.output
    assert not Project.load(tmp_path / "p" / "project.toml").organisations


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("", "--name is missing"),
        ("Påhittat\n07\n", "--start is missing"),
        ("Påhittat\n7\n07\n", "'7' is no region of Sweden"),
        (ANSWERS.replace("2021-06-30", "2018-06-30"), "before the start"),
        (ANSWERS + "Växjö kommun=town\n", "NAME=KIND"),
    ],
)
def test_a_wrong_or_missing_piped_answer_is_said_and_leaves_nothing(tmp_path, told, says):
    done = new(tmp_path / "p", told=told)
    assert isinstance(done.exception, ParameterError) and says in str(done.exception)
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Gävleborg", "21"),
        ("gävleborgs län", "21"),
        ("Kalmar län", "08"),
        ("Kalmar kommun", "0880"),
        ("Krokom", "2309"),
        ("Dalarna + 21", "20+21"),
        ("Kalmar", "'Kalmar' is both a county and a municipality; remedy: write 08, or 0880"),
        ("Krokum", "'Krokum' is no region of Sweden; remedy: write 'Krokom', or give a county"),
        ("Dalarna+Krokom", "'Krokom' is no region of Sweden"),
        ("NO03", "'NO03' is no region of Sweden"),
    ],
)
def test_a_region_is_called_by_its_name_or_its_code(typed, code):
    if len(code) < 6:
        assert _region(typed, {}) == code
    else:
        with pytest.raises(ParameterError) as refused:
            _region(typed, {})
        assert code in refused.value.one_line() and len(refused.value.one_line()) < 350


def test_flags_and_place_are_checked_before_anything_is_asked(tmp_path):
    done = new(tmp_path / "p", "--end", "soon", told=ANSWERS)
    assert "'soon' is no day" in str(done.exception) and "Name of the project" not in done.output
    (tmp_path / "here.txt").write_text("mine")
    done = new(tmp_path, told=ANSWERS)
    assert isinstance(done.exception, PublicationError) and "Name of the project" not in done.output


def test_a_real_process_reads_a_pipe_and_ends_with_2_where_an_answer_is_missing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "attraktiv_eval", "new", "p"],
        cwd=tmp_path, input="Påhittat\n07\n", capture_output=True, encoding="utf-8", check=False,
        env=os.environ | {"PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.returncode == 2 and "--start is missing; remedy: give --start" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminal in the standard library")
def test_at_a_terminal_a_wrong_answer_is_asked_for_again(tmp_path):
    import pty

    typed = [
        ("Name of the project: ", ""),
        ("the name is empty; remedy: ", "Påhittat"),
        ("County code", "7"),
        ("'7' is no region of Sweden; remedy: ", "07"),
        ("First day", "2020-01-01"),
        ("Last day", "2019-12-31"),
        ("before the start", "2022-12-31"),
        ("Goals", "persons"),
        ("says no number; remedy: ", "persons=300"),
        ("A participating organisation", "Växjö kommun=town"),
        ("NAME=KIND, with one of", "Växjö kommun"),
        ("A participating organisation", ""),
    ]
    ours, theirs = pty.openpty()
    started = subprocess.Popen(
        [sys.executable, "-m", "attraktiv_eval", "new", "p"],
        cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs,
        env=os.environ | {"PYTHONUTF8": "1", "TERM": "dumb"},
    )  # fmt: skip
    os.close(theirs)
    for awaited, answer in typed:
        said = _read_until(ours, awaited)
        assert awaited in said, said
        os.write(ours, f"{answer}\n".encode())
    assert "next: " in _read_until(ours, "next: ")
    assert started.wait(timeout=60) == 0
    project = Project.load(tmp_path / "p" / "project.toml")
    assert (project.region.code, project.end) == ("07", date(2022, 12, 31))
    assert [one.kind for one in project.organisations] == ["municipality"]


def _read_until(terminal: int, awaited: str) -> str:
    """Return what the terminal shows till the awaited words, within a minute."""
    said, end = "", time.monotonic() + 60
    while awaited not in said and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            said += os.read(terminal, 4096).decode("utf-8", errors="replace")
    return said


def test_a_folder_that_new_made_is_evaluated_by_the_statistics_alone(tmp_path):
    told = {"region": "07", "start": "2021-01-01", "end": "2021-12-31", "goals": ["persons=300"]}
    make_project(tmp_path / "nytt", answers(**told))
    records = ae.load_records("", tmp_path / "nytt" / "project.toml")
    assert set(records.missing) == set(LISTS) and not records.example_data
    reached = ae.reach(records, ae.load_project(tmp_path / "nytt" / "project.toml"), 2021)
    assert reached.goals["persons"].known is None or not reached.goals["persons"].applies


@pytest.mark.prove
def test_its_report_says_what_could_be_seen_and_that_the_plan_was_set_on_the_spot(tmp_path):
    words = ["--name", "Påhittat", "--region", "07", "--start", "2021-01-01", "--end", "2021-12-31"]
    typed = [sys.executable, "-m", "attraktiv_eval"]
    new = [*typed, "new", "nytt", *words, "--goal", "persons=300", "--organisation", ""]
    subprocess.run(new, cwd=tmp_path, check=True, capture_output=True)
    run = [
        *typed,
        "run",
        "--project",
        "nytt/project.toml",
        "--output",
        "ut",
        "--year",
        "2021",
        "--language",
        "en",
    ]
    subprocess.run(run, cwd=tmp_path, check=True, capture_output=True)
    page = (tmp_path / "ut" / "2021" / "evaluation.en.html").read_text(encoding="utf-8")
    said = "The comparison was not planned beforehand."
    assert said in page[: page.index('id="contents"') if 'id="contents"' in page else len(page) // 3]
    assert "No evidence in this run" in page or "no evidence" in page.lower()
