"""Conformal intervals: the set of effects that are not rejected, found by a grid that is refined."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from attraktiv_eval.counterfactual import METHODS
from attraktiv_eval.counterfactual.design import Design
from attraktiv_eval.counterfactual.inference import conformal_interval, conformal_p_value
from attraktiv_eval.errors import DesignError

CONFORMAL_METHODS = [name for name, method in METHODS.items() if method.conformal]


def panel(seed: int, periods: int = 23, effect: float = 0.0) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    common = generator.normal(size=(periods, 2)).cumsum(axis=0)
    values = common @ generator.normal(size=(2, 8)) + generator.normal(size=(periods, 8))
    values[-3:, 0] += effect
    return pd.DataFrame(values, index=range(2000, 2000 + periods), columns=[f"u{i}" for i in range(8)])


def design(table: pd.DataFrame) -> Design:
    return Design("u0", table.index[-3], table.index[-1])


def p_value(table: pd.DataFrame, effect: float, method: str) -> float:
    window = np.arange(len(table)) >= len(table) - 3
    return conformal_p_value(
        table["u0"].to_numpy(), table.drop(columns="u0").to_numpy(), window, effect, method
    )


def test_differences_by_hand():
    y = np.array([0.0, 0.0, 0.0, 0.0, 4.0])
    X = np.zeros((5, 2)) + np.array([1.0, -1.0])
    window = np.array([False] * 4 + [True])
    p = conformal_p_value(y, X, window, 0.0, "difference_in_differences")
    assert p == pytest.approx(1 / 5)  # errors -0.8 four times, 3.2 once
    assert conformal_p_value(y, X, window, 4.0, "difference_in_differences") == 1.0


@pytest.mark.parametrize("method", CONFORMAL_METHODS)
def test_the_ends_lie_between_accepted_and_rejected_effects(method):
    table = panel(2, effect=3.0)
    told = conformal_interval(table, design(table), method)
    width = told.high - told.low
    assert math.isfinite(width) and not told.at_edge
    for low, high in told.pieces:
        assert p_value(table, low, method) > 0.1 and p_value(table, high, method) > 0.1
        assert p_value(table, low - 1e-5 * width, method) <= 0.1
        assert p_value(table, high + 1e-5 * width, method) <= 0.1
    assert told.p_value == p_value(table, 0.0, method)
    assert len(told.by_period) == 3 and told.smallest_p == pytest.approx(1 / 23)


def test_shifting_the_window_shifts_the_interval():
    plain, moved = panel(4), panel(4, effect=10.0)
    for method in CONFORMAL_METHODS:
        first = conformal_interval(plain, design(plain), method)
        second = conformal_interval(moved, design(moved), method)
        assert second.low == pytest.approx(first.low + 10, abs=1e-3)
        assert second.high == pytest.approx(first.high + 10, abs=1e-3)


def test_one_period_is_judged_by_the_periods_before_and_itself():
    table = panel(6)
    told = conformal_interval(table, design(table), "demeaned_synthetic_control").by_period
    alone = table.drop(index=[table.index[-3], table.index[-1]])
    middle = conformal_interval(
        alone, Design("u0", table.index[-2], table.index[-2]), "demeaned_synthetic_control"
    )
    assert told["low"].iloc[1] == pytest.approx(middle.low)
    assert told["high"].iloc[1] == pytest.approx(middle.high)


def test_too_few_periods_have_no_end_and_say_so():
    table = panel(1, periods=8)
    told = conformal_interval(table, design(table), "synthetic_control")
    assert told.at_edge and told.low == -math.inf and told.high == math.inf
    assert "no end" in told.sentence("en")


def test_later_data_change_nothing():
    table = panel(3)
    longer = pd.concat([table, panel(9).tail(2).set_axis([2023, 2024])])
    own = Design("u0", 2020, 2022)
    assert conformal_interval(longer, own).low == conformal_interval(table, own).low


def test_another_method_is_refused():
    table = panel(1)
    with pytest.raises(DesignError, match="no conformal interval"):
        conformal_interval(table, design(table), "synthetic_did")
