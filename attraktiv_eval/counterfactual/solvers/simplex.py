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

from dataclasses import dataclass, field

import numpy as np
from scipy.linalg.lapack import dposv, dpotrf
from scipy.optimize import nnls

from attraktiv_eval.counterfactual.solvers.nuclear import largest_singular_value

_TINY = 1e-13


def active_set(A: np.ndarray, scale: float) -> np.ndarray:
    """Minimise ``||A w||²`` over the simplex; A is (periods, donors), ``scale`` the size of a typical column.

    Notes
    -----
    Lawson & Hanson (1974), chapter 23, with least-norm solutions on the active columns, so that tied
    columns do no harm, and with columns that would enter at no weight set aside until the fit improves.
    """
    B = np.vstack([A, np.full(A.shape[1], scale)])
    goal = np.zeros(len(B))
    goal[-1] = scale
    x = np.zeros(A.shape[1])
    active, aside = np.zeros(len(x), dtype=bool), np.zeros(len(x), dtype=bool)
    for _ in range(30 * len(x)):
        slope = B.T @ (goal - B @ x)
        slope[active | aside] = -np.inf
        entering = int(slope.argmax())
        if slope[entering] <= _TINY * scale**2:
            break
        active[entering] = True
        moved = _step(B, goal, x, active)
        if moved[entering] <= 0.0 and np.array_equal(moved, x):
            aside[entering] = True
        else:
            aside[:] = False
        x, active = moved, moved > 0.0
    return x / x.sum()


