"""Convex weights with each period before treatment left out in turn, mostly without solving anew."""

from __future__ import annotations

import numpy as np

from attraktiv_eval.counterfactual.simplex import violation
from attraktiv_eval.counterfactual.weights import convex_weights

__all__ = ["weights_without_each"]

_CLEAR = 1e-8  # smallest over largest eigenvalue: nearer to singular, the solver decides
_STRICT = 1e-8  # how far from carrying weight a donor must be, in parts of the largest squared column
_SETTLED = 1e-9  # the largest optimality residual that passes


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
    for period in np.flatnonzero(~certain):
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
    certain = values[:, 0] > _CLEAR * values[:, -1]
    inverse = np.divide(vectors.sum(axis=1), values, out=np.zeros_like(values), where=certain[:, None])
    found = np.einsum("tij,tj->ti", vectors, inverse)
    certain &= (found > 0.0).all(axis=1)
    found[certain] /= found[certain].sum(axis=1, keepdims=True)
    weights = np.zeros_like(A)
    weights[:, carrying] = found
    slopes = weights @ (A.T @ A) - A * np.einsum("tn,tn->t", A, weights)[:, None]
    others = np.delete(slopes, carrying, axis=1) - np.einsum("tn,tn->t", slopes, weights)[:, None]
    certain &= (others > _STRICT * sizes[:, None]).all(axis=1)
    for period in np.flatnonzero(certain):
        certain[period] = violation(slopes[period], weights[period], sizes[period]) <= _SETTLED
    return weights, certain
