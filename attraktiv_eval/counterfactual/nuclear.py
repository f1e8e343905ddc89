"""Matrix completion with unit and period effects under a nuclear-norm penalty, many panels at once.

Filling the missing cells with the present fit leaves a complete panel, whose optimum is known: unit and
period effects are its means, and the low-rank part is its doubly centred rest with every singular value
lowered by the threshold. Repeating this (Mazumder, Hastie & Tibshirani 2010) goes downhill to the optimum
of the convex problem; Anderson's extrapolation (Walker & Ni 2011) makes the way shorter by an order of
magnitude and changes nothing of where it ends.
"""

from __future__ import annotations

import numpy as np

__all__ = ["complete", "largest_penalty"]

_MEMORY = 6
_MOST_STEPS = 20_000


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
    filled = np.where(observed, Y, 0.0)
    centre = filled.sum(axis=(1, 2)) / observed.sum(axis=(1, 2))
    filled = np.where(observed, filled - centre[:, None, None], 0.0)
    near = tolerance * np.sqrt((filled**2).sum(axis=(1, 2)))
    x = np.zeros_like(filled) if start is None else np.where(observed, 0.0, start - centre[:, None, None])
    fit = np.empty_like(filled)
    active = np.arange(len(filled))
    memory = _Memory(len(filled), Y.shape[-2] * Y.shape[-1])
    for _ in range(_MOST_STEPS):
        mask = observed[active]
        fit[active] = shrink(filled[active] + x[active], threshold[active])
        image = np.where(mask, 0.0, fit[active])
        residual = image - x[active]
        size = np.sqrt((residual**2).sum(axis=(1, 2)))
        going = size > near[active]
        if not going.any():
            break
        x[active] = memory.extrapolate(active, x[active], image, residual, size)
        active = active[going]
    return fit + centre[:, None, None]


def shrink(Z: np.ndarray, threshold: np.ndarray) -> np.ndarray:
    """Return the optimum for complete panels: effects, and singular values less the threshold."""
    effects = (
        Z.mean(axis=2, keepdims=True) + Z.mean(axis=1, keepdims=True) - Z.mean(axis=(1, 2), keepdims=True)
    )
    rest = Z - effects
    wide = rest.shape[2] >= rest.shape[1]
    gram = rest @ rest.swapaxes(1, 2) if wide else rest.swapaxes(1, 2) @ rest
    squares, vectors = np.linalg.eigh(gram)
    singular = np.sqrt(np.maximum(squares, np.finfo(float).tiny))
    with np.errstate(over="ignore"):
        kept = np.maximum(0.0, 1.0 - threshold[:, None] / singular)
    projection = (vectors * kept[:, None, :]) @ vectors.swapaxes(1, 2)
    return effects + (projection @ rest if wide else rest @ projection)


class _Memory:
    """Anderson extrapolation, one memory a panel, with a way back where it leads astray."""

    def __init__(self, panels: int, cells: int) -> None:
        self.moves = np.zeros((panels, _MEMORY, cells))
        self.changes = np.zeros((panels, _MEMORY, cells))
        self.last_x = np.zeros((panels, cells))
        self.last_residual = np.zeros((panels, cells))
        self.best = np.full(panels, np.inf)
        self.best_image = np.zeros((panels, cells))
        self.count = np.zeros(panels, dtype=int)

    def extrapolate(
        self, who: np.ndarray, x: np.ndarray, image: np.ndarray, residual: np.ndarray, size: np.ndarray
    ) -> np.ndarray:
        """Return the next point of the panels ``who``."""
        shape = x.shape
        x, image, residual = (part.reshape(len(who), -1) for part in (x, image, residual))
        worse = size > 1.5 * self.best[who]
        old = self.count[who] > 0
        slot = (self.count[who] - 1) % _MEMORY
        rows = who[old]
        self.moves[rows, slot[old]] = (x - self.last_x[who])[old]
        self.changes[rows, slot[old]] = (residual - self.last_residual[who])[old]
        better = size < self.best[who]
        self.best_image[who[better]] = image[better]
        self.best[who] = np.minimum(self.best[who], size)
        moves, changes = self.moves[who], self.changes[who]
        gram = changes @ changes.swapaxes(1, 2)
        trace = np.trace(gram, axis1=1, axis2=2)
        gram += (1e-10 * trace + np.finfo(float).tiny)[:, None, None] * np.eye(_MEMORY)
        share = np.linalg.solve(gram, changes @ residual[:, :, None])
        following = image - ((moves + changes).swapaxes(1, 2) @ share)[:, :, 0]
        self.last_x[who], self.last_residual[who] = x, residual
        self.count[who] += 1
        if worse.any():
            back = who[worse]
            following[worse] = self.best_image[back]
            self.moves[back], self.changes[back], self.count[back] = 0.0, 0.0, 0
            self.best[back] = np.inf
        return following.reshape(shape)


def largest_penalty(Y: np.ndarray, observed: np.ndarray) -> float:
    """Return the smallest penalty for which the low-rank part is zero, for one panel (T, N)."""
    effects = complete(Y, observed[None], np.array([np.inf]))[0]
    left = np.where(observed, Y - effects, 0.0)
    return 2.0 * float(np.linalg.norm(left, 2)) / float(observed.sum())
