"""Matrix completion with unit and period effects under a nuclear-norm penalty, many panels at once.

Filling the missing cells with the present fit leaves a complete panel, whose optimum is known: unit and
period effects are its means, and the low-rank part is its doubly centred rest with every singular value
lowered by the threshold. Repeating this (Mazumder, Hastie & Tibshirani 2010) goes downhill to the optimum
of the convex problem; Anderson's extrapolation (Walker & Ni 2011) makes the way shorter by an order of
magnitude and changes nothing of where it ends.
"""

from __future__ import annotations

import numpy as np

from attraktiv_eval.counterfactual.spectra import eigen, largest_singular_value

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
    memory = _Memory(observed)
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
    rows, columns = Z.mean(axis=2, keepdims=True), Z.mean(axis=1, keepdims=True)
    effects = rows + columns - rows.mean(axis=1, keepdims=True)
    rest = Z - effects
    wide = rest.shape[2] >= rest.shape[1]
    gram = rest @ rest.swapaxes(1, 2) if wide else rest.swapaxes(1, 2) @ rest
    fitted = effects
    for panel, part in enumerate(rest):
        vectors, kept = _above(gram[panel], threshold[panel])
        if kept.size:
            projection = (vectors * kept) @ vectors.T
            fitted[panel] += projection @ part if wide else part @ projection
    return fitted


def _above(gram: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the singular vectors above the threshold and the share of each singular value that is kept."""
    if not threshold**2 < np.trace(gram):
        return np.empty((len(gram), 0)), np.empty(0)
    squares, vectors = eigen(gram)
    first = int(np.searchsorted(squares, threshold**2, side="right"))
    return vectors[:, first:], 1.0 - threshold / np.sqrt(squares[first:])


class _Memory:
    """Anderson extrapolation, one memory a panel, with a way back where it leads astray."""

    def __init__(self, observed: np.ndarray) -> None:
        panels, cells = len(observed), observed[0].size
        missing = int((~observed).sum(axis=(1, 2)).min())
        self.depth = max(1, min(_MEMORY, missing - 1))
        self.moves = np.zeros((panels, self.depth, cells))
        self.changes = np.zeros((panels, self.depth, cells))
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
        worse = size > self.best[who]  # a plain step never is
        old = self.count[who] > 0
        slot = (self.count[who] - 1) % self.depth
        rows = who[old]
        self.moves[rows, slot[old]] = (x - self.last_x[who])[old]
        self.changes[rows, slot[old]] = (residual - self.last_residual[who])[old]
        better = size < self.best[who]
        self.best_image[who[better]] = image[better]
        self.best[who] = np.minimum(self.best[who], size)
        moves, changes = self.moves[who], self.changes[who]
        gram = changes @ changes.swapaxes(1, 2)
        trace = np.trace(gram, axis1=1, axis2=2)
        gram += (1e-10 * trace + np.finfo(float).tiny)[:, None, None] * np.eye(self.depth)
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
    return 2.0 * largest_singular_value(left) / float(observed.sum())
