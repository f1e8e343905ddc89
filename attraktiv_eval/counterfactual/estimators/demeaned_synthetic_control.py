"""Synthetic control on series less their own means before treatment."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.design import Design
from attraktiv_eval.counterfactual.estimate import Estimate, Fit, estimate_with, gaps_of_each, mix
from attraktiv_eval.counterfactual.method import Method
from attraktiv_eval.counterfactual.solvers.simplex import MOST_AT_ONCE, convex_weights, weights_of_each

__all__ = ["METHOD", "demeaned_synthetic_control", "kernel"]


def kernel(
    y: np.ndarray, X: np.ndarray, before: np.ndarray, window: np.ndarray, *, n_treated: int = 1
) -> Fit:
    """Fit demeaned synthetic control to arrays; see :func:`demeaned_synthetic_control`."""
    level, levels = y[before].mean(), X[before].mean(axis=0)
    centred = X - levels
    solved = convex_weights(y[before] - level, centred[before], centred[window])
    counterfactual = level + mix(centred, solved.weights)
    return Fit(y - counterfactual, counterfactual, solved.weights, solved.residual, solved.details)


def every_unit(X: np.ndarray, before: np.ndarray, window: np.ndarray, **_: int) -> np.ndarray | None:
    """Return the gaps of every unit as the kernel would, few units at once; None for many, or with gaps."""
    if not 2 < X.shape[1] <= MOST_AT_ONCE or not np.isfinite(X).all():
        return None
    centred = X - X[before].mean(axis=0)
    weights, certain = weights_of_each(centred[before])
    return gaps_of_each(centred, weights, certain, lambda y, others: kernel(y, others, before, window))


def demeaned_synthetic_control(outcome: pd.DataFrame, design: Design) -> Estimate:
    """Gap to the convex mix of donors, every series taken less its own mean before treatment.

    Parameters
    ----------
    outcome : DataFrame, period x unit
    design : Design

    Returns
    -------
    Estimate
        As :func:`synthetic_control`; the hull is that of the demeaned paths.

    Raises
    ------
    DesignError
        See :meth:`Design.prepare`.

    Notes
    -----
    Doudchenko & Imbens (2016) with an intercept, non-negative weights and sum one; Ferman & Pinto (2021).
    Reproduces -11.109 on the smoking data (DIFP of Arkhangelsky et al. 2021, table 1: -11.1).

    Examples
    --------
    >>> from attraktiv_eval import Design, Panel
    >>> rates = Panel.load().rate("net_migration")
    >>> design = Design("23", 2020, 2022)
    >>> round(demeaned_synthetic_control(rates, design).effect, 2)
    4.67
    """
    return estimate_with(METHOD, outcome, design)


METHOD = Method(
    name="demeaned_synthetic_control",
    labels={"sv": "Centrerad syntetisk kontroll", "en": "Demeaned synthetic control"},
    estimate=demeaned_synthetic_control,
    kernel=kernel,
    place=30,
    shown=True,
    convex=True,
    conformal=True,
    every_unit=every_unit,
)
