"""What the terminal shows while a command works."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

import attraktiv_eval.counterfactual.estimators as estimators
from attraktiv_eval.cli import app
from attraktiv_eval.errors import ParameterError
from attraktiv_eval.level3.plan import Plan
from attraktiv_eval.project import Project
from attraktiv_eval.runs import pipeline
from attraktiv_eval.runs.pipeline import RunResult
from attraktiv_eval.runs.progress import as_text, verdict_table


def test_a_plan_shows_how_far_each_outcome_is_on_standard_error(tmp_path, monkeypatch):
    method = "difference_in_differences"
    monkeypatch.setattr(estimators, "METHODS", {method: estimators.METHODS[method]})
    done = CliRunner().invoke(app, ["plan", "--to", str(tmp_path / "plan.toml")])
    assert done.exit_code == 0, done.output
    plan = Plan.load(tmp_path / "plan.toml")
    for outcome in plan.outcomes:
        of = 3 * len(plan._outcome(outcome)["pretended_starts"])
        (line,) = [line for line in done.stderr.splitlines() if line.startswith(f"{outcome} ")]
        assert f"{of}/{of}" in line and outcome not in done.stdout


#: What a verdict of many words is held against: the figures are invented.
TOO_COARSE = {
    **{"goal": 400, "pace": 267, "estimate": 365, "low": -84, "high": 982, "mde_low": 533, "mde_high": 693},
    **{"power_low": 0.06, "power_high": 0.18, "cases_low": 0, "cases_high": 1, "breakdown": 0.0},
    **{"exaggeration_low": 2.1, "exaggeration_high": 3.1, "draw_factor": 1.5, "pseudo_effect": -158},
    **{"pseudo_years": [2018, 2019], "known": None, "cannot_check_level2": False},
}


def _told(file):
    return [line.split(" ", 1)[1] for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_run_that_fails_writes_its_error_to_the_log_and_keeps_what_stood_there(tmp_path):
    log = tmp_path / "new folder" / "körning.log"
    for year in ("1999", "2031"):
        done = CliRunner().invoke(app, ["run", "--year", year, "--quiet", "--log", str(log)])
        assert isinstance(done.exception, ParameterError) and not done.output
    said = [f"failed: {year} is not a year of the project" for year in (1999, 2031)]
    lines = _told(log)
    assert lines[::2] == ["begun", "begun"]
    assert [line.split(";")[0] for line in lines[1::2]] == said


def test_a_quiet_run_says_nothing_but_what_is_wrong_and_the_log_says_all(tmp_path, monkeypatch):
    results = {"example_data": True, "figures": [], "verdicts": []}
    results["figures"] = [{"id": f"{goal}.goal", "value": 7} for goal in Project.load().goals]

    def made(parameters, project, teller):
        teller.phase("reading")
        teller.begin(2)
        for _ in range(2):
            teller.step("2020", "sv")
            teller.cell()
        return RunResult({"2020": results}, tmp_path / "index.html", rejected=3, unapplied=1)

    monkeypatch.setattr(pipeline, "run", made)
    log = tmp_path / "log.txt"
    done = CliRunner().invoke(app, ["run", "--year", "2020", "--quiet", "--log", str(log)])
    assert done.exit_code == 0 and not done.stdout
    assert len(done.stderr.splitlines()) == 1 and "decisions.csv" in done.stderr
    lines = _told(log)
    assert lines[:4] == ["begun", "reading", "2 to make", "2020 (sv)"] and lines[-1] == "done"
    assert lines.count("2020 (sv)") == 1 and done.stderr.strip() in lines
    loud = CliRunner().invoke(app, ["run", "--year", "2020"])
    shown = [line for line in loud.stdout.splitlines() if line.strip()]
    assert set(lines[4:-2]) <= set(shown), "what the log has of the result is what a run shows"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_verdicts_fit_a_terminal_of_80_characters(language, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    project = Project.load()
    results = {
        "example_data": True,
        "figures": [{"id": f"{goal}.goal", "value": 400} for goal in project.goals],
        "verdicts": [
            {
                "goal": "households",
                "level": 1,
                "rule": "goal_not_reached",
                "values": {"goal": 400, "known": 294},
            },
            {"goal": "households", "level": 3, "rule": "too_coarse", "values": TOO_COARSE},
            {
                "goal": "companies",
                "level": 3,
                "rule": "not_tested",
                "values": {},
                "reasons": ["no_statistics"],
            },
        ],
    }
    text = as_text(verdict_table(results, "final", language, project))
    assert max(map(len, text.splitlines())) <= 80
    assert "[" not in text and len(text.splitlines()) > 3 * len(project.goals)
