"""Weights without each period: the short way gives what solving anew gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attraktiv_eval.counterfactual.solvers import simplex
from attraktiv_eval.counterfactual.solvers.simplex import convex_weights, weights_without_each


def panel(seed, periods, units, ties=False):
    generator = np.random.default_rng(seed)
    common = generator.normal(size=(periods, 2)).cumsum(axis=0)
    values = common @ generator.normal(size=(2, units)) + generator.normal(size=(periods, units))
    if ties:
        values = np.round(values)
        values[:, -1] = values[:, 1]
    return values[:, 0], values[:, 1:]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.integers(4, 25), st.integers(2, 40), st.booleans())
def test_the_weights_are_those_of_solving_anew(seed, periods, units, ties):
    target, donors = panel(seed, periods, units, ties)
    found = weights_without_each(target, donors, convex_weights(target, donors).weights)
    for period in range(periods):
        rest = np.arange(periods) != period
        anew = convex_weights(target[rest], donors[rest]).weights
        np.testing.assert_allclose(found[period], anew, atol=1e-7)


def test_most_periods_are_settled_without_solving(monkeypatch):
    target, donors = panel(3, 23, 20)
    whole = convex_weights(target, donors).weights
    solved = []
    monkeypatch.setattr(simplex, "convex_weights", lambda *parts: solved.append(1) or convex_weights(*parts))
    weights_without_each(target, donors, whole)
    assert len(solved) < 23 / 2


@pytest.mark.parametrize("wrong", [0, 5, 19])
def test_a_wrong_guess_of_the_donors_is_found_out(wrong):
    target, donors = panel(7, 12, 21)
    guess = np.zeros(20)
    guess[wrong] = 1.0
    found = weights_without_each(target, donors, guess)
    right = weights_without_each(target, donors, convex_weights(target, donors).weights)
    np.testing.assert_allclose(found, right, atol=1e-9)
