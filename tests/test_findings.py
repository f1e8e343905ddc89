"""The verdict's rules, a test a row, and the conversion from rates to households."""

# ruff: noqa: PD011  (a verdict's values are no data frame's)

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attraktiv_eval.errors import ParameterError
from attraktiv_eval.findings import (
    RULES,
    Level3,
    Verdict,
    effect_in_persons,
    households_from_persons,
    mde_sentence,
    rate_in_persons,
    verdict,
    verdict_short,
    verdict_words,
    verdicts,
)

GOAL = 400


def contribution(low=60.0, high=120.0, *, has_survey=True, applies=True, reason=None):
    return SimpleNamespace(applies=applies, reason=reason, has_survey=has_survey, low=low, high=high)


def compared(estimate=250.0, low=100.0, high=380.0, mde=200.0, pseudo_effect=20.0, **more):
    return Level3(estimate, low, high, mde, pseudo_effect, (2017, 2019), **more)


def level3(comparison, known=300, contribution=None):
    return verdict(3, "households", GOAL, known=known, contribution=contribution, comparison=comparison)


def words(one):
    return verdict_words(one, "sv"), verdict_words(one, "en")


# ---------------------------------------------------------------- level 1


@pytest.mark.parametrize(
    ("known", "unknown", "rule", "sv", "en"),
    [
        (
            400,
            0,
            "goal_reached",
            "Målet är nått enligt projektets egna uppgifter. Det visar inte att projektet var orsaken.",
            "Goal reached by the project’s own records. This does not show that the project was the cause.",
        ),
        (
            399,
            1,
            "not_shown",
            "Målet är inte belagt: 1 är inte följda till slut.",
            "Not shown: 1 were not followed up.",
        ),
        (399, 0, "goal_not_reached", "Målet är inte nått.", "Goal not reached."),
        (None, 900, "no_evidence", "Underlag saknas i denna körning.", "No evidence in this run."),
    ],
)
def test_level_1(known, unknown, rule, sv, en):
    one = verdict(1, "households", GOAL, known=known, unknown=unknown)
    assert one.rule == rule
    assert words(one) == (sv, en)


# ---------------------------------------------------------------- level 2


@pytest.mark.parametrize(
    ("given", "rule", "sv", "en"),
    [
        (
            contribution(500, 900, has_survey=False),
            "assumption_only",
            "Bara ett antagande; ingen slutsats mot målet.",
            "Assumption only; no conclusion against the goal.",
        ),
        (
            contribution(400, 900),
            "at_least_goal",
            "Projektet kan rimligen ha bidragit till minst så många som målet, om antagandena håller.",
            "The project plausibly contributed to at least the goal, if the assumptions hold.",
        ),
        (
            contribution(60, 399.9),
            "below_goal",
            "Även med gynnsamma antaganden är bidraget mindre än målet.",
            "Even under favourable assumptions the contribution is below the goal.",
        ),
        (
            contribution(61.2, 400),
            "goal_in_range",
            "Går inte att avgöra: spannet 61–400 rymmer målet.",
            "Undecided: the range 61–400 contains the goal.",
        ),
        (
            contribution(None, None, applies=False, reason="list_missing"),
            "no_evidence",
            "Underlag saknas i denna körning.",
            "No evidence in this run.",
        ),
        (None, "no_evidence", "Underlag saknas i denna körning.", "No evidence in this run."),
    ],
)
def test_level_2(given, rule, sv, en):
    one = verdict(2, "households", GOAL, contribution=given)
    assert one.rule == rule
    assert words(one) == (sv, en)


def test_a_goal_met_on_level_1_may_be_missed_on_level_2():
    found = verdicts(
        {"households": SimpleNamespace(target=GOAL, known=412, unknown=0)},
        {"households": contribution(61, 118)},
        {},
    )["households"]
    assert [found[level].rule for level in (1, 2, 3)] == ["goal_reached", "below_goal", "not_tested"]


def test_levels_2_and_3_do_not_apply_to_organisations():
    found = verdicts({"organisations": SimpleNamespace(target=20, known=17, unknown=0)}, {}, {})
    assert [one.rule for one in found["organisations"].values()] == [
        "goal_not_reached",
        "not_applicable",
        "not_applicable",
    ]
    assert verdict_short(found["organisations"][3], "sv") == "–"


# ---------------------------------------------------------------- level 3

