"""What each design of a coming project could see, and the draft written beside it."""

from __future__ import annotations

import hashlib
import math
import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from attraktiv_eval.cli import app
from attraktiv_eval.counterfactual.inference.placebo_in_space import placebo_in_space
from attraktiv_eval.counterfactual.power import minimum_detectable_effect, power_from_placebos
from attraktiv_eval.design import Request, compare_designs, compare_for_notebook, write_design
from attraktiv_eval.design.compared import (
    METHODS_COMPARED,
    STRAYED,
    Windows,
    contacts_for,
    lottery_sight,
    past_windows,
    power_at,
    read_request,
    smallest_effect,
    statistics_sight,
)
from attraktiv_eval.design.page import answers, document_of, draw, restated, visible
from attraktiv_eval.errors import DesignError, EvaluationError, ParameterError, PublicationError
from attraktiv_eval.level3.plan import digest
from attraktiv_eval.statistics.panel import Panel

ASKED = Request(("23",), 2027, 2028, 400, 900, 20_000_000)
DOMESTIC = "domestic_in_moves_over_border"


@pytest.fixture(scope="module")
def panel():
    return Panel.load()


@pytest.fixture(scope="module")
def compared(panel):
    return compare_designs(ASKED, panel)


def test_one_county_sees_hundreds_and_a_draw_tens(compared):
    """The order of size that level 3 and the placebos of the reports give too."""
    told = compared.table().set_index(["id", "what"])
    assert 350 <= told.loc[("county", DOMESTIC), "low"] <= told.loc[("county", DOMESTIC), "high"] <= 790
    assert told.loc[("county", "in_moves"), "value"] > 1000
    assert told.loc[("lottery", ""), "low"] >= 35 and told.loc[("lottery", ""), "high"] <= 72
    assert told.loc[("several", "10"), "value"] < told.loc[("several", "5"), "value"] < 400
    assert math.isnan(told.loc[("survey", ""), "value"])


def test_every_outcome_is_compared_or_said_to_be_left_out(compared, panel):
    held = {one.what for one in compared.sights if one.id == "county"}
    assert held.isdisjoint(compared.lacking) and held | set(compared.lacking) == set(panel.defined)
    assert compared.lacking["immigration"] == "control"
    assert compared.lacking["households_total"] == "not_held"


def test_a_single_window_is_the_placebo_test_of_level_3(panel):
    """One past window, one county: the same deviations as the report's own test, up to the donor itself."""
    from attraktiv_eval.counterfactual import Design

    rates = panel.rate(DOMESTIC).loc[:2016]
    found = past_windows(rates, 2, "demeaned_synthetic_control")
    test = placebo_in_space(rates, Design(["23"], 2015, 2016), "demeaned_synthetic_control")
    own = found.units.index("23")
    assert found.starts[-1] == 2015
    assert found.effects[-1, own] == pytest.approx(test.own_effect, abs=1e-9)


@given(st.lists(st.floats(-50, 50), min_size=20, max_size=60))
@settings(max_examples=60, deadline=None)
def test_the_smallest_effect_is_that_of_the_placebo_test(noise):
    """The same number as ``minimum_detectable_effect`` gives on the same deviations."""
    values = np.round(np.array(noise), 3) + 1e-3 * np.arange(len(noise))
    from attraktiv_eval.counterfactual.inference.placebos import Placebos

    effects = pd.Series(values, name="effect")
    ones = pd.Series(1.0, effects.index)
    made = Placebos(None, effects, pd.DataFrame(), ones, ones, 0.0, 1.0, 1.0)
    smallest = smallest_effect(values)
    assert smallest == pytest.approx(minimum_detectable_effect(made), abs=1e-6)
    if math.isfinite(smallest):
        assert power_at(values, smallest + 1e-6) >= 0.8
        assert power_at(values, 7.0) == power_from_placebos(made, [7.0])["power"].iloc[0]


@given(st.integers(2, 9), st.floats(0.2, 5))
@settings(max_examples=20, deadline=None)
def test_a_rescaled_region_sees_a_rescaled_effect(many, factor):
    """Twice the inhabitants, or half the persons a household, twice the smallest effect."""
    rng = np.random.default_rng(many)
    rates = pd.DataFrame(
        rng.normal(30, 2, (18, 8)).cumsum(axis=0) * 0.05 + 30, range(2000, 2018), list("abcdefgh")
    )
    people = pd.Series(100_000.0, rates.columns)
    first = statistics_sight(rates, people, ["a"], 2, 100, 1.6)
    second = statistics_sight(rates, factor * people, ["a"], 2, factor * 100, 1.6)
    assert second.value == pytest.approx(factor * first.value, rel=1e-9)
    assert second.power == pytest.approx(first.power)
    assert first.method in METHODS_COMPARED and first.low <= first.value <= first.high


