"""Placebo in time, leave-one-out, event study: each against the plain way of doing it."""

from __future__ import annotations

import joblib
import numpy as np
import pandas as pd
import pytest

from attraktiv_eval.counterfactual.design import Design
from attraktiv_eval.counterfactual.estimators import estimate
from attraktiv_eval.counterfactual.inference import (
    conformal_interval,
    event_study,
    leave_one_out,
    placebo_in_time,
    pseudo_design,
    pseudo_effects,
)
from attraktiv_eval.errors import DesignError


@pytest.fixture
def table() -> pd.DataFrame:
    generator = np.random.default_rng(11)
    common = generator.normal(size=(20, 2)).cumsum(axis=0)
    values = common @ generator.normal(size=(2, 9)) + generator.normal(size=(20, 9))
    return pd.DataFrame(values, index=range(2003, 2023), columns=[f"u{i}" for i in range(9)])


DESIGN = Design("u0", 2020, 2022)


def test_the_default_is_the_window_of_equal_length_just_before(table):
    past, pretended = pseudo_design(table, DESIGN)
    assert (pretended.first_treated, pretended.last_treated) == (2017, 2019)
    assert past.index[-1] == 2019
    own = placebo_in_time(table, DESIGN, "synthetic_control")
    plain = estimate(table.loc[:2019], Design("u0", 2017, 2019), "synthetic_control")
    assert own.effect == plain.effect


@pytest.mark.parametrize("method", ["synthetic_control", "synthetic_did", "matrix_completion"])
def test_nothing_from_the_real_start_on_is_seen(table, method):
    changed = table.copy()
    changed.loc[2020:] = 99.0
    assert placebo_in_time(table, DESIGN, method).effect == placebo_in_time(changed, DESIGN, method).effect


def test_an_earlier_start_runs_to_the_last_period_before_the_real_one(table):
    own = placebo_in_time(table, DESIGN, "difference_in_differences", first_treated=2012)
    assert list(own.effects.index) == list(range(2012, 2020))


@pytest.mark.parametrize("start", [2003, 2020, 2021, 1990])
def test_an_impossible_start_is_refused(table, start):
    with pytest.raises(DesignError):
        placebo_in_time(table, DESIGN, "synthetic_control", first_treated=start)


def test_a_start_counts_years_and_not_rows(table):
    holed = table.drop(index=[2017, 2018])
    with pytest.raises(DesignError, match="from 2017 to 2019 lacks 2017, 2018"):
        placebo_in_time(holed, DESIGN, "synthetic_control")
    told = pseudo_effects(holed, DESIGN, "difference_in_differences", min_before=10)
    assert sorted(told["first_treated"].unique()) == [2013, 2014]
    with pytest.raises(DesignError, match="2017 is not a period"):
        pseudo_effects(holed, DESIGN, "difference_in_differences", first_treated=[2017])
    with pytest.raises(DesignError, match="no window of 3 periods"):
        pseudo_effects(table, DESIGN, "difference_in_differences", min_before=18)


def test_a_conformal_interval_is_not_made_over_a_hole(table):
    with pytest.raises(DesignError, match="without 2012"):
        conformal_interval(table.drop(index=2012), DESIGN)


def test_quarters_work_as_years_do(table):
    quarters = table.set_axis(pd.period_range("2015Q1", periods=20, freq="Q"))
    design = Design("u0", pd.Period("2019Q2", "Q"), pd.Period("2019Q4", "Q"))
    own = placebo_in_time(quarters, design, "synthetic_control")
    assert own.effect == pytest.approx(placebo_in_time(table, DESIGN, "synthetic_control").effect)


def test_pseudo_effects_are_those_of_each_unit_at_each_start(table):
    told = pseudo_effects(table, DESIGN, "demeaned_synthetic_control", min_before=12)
    assert sorted(told["first_treated"].unique()) == [2015, 2016, 2017]
    assert told.groupby("first_treated")["treated"].sum().tolist() == [1, 1, 1]
    one = told[(told["first_treated"] == 2016) & (told["unit"] == "u4")]["effect"].iloc[0]
    plain = estimate(
        table.loc[:2018].drop(columns="u0"), Design("u4", 2016, 2018), "demeaned_synthetic_control"
    )
    assert one == pytest.approx(plain.effect)


def test_leaving_a_donor_out_is_estimating_without_it(table):
    result = leave_one_out(table, DESIGN, "synthetic_control")
    assert set(result.effects.index) == set(result.estimate.weights[lambda w: w > 1e-6].index)
    for unit, effect in result.effects.items():
        plain = estimate(table.drop(columns=unit), DESIGN, "synthetic_control").effect
        assert effect == pytest.approx(plain, abs=1e-9)
    assert result.low <= result.estimate.effect <= result.high
    with joblib.parallel_config(backend="threading"):
        shared = leave_one_out(table, DESIGN, "synthetic_control", n_jobs=2)
    pd.testing.assert_series_equal(shared.effects, result.effects)
    assert "any one of its" in result.sentence("en")
    assert result.table()["weight"].is_monotonic_decreasing


def test_event_study_coefficients_are_those_of_least_squares(table):
    import statsmodels.formula.api as smf

    told = event_study(table, DESIGN)
    long = table.rename_axis(index="t", columns="unit").T.stack().rename("y").reset_index()  # noqa: PD013
    years = [year for year in table.index if year != 2019]
    for year in years:
        long[f"d{year}"] = ((long["unit"] == "u0") & (long["t"] == year)).astype(float)
    formula = "y ~ C(unit) + C(t) + " + " + ".join(f"d{year}" for year in years)
    fit = smf.ols(formula, long).fit()
    for year in years:
        assert told.coefficients[year] == pytest.approx(fit.params[f"d{year}"], abs=1e-9)
    assert told.coefficients[2019] == 0.0


def test_the_pre_trend_is_ranked_among_the_donors_own(table):
    told = event_study(table, DESIGN)
    leads = told.coefficients.loc[:2018]
    assert told.pre_trend == pytest.approx(np.sqrt((leads**2).mean()))
    donor = event_study(table.drop(columns="u0"), Design("u3", 2020, 2022))
    assert told.pre_trends["u3"] == pytest.approx(donor.pre_trend)
    assert told.rank == 1 + (told.pre_trends >= told.pre_trend).sum()
    steep = table.assign(u0=table["u0"] + 5.0 * np.arange(20))
    assert event_study(steep, DESIGN).rank == 1
    assert "number 1 of 9" in event_study(steep, DESIGN).sentence("en")


@pytest.mark.parametrize("method", ["difference_in_differences", "synthetic_control", "matrix_completion"])
def test_the_only_donor_cannot_be_left_out(method: str) -> None:
    walks = np.random.default_rng(4).normal(size=(12, 2)).cumsum(axis=0)
    outcome = pd.DataFrame(walks, index=range(2000, 2012), columns=["a", "b"])
    with pytest.raises(DesignError, match="only donor") as caught:
        leave_one_out(outcome, Design("a", 2009, 2011), method)
    assert "at least two donors" in str(caught.value)
