"""Designs that the data can carry, and those that they cannot."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from simulated import panel

from attraktiv_eval.counterfactual import METHODS, Design, estimate
from attraktiv_eval.errors import DesignError

FIRST, LAST = 2013, 2015
OUTCOME = panel(1)


def refused(design, outcome=OUTCOME) -> str:
    with pytest.raises(DesignError) as caught:
        design.prepare(outcome)
    assert caught.value.remedy
    return str(caught.value)


def test_default_donors_are_all_others():
    prepared = Design(["u00"], FIRST, LAST).prepare(OUTCOME)
    assert prepared.donors == list(OUTCOME.columns[1:])
    assert prepared.periods[prepared.window].tolist() == [2013, 2014, 2015]
    assert prepared.before.sum() == 12
    assert not (prepared.before | prepared.window)[-1]
    assert prepared.n_treated == 1


def test_one_treated_unit_may_be_given_by_name_alone():
    assert Design("u00", FIRST, LAST).treated == ("u00",)


def test_no_donors():
    with pytest.raises(DesignError, match="donors is empty"):
        Design(["u00"], FIRST, LAST, donors=[])
    assert "no donors" in refused(Design(["u00"], FIRST, LAST), OUTCOME[["u00"]])


def test_treated_unit_unknown():
    assert "not in the outcome: 23" in refused(Design(["23"], FIRST, LAST))


def test_donor_unknown():
    assert "not in the outcome: u77" in refused(Design(["u00"], FIRST, LAST, donors=["u01", "u77"]))


def test_treated_unit_also_a_donor():
    with pytest.raises(DesignError, match="also a donor: u01"):
        Design(["u00", "u01"], FIRST, LAST, donors=["u01", "u02"])


def test_unit_named_twice():
    with pytest.raises(DesignError, match="named twice among the donors: u01"):
        Design(["u00"], FIRST, LAST, donors=["u01", "u01"])


def test_fewer_than_four_periods_before():
    assert "only 3 periods lie before 2004" in refused(Design(["u00"], 2004, 2006))
    assert Design(["u00"], 2005, 2006).prepare(OUTCOME).before.sum() == 4


def test_window_after_the_data():
    assert "after the data" in refused(Design(["u00"], 2017, 2019))
    assert "end the window in 2016" in refused(Design(["u00"], 2015, 2017))


def test_window_backwards():
    assert "ends (2013) before it begins (2015)" in refused(Design(["u00"], 2015, 2013))


def test_window_between_the_periods():
    outcome = OUTCOME.drop(index=[2013, 2014])
    assert "no period" in refused(Design(["u00"], 2013, 2014), outcome)


def test_constant_outcome():
    flat = OUTCOME * 0 + 5.0
    assert "constant" in refused(Design(["u00"], FIRST, LAST), flat)
    assert "treated unit is constant" in refused(Design(["u00"], FIRST, LAST), OUTCOME.assign(u00=3.0))
    donors_flat = OUTCOME.copy()
    donors_flat.iloc[:, 1:] = np.arange(8.0)
    assert "every donor" in refused(Design(["u00"], FIRST, LAST), donors_flat)


@pytest.mark.parametrize("year", [2002, 2012, 2013, 2015])
@pytest.mark.parametrize("hole", [np.nan, np.inf])
def test_gap_in_the_treated_unit(year, hole):
    outcome = OUTCOME.copy()
    outcome.loc[year, "u00"] = hole
    assert f"u00 has no figure for {year}" in refused(Design(["u00"], FIRST, LAST), outcome)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("year", [2002, 2014])
def test_donor_with_a_gap_is_dropped_and_named(method, year):
    outcome = OUTCOME.copy()
    outcome.loc[year, "u03"] = np.nan
    result = estimate(outcome, Design(["u00"], FIRST, LAST), method)
    assert result.dropped == {"u03": f"no figure for {year}"}
    assert any("u03" in note for note in result.details["notes"])
    without = estimate(OUTCOME.drop(columns="u03"), Design(["u00"], FIRST, LAST), method)
    assert result.effect == without.effect


@pytest.mark.parametrize("method", METHODS)
def test_gaps_after_the_window_change_nothing_in_it(method):
    outcome = OUTCOME.copy()
    outcome.loc[2016, ["u00", "u03"]] = np.nan
    result = estimate(outcome, Design(["u00"], FIRST, LAST), method)
    whole = estimate(OUTCOME, Design(["u00"], FIRST, LAST), method)
    assert not result.dropped
    assert result.effect == pytest.approx(whole.effect, abs=1e-12)
    assert np.isnan(result.gap[2016])


def test_no_donor_left():
    outcome = OUTCOME[["u00", "u01", "u02"]].copy()
    outcome.loc[2005, ["u01", "u02"]] = np.nan
    assert "no donor is left; dropped: u01 (no figure for 2005); u02" in refused(
        Design(["u00"], FIRST, LAST), outcome
    )


@pytest.mark.parametrize("method", METHODS)
def test_what_comes_after_the_window_is_shown_and_fitted_by_nothing(method):
    design = Design(["u00"], 2011, 2013)
    whole = estimate(OUTCOME, design, method)
    cut = estimate(OUTCOME.loc[:2013], design, method)
    assert whole.effect == pytest.approx(cut.effect, abs=1e-9)
    assert np.allclose(whole.gap.loc[:2013], cut.gap, atol=1e-9)
    assert whole.counterfactual.loc[2014:].notna().all()
    assert whole.table().query("part == 'after'")["period"].tolist() == [2014, 2015, 2016]
    assert whole.effects.index.tolist() == [2011, 2012, 2013]


def test_a_group_is_the_weighted_mean_of_its_units():
    population = panel(2).abs() + 5
    treated = ["u00", "u01", "u02"]
    prepared = Design(treated, FIRST, LAST, weights=population).prepare(OUTCOME)
    expected = (OUTCOME * population)[treated].sum(axis=1) / population[treated].sum(axis=1)
    assert np.allclose(prepared.y, expected)
    assert prepared.n_treated == 3
    fixed = Design(treated, FIRST, LAST, weights=population.iloc[0]).prepare(OUTCOME)
    share = population.iloc[0][treated] / population.iloc[0][treated].sum()
    assert np.allclose(fixed.y, OUTCOME[treated] @ share)
    equal = Design(treated, FIRST, LAST).prepare(OUTCOME)
    assert np.allclose(equal.y, OUTCOME[treated].mean(axis=1))


def test_group_rate_is_sum_over_sum():
    moves = panel(3, units=5).abs() * 100
    population = panel(4, units=5).abs() * 10_000
    rate = 1000 * moves / population
    prepared = Design(["u00", "u01"], FIRST, LAST, weights=population).prepare(rate)
    both = 1000 * moves[["u00", "u01"]].sum(axis=1) / population[["u00", "u01"]].sum(axis=1)
    assert np.allclose(prepared.y, both)


def test_group_one_by_one():
    design = [Design([unit], FIRST, LAST, donors=list(OUTCOME.columns[3:])) for unit in ("u00", "u01", "u02")]
    group = Design(["u00", "u01", "u02"], FIRST, LAST)
    each = [estimate(OUTCOME, one, "difference_in_differences").effect for one in design]
    assert np.mean(each) == pytest.approx(estimate(OUTCOME, group, "difference_in_differences").effect)


@pytest.mark.parametrize(
    "weights",
    [
        pd.Series({"u00": 1.0}),
        pd.Series({"u00": 1.0, "u01": np.nan}),
        pd.Series({"u00": 0.0, "u01": 0.0}),
        pd.Series({"u00": 2.0, "u01": -1.0}),
        pd.DataFrame({"u00": 1.0, "u01": 1.0}, index=[2001, 2002]),
    ],
    ids=["missing", "gap", "nothing", "negative", "short"],
)
def test_group_weights_that_cannot_be_used(weights):
    assert "weight" in refused(Design(["u00", "u01"], FIRST, LAST, weights=weights))


QUARTERS = [f"{year}Q{quarter}" for year in range(2001, 2005) for quarter in range(1, 5)]


@pytest.mark.parametrize(
    ("index", "first", "last"),
    [
        (pd.PeriodIndex(QUARTERS, freq="Q"), "2004Q1", "2004Q3"),
        (pd.PeriodIndex(QUARTERS, freq="Q"), pd.Period("2004Q1"), pd.Period("2004Q3")),
        (pd.Index(QUARTERS), "2004Q1", "2004Q3"),
        (pd.Index([quarter.replace("Q", "K") for quarter in QUARTERS]), "2004K1", "2004K3"),
        (pd.Index([str(year) for year in OUTCOME.index]), 2013, 2015),
        (pd.PeriodIndex([str(year) for year in OUTCOME.index], freq="Y"), 2013, "2015"),
        (pd.to_datetime([f"{year}-12-31" for year in OUTCOME.index]), 2013, 2015),
        (OUTCOME.index, "2013", "2015"),
    ],
    ids=["period", "Period", "str", "scb", "str-years", "period-years", "dates", "int-by-str"],
)
def test_periods_may_be_years_or_quarters_in_any_dress(index, first, last):
    prepared = Design(["u00"], first, last).prepare(OUTCOME.set_axis(index))
    assert prepared.before.sum() == 12
    assert prepared.window.tolist() == [False] * 12 + [True] * 3 + [False]


@pytest.mark.parametrize("index", [pd.PeriodIndex(QUARTERS, freq="Q"), pd.Index(QUARTERS)])
def test_a_year_of_quarters_is_all_four(index):
    prepared = Design(["u00"], 2004, 2004).prepare(OUTCOME.set_axis(index))
    assert prepared.window.sum() == 4


def test_a_window_that_cannot_be_read():
    quarters = OUTCOME.set_axis(pd.PeriodIndex(QUARTERS, freq="Q"))
    assert "cannot be read" in refused(Design(["u00"], "spring", "autumn"), quarters)
    assert "cannot be read" in refused(Design(["u00"], "2013Q1", "2013Q4"))


def test_outcomes_that_are_not_panels():
    assert "period x unit" in refused(Design(["u00"], FIRST, LAST), OUTCOME["u00"])
    assert "out of order" in refused(Design(["u00"], FIRST, LAST), OUTCOME.iloc[::-1])
    assert "stands twice" in refused(
        Design(["u00"], FIRST, LAST), pd.concat([OUTCOME, OUTCOME[["u03"]]], axis=1)
    )
    assert "empty" in refused(Design(["u00"], FIRST, LAST), OUTCOME.iloc[:0])


def test_text_among_the_numbers():
    outcome = OUTCOME.astype(object)
    outcome.loc[2004, "u05"] = "12,3"
    assert "not a number" in refused(Design(["u00"], FIRST, LAST), outcome)
    whole = Design(["u00"], FIRST, LAST).prepare(OUTCOME.astype("Float64"))
    assert np.allclose(whole.X, OUTCOME.iloc[:, 1:])


def test_unknown_method():
    with pytest.raises(DesignError, match="choose one of difference_in_differences"):
        estimate(OUTCOME, Design(["u00"], FIRST, LAST), "synthetic_controll")
