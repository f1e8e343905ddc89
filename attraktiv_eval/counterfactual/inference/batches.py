"""Placebos of matrix completion all at once: one panel, another unit's treated cells hidden in each copy."""

from __future__ import annotations

import numpy as np

__all__ = ["completion_gaps"]


def completion_gaps(X: np.ndarray, before: np.ndarray, window: np.ndarray, penalty: float) -> np.ndarray:
    """Return the gaps of every column, its cells from the start on completed from all the others.

    The same fits as the kernel of ``matrix_completion`` makes one by one with this penalty: up to the
    window's end from periods up to it, later periods from all periods, for show only.

    Parameters
    ----------
    X : array, shape (periods, units), without gaps
    penalty : float

    Returns
    -------
    array, shape (periods, units)
    """
    used = before | window
    fitted = np.empty_like(X)
    fitted[used] = _completed(X[used], before[used], penalty)
    if not used.all():
        fitted[~used] = _completed(X, before, penalty)[~used]
    return X - fitted


def _completed(X: np.ndarray, before: np.ndarray, penalty: float) -> np.ndarray:
    from attraktiv_eval.counterfactual.nuclear import complete

    periods, units = X.shape
    observed = np.ones((units, periods, units), dtype=bool)
    each = np.arange(units)
    observed[each[:, None], np.flatnonzero(~before)[None, :], each[:, None]] = False
    threshold = penalty * observed.sum(axis=(1, 2)) / 2.0
    return complete(X, observed, threshold)[each, :, each].T
