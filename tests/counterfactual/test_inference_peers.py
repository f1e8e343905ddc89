"""Agreement with diff-diff, an independent package, on simulated panels."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from attraktiv_eval.counterfactual.design import Design
from attraktiv_eval.counterfactual.inference import conformal_interval, leave_one_out, placebo_in_space
from attraktiv_eval.counterfactual.inference.conformal import conformal_p_value

diff_diff = pytest.importorskip("diff_diff")


def panel(seed: int) -> pd.DataFrame:
    """Eight units over 16 periods: more periods than donors, so that the weights are unique."""
    generator = np.random.default_rng(seed)
    common = generator.normal(size=(16, 2)).cumsum(axis=0)
    values = 20 + common @ generator.normal(size=(2, 8)) + generator.normal(size=(16, 8))
    values[12:, 0] += 2.0
    return pd.DataFrame(values, index=range(2001, 2017), columns=[f"u{i}" for i in range(8)])


def peer(table: pd.DataFrame, treated: str):
    """Fit diff-diff's synthetic control on outcomes alone, every period before weighing alike."""
    long = table.rename_axis(index="time", columns="unit").T.stack().rename("y").reset_index()  # noqa: PD013
    long["treated"] = ((long["unit"] == treated) & (long["time"] >= 2013)).astype(int)
    model = diff_diff.SyntheticControl(v_method="custom", custom_v=[1.0] * 12, standardize="none")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(
            long,
            outcome="y",
            treatment="treated",
            unit="unit",
            time="time",
            treated_unit=treated,
            post_periods=[2013, 2014, 2015, 2016],
            pre_period_outcomes="all",
        )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_placebos_agree_where_the_peer_is_given_the_same_pool(seed):
    table = panel(seed)
    ours = placebo_in_space(table, Design("u0", 2013, 2016), "synthetic_control")
    others = table.drop(columns="u0")
    for unit in others.columns[:3]:
        assert ours.effects[unit] == pytest.approx(peer(others, unit).att, abs=2e-3)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_leave_one_out_agrees(seed):
    table = panel(seed)
    ours = leave_one_out(table, Design("u0", 2013, 2016), "synthetic_control")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = peer(table, "u0").leave_one_out().set_index("dropped_unit")["att"]
    for unit, effect in ours.effects.items():
        assert effect == pytest.approx(theirs[unit], abs=2e-3)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("effect", [0.0, 1.0, 2.5])
def test_conformal_p_values_agree(seed, effect):
    table = panel(seed)
    window = np.asarray(table.index >= 2013)
    ours = conformal_p_value(table["u0"].to_numpy(), table.drop(columns="u0").to_numpy(), window, effect)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = peer(table, "u0").conformal_test(effect)["p_value"]
    assert ours == pytest.approx(theirs)


def test_conformal_intervals_by_period_agree_within_the_peers_grid():
    table = panel(4)
    ours = conformal_interval(table, Design("u0", 2013, 2016), "synthetic_control").by_period
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = peer(table, "u0").conformal_confidence_intervals(alpha=0.1, n_grid=200, bounds=(-30, 30))
    step = 60 / 199
    np.testing.assert_allclose(ours["low"], theirs["lower"], atol=1.5 * step)
    np.testing.assert_allclose(ours["high"], theirs["upper"], atol=1.5 * step)
