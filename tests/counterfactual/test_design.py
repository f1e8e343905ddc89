"""Designs that the data can carry, and those that they cannot."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from simulated import panel

from attraktiv_eval.counterfactual import METHODS, Design, estimate
from attraktiv_eval.counterfactual.design import clock_of
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


@pytest.mark.parametrize("year", [FIRST, FIRST + 1, LAST])
@pytest.mark.parametrize("blank", [True, False])
def test_a_window_that_lacks_a_year_is_refused(year, blank):
    outcome = OUTCOME.copy()
    outcome.loc[year] = np.nan
    told = refused(Design(["u00"], FIRST, LAST), outcome if blank else outcome.drop(index=year))
    if year == OUTCOME.index[-1] and not blank:
        assert "after the data" in told
    else:
        assert str(year) in told


@pytest.mark.parametrize("method", [name for name, one in METHODS.items() if not one.forecasts])
def test_years_that_are_blank_or_absent_are_left_out_and_named(method):
    absent = OUTCOME.drop(index=[2006, 2007])
    blank = OUTCOME.copy()
    blank.loc[[2006, 2007]] = np.nan
    one, other = (estimate(table, Design(["u00"], FIRST, LAST), method) for table in (absent, blank))
    assert one.effect == other.effect
    for found in (one, other):
        assert "no figures for 2006, 2007: left out before the window" in found.details["notes"]
        assert 2006 not in found.gap.index


def test_first_differences_are_those_of_neighbouring_years():
    absent = OUTCOME.drop(index=[2006, 2007])
    told = estimate(absent, Design(["u00"], FIRST, LAST), "synthetic_did").details["sigma"]
    steps = OUTCOME.drop(columns="u00").diff().loc[: FIRST - 1].dropna().drop(index=[2006, 2007, 2008])
    assert told == pytest.approx(steps.to_numpy().std(ddof=1))


def test_a_structural_series_forecasts_as_many_years_ahead_as_they_are():
    design = Design(["u00"], 2015, 2016)
    absent = OUTCOME.drop(index=[2013, 2014])
    found = estimate(absent, design, "structural_time_series")
    whole = estimate(OUTCOME, Design(["u00"], 2013, 2016), "structural_time_series")
    np.testing.assert_allclose(found.counterfactual[[2015, 2016]], whole.counterfactual[[2015, 2016]])
    np.testing.assert_allclose(found.details["forecast_error"], whole.details["forecast_error"][2:])
    with pytest.raises(DesignError, match="every period before the window"):
        estimate(OUTCOME.drop(index=2007), Design(["u00"], FIRST, LAST), "structural_time_series")


@pytest.mark.parametrize(
    ("index", "names"),
    [
        ([2000, 2001, 2004], ["2002", "2003"]),
        ([2000, 2005, 2010], []),
        ([2000.0, 2000.25, 2001.0], ["2000Q3", "2000Q4"]),
        (["2000Q1", "2000Q2", "2001Q1"], ["2000Q3", "2000Q4"]),
        (["2000K4", "2001K1", "2001K3", "2001K4"], ["2001Q2"]),
        ([20003, 20004, 20011, 20013], ["2001Q2"]),
        ([200011, 200012, 200103], ["2001M01", "2001M02"]),
        (["2000-11", "2000-12", "2001-02"], ["2001M01"]),
        (["2000.75", "2001.0", "2001.5"], ["2001Q2"]),
        ([2000 + month / 12 for month in (0, 1, 3)], ["2000M03"]),
        ([round(2000 + month / 12, 2) for month in (4, 5, 7)], ["2000M07"]),
        (pd.PeriodIndex(["2000Q1", "2000Q2", "2000Q4"], freq="Q"), ["2000Q3"]),
        (pd.to_datetime(["2000-12-31", "2001-12-31", "2003-12-31"]), ["2002"]),
        (pd.to_datetime(["2000-01-01", "2000-04-01", "2000-10-01"]), ["2000Q3"]),
        (["a", "b", "d"], []),
    ],
)
def test_a_hole_is_seen_on_the_periods_own_clock(index, names):
    clock = clock_of(pd.Index(index))
    assert clock.holes() == names and clock.whole == (not names)


@pytest.mark.parametrize(
    "index",
    [
        [2001, 2000], [2000, 2000], [True, False], [2000.0, np.nan], [2000.13, 2000.57], [1j, 2j],
        ["2001Q2", "2001K2"],
    ],
)  # fmt: skip
def test_periods_that_are_none_are_refused(index):
    with pytest.raises(DesignError):
        clock_of(pd.Index(index))


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


@pytest.mark.parametrize(
    "text", ["{}Q{}", "{}K{}", "{}-Q{}", "decimals", "texts", "commas", "numbers", "periods"]
)
@pytest.mark.parametrize(
    ("first", "last"), [(2020, 2022), (2020.0, 2022.75), ("2020.0", "2022.75"), ("2020,00", "2022,75")]
)
def test_quarters_in_any_writing_give_the_same_window(text, first, last):
    generator = np.random.default_rng(1)
    pairs = [(year, quarter) for year in range(2000, 2023) for quarter in range(1, 5)]
    index = {
        "decimals": [year + (quarter - 1) / 4 for year, quarter in pairs],
        "texts": [str(year + (quarter - 1) / 4) for year, quarter in pairs],
        "commas": [f"{year + (quarter - 1) / 4:.2f}".replace(".", ",") for year, quarter in pairs],
        "numbers": [10 * year + quarter for year, quarter in pairs],
        "periods": pd.PeriodIndex([f"{year}Q{quarter}" for year, quarter in pairs], freq="Q"),
    }.get(text, [text.format(*pair) for pair in pairs])
    walks = pd.DataFrame(np.cumsum(generator.normal(size=(92, 6)), axis=0), columns=list("abcdef"))
    found = estimate(walks.set_axis(index), Design(["a"], first, last), "difference_in_differences")
    plain = estimate(walks, Design(["a"], 80, 91), "difference_in_differences")
    assert len(found.effects) == 12 and found.effect == pytest.approx(plain.effect)


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
