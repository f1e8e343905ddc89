"""From rates to persons: the sum, its interval, and zero on the same side in both."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from attraktiv_eval.errors import ParameterError
from attraktiv_eval.level3.units import effect_in_persons, interval_in_persons, rate_in_persons

YEARS = (2020, 2021, 2022)
rates = st.floats(-50, 50).map(lambda value: round(value, 6))
people = st.integers(2_000, 2_000_000)


@st.composite
def cases(draw):
    effects = pd.Series({year: draw(rates) for year in YEARS})
    first, second = sorted((draw(rates), draw(rates)))
    return effects, first, second, pd.Series({year: draw(people) for year in (*YEARS, 2023)})


@given(cases())
def test_zero_lies_on_the_same_side_in_rates_and_in_persons(case):
    effects, low, high, population = case
    first, last = interval_in_persons(effects, low, high, population)
    assert first <= last
    for rate, persons in ((low, first), (high, last)):
        assert (rate > 0) == (persons > 0)
        assert (rate < 0) == (persons < 0)


@given(cases(), people)
def test_with_the_same_inhabitants_every_year_both_are_one_scale(case, inhabitants):
    effects, low, high, _ = case
    assume(min(abs(low), abs(high)) > 1e-6)
    population = pd.Series(dict.fromkeys(YEARS, inhabitants))
    scale = len(YEARS) * inhabitants / 1000
    assert interval_in_persons(effects, low, high, population) == pytest.approx((low * scale, high * scale))
    assert effect_in_persons(effects, population) == pytest.approx(effects.mean() * scale, abs=1e-6)


@given(cases())
def test_the_width_is_that_of_the_rates_unless_an_end_was_stopped_at_zero(case):
    effects, low, high, population = case
    first, last = interval_in_persons(effects, low, high, population)
    assume(min(abs(first), abs(last)) > 1e-9)
    width = rate_in_persons(high - low, population.loc[list(YEARS)])
    assert last - first == pytest.approx(width, rel=1e-9, abs=1e-6)


def test_an_end_stops_at_zero_where_growing_numbers_would_carry_it_over():
    effects = pd.Series({2020: -1.0, 2021: 1.2})
    population = pd.Series({2020: 100_000, 2021: 140_000})
    low, high = interval_in_persons(effects, -0.01, 0.21, population)
    assert effect_in_persons(effects, population) == pytest.approx(68.0)
    assert low == -math.ulp(0.0)  # 68 - 0.11 * 240 = 41.6 by the distances alone
    assert high == pytest.approx(68 + 0.11 * 240)


def test_no_bound_stays_no_bound():
    effects, population = pd.Series({2020: 1.0}), pd.Series({2020: 130_000})
    assert interval_in_persons(effects, -math.inf, math.inf, population) == (-math.inf, math.inf)
    assert all(map(math.isnan, interval_in_persons(effects, math.nan, math.nan, population)))


def test_a_year_without_inhabitants_is_named():
    with pytest.raises(ParameterError, match="2021"):
        effect_in_persons(pd.Series({2020: 1.0, 2021: 1.0}), pd.Series({2020: 130_000}))
