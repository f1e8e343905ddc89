"""The specification curve, the rival explanations and the municipalities on the shipped figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attraktiv_eval.counterfactual.design import Design
from attraktiv_eval.counterfactual.inference import placebo_in_space, wider
from attraktiv_eval.level3.comparison import municipality_effects
from attraktiv_eval.level3.plan import Plan
from attraktiv_eval.level3.rival_explanations import rivals, shipped_events, speaks
from attraktiv_eval.level3.specification_curve import specification_curve, specifications
from attraktiv_eval.project import Project
from attraktiv_eval.regions import donor_pool
from attraktiv_eval.statistics.panel import Panel

FAST = ["difference_in_differences", "synthetic_control", "demeaned_synthetic_control", "synthetic_did"]
POOLS = ["all", "no_metropolitan"]


@pytest.fixture(scope="module")
def panel() -> Panel:
    return Panel.load()


@pytest.fixture(scope="module")
def project() -> Project:
    return Project.load()


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan.load()


@pytest.fixture(scope="module")
def curve(panel, plan) -> pd.DataFrame:
    return specification_curve(panel, methods=FAST, pools=POOLS, first_years=(None, 2010), plan=plan)


#: Persons over 2020-22 on net migration, all counties from 1997, by an independent prototype.
PROTOTYPE = {
    "difference_in_differences": (1967, 747, 3187, 0.048),
    "synthetic_control": (1435, 582, 2288, 0.095),
    "demeaned_synthetic_control": (1850, 883, 2816, 0.048),
    "synthetic_did": (1315, 334, 2296, 0.048),
}


@pytest.mark.parametrize("method", FAST)
def test_net_migration_agrees_with_the_prototype(curve, method):
    row = curve.query(
        "outcome == 'net_migration' and pool == 'all' and first_year == 1997 and not without_covid"
        " and method == @method"
    ).iloc[0]
    told = (row["effect_persons"], row["low"], row["high"])
    assert told == pytest.approx(PROTOTYPE[method][:3], abs=3)
    assert round(row["p_value"], 3) == PROTOTYPE[method][3]


def test_every_combination_is_there_once(curve):
    keys = ["outcome", "method", "pool", "first_year", "without_covid"]
    compared = {"domestic_in_moves_over_border": 2021, "domestic_out_moves_over_border": 2021}
    assert all(curve["window_last"] == curve["outcome"].map(compared).fillna(2022))
    assert (curve["window_first"] == np.where(curve["without_covid"], 2022, 2020)).all()
    longer = 4 * 2 * 2 * 2 * 2  # two outcomes that reach 2022: with and without the years of COVID
    assert len(curve) == longer + longer // 2 and not curve.duplicated(keys).any()
    assert curve["note"].isna().all()
    assert set(curve.groupby("outcome")["first_year"].min()) == {1997, 2002}


def test_without_covid_is_one_year_and_its_data_are_gone(panel, curve):
    rates = panel.rate("in_moves").drop(index=[2020, 2021])
    design = Design("23", 2022, 2022, donor_pool("no_metropolitan"))
    own = placebo_in_space(rates, design, "synthetic_did")
    row = curve.query(
        "outcome == 'in_moves' and method == 'synthetic_did' and pool == 'no_metropolitan'"
        " and first_year == 2002 and without_covid"
    ).iloc[0]
    assert row["effect"] == pytest.approx(own.own_effect) and row["p_value"] == own.p_value
    people = panel.population().loc[2022, "23"]
    assert row["effect_persons"] == pytest.approx(own.own_effect * people / 1000)


def test_zero_is_outside_exactly_when_p_is_at_most_a_tenth(curve):
    outside = (curve["effect_low"] > 0) | (curve["effect_high"] < 0)
    assert (outside == (curve["p_value"] <= 0.10)).all()


def test_the_plan_marks_its_specifications(curve, plan):
    marked = curve[curve["equivalent"]]
    for outcome in set(plan.outcomes) & set(curve["outcome"]):
        wanted = {place for place in plan.equivalent(outcome) if place[0] in FAST and place[1] in POOLS}
        own = marked[marked["outcome"] == outcome]
        assert set(zip(own["method"], own["pool"], strict=True)) == wanted
    assert marked["primary"].sum() == curve["primary"].sum()
    for row in curve[curve["primary"]].to_dict("records"):
        assert (row["method"], row["pool"]) == plan.primary(row["outcome"])


def test_the_primary_cell_is_marked_once(panel, plan):
    method, pool = plan.primary("in_moves")
    own = specification_curve(panel, methods=[method], outcomes=["in_moves"], pools=[pool], plan=plan)
    (row,) = own[own["primary"]].to_dict("records")
    assert (row["first_year"], row["without_covid"]) == (plan.first_year("in_moves"), False)


def test_every_placebo_interval_tells_its_true_level_and_what_it_hangs_on(curve):
    told = curve[curve["interval"] == "placebo"]
    levels = {20: 19 / 21, 17: 17 / 18, 15: 15 / 16, 9: 9 / 10, 10: 10 / 11}
    expected = told["n"].map(levels)
    assert expected.notna().all()
    np.testing.assert_allclose(told["true_level"].astype(float), expected)
    few = told["n"] == 9  # eight that are left carry no interval of 90 %
    assert np.isinf(told.loc[few, "high_without"].astype(float)).all()
    rest = told[~few]
    narrower = (rest["high_without"] - rest["low_without"]) <= (rest["high"] - rest["low"]) * (1 + 1e-9)
    assert narrower.all()


def test_a_report_on_the_first_year_sees_nothing_later(panel, plan):
    early = specification_curve(
        panel, window=(2020, 2020), until=2020, methods=FAST[:1], pools=["all"], plan=plan
    )
    assert not early["without_covid"].any()
    full = panel.rate("in_moves")
    cut = placebo_in_space(full.loc[:2020], Design("23", 2020, 2020), FAST[0])
    own = early.query("outcome == 'in_moves' and first_year == 2002").iloc[0]
    assert own["effect"] == pytest.approx(cut.own_effect)


def test_an_outcome_without_enough_years_is_noted_not_lost(panel):
    told = specification_curve(panel, window=(2005, 2007), methods=FAST[:1], outcomes=["in_moves"])
    assert told["note"].notna().all() and told["effect"].isna().all()
    assert len(specifications(panel, (2005, 2007), methods=FAST[:1], outcomes=["nothing"])) == 0


def test_the_forecast_method_shows_its_own_interval_but_in_the_primary_cell(panel):
    told = specification_curve(
        panel, methods=["structural_time_series"], outcomes=["in_moves"], pools=["all"], first_years=[2010]
    )
    assert (told["interval"] == "forecast").all() and told["p_value"].isna().all()
    assert (told["low"] < told["effect_persons"]).all() and (told["effect_persons"] < told["high"]).all()


@pytest.fixture(scope="module")
def examined(panel, project, plan):
    """On an outcome that covers the whole project, so that every check can be made."""
    return rivals(panel, project, plan, outcome="in_moves")


@pytest.fixture(scope="module")
def examined_primary(panel, project, plan):
    return rivals(panel, project, plan)


def test_the_primary_outcome_is_examined_in_the_years_that_it_covers(panel, plan, examined_primary):
    assert examined_primary.outcome == plan.primary_outcome == "domestic_in_moves_over_border"
    assert examined_primary.window == plan.compared() == (2020, 2021)
    rates, people = panel.rate(plan.primary_outcome), panel.base(plan.primary_outcome)["23"]
    method, pool = plan.primary()
    own = placebo_in_space(rates, Design("23", 2020, 2021, donor_pool(pool)), method).estimate.effects
    assert examined_primary.estimate == pytest.approx((own * people.loc[2020:2021]).mean() / 1000)
    told = examined_primary.table().set_index("event")
    assert tuple(told.loc["rise_before", ["first_year", "last_year"]]) == (2018, 2019)
    reasons = told.loc[~told["checked"], "reason"].to_dict()
    later = {"covid": "no_later_year", "lag": "no_later_year", "regiment": "not_yet"}
    assert reasons == {**later, "selection": "needs_survey", "overlapping_projects": "needs_survey"}
    assert "2020–2021" in examined_primary.sentence("en") and "2022" not in examined_primary.sentence("en")


def test_every_rival_is_checked_or_says_why_not(examined):
    told = examined.table()
    assert set(told["event"]) == set(shipped_events())
    assert told.loc[~told["checked"], "reason"].notna().all()
    assert set(told.loc[~told["checked"], "event"]) == {"selection", "overlapping_projects"}
    assert np.isfinite(told.loc[told["checked"], "value"].astype(float)).all()


def test_rival_checks_repeat_the_estimate_with_one_thing_changed(panel, examined, plan):
    told = examined.table().set_index("check")
    method, pool = plan.primary("in_moves")
    rates, people = panel.rate("in_moves"), panel.population()["23"]
    donors = [code for code in donor_pool(pool) if code not in ("20", "21", "22", "25")]
    plain = placebo_in_space(rates, Design("23", 2020, 2022, donors), method).estimate.effects
    assert told.loc["without_treated_donors", "value"] == pytest.approx(
        (plain * people.loc[2020:2022]).mean() / 1000
    )
    assert told["reference"].dropna().loc["placebo_in_time"] == pytest.approx(examined.estimate)
    overstated = examined.estimate / told.loc["movers_from_everywhere", "value"] - 1
    assert 0.01 < overstated < 0.02


def test_donors_with_attraction_work_of_their_own_carry_most_of_the_gross_estimate(examined):
    """+336 moves over three years with them, +34 without: 112 and 11 a year; and it did so before too."""
    row = examined.table().set_index("check").loc["without_treated_donors"]
    assert (3 * row["reference"], 3 * row["value"]) == pytest.approx((336, 34), abs=1)
    assert row["speaks"] == "cannot_tell"


def test_the_same_check_before_the_project_uses_no_later_figure(panel, project, plan, examined):
    """The figure beside each check is the check itself, asked in 2019 about 2017–2019."""
    earlier = rivals(panel, project, plan, window=(2017, 2019), until=2019, outcome="in_moves")
    then = earlier.table().set_index(["event", "check"])
    told = examined.table().set_index(["event", "check"])
    also = then.index[then["checked"]]
    both = [key for key in told.index if pd.notna(told.loc[key, "before"]) and key in also]
    assert len(both) > 5
    for key in both:
        assert told.loc[key, "before"] == pytest.approx(then.loc[key, "value"])
        assert told.loc[key, "before_reference"] == pytest.approx(then.loc[key, "reference"])


@pytest.mark.parametrize(
    ("sign", "value", "reference", "before", "usual", "said"),
    [
        (1, 20, 100, 50, 60, "for"),
        (1, 180, 100, 50, 60, "against"),
        (-1, 180, 100, 50, 60, "for"),
        (-1, 20, 100, 50, 60, "against"),
        (1, 95, 100, 50, 60, "cannot_tell"),
        (1, 90, 100, 50, 60, "cannot_tell"),
        (1, 20, 100, None, None, "cannot_tell"),
        (0, 80, 100, -60, 60, "for"),
        (0, 40, 100, -60, 60, "cannot_tell"),
    ],
)
def test_a_check_speaks_only_where_it_changes_more_than_before_the_project(
    sign, value, reference, before, usual, said
):
    assert speaks(sign, value, reference, before, usual) == said


def test_rivals_of_an_early_report_do_not_look_ahead(panel, project, plan):
    told = rivals(panel, project, plan, window=(2020, 2020), until=2020).table().set_index("event")
    assert told.loc["regiment", "reason"] == "not_yet"
    assert set(told.loc[["lag", "covid"], "reason"]) == {"not_yet", "no_later_year"}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_rivals_in_words_leave_no_id_behind(examined, examined_primary, language):
    for found in (examined, examined_primary):
        words = found.words(language)
        assert not words[["event", "check", "result"]].map(lambda text: "_" in text).to_numpy().any()
        assert len(found.sentence(language)) > 60


def test_each_municipality_has_its_interval_and_a_plain_statement(panel, project):
    told = municipality_effects(panel, project.region.municipalities, (2020, 2022))
    rows = told.table()
    assert list(rows["region_code"]) == list(project.region.municipalities)
    assert (rows["told_apart"] == (rows["low"] > 0) | (rows["high"] < 0)).all()
    statements = told.sentences("en")
    apart = rows.set_index("region_code")["told_apart"]
    assert (statements.str.contains("cannot be told apart from chance") == ~apart).all()
    assert "Chance alone" in told.sentence("en")


def test_shared_placebos_are_the_municipalitys_own(panel, project):
    told = municipality_effects(panel, project.region.municipalities, (2020, 2022), method=FAST[2])
    rates = panel.rate("in_moves", "municipality")
    donors = [code for code in rates.columns if not code.startswith("23")]
    own = placebo_in_space(rates, Design("2380", 2020, 2022, donors), FAST[2])
    assert told.placebos["2380"].p_value == own.p_value
    pd.testing.assert_series_equal(told.placebos["2380"].effects, own.effects)


def test_the_eight_as_one_group_are_the_county(panel, project):
    rates = panel.rate("in_moves", "municipality")
    people = panel.population("municipality").loc[rates.index]
    eight = Design(list(project.region.municipalities), 2020, 2022, weights=people)
    told = {"populations": people, "draws": 200, "seed": 20200101}
    random, real = (
        placebo_in_space(rates, eight, "difference_in_differences", groups=kind, **told)
        for kind in ("random", "counties")
    )
    stands = wider(random, real)
    county = panel.rate("in_moves")["23"]
    np.testing.assert_allclose(stands.estimate.actual, county.reindex(stands.estimate.actual.index))
    assert stands.half_width() == max(random.half_width(), real.half_width())
    assert random.n == 200 and real.n == 20


@pytest.mark.parametrize("outcome", ["in_moves", "out_moves", "net_migration"])
def test_intervals_in_moves_hold_zero_exactly_where_the_p_value_says_so(panel, project, outcome):
    told = municipality_effects(panel, project.region.municipalities, (2020, 2022), outcome=outcome).table()
    outside = (told["low"] > 0) | (told["high"] < 0)
    assert (outside == told["told_apart"]).all()


def test_a_negative_control_within_its_placebo_interval_says_nothing(panel, project, plan):
    """Immigration deviates by more than before the project, but no more than chance usually gives."""
    told = rivals(panel, project, plan).table().set_index("event")
    for event in ("immigration_control", "foreign_net_control"):
        row = told.loc[event]
        assert row["value"] == row["value"]  # it was made
        assert row["speaks"] == "cannot_tell"
