"""Least squares on the simplex by a plain active set: slow and patient, for what ``nnls`` leaves unsolved."""

from __future__ import annotations

import numpy as np

__all__ = ["active_set"]

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
