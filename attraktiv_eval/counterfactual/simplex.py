"""Least squares on the simplex, solved exactly.

The problem behind synthetic control and its relatives is

    minimise  ||A w||² + ridge ||w||²   over  w >= 0, sum(w) = 1,

with A the donor columns less the target. It is homogeneous in w, so the simplex can be traded for the
positive orthant: add one row of equal entries M with M on the right-hand side, solve by non-negative least
squares, and divide by the sum. For any M > 0 the result is the exact optimum, not an approximation.

Three shortcuts change the time and not the result. Of many donors only a few are tried, and those that
would improve the fit are added until none would. With a ridge and more donors than periods, the dual has
only as many unknowns as periods (:mod:`.newton`). Tall problems are reduced to a triangle first.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

from attraktiv_eval.counterfactual.active_set import active_set
from attraktiv_eval.counterfactual.newton import ridge_simplex

__all__ = ["bare_weights", "optimality_residual", "simplex_weights", "violation"]

CERTIFIED = 1e-6  # the largest optimality residual that passes
_SMALL_RIDGE = 1e-9  # below it the dual is too ill-conditioned for Newton's method
_ROUNDING = 1e-8
_MANY = 96  # more donors than this are tried in parts
_FIRST, _MORE = 48, 24
_NOISE = 1e-15
_SETTLED = 1e-7
_ROWS = (1.0, 2.0, 10.0)  # any height of the added row is right; another one breaks a tie differently


def simplex_weights(A: np.ndarray, ridge: float = 0.0) -> np.ndarray:
    """Minimise ``||A w||² + ridge ||w||²`` over the simplex.

    Parameters
    ----------
    A : array, shape (periods, donors)
        Donor columns less the target.
    ridge : float
        Penalty in the squared units of A.

    Returns
    -------
    array, shape (donors,)
    """
    if not ridge > 0.0:
        return bare_weights(A)[0]
    rows, columns = A.shape
    squares = float(np.einsum("ij,ij->", A, A))
    if columns == 1 or squares == 0.0:
        return np.full(columns, 1.0 / columns)
    if rows > columns:
        A = np.linalg.qr(A, mode="r")  # type: ignore[assignment]
    elif columns > rows and ridge > _SMALL_RIDGE * squares:
        w = ridge_simplex(A, ridge)
        if optimality_residual(A, w, ridge) <= CERTIFIED:
            return w
    stacked = np.concatenate([A, np.sqrt(ridge) * np.eye(columns)])
    return _nonnegative(stacked, np.sqrt(squares / columns))


def bare_weights(A: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Minimise ``||A w||²`` over the simplex.

    Returns
    -------
    w : array, shape (donors,)
    g : array, shape (donors,)
        The gradient A'A w.
    size : float
        The largest squared length of a column of A.
    """
    columns = A.shape[1]
    squares = np.einsum("ij,ij->j", A, A)
    size = float(squares.max())
    if columns == 1 or size == 0.0:
        w = np.full(columns, 1.0 / columns)
        return w, A.T @ (A @ w), size
    scale = float(np.sqrt(squares.mean()))
    if columns <= _MANY:
        w = _nonnegative(A, scale)
        return w, A.T @ (A @ w), size
    return (*_in_parts(A, squares, scale), size)


def _in_parts(A: np.ndarray, squares: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Solve over the nearest donors, then add those that would improve the fit until none would."""
    tried = np.argpartition(squares, _FIRST)[:_FIRST]
    noise = _NOISE * float(squares.max())
    least = np.inf
    while True:
        part = _nonnegative(A[:, tried], scale)
        carrying = part > 0.0
        tried, part = tried[carrying], part[carrying]
        left = A[:, tried] @ part
        g = left @ A
        value = float(left @ left)
        lead = value - noise - g
        lead[tried] = 0.0
        better = np.flatnonzero(lead > 0.0)
        if not len(better) or value >= least:
            break
        least = value
        if len(better) > _MORE:
            better = np.argpartition(lead, -_MORE)[-_MORE:]
        tried = np.concatenate([tried, better])
    w = np.zeros(A.shape[1])
    w[tried] = part
    return w, g


def _nonnegative(A: np.ndarray, scale: float) -> np.ndarray:
    """Solve by ``nnls``, and see that it did: on tied columns it may stop short without a word."""
    size = float(np.einsum("ij,ij->j", A, A).max())
    for factor in _ROWS:
        w = _by_nnls(A, factor * scale)
        if w is not None and violation((A @ w) @ A, w, size) <= _SETTLED:
            return w
    return active_set(A, scale)


def _by_nnls(A: np.ndarray, row: float) -> np.ndarray | None:
    rows, columns = A.shape
    stacked = np.empty((rows + 1, columns))
    stacked[:rows] = A
    stacked[rows] = row
    goal = np.zeros(rows + 1)
    goal[rows] = row
    try:
        w, _ = nnls(stacked, goal, maxiter=30 * columns)
    except RuntimeError:
        return None
    total = w.sum()
    return w / total if total > 0.0 else None


def optimality_residual(A: np.ndarray, w: np.ndarray, ridge: float = 0.0) -> float:
    """Return how far weights are from the optimum of :func:`simplex_weights`.

    With g the gradient, w is optimal exactly when g_i >= g'w for all i. The residual is the largest
    violation relative to max|g|; where the fit is perfect and g is rounding noise, relative to 1e-8 of the
    largest squared column of A.
    """
    g = A.T @ (A @ w) + ridge * w
    return violation(g, w, float(np.einsum("ij,ij->j", A, A).max()))


def violation(g: np.ndarray, w: np.ndarray, size: float) -> float:
    """Return the optimality residual of weights from the gradient and the largest squared column."""
    whole = max(float(np.abs(g).max()), _ROUNDING * size)
    return 0.0 if whole == 0.0 else max(0.0, float(g @ w - g.min())) / whole