NOISY = compared(estimate=250.0, low=-490.0, high=990.0, mde=900.0)
SIZE = compared(estimate=290.0, low=100.0, high=500.0, mde=900.0)

ROWS = [
    (None, "not_tested", "Inte prövat: statistik saknas.", "Not tested: no statistics."),
    (
        compared(high=399.0),
        "goal_incompatible",
        "En effekt så stor som målet är inte förenlig med statistiken.",
        "An effect as large as the goal is not compatible with the statistics.",
    ),
    (
        compared(high=500.0),
        "effect_supported",
        "Statistiken stöder en effekt, men bevisar inte att projektet var orsaken.",
        "The statistics support an effect, but do not prove that the project caused it.",
    ),
    (
        SIZE,
        "effect_of_uncertain_size",
        "Länet avvek mer än slumpen brukar ge, men metoden överskattar de effekter den upptäcker;"
        " storleken är osäker.",
        "The county deviated more than chance usually gives, but a design this noisy overstates what it"
        " detects; the size is uncertain.",
    ),
    (
        NOISY,
        "too_noisy",
        "För osäkert: minsta påvisbara effekt är 900, målet 400."
        " Statistiken varken bekräftar eller motsäger.",
        "Too noisy: the smallest detectable effect is 900, the goal 400. The statistics neither confirm nor"
        " refute.",
    ),
    (compared(low=-10.0, high=410.0, mde=400.0), "undecided", "Går inte att avgöra.", "Undecided."),
]


@pytest.mark.parametrize(("comparison", "rule", "sv", "en"), ROWS)
def test_level_3(comparison, rule, sv, en):
    one = level3(comparison)
    assert one.rule == rule
    assert verdict_words(one, "sv").startswith(sv)
    assert verdict_words(one, "en").startswith(en)


GATE = [
    (
        compared(pseudo_effect=125.0),
        ["seen_before"],
        "samma metod visar 125 hushåll redan 2017–2019, före projektet",
        "the same method shows 125 households already in 2017–2019, before the project",
    ),
    (
        compared(members=(compared(estimate=200.0, low=-5.0),)),
        ["methods_disagree"],
        "likvärdiga metoder ger olika svar",
        "equally good methods disagree",
    ),
    (
        compared(set_agrees=False),
        ["methods_disagree"],
        "likvärdiga metoder ger olika svar",
        "equally good methods disagree",
    ),
    (
        compared(estimate=301.0),
        ["exceeds_known"],
        "skillnaden är större än alla hushåll som är kända som inflyttade",
        "the gap exceeds all households known to have moved in",
    ),
    (
        compared(members=(compared(pseudo_effect=200.0), compared(pseudo_effect=130.0))),
        ["mostly_seen_before"],
        "de flesta likvärdiga metoder visar minst hälften så mycket redan 2017–2019, före projektet",
        "most of the equally good methods show at least half as much already in 2017–2019,"
        " before the project",
    ),
]


@pytest.mark.parametrize(("comparison", "reasons", "sv", "en"), GATE)
def test_the_gate_fails_with_its_reason(comparison, reasons, sv, en):
    one = level3(comparison)
    assert (one.rule, one.reasons) == ("not_attributable", reasons)
    assert f"Länets utveckling kan inte tillskrivas projektet: {sv}." in verdict_words(one, "sv")
    assert f"The county’s development cannot be credited to the project: {en}." in verdict_words(one, "en")


def test_all_reasons_that_apply_are_given():
    member = compared(estimate=200.0, low=-5.0)
    one = level3(compared(estimate=320.0, pseudo_effect=300.0, members=(member,)))
    assert one.reasons == ["seen_before", "methods_disagree", "exceeds_known"]
    assert verdict_words(one, "en").count(";") == 2


def test_half_of_the_set_is_not_most_of_it():
    assert level3(compared(high=500.0, members=(compared(pseudo_effect=200.0),))).rule == "effect_supported"


@pytest.mark.parametrize(
    ("estimate", "pseudo", "before"),
    [
        (100, 50, True),
        (100, 49, False),
        (100, -90, False),
        (-100, -50, True),
        (-100, 20, False),
        (0, 5, False),
    ],
)
def test_seen_before_asks_for_half_the_estimate_with_its_sign(estimate, pseudo, before):
    assert compared(estimate=estimate, pseudo_effect=pseudo).seen_before is before


def test_a_pseudo_effect_that_could_not_be_made_closes_no_gate():
    assert level3(compared(pseudo_effect=None, high=500.0)).rule == "effect_supported"


