"""The verdict's rules, a test a row, and the conversion from rates to households."""

# ruff: noqa: PD011  (a verdict's values are no data frame's)

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
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
    mde_sentence,
    verdict,
    verdict_sentence,
    verdict_short,
    verdict_words,
    verdicts,
)
from attraktiv_eval.level3.units import effect_in_persons, households_from_persons, rate_in_persons

GOAL = 400


def contribution(low=60.0, high=120.0, *, has_survey=True, applies=True, reason=None):
    return SimpleNamespace(applies=applies, reason=reason, has_survey=has_survey, low=low, high=high)


def bounded(low, high, high_bound):
    """A contribution that knows what it would be with every unanswered household counted."""
    return SimpleNamespace(**vars(contribution(low, high)), high_bound=high_bound)


def compared(estimate=250.0, low=100.0, high=380.0, mde=200.0, pseudo_effect=20.0, power=1.0, **more):
    """A comparison whose deviation grew, and which finds the goal in a share of ten cases."""
    noise = tuple([0.0] * round(10 * power) + [-GOAL] * round(10 - 10 * power))
    given = {"change_low": 50.0, "change_high": 450.0, "noise": noise, "border": 150.0} | more
    return Level3(estimate, low, high, mde, pseudo_effect, (2017, 2019), **given)


def unclear(estimate=50.0, low=-100.0, high=500.0, **more):
    """A comparison with zero inside."""
    return compared(estimate, low, high, **more)


def level3(comparison, known=300, contribution=None, **more):
    return verdict(
        3, "households", GOAL, known=known, contribution=contribution, comparison=comparison, **more
    )


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
        (None, 900, "no_evidence", "Underlag saknas i den här rapporten.", "No evidence in this run."),
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
            "Projektet har sannolikt bidragit till minst så många som målet, om antagandena håller.",
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
            bounded(60, 399, 399),
            "below_goal",
            "Även med gynnsamma antaganden är bidraget mindre än målet.",
            "Even under favourable assumptions the contribution is below the goal.",
        ),
        (
            bounded(60, 399, 400),
            "goal_in_bound",
            "Går inte att avgöra: spannet 60–399 ligger under målet, men räknas allt okänt projektet till "
            "godo kan bidraget vara 400.",
            "Undecided: the range 60–399 is below the goal, but with every unknown counted for the project "
            "the contribution may be 400.",
        ),
        (
            contribution(None, None, applies=False, reason="list_missing"),
            "no_evidence",
            "Underlag saknas i den här rapporten.",
            "No evidence in this run.",
        ),
        (None, "no_evidence", "Underlag saknas i den här rapporten.", "No evidence in this run."),
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


def test_before_the_promised_day_a_goal_is_missed_only_so_far():
    """A first year far below the goal of three is no failure yet; reached, open and undecided stay."""
    one = verdict(2, "households", GOAL, contribution=bounded(4, 8, 20), ongoing=True)
    assert one.rule == "below_goal" and one.values["ongoing"] is True
    assert words(one) == (
        "Hittills är bidraget mindre än målet för hela projektet, även med gynnsamma antaganden.",
        "So far the contribution is below the goal of the whole project, even under favourable assumptions.",
    )
    assert verdict_short(one, "sv") == "hittills under målet"
    early = verdict(1, "households", GOAL, known=21, ongoing=True)
    assert words(early) == ("Målet är ännu inte nått.", "Goal not yet reached.")
    assert verdict_short(early, "en") == "not yet reached"
    others = [
        (1, {"known": 400}),
        (1, {"known": 390, "unknown": 20}),
        (2, {"contribution": contribution(400, 900)}),
        (2, {"contribution": contribution(60, 400)}),
        (2, {"contribution": bounded(60, 399, 400)}),
        (2, {"contribution": contribution(5, 9, has_survey=False)}),
        (3, {"comparison": compared()}),
        (3, {"comparison": unclear(high=300.0)}),
    ]
    for level, seen in others:
        found = verdict(level, "households", GOAL, **seen)
        assert verdict(level, "households", GOAL, ongoing=True, **seen) == found
        assert "ongoing" not in found.values


def test_levels_2_and_3_do_not_apply_to_organisations():
    found = verdicts({"organisations": SimpleNamespace(target=20, known=17, unknown=0)}, {}, {})
    assert [one.rule for one in found["organisations"].values()] == [
        "goal_not_reached",
        "not_applicable",
        "not_applicable",
    ]
    assert verdict_short(found["organisations"][3], "sv") == "–"


