"""Convex weights: on the simplex, optimal, and the same whatever the order of the donors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize

from attraktiv_eval.counterfactual.solvers.simplex import (
    RIDGE,
    active_set,
    bare_weights,
    convex_weights,
    optimality_residual,
    penalised_weights,
    simplex_weights,
)

seeds = st.integers(0, 10_000)
sizes = st.tuples(st.integers(4, 30), st.integers(1, 60))


def target_and_donors(seed: int, periods: int, donors: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(periods, 2)).cumsum(axis=0)
    X = common @ rng.normal(size=(2, donors)) + rng.normal(size=(periods, donors))
    return common @ rng.normal(size=2) + rng.normal(size=periods), X


def on_the_simplex(w: np.ndarray) -> bool:
    return bool((w >= 0).all() and abs(w.sum() - 1) < 1e-12)


@given(seeds, sizes)
def test_weights_are_convex_and_optimal(seed, size):
    y, X = target_and_donors(seed, *size)
    solved = convex_weights(y, X)
    assert on_the_simplex(solved.weights)
    g = X.T @ (X @ solved.weights - y) + solved.ridge * solved.weights
    assert g.min() >= g @ solved.weights - 1e-6 * np.abs(g).max()
    assert solved.residual < 1e-9


@given(seeds, sizes, st.floats(1e-6, 10))
def test_penalised_weights_are_convex_and_optimal(seed, size, share):
    y, X = target_and_donors(seed, *size)
    A = X - y[:, None]
    solved = penalised_weights(A, share * float((A**2).sum()))
    assert on_the_simplex(solved.weights)
    assert solved.residual < 1e-9


@given(arrays(float, (6, 9), elements=st.floats(-5, 5, width=16)))
def test_any_matrix_has_certified_weights(values):
    """Ties, zeros, repeated and collinear columns included."""
    solved = convex_weights(values[:, 0], values[:, 1:])
    assert on_the_simplex(solved.weights)
    assert solved.residual < 1e-6


def test_what_nnls_leaves_unsolved():
    """Tied columns on which scipy's ``nnls`` stops short, found by the test above."""
    values = np.full((6, 9), 5.0)
    values[[0, 0, 2, 5], [3, 4, 0, 6]] = 0.0
    values[3, 0], values[3, 2] = 3.0, -4.0
    solved = convex_weights(values[:, 0], values[:, 1:])
    assert solved.residual < 1e-9
    assert values[:, 1:] @ solved.weights == pytest.approx([5, 5, 5, 3, 5, 5], abs=1e-4)


@given(arrays(float, (5, 8), elements=st.integers(-3, 3).map(float)))
def test_the_patient_active_set_solves_tied_problems_too(A):
    scale = max(1.0, float(np.sqrt((A**2).mean())))
    w = active_set(A, scale)
    assert on_the_simplex(w)
    assert optimality_residual(A, w) < 1e-6


@given(seeds, sizes)
@settings(max_examples=30)
def test_the_patient_active_set_agrees_with_nnls(seed, size):
    y, X = target_and_donors(seed, *size)
    A = X - y[:, None]
    quick, patient = bare_weights(A)[0], active_set(A, float(np.sqrt((A**2).mean() * len(A))))
    assert optimality_residual(A, patient) < 1e-6
    assert ((A @ patient) ** 2).sum() == pytest.approx(((A @ quick) ** 2).sum(), abs=1e-9)


@given(seeds, st.integers(100, 400), st.integers(5, 30))
@settings(max_examples=25)
def test_trying_few_of_many_donors_first_gives_the_same_weights(seed, donors, periods):
    y, X = target_and_donors(seed, periods, donors)
    A = X - y[:, None]
    w, g, size = bare_weights(A)
    assert on_the_simplex(w)
    assert optimality_residual(A, w) < 1e-7
    assert np.allclose(g, A.T @ (A @ w), atol=1e-9 * size)


@pytest.mark.parametrize("seed", range(3))
def test_no_general_optimiser_does_better(seed):
    y, X = target_and_donors(seed, 12, 7)
    w = convex_weights(y, X).weights
    start = np.full(7, 1 / 7)
    found = minimize(
        lambda v: ((X @ v - y) ** 2).sum(), start, method="SLSQP", bounds=[(0, 1)] * 7,
        constraints={"type": "eq", "fun": lambda v: v.sum() - 1}, options={"ftol": 1e-15, "maxiter": 1000},
    ).x  # fmt: skip
    found = np.maximum(found, 0.0) / np.maximum(found, 0.0).sum()  # its sum is 1 only to its own tolerance
    assert ((X @ w - y) ** 2).sum() <= ((X @ found - y) ** 2).sum() + 1e-10
    assert np.allclose(w, found, atol=1e-5)


