"""What must hold of every method, whatever the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated import METHODS_SLOW, panel

from attraktiv_eval.counterfactual import METHODS, Design, estimate

DESIGN = Design(["u00"], 2013, 2015)
seeds = st.integers(0, 10_000)
units = st.integers(3, 30)
by_every_method = pytest.mark.parametrize("method", METHODS)


def each_method(examples: int, slow: int):
    """Run a property by every method, with fewer examples for the slow ones."""

    def decorate(check):
        def run(method):
            settings(max_examples=slow if method in METHODS_SLOW else examples, deadline=None)(
                given(seeds, units)(lambda seed, size: check(method, panel(seed, units=size)))
            )()

        run.__doc__ = check.__doc__
        return by_every_method(run)

    return decorate


def tolerance(method: str) -> float:
    """Return how far two runs may differ, relative to the spread: an iterated likelihood is the loosest."""
    return 1e-5 if method == "structural_time_series" else 1e-7


def agree(method: str, one: pd.Series, other: pd.Series, outcome: pd.DataFrame) -> None:
    spread = outcome.to_numpy().std()
    assert np.allclose(one.to_numpy(), other.to_numpy(), rtol=0, atol=tolerance(method) * spread)


@each_method(15, 2)
def test_a_constant_added_to_every_unit_changes_nothing(method, outcome):
    agree(method, estimate(outcome + 100, DESIGN, method).gap, estimate(outcome, DESIGN, method).gap, outcome)


#: Their mix of donors is meant to lie at the treated unit's own level; every other method has unit effects.
WITHOUT_UNIT_EFFECTS = ("synthetic_control", "augmented_synthetic_control")


@pytest.mark.parametrize("method", [name for name in METHODS if name not in WITHOUT_UNIT_EFFECTS])
@settings(max_examples=6, deadline=None)
@given(seed=seeds, size=st.integers(4, 20), unit=st.integers(0, 3), level=st.sampled_from([-5e3, 0.7, 1e5]))
def test_a_constant_added_to_one_unit_changes_nothing_that_has_unit_effects(method, seed, size, unit, level):
    """Nor what a method chooses: its penalty, its model, its weights."""
    outcome = panel(seed, units=size)
    moved = outcome.copy()
    moved[f"u{unit:02d}"] += level
    one, other = estimate(outcome, DESIGN, method), estimate(moved, DESIGN, method)
    agree(method, one.gap, other.gap, outcome)
    for chosen in ("penalty", "zeta", "rank"):
        assert one.details.get(chosen, 0) == pytest.approx(other.details.get(chosen, 0), rel=1e-6)
    assert one.details.get("model") == other.details.get("model")


@pytest.mark.parametrize("method", WITHOUT_UNIT_EFFECTS)
def test_a_level_of_its_own_counts_where_a_mix_of_donors_must_reach_it(method):
    outcome = panel(4)
    moved = outcome.assign(u00=outcome["u00"] + 50)
    assert estimate(moved, DESIGN, method).pre_rmse > 2 * estimate(outcome, DESIGN, method).pre_rmse


@each_method(15, 2)
def test_a_common_slope_is_no_effect(method, outcome):
    tilted = outcome.add(1e3 + 40 * np.arange(16.0), axis=0)
    if not METHODS[method].forecasts:  # what all donors share is one of its regressors
        agree(method, estimate(tilted, DESIGN, method).gap, estimate(outcome, DESIGN, method).gap, outcome)


@each_method(15, 2)
def test_the_order_of_the_donors_changes_nothing(method, outcome):
    shuffled = outcome[np.random.default_rng(outcome.shape[1]).permutation(outcome.columns)]
    one, other = estimate(outcome, DESIGN, method), estimate(shuffled, DESIGN, method)
    agree(method, one.gap, other.gap, outcome)
    if one.weights is not None:
        assert np.allclose(one.weights, other.weights[one.weights.index], atol=1e-7)


@each_method(8, 1)
def test_a_rescaled_outcome_rescales_the_effect(method, outcome):
    for factor in (1e3, 0.01, -1.0):
        rescaled = estimate(outcome * factor, DESIGN, method).gap / factor
        agree(method, rescaled, estimate(outcome, DESIGN, method).gap, outcome)


@each_method(15, 2)
def test_an_effect_in_the_window_is_found_in_full(method, outcome):
    """No method's counterfactual sees the treated unit in the window."""
    added = outcome.copy()
    added.loc[2013:2015, "u00"] += np.array([3.0, -1.0, 7.0])
    found = estimate(added, DESIGN, method).effects - estimate(outcome, DESIGN, method).effects
    assert np.allclose(found, [3.0, -1.0, 7.0], atol=1e-9)