# ---------------------------------------------------------------- level 3

BEFORE = {"change_low": -50.0}

ROWS = [
    (None, "not_tested", "Inte prövat: statistik saknas.", "Not tested: no statistics."),
    (
        unclear(high=399.0),
        "goal_incompatible",
        "En effekt så stor som målet är inte förenlig med statistiken.",
        "An effect as large as the goal is not compatible with the statistics.",
    ),
    (
        unclear(power=0.3),
        "too_coarse",
        "Statistiken är för grov: en effekt så stor som målet hade upptäckts i 3 fall av 10."
        " Den talar varken för eller emot projektet.",
        "The statistics are too coarse: an effect as large as the goal would have been found in 3"
        " cases of 10."
        " They speak neither for nor against the project.",
    ),
    (
        unclear(power=0.8),
        "no_goal_effect",
        "Ingen effekt så stor som målet syns, fast den troligen hade synts.",
        "No effect as large as the goal is seen, though it would probably have been.",
    ),
    (
        compared(members=(unclear(),)),
        "methods_disagree",
        "Likvärdiga metoder ger olika svar; ingen slutsats.",
        "Equally good methods disagree; no conclusion.",
    ),
    (
        compared(-250.0, -380.0, -100.0),
        "fewer_moved_in",
        "Inflyttningen var lägre än i jämförbara län.",
        "Fewer moved in than in comparable counties.",
    ),
    (
        compared(change_low=math.nan),
        "drift_untested",
        "Länet avvek mer än slumpen brukar ge, men om det gjorde det redan före projektet kunde inte prövas;"
        " avvikelsen kan inte räknas projektet till godo.",
        "The county deviated more than chance usually gives, but whether it did so already before the project"
        " could not be tested; it cannot be credited to the project.",
    ),
    (
        compared(pseudo_effect=125.0, **BEFORE),
        "seen_before",
        "Länet avvek mer än slumpen brukar ge, men det gjorde det redan 2017–2019, före projektet;"
        " avvikelsen kan inte räknas projektet till godo.",
        "The county deviated more than chance usually gives, but did so already in 2017–2019, before the"
        " project; it cannot be credited to the project.",
    ),
    (
        compared(pseudo_effect=124.0, **BEFORE),
        "not_grown",
        "Länet avvek mer än slumpen brukar ge, men inte mer än slumpen brukar ge utöver avvikelsen"
        " strax före,"
        " 2017–2019; avvikelsen kan inte räknas projektet till godo.",
        "The county deviated more than chance usually gives, but not by more than chance beyond what it did"
        " just before, in 2017–2019; it cannot be credited to the project.",
    ),
    (
        compared(low=301.0),
        "exceeds_known",
        "Länet avvek mer än alla hushåll som är kända som inflyttade; annat än projektet måste"
        " ligga bakom det"
        " mesta.",
        "The county deviated by more than all households known to have moved in; most of it must have other"
        " causes.",
    ),
    (
        compared(),
        "effect_supported",
        "Statistiken stöder en effekt, men bevisar inte att projektet var orsaken.",
        "The statistics support an effect, but do not prove that the project caused it.",
    ),
    (
        compared(mde=401.0),
        "effect_of_uncertain_size",
        "Länet avvek mer än slumpen brukar ge, men metoden överskattar de effekter den upptäcker;"
        " storleken är osäker.",
        "The county deviated more than chance usually gives, but a design this noisy overstates what it"
        " detects; the size is uncertain.",
    ),
]


@pytest.mark.parametrize(("comparison", "rule", "sv", "en"), ROWS)
def test_level_3(comparison, rule, sv, en):
    one = level3(comparison)
    assert one.rule == rule
    assert verdict_words(one, "sv").startswith(sv)
    assert verdict_words(one, "en").startswith(en)


def test_the_table_has_a_row_for_every_rule():
    assert [row[1] for row in ROWS] == list(RULES[3][2:])