@given(seeds, sizes)
@settings(max_examples=50)
def test_duplicated_donor_changes_no_fit(seed, size):
    """The fit in every period, so the effect too, to 1e-8; more or fewer donors than periods."""
    y, X = target_and_donors(seed, size[0] + 3, size[1])
    before = slice(0, size[0])
    twin = seed % size[1]
    doubled = np.column_stack([X, X[:, twin]])
    one, two = convex_weights(y[before], X[before]), convex_weights(y[before], doubled[before])
    assert np.allclose(X @ one.weights, doubled @ two.weights, rtol=0, atol=1e-8)
    if two.weights[twin] > 1e-9:
        assert two.weights[twin] == pytest.approx(two.weights[-1], abs=1e-12)


def test_least_norm_where_the_target_lies_in_the_hull():
    """More donors than periods: the fit is perfect, and its weights do not depend on the donors' order."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(8, 60))
    y = X[:, :20].mean(axis=1)
    solved = convex_weights(y, X)
    assert solved.in_hull
    assert not solved.unique
    assert solved.ridge == pytest.approx(RIDGE * np.linalg.norm(X - y[:, None], 2) ** 2)
    assert any("least norm" in note for note in solved.notes)
    assert np.abs(X @ solved.weights - y).max() < 1e-3
    order = rng.permutation(60)
    assert np.allclose(convex_weights(y, X[:, order]).weights, solved.weights[order], atol=1e-9)
    bare = bare_weights(X - y[:, None])[0]
    assert (solved.weights**2).sum() < (bare**2).sum()


def test_outside_the_hull_the_optimum_is_left_alone():
    rng = np.random.default_rng(6)
    X = rng.normal(size=(8, 60))
    solved = convex_weights(X.max(axis=1) + 1, X)
    assert solved.in_hull is False
    assert solved.unique
    assert solved.ridge == 0
    assert not solved.notes


def test_hull_is_told_only_where_donors_outnumber_periods():
    y, X = target_and_donors(1, 10, 10)
    assert convex_weights(y, X).in_hull is None
    assert convex_weights(y[:9], X[:9]).in_hull is not None


def test_donors_that_are_mixes_of_each_other():
    """Fewer donors than periods, yet many optima: least norm, and said."""
    y, X = target_and_donors(2, 20, 3)
    X = np.column_stack([X, X.mean(axis=1)])
    y = X.mean(axis=1)
    solved = convex_weights(y, X)
    assert not solved.unique
    assert solved.ridge > 0
    assert solved.residual < 1e-6
    assert np.abs(X @ solved.weights - y).max() < 1e-5


def test_a_donor_equal_to_the_target_takes_all_the_weight():
    y, X = target_and_donors(3, 12, 5)
    X[:, 2] = y
    assert np.allclose(convex_weights(y, X).weights, np.eye(5)[2], atol=1e-12)


def test_all_donors_equal_to_the_target_share_the_weight():
    y, _ = target_and_donors(3, 12, 5)
    assert np.allclose(convex_weights(y, np.repeat(y[:, None], 4, axis=1)).weights, 0.25)


def test_one_donor():
    y, X = target_and_donors(4, 8, 1)
    assert convex_weights(y, X).weights.tolist() == [1.0]


@pytest.mark.parametrize("share", [1e-12, 1e-9, 1e-7, 1e-3, 1.0])
@pytest.mark.parametrize("size", [(5, 40), (40, 5), (20, 20)])
def test_newton_and_active_set_agree(share, size):
    """The dual and the stacked problem are two ways to the same weights."""
    y, X = target_and_donors(7, *size)
    A = X - y[:, None]
    ridge = share * float((A**2).sum())
    w = simplex_weights(A, ridge)
    stacked = np.vstack([A, np.sqrt(ridge) * np.eye(size[1])])
    other = bare_weights(stacked)[0]
    assert np.allclose(w, other, atol=1e-6)
    assert optimality_residual(A, w, ridge) < 1e-6


@given(seeds, st.floats(1e-6, 1e6))
@settings(max_examples=30)
def test_scale_does_not_matter(seed, factor):
    y, X = target_and_donors(seed, 8, 20)
    assert np.allclose(
        convex_weights(y * factor, X * factor).weights, convex_weights(y, X).weights, atol=1e-8
    )
