"""The variances of a structural time series by their profile likelihood, over all of their range.

A series with regressors x, a level that walks and, where it has one, a trend that walks is white noise and
walks' steps once it has been differenced once or twice: the covariance V of the differences is a sum of
Toeplitz matrices with few bands, one a variance. Given the ratios of the variances, the coefficients of x
and the scale follow by generalised least squares, so that the likelihood is a function of one or two
ratios. These are few enough to look at all of their range before climbing: the summit that is found is the
highest one of the grid's neighbourhoods and not that of a chosen start.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.linalg.lapack import dposv, dpotrf, dpotri

#: Bands (0, 1, 2) of the covariance that each variance gives to the differences: noise, level, trend.
BANDS = {
    "local level": np.array([[2.0, -1.0, 0.0], [1.0, 0.0, 0.0]]),
    "local linear trend": np.array([[6.0, -4.0, 1.0], [2.0, -1.0, 0.0], [1.0, 0.0, 0.0]]),
}
_RATIOS = np.append(0.0, 10.0 ** np.arange(-6.0, 0.25, 0.5))  # of a variance to the largest one
_LIKELY = 1.0  # of the log-likelihood: far more than lies between a point of the grid and the summit by it
_RIDGE = 1e-10  # beside regressors of unit spread nothing, but it keeps one that differencing takes away at 0
_NOTHING = 1e-30  # a series of unit spread that its regressors explain wholly has a finite likelihood


class Summit(NamedTuple):
    """Where the likelihood is highest: variances and coefficients in the order of statsmodels' parameters."""

    params: np.ndarray
    loglike: float  # of the periods that follow the diffuse first ones
    slope: float  # the steepest ascent that is left, of the log-likelihood by the share of a variance


def highest(z: np.ndarray, regressors: np.ndarray, level: str) -> Summit:
    """Return the parameters of greatest likelihood of a structural time series with a diffuse level.

    Parameters
    ----------
    z : array, shape (periods,)
    regressors : array, shape (periods, k)
    level : {"local level", "local linear trend"}

    Notes
    -----
    The likelihood is that of Durbin & Koopman (2012), section 7.2.2, with exact diffuse start: differencing
    takes the diffuse level away and leaves the likelihood as it is, up to a constant.
    """
    from scipy.optimize import minimize

    bands = BANDS[level]
    order = len(bands) - 1
    y, X = np.diff(z, order), np.diff(regressors, order, axis=0)
    parts = _parts(level, len(y))
    found = [
        minimize(
            _minus_likelihood,
            start,
            args=(y, X, parts),
            jac=True,
            method="L-BFGS-B",
            bounds=[(float(place == largest), 1.0) for place in range(len(bands))],
            options={"ftol": 0.0, "gtol": 1e-10, "maxiter": 500},
        )
        for largest, start in _starts(y, X, level)
    ]
    best = min(found, key=lambda one: one.fun)
    share = best.x / best.x.max()
    slope = best.jac * best.x.max()
    downhill = np.where(share == 0.0, np.minimum(slope, 0.0), slope)
    coefficients, scale = _profile(share, y, X, parts)
    loglike = -float(best.fun) - 0.5 * len(y) * (1.0 + np.log(2.0 * np.pi))
    return Summit(np.concatenate([share * scale, coefficients]), loglike, float(np.abs(downhill).max()))


def _starts(y: np.ndarray, X: np.ndarray, level: str) -> list[tuple[int, np.ndarray]]:
    """Return the likeliest point of the grid for each variance that may be the largest, if near the best."""
    shares, faces = _grid(len(BANDS[level]))
    coarse = _coarse(y, X, *_factors(level, len(y)))
    places = [np.flatnonzero(faces == face) for face in range(len(BANDS[level]))]
    tops = [place[coarse[place].argmin()] for place in places]
    limit = coarse[tops].min() + _LIKELY
    return [(face, shares[top]) for face, top in enumerate(tops) if coarse[top] <= limit]


