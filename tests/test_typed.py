"""Every public name takes what a person types, and refuses a wrong name with the one most like it."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest

import attraktiv_eval as ae
from attraktiv_eval.errors import EvaluationError, ParameterError, one_of
from attraktiv_eval.regions import COUNTIES, code_of


@cache
def given() -> SimpleNamespace:
    panel = ae.load_statistics()
    parts = SimpleNamespace(project=ae.load_project(), records=ae.load_records(), panel=panel)
    parts.assumptions, parts.rates = ae.load_assumptions(), panel.rate("in_moves")
    parts.design = ae.Design("Jämtlands län", 2020, 2021, donors=["Dalarna", "21", "22", "17"])
    parts.wrong = ae.Design("Jemtland", 2020, 2021)
    return parts


def contribution(goal: str):
    of = given()
    return ae.contribute(of.records, of.project, of.assumptions, goal, "2021-12-31", draws=50)


def of_design(function, *options):
    """Return a call with regions by name, and one with a name that is none."""
    return (
        lambda: function(given().rates, given().design, *options),
        lambda: function(given().rates, given().wrong, *options),
        "write 'Jämtlands län'",
    )


def found(project: str = ""):
    described, stated = ae.load_project(project), ae.load_assumptions()
    told = {"project": described, "assumptions": stated, "contributions": {}, "tables": {}}
    return SimpleNamespace(year=2021, final=False, **told)


def own_table(**told: str):
    with TemporaryDirectory() as folder:
        file = ae.explore.county_table()
        return ae.add_outcome(file, folder, label="Emigration", unit="persons", id="emigration", **told)


DID = "difference_in_differences"
ARGUMENTS_OF_OTHERS = {"persons_per_household", "compare", "verdicts", "protect"}  # take results alone

#: Public name -> what is typed, what is typed wrongly, and words of the remedy.
CASES = {
    "METHODS": (
        lambda: ae.METHODS["synthetic_control"],
        lambda: ae.estimate(given().rates, given().design, "sythetic_control"),
        "write 'synthetic_control'",
    ),
    "Assumptions": (
        lambda: ae.load_assumptions().changed(deadweight_households=0.5),
        lambda: ae.load_assumptions().changed(deadwight_households=0.5),
        "write 'deadweight_households'",
    ),
    "Design": of_design(ae.estimate, DID),
    "Panel": (
        lambda: given().panel.choice("households", 2020, 2022, "Jämtland"),
        lambda: given().panel.rate("in_move"),
        "write 'in_moves'",
    ),
    "Project": (
        lambda: given().project.last_day("2021"),
        lambda: given().project.last_day("2021-12-32"),
        "write it as 2021-12-31",
    ),
    "Report": (
        lambda: ae.Report(found(), "en").section("level2"),
        lambda: ae.Report(found(), "en").table("levl3"),
        "choose one of",
    ),
    "add_outcome": (
        lambda: own_table(column="emigration"),
        lambda: own_table(column="emigrtion"),
        "write 'emigration'",
    ),
    "changes": (ae.changes, lambda: ae.changes("", "english"), "choose sv or en"),
    "comparison_design": (
        lambda: ae.comparison_design(given().project, given().panel, "2021"),
        lambda: ae.comparison_design(given().project, given().panel, "2021-12-31"),
        "write it as 2021",
    ),
    "conformal_interval": of_design(ae.conformal_interval),
    "contribute": (
        lambda: contribution("households"),
        lambda: contribution("household"),
        "write 'households'",
    ),
    "donor_pool": (
        lambda: ae.donor_pool("sparsely_populated", "Jämtlands län"),
        lambda: ae.donor_pool("sparsely populatd"),
        "write 'sparsely_populated'",
    ),
    "estimate": of_design(ae.estimate, DID),
    "evaluate": (lambda: given().project.year_of("2021"), lambda: ae.evaluate("21"), "2020, 2021, 2022"),
    "event_study": of_design(ae.event_study),
    "explore": (
        lambda: ae.explore.moves(ae.explore.opened(), municipality="krokom", year="2021", until="2021-12-31"),
        lambda: ae.explore.moves(ae.explore.opened(), municipality="Krokum"),
        "write 'Krokom'",
    ),
    "follow_up": (
        lambda: ae.follow_up(2023),
        lambda: ae.follow_up("2022-2024"),
        "write them as 2023-2027",
    ),
    "leave_one_out": of_design(ae.leave_one_out, DID),
    "load_assumptions": (
        lambda: ae.load_assumptions(""),
        lambda: ae.load_assumptions()["deadweight_household"],
        "write 'deadweight_households'",
    ),
    "load_project": (lambda: ae.load_project(""), lambda: ae.load_project("~/none.toml"), "give the path"),
    "load_records": (
        lambda: ae.load_records("", "", until="2021-12-31"),
        lambda: ae.load_records("", until="31 December"),
        "2021",
    ),
    "load_statistics": (lambda: ae.load_statistics(""), lambda: ae.load_statistics("none"), "none"),
    "minimum_detectable_effect": of_design(ae.minimum_detectable_effect, DID),
    "placebo_in_space": of_design(ae.placebo_in_space, DID),
    "placebo_in_time": of_design(ae.placebo_in_time, DID),
    "reach": (
        lambda: ae.reach(given().records, given().project, "2021-12-31"),
        lambda: ae.reach(given().records, given().project, "2031"),
        "choose one of 2020, 2021, 2022",
    ),
    "show_in": (lambda: ae.show_in("en"), lambda: ae.show_in("english"), "choose sv or en"),
}


def test_every_public_name_is_tried():
    assert set(CASES) | ARGUMENTS_OF_OTHERS == set(ae.__all__)


@pytest.mark.parametrize("name", sorted(CASES))
def test_what_is_typed_is_taken_and_what_is_wrong_is_refused_with_the_nearest(name):
    right, wrong, remedy = CASES[name]
    right()
    with pytest.raises(EvaluationError) as caught:
        wrong()
    assert remedy in caught.value.one_line()


def test_a_day_as_text_counts_as_the_day():
    of = given()
    last = of.project.last_day
    assert (
        last("2021-06-30") == last(date(2021, 6, 30)) == last(datetime(2021, 6, 30, 12)) == date(2021, 6, 30)
    )
    by_text, by_year = (ae.reach(of.records, of.project, until) for until in ("2021-12-31", 2021))
    assert by_text.goals == by_year.goals and by_text.until == by_year.until


def test_a_name_gives_what_its_code_gives():
    of = given()
    coded = ae.Design("23", 2020, 2021, donors=["20", "21", "22", "17"])
    assert ae.estimate(of.rates, of.design, DID).effect == ae.estimate(of.rates, coded, DID).effect
    assert {code_of(name, COUNTIES) for name in COUNTIES.values()} == set(COUNTIES)
    assert ae.donor_pool("all", "jämtland") == ae.donor_pool("all", "23")


def test_columns_that_are_names_stay_names():
    named = given().rates.rename(columns=COUNTIES | {"23": "Jämtland"})
    design = ae.Design("Jämtland", 2020, 2021, donors=["Dalarnas län", "Gävleborgs län"])
    assert ae.estimate(named, design, DID).design.treated == ("Jämtland",)


def test_a_goal_that_is_not_the_projects_is_no_goal_that_level_2_is_silent_on():
    assert contribution("organisations").reason == "not_applicable"
    for goal in ("", "Hushåll", "level2"):
        with pytest.raises(ParameterError, match="there is no goal"):
            contribution(goal)


def test_a_table_that_no_run_has_is_refused_and_one_that_this_run_lacks_is_told():
    report = ae.Report(found(), "en")
    assert "No table" in report.table("filters").html
    for asked in (report.table, report.section, report.figure, report.text):
        with pytest.raises(ParameterError, match="there is no"):
            asked("levl3")
    with pytest.raises(ParameterError, match="write 'level3', or"):
        report.section("levl3")


def test_nothing_alike_is_told_where_nothing_is():
    assert one_of(["sv", "en"], "xyzzy") == "choose one of sv, en"