def _step(B: np.ndarray, goal: np.ndarray, x: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Go from x to the least squares solution on the active columns, dropping those that turn negative."""
    x, active = x.copy(), active.copy()
    while active.any():
        solution = np.zeros(len(x))
        solution[active] = np.linalg.lstsq(B[:, active], goal, rcond=None)[0]
        falling = active & (solution <= 0.0)
        if not falling.any():
            return solution
        distance = x[falling] - solution[falling]
        reach = np.divide(x[falling], distance, out=np.zeros_like(distance), where=distance > 0.0).min()
        x = np.where(active, x + reach * (solution - x), 0.0)
        leaving = falling & (x <= _TINY)
        x[leaving] = 0.0
        active &= ~leaving
        if not leaving.any():
            break
    return x


# --- Ridge-penalised weights on the simplex where donors outnumber periods

_STEPS = 100
_FIRST_PENALTY = 1e-3  # of the squared size of A: from above it the way is only longer
_PATH = 100.0  # the penalty falls by this factor from one warm start to the next


def ridge_simplex(A: np.ndarray, ridge: float) -> np.ndarray:
    """Minimise ``||A w||² + ridge ||w||²`` over the simplex; A is (periods, donors).

    Notes
    -----
    With B = [A; M 1'] and b = (0, ..., 0, M) the dual minimises ``||r||²/2 - b'r + ||max(B'r, 0)||² / (2
    ridge)``, and w is max(B'r, 0), divided by its sum.
    """
    rows, columns = A.shape
    size = float(np.sqrt(np.einsum("ij,ij->", A, A)))
    B = np.empty((rows + 1, columns))
    B[:rows] = A
    B[rows] = size
    r = np.zeros(rows + 1)
    r[rows] = size / (1.0 + columns)
    penalty = max(ridge, min(_FIRST_PENALTY * size**2, ridge * 1e12))
    while True:
        r = _newton(B, size, penalty, r)
        if penalty <= ridge:
            break
        penalty = max(ridge, penalty / _PATH)
    w = np.maximum(r @ B, 0.0)
    return w / w.sum()


def _newton(B: np.ndarray, goal: float, penalty: float, r: np.ndarray) -> np.ndarray:
    last = len(r) - 1
    b = np.zeros(last + 1)
    b[last] = goal
    z = r @ B
    value = _dual(r, z, goal, penalty)
    for _ in range(_STEPS):
        active = z > 0.0
        C = B[:, active]
        H = C @ C.T / penalty
        H.flat[:: last + 2] += 1.0
        _, target, failed = dposv(H, b)
        if failed:
            break
        z_target = target @ B
        if ((z_target > 0.0) == active).all():
            return target
        step, value_new = 1.0, _dual(target, z_target, goal, penalty)
        dr, dz = target - r, z_target - z
        while value_new > value and step > 1e-6:
            step *= 0.5
            value_new = _dual(r + step * dr, z + step * dz, goal, penalty)
        r, z, value = r + step * dr, z + step * dz, value_new
    return r


def _dual(r: np.ndarray, z: np.ndarray, goal: float, penalty: float) -> float:
    positive = np.maximum(z, 0.0)
    return float(0.5 * (r @ r) - goal * r[-1] + 0.5 * (positive @ positive) / penalty)


# --- Least squares on the simplex, solved exactly

CERTIFIED = 1e-6  # the largest optimality residual that passes
_SMALL_RIDGE = 1e-9  # below it the dual is too ill-conditioned for Newton's method
_ROUNDING = 1e-8
_MANY = 96  # more donors than this are tried in parts
MOST_AT_ONCE = 64  # units whose problems are laid out side by side
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
    return _with_ridge(A, ridge)[0] if ridge > 0.0 else bare_weights(A)[0]


def _with_ridge(A: np.ndarray, ridge: float) -> tuple[np.ndarray, float]:
    """Return the weights of :func:`simplex_weights` with a ridge above 0, and their optimality residual."""
    whole = A
    rows, columns = A.shape
    squares = float(np.einsum("ij,ij->", A, A))
    if columns == 1 or squares == 0.0:
        w = np.full(columns, 1.0 / columns)
        return w, optimality_residual(whole, w, ridge)
    if rows > columns:
        A = np.linalg.qr(A, mode="r")  # type: ignore[assignment]
    elif columns > rows and ridge > _SMALL_RIDGE * squares:
        w = ridge_simplex(A, ridge)
        residual = optimality_residual(A, w, ridge)
        if residual <= CERTIFIED:
            return w, residual
    stacked = np.concatenate([A, np.sqrt(ridge) * np.eye(columns)])
    w = _nonnegative(stacked, np.sqrt(squares / columns))
    return w, optimality_residual(whole, w, ridge)


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


# --- Convex weights of donors or periods, each with its certificate of optimality

RIDGE = 1e-6  # times the square of the largest singular value, where the optimum is not unique
_RANK = 1e-10
_CLEAR = 1e-4
_HULL = 1e-7
_SAME = 1e-13
_MANY_FIT = "several mixes of donors fit equally well: the one of least norm is taken"


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
        Whether the optimum without a least-norm penalty is unique.
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


def convex_weights(target: np.ndarray, donors: np.ndarray, later: np.ndarray | None = None) -> Solution:
    """Convex weights that make the donors follow the target before treatment.

    Parameters
    ----------
    target : array, shape (periods,)
        Outcome of the treated unit.
    donors : array, shape (periods, donors)
    later : array, shape (later periods, donors), optional
        The donors in the window. Read only to tell a copy of a donor from another donor with the same past.

    Returns
    -------
    Solution

    Notes
    -----
    Abadie, Diamond & Hainmueller (2010), eq. 2-3, without covariates. Where the optimum is not unique (the
    target inside the hull of more donors than periods, or donors that are mixes of each other) donors with
    the same path count once and share their weight, and the penalty ``1e-6 s² ||w||²`` picks the weights of
    least norm, s being the largest singular value of the donors less the target. A unique optimum is left
    as it is, also where donors outnumber periods: on the smoking data the penalty would move -19.514 to
    -19.510.
    """
    return _least_norm(donors - target[:, None], later)


def penalised_weights(A: np.ndarray, ridge: float) -> Solution:
    """Weights that minimise ``||A w||² + ridge ||w||²`` over the simplex, with their certificate.

    Where the ridge is 0, the rule of :func:`convex_weights` holds.
    """
    if not ridge > 0.0:
        return _least_norm(A)
    return Solution(*_with_ridge(A, ridge), ridge, True)


def _least_norm(A: np.ndarray, later: np.ndarray | None = None) -> Solution:
    rows, columns = A.shape
    bare, g, size = bare_weights(A)
    in_hull = bool(max(g @ bare, 0.0) <= _HULL**2 * size) if columns > rows else None
    if _is_unique(A, bare, g, size):
        return Solution(bare, violation(g, bare, size), 0.0, True, in_hull)
    group, copies = distinct_columns(A)
    if len(copies) < columns:
        single = _least_norm(np.ascontiguousarray(A[:, np.unique(group, return_index=True)[1]]))
        weights = single.weights[group] * _shares(A, group, later)
        notes = [
            f"{columns - len(copies)} donors repeat the path of another and share its weight",
            *single.notes,
        ]
        return Solution(weights, single.residual, single.ridge, False, in_hull, notes)
    ridge = RIDGE * largest_singular_value(A) ** 2
    notes = [f"{_MANY_FIT} (penalty {RIDGE:g} of the squared largest singular value)"]
    return Solution(*_with_ridge(A, ridge), ridge, False, in_hull, notes)


def _shares(A: np.ndarray, group: np.ndarray, later: np.ndarray | None) -> np.ndarray:
    """Return each donor's share of its group's weight: equal among whole paths, then among copies of one."""
    path, _ = distinct_columns(A if later is None else np.vstack([A, later]))
    _, first, path, copies = np.unique(
        group * len(group) + path, return_index=True, return_inverse=True, return_counts=True
    )
    paths = np.bincount(group[first])
    return 1.0 / (paths[group] * copies[path])


def _is_unique(A: np.ndarray, w: np.ndarray, g: np.ndarray, size: float) -> bool:
    """Return whether no other weights fit as well: full rank among the donors that could carry weight."""
    candidates = np.flatnonzero((w > 0.0) | (g - g @ w <= _RANK * size))
    if len(candidates) > A.shape[0] + 1:
        return False
    if len(candidates) == 1:
        return True
    columns = np.empty((A.shape[0] + 1, len(candidates)))
    columns[:-1] = A[:, candidates]
    columns[-1] = np.sqrt(size)
    factor, failed = dpotrf(columns.T @ columns)
    if not failed and factor.diagonal().min() > _CLEAR * factor.diagonal().max():
        return True  # far from the border; what follows would say the same at five times the cost
    singular = np.linalg.svd(columns, compute_uv=False)
    return bool(singular[-1] > _RANK * singular[0])


def distinct_columns(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each column's group of columns that are equal but for rounding, and the size of each group."""
    near = _SAME * float(np.abs(X).max())
    marks = np.cos(np.arange(1.0, len(X) + 1.0)) @ X  # any direction; equal columns are neighbours in it
    order = np.argsort(marks, kind="stable")
    new = np.diff(marks[order]) > near * len(X)
    new |= np.abs(np.diff(X[:, order], axis=1)).max(axis=0) > near
    group = np.empty(X.shape[1], dtype=int)
    group[order] = np.concatenate([[0], np.cumsum(new)])
    return group, np.bincount(group)


# --- Convex weights of many small problems, and what shows that they are right for all together


def weights_of_each(past: np.ndarray, ridges: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return in row i the weights of the other units that follow unit i, and where they are the only optimum.

    The problems of :func:`convex_weights`, or with ridges of :func:`penalised_weights`, of all units.

    Parameters
    ----------
    past : array, shape (periods, units)
    ridges : array, shape (units,), optional
        Penalty of each unit's problem, each above 0.

    Returns
    -------
    weights : array, shape (units, units)
        No unit has weight in its own row.
    certain : bool array, shape (units,)
        Where False the row means nothing: to be solved with all care, one by one.
    """
    units = past.shape[1]
    others = np.arange(units - 1) + (np.arange(units - 1) >= np.arange(units)[:, None])
    found, certain = _together(past.T[others].swapaxes(1, 2) - past.T[:, :, None], ridges)
    weights = np.zeros((units, units))
    weights[np.arange(units)[:, None], others] = found
    return weights, certain


def period_weights_of_each(later: np.ndarray, ridges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return in row i the period weights of all units but i, and where they are certainly the optimum.

    Parameters
    ----------
    later : array, shape (units, periods)
        Each period's outcome less that of the window.
    ridges : array, shape (units,), each above 0

    Returns
    -------
    weights : array, shape (units, periods)
    certain : bool array, shape (units,)
    """
    units = len(later)
    A = later[None] - ((later.sum(axis=0) - later) / (units - 1))[:, None, :]
    A[np.arange(units), np.arange(units)] = 0.0  # a row of zeros asks for nothing
    return _together(A, ridges)


def _together(A: np.ndarray, ridges: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return weights (problems, columns) of A (problems, rows, columns), and where they are right."""
    squares = np.einsum("pti,pti->pi", A, A)
    sizes = squares.max(axis=1)
    weights = _each_by_nnls(A, np.sqrt(squares.mean(axis=1)), ridges)
    totals = weights.sum(axis=1)
    solved = (totals > 0.0) & (sizes > 0.0)
    weights /= np.where(solved, totals, 1.0)[:, None]
    gradient = np.matmul(np.matmul(A, weights[:, :, None]).swapaxes(1, 2), A)[:, 0]
    if ridges is not None:
        gradient += ridges[:, None] * weights
    lead = gradient - np.einsum("pi,pi->p", gradient, weights)[:, None]
    solved &= _are_settled(gradient, weights, sizes, _SETTLED)
    if ridges is None:
        solved &= _are_unique(A, (weights > 0.0) | (lead <= _RANK * sizes[:, None]), sizes)
    return weights, solved


def _are_settled(g: np.ndarray, w: np.ndarray, sizes: np.ndarray, most: float) -> np.ndarray:
    """Return where the :func:`violation` of each row of weights is at most ``most``, shape (problems,)."""
    whole = np.maximum(np.abs(g).max(axis=1), _ROUNDING * sizes)
    return np.asarray(np.einsum("pi,pi->p", g, w) - g.min(axis=1) <= most * whole)


def _each_by_nnls(A: np.ndarray, heights: np.ndarray, ridges: np.ndarray | None) -> np.ndarray:
    """Return what ``nnls`` finds for each problem, before division by its sum; zeros where it finds none."""
    problems, rows, columns = A.shape
    stacked = np.zeros((problems, rows + (0 if ridges is None else columns) + 1, columns))
    stacked[:, :rows], stacked[:, -1] = A, heights[:, None]
    if ridges is not None:
        inside = np.arange(columns)
        stacked[:, rows + inside, inside] = np.sqrt(ridges)[:, None]
    goals = np.zeros(stacked.shape[:2])
    goals[:, -1] = heights
    found = np.zeros((problems, columns))
    for problem in range(problems):
        try:
            found[problem] = nnls(stacked[problem], goals[problem])[0]
        except RuntimeError:  # too many steps: the row of zeros says so
            continue
    return found


def _are_unique(A: np.ndarray, candidates: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return where the donors that could carry weight are far from being mixes of each other.

    What :func:`_is_unique` says of one problem where it is clear; False also where it is not.
    """
    counted = candidates.sum(axis=1)
    most = int(counted.max())
    first = np.argsort(~candidates, axis=1, kind="stable")[:, :most]  # the candidates, then some others
    counts = np.arange(most) < counted[:, None]
    parts = A[np.arange(len(A))[:, None], :, first]  # (problems, most, rows)
    grams = np.matmul(parts, parts.swapaxes(1, 2)) + sizes[:, None, None]
    grams[:, np.arange(most), np.arange(most)] += np.where(counts, 0.0, sizes[:, None])
    try:  # the factor of the candidates does not depend on what follows them
        factors = np.linalg.cholesky(grams).diagonal(axis1=1, axis2=2)
    except np.linalg.LinAlgError:
        return np.zeros(len(A), dtype=bool)
    least = np.where(counts, factors, np.inf).min(axis=1)
    greatest = np.where(counts, factors, 0.0).max(axis=1)
    return (counted <= A.shape[1] + 1) & ((least > _CLEAR * greatest) | (counted == 1))


# --- Convex weights with each period before treatment left out in turn

_PERIOD_CLEAR = 1e-8  # smallest over largest eigenvalue: nearer to singular, the solver decides
_STRICT = 1e-8  # how far from carrying weight a donor must be, in parts of the largest squared column
_PERIOD_SETTLED = 1e-9  # the largest optimality residual that passes


def weights_without_each(target: np.ndarray, donors: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return in row t what :func:`convex_weights` gives without period t.

    Parameters
    ----------
    target : array, shape (periods,)
    donors : array, shape (periods, donors)
    whole : array, shape (donors,)
        The weights from all periods.

    Returns
    -------
    array, shape (periods, donors)

    Notes
    -----
    Where the donors that carry weight stay the same, the optimum without a period solves a small linear
    system. Whether they do is seen from the conditions of optimality, which are sufficient; where these
    leave any doubt the problem is solved in full.
    """
    A = donors - target[:, None]
    weights, certain = _on_the_same_donors(A, np.flatnonzero(whole > 0.0))
    doubtful = np.flatnonzero(~certain)
    if len(doubtful) and 1 < A.shape[1] <= MOST_AT_ONCE:
        parts = np.repeat(A[None], len(doubtful), axis=0)
        parts[np.arange(len(doubtful)), doubtful] = 0.0
        weights[doubtful], solved = _together(parts)
        doubtful = doubtful[~solved]
    for period in doubtful:
        rest = np.arange(len(A)) != period
        weights[period] = convex_weights(target[rest], donors[rest]).weights
    return weights


def _on_the_same_donors(A: np.ndarray, carrying: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights (periods, donors) on these donors, and where they are certainly the only optimum."""
    squares = A * A
    sizes = (squares.sum(axis=0) - squares).max(axis=1)
    part = A[:, carrying]
    grams = part.T @ part - part[:, :, None] * part[:, None, :] + sizes[:, None, None]
    values, vectors = np.linalg.eigh(grams)
    certain = values[:, 0] > _PERIOD_CLEAR * values[:, -1]
    inverse = np.divide(vectors.sum(axis=1), values, out=np.zeros_like(values), where=certain[:, None])
    found = np.einsum("tij,tj->ti", vectors, inverse)
    certain &= (found > 0.0).all(axis=1)
    found[certain] /= found[certain].sum(axis=1, keepdims=True)
    weights = np.zeros_like(A)
    weights[:, carrying] = found
    slopes = weights @ (A.T @ A) - A * np.einsum("tn,tn->t", A, weights)[:, None]
    others = np.delete(slopes, carrying, axis=1) - np.einsum("tn,tn->t", slopes, weights)[:, None]
    certain &= (others > _STRICT * sizes[:, None]).all(axis=1)
    certain &= _are_settled(slopes, weights, sizes, _PERIOD_SETTLED)
    return weights, certain