@lru_cache(maxsize=4)
def _grid(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return shares (G, count) whose largest is 1, and which one that is (G,)."""
    others = np.stack(np.meshgrid(*[_RATIOS] * (count - 1), indexing="ij"), axis=-1).reshape(-1, count - 1)
    faces = [np.insert(others, face, 1.0, axis=1) for face in range(count)]
    return np.concatenate(faces), np.repeat(np.arange(count), len(others))


@lru_cache(maxsize=32)
def _factors(level: str, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the LDL' factors over the grid: pivots (size, G) and sub-diagonals (2, size, G)."""
    v0, v1, v2 = (_grid(len(BANDS[level]))[0] @ BANDS[level]).T
    pivot, below = np.empty((size, len(v0))), np.zeros((2, size, len(v0)))
    for t in range(size):
        pivot[t] = v0
        if t > 1:
            below[1, t] = v2 / pivot[t - 2]
            pivot[t] -= below[1, t] ** 2 * pivot[t - 2]
        if t > 0:
            rest = below[1, t] * pivot[t - 2] * below[0, t - 1] if t > 1 else 0.0
            below[0, t] = (v1 - rest) / pivot[t - 1]
            pivot[t] -= below[0, t] ** 2 * pivot[t - 1]
    return pivot, below


def _coarse(y: np.ndarray, X: np.ndarray, pivot: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Return minus the profile log-likelihood at every point of the grid."""
    size = len(y)
    data = np.column_stack([X, y])
    white = np.empty((size, data.shape[1], pivot.shape[1]))
    for t in range(size):
        white[t] = data[t][:, None]
        for back in (1, 2)[:t]:
            white[t] -= below[back - 1, t] * white[t - back]
    white /= np.sqrt(pivot)[:, None, :]
    products = np.einsum("tig,tjg->gij", white, white)
    cross, last = products[:, :-1, :-1] + _RIDGE * np.eye(X.shape[1]), products[:, :-1, -1]
    fitted = np.einsum("gi,gi->g", last, np.linalg.solve(cross, last[:, :, None])[:, :, 0])
    rest = np.maximum(products[:, -1, -1] - fitted, _NOTHING)
    return 0.5 * size * np.log(rest / size) + 0.5 * np.log(pivot).sum(axis=0)


@lru_cache(maxsize=32)
def _parts(level: str, size: int) -> np.ndarray:
    """Return the covariance of the differences that a variance of 1 gives, (variances, size, size)."""
    apart = np.abs(np.arange(size)[:, None] - np.arange(size)[None, :])
    return np.append(BANDS[level], np.zeros((len(BANDS[level]), 1)), axis=1)[:, np.minimum(apart, 3)]


def _solved(
    share: np.ndarray, y: np.ndarray, X: np.ndarray, parts: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return inverse covariance, roots of its pivots, coefficients, and the rest times the inverse."""
    size = len(y)
    root, _ = dpotrf((share @ parts.reshape(len(parts), -1)).reshape(size, size), lower=1)
    inverse, _ = dpotri(root, lower=1)
    inverse += inverse.T
    inverse.flat[:: size + 1] /= 2.0
    weighted = inverse @ X
    cross = X.T @ weighted
    cross.flat[:: X.shape[1] + 1] += _RIDGE
    coefficients = dposv(cross, y @ weighted)[1] if X.shape[1] else np.empty(0)
    return inverse, root.diagonal(), coefficients, inverse @ (y - X @ coefficients)


def _minus_likelihood(
    share: np.ndarray, y: np.ndarray, X: np.ndarray, parts: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return minus the profile log-likelihood, up to a constant, and its slope by the shares."""
    inverse, pivots, coefficients, white = _solved(share, y, X, parts)
    size = len(y)
    left = max(float((y - X @ coefficients) @ white), _NOTHING)
    value = 0.5 * size * np.log(left / size) + np.log(pivots).sum()
    spread = inverse - np.outer((size / left) * white, white)
    return float(value), 0.5 * (parts.reshape(len(parts), -1) @ spread.ravel())


def _profile(share: np.ndarray, y: np.ndarray, X: np.ndarray, parts: np.ndarray) -> tuple[np.ndarray, float]:
    """Return coefficients and scale of greatest likelihood given the shares of the variances."""
    _, _, coefficients, white = _solved(share, y, X, parts)
    return coefficients, float((y - X @ coefficients) @ white) / len(y)