@pytest.mark.parametrize(
    ("comparison", "rule"),
    [
        (compared(low=0.0), "goal_incompatible"),
        (compared(low=0.0, high=400.0), "no_goal_effect"),
        (compared(low=0.5), "effect_supported"),
        (compared(-250.0, -380.0, 0.0), "goal_incompatible"),
        (compared(-250.0, -380.0, -0.5), "fewer_moved_in"),
        (unclear(high=400.0, power=0.7), "too_coarse"),
        (compared(change_low=0.0), "not_grown"),
        (compared(change_low=0.5), "effect_supported"),
        (compared(low=300.0), "effect_supported"),
        (compared(mde=400.0), "effect_supported"),
        (compared(mde=400.5), "effect_of_uncertain_size"),
        (compared(high=900.0), "effect_supported"),
    ],
)
def test_level_3_at_the_edges_of_its_conditions(comparison, rule):
    assert level3(comparison).rule == rule


@pytest.mark.parametrize(
    ("primary", "member", "rule"),
    [
        (unclear(high=399.0), unclear(high=500.0), "no_goal_effect"),
        (unclear(), unclear(power=0.7), "too_coarse"),
        (unclear(power=0.7), unclear(), "too_coarse"),
        (unclear(), compared(-250.0, -380.0, -100.0), "methods_disagree"),
        (compared(), compared(-250.0, -380.0, -100.0), "methods_disagree"),
        (compared(), compared(change_high=math.nan), "drift_untested"),
        (compared(), compared(**BEFORE), "not_grown"),
        (compared(pseudo_effect=200.0), compared(**BEFORE), "seen_before"),
        (compared(low=350.0), compared(low=300.0), "effect_supported"),
        (compared(), compared(mde=500.0), "effect_of_uncertain_size"),
    ],
)
def test_a_verdict_must_hold_in_the_whole_set(primary, member, rule):
    assert level3(replace(primary, members=(member,))).rule == rule


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("low", "methods_disagree"),
        ("high", "effect_supported"),
        ("mde", "effect_of_uncertain_size"),
        ("change_low", "drift_untested"),
    ],
)
def test_what_is_missing_in_a_member_never_credits(name, rule):
    member = replace(compared(), **{name: math.nan})
    assert level3(compared(members=(member,))).rule == rule


def test_what_is_missing_where_zero_lies_inside_refuses_nothing():
    for missing in ({"low": math.nan}, {"high": math.nan}, {"noise": ()}, {"border": math.nan}):
        assert level3(replace(unclear(), **missing)).rule == "too_coarse"
    blind = replace(unclear(), noise=())
    assert "is not known" in verdict_words(level3(blind), "en")


@pytest.mark.parametrize(
    ("estimate", "pseudo", "before"),
    [
        (100, 50, True),
        (100, 49, False),
        (100, -90, False),
        (-100, -50, True),
        (0, 5, False),
        (100, None, False),
    ],
)
def test_seen_before_asks_for_half_the_estimate_with_its_sign(estimate, pseudo, before):
    assert compared(estimate=estimate, pseudo_effect=pseudo).seen_before is before


def test_invented_records_decide_nothing_about_real_statistics():
    higher = compared(low=301.0)
    assert level3(higher, invented=True).rule == "effect_supported"
    assert level3(higher, invented=True).values["known"] is None
    told = {"contribution": contribution(60, 120)}
    assert level3(unclear(), **told).values["cannot_check_level2"] is True
    assert level3(unclear(), invented=True, **told).values["cannot_check_level2"] is False


def test_the_pace_of_the_years_compared_stands_in_the_place_of_the_goal():
    paced = unclear(high=300.0, pace=267.0)
    assert level3(paced).rule == "no_goal_effect"
    assert level3(replace(paced, high=266.0)).rule == "goal_incompatible"
    assert level3(compared(pace=199.0)).rule == "effect_of_uncertain_size"
    assert level3(paced).values["goal"] == 400
    assert level3(paced).values["pace"] == 267
    assert mde_sentence(level3(paced), "en").endswith("the goal’s pace for the years compared is 267 of 400.")
    assert mde_sentence(level3(paced), "sv").endswith("målets takt för de jämförda åren är 267 av 400.")


