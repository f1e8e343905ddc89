"""The placebo test: rank, p-value, interval and their exact agreement."""

from __future__ import annotations

import math

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attraktiv_eval.counterfactual.design import Design
from attraktiv_eval.counterfactual.estimators import METHODS, estimate
from attraktiv_eval.counterfactual.inference import placebo_in_space
from attraktiv_eval.counterfactual.inference.placebos import critical_rank, measure, snap
from attraktiv_eval.errors import DesignError


def panel(seed: int, periods: int = 12, units: int = 11, effect: float = 0.0) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    common = generator.normal(size=(periods, 2)).cumsum(axis=0)
    values = common @ generator.normal(size=(2, units)) + generator.normal(size=(periods, units))
    values[-3:, 0] += effect
    index = pd.RangeIndex(2000, 2000 + periods)
    return pd.DataFrame(values, index=index, columns=[f"u{i:02d}" for i in range(units)])


def design(table: pd.DataFrame) -> Design:
    return Design(table.columns[0], table.index[-3], table.index[-1])


@pytest.mark.parametrize(
    ("method", "panels"), [("difference_in_differences", 1000), ("synthetic_control", 60)]
)
def test_zero_lies_outside_the_interval_exactly_when_p_is_at_most_a_tenth(method, panels):
    inside = outside = 0
    for seed in range(panels):
        table = panel(seed, units=5 + seed % 19, effect=(seed % 5) * 0.8)
        placebos = placebo_in_space(table, design(table), method)
        low, high = placebos.interval(0.90)
        assert (low > 0 or high < 0) == (placebos.p_value <= 0.10)
        if seed % 5 == 0:
            variant = placebos.absolute()
            low, high = variant.interval(0.90)
            assert (low > 0 or high < 0) == (variant.p_value <= 0.10)
        outside += placebos.p_value <= 0.10
        inside += placebos.p_value > 0.10
    assert min(inside, outside) > 5  # the panels try both sides


def test_a_donor_that_equals_the_treated_unit_is_a_tie_on_the_border():
    table = panel(3, units=10, effect=9.0)
    table["twin"] = table["u00"]
    placebos = placebo_in_space(table, design(table), "difference_in_differences")
    assert placebos.statistics["twin"] == placebos.statistic
    assert placebos.p_value == pytest.approx(2 / 11)
    low, high = placebos.interval()
    assert low == 0.0 and high == pytest.approx(2 * placebos.own_effect)


def test_too_few_placebos_give_no_bounds_and_say_so():
    table = panel(1, units=8, effect=50.0)
    placebos = placebo_in_space(table, design(table), "difference_in_differences")
    assert placebos.smallest_p == pytest.approx(1 / 8)
    assert placebos.interval(0.90) == (-math.inf, math.inf)
    assert "too few" in placebos.sentence("en")


def test_the_scale_forgives_a_baseline_to_every_method_but_synthetic_control():
    gap = np.array([[5.0], [6.0], [4.0], [5.0], [9.0]])
    before, window = np.array([True] * 4 + [False]), np.array([False] * 4 + [True])
    assert measure(gap, before, window, "synthetic_did").scale == pytest.approx(math.sqrt(0.5))
    assert measure(gap, before, window, "synthetic_control").scale == pytest.approx(math.sqrt(25.5))


def test_the_critical_rank_is_not_moved_by_rounding():
    assert [critical_rank(0.9, n) for n in (8, 9, 17, 19, 20, 29, 38, 999)] == [9, 9, 17, 18, 19, 27, 36, 900]


def test_rounding_alone_does_not_decide_a_rank():
    assert (snap(np.array([1.0 - 1e-12, 1.0 + 1e-12, 1.1]), 1.0) == [1.0, 1.0, 1.1]).all()


def test_the_scales_are_raised_to_half_their_median_the_treated_units_too():
    table = panel(5, periods=8, units=60)
    placebos = placebo_in_space(table, design(table), "synthetic_control")
    median = float(np.median([*placebos.raw_scales, placebos.raw_scale]))
    assert placebos.rule == "scaled" and placebos.floor == pytest.approx(median / 2)
    assert (placebos.scales == np.maximum(placebos.raw_scales, median / 2)).all()
    assert placebos.raw_scales.min() < median / 2 <= placebos.scale
    widest = max(placebos.scale / placebos.floor, 1.0) * placebos.effects.abs().max()
    assert placebos.half_width() <= widest * (1 + 1e-12)