def test_a_verdict_must_hold_in_the_whole_set():
    wide = compared(high=900.0)
    assert level3(compared(high=399.0, members=(wide,))).rule == "effect_supported"
    noisy = compared(high=900.0, mde=700.0)
    assert level3(compared(high=900.0, members=(noisy,))).rule == "effect_of_uncertain_size"
    unclear = compared(low=-5.0, high=900.0, members=(compared(low=-9.0, mde=700.0),))
    one = level3(unclear)
    assert one.rule == "too_noisy"
    assert one.values["mde"] == 700


# ------------------------------------------------- the smallest detectable effect beside every verdict


@pytest.mark.parametrize("comparison", [row[0] for row in ROWS if row[0]] + [row[0] for row in GATE])
def test_every_tested_level_3_says_what_it_could_have_seen(comparison):
    one = level3(comparison)
    sv, en = words(one)
    mde = f"{one.values['mde']:.0f}"
    assert sv.count(f"insta påvisbara effekt är {mde}, målet 400") == 1
    assert en.count(f"smallest detectable effect is {mde}, the goal 400") == 1
    assert mde_sentence(one, "en") == f"The smallest detectable effect is {mde}, the goal 400."


@pytest.mark.parametrize(("high", "said"), [(899.0, True), (900.0, False)])
def test_level_3_cannot_test_level_2_when_it_could_not_see_that_much(high, said):
    one = level3(NOISY, contribution=contribution(60, high))
    assert (
        "Nivå 3 kan inte pröva nivå 2: bidraget är mindre än den minsta påvisbara effekten."
        in verdict_words(one, "sv")
    ) is said
    assert (
        "Level 3 cannot test level 2: the contribution is smaller than the smallest detectable effect."
        in verdict_words(one, "en")
    ) is said


def test_without_level_2_nothing_is_said_of_testing_it():
    missing = contribution(None, None, applies=False)
    assert "level 2" not in verdict_words(level3(NOISY, contribution=missing), "en")


def test_a_design_that_can_see_nothing_says_so():
    blind = compared(estimate=90.0, low=-math.inf, high=math.inf, mde=math.inf)
    one = level3(blind, contribution=contribution())
    assert one.rule == "too_noisy"
    assert words(one) == (
        "För osäkert: ingen effekt, hur stor den än är, hade kunnat påvisas; målet är 400."
        " Statistiken varken bekräftar eller motsäger. "
        "Nivå 3 kan inte pröva nivå 2: bidraget är mindre än den minsta påvisbara effekten.",
        "Too noisy: no effect of any size could have been detected; the goal is 400."
        " The statistics neither confirm nor refute. "
        "Level 3 cannot test level 2: the contribution is smaller than the smallest detectable effect.",
    )
    gated = level3(compared(estimate=90.0, low=-math.inf, high=math.inf, mde=math.inf, pseudo_effect=80.0))
    assert "No effect of any size could have been detected" in verdict_words(gated, "en")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_rule_has_short_words(language):
    seen = set()
    cases = [
        verdict(1, "households", GOAL, known=known, unknown=unknown)
        for known, unknown in ((None, 0), (400, 0), (399, 1), (1, 0))
    ]
    cases += [
        verdict(2, goal, GOAL, contribution=one)
        for goal, one in (
            ("organisations", None),
            ("households", None),
            ("households", contribution(has_survey=False)),
            ("households", contribution(400, 500)),
            ("households", contribution(1, 2)),
            ("households", contribution(1, 500)),
        )
    ]
    cases += [
        verdict(3, "organisations", 20),
        *(verdict(one, "participations", 9) for one in (2, 3)),
        *(level3(row[0]) for row in [*ROWS, GATE[0]]),
    ]
    for one in cases:
        assert verdict_short(one, language)
        seen.add((one.level, one.rule))
    assert seen == {(level, rule) for level, rules in RULES.items() for rule in rules}


@given(
    st.floats(-3000, 3000),
    st.floats(0, 3000),
    st.floats(1, 4000),
    st.floats(-3000, 3000),
    st.integers(1, 1000),
)
def test_every_comparison_has_a_verdict_in_words(estimate, half, mde, pseudo, known):
    one = level3(Level3(estimate, estimate - half, estimate + half, mde, pseudo, (2017, 2019)), known=known)
    assert one.rule in RULES[3]
    assert "{" not in verdict_words(one, "sv") + verdict_words(one, "en")