@given(
    st.integers(40, 5000), st.floats(0.02, 0.6), st.floats(0.2, 0.8), st.floats(0.0, 0.4), st.integers(1, 900)
)
@settings(max_examples=80, deadline=None)
def test_a_draw_sees_less_with_drop_out_and_its_power_is_a_share(contacts, base, share, refuse, goal):
    whole = lottery_sight(contacts, goal, base, share)
    thinned = lottery_sight(contacts, goal, base, share, refuse=refuse)
    assert thinned.value >= whole.value > 0
    assert 0 <= thinned.power <= whole.power <= 1


def test_a_draw_among_900_sees_80_households_where_three_in_ten_do_not_take_part():
    for base in (0.05, 0.12):
        assert lottery_sight(900, 400, base, refuse=0.3).value <= 80
    assert lottery_sight(900, 400, 0.12).value == pytest.approx(53, abs=1)


@given(st.integers(5, 3000), st.floats(0.02, 0.5))
@settings(max_examples=60, deadline=None)
def test_the_fewest_and_most_contacts_see_the_goal_and_their_neighbours_do_not(goal, base):
    least, most = contacts_for(goal, base)
    if not least:
        return
    assert least <= most
    assert lottery_sight(least, goal, base).value <= goal >= lottery_sight(most, goal, base).value
    assert lottery_sight(most + 1, goal, base).value > goal
    assert goal / least <= 1 - base


def test_the_goal_is_restated_so_that_it_can_be_tested(compared):
    assert "not visible" in visible(compared, "en") and "syns inte" in visible(compared, "sv")
    assert "at least 455 contacts" in restated(compared, "en")
    small = replace(compared, request=replace(ASKED, goal=20))
    assert "drown" in restated(small, "en")
    few = replace(compared, request=replace(ASKED, contacts=100))
    assert "cannot be reached" in restated(few, "en")
    none = compare_designs(Request(("23",), 2027, 2028, 4000), compared.panel)
    assert "4,000 households are visible in the statistics" in visible(none, "en")
    assert [one.reason for one in none.sights if one.id == "lottery"] == ["no_contacts"]


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_page_answers_seven_and_twelve_questions_or_leaves_them_open(compared, language):
    told = answers(compared, language)
    assert [sum(guide == one for guide, _q, _a in told) for one in ("tillvaxtanalys", "projekteffekter")] == [
        7,
        12,
    ]
    text = document_of(compared, language)
    opened = sum(answer is None for _g, _q, answer in told)
    assert text.count("<em>") == opened > 0
    assert not re.search(r"\{\w+\}", re.sub(r"(?s)<style>.*?</style>|<svg.*?</svg>", "", text))
    assert text.index('class="banner"') < text.index("<figure")
    assert not re.search(r'(?:src|href)="https?:', text)


def test_the_picture_carries_the_goal_and_every_design_that_sees_something(compared):
    (axes,) = draw(compared, "en").axes
    assert len(axes.get_yticks()) == sum(one.value is not None for one in compared.sights)
    assert any("goal 400" in text.get_text() for text in axes.texts)
    assert axes.get_xscale() == "log"