@pytest.mark.parametrize(
    "comparison",
    [
        unclear(high=266.0),
        unclear(power=0.3, high=900.0),
        unclear(power=0.0, high=900.0),
        unclear(high=900.0, noise=()),
        unclear(high=900.0),
    ],
)
def test_every_sentence_that_holds_an_effect_against_the_goal_says_which_number(comparison):
    paced = level3(replace(comparison, pace=267.0))
    assert "the goal’s pace for the years compared (267 of 400)" in verdict_sentence(paced, "en")
    assert "målets takt för de jämförda åren (267 av 400)" in verdict_sentence(paced, "sv")
    whole = level3(replace(comparison, pace=None, high=min(comparison.high, 399.0)))
    assert "as large as the goal " in verdict_sentence(whole, "en")
    assert "så stor som målet " in verdict_sentence(whole, "sv")


# ------------------------------------------------- power, the smallest effect, and what was before


@pytest.mark.parametrize("comparison", [row[0] for row in ROWS if row[0]])
def test_every_tested_level_3_says_what_was_before_and_what_it_could_have_seen(comparison):
    sv, en = words(level3(comparison))
    pseudo, mde = comparison.pseudo_effect, min(one.mde for one in comparison.everyone)
    assert f"Samma metod visar +{pseudo:.0f} hushåll 2017–2019, före projektet." in sv
    assert f"The same method shows +{pseudo:.0f} households in 2017–2019, before the project." in en
    said = "too coarse:" in en  # that verdict has already said what it is held against
    held = {"sv": "", "en": ""} if said else {"sv": "; målet är 400", "en": "; the goal is 400"}
    assert f"Den minsta effekt som upptäcks i 80 fall av 100 är {mde:.0f} hushåll{held['sv']}." in sv
    assert f"The smallest effect found in 80 of 100 cases is {mde:.0f} households{held['en']}." in en


def test_power_and_the_smallest_effect_are_ranges_over_the_set():
    one = level3(unclear(power=0.7, mde=900.0, members=(unclear(power=0.2, mde=300.0),)))
    assert (one.values["mde_low"], one.values["mde_high"]) == (300.0, 900.0)
    assert (one.values["power_low"], one.values["power_high"]) == (0.2, 0.7)
    assert "in 2–7 cases of 10" in verdict_words(one, "en")
    assert "i 2–7 fall av 10" in verdict_words(one, "sv")
    assert "is 300–900 households" in verdict_words(one, "en")


def test_cases_of_ten_are_never_rounded_up_to_enough():
    nearly = replace(unclear(), noise=(0.0,) * 79 + (-400.0,) * 21)
    one = level3(nearly)
    assert (one.rule, one.values["cases_high"]) == ("too_coarse", 7)
    rare = replace(unclear(), noise=(0.0,) * 9 + (-400.0,) * 91)
    assert "in fewer than 1 case of 10" in verdict_words(level3(rare), "en")


def test_power_counts_what_passes_the_border_on_either_side():
    one = replace(unclear(), noise=(-600.0, -250.0, -249.0, 0.0), border=150.0)
    assert one.power(400.0) == 3 / 4  # -200, 151 and 400; 150 lies on the border
    assert one.power(399.0) == 2 / 4


def test_an_effect_below_one_is_exaggerated_too():
    """A goal in another unit than persons may be a share of one."""
    assert compared(noise=(0.0, 0.25), border=0.5).exaggeration(0.5) == pytest.approx(1.5)
    assert math.isnan(compared(noise=(0.0,), border=0.5).exaggeration(0.0))


def test_the_exaggeration_is_the_mean_of_what_is_found_over_the_effect():
    one = replace(unclear(), noise=(-300.0, 0.0, 200.0), border=150.0)
    assert one.exaggeration(400.0) == pytest.approx((400 + 600) / 2 / 400)
    assert replace(one, border=1000.0).exaggeration(400.0) == pytest.approx(2.5)
    assert replace(one, noise=(-400.0,), border=0.0).exaggeration(400.0) == pytest.approx(1.0)
    assert math.isnan(one.exaggeration(0.0))
    assert math.isnan(replace(one, noise=()).exaggeration(400.0))
    values = level3(replace(one, members=(replace(one, noise=()),))).values
    assert math.isnan(values["exaggeration_low"]) and math.isnan(values["exaggeration_high"])


@pytest.mark.parametrize(("high", "said"), [(199.0, True), (200.0, False)])
def test_level_3_cannot_check_level_2_where_no_method_would_see_that_much(high, said):
    one = level3(unclear(mde=900.0, members=(unclear(mde=200.0),)), contribution=contribution(60, high))
    assert ("Statistiken är för grov för att kontrollera uppskattningen på nivå 2." in words(one)[0]) is said
    assert ("The statistics are too coarse to check the estimate of level 2." in words(one)[1]) is said