def test_where_most_units_are_fitted_perfectly_the_size_of_the_effect_alone_is_ranked_and_it_is_said():
    table = panel(5, periods=8, units=12)
    table = table[[name for name in table for _ in range(2)]].set_axis(
        [f"{name}{copy}" for name in table for copy in "ab"], axis=1
    )
    placebos = placebo_in_space(table, design(table), "synthetic_control")
    assert placebos.reason == "perfect_fit" and placebos.rule == "absolute"
    assert placebos.statistic == abs(placebos.own_effect)
    assert "all but perfectly" in placebos.sentence("en")
    assert placebo_in_space(table, design(table), "difference_in_differences").rule == "scaled"


INVARIANT = [name for name, method in METHODS.items() if not method.forecasts]


@pytest.mark.parametrize("method", INVARIANT)
@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.floats(-50, 50), st.floats(-1000, 1000))
def test_a_common_slope_changes_neither_p_nor_interval(method, seed, slope, level):
    table = panel(seed, periods=12, units=8)
    tilted = table.add(level + slope * np.arange(12.0), axis=0)
    plain, other = (placebo_in_space(one, design(table), method) for one in (table, tilted))
    near = 1e-5 if method == "matrix_completion" else 1e-6  # it stops when it changes by no more than 1e-9
    np.testing.assert_allclose(other.statistics, plain.statistics, rtol=near, atol=near * 1e-2)
    assert other.own_effect == pytest.approx(plain.own_effect, rel=near, abs=near * 1e-2)
    assert other.half_width(0.8) == pytest.approx(plain.half_width(0.8), rel=near)
    assert other.p_value == plain.p_value


def test_a_quarterly_panel_with_a_common_trend_keeps_its_rank():
    """Simulated, as large as the panel of Born et al. (2019): 24 countries, 100 quarters; one falls behind.

    Each grows by some 60 % over the quarters, so that what moves all is far larger than what parts them.
    """
    drawn = np.random.default_rng(24)
    growth = np.linspace(0.0, 60.0, 100) + 1.5 * drawn.normal(size=100).cumsum()
    own = drawn.normal(size=(100, 2)).cumsum(axis=0) @ drawn.uniform(0.2, 1.0, size=(2, 24))
    values = 100 + growth[:, None] + own + 0.4 * drawn.normal(size=(100, 24))
    values[86:, 0] -= np.linspace(0.5, 8.0, 14)
    quarters = pd.period_range("1995Q1", periods=100, freq="Q")
    table = pd.DataFrame(values, quarters, [f"c{i:02d}" for i in range(24)])
    for method in ("synthetic_control", "demeaned_synthetic_control", "synthetic_did"):
        found = placebo_in_space(table, Design("c00", "2016Q3", "2019Q4"), method)
        assert (found.rank, found.n) == (1, 23) and round(found.p_value, 3) == 0.042
        low, high = found.interval()
        assert low < found.own_effect < high < 0
        level = table.sub(np.linspace(0.0, 60.0, 100), axis=0).set_axis(1995 + np.arange(100) / 4)
        again = placebo_in_space(level, Design("c00", 2016.5, 2019.75), method)
        assert again.rank == 1 and again.interval() == pytest.approx((low, high), rel=1e-6)


def test_a_forecast_from_standardised_donors_is_no_comparison_of_differences():
    """Its regressors are the donors' movements, each in its own unit: what all share is one of them."""
    table = panel(3, periods=16, units=8)
    tilted = table.add(3.0 * np.arange(16.0), axis=0)
    plain, other = (
        estimate(one, design(table), "structural_time_series").details["components"]
        for one in (table, tilted)
    )
    assert (plain, other) == (2, 1)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(9, 25), st.sampled_from([0.5, 0.8, 0.9, 0.95]))
def test_the_true_level_and_the_interval_without_the_placebo_that_sets_it(seed, donors, level):
    table = panel(seed, units=donors + 1)
    placebos = placebo_in_space(table, design(table), "difference_in_differences")
    true = placebos.true_level(level)
    if not math.isfinite(placebos.half_width(level)):
        assert math.isnan(true) and placebos.setting_unit(level) is None
        assert placebos.without_setting_unit(level) is placebos
        return
    assert level - 1e-9 <= true < level + 1 / (donors + 1)
    share = (placebos.statistics < placebos.half_width(level) / placebos.scale * (1 + 1e-9)).sum()
    assert true == pytest.approx(share / (donors + 1))
    unit = placebos.setting_unit(level)
    assert placebos.scale * placebos.statistics[unit] == pytest.approx(placebos.half_width(level))
    without = placebos.without_setting_unit(level)
    assert unit not in without.effects.index and without.n == donors - 1
    assert without.floor == placebos.floor


