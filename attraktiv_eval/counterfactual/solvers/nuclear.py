"""Matrix completion with unit and period effects under a nuclear-norm penalty, many panels at once.

Filling the missing cells with the present fit leaves a complete panel, whose optimum is known: unit and
period effects are its means, and the low-rank part is its doubly centred rest with every singular value
lowered by the threshold. Repeating this (Mazumder, Hastie & Tibshirani 2010) goes downhill to the optimum
of the convex problem; Anderson's extrapolation (Walker & Ni 2011) makes the way shorter by an order of
magnitude and changes nothing of where it ends.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dsyev, dsyevr

_UNBLOCKED = 32  # up to this order dsyev works without the blocks that would be shared among threads


def eigen(gram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues, rising, and eigenvectors as columns, of a symmetric matrix."""
    if len(gram) <= _UNBLOCKED:
        values, vectors, failed = dsyev(gram)
    else:
        values, vectors, _, _, failed = dsyevr(gram)
    if failed:
        values, vectors = np.linalg.eigh(gram)
    return values, vectors


def largest_singular_value(A: np.ndarray) -> float:
    """Return the largest singular value of A."""
    gram = A @ A.T if A.shape[0] <= A.shape[1] else A.T @ A
    return float(np.sqrt(max(eigen(gram)[0][-1], 0.0)))


# --- Matrix completion with unit and period effects under a nuclear-norm penalty

_MEMORY = 6
_MOST_STEPS = 20_000
_ROUNDS = 4  # of levelling units and periods in turn
_TINY = np.finfo(float).tiny


def complete(
    Y: np.ndarray,
    observed: np.ndarray,
    threshold: np.ndarray,
    start: np.ndarray | None = None,
    tolerance: float = 1e-9,
) -> np.ndarray:
    """Return the fitted panels, low-rank part plus effects.

    Parameters
    ----------
    Y : array, shape (..., T, N)
        Outcomes; cells not observed may hold anything.
    observed : bool array, shape (panels, T, N)
        Every row and every column must have an observed cell.
    threshold : array, shape (panels,)
        What each singular value is lowered by; infinite for effects alone.
    start : array, shape (panels, T, N), optional
        A fit to begin from.
    tolerance : float
        Stop when the fit changes by less than this, relative to the spread of the observed outcomes.

    Returns
    -------
    array, shape (panels, T, N)
    """
    levels = _levels(Y, observed)
    filled = np.where(observed, Y - levels, 0.0)
    near = tolerance * np.sqrt((filled**2).sum(axis=(1, 2)))
    x = np.zeros_like(filled) if start is None else np.where(observed, 0.0, start - levels)
    fitted = np.empty_like(filled)
    hidden, active = ~observed, np.arange(len(filled))
    memory = _Memory(observed)
    for _ in range(_MOST_STEPS):
        fit = shrink(filled + x, threshold)
        image = fit * hidden
        residual = image - x
        size = np.sqrt((residual * residual).sum(axis=(1, 2)))
        going = size > near
        if not going.all():
            fitted[active] = fit
            if not going.any():
                break
            parts = (active, filled, hidden, threshold, near, x, image, residual, size)
            active, filled, hidden, threshold, near, x, image, residual, size = (p[going] for p in parts)
            memory.keep(going)
        x = memory.extrapolate(x, image, residual, size)
    else:
        fitted[active] = fit
    return fitted + levels