def test_without_level_2_nothing_is_said_of_checking_it():
    missing = contribution(None, None, applies=False)
    assert "level 2" not in verdict_words(level3(unclear(), contribution=missing), "en")
    assert "level 2" not in verdict_words(
        level3(unclear(unit="vacancies"), contribution=contribution(1, 2)), "en"
    )


def test_a_design_that_can_see_nothing_says_so():
    blind = compared(estimate=90.0, low=-math.inf, high=math.inf, mde=math.inf, border=math.inf)
    one = level3(blind, contribution=contribution())
    assert one.rule == "too_coarse"
    assert "in fewer than 1 case of 10" in verdict_words(one, "en")
    assert "No effect of any size would be found in 80 of 100 cases." in verdict_words(one, "en")
    assert "Ingen effekt, hur stor den än är, skulle upptäckas i 80 fall av 100." in words(one)[0]
    partly = level3(replace(blind, members=(unclear(mde=900.0),)))
    assert "is 900 households, and by some equally good methods none is." in verdict_words(partly, "en")


def test_a_verdict_of_an_earlier_version_is_still_read():
    for rule in ("too_noisy", "not_attributable", "undecided", "of_some_other_version"):
        old = Verdict(3, "households", rule, {"goal": 400, "mde": 900.0})
        assert verdict_words(old, "sv") == verdict_short(old, "sv") != ""
    assert verdict_short(Verdict(3, "households", "too_noisy", {"mde": 900.0}), "en").endswith("900)")


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
            ("households", bounded(1, 2, 400)),
            ("households", contribution(1, 500)),
        )
    ]
    cases += [
        verdict(3, "organisations", 20),
        *(verdict(one, "participations", 9) for one in (2, 3)),
        *(level3(row[0]) for row in ROWS),
    ]
    for one in cases:
        assert verdict_short(one, language)
        seen.add((one.level, one.rule))
    assert seen == {(level, rule) for level, rules in RULES.items() for rule in rules}


ends = st.floats(-3000, 3000) | st.sampled_from([math.nan, math.inf, -math.inf, 0.0])
a_comparison = st.builds(
    Level3,
    ends,
    ends,
    ends,
    st.floats(0, 4000) | st.just(math.inf),
    st.none() | st.floats(-3000, 3000),
    st.just((2017, 2019)),
    change_low=ends,
    change_high=ends,
    noise=st.lists(st.floats(-900, 900), max_size=5).map(tuple),
    border=st.floats(0, 900) | st.just(math.inf),
    unit=st.sampled_from(["", "vacancies"]),
)


@given(a_comparison, st.lists(a_comparison, max_size=3), st.integers(1, 1000), st.booleans())
def test_every_comparison_has_a_verdict_in_words(primary, members, known, invented):
    one = level3(replace(primary, members=tuple(members)), known=known, invented=invented)
    assert one.rule in RULES[3]
    assert "{" not in verdict_words(one, "sv") + verdict_words(one, "en")
    assert "nan" not in verdict_words(one, "en")
    assert verdict_short(one, "sv") != one.rule


