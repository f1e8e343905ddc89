"""Parameters are checked before anything starts."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from attraktiv_eval import resources
from attraktiv_eval.errors import ParameterError
from attraktiv_eval.project import Project
from attraktiv_eval.runs.execution import NOTEBOOKS, check_notebook_parameters, checked

PROJECT = Project.load()


def parameters(**given):
    values = dict.fromkeys(("years", "final", "languages", "project_file", "records", "statistics"))
    return checked(PROJECT, **(values | {"output": Path("outputs")} | given))


def test_without_years_all_years_and_the_final_report_are_made():
    assert parameters().folders() == ["2020", "2021", "2022", "final"]


def test_with_years_the_final_report_is_made_only_when_asked_for():
    assert parameters(years=[2021]).folders() == ["2021"]
    assert parameters(years=[2021, 2020, 2021], final=True).folders() == ["2020", "2021", "final"]
    assert parameters(final=False).folders() == ["2020", "2021", "2022"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"years": [2031]}, "2031 is not a year of the project; remedy: choose 2020, 2021 or 2022"),
        ({"languages": ["de"]}, "unknown language 'de'; remedy: choose sv or en"),
        ({"records": Path("no such folder")}, "folder given as --records does not exist"),
        ({"statistics": Path("no such folder")}, "folder given as --statistics does not exist"),
    ],
)
def test_a_wrong_parameter_is_one_line_with_its_remedy(given, message):
    with pytest.raises(ParameterError, match=message) as caught:
        parameters(**given)
    assert "\n" not in str(caught.value)


def test_no_path_of_an_input_reaches_the_notebook(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "å ä ö"
    folder.mkdir()
    values = parameters(records=folder).for_notebook("2021", "sv", tmp_path / "outputs" / "2021")
    assert values["records"] == "records"
    assert values["statistics"] == values["project"] == ""
    assert values["output"] == "outputs/2021"
    assert values["year"] == 2021


@pytest.mark.parametrize("kind", sorted(NOTEBOOKS))
def test_every_parameter_that_a_run_passes_is_known_to_its_notebook(kind):
    notebook = resources.find(NOTEBOOKS[kind])
    folder = "final" if kind == "final" else "2022"
    check_notebook_parameters(notebook, parameters().for_notebook(folder, "en", Path("somewhere")))


@pytest.mark.parametrize(
    ("values", "message"), [({"yaer": 2021}, "unknown parameter"), ({"year": "2021"}, "is str")]
)
def test_names_and_types_that_papermill_would_let_pass_are_refused(values, message):
    with pytest.raises(ParameterError, match=message):
        check_notebook_parameters(resources.find(NOTEBOOKS["yearly"]), values)


RUNNING = PROJECT.model_copy(update={"start": date(2024, 1, 1), "end": date(2027, 12, 31)})


def running(**given):
    values = dict.fromkeys(("years", "final", "languages", "project_file", "records", "statistics"))
    return checked(RUNNING, **(values | {"output": Path("outputs")} | given))


@pytest.mark.parametrize(
    ("today", "folders"),
    [
        ("2026-11-30", ["2024", "2025"]),
        ("2027-12-31", ["2024", "2025", "2026"]),
        ("2028-01-01", ["2024", "2025", "2026", "2027", "final"]),
    ],
)
def test_a_run_of_the_whole_project_makes_what_is_over(monkeypatch, today, folders):
    monkeypatch.setenv("ATTRAKTIV_EVAL_TODAY", today)
    assert running().folders() == folders


@pytest.mark.parametrize(
    ("given", "today", "message"),
    [
        ({"years": [2024, 2026]}, "2026-12-31", "2026 is not over: its last day is 2026-12-31; remedy: make "
         "the report from 2027-01-01 on; years that are over: 2024, 2025"),
        ({"final": True}, "2027-12-31", "the project is not over: .* from 2028-01-01 on"),
        ({}, "2024-12-31", "2024 is not over: .*; years that are over: none yet"),
    ],
)  # fmt: skip
def test_no_report_is_made_on_a_time_that_is_not_over(monkeypatch, given, today, message):
    monkeypatch.setenv("ATTRAKTIV_EVAL_TODAY", today)
    with pytest.raises(ParameterError, match=message):
        running(**given)


def test_a_day_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv("ATTRAKTIV_EVAL_TODAY", "in May")
    with pytest.raises(ParameterError, match="write it as 2026-01-31, or clear it"):
        running()


def test_the_clock_is_read_in_one_place():
    package = Path(resources.__file__).parent
    clocks = ("date.today(", "datetime.today(", "Timestamp.now(", "Timestamp.today(")
    files = {path: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    found = [path.name for path, text in files.items() if any(clock in text for clock in clocks)]
    assert found == ["resources.py"]


def test_a_file_of_assumptions_changes_the_assumptions_and_nothing_else(tmp_path, monkeypatch):
    from attraktiv_eval.evaluation import load_inputs
    from attraktiv_eval.evaluation.inputs import ASSUMPTIONS
    from attraktiv_eval.runs.pipeline import _sharing

    file = tmp_path / "mine.toml"
    with pytest.raises(ParameterError, match="--assumptions does not exist"):
        parameters(assumptions=file)
    text = resources.find("data/assumptions.toml").read_text(encoding="utf-8")
    head, rest = text.split("[deadweight_companies]")
    assert "value = 0.35" not in head.split("[deadweight_households]")[1]
    own = head.split("[deadweight_households]")[1]
    value = next(line for line in own.splitlines() if line.startswith("value = "))
    changed = own.replace(value, "value = 0.55", 1)
    file.write_text(
        head.split("[deadweight_households]")[0]
        + "[deadweight_households]"
        + changed
        + "[deadweight_companies]"
        + rest,
        encoding="utf-8",
    )
    before = load_inputs(None, None, None)
    with _sharing(parameters(assumptions=file).assumptions):
        found = load_inputs(None, None, None)
    assert found.assumptions["deadweight_households"].value == 0.55
    differ = {id for id in before.assumptions if before.assumptions[id] != found.assumptions[id]}
    assert differ == {"deadweight_households"}
    others = [[one for one in read.files() if one["part"] != "assumptions"] for read in (before, found)]
    assert others[0] == others[1] and before.run_id(2021) != found.run_id(2021)
    assert found.plan_record() == before.plan_record()
    assert ASSUMPTIONS not in os.environ
