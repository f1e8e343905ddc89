"""Level 2: what moves the range, what is used, and that nothing is deducted twice."""

from __future__ import annotations

import time
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attraktiv_eval.additionality import Inputs, Observed, at_modes, contribute, simulate, triangular
from attraktiv_eval.additionality.simulation import Range, credit_range, mean_credit
from attraktiv_eval.assumptions import Assumptions

UNTIL = date(2022, 12, 31)


def households(n, **changes):
    row = {
        "first_contact": "2020-05-01", "moved": "yes", "moved_in": "2021-01-01", "origin_code": "0180",
        "destination_code": "2380",
    }  # fmt: skip
    return [{"household_id": f"h{i:03d}", **row, **changes} for i in range(n)]


def answers(steps, **changes):
    row = {"other_projects_named": 0, "date": "2021-12-01"}
    return [{"household_id": f"h{i:03d}", "answer": step, **row, **changes} for i, step in enumerate(steps)]


def seen(counts, moved, untold=(0, 0, 0, 0, 0), **changes):
    parts = {"retention": None, "local": None}
    return Observed("households", moved, np.array(counts), np.array(untold), **{**parts, **changes})


@pytest.fixture(scope="module")
def inputs(assumptions):
    return Inputs.of(assumptions, "households")


@pytest.fixture(scope="module")
def level2(records_of, project, assumptions):
    def of(goal="households", until=UNTIL, stated=None, **lists):
        return contribute(records_of(**lists), project, stated or assumptions, goal, until)

    return of


# ------------------------------------------------------------------------------- the parts


def test_triangular_quantiles_against_scipy():
    from scipy.stats import triang

    u = np.linspace(0, 1, 101)
    ours = triangular(u, 0.1, 0.25, 0.4)
    theirs = triang.ppf(u, 0.5, loc=0.1, scale=0.3)
    assert np.allclose(ours, theirs)
    assert np.allclose(triangular(u, 0.0, 0.0, 1.0), triang.ppf(u, 0.0))
    assert (triangular(u, 0.3, 0.3, 0.3) == 0.3).all()


@pytest.mark.parametrize(
    ("m", "low", "mode"), [(0, 1, 1), (1, 1 / 2, 3 / 4), (2, 1 / 3, 2 / 3), (3, 1 / 4, 5 / 8)]
)
def test_credit_beside_other_projects_is_between_an_equal_part_and_all(m, low, mode):
    found = credit_range(Range(0.5, 0.75, 1.0), m)
    assert (found.low, found.mode, found.high) == pytest.approx((low, mode, 1))


def test_an_empty_step_takes_the_mean_credit_of_all_answers():
    found = mean_credit(seen([[2, 2], [0, 0], [4, 0], [0, 0], [0, 0]], 8), np.array([[1.0, 0.5]]))
    assert found[0] == pytest.approx([0.75, 0.875, 1.0, 0.875, 0.875])


def test_who_does_not_say_whether_others_helped_takes_the_mean_of_the_step():
    told = seen([[1, 1], [0, 0], [0, 0], [0, 0], [0, 0]], 4, untold=(2, 0, 0, 0, 0))
    assert told.answered == 4
    assert mean_credit(told, np.array([[1.0, 0.5]]))[0, 0] == 0.75
    silent = seen([[0, 0]] + [[0, 0]] * 4, 2, untold=(2, 0, 0, 0, 0))
    assert (mean_credit(silent, np.array([[1.0, 0.5]])) == 1).all()


# ------------------------------------------------------------------------------- the range


def test_the_same_seed_gives_the_same_range_and_another_seed_nearly(records_of, project, assumptions):
    records = records_of(households=households(60), survey_households=answers([1, 2, 3, 4, 5] * 6))
    one, two, other = (
        contribute(records, project, assumptions, "households", UNTIL, seed=seed) for seed in (7, 7, 8)
    )
    assert (one.low, one.median, one.high) == (two.low, two.median, two.high)
    assert (one.low, one.high) != (other.low, other.high)
    assert (one.low, one.median, one.high) == pytest.approx((other.low, other.median, other.high), rel=0.03)


def test_ten_thousand_draws_take_less_than_half_a_second(inputs):
    observed = seen([[300, 60, 20]] * 5, 3000)
    started = time.process_time()
    simulate(observed, inputs, seed=1, draws=10_000)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    "name", ["would_not_have_moved_3", "unanswered_share_of_answered", "other_project_credit"]
)
def test_changing_one_assumption_changes_the_result_and_is_named(level2, assumptions, name):
    lists = {
        "households": households(60),
        "survey_households": [
            {**one, "other_projects_named": i % 2} for i, one in enumerate(answers([3] * 30))
        ],
    }
    before = level2(**lists)
    lower = assumptions[name].model_copy(update={"value": assumptions[name].low})
    after = level2(stated=Assumptions({**assumptions, name: lower}), **lists)
    assert after.median < before.median
    assert after.at_modes < before.at_modes
    assert name in before.assumptions


def test_answers_of_strangers_later_answers_and_empty_answers_are_not_used(level2):
    rows = answers([5, 5, None, 9], date="2021-12-01")
    rows[1]["date"] = "2023-01-01"
    rows.append({"household_id": "stranger", "answer": 5, "other_projects_named": 0, "date": "2021-12-01"})
    found = level2(households=households(10), survey_households=rows)
    assert found.answered == 1


