"""Synthetic control with a ridge correction of what is left of the gap before treatment."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.linalg.lapack import dposv

from attraktiv_eval.counterfactual.design import Design, Prepared
from attraktiv_eval.counterfactual.estimate import Estimate, Fit, estimate_with, gaps_of_each, mix, positive
from attraktiv_eval.counterfactual.method import Method
from attraktiv_eval.counterfactual.solvers.nuclear import eigen, largest_singular_value
from attraktiv_eval.counterfactual.solvers.simplex import (
    MOST_AT_ONCE,
    convex_weights,
    weights_of_each,
    weights_without_each,
)

__all__ = ["METHOD", "augmented_synthetic_control", "kernel", "ridge_grid"]

_STEPS = np.arange(21)
ROUNDING = 1e-10  # of the largest outcome


def kernel(
    y: np.ndarray,
    X: np.ndarray,
    before: np.ndarray,
    window: np.ndarray,
    *,
    n_treated: int = 1,
    ridge: float | None = None,
) -> Fit:
    """Fit augmented synthetic control to arrays; see :func:`augmented_synthetic_control`."""
    target, donors = y[before], X[before]
    solved = convex_weights(target, donors)
    centre = donors.mean(axis=1)
    x1, X0 = target - centre, _beyond_rounding((donors - centre[:, None]).T, donors)
    details: dict[str, Any] = {**solved.details, "penalty": solved.ridge}
    if not X0.any():
        ridge = np.inf if ridge is None else positive(ridge, "ridge")  # donors all alike: nothing to correct
    elif ridge is None:
        grid = ridge_grid(X0)
        without = weights_without_each(target, donors, solved.weights)
        errors = _errors(x1, X0, grid, without)
        ridge = _largest_within_one_se(grid, errors)
        details["cross_validation"] = (grid, errors)
    else:
        ridge = positive(ridge, "ridge")
    moved = X0 @ _correction(x1 - X0.T @ solved.weights, X0, ridge)
    weights = solved.weights + (moved - moved.mean())  # it sums to nothing but for rounding
    counterfactual = mix(X, weights)
    details.update(
        ridge=float(ridge), convex_weights=solved.weights, extrapolation=float(-weights[weights < 0].sum())
    )
    return Fit(y - counterfactual, counterfactual, weights, solved.residual, details)


def every_unit(
    X: np.ndarray, before: np.ndarray, window: np.ndarray, *, ridge: float | None = None, **_: int
) -> np.ndarray | None:
    """Return the gaps of every unit as the kernel would with this ridge, few units at once.

    None without a ridge, for many units, with gaps, or where the others are all alike.
    """
    if ridge is None or not 2 < X.shape[1] <= MOST_AT_ONCE or not np.isfinite(X).all():
        return None
    past = X[before]
    units, limit = past.shape[1], ROUNDING * np.abs(past).max()
    centres = (past.sum(axis=1)[:, None] - past) / (units - 1)  # of the others, by period and unit
    X0 = past[None] - centres.T[:, :, None]
    X0[np.arange(units), :, np.arange(units)] = 0.0
    if (np.abs(X0).max(axis=(1, 2)) <= limit).any():
        return None
    weights, certain = weights_of_each(past)
    left = (past - centres).T - np.matmul(X0, weights[:, :, None])[:, :, 0]
    inner = np.matmul(X0, X0.swapaxes(1, 2)) + positive(ridge, "ridge") * np.eye(len(past))
    moved = np.matmul(np.linalg.solve(inner, left[:, :, None]).swapaxes(1, 2), X0)[:, 0]
    moved -= moved.sum(axis=1, keepdims=True) * (1.0 - np.eye(units)) / (units - 1)
    weights = weights + moved
    return gaps_of_each(X, weights, certain, lambda y, o: kernel(y, o, before, window, ridge=ridge))


def _beyond_rounding(X0: np.ndarray, donors: np.ndarray) -> np.ndarray:
    """Return X0, or nothing where donors that are all alike differ from their mean by rounding alone."""
    alike = np.abs(X0).max(initial=0.0) <= ROUNDING * np.abs(donors).max(initial=0.0)
    return np.zeros_like(X0) if alike else X0


def ridge_grid(X0: np.ndarray) -> np.ndarray:
    """Return the penalties s² 10^(-0.4 k), falling; s is the largest singular value of X0 (N, T0)."""
    return largest_singular_value(X0) ** 2 * 10.0 ** (-0.4 * _STEPS)


def _correction(left: np.ndarray, X0: np.ndarray, ridge: float) -> np.ndarray:
    """Return (X0'X0 + ridge I)^-1 left, shape (T0,)."""
    if np.isinf(ridge):
        return np.zeros(len(left))
    gram = X0.T @ X0
    gram.flat[:: len(gram) + 1] += ridge
    _, found, failed = dposv(gram, left)
    return np.linalg.lstsq(gram, left, rcond=None)[0] if failed else np.asarray(found)


def _errors(x1: np.ndarray, X0: np.ndarray, grid: np.ndarray, without: np.ndarray) -> np.ndarray:
    """Return the squared error of each period left out in turn, shape (T0, ridges).

    With K the inverse of X0'X0 + ridge I, and ``left`` the gap of the weights that were fitted without
    period t, the corrected gap of t is (K left)_t / K_tt: the inverse without t is a block of the whole
    one.
    """
    left = x1[:, None] - X0.T @ without.T
    values, vectors = eigen(X0.T @ X0)
    shrunk = 1.0 / (np.maximum(values, 0.0)[:, None] + grid)
    return (((vectors * (vectors.T @ left).T) @ shrunk) / (vectors**2 @ shrunk)) ** 2


def _standard_error(errors: np.ndarray) -> np.ndarray:
    return errors.std(axis=0, ddof=1) / np.sqrt(len(errors))


def _largest_within_one_se(grid: np.ndarray, errors: np.ndarray) -> float:
    mean = errors.mean(axis=0)
    best = int(mean.argmin())
    return float(grid[mean <= mean[best] + _standard_error(errors)[best]].max())


def augmented_synthetic_control(
    outcome: pd.DataFrame, design: Design, *, ridge: float | None = None
) -> Estimate:
    """Synthetic control whose remaining gap before treatment is corrected by ridge regression.

    Parameters
    ----------
    outcome : DataFrame, period x unit
    design : Design
    ridge : float, optional
        Penalty of the correction, in squared outcome units. Default: by cross-validation, one period left
        out at a time, the largest of 21 penalties whose mean squared error lies within one standard error
        of the smallest.

    Returns
    -------
    Estimate
        Weights sum to one but may be negative: ``details["extrapolation"]`` is the sum of the negative
        ones. ``details["ridge"]`` is the penalty, ``details["cross_validation"]`` its table.

    In placebos the penalty is the treated unit's own, not chosen anew for each donor: the test then asks one
    and the same method of every unit.

    Raises
    ------
    DesignError
        See :meth:`Design.prepare`; or a penalty that is not above 0.

    Notes
    -----
    Ben-Michael, Feller & Rothstein (2021), eq. 11-12, outcomes only. With x1 and X0 the treated unit's and
    the donors' outcomes before, less the donors' mean of each period: w = w_sc + X0 (X0'X0 + ridge I)^-1
    (x1 - X0'w_sc). Gives -15.953 on the smoking data at ridge 429.84.

    Examples
    --------
    >>> from attraktiv_eval import Design, Panel
    >>> rates = Panel.load().rate("net_migration")
    >>> design = Design("23", 2020, 2022)
    >>> round(augmented_synthetic_control(rates, design).effect, 2)
    3.44
    """
    return estimate_with(METHOD, outcome, design, _tables, ridge=ridge)


def _tables(details: dict[str, Any], prepared: Prepared) -> None:
    details["convex_weights"] = pd.Series(details["convex_weights"], index=prepared.donors)
    if "cross_validation" in details:
        details["cross_validation"] = _table(*details["cross_validation"])


def _table(grid: np.ndarray, errors: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ridge": grid,
            "mean_squared_error": errors.mean(axis=0),
            "standard_error": _standard_error(errors),
        }
    )


METHOD = Method(
    name="augmented_synthetic_control",
    labels={"sv": "Förstärkt syntetisk kontroll", "en": "Augmented synthetic control"},
    estimate=augmented_synthetic_control,
    kernel=kernel,
    place=40,
    convex=True,
    tuned_once="ridge",
    every_unit=every_unit,
)
