"""Convex weights, solved exactly, each with a certificate of optimality.

The problem behind synthetic control and its relatives is

    minimise  ||A w||² + ridge ||w||²   over  w >= 0, sum(w) = 1,

with A the donor columns less the target. It is homogeneous in w, so the simplex can be traded for the
positive orthant: add one row of equal entries M with M on the right-hand side, solve by non-negative least
squares, and divide by the sum. For any M > 0 the result is the exact optimum, not an approximation. Where
there is a ridge and more donors than periods, the dual has only as many unknowns as periods:
:mod:`.newton`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import nnls

from attraktiv_eval.counterfactual.newton import ridge_simplex

__all__ = [
    "RIDGE",
    "Solution",
    "convex_weights",
    "distinct_columns",
    "optimality_residual",
    "simplex_weights",
]

RIDGE = 1e-6  # times the square of the largest singular value, where the optimum is not unique
CERTIFIED = 1e-6  # the largest optimality residual that passes
_RANK = 1e-10
_HULL = 1e-7
_SMALL_RIDGE = 1e-9  # below it the dual is too ill-conditioned for Newton's method
_ROUNDING = 1e-8


@dataclass(frozen=True)
class Solution:
    """Convex weights and what is known of them.

    Attributes
    ----------
    weights : array, shape (N,), each >= 0, summing to 1
    residual : float
        Optimality residual, see :func:`optimality_residual`; 0 at an exact optimum.
    ridge : float
        Penalty on the squared weights that was used, in squared outcome units.
    unique : bool
        Whether the optimum without the penalty is known to be unique.
    in_hull : bool or None
        Whether the target's path lies in the convex hull of the donors' (only told where donors > periods).
    notes : list of str
    """

    weights: np.ndarray
    residual: float
    ridge: float
    unique: bool
    in_hull: bool | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def details(self) -> dict[str, object]:
        """What an estimate shows of the solution."""
        told = {"ridge": self.ridge, "unique": self.unique, "in_hull": self.in_hull, "notes": self.notes}
        return {name: value for name, value in told.items() if value is not None}


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
    rows, columns = A.shape
    if columns == 1:
        return np.ones(1)
    scale = np.sqrt(np.einsum("ij,ij->", A, A) / columns)
    if scale == 0.0:
        return np.full(columns, 1.0 / columns)
    if rows > columns:
        A = np.linalg.qr(A, mode="r")  # type: ignore[assignment]
    if ridge > _SMALL_RIDGE * columns * scale**2 and columns > rows:
        w = ridge_simplex(A, ridge)
        if optimality_residual(A, w, ridge) <= CERTIFIED:
            return w
    return _by_nnls(A, ridge, scale)


def _by_nnls(A: np.ndarray, ridge: float, scale: float) -> np.ndarray:
    rows, columns = A.shape
    stacked = np.zeros((rows + 1 + (columns if ridge > 0.0 else 0), columns))
    stacked[:rows] = A
    stacked[rows] = scale
    if ridge > 0.0:
        stacked[rows + 1 :].flat[:: columns + 1] = np.sqrt(ridge)
    goal = np.zeros(len(stacked))
    goal[rows] = scale
    w, _ = nnls(stacked, goal, maxiter=30 * columns)
    return w / w.sum()


def optimality_residual(A: np.ndarray, w: np.ndarray, ridge: float = 0.0) -> float:
    """Return how far weights are from the optimum of :func:`simplex_weights`.

    With g the gradient, w is optimal exactly when g_i >= g'w for all i. The residual is the largest
    violation relative to max|g|; where the fit is perfect and g is rounding noise, relative to 1e-8 of the
    largest squared column of A.
    """
    g = A.T @ (A @ w) + ridge * w
    size = max(float(np.abs(g).max()), _ROUNDING * float(np.einsum("ij,ij->j", A, A).max()))
    return 0.0 if size == 0.0 else max(0.0, float(g @ w - g.min())) / size


def convex_weights(target: np.ndarray, donors: np.ndarray) -> Solution:
    """Convex weights that make the donors follow the target before treatment.

    Parameters
    ----------
    target : array, shape (periods,)
        Outcome of the treated unit.
    donors : array, shape (periods, donors)

    Returns
    -------
    Solution

    Notes
    -----
    Abadie, Diamond & Hainmueller (2010), eq. 2-3, without covariates. Donors with the same path count once
    and share their weight. Where the optimum is not unique (the target inside the hull of more donors than
    periods, or donors that are mixes of each other) the penalty ``1e-6 s² ||w||²`` picks the weights of
    least norm, s being the largest singular value of the donors less the target. A unique optimum is left
    as it is, also where donors outnumber periods: on the smoking data the penalty would move -19.514 to
    -19.510.
    """
    A = donors - target[:, None]
    group, copies = distinct_columns(donors)
    notes = []
    if group is not None:
        notes.append(f"{len(group) - len(copies)} donors repeat the path of another and share its weight")
        first = np.unique(group, return_index=True)[1]
        A = np.ascontiguousarray(A[:, first])
    solved = _least_norm(A)
    weights = solved.weights if group is None else (solved.weights / copies)[group]
    return Solution(
        weights, solved.residual, solved.ridge, solved.unique, solved.in_hull, [*solved.notes, *notes]
    )


def penalised_weights(A: np.ndarray, ridge: float) -> Solution:
    """Weights that minimise ``||A w||² + ridge ||w||²`` over the simplex, with their certificate.

    Where the ridge is 0 and the optimum not unique, the rule of :func:`convex_weights` takes its place.
    """
    if not ridge > 0.0:
        return _least_norm(A)
    w = simplex_weights(A, ridge)
    return Solution(w, optimality_residual(A, w, ridge), ridge, True)


def _least_norm(A: np.ndarray) -> Solution:
    rows, columns = A.shape
    bare = simplex_weights(A)
    in_hull = _reaches_target(A, bare) if columns > rows else None
    if is_unique(A, bare):
        return Solution(bare, optimality_residual(A, bare), 0.0, True, in_hull)
    ridge = RIDGE * largest_singular_value(A) ** 2
    w = simplex_weights(A, ridge)
    why = "several mixes of donors fit equally well"
    notes = [
        f"{why}: the one of least norm is taken (penalty {RIDGE:g} of the squared largest singular value)"
    ]
    return Solution(w, optimality_residual(A, w, ridge), ridge, False, in_hull, notes)


def _reaches_target(A: np.ndarray, w: np.ndarray) -> bool:
    return bool(np.linalg.norm(A @ w) <= _HULL * np.sqrt(np.einsum("ij,ij->j", A, A).max()))


def largest_singular_value(A: np.ndarray) -> float:
    """Return the largest singular value of A."""
    gram = A @ A.T if A.shape[0] <= A.shape[1] else A.T @ A
    return float(np.sqrt(max(np.linalg.eigvalsh(gram)[-1], 0.0)))


def is_unique(A: np.ndarray, w: np.ndarray) -> bool:
    """Return whether no other weights fit as well: full rank among the donors that could carry weight."""
    g = A.T @ (A @ w)
    scale = np.einsum("ij,ij->j", A, A).max()
    candidates = (w > 0) | (g - g @ w <= _RANK * scale)
    columns = np.vstack([A[:, candidates], np.full(candidates.sum(), np.sqrt(scale))])
    singular = np.linalg.svd(columns, compute_uv=False)
    return bool(len(singular) == candidates.sum() and singular[-1] > _RANK * singular[0])


def distinct_columns(X: np.ndarray) -> tuple[np.ndarray | None, np.ndarray]:
    """Return each column's group of equal columns and the groups' sizes; (None, ones) if all differ."""
    marks = np.cos(np.arange(1, len(X) + 1)) @ X
    ordered = np.sort(marks)
    close = np.abs(np.diff(ordered)) <= 1e-12 * (np.abs(X).max() or 1.0) * len(X)
    if not close.any():
        return None, np.ones(X.shape[1])
    _, group, copies = np.unique(X, axis=1, return_inverse=True, return_counts=True)
    group = group.ravel()
    if len(copies) == X.shape[1]:
        return None, np.ones(X.shape[1])
    return group, copies