def test_there_is_no_level_4():
    with pytest.raises(ParameterError, match="level 4"):
        verdict(4, "households", GOAL)


# ---------------------------------------------------------------- from rates to households


def test_persons_are_rates_times_inhabitants_by_year():
    effects = pd.Series({2020: 1.0, 2021: 2.0, 2022: -0.5})
    population = pd.Series({2019: 1, 2020: 131_155, 2021: 132_054, 2022: 132_670})
    assert effect_in_persons(effects, population) == pytest.approx(131.155 + 264.108 - 66.335)
    window = population.loc[2020:]
    assert rate_in_persons(2.0, window) == pytest.approx(2 * 395.879)


def test_a_year_without_population_is_an_error():
    with pytest.raises(ParameterError, match="2021"):
        effect_in_persons(pd.Series({2020: 1.0, 2021: 1.0}), pd.Series({2020: 5}))


def test_the_interval_in_households_takes_the_widest_of_four_quotients():
    size = SimpleNamespace(low=1.3, high=2.0)
    assert households_from_persons(592, 2310, size) == pytest.approx((592 / 2.0, 2310 / 1.3))
    assert households_from_persons(-789, 1601, size) == pytest.approx((-789 / 1.3, 1601 / 1.3))
    assert households_from_persons(-800, -100, size) == pytest.approx((-800 / 1.3, -100 / 2.0))
    assert households_from_persons(-math.inf, math.inf, size) == (-math.inf, math.inf)


@given(st.floats(-5000, 5000), st.floats(0, 5000), st.floats(1, 2), st.floats(0, 2))
def test_the_households_interval_holds_every_quotient(low, width, least, more):
    size = SimpleNamespace(low=least, high=least + more)
    first, last = households_from_persons(low, low + width, size)
    for persons in (low, low + width / 2, low + width):
        for one in (least, least + more / 3, least + more):
            assert first - 1e-6 <= persons / one <= last + 1e-6


# ---------------------------------------------------------------- the whole verdict, not only its rule

GOAL_ONLY = {"goal": GOAL}
ON_LEVEL_2 = [
    (contribution(None, None, applies=False, reason="not_applicable"), "not_applicable", GOAL_ONLY),
    (contribution(None, None, applies=False, reason="list_missing"), "no_evidence", GOAL_ONLY),
    (contribution(5, 9, has_survey=False), "assumption_only", {"goal": GOAL, "low": 5, "high": 9}),
    (contribution(400, 900), "at_least_goal", {"goal": GOAL, "low": 400, "high": 900}),
    (contribution(60, 399), "below_goal", {"goal": GOAL, "low": 60, "high": 399}),
    (contribution(60, 400), "goal_in_range", {"goal": GOAL, "low": 60, "high": 400}),
]


@pytest.mark.parametrize(
    ("known", "unknown", "rule"),
    [(400, 3, "goal_reached"), (399, 1, "not_shown"), (398, 1, "goal_not_reached")],
)
def test_a_verdict_on_level_1_carries_its_goal_and_its_counts(known, unknown, rule):
    values = {"goal": GOAL, "known": known, "unknown": unknown}
    found = verdict(1, "companies", GOAL, known=known, unknown=unknown)
    assert found == Verdict(1, "companies", rule, values)


def test_without_a_list_level_1_carries_the_goal_alone():
    assert verdict(1, "companies", GOAL) == Verdict(1, "companies", "no_evidence", GOAL_ONLY)


def test_nobody_is_unknown_unless_said():
    assert verdict(1, "companies", GOAL, known=399).rule == "goal_not_reached"


@pytest.mark.parametrize(("given", "rule", "values"), ON_LEVEL_2)
def test_a_verdict_on_level_2_carries_its_goal_and_its_range(given, rule, values):
    found = verdict(2, "companies", GOAL, contribution=given)
    assert found == Verdict(2, "companies", rule, values)


def test_where_level_2_does_not_apply_level_3_does_not_either():
    given = contribution(None, None, applies=False, reason="not_applicable")
    found = verdict(3, "companies", GOAL, contribution=given, comparison=compared())
    assert found == Verdict(3, "companies", "not_applicable", GOAL_ONLY)


