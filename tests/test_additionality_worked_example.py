"""The worked example of docs/worked_example.md, computed; every number of the page is one of these."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from attraktiv_eval.additionality import contribute
from attraktiv_eval.metrics import reach

UNTIL = date(2022, 12, 31)
PAGE = Path(__file__).resolve().parent.parent / "docs" / "worked_example.md"

#: Answers by step: how many name no, one, two other projects.
ANSWERS = {1: (8, 0, 0), 2: (4, 2, 0), 3: (5, 0, 0), 4: (2, 0, 1), 5: (2, 0, 0)}
HOUSEHOLD_RANGE, COMPANY_RANGE = (3.8, 6.2, 9.3), (2.9, 4.4, 6.2)
#: As the page shows them: p, the followed-up share, v, k.
TORNADO = (5.0, 9.9, 4.4, 7.2, 5.9, 8.3, 6.9, 7.3)
BOUNDS = {
    "not_followed_left": (2.4, 5.2),
    "not_followed_stayed": (5.1, 11.0),
    "every_unknown_counted": (19.2, 23.0),
}
COMPANY_ANSWERS = {1: 4, 2: 5, 3: 6, 4: 3, 5: 2}


@pytest.fixture(scope="module")
def households(records_of):
    homes = [
        {
            "household_id": f"h{n:02d}", "first_contact": "2020-05-01", "moved": "yes",
            "moved_in": "2021-01-01",
            "origin_code": "0180" if n < 36 else None, "origin_country": None if n < 36 else "Norge",
            "destination_code": "2380",
        }
        for n in range(40)
    ]  # fmt: skip
    steps = [(step, m) for step, many in ANSWERS.items() for m, n in enumerate(many) for _ in range(n)]
    answers = [
        {"household_id": f"h{n:02d}", "answer": step, "other_projects_named": m, "date": "2021-12-01"}
        for n, (step, m) in enumerate(steps)
    ]
    checks = [{"household_id": f"h{n:02d}", "checked": "2022-03-01", "resident": True} for n in range(18)]
    for n in (18, 19):
        checks.append({"household_id": f"h{n:02d}", "checked": "2021-05-01", "resident": True})
        checks.append({"household_id": f"h{n:02d}", "checked": "2022-01-01", "resident": False})
    return {"households": homes, "survey_households": answers, "residence": checks}


@pytest.fixture(scope="module")
def companies():
    firms = [
        {
            "company_id": f"k{n:02d}", "first_support": "2020-05-01", "hires_made": 1,
            "first_hire": "2021-01-01",
            "hire_already_local": "yes" if n < 6 else "no" if n < 24 else "unknown",
            "employed_at_12_months": "yes" if n < 16 else "no" if n < 20 else "unknown",
        }
        for n in range(30)
    ]  # fmt: skip
    steps = [step for step, n in COMPANY_ANSWERS.items() for _ in range(n)]
    answers = [
        {"company_id": f"k{n:02d}", "answer": step, "other_projects_named": 0, "date": "2021-12-01"}
        for n, step in enumerate(steps)
    ]
    return {"companies": firms, "survey_companies": answers}


@pytest.fixture(scope="module")
def household_case(records_of, project, assumptions, households):
    return contribute(records_of(**households), project, assumptions, "households", UNTIL)


@pytest.fixture(scope="module")
def company_case(records_of, project, assumptions, companies):
    return contribute(records_of(**companies), project, assumptions, "companies", UNTIL)


def test_households_at_the_modes(household_case):
    """0.9 x [5.935 + 16 x 0.5 x 5.935 / 24] = 7.122."""
    assert (household_case.moved, household_case.answered) == (40, 24)
    assert household_case.observed.retention.value == pytest.approx(0.9)
    assert household_case.at_modes == pytest.approx(7.122)


def at(quantile, low, mode, high):
    """Return a quantile of the triangle by hand."""
    rise = (mode - low) / (high - low)
    if quantile < rise:
        return low + (quantile * (high - low) * (mode - low)) ** 0.5
    return high - ((1 - quantile) * (high - low) * (high - mode)) ** 0.5


def test_households_at_the_ends_of_each_assumption(household_case, assumptions):
    """Each input where 5 and 95 of 100 of its draws lie below it, the others at their modes."""
    ends = household_case.tornado.set_index("assumption")
    for column, tail in (("low", 0.05), ("high", 0.95)):
        p = {}
        for step in ANSWERS:
            one = assumptions[f"would_not_have_moved_{step}"]
            p[step] = at(tail, one.low, one.value, one.high)
        told = sum(p[step] * (n + 0.75 * one + two * 2 / 3) for step, (n, one, two) in ANSWERS.items()) * (
            1 + 16 * 0.5 / 24
        )
        assert ends.loc["would_not_have_moved", column] == pytest.approx(0.9 * told)
        silent = 5.935 * (1 + 16 * at(tail, 0, 0.5, 1) / 24)
        assert ends.loc["unanswered_share_of_answered", column] == pytest.approx(0.9 * silent)
        stay = at(tail, 0.45, 0.9, 0.95)
        assert ends.loc["still_resident", column] == pytest.approx(stay * 7.122 / 0.9, abs=0.05)
    assert (ends["base"] == household_case.at_modes).all()
    assert [round(one, 1) for one in ends[["low", "high"]].to_numpy().ravel()] == list(TORNADO)


def test_retention_of_those_followed_up_and_its_ends(household_case):
    """18 of 20 stayed; the other 20 of 40 were never checked: 18 of 40 to 38 of 40."""
    found = household_case.observed.retention
    assert (found.low, found.value, found.high) == pytest.approx((0.45, 0.9, 0.95))
    assert (found.known, found.missing) == (20, 20)


def test_the_filters_are_named_once_each(household_case):
    kept = household_case.filters.set_index("filter")
    assert kept.index.is_unique
    assert kept.loc["deadweight", "kept"] == pytest.approx(6.21 / 24)
    assert kept.loc["other_projects", "kept"] == pytest.approx((21 + 2 * 0.75 + 2 / 3) / 24)
    assert kept.loc["non_response", "kept"] == pytest.approx(0.8)
    assert kept.loc["retention", "kept"] == pytest.approx(0.9)
    assert not kept.loc["displacement", "deducted"]


def test_the_draws_of_the_example(household_case):
    low, median, high = household_case.low, household_case.median, household_case.high
    assert (round(low, 1), round(median, 1), round(high, 1)) == HOUSEHOLD_RANGE
    bounds = household_case.bounds.set_index("case")
    none, every = bounds.loc[["unanswered_none", "unanswered_every"], "median"]
    assert every - none == pytest.approx(16 * 0.78, abs=0.3)
    assert household_case.high < household_case.high_bound == bounds["high"].max()
    told = [bounds.loc[case, end] for case in BOUNDS for end in ("low", "high")]
    assert [f"{one:.1f}" for one in told] == [str(one) for pair in BOUNDS.values() for one in pair]


def test_companies_at_the_modes(company_case):
    """(6.63 + 10 x 0.5 x 6.63 / 20) x 0.75 x 0.8 = 4.9725."""
    assert (company_case.moved, company_case.answered) == (30, 20)
    assert company_case.at_modes == pytest.approx(4.9725)
    assert (
        round(company_case.low, 1),
        round(company_case.median, 1),
        round(company_case.high, 1),
    ) == COMPANY_RANGE


def test_without_a_survey(records_of, project, assumptions, households):
    """40 x (1 - 0.7) x 0.9 = 10.8, and it is said to be an assumption only."""
    rows = {name: rows for name, rows in households.items() if name != "survey_households"}
    found = contribute(records_of(**rows), project, assumptions, "households", UNTIL)
    assert not found.has_survey
    assert found.at_modes == pytest.approx(10.8)
    assert found.bounds["case"].to_list() == [
        "not_followed_left", "not_followed_stayed", "every_unknown_counted",
    ]  # fmt: skip


def test_level_one_of_the_example(records_of, project, households):
    count = reach(records_of(**households), project, UNTIL).goals["households"]
    assert (count.known, count.unknown) == (40, 0)


def test_the_page_shows_these_numbers(household_case, company_case):
    page = PAGE.read_text(encoding="utf-8")
    shown = set(re.findall(r"\d+(?:\.\d+)?", page))
    case = household_case
    numbers = [
        5.935,
        7.122,
        4.9725,
        10.8,
        0.9,
        6.63,
        5.3415,
        19.7415,
        *(end for pair in BOUNDS.values() for end in pair),
        *TORNADO,
        *HOUSEHOLD_RANGE,
        *COMPANY_RANGE,
    ]
    assert {str(one) for one in numbers} <= shown
    assert f"{case.moved} households" in page
    assert f"{company_case.moved} companies" in page
