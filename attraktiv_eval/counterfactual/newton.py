"""Ridge-penalised weights on the simplex where donors outnumber periods, by Newton's method on the dual.

The dual has one unknown a period and one for the sum. It is convex, once differentiable and quadratic
between kinks, so that Newton's method with step halving ends after finitely many steps at the exact
solution (Qi & Sun 1993).
"""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dposv

__all__ = ["ridge_simplex"]

_STEPS = 100
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
    penalty = max(ridge, min(1e-2 * size**2, ridge * 1e12))
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