def test_the_draft_holds_together_by_its_hashes(compared, tmp_path):
    write_design(compared, tmp_path / "å plan", ["sv", "en"], "Prov", date(2026, 12, 1))
    folder = tmp_path / "å plan"
    plan = tomllib.loads((folder / "design_plan.toml").read_text(encoding="utf-8"))
    said = plan.pop("sha256")
    assert said == digest(plan) and plan["before_start"] is True
    assert said in (folder / "design.html").read_text(encoding="utf-8")
    for name, sum_of in plan["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sum_of
    assert {"project/project.toml", "survey.md", "survey.en.md", "designs.csv"} <= set(plan["files"])
    late = write_design(compared, tmp_path / "late", ["en"], today=date(2027, 1, 2))
    assert "not a plan made blind" in late[0].read_text(encoding="utf-8")


def test_the_same_day_gives_the_same_bytes(compared, tmp_path):
    for name in ("one", "two"):
        write_design(compared, tmp_path / name, ["sv"], today=date(2026, 12, 1))
    first, second = (
        {p.relative_to(tmp_path / name).as_posix(): p.read_bytes() for p in (tmp_path / name).rglob("*.*")}
        for name in ("one", "two")
    )
    assert first == second


def test_a_folder_with_something_in_it_is_left_as_it_is(compared, tmp_path):
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(PublicationError):
        write_design(compared, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


WRONG = {
    "no county": {"region": ["99"]},
    "twice": {"region": ["23", "23"]},
    "lost zero": {"region": ["7"]},
    "years backwards": {"years": "2029-2027"},
    "no years": {"years": "next year"},
    "too long": {"years": "2027-2060"},
    "no goal": {"goal": "many"},
    "goal of nothing": {"goal": "0"},
    "other goal": {"goal": "companies=200"},
    "contacts": {"contacts": -1},
    "budget": {"budget": 0},
    "share": {"moves_anyway": 1.2},
    "no contacts": {"contacts": "many"},
    "thousands or decimals": {"budget": "22,000"},
    "a power of ten": {"budget": "2e7"},
    "no share": {"moves_anyway": "some"},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_one_line_and_writes_nothing(name, tmp_path):
    given = {"region": ["23"], "years": "2027-2029", "goal": "400", "contacts": 900, **WRONG[name]}
    with pytest.raises(EvaluationError) as error:
        read_request(
            given["region"],
            given["years"],
            given["goal"],
            given["contacts"],
            given.get("budget"),
            given.get("moves_anyway"),
        )
    assert "\n" not in error.value.one_line() and "remedy" in error.value.one_line()
    words = ["design", str(tmp_path / "d"), "--years", given["years"], "--goal", given["goal"]]
    for code in given["region"]:
        words += ["--region", code]
    for flag in ("contacts", "budget", "moves_anyway"):
        if flag in given:
            words += [f"--{flag.replace('_', '-')}={given[flag]}"]
    done = CliRunner().invoke(app, words)
    assert isinstance(done.exception, EvaluationError) and not (tmp_path / "d").exists()


def test_numbers_are_read_as_they_are_typed():
    asked = read_request(["23"], "2027-2029", "400", "1 200", "22 000 000", "12 %")
    assert (asked.contacts, asked.budget, asked.moves_anyway) == (1200, 22_000_000, 0.12)


def test_too_short_a_series_is_said(panel):
    rates = panel.rate(DOMESTIC).loc[2014:]
    with pytest.raises(DesignError, match="past windows"):
        past_windows(rates, 3, "synthetic_control")
    holed = panel.rate(DOMESTIC)
    holed.loc[2018, "23"] = np.nan
    with pytest.raises(DesignError, match="past windows"):
        past_windows(holed, 2, "synthetic_control", ["23"])
    holed = panel.rate(DOMESTIC)
    holed.loc[2018, "05"] = np.nan
    assert "05" not in past_windows(holed, 2, "synthetic_control", ["23"]).units


# --- Whether the promise holds


def strays(rates: pd.DataFrame, length: int, starts: range) -> list[float]:
    """Return promised over realised smallest effect, less one, of every county and start."""

    def sight(last: int, method: str) -> Windows:
        return past_windows(rates.loc[:last], length, method)

    found = []
    for start in starts:
        promised = min((sight(start - 1, method) for method in METHODS_COMPARED), key=lambda one: one.error)
        realised = sight(start + length - 1, promised.method)
        ratio = smallest_effect(promised.t.ravel()) / smallest_effect(realised.t.ravel())
        found += [ratio * promised.scale_of(code) / realised.scale_of(code) - 1 for code in rates.columns]
    return found


def test_a_promise_of_two_years_is_near_what_the_window_gave(panel):
    told = np.abs(strays(panel.rate(DOMESTIC), 2, range(2018, 2021)))
    assert len(told) == 63 and np.mean(told <= 0.15) >= 0.7


@pytest.mark.prove
def test_the_promise_holds_over_past_pseudo_projects(panel):
    """Over 567 pseudo-projects of one to three years the promise is within 15 % in at least 80 %.

    The page says 94, 81 and 68 of 100 for one, two and three years: three years alone do not reach 80.
    """
    rates, shares, ranges, every = panel.rate(DOMESTIC), {}, {}, []
    for length in (1, 2, 3):
        signed = np.array(strays(rates, length, range(2012, 2023 - length)))
        ranges[length] = round(float(np.exp(np.quantile(np.abs(np.log1p(signed)), 0.8))), 2)
        found = np.abs(signed)
        shares[length] = round(100 * float(np.mean(found <= 0.15)))
        every += list(found)
    assert len(every) == 567 and np.mean(np.array(every) <= 0.15) >= 0.80
    assert shares == {1: 94, 2: 81, 3: 68} and ranges == STRAYED
    assert round(100 * float(np.mean(np.array(every) <= 0.15))) == 82


def test_the_command_writes_pages_and_says_the_goal_restated(tmp_path):
    words = [
        "--region",
        "07",
        "--region",
        "08",
        "--years",
        "2027",
        "--goal",
        "300",
        "--contacts",
        "500",
        "--language",
        "en",
    ]
    done = CliRunner().invoke(app, ["design", str(tmp_path / "d"), *words])
    assert done.exit_code == 0, done.output
    assert "contacts 300 households are visible" in done.output
    made = {path.relative_to(tmp_path / "d").as_posix() for path in Path(tmp_path / "d").rglob("*.toml")}
    assert made == {"design_plan.toml", "project-07/project.toml", "project-08/project.toml"}


def test_no_figure_of_the_projects_own_years_is_used(panel):
    """A project of 2018-2019 asked about today has the numbers that it had on the figures to 2017."""
    then = replace(panel, series={key: table.loc[:2017] for key, table in panel.series.items()})
    asked = Request(("07",), 2018, 2019, 300, 500)
    now, before = compare_designs(asked, panel), compare_designs(asked, then)
    assert now.table().equals(before.table()) and now.data_sha256 == before.data_sha256


def test_a_notebook_is_told_of_a_lost_zero_and_takes_a_whole_code(panel):
    with pytest.raises(ParameterError, match="-r region 07"):
        compare_for_notebook(7, "2027", "300")  # as papermill reads -p region 07
    found = compare_for_notebook(23, "2027", 300, 500)
    assert found.request.regions == ("23",) and found.request.goal == 300