def _levels(Y: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Return levels of units plus levels of periods, (panels, T, N), that are nearly their effects.

    Effects are not penalised, so that levels taken away and put back leave the optimum where it is. Without
    that, how far the units lie apart would decide when the search stops.
    """
    rest = np.where(observed, Y, 0.0)
    of_units = np.maximum(np.add.reduce(observed, axis=1, keepdims=True), 1)
    of_periods = np.maximum(np.add.reduce(observed, axis=2, keepdims=True), 1)
    levels = np.zeros_like(rest)
    for _ in range(_ROUNDS):
        for axis, counted in ((1, of_units), (2, of_periods)):
            mean = np.add.reduce(rest, axis=axis, keepdims=True) / counted
            levels += mean
            rest -= mean * observed
    return levels


def shrink(Z: np.ndarray, threshold: np.ndarray) -> np.ndarray:
    """Return the optimum for complete panels: effects, and singular values less the threshold."""
    _, periods, units = Z.shape
    rows = np.add.reduce(Z, axis=2, keepdims=True) / units
    columns = np.add.reduce(Z, axis=1, keepdims=True) / periods
    effects = rows + columns - np.add.reduce(rows, axis=1, keepdims=True) / periods
    rest = Z - effects
    wide = units >= periods
    gram = rest @ rest.swapaxes(1, 2) if wide else rest.swapaxes(1, 2) @ rest
    vectors, kept = np.zeros_like(gram), np.zeros(gram.shape[:2])
    squared = threshold**2
    for panel in np.flatnonzero(squared < _diagonal(gram).sum(axis=1)):
        squares, vectors[panel] = eigen(gram[panel])
        above = squares > squared[panel]
        kept[panel, above] = 1.0 - threshold[panel] / np.sqrt(squares[above])
    projection = (vectors * kept[:, None, :]) @ vectors.swapaxes(1, 2)
    return np.asarray(effects + (projection @ rest if wide else rest @ projection))


def _diagonal(gram: np.ndarray) -> np.ndarray:
    """Return a view of the diagonals of square matrices, shape (panels, n)."""
    panels, order, _ = gram.shape
    return gram.reshape(panels, -1)[:, :: order + 1]


class _Memory:
    """Anderson extrapolation, one memory a panel, with a way back where it leads astray."""

    def __init__(self, observed: np.ndarray) -> None:
        panels, cells = len(observed), observed[0].size
        missing = int((~observed).sum(axis=(1, 2)).min())
        self.depth = max(1, min(_MEMORY, missing - 1))
        self.steps = np.zeros((panels, self.depth, cells))  # a move, and what changed by it
        self.changes = np.zeros((panels, self.depth, cells))
        self.last_x = np.zeros((panels, cells))
        self.last_residual = np.zeros((panels, cells))
        self.best = np.full(panels, np.inf)
        self.best_image = np.zeros((panels, cells))
        self.count = np.zeros(panels, dtype=int)

    def keep(self, going: np.ndarray) -> None:
        """Forget the panels that are done."""
        for name in ("steps", "changes", "last_x", "last_residual", "best", "best_image", "count"):
            setattr(self, name, getattr(self, name)[going])

    def extrapolate(
        self, x: np.ndarray, image: np.ndarray, residual: np.ndarray, size: np.ndarray
    ) -> np.ndarray:
        """Return the next point of every panel."""
        shape = x.shape
        x, image, residual = (part.reshape(len(x), -1) for part in (x, image, residual))
        worse, better = size > self.best, size < self.best  # a plain step never is worse
        old = np.flatnonzero(self.count)
        slot = (self.count[old] - 1) % self.depth
        change = residual[old] - self.last_residual[old]
        self.steps[old, slot], self.changes[old, slot] = x[old] - self.last_x[old] + change, change
        self.best_image[better], self.best[better] = image[better], size[better]
        gram = self.changes @ self.changes.swapaxes(1, 2)
        diagonal = _diagonal(gram)
        diagonal += (1e-10 * diagonal.sum(axis=1) + _TINY)[:, None]
        share = np.linalg.solve(gram, self.changes @ residual[:, :, None])
        following = image - (share.swapaxes(1, 2) @ self.steps)[:, 0]
        self.last_x, self.last_residual = x, residual
        self.count += 1
        if worse.any():
            following[worse] = self.best_image[worse]
            self.steps[worse], self.changes[worse], self.count[worse] = 0.0, 0.0, 0
            self.best[worse] = np.inf
        return following.reshape(shape)


def largest_penalty(Y: np.ndarray, observed: np.ndarray) -> float:
    """Return the smallest penalty for which the low-rank part is zero, for one panel (T, N)."""
    effects = complete(Y, observed[None], np.array([np.inf]))[0]
    left = np.where(observed, Y - effects, 0.0)
    return 2.0 * largest_singular_value(left) / float(observed.sum())