@each_method(10, 2)
def test_the_effect_is_the_mean_gap_and_the_parts_add_up(method, outcome):
    result = estimate(outcome, DESIGN, method)
    assert result.effect == pytest.approx(result.effects.mean())
    assert result.effects.index.tolist() == [2013, 2014, 2015]
    assert np.allclose(result.actual - result.counterfactual, result.gap)
    assert np.allclose(result.actual, outcome["u00"])
    if result.weights is not None:
        assert result.weights.sum() == pytest.approx(1, abs=1e-9)
        assert list(result.weights.index) == list(outcome.columns[1:])
    assert result.residual is None or result.residual < 1e-6


@given(seeds, units, st.sampled_from(["synthetic_control", "demeaned_synthetic_control"]))
@settings(max_examples=40, deadline=None)
def test_a_duplicated_donor_leaves_the_effect_unchanged(seed, size, method):
    outcome = panel(seed, units=size)
    doubled = outcome.assign(twin=outcome[outcome.columns[1 + seed % (size - 1)]])
    one, two = estimate(outcome, DESIGN, method), estimate(doubled, DESIGN, method)
    assert one.effect == pytest.approx(two.effect, abs=1e-8)
    assert np.allclose(one.gap, two.gap, atol=1e-8)


@pytest.mark.parametrize("method", ["synthetic_control", "demeaned_synthetic_control"])
@pytest.mark.parametrize("size", [5, 13, 40])
def test_a_twice_duplicated_carrying_donor_shares_its_weight(method, size):
    outcome = panel(11, units=size)
    one = estimate(outcome, DESIGN, method)
    heaviest = one.weights.idxmax()
    tripled = outcome.assign(twin=outcome[heaviest], third=outcome[heaviest])
    two = estimate(tripled, DESIGN, method)
    assert two.effect == pytest.approx(one.effect, abs=1e-8)
    assert np.allclose(two.weights[[heaviest, "twin", "third"]], one.weights[heaviest] / 3, atol=1e-8)


@given(seeds, st.sampled_from(["synthetic_control", "demeaned_synthetic_control"]))
@settings(max_examples=30, deadline=None)
def test_a_duplicated_donor_among_ties(seed, method):
    """Small whole numbers: donors with one past and different windows, and many optima."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 3, size=(8, int(rng.integers(6, 60))))
    outcome = pd.DataFrame(values).add_prefix("u").astype(float)
    outcome.loc[0, "u0"], outcome.loc[1, "u0"] = 0.0, 2.0
    design = Design(["u0"], 5, 7)
    one = estimate(outcome, design, method)
    two = estimate(outcome.assign(twin=outcome[one.weights.idxmax()]), design, method)
    assert np.allclose(one.gap, two.gap, atol=1e-8)


@by_every_method
@pytest.mark.parametrize("size", [3, 12, 13, 14, 40])
def test_more_or_fewer_donors_than_periods(method, size):
    result = estimate(panel(5, units=size + 1), DESIGN, method)
    assert np.isfinite(result.gap).all()


@by_every_method
def test_four_periods_before_and_one_donor_are_enough(method):
    outcome = panel(8, units=2)
    assert np.isfinite(estimate(outcome, Design(["u00"], 2005, 2005), method).effect)
    assert np.isfinite(estimate(panel(8, units=4), Design(["u00"], 2005, 2007), method).effect)


@by_every_method
def test_a_true_effect_is_found_on_a_calm_panel(method):
    """Noise a hundredth of the common movement; the truth is 4 in every year."""
    outcome = panel(21, periods=30, units=15, factors=2, noise=0.02)
    outcome["u00"] = outcome.iloc[:, 1:6].mean(axis=1) + 0.02 * np.random.default_rng(1).normal(size=30)
    outcome.loc[2027:2030, "u00"] += 4
    effect = estimate(outcome, Design(["u00"], 2027, 2030), method).effect
    kind = METHODS[method]
    wide = 3.0 if not kind.lists_weights else 1.0 if kind.forecasts else 0.4 if kind.slow else 0.1
    assert effect == pytest.approx(4, abs=wide)


def test_the_number_treated_reaches_synthetic_did():
    """Its penalty grows with the number of treated units, for a weighted group too."""
    outcome = panel(9, units=12)
    donors = list(outcome.columns[4:])
    group = Design(["u00", "u01", "u02", "u03"], 2013, 2015, donors=donors)
    alone = Design(["u00"], 2013, 2015, donors=donors)
    zeta = [estimate(outcome, design, "synthetic_did").details["zeta"] for design in (group, alone)]
    assert zeta[0] == pytest.approx(zeta[1] * 4**0.25)
