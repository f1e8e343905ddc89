"""Synthetic difference in differences: weights over donors and over periods."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.design import Design, Prepared
from attraktiv_eval.counterfactual.estimate import Estimate, Fit, estimate_with, mix
from attraktiv_eval.counterfactual.method import Method
from attraktiv_eval.counterfactual.solvers.simplex import (
    MOST_AT_ONCE,
    penalised_weights,
    period_weights_of_each,
    weights_of_each,
)
from attraktiv_eval.errors import DesignError

__all__ = ["METHOD", "kernel", "noise", "synthetic_did"]

ROUNDING = (
    1e-6  # of the largest first difference: less noise is left to the kernel, which knows nothing at all
)
TIME_PENALTY = 1e-6  # of the noise; only to make the period weights unique


def kernel(
    y: np.ndarray,
    X: np.ndarray,
    before: np.ndarray,
    window: np.ndarray,
    *,
    n_treated: int = 1,
    positions: np.ndarray | None = None,
) -> Fit:
    """Fit synthetic difference in differences to arrays; see :func:`synthetic_did`."""
    past, target = X[before], y[before]
    periods, donors = past.shape
    sigma = noise(past, None if positions is None else positions[before])
    zeta = (n_treated * int(window.sum())) ** 0.25 * sigma
    across = past - target[:, None]
    unit = penalised_weights(across - across.mean(axis=0), periods * zeta**2)
    later = (past - X[window].mean(axis=0)).T
    time = penalised_weights(later - later.mean(axis=0), donors * (TIME_PENALTY * sigma) ** 2)
    raw = y - mix(X, unit.weights)
    baseline = float(raw[before] @ time.weights)
    gap = raw - baseline
    details = {
        "period_weights": time.weights,
        "zeta": zeta,
        "sigma": sigma,
        "baseline": baseline,
        "notes": [*unit.notes, *time.notes],
    }
    return Fit(gap, y - gap, unit.weights, max(unit.residual, time.residual), details)


def every_unit(
    X: np.ndarray,
    before: np.ndarray,
    window: np.ndarray,
    *,
    n_treated: int = 1,
    positions: np.ndarray | None = None,
) -> np.ndarray | None:
    """Return the gaps of every unit as the kernel would, few units at once; None for many, or with gaps."""
    if not 2 < X.shape[1] <= MOST_AT_ONCE or not np.isfinite(X).all():
        return None
    past = X[before]
    periods, units = past.shape
    steps = np.diff(past, axis=0)
    if positions is not None:
        steps = steps[np.diff(positions[before]) == 1]
    if len(steps) * (units - 1) < 2:
        return None
    sigma = _noise_of_others(steps)
    if not (sigma > ROUNDING * np.abs(steps).max()).all():
        return None
    centred = past - past.mean(axis=0)
    weights, certain = weights_of_each(centred, periods * np.sqrt(n_treated * int(window.sum())) * sigma**2)
    later = (past - X[window].mean(axis=0)).T
    ridges = (units - 1) * (TIME_PENALTY * sigma) ** 2
    of_periods, sure = period_weights_of_each(later, ridges)
    raw = X - X @ weights.T
    raw -= np.einsum("ut,tu->u", of_periods, raw[before])
    for unit in np.flatnonzero(~(certain & sure)):
        fit = kernel(
            X[:, unit],
            np.delete(X, unit, axis=1),
            before,
            window,
            n_treated=n_treated,
            positions=positions,
        )
        raw[:, unit] = fit.gap
    return raw


def _noise_of_others(steps: np.ndarray) -> np.ndarray:
    """Return for each unit what :func:`noise` is of the first differences of all others, shape (units,)."""
    apart = steps - steps.mean()
    others = 1.0 - np.eye(steps.shape[1])  # sums of the others, not the whole less one: nothing cancels
    count = len(steps) * (steps.shape[1] - 1)
    first, second = others @ apart.sum(axis=0), others @ (apart**2).sum(axis=0)
    return np.asarray(np.sqrt(np.maximum(second - first**2 / count, 0.0) / (count - 1)))


def noise(past: np.ndarray, positions: np.ndarray | None = None) -> float:
    """Return the standard deviation (ddof 1) of all first differences of the donors before, shape (T0, N).

    ``positions`` says where the periods lie; only neighbours in time have a first difference.
    """
    steps = np.diff(past, axis=0)
    if positions is not None:
        steps = steps[np.diff(positions) == 1]
    if steps.size < 2:
        raise DesignError(
            "too few neighbouring periods before the window for their first differences",
            remedy="use an outcome with fewer years left out, or another method",
        )
    return float(steps.std(ddof=1))


def synthetic_did(outcome: pd.DataFrame, design: Design) -> Estimate:
    """Difference in differences with weighted donors and a weighted baseline.

    Parameters
    ----------
    outcome : DataFrame, period x unit
    design : Design

    Returns
    -------
    Estimate
        ``details["period_weights"]``: the weights of the periods before (lambda) that form the baseline;
        look at how few carry it. ``gap`` is what is left above that baseline, so that its mean over the
        window is the effect.

    Raises
    ------
    DesignError
        See :meth:`Design.prepare`.

    Notes
    -----
    Arkhangelsky, Athey, Hirshberg, Imbens & Wager (2021), algorithm 1 and eq. 4-6: zeta = (N1 T1)^(1/4)
    sigma; both sets of weights on the simplex with a free intercept, solved to the optimum. On the smoking
    data the optimum gives -15.605; the paper's -15.604 stops its solver early.

    Examples
    --------
    >>> from attraktiv_eval import Design, Panel
    >>> rates = Panel.load().rate("net_migration")
    >>> design = Design("23", 2020, 2022)
    >>> round(synthetic_did(rates, design).effect, 2)
    3.32
    """
    return estimate_with(METHOD, outcome, design, _tables)


def _tables(details: dict[str, Any], prepared: Prepared) -> None:
    index = prepared.periods[prepared.before]
    details["period_weights"] = pd.Series(details["period_weights"], index=index, name="weight")


METHOD = Method(
    name="synthetic_did",
    labels={"sv": "Syntetisk skillnad i skillnader", "en": "Synthetic difference in differences"},
    estimate=synthetic_did,
    kernel=kernel,
    place=50,
    convex=True,
    every_unit=every_unit,
)