def test_the_latest_answer_of_a_household_counts_once(level2):
    rows = [*answers([5]), *answers([1], date="2022-02-01")]
    found = level2(households=households(10), survey_households=rows)
    assert found.observed.by_step.tolist() == [1, 0, 0, 0, 0]
    early = level2(households=households(10), survey_households=rows, until=date(2021, 12, 31))
    assert early.observed.by_step.tolist() == [0, 0, 0, 0, 1]


def test_an_answer_without_a_day_counts_when_the_project_is_over(level2):
    rows = answers([5], date=None)
    lists = {"households": households(10), "survey_households": rows}
    assert level2(**lists).answered == 1
    assert level2(until=date(2022, 12, 30), **lists).answered == 0


@pytest.mark.parametrize(
    ("value", "others"),
    [(2, 2), (1, 1), (0, 0), (None, None)],
)
def test_an_answer_that_names_no_number_of_other_projects_is_untold(level2, value, others):
    found = level2(
        households=households(5), survey_households=answers([3], other_projects_named=value)
    ).observed
    if others is None:
        assert found.untold.tolist() == [0, 0, 1, 0, 0]
    else:
        assert found.counts[2, others] == 1


def test_those_counted_apart_are_not_in_m(level2):
    rows = [*households(4), *households(0)]
    rows[0]["moved_in"] = "2020-01-01"
    rows[1]["origin_code"] = "2303"
    found = level2(households=rows, survey_households=answers([5, 5, 5, 5]))
    assert (found.moved, found.answered) == (2, 2)


def test_nobody_moved_gives_zero_not_an_error(level2):
    found = level2(households=households(3, moved="no", moved_in=None))
    assert (found.low, found.median, found.high, found.moved) == (0, 0, 0, 0)
    assert found.applies


@pytest.mark.parametrize(
    ("goal", "reason"),
    [("organisations", "not_applicable"), ("persons", "not_applicable"), ("companies", "list_missing")],
)
def test_where_level_2_does_not_apply_it_says_why(level2, goal, reason):
    found = level2(goal, households=households(3))
    assert (found.applies, found.reason, found.median) == (False, reason, None)


def test_companies_without_known_pasts_draw_their_displacement(level2, assumptions):
    firms = [
        {"company_id": f"k{n}", "first_support": "2020-05-01", "hires_made": 1, "first_hire": "2021-01-01"}
        for n in range(20)
    ]
    found = level2("companies", companies=firms)
    assert "displacement_companies" in found.assumptions
    assert found.at_modes == pytest.approx(20 * 0.5 * 0.75)
    kept = found.filters.set_index("filter")
    assert kept.loc["displacement", "basis"] == "assumption"
    assert not kept.loc["retention", "deducted"]


def test_employment_is_used_only_where_twelve_months_have_passed(level2):
    firms = [
        {
            "company_id": f"k{n}", "first_support": "2020-05-01", "hires_made": 1,
            "first_hire": "2021-01-01" if n < 5 else "2022-06-01", "hire_already_local": "no",
            "employed_at_12_months": "yes" if n else "no",
        }
        for n in range(10)
    ]  # fmt: skip
    assert level2("companies", companies=firms).observed.retention.value == pytest.approx(0.8)
    early = level2("companies", companies=firms, until=date(2021, 12, 31))
    assert early.observed.retention is None


COUNTS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6), st.integers(0, 3)), min_size=5, max_size=5)


@settings(max_examples=40, deadline=None)
@given(COUNTS, st.integers(0, 60))
def test_the_range_lies_within_its_bounds(inputs, counts, silent):
    answered = int(np.sum(counts))
    observed = seen(counts, answered + silent)
    drawn = simulate(observed, inputs, seed=3, draws=500)
    assert (drawn.net >= 0).all()
    assert (drawn.net <= observed.moved + 1e-9).all()
    if answered:
        assert (drawn.net >= drawn.none - 1e-9).all()
        assert (drawn.net <= drawn.every + 1e-9).all()
        assert at_modes(observed, inputs) <= observed.moved


@settings(max_examples=30, deadline=None)
@given(COUNTS, st.integers(0, 4))
def test_a_less_sure_answer_never_lowers_the_contribution(inputs, counts, step):
    """Moving one answer a step from 'surely anyway' towards 'surely not' raises the value at the modes."""
    counts = np.array(counts)
    if step == 4 or counts[step, 0] == 0:
        return
    moved = counts.copy()
    moved[step, 0] -= 1
    moved[step + 1, 0] += 1
    whole = int(counts.sum()) + 10
    assert at_modes(seen(moved, whole), inputs) >= at_modes(seen(counts, whole), inputs) - 1e-9


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=20), st.randoms())
def test_any_order_of_rows_gives_the_same_range(level2, steps, random):
    homes, rows = households(25), answers(steps)
    one = level2(households=homes, survey_households=rows)
    random.shuffle(homes)
    random.shuffle(rows)
    two = level2(households=homes, survey_households=rows)
    assert (one.low, one.median, one.high, one.at_modes) == (two.low, two.median, two.high, two.at_modes)


def test_the_tornado_has_the_widest_bar_first_and_holds_the_base(level2):
    found = level2(households=households(60), survey_households=answers([1, 2, 3, 4, 5] * 6))
    width = found.tornado["high"] - found.tornado["low"]
    assert width.is_monotonic_decreasing
    assert (found.tornado["low"] <= found.at_modes).all()
    assert (found.tornado["high"] >= found.at_modes).all()
