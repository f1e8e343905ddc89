"""What the terminal shows while a command works."""

from __future__ import annotations

from typer.testing import CliRunner

import attraktiv_eval.counterfactual.estimators as estimators
from attraktiv_eval.cli import app
from attraktiv_eval.level3.plan import Plan


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
