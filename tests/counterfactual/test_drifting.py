"""The drift test: by hand, by its properties, and on panels whose drift is known."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated import METHODS_FAST, panel

from attraktiv_eval.counterfactual import Design, placebo_in_space, placebo_in_time
from attraktiv_eval.counterfactual.inference import drift_test
from attraktiv_eval.counterfactual.inference.event_study import breakdown_value, draw_factor
from attraktiv_eval.errors import DesignError

DESIGN = Design("u00", 2015, 2016)


def test_by_hand():
    """Difference in differences, window of one year: A and the pseudo-effect are differences of means."""
    table = pd.DataFrame(
        {
            "t": [1.0, 2.0, 1.0, 2.0, 4.0, 9.0],
            "a": [0.0, 1.0, 0.0, 1.0, 2.0, 1.0],
            "b": [5.0, 5.0, 6.0, 6.0, 5.0, 5.0],
            "c": [2.0, 1.0, 2.0, 1.0, 3.0, 3.0],
        },
        index=range(2001, 2007),
    )
    found = drift_test(table, Design("t", 2006, 2006), "difference_in_differences")
    # treated: 9 - 10/5 = 7 of its own, donors (1 + 5 + 3)/3 - mean of their means (0.8 + 5.4 + 1.8)/3
    assert found.effect == pytest.approx(7 - (3 - 8 / 3))
    # a year earlier: 4 - 6/4 = 2.5, donors (2 + 5 + 3)/3 - (0.5 + 5.5 + 1.5)/3
    assert found.pseudo_effect == pytest.approx(2.5 - (10 - 7.5) / 3)
    assert found.change == pytest.approx(20 / 3 - 5 / 3)
    assert found.pseudo_window == (2005, 2005)
    # donor a by b and c: (1 - 0.8) - (4 - 3.6) less (2 - 0.5) - (4 - 3.5)
    assert found.changes.effects["a"] == pytest.approx((0.2 - 0.4) - (1.5 - 0.5))
    assert found.rank == 1
    assert found.p_value == pytest.approx(1 / 4)
    table = found.table()
    assert table["change"].tolist() == pytest.approx((table["effect"] - table["pseudo_effect"]).tolist())


@pytest.mark.parametrize("method", METHODS_FAST)
def test_the_change_is_the_effect_less_the_pseudo_effect_for_all_alike(method):
    table = panel(3)
    options = {"ridge": 5.0} if method == "augmented_synthetic_control" else {}
    found = drift_test(table, DESIGN, method, **options)
    own = placebo_in_space(table, DESIGN, method, **options)
    assert found.effect == own.own_effect
    assert found.pseudo_effect == pytest.approx(placebo_in_time(table, DESIGN, method, **options).effect)
    assert found.changes.scale == own.scale
    pd.testing.assert_series_equal(found.changes.scales, own.scales)
    donor = drift_test(table.drop(columns="u00"), Design("u03", 2015, 2016), method, **options)
    assert found.changes.effects["u03"] == pytest.approx(donor.change, abs=1e-9)


@pytest.mark.parametrize("method", METHODS_FAST)
def test_a_trend_that_all_share_changes_nothing(method):
    table = panel(5)
    bent = table.add(np.linspace(0, 1, len(table)), axis=0)
    one, other = drift_test(table, DESIGN, method), drift_test(bent, DESIGN, method)
    assert other.change == pytest.approx(one.change, abs=1e-5)
    assert other.p_value == one.p_value
    assert other.interval() == pytest.approx(one.interval(), abs=1e-4)
    assert other.breakdown == pytest.approx(one.breakdown, rel=1e-4)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(-20, 20))
def test_an_effect_in_the_window_alone_moves_the_change_by_as_much(seed, effect):
    table = panel(seed)
    moved = table.copy()
    moved.loc[2015:, "u00"] += effect
    one = drift_test(table, DESIGN, "difference_in_differences")
    other = drift_test(moved, DESIGN, "difference_in_differences")
    assert other.change == pytest.approx(one.change + effect)
    assert other.interval() == pytest.approx(tuple(end + effect for end in one.interval()))


def test_an_effect_that_was_there_before_is_hardly_a_change():
    """Of a constant 10 from the pretended start on, 10 x 2/14 is in the later baseline: D is -1.43."""
    table = panel(8)
    moved = table.copy()
    moved.loc[2013:, "u00"] += 10.0
    one = drift_test(table, DESIGN, "difference_in_differences")
    other = drift_test(moved, DESIGN, "difference_in_differences")
    assert other.effect - one.effect == pytest.approx(10 * 12 / 14)
    assert other.change - one.change == pytest.approx(-10 * 2 / 14)


def test_among_exchangeable_units_the_change_is_ordinary_as_often_as_the_level_says():
    """White noise, 20 donors: the rank is uniform, so the 90 % interval misses zero in 2 cases of 21."""
    rng, missed, draws = np.random.default_rng(17), 0, 400
    for _ in range(draws):
        table = pd.DataFrame(rng.normal(size=(14, 21)), columns=[f"u{i:02d}" for i in range(21)])
        low, high = drift_test(table, Design("u00", 12, 13), "difference_in_differences").interval()
        missed += not low <= 0 <= high
    expected = 2 / 21
    assert abs(missed / draws - expected) < 3.5 * math.sqrt(expected * (1 - expected) / draws)


@pytest.mark.parametrize(
    ("past", "length", "effect", "half", "value"),
    [
        ([1.0, 0.0, 2.0, 1.0], 1, 5.0, 1.0, 2.0),  # 4 to spare, worst change 2
        ([9.0, 1.0, 0.0, 2.0, 1.0], 2, -4.0, 1.0, 3.0),  # means .5 and 1.5; the first year is left over
        ([1.0, 2.0], 1, 0.5, 1.0, 0.0),
        ([1.0, 2.0], 1, 5.0, math.inf, 0.0),
        ([1.0, 1.0], 1, 5.0, 1.0, math.inf),
    ],
)
def test_the_breakdown_value_by_hand(past, length, effect, half, value):
    assert breakdown_value(np.array(past), length, effect, half) == pytest.approx(value)


def test_without_two_windows_before_there_is_no_breakdown_value():
    assert math.isnan(breakdown_value(np.array([1.0, 2.0, 3.0]), 2, 5.0, 1.0))


def test_at_its_breakdown_value_the_widened_interval_reaches_zero():
    table = panel(2, units=14)
    table.loc[2015:, "u00"] += 30.0
    found = drift_test(table, DESIGN, "demeaned_synthetic_control")
    low, high = placebo_in_space(table, DESIGN, "demeaned_synthetic_control").interval()
    gap = placebo_in_space(table, DESIGN, "demeaned_synthetic_control").estimate.gap.loc[:2014].to_numpy()
    worst = np.abs(np.diff(gap.reshape(-1, 2).mean(axis=1))).max()
    assert found.breakdown > 0
    assert min(abs(low), abs(high)) - found.breakdown * worst == pytest.approx(0, abs=1e-9)


def test_a_donor_without_figures_in_the_window_is_in_neither():
    table = panel(4)
    table.loc[2016, "u05"] = np.nan
    assert "u05" not in drift_test(table, DESIGN, "difference_in_differences").changes.effects


def test_too_few_periods_before_the_pretended_window_are_refused():
    table = panel(4).loc[2010:]
    with pytest.raises(DesignError, match="periods lie before"):
        drift_test(table, DESIGN, "difference_in_differences")


@pytest.mark.parametrize(("language", "said"), [("sv", "redan 2013–2014"), ("en", "already in 2013–2014")])
def test_the_sentence_tells_the_years_before(language, said):
    found = drift_test(panel(4), DESIGN, "difference_in_differences")
    assert said in found.sentence(language)
    assert "{" not in found.sentence(language)


@pytest.mark.parametrize(("rank", "n"), [(1, 20), (2, 20), (3, 20), (9, 20), (1, 38), (20, 20)])
def test_at_its_draw_factor_the_weighted_p_value_is_the_level(rank, n):
    """Firpo & Possebom: the rank's share, its units weighed up where it is significant, else the others."""
    factor, found = draw_factor(rank, n), rank / (n + 1) <= 0.10
    inside, outside = (rank * factor, n + 1 - rank) if found else (rank, (n + 1 - rank) * factor)
    assert factor >= 1
    assert inside / (inside + outside) == pytest.approx(0.10)


def test_where_all_are_as_extreme_no_draw_changes_the_answer():
    assert draw_factor(21, 20) == math.inf
