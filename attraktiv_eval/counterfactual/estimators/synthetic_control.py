"""Synthetic control on outcomes only."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.design import Design
from attraktiv_eval.counterfactual.estimate import Estimate, Fit, estimate_with, gaps_of_each, mix
from attraktiv_eval.counterfactual.method import Method
from attraktiv_eval.counterfactual.solvers.simplex import MOST_AT_ONCE, convex_weights, weights_of_each

__all__ = ["METHOD", "kernel", "synthetic_control"]


def kernel(
    y: np.ndarray, X: np.ndarray, before: np.ndarray, window: np.ndarray, *, n_treated: int = 1
) -> Fit:
    """Fit synthetic control to arrays; see :func:`synthetic_control`."""
    solved = convex_weights(y[before], X[before], X[window])
    counterfactual = mix(X, solved.weights)
    return Fit(y - counterfactual, counterfactual, solved.weights, solved.residual, solved.details)


def every_unit(X: np.ndarray, before: np.ndarray, window: np.ndarray, **_: int) -> np.ndarray | None:
    """Return the gaps of every unit as the kernel would, few units at once; None for many, or with gaps."""
    if not 2 < X.shape[1] <= MOST_AT_ONCE or not np.isfinite(X).all():
        return None
    weights, certain = weights_of_each(X[before])
    return gaps_of_each(X, weights, certain, lambda y, others: kernel(y, others, before, window))


def synthetic_control(outcome: pd.DataFrame, design: Design) -> Estimate:
    """Gap between the treated unit and the convex mix of donors that follows it best before treatment.

    Parameters
    ----------
    outcome : DataFrame, period x unit
    design : Design

    Returns
    -------
    Estimate
        ``residual`` is the certificate of the solve; ``details`` tells the penalty, whether the optimum is
        unique and, where donors outnumber periods, whether the treated unit lies in the donors' convex
        hull.

    Raises
    ------
    DesignError
        See :meth:`Design.prepare`.

    Notes
    -----
    Abadie, Diamond & Hainmueller (2010), eq. 2-3, with the outcomes before as the only predictors. On the
    smoking data the exact optimum gives -19.514 with pre-period RMSPE 1.6564; the -19.6 of Arkhangelsky et
    al. (2021), table 1, comes from an approximate solve.

    Examples
    --------
    >>> from attraktiv_eval import Design, Panel
    >>> rates = Panel.load().rate("net_migration")
    >>> design = Design("23", 2020, 2022)
    >>> round(synthetic_control(rates, design).effect, 2)
    3.62
    """
    return estimate_with(METHOD, outcome, design)


METHOD = Method(
    name="synthetic_control",
    labels={"sv": "Syntetisk kontroll", "en": "Synthetic control"},
    estimate=synthetic_control,
    kernel=kernel,
    place=20,
    shown=True,
    convex=True,
    gap_from_mean=False,
    conformal=True,
    every_unit=every_unit,
)