def test_a_verdict_on_level_3_carries_all_that_its_words_need():
    found = verdict(
        3, "companies", GOAL, known=300, contribution=contribution(60, 120), comparison=compared(high=500.0)
    )
    values = {
        "goal": GOAL,
        "known": 300,
        "estimate": 250.0,
        "low": 100.0,
        "high": 500.0,
        "mde": 200.0,
        "pseudo_effect": 20.0,
        "pseudo_years": (2017, 2019),
        "cannot_test_level2": True,
    }
    assert found == Verdict(3, "companies", "effect_supported", values)
    untested = verdict(3, "companies", GOAL)
    assert untested == Verdict(3, "companies", "not_tested", GOAL_ONLY)


def test_what_is_counted_but_not_followed_says_so_on_levels_2_and_3():
    for level in (2, 3):
        found = verdict(level, "meetings", GOAL, known=7, counts="participations", comparison=compared())
        assert found == Verdict(level, "meetings", "not_followed", GOAL_ONLY)
    assert verdict(1, "meetings", GOAL, known=7, counts="participations").rule == "goal_not_reached"


def test_the_verdict_keeps_what_the_goal_counts():
    assert verdict(3, "families", GOAL, counts="households").values == {"goal": GOAL, "counts": "households"}


def test_all_verdicts_are_those_of_each_goal_by_itself():
    count = SimpleNamespace(target=GOAL, known=300, unknown=7, counts="households")
    given, seen = contribution(60, 120), compared(high=500.0)
    found = verdicts({"families": count}, {"families": given}, {"families": seen})
    more = {"known": 300, "unknown": 7, "contribution": given, "comparison": seen, "counts": "households"}
    assert found == {"families": {level: verdict(level, "families", GOAL, **more) for level in (1, 2, 3)}}
    assert [one.rule for one in found["families"].values()] == [
        "goal_not_reached",
        "below_goal",
        "effect_supported",
    ]


def test_an_estimate_as_large_as_all_who_are_known_exceeds_nobody():
    assert level3(compared(estimate=300.0), known=300).reasons == []
    assert level3(compared(estimate=300.0), known=299).reasons == ["exceeds_known"]


def test_a_level_that_does_not_exist_is_refused_with_its_remedy():
    with pytest.raises(ParameterError, match="there is no level 4") as refused:
        verdict(4, "households", GOAL)
    assert refused.value.remedy == "choose 1, 2 or 3"


@pytest.mark.parametrize(
    ("comparison", "rule"),
    [
        (compared(low=0.0, high=500.0), "undecided"),
        (compared(low=0.5, high=500.0), "effect_supported"),
        (compared(high=400.0), "effect_supported"),
        (compared(high=500.0, mde=400.0), "effect_supported"),
        (compared(high=500.0, mde=400.5), "effect_of_uncertain_size"),
    ],
)
def test_level_3_at_the_edges_of_its_conditions(comparison, rule):
    assert level3(comparison).rule == rule


VACANCIES = {"unit": "vacancies"}
FEWER = compared(-250.0, -380.0, -100.0, **VACANCIES)


@pytest.mark.parametrize(
    ("comparison", "rule"),
    [
        (compared(high=380.0, **VACANCIES), "effect_supported"),
        (FEWER, "effect_supported"),
        (replace(FEWER, mde=401.0), "effect_of_uncertain_size"),
        (replace(FEWER, high=0.0), "undecided"),
        (replace(FEWER, high=50.0, mde=401.0), "too_noisy"),
        (replace(FEWER, unit=""), "goal_incompatible"),
        (replace(FEWER, members=(replace(FEWER, high=-1.0),)), "effect_supported"),
        (replace(FEWER, members=(compared(**VACANCIES),)), "undecided"),
    ],
)
def test_of_another_unit_a_fall_is_an_effect_too_and_the_goal_no_measure(comparison, rule):
    assert level3(comparison).rule == rule


def test_more_vacancies_than_known_companies_exceed_nobody():
    assert level3(compared(estimate=300.0, **VACANCIES), known=200).reasons == []
    assert level3(compared(estimate=300.0), known=200).reasons == ["exceeds_known"]


def test_the_unit_goes_with_the_verdict_where_it_is_not_the_goals():
    assert level3(FEWER).values["unit"] == "vacancies"
    assert "unit" not in level3(compared()).values


def test_the_widest_of_the_set_is_said_where_the_primary_sees_just_the_goal():
    member = compared(high=500.0, mde=700.0)
    assert level3(compared(high=500.0, mde=400.0, members=(member,))).values["mde"] == 700.0
