"""Eigenvalues of small symmetric matrices, without the threads that LAPACK's usual driver starts for them."""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dsyev, dsyevr

__all__ = ["eigen", "largest_singular_value"]

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
