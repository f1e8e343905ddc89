"""Companies count once, in the year of their first hire."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attraktiv_eval.metrics import reach
from attraktiv_eval.metrics.companies import classify_companies

UNTIL = date(2022, 12, 31)


def company(number=1, **changes):
    row = {
        "company_id": f"k{number}",
        "municipality_code": "2380",
        "first_support": "2020-10-01",
        "candidates_presented": 2,
        "hires_made": 1,
        "first_hire": "2021-02-01",
    }
    return {**row, **changes}


@pytest.mark.parametrize(
    ("changes", "status", "met"),
    [
        ({}, "hired", True),
        ({"candidates_presented": 0}, "hired", True),
        ({"hires_made": 0, "first_hire": None}, "not_hired", True),
        ({"hires_made": 0, "first_hire": None, "candidates_presented": 0}, "not_hired", False),
        ({"hires_made": None, "first_hire": None, "candidates_presented": None}, "unknown", False),
        ({"hires_made": 2, "first_hire": None}, "unknown", True),
        ({"hires_made": None}, "hired", True),
        ({"first_hire": "2023-01-01"}, "not_hired", True),
        ({"first_hire": "2020-09-30"}, "before_support", True),
        ({"first_support": None}, "unknown", True),
        (
            {"first_hire": "2020-10-01", "first_hire_last": "2020-10-31", "first_support": "2020-10-05"},
            "unknown",
            True,
        ),
        ({"first_hire": "2019-10-02", "first_support": "2019-10-01"}, "before_project", True),
    ],
)
def test_each_company_has_one_status(records_of, project, changes, status, met):
    found = classify_companies(records_of(companies=[company(**changes)]), UNTIL, project)
    assert found["status"].to_list() == [status]
    assert found["met"].to_list() == [met]


def test_a_company_counts_once_in_the_year_of_its_first_hire(records_of, project):
    rows = [company(1), company(1), company(2, first_hire="2022-05-01", municipality_code=None)]
    found = reach(records_of(companies=rows), project, UNTIL)
    count = found.goals["companies"]
    assert (count.known, count.unknown, count.reached) == (2, 0, 2)
    by_year = found.tables["companies_by_year"].set_index("year")
    assert by_year["hired"].to_dict() == {2020: 0, 2021: 1, 2022: 1}
    assert by_year["supported"].to_dict() == {2020: 2, 2021: 0, 2022: 0}
    by_place = found.tables["companies_by_municipality"].set_index("municipality_code")
    assert by_place.loc["2380", "hired"] == 1
    assert by_place.loc["unknown", "hired"] == 1


def test_companies_by_phase_and_area_of_their_contacts(records_of, project):
    contacts = [
        {"contact_id": "c1", "date": "2021-01-01", "company_id": "k1", "phase": "attract", "area": "x"},
        {"contact_id": "c2", "date": "2021-02-01", "company_id": "k1", "phase": "attract", "area": None},
        {"contact_id": "c3", "date": "2021-01-01", "company_id": "k2", "phase": "welcome", "area": "x"},
        {"contact_id": "c4", "date": "2023-01-01", "company_id": "k2", "phase": "brand", "area": "x"},
    ]
    rows = [company(1), company(2, hires_made=None, first_hire=None)]
    tables = reach(records_of(companies=rows, contacts=contacts), project, UNTIL).tables
    by_phase = tables["companies_by_phase"].set_index("phase")
    assert by_phase.loc["attract"].to_list() == [1, 1, 1]
    assert by_phase.loc["welcome"].to_list() == [1, 0, 0]
    assert by_phase.loc["brand"].to_list() == [0, 0, 0]
    assert tables["companies_by_area"].set_index("area").loc["x", "reached"] == 2


def test_a_company_supported_after_the_day_is_not_there(records_of):
    assert classify_companies(records_of(companies=[company()]), date(2020, 9, 30)).empty


def test_without_a_list_there_is_no_evidence(records_of, project):
    count = reach(records_of(), project, UNTIL).goals["companies"]
    assert (count.known, count.reached) == (None, 0)
    assert reach(records_of(), project, UNTIL).tables["companies_by_year"].empty
    assert "companies" not in set(reach(records_of(), project, UNTIL).tables["paths"]["goal"])


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.builds(
            lambda n, hires, hire: company(n, hires_made=hires, first_hire=hire),
            st.integers(1, 30),
            st.sampled_from([None, 0, 1, 3]),
            st.one_of(st.none(), st.dates(date(2020, 1, 1), UNTIL).map(str)),
        ),
        min_size=1,
        max_size=20,
    ),
    st.randoms(),
)
def test_any_order_of_rows_gives_the_same_count(records_of, project, rows, random):
    rows = list({row["company_id"]: row for row in rows}.values())
    one = reach(records_of(companies=rows), project, UNTIL)
    random.shuffle(rows)
    two = reach(records_of(companies=rows), project, UNTIL)
    assert one.goals == two.goals
    assert one.tables["companies_by_year"].equals(two.tables["companies_by_year"])
