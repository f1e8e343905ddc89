"""After the project: the sum of the gap year by year, and whether its plan was set before seeing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.cli import app
from attraktiv_eval.counterfactual import Design, placebo_in_space
from attraktiv_eval.design.follow_up import (
    FollowUpPlan,
    _years,
    cumulative,
    draw_path,
    follow_up,
    gap_paths,
    section,
    sentence,
    write_follow_up,
)
from attraktiv_eval.errors import DesignError, EvaluationError, ParameterError
from attraktiv_eval.level3.units import interval_in_persons
from attraktiv_eval.project import Project
from attraktiv_eval.statistics.panel import Panel

PROJECT = Project.load()
PERSONS = Assumptions.load()["persons_per_moving_household"]


@pytest.fixture(scope="module")
def panel():
    return Panel.load()


def until(panel, year):
    """The statistics as they stood when a year was the last."""
    return replace(panel, series={key: table.loc[:year] for key, table in panel.series.items()})


def test_the_last_year_of_the_path_is_the_interval_of_level_3(panel):
    rates, people = panel.rate("in_moves"), panel.population("county")["23"]
    test = placebo_in_space(rates, Design(["23"], 2020, 2024), "demeaned_synthetic_control")
    last = cumulative(test, people).iloc[-1]
    expected = interval_in_persons(test.estimate.effects, *test.interval(0.9), people)
    assert (last["low"], last["high"]) == pytest.approx(expected)


@given(st.floats(-3, 3), st.integers(2, 5))
@settings(max_examples=20, deadline=None)
def test_a_planted_effect_moves_each_year_of_the_path_by_its_sum(effect, years):
    rng = np.random.default_rng(years)
    rates = pd.DataFrame(rng.normal(30, 1, (20, 9)), range(2005, 2025), list("abcdefghi"))
    people, window = pd.Series(200_000.0, rates.index), list(range(2025 - years, 2025))
    planted = rates.copy()
    planted.loc[window, "a"] += effect
    first, second = (
        cumulative(
            placebo_in_space(one, Design(["a"], window[0], window[-1]), "demeaned_synthetic_control"), people
        )
        for one in (rates, planted)
    )
    moved = second["total"] - first["total"]
    assert np.allclose(moved, 200 * effect * np.arange(1, years + 1))
    assert np.allclose(second["high"] - second["low"], first["high"] - first["low"])


def test_each_year_is_marked_by_when_its_plan_was_set(panel, tmp_path):
    """A plan of 1 June 2023 on statistics to 2021: 2022 may have been seen elsewhere, 2023 and 2024 not."""
    then = until(panel, 2021)
    plan = write_follow_up(then, PROJECT, "2023-2024", tmp_path / "p.toml", today=date(2023, 6, 1))
    assert FollowUpPlan.load(tmp_path / "p.toml") == plan
    marks = [plan.seen("in_moves", year) for year in range(2020, 2025)]
    assert marks == ["after", "after", "not_here", "before", "before"]
    found = gap_paths(panel, PROJECT, plan, PERSONS)
    assert found.same_figures and found.final("in_moves")
    assert "Set before seeing" in sentence(found, "in_moves", "en")
    assert "Satt efter" in sentence(found, "domestic_in_moves_over_border", "sv")
    text = section(found, "table", "en").html
    assert text.count("before seeing") == 2 and text.count("not in these statistics then") == 1
    assert [line.get_markerfacecolor() for line in draw_path(found, "in_moves", "en").axes[0].lines]
    early = gap_paths(then, PROJECT, plan, PERSONS)
    assert not early.final("in_moves") and "not the final verdict" in section(early, "summary", "en").html


def test_specifications_that_disagree_give_no_conclusion(panel):
    found = follow_up()
    assert {found.verdict(id) for id in found.outcomes} == {"zero"}
    one, *others = found.of("in_moves")
    shifted = replace(one, table=one.table.assign(low=one.table["low"] + 9999, high=one.table["high"] + 9999))
    mixed = replace(found, paths=(shifted, *others))
    assert mixed.verdict("in_moves") == "disagree" and "disagree" in sentence(mixed, "in_moves", "en")
    alone = replace(found, paths=(shifted,))
    assert alone.verdict("in_moves") == "more" and "more moved in" in sentence(alone, "in_moves", "en")


def test_without_a_plan_nothing_is_called_blind():
    found = follow_up()
    text = section(found, "summary", "en").html + section(found, "table", "en").html
    assert "set on the spot" in text and "before seeing" not in text.replace("Set before seeing:", "")
    assert "Set before" not in text


@pytest.mark.parametrize(
    "typed", ["2023-2024", "2023–2024", "2023, 2024", "2023 och 2024", "2023 and 2024", "2023 till 2024"]
)
def test_years_are_read_as_they_are_typed(typed):
    assert _years(typed, PROJECT) == (2023, 2024)


@pytest.mark.parametrize(
    "years", ["2022-2027", "2027-2023", "soon", "2023-2050", "", "2023, 2025", "2024, 2023"]
)
def test_years_that_do_not_follow_the_project_are_refused(panel, years, tmp_path):
    with pytest.raises(ParameterError, match="no years after the project"):
        write_follow_up(panel, PROJECT, years, tmp_path / "p.toml")
    assert not (tmp_path / "p.toml").exists()


def test_a_plan_is_neither_replaced_nor_changed_unseen(panel, tmp_path):
    file = tmp_path / "p.toml"
    write_follow_up(panel, PROJECT, "2023-2027", file, today=date(2026, 12, 1))
    before = file.read_bytes()
    with pytest.raises(DesignError, match="not chosen twice"):
        write_follow_up(panel, PROJECT, "2023-2027", file)
    assert file.read_bytes() == before
    file.write_bytes(before.replace(b"2026-12-01", b"2022-12-01"))
    with pytest.raises(DesignError, match="changed after"):
        FollowUpPlan.load(file)
    with pytest.raises(DesignError, match="changed after"):
        follow_up(plan=str(file))


def test_the_command_writes_the_plan_and_its_hash(tmp_path):
    words = ["plan", "--follow-up", "2023-2027", "--to", str(tmp_path / "f" / "plan.toml")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert FollowUpPlan.load(tmp_path / "f" / "plan.toml").sha256 in done.output
    again = CliRunner().invoke(app, words)
    assert isinstance(again.exception, EvaluationError)
    amended = CliRunner().invoke(app, [*words, "--amend", "why"])
    assert isinstance(amended.exception, ParameterError)