def test_the_levels_of_fifteen_seventeen_and_twenty_donors_are_told():
    for donors, true in ((15, 0.9375), (17, 17 / 18), (20, 19 / 21)):
        table = panel(donors, units=donors + 1)
        placebos = placebo_in_space(table, design(table), "difference_in_differences")
        assert placebos.true_level() == pytest.approx(true)
        assert f"true level of the interval is {100 * true:.1f}%" in placebos.sentence("en")
        unit = placebos.setting_unit()
        assert f"without {unit}, which sets its width" in placebos.sentence("en")


@pytest.mark.parametrize("level", [90, 0, 1, -0.1, math.nan, math.inf, "0.9", True, None])
def test_a_level_that_is_none_is_refused(level):
    table = panel(1, units=12)
    placebos = placebo_in_space(table, design(table), "difference_in_differences")
    for ask in (placebos.interval, placebos.half_width, placebos.true_level, placebos.variants):
        with pytest.raises(DesignError, match="not a share between 0 and 1"):
            ask(level)


def test_a_percentage_is_told_as_the_share_that_it_means():
    table = panel(1, units=12)
    with pytest.raises(DesignError, match=r"give a share, such as 0.9 for 90 %"):
        placebo_in_space(table, design(table), "difference_in_differences").interval(90)


def test_badly_fitting_placebos_are_left_out_by_the_rule_of_five():
    table = panel(8, units=14)
    table["u05"] += np.random.default_rng(1).normal(0, 40, len(table))
    placebos = placebo_in_space(table, design(table), "demeaned_synthetic_control")
    kept = placebos.well_fitting()
    assert "u05" not in kept.effects.index and kept.n < placebos.n
    assert (kept.raw_scales**2 <= 5 * kept.raw_scale**2).all()
    versions = ["main", "without_setting_unit", "absolute", "well_fitting", "rmspe_ratio"]
    assert list(placebos.variants()["version"]) == versions


def test_the_number_of_processes_changes_nothing():
    table = panel(2, units=9)
    one = placebo_in_space(table, design(table), "synthetic_control")
    with joblib.parallel_config(backend="threading"):
        two = placebo_in_space(table, design(table), "synthetic_control", n_jobs=2)
    pd.testing.assert_frame_equal(one.gaps, two.gaps)


def test_the_treated_unit_is_in_no_placebos_pool():
    table = panel(4, units=9)
    placebos = placebo_in_space(table, design(table), "difference_in_differences")
    moved = table.assign(u00=table["u00"] * 7 + 3)
    again = placebo_in_space(moved, design(moved), "difference_in_differences")
    pd.testing.assert_frame_equal(placebos.gaps, again.gaps)


def test_one_donor_is_not_enough():
    table = panel(4, units=2)
    with pytest.raises(DesignError, match="at least two comparison regions"):
        placebo_in_space(table, design(table), "synthetic_control")


def test_table_sentence_and_plot_tell_the_result():
    import matplotlib

    matplotlib.use("Agg")
    table = panel(6, units=12)
    placebos = placebo_in_space(table, design(table), "synthetic_control")
    told = placebos.table()
    assert len(told) == 12 and told["treated"].sum() == 1
    assert told["statistic"].iloc[1:].is_monotonic_decreasing
    assert "p = " in placebos.sentence("en")
    assert len(placebos.plot().lines) == 13


def test_placebos_of_matrix_completion_made_at_once_are_those_made_one_by_one():
    table = panel(7, periods=13, units=9)
    longer = pd.concat([table, panel(8, periods=2, units=9).set_axis([2013, 2014])])
    own = Design("u00", 2010, 2012)
    placebos = placebo_in_space(longer, own, "matrix_completion")
    penalty = placebos.estimate.details["penalty"]
    for unit in ("u01", "u05"):
        one = estimate(
            longer.drop(columns="u00"), Design(unit, 2010, 2012), "matrix_completion", penalty=penalty
        )
        np.testing.assert_allclose(placebos.gaps[unit], one.gap, atol=1e-6)
