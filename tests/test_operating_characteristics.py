"""What each sentence of level 3 is worth, on real cases without a project and with known effects added."""

from __future__ import annotations

import pandas as pd
import pytest

from attraktiv_eval.counterfactual import Design, placebo_in_space
from attraktiv_eval.level3.method_validation import (
    FALSE_WHERE,
    GOALS,
    PLANTED,
    RULES_JUDGED,
    Case,
    cases,
    characteristics,
    judge,
    judged,
    measure,
    panels,
    recorded_characteristics,
    worth_of,
    worth_table,
)
from attraktiv_eval.level3.plan import Plan
from attraktiv_eval.statistics.panel import Panel

SIZE = (1.6, 1.3, 2.0)


def test_the_recorded_sentences_keep_their_goals() -> None:
    """At least 2,000 cases; supports wrong in 5 %, not compatible in 10 %, half change between years."""
    table = recorded_characteristics()
    whole = table[table["panel"] == "all"]
    assert whole["cases"].min() >= 2000
    for rule, most in GOALS.items():
        for _, rows in table[table["rule"] == rule].groupby(["panel", "outcome"]):
            assert rows["false"].max() <= most
    assert table["changed"].max() <= 0.5
    assert whole.groupby("planted")["printed"].sum().between(0.999, 1.001).all()
    assert set(whole["rule"]) == set(RULES_JUDGED)
    assert set(whole["planted"]) == set(PLANTED)


def test_a_sentence_is_false_where_its_claim_is_not_the_planted_truth() -> None:
    assert [FALSE_WHERE["effect_supported"](planted, 400) for planted in (0, 100, 400)] == [
        True,
        False,
        False,
    ]
    assert [FALSE_WHERE["goal_incompatible"](planted, 400) for planted in (0, 399, 400)] == [
        False,
        False,
        True,
    ]
    assert "too_coarse" not in FALSE_WHERE and "methods_disagree" not in FALSE_WHERE


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return panels(Panel.load())["counties", "net_migration"]


def test_no_case_holds_the_projects_county_in_its_years(table) -> None:
    found = cases({("counties", "net_migration"): table}, ("23", 2020, 2022))
    assert all(case.last < 2020 for case in found if case.unit == "23" or "23" in case.donors)
    assert any(case.unit == "23" for case in found) and any(case.last > 2020 for case in found)
    assert {case.last - case.first + 1 for case in found} == {2, 3}


@pytest.mark.parametrize("method", ["difference_in_differences", "synthetic_control", "synthetic_did"])
def test_a_planted_effect_moves_what_is_measured_as_adding_it_to_the_figures_does(table, method) -> None:
    case = Case("counties", "net_migration", "10", 2014, 2016, tuple(table.columns))
    moved = table.copy()
    moved.loc[2014:2016, "10"] += 2.5
    one, other = measure(case, table, method, "all"), measure(case, moved, method, "all")
    assert other.effect == pytest.approx(one.effect + 2.5)
    assert other.change == pytest.approx(one.change + 2.5)
    for name in ("half", "mde", "pseudo", "change_half", "noise"):
        assert getattr(other, name) == pytest.approx(getattr(one, name))
    placebos = placebo_in_space(table.loc[:2016], Design(["10"], 2014, 2016), method)
    assert (one.effect - one.half, one.effect + one.half) == pytest.approx(placebos.interval())


def test_shares_and_changes_by_hand() -> None:
    rows = [
        ("p", "o", unit, first, 3, planted, "too_coarse")
        for unit in "ab"
        for first in (1, 2, 3)
        for planted in (0, 400)
    ]
    rows[0] = (*rows[0][:6], "effect_supported")  # unit a, first year 1, nothing planted
    made = pd.DataFrame(rows, columns=["panel", "outcome", "unit", "first", "years", "planted", "rule"])
    whole = characteristics(made)
    whole = whole[whole["panel"] == "all"].set_index(["planted", "rule"])
    assert whole.loc[(0, "effect_supported"), "printed"] == pytest.approx(1 / 6)
    assert whole.loc[(0, "effect_supported"), "false"] == pytest.approx(1 / 6)
    assert whole.loc[(400, "effect_supported"), "false"] == 0
    assert whole.loc[(0, "effect_supported"), "changed"] == pytest.approx(1 / 4)  # of 4 neighbouring pairs
    # cluster sums 1 - 3/6 and 0 - 3/6 over 6 rows
    assert whole.loc[(0, "effect_supported"), "standard_error"] == pytest.approx((0.5**2 * 2) ** 0.5 / 6)


def test_the_worth_of_a_sentence_is_its_worst_line() -> None:
    table = recorded_characteristics()
    whole = table[table["panel"] == "all"]
    refuses = worth_of("goal_incompatible")
    assert refuses is not None and refuses.at in (400, 800, 1600)
    assert refuses.wrong == whole[whole["rule"] == "goal_incompatible"]["false"].max()
    silent = worth_of("too_coarse")
    assert silent is not None and not silent.claims and silent.idle > 0.5
    assert worth_of("exceeds_known") is None and worth_of("not_tested") is None
    assert len(worth_table()) == len(RULES_JUDGED) - 1


def test_every_planted_effect_is_judged_once(table) -> None:
    case = Case("counties", "net_migration", "10", 2014, 2016, tuple(table.columns))
    told = list(judge(case, [measure(case, table, "difference_in_differences", "all")], 130.8, SIZE))
    assert [households for households, _ in told] == list(PLANTED)
    assert told[-1][1] in (
        "effect_supported",
        "effect_of_uncertain_size",
        "seen_before",
        "not_grown",
        "too_coarse",
    )


@pytest.mark.prove
def test_a_part_of_the_table_is_made_again() -> None:
    """Gross in-moves of the counties, every start: their rows must come out as recorded."""
    key = ("counties", "in_moves")
    made = characteristics(
        judged(Panel.load(), Plan.load(), SIZE, only=lambda case: (case.panel, case.outcome) == key, n_jobs=2)
    )
    recorded = recorded_characteristics()
    pick = [
        t[(t["panel"] == key[0]) & (t["outcome"] == key[1])].reset_index(drop=True) for t in (made, recorded)
    ]
    pd.testing.assert_frame_equal(pick[0], pick[1], check_dtype=False, atol=6e-5, rtol=0)
