"""What the results show of themselves in a notebook."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd
import pytest

import attraktiv_eval as ae
from attraktiv_eval import errors as ae_errors
from attraktiv_eval.level3.plan import Plan
from attraktiv_eval.texts import LONGEST, as_html


@pytest.fixture(scope="module")
def rates():
    return ae.Panel.load().rate("net_migration")


def test_a_long_table_says_how_much_it_leaves_out():
    shown = as_html(["A < B"], {"Years": pd.DataFrame({"year": range(LONGEST + 7)}), "None": pd.DataFrame()})
    assert "A &lt; B" in shown and "None" not in shown
    assert f"the first {LONGEST} of {LONGEST + 7} rows" in shown
    assert shown.count("<tr>") == LONGEST


def test_an_estimate_and_its_placebos_show_a_sentence_and_a_table(rates):
    design = ae.Design(["23"], 2020, 2022)
    for result in (ae.estimate(rates, design), ae.placebo_in_space(rates, design)):
        shown = result._repr_html_()
        assert shown.startswith("<p>") and "<table" in shown


def test_a_panel_shows_its_outcomes_and_a_plan_says_that_it_is_not_blind():
    assert "in_moves" in ae.Panel.load()._repr_html_()
    assert "not blind pre-registration" in Plan.load()._repr_html_()


@pytest.fixture
def swedish():
    ae.show_in("sv")
    yield
    ae.show_in("en")


def test_results_show_themselves_in_the_language_of_the_notebook(rates, swedish):
    design = ae.Design(["23"], 2020, 2022)
    project = ae.load_project()
    for result, words in (
        (project, "organisationer och"),
        (ae.load_assumptions(), "antaganden"),
        (ae.load_statistics(), "Officiell statistik"),
        (ae.comparison_design(project, ae.load_statistics(), 2021), "Kandidater"),
        (ae.leave_one_out(rates, design), "Utan vart och ett av länen"),
        (ae.conformal_interval(rates, design, "difference_in_differences"), "Intervall"),
        (ae.event_study(rates, design), "År för år"),
    ):
        assert words in result._repr_html_(), words


def test_a_result_with_a_figure_shows_the_same_one_each_time(rates):
    found = ae.event_study(rates, ae.Design(["23"], 2020, 2022))
    assert "<svg" in found._repr_html_() and found._repr_html_() == found._repr_html_()
    with pytest.raises(ae_errors.ParameterError):
        ae.show_in("de")


def test_own_small_counts_are_shown_with_a_line_that_says_so():
    from attraktiv_eval.texts import own_records

    assert "do not pass this on" in own_records(invented=False)
    assert "invented examples" in own_records(invented=True)


def test_level_1_and_2_show_counts_and_no_household(records_of, project, assumptions):
    records = records_of(
        contacts=[{"contact_id": "C1", "date": pd.Timestamp("2021-02-03"), "household_id": "H0001",
                   "phase": "attract", "area": "labour_market_marketing", "municipality_code": "2380"}],
        households=[{"household_id": "H0001", "adults": 2, "children": 0, "kind": "couple",
                     "origin_code": "0180", "origin_country": None, "destination_code": "2380",
                     "first_contact": pd.Timestamp("2021-02-03"), "moved": "yes",
                     "moved_in": pd.Timestamp("2021-09-01"), "moved_in_precision": "day"}],
        organisations=[],
    )  # fmt: skip
    until = date(2021, 12, 31)
    reached = ae.reach(records, project, until)._repr_html_()
    found = ae.contribute(records, project, assumptions, "households", until)._repr_html_()
    assert "Goals" in reached and "Tornado" in found
    assert not re.search(r"H\d{4}", reached + found)
    missing = ae.contribute(records, project, assumptions, "companies", until)._repr_html_()
    assert "list_missing" in missing


@pytest.fixture(scope="module")
def inputs():
    return ae.explore.opened()


def personal_values(records) -> set[str]:
    """Return every value of the example records that leads to a household, a contact or a company."""
    columns = {"household_id", "contact_id", "company_id", "name", "left", "right", "left_rows", "right_rows"}
    tables = [value for value in vars(records).values() if isinstance(value, pd.DataFrame)]
    found = [
        table[name].dropna()
        for table in tables
        for name in columns & set(table)
        if table is not records.organisations
    ]
    return set(pd.concat(found).astype(str)) - {""}


@pytest.mark.parametrize("part", ["records", "inputs", "project", "assumptions", "reached"])
def test_no_household_is_in_what_is_shown_of_the_inputs(inputs, part):
    if part == "reached":
        shown = ae.reach(inputs.records, inputs.project, inputs.project.end)
    else:
        shown = inputs if part == "inputs" else getattr(inputs, part)
    personal = personal_values(inputs.records)
    assert len(personal) > 2000
    for text in (repr(shown), str(shown), shown._repr_html_()):
        assert not [one for one in personal if one in text]
    assert len(repr(shown)) < 600
    assert shown._repr_html_().startswith("<p>")


def test_the_inputs_show_counts_and_names(inputs):
    records, project = inputs.records, inputs.project
    assert repr(records).startswith(f"Records(contacts={len(records.contacts)}, ")
    assert f"<td>{len(records.households)}</td>" in records._repr_html_()
    assert "invented examples" in records._repr_html_()
    assert "households=400" in repr(project) and project.name in project._repr_html_()
    assert repr(inputs.assumptions) == f"Assumptions({len(inputs.assumptions)})"
    assert "deadweight_households" in inputs.assumptions._repr_html_()
    assert repr(records) in repr(inputs) and "in_moves" in inputs._repr_html_()


def test_what_is_read_on_the_way_shows_no_cell():
    from attraktiv_eval.records.records import Cleaned, Sheet

    sheet = Sheet("a.csv", "", ["Namn"], [["Anna"]], [2])
    cleaned = Cleaned("contacts", "a.csv", "", pd.DataFrame({"person_name": ["Anna"]}), 1)
    assert "Anna" not in repr(sheet) + repr(cleaned)


def test_a_range_that_rests_on_answers_says_which_assumption_it_does_not_use():
    records, project, assumptions = ae.load_records(), ae.load_project(), ae.load_assumptions()
    ae.show_in("en")
    own = ae.contribute(records, project, assumptions)["households"]
    said = own._repr_html_()
    assert "deadweight_households is not used" in said
    other = ae.contribute(records, project, assumptions.changed(deadweight_households=0.6))["households"]
    assert other._repr_html_() == said, "the page says that changing it changes nothing"


def test_a_panel_and_a_report_say_in_a_terminal_what_they_are(records_of, project, assumptions):
    assert re.fullmatch(r"Panel\(\d+ outcomes, 1997–2024, \d+ files\)", repr(ae.load_statistics()))
    from types import SimpleNamespace

    found = SimpleNamespace(year=2021, final=False, project=project, tables={})
    said = repr(ae.Report(found, "en"))
    assert said == "Report('En attraktiv region: yearly evaluation 2021', 'en', 24 sections)"
    none = records_of(contacts=[{"contact_id": "C1", "date": pd.Timestamp("2021-02-03")}])
    with pytest.raises(ae_errors.RecordError, match="no row or id 'H9'"):
        none.why("H9")


@pytest.mark.parametrize("typed", ["60 %", "0,6", "60 procent", 0.6])
def test_an_assumption_is_changed_as_a_person_types_it(typed):
    changed = ae.load_assumptions().changed(deadweight_households=typed)
    assert changed["deadweight_households"].value == pytest.approx(0.6)


@pytest.mark.parametrize("typed", ["sixty", "", True, float("nan"), "1e999"])
def test_an_assumption_that_is_no_number_is_refused_in_a_line(typed):
    with pytest.raises(ae_errors.AssumptionError, match=r'is no number; remedy: write it as 0\.6, "0,6"'):
        ae.load_assumptions().changed(deadweight_households=typed)