@given(a_comparison, st.lists(a_comparison, max_size=3))
def test_nothing_is_credited_or_refused_where_zero_lies_inside(primary, members):
    whole = replace(primary, members=tuple(members))
    one = level3(whole)
    if any(not (each.low > 0 or each.high < 0) for each in whole.everyone):
        assert one.rule in ("goal_incompatible", "too_coarse", "no_goal_effect", "methods_disagree")
    else:
        assert one.rule not in ("goal_incompatible", "too_coarse", "no_goal_effect")


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
    (bounded(60, 399, 400), "goal_in_bound", {"goal": GOAL, "low": 60, "high": 399, "high_bound": 400}),
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
        3,
        "companies",
        GOAL,
        known=300,
        contribution=contribution(60, 120),
        comparison=compared(breakdown=1.5, draw_factor=2.0),
    )
    values = {
        "goal": GOAL,
        "pace": GOAL,
        "known": 300,
        "estimate": 250.0,
        "low": 100.0,
        "high": 380.0,
        "mde_low": 200.0,
        "mde_high": 200.0,
        "power_low": 1.0,
        "power_high": 1.0,
        "cases_low": 10,
        "cases_high": 10,
        "exaggeration_low": 1.0,
        "exaggeration_high": 1.0,
        "breakdown": 1.5,
        "draw_factor": 2.0,
        "pseudo_effect": 20.0,
        "pseudo_years": (2017, 2019),
        "cannot_check_level2": True,
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
    given, seen = contribution(60, 120), compared()
    found = verdicts({"families": count}, {"families": given}, {"families": seen})
    more = {"known": 300, "unknown": 7, "contribution": given, "comparison": seen, "counts": "households"}
    assert found == {"families": {level: verdict(level, "families", GOAL, **more) for level in (1, 2, 3)}}
    assert [one.rule for one in found["families"].values()] == [
        "goal_not_reached",
        "below_goal",
        "effect_supported",
    ]


def test_what_holds_for_the_run_reaches_each_goals_verdict():
    """Invented records and a day before the promised one are told to every goal."""
    count = SimpleNamespace(target=GOAL, known=300, unknown=7)
    given, seen = contribution(60, 120), compared(low=301.0, mde=900.0)
    for invented in (False, True):
        found = verdicts({"families": count}, {"families": given}, {"families": seen}, invented=invented)
        assert (found["families"][3].rule == "exceeds_known") is not invented
    early = verdicts({"families": count}, {"families": given}, {}, ongoing=True)["families"]
    assert early[1].values["ongoing"] and early[2].values["ongoing"]


def test_a_level_that_does_not_exist_is_refused_with_its_remedy():
    with pytest.raises(ParameterError, match="there is no level 4") as refused:
        verdict(4, "households", GOAL)
    assert refused.value.remedy == "choose 1, 2 or 3"


VACANCIES = {"unit": "vacancies"}
FEWER = compared(-250.0, -380.0, -100.0, change_low=-400.0, change_high=-50.0, **VACANCIES)


@pytest.mark.parametrize(
    ("comparison", "rule"),
    [
        (compared(**VACANCIES), "effect_supported"),
        (FEWER, "effect_supported"),
        (replace(FEWER, mde=401.0), "effect_of_uncertain_size"),
        (replace(FEWER, change_high=0.0), "not_grown"),
        (replace(FEWER, high=0.0), "no_goal_effect"),
        (replace(FEWER, high=50.0, noise=(-400.0,)), "too_coarse"),
        (replace(FEWER, unit=""), "fewer_moved_in"),
        (replace(FEWER, members=(replace(FEWER, high=-1.0),)), "effect_supported"),
        (replace(FEWER, members=(compared(**VACANCIES),)), "methods_disagree"),
        (compared(low=301.0, **VACANCIES), "effect_supported"),
    ],
)
def test_of_another_unit_a_fall_is_an_effect_too_and_the_goal_no_measure(comparison, rule):
    assert level3(comparison).rule == rule


def test_the_unit_goes_with_the_verdict_where_it_is_not_the_goals():
    assert level3(FEWER).values["unit"] == "vacancies"
    assert "unit" not in level3(compared()).values
    assert "20 lediga jobb" in verdict_words(level3(FEWER), "sv")


def test_persons_are_told_as_persons():
    of_persons = verdict(3, "people", GOAL, known=300, comparison=compared(low=301.0), counts="persons")
    assert "all persons known" in verdict_words(of_persons, "en")
    assert "200 personer" in verdict_words(of_persons, "sv")


# ---------------------------------------------------------------- every sentence, read once


def old(rule, **values):
    return Verdict(3, "households", rule, values)


def of_people(comparison, **more):
    return verdict(3, "people", GOAL, known=300, comparison=comparison, counts="persons", **more)


BLIND = replace(unclear(), noise=())
NO_SIZE = compared(estimate=90.0, low=-math.inf, high=math.inf, mde=math.inf, border=math.inf)


def in_words():
    """Return a verdict for every sentence that a verdict may say, by the case; made anew at each call."""
    return {
        "level 1, no list": verdict(1, "households", GOAL),
        "level 1, reached": verdict(1, "households", GOAL, known=1400),
        "level 1, some unknown": verdict(1, "households", GOAL, known=390, unknown=1020),
        "level 1, missed": verdict(1, "households", GOAL, known=390),
        "level 1, missed so far": verdict(1, "households", GOAL, known=390, ongoing=True),
        "level 2, of organisations": verdict(2, "organisations", 20, known=17),
        "level 2, of participations": verdict(2, "meetings", 20, counts="participations"),
        "level 2, no list": verdict(2, "households", GOAL),
        "level 2, no survey": verdict(2, "households", GOAL, contribution=contribution(has_survey=False)),
        "level 2, at least the goal": verdict(2, "households", GOAL, contribution=contribution(400, 900)),
        "level 2, below": verdict(2, "households", GOAL, contribution=contribution()),
        "level 2, below so far": verdict(2, "households", GOAL, contribution=contribution(), ongoing=True),
        "level 2, the bound holds the goal": verdict(
            2, "households", GOAL, contribution=bounded(60, 399, 1400)
        ),
        "level 2, no bound": verdict(2, "households", GOAL, contribution=bounded(60, 399, None)),
        "level 2, the range holds the goal": verdict(
            2, "households", GOAL, contribution=contribution(60, 1400)
        ),
        "level 3, of organisations": verdict(3, "organisations", 20),
        "level 3, of participations": verdict(3, "meetings", 20, counts="participations"),
        **{f"level 3, {rule}": level3(comparison) for comparison, rule, *_said in ROWS},
        **{
            f"level 3, {rule}, held against the pace": level3(replace(comparison, pace=267.0))
            for comparison, rule in (
                (unclear(high=266.0), "goal_incompatible"),
                (unclear(), "no_goal_effect"),
            )
        },
        "level 3, too_coarse, in no case": level3(unclear(power=0.0)),
        "level 3, too_coarse, in some cases": level3(unclear(power=0.3, members=(unclear(power=0.6),))),
        "level 3, too_coarse, cases unknown": level3(BLIND),
        "level 3, too_coarse, held against the pace": level3(replace(BLIND, pace=267.0)),
        "level 3, too_coarse, cases known at one end": replace(
            level3(unclear(power=0.3)), values=level3(unclear(power=0.3)).values | {"cases_high": None}
        ),
        "level 3, seen_before, years not said": level3(
            replace(compared(pseudo_effect=125.0, **BEFORE), pseudo_years=None)
        ),
        "level 3, cannot check level 2": level3(unclear(mde=900.0), contribution=contribution()),
        "level 3, no size is found": level3(NO_SIZE),
        "level 3, by some methods no size is found": level3(replace(NO_SIZE, members=(unclear(mde=900.0),))),
        "level 3, a range of sizes": level3(unclear(mde=1900.0, members=(unclear(mde=300.0),))),
        "level 3, sizes written alike": level3(unclear(mde=300.1, members=(unclear(mde=300.2),))),
        "level 3, nothing known of the years before": level3(compared(pseudo_effect=None)),
        "level 3, one year before": level3(replace(compared(), pseudo_years=(2019, 2019))),
        "level 3, years before not said": level3(replace(compared(), pseudo_years=None)),
        "level 3, of persons": of_people(compared()),
        "level 3, of more persons than known": of_people(compared(low=301.0)),
        "level 3, of companies": verdict(3, "companies", GOAL, known=300, comparison=compared()),
        "level 3, of a goal called otherwise": verdict(
            3, "families", GOAL, comparison=compared(), counts="households"
        ),
        "level 3, in vacancies": level3(FEWER),
        "level 3, in a unit of one's own": level3(
            replace(FEWER, unit="beds", unit_words={"sv": "bäddar", "en": "beds in all"})
        ),
        "level 3, in a unit of one's own without its Swedish": level3(
            replace(FEWER, unit="beds", unit_words={"en": "beds in all"})
        ),
        "an earlier version, too_noisy": old("too_noisy", mde=1900.0),
        "an earlier version, too_noisy without a size": old("too_noisy"),
        "an earlier version, not_attributable": old("not_attributable"),
        "an earlier version, undecided": old("undecided"),
        "an unknown version": old("of_some_other_version"),
    }


def test_every_sentence_is_the_one_that_was_read():
    """The file is for reading: short words and whole verdict, Swedish and English, of each kind of case."""
    told = []
    for name, one in in_words().items():
        told += [f"# {name}", *(verdict_short(one, language) for language in ("sv", "en")), *words(one), ""]
    read = Path(__file__).with_name("verdicts_in_words.txt").read_text(encoding="utf-8")
    assert "\n".join(told) == read
